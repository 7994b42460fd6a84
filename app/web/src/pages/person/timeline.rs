//! What happened with a person, newest first, and the form that adds to it.

use crate::records;
use leptos_router::hooks::use_query_map;
use looma_app_ui::prelude::*;
use looma_types::person::{InteractionKind, TimelineEntry};
use looma_types::{PersonId, Ref};

/// A page of a person's history. An entry of an interaction has that interaction's kind, such as `call`.
#[server(prefix = "/api/web", endpoint = "people/timeline", output = JsonText)]
pub async fn person_timeline(id: PersonId, cursor: Option<String>) -> Result<Page<TimelineEntry>, Failure> {
    use looma_types::{RecordKind, person::Interaction};
    let services = looma_app_ui::session::services()?;
    let cursor = cursor.map(|cursor| format!("&cursor={}", escape(&cursor))).unwrap_or_default();
    let mut page: Page<TimelineEntry> = services.get(&format!("/api/v1/people/{id}/timeline?limit=50{cursor}")).await?;
    // Both lists are in the order of time and share their cursor, so the same page of each holds the same interactions.
    let quiet = looma_app_ui::session::Services { is_function: false, ..services };
    if let Ok(interactions) = quiet.get::<Page<Interaction>>(&format!("/api/v1/interactions?with=person:{id}&limit=50{cursor}")).await {
        let kinds: std::collections::HashMap<_, _> = interactions.items.into_iter().map(|one| (one.id.0, one.fields.kind)).collect();
        for entry in page.items.iter_mut().filter(|entry| entry.record.kind == RecordKind::Interaction) {
            if let Some(kind) = kinds.get(&entry.record.id) {
                kind.as_str().clone_into(&mut entry.kind);
            }
        }
    }
    Ok(page)
}

/// Adds an interaction to a person's history. Without a day it happened now.
#[server(prefix = "/api/web", endpoint = "people/interact", output = JsonText)]
pub async fn add_interaction(
    person: PersonId,
    kind: InteractionKind,
    subject: String,
    #[server(default)] body: String,
    #[server(default)] day: String,
) -> Result<(), Failure> {
    use looma_types::person::{Interaction, InteractionDraft};
    let now = chrono::Utc::now();
    let at = if day.trim().is_empty() {
        now
    } else {
        let day: chrono::NaiveDate =
            day.trim().parse().map_err(|_| Failure::new(400, "invalid-input", "The input was not understood", "The day is not a date."))?;
        // Which hour is not known of another day; noon keeps the day in most zones.
        if day == now.date_naive() { now } else { day.and_hms_opt(12, 0, 0).map_or(now, |noon| noon.and_utc()) }
    };
    let draft = InteractionDraft { kind, at, with: vec![person.into()], subject: subject.trim().to_owned(), body, next_step: None };
    let _: Interaction = looma_app_ui::session::services()?.post("/api/v1/interactions", &draft).await?;
    Ok(())
}

#[component]
pub fn Timeline(person: PersonId, may_write: bool) -> impl IntoView {
    let add = ServerAction::<AddInteraction>::new();
    // Counts what was added: the form is emptied and the history read again, but not after a failure.
    let added = RwSignal::new(0_u32);
    let (toasts, done) = (use_toasts(), t(DONE));
    Effect::new(move |_| {
        if let Some(Ok(())) = add.answer() {
            added.update(|added| *added += 1);
            toasts.say(done);
        }
    });
    let query = use_query_map();
    let cursor = Memo::new(move |_| query.read().get("cursor"));
    let entries = Data::new(move || (added.get(), cursor.get()), move |(_, cursor)| person_timeline(person, cursor));
    view! {
        <div class="pt-4">
            {move || { added.track(); may_write.then(|| view! { <AddForm person add/> }) }}
            <div class="pt-4"><Loaded resource=entries rows=5 view={move |page: Page<TimelineEntry>| view! { <Entries page person/> }}/></div>
        </div>
    }
}

#[component]
fn AddForm(person: PersonId, add: ServerAction<AddInteraction>) -> impl IntoView {
    let failure = failure_of(add);
    let wrong = move |field: &'static str| Signal::derive(move || failure.read().as_ref().and_then(|failure| failure.field(field)));
    let general =
        move || failure.get().filter(|failure| failure.0.errors.is_empty()).map(|failure| view! { <Alert text=failure.message()/> });
    let kinds: Vec<Choice> =
        [InteractionKind::Note, InteractionKind::Call, InteractionKind::Mail, InteractionKind::Meeting, InteractionKind::Message]
            .into_iter()
            .map(|kind| Choice::new(kind.as_str(), t(kind_word(kind))))
            .collect();
    view! {
        <details class="card">
            <summary class="text-13 font-medium cursor-pointer">{t(ADD_TITLE)}</summary>
            <ActionForm action=add attr:class="form pt-4">
                <input type="hidden" name="person" value=person.to_string()/>
                {general}
                <div class="form-row">
                    <SelectField name="kind" label=t(KIND) choices=kinds/>
                    <TextField name="day" label=t(DAY) kind="date" optional=true hint=t(DAY_HINT)/>
                </div>
                <TextField name="subject" label=t(SUBJECT) max=300 error=wrong("subject")/>
                <TextArea name="body" label=t(BODY) optional=true rows=3 error=wrong("body")/>
                <div class="form-actions"><SubmitButton label=t(ADD) pending=add.pending()/></div>
            </ActionForm>
        </details>
    }
}

const fn kind_word(kind: InteractionKind) -> Msg {
    match kind {
        InteractionKind::Call => CALL,
        InteractionKind::Mail => MAIL,
        InteractionKind::Meeting => MEETING,
        InteractionKind::Message => MESSAGE,
        InteractionKind::Note => NOTE,
        InteractionKind::Reminder => REMINDER,
    }
}

#[component]
fn Entries(page: Page<TimelineEntry>, person: PersonId) -> impl IntoView {
    if page.items.is_empty() {
        return view! { <EmptyState icon=Icon::History title=t(EMPTY) text=t(EMPTY_TEXT)/> }.into_any();
    }
    let shown = plural(page.items.len() as i64, ONE, MANY);
    let next = page.next_cursor;
    view! {
        <ol class="timeline">{page.items.into_iter().map(|entry| item(entry, person)).collect_view()}</ol>
        <Pager shown next/>
    }
    .into_any()
}

fn item(entry: TimelineEntry, person: PersonId) -> AnyView {
    let interaction = InteractionKind::ALL.into_iter().find(|kind| kind.as_str() == entry.kind);
    let icon = match (interaction, entry.kind.as_str()) {
        (Some(InteractionKind::Call), _) => Icon::Phone,
        (Some(InteractionKind::Mail), _) => Icon::Mail,
        (Some(InteractionKind::Meeting), _) => Icon::Users,
        (Some(InteractionKind::Note), _) => Icon::Pencil,
        (Some(InteractionKind::Reminder), _) => Icon::Bell,
        (_, "created") => Icon::UserPlus,
        _ => records::icon(entry.record.kind),
    };
    let title = match (interaction, entry.kind.as_str()) {
        (Some(kind), _) => format!("{} · {}", t(kind_word(kind)), entry.title),
        (_, "created") if entry.record == Ref::from(person) => t(CREATED).to_owned(),
        (_, "relationship") => relation_title(&entry.title),
        _ => entry.title,
    };
    let detail = entry.detail.filter(|detail| !detail.trim().is_empty());
    view! { <TimelineItem icon title at=entry.at>{detail}</TimelineItem> }.into_any()
}

/// The service says "worked with Ann": the relationship is said in the reader's language, the name stays.
fn relation_title(title: &str) -> String {
    let known = records::RELATIONS.iter().find_map(|kind| Some((*kind, title.strip_prefix(&kind.replace('_', " "))?.strip_prefix(' ')?)));
    known.map_or_else(|| title.to_owned(), |(kind, name)| format!("{} {name}", records::relation_word(kind)))
}

messages! {
    ADD_TITLE: "Add a note, call, mail or meeting", "添加备注、电话、邮件或会面";
    KIND: "Kind", "类型";
    DAY: "Day", "日期";
    DAY_HINT: "Today when left empty.", "留空则为今天。";
    SUBJECT: "Subject", "主题";
    BODY: "Details", "详情";
    ADD: "Add to timeline", "添加到时间线";
    DONE: "Added to the timeline", "已添加到时间线";
    CALL: "Call", "电话";
    MAIL: "Mail", "邮件";
    MEETING: "Meeting", "会面";
    MESSAGE: "Message", "消息";
    NOTE: "Note", "备注";
    REMINDER: "Reminder", "提醒";
    CREATED: "Added to LoomaCRM", "加入 LoomaCRM";
    EMPTY: "Nothing has happened yet", "暂无记录";
    EMPTY_TEXT: "Calls, mails, meetings and notes stand here, the newest first.", "电话、邮件、会面与备注会按时间倒序显示在这里。";
    ONE: "{0} entry", "{0} 条记录";
    MANY: "{0} entries", "{0} 条记录";
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::relation_title;

    #[test]
    fn relationships_are_said_in_words_and_names_stay() {
        leptos::prelude::Owner::new().with(|| {
            assert_eq!(relation_title("employed by Fjord"), "works at Fjord");
            assert_eq!(relation_title("sings with Ann"), "sings with Ann");
        });
    }
}
