//! A job's pipeline: the people who applied, in columns by stage.

use super::matches::AddApplicant;
use super::{JobTabs, StatusBadge, use_job_id};
use crate::picker::{Picked, RecordPicker};
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;
use looma_app_ui::prelude::*;
use looma_app_ui::states::NotFound;
use looma_app_ui::words::UNDO;
use looma_types::job::{Application, Job, JobStatus, Stage};
use looma_types::{ApplicationId, JobId, Permission, RecordKind, Ref};
use serde::{Deserialize, Serialize};

/// How many pages of 200 applications a board shows at most.
#[cfg(feature = "ssr")]
const PAGES: usize = 3;

/// A job with its pipeline and the applications in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoardView {
    pub job: Job,
    pub stages: Vec<Stage>,
    pub applications: Vec<Application>,
    /// There are older ones that are not shown.
    pub more: bool,
}

/// A job's board.
#[server(prefix = "/api/web", endpoint = "jobs/board", output = JsonText)]
pub async fn board_of(id: JobId) -> Result<BoardView, Failure> {
    let services = looma_app_ui::session::services()?;
    let job: Job = services.get(&format!("/api/v1/jobs/{id}")).await?;
    let pipelines: Page<looma_types::job::Pipeline> = services.get("/api/v1/pipelines").await?;
    let stages = pipelines.items.into_iter().next().map(|pipeline| pipeline.stages).unwrap_or_default();
    let (mut applications, mut cursor) = (Vec::new(), None::<String>);
    for _ in 0..PAGES {
        let after = cursor.map(|cursor| format!("&cursor={}", escape(&cursor))).unwrap_or_default();
        let page: Page<Application> = services.get(&format!("/api/v1/applications?job_id={id}&limit=200{after}")).await?;
        applications.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    Ok(BoardView { job, stages, applications, more: cursor.is_some() })
}

/// Moves an application to another stage.
#[server(prefix = "/api/web", endpoint = "jobs/move", output = JsonText)]
pub async fn move_application(id: ApplicationId, stage: String, #[server(default)] note: String) -> Result<(), Failure> {
    let note = Some(note.trim().to_owned()).filter(|note| !note.is_empty());
    let step = looma_types::job::Move { stage, note };
    looma_app_ui::session::services()?.act(&format!("/api/v1/applications/{id}/move"), &step).await
}

/// `/jobs/:id/board`
#[component]
pub fn BoardPage() -> impl IntoView {
    let id = use_job_id();
    move || match id.get() {
        Some(id) => view! { <Loading id/> }.into_any(),
        None => view! { <NotFound/> }.into_any(),
    }
}

#[component]
fn Loading(id: JobId) -> impl IntoView {
    let add = ServerAction::<AddApplicant>::new();
    let added = done(add);
    let board = Data::new(move || added.get(), move |_| board_of(id));
    // The one who was added is no longer the one to add.
    let go = go();
    Effect::new(move |_| {
        if added.get() > 0 {
            go(&format!("/jobs/{id}/board"));
        }
    });
    view! { <Loaded resource=board rows=8 view={move |found: BoardView| view! { <Whole found add/> }}/> }
}

#[component]
fn Whole(found: BoardView, add: ServerAction<AddApplicant>) -> impl IntoView {
    let BoardView { job, stages, applications, more } = found;
    let id = job.id;
    let may_write = use_viewer().may(Permission::WriteJobs);
    let open = matches!(job.status, JobStatus::Published | JobStatus::Paused);
    let empty = applications.is_empty();
    view! {
        <PageHead title=job.fields.title.clone() crumbs=vec![Crumb::new("/jobs", t(crate::JOBS))]>
            <ButtonLink label=t(super::MATCHES) href=format!("/jobs/{id}/matches") emphasis=Emphasis::Primary icon=Icon::Sparkles/>
        </PageHead>
        <div class="content">
            <div class="flex flex-wrap items-center gap-3 pb-3">
                <p class="record-title min-w-0">{job.fields.title}</p>
                <StatusBadge status=job.status/>
            </div>
            <JobTabs id/>
            <div class="flex flex-col gap-3 py-3">
                {(!open).then(|| view! { <Alert tone=Tone::Warn text=t(NOT_OPEN)/> })}
                {(may_write && open).then(|| view! { <AddPerson id add/> })}
                {(empty && open).then(|| view! { <p class="text-13 muted">{t(EMPTY)}</p> })}
                {more.then(|| view! { <Alert tone=Tone::Warn text=t(MORE)/> })}
            </div>
            <Stages stages applications may_write/>
        </div>
    }
}

/// Finding a person by name and putting them into the first stage.
#[component]
fn AddPerson(id: JobId, add: ServerAction<AddApplicant>) -> impl IntoView {
    let query = use_query_map();
    let chosen =
        Memo::new(move |_| query.read().get("person").and_then(|one| one.parse::<Ref>().ok()).filter(|one| one.kind == RecordKind::Person));
    let open = chosen.get_untracked().is_some() || query.read_untracked().get("person_q").is_some();
    let failure = move || add.failure().map(|failure| view! { <Alert text=failure.message()/> });
    let choice = move || match chosen.get() {
        Some(record) => view! {
            <ActionForm action=add attr:class="form">
                <Picked label=t(PERSON) record param="person"/>
                <input type="hidden" name="job" value=id.to_string()/>
                <input type="hidden" name="person" value=record.id.to_string()/>
                {failure}
                <div class="form-actions"><SubmitButton label=t(super::matches::ADD) pending=add.pending()/></div>
            </ActionForm>
        }
        .into_any(),
        None => {
            view! { <RecordPicker label=t(PERSON) hint=t(PERSON_HINT) param="person" typed_param="person_q" kinds=&[RecordKind::Person]/> }
                .into_any()
        }
    };
    view! {
        <details class="card" open=open>
            <summary class="text-13 font-medium cursor-pointer">{t(ADD_PERSON)}</summary>
            <div class="pt-3">{choice}</div>
        </details>
    }
}

/// What the cards of a board share.
#[derive(Clone, Copy)]
struct Cards {
    all: RwSignal<Vec<Application>>,
    stages: StoredValue<Vec<(String, String)>>,
    /// Keys of the stages from which one goes on only with a note.
    ended: StoredValue<Vec<String>>,
    toasts: Toasts,
    words: StoredValue<Words>,
}

/// Taken from the page before anything runs outside it.
struct Words {
    moved: &'static str,
    undo: &'static str,
    again: &'static str,
    undone: &'static str,
}

impl Cards {
    /// Moves a card here at once and at the service after; puts it back when that fails.
    fn place(self, card: &str, to: String, undoing: bool) {
        let Some(application) = self.all.with_untracked(|all| all.iter().find(|one| one.id.to_string() == card).cloned()) else { return };
        let from = application.stage.clone();
        if from == to {
            return;
        }
        let id = application.id;
        self.put(id, &to);
        let had_ended = self.ended.with_value(|ended| ended.contains(&from));
        let note = match (had_ended, undoing) {
            (false, _) => String::new(),
            (true, false) => self.words.with_value(|words| words.again.to_owned()),
            (true, true) => self.words.with_value(|words| words.undone.to_owned()),
        };
        leptos::task::spawn_local(async move {
            match move_application(id, to, note).await {
                Ok(()) if undoing => {}
                Ok(()) => {
                    let (text, undo) = self.words.with_value(|words| (words.moved.replace("{0}", &application.person_name), words.undo));
                    self.toasts.say_with(text, undo, move || self.place(&id.to_string(), from.clone(), true));
                }
                Err(failure) => {
                    self.put(id, &from);
                    self.toasts.say(failure.message());
                }
            }
        });
    }

    fn put(self, id: ApplicationId, stage: &str) {
        self.all.try_update(|all| {
            if let Some(one) = all.iter_mut().find(|one| one.id == id) {
                stage.clone_into(&mut one.stage);
            }
        });
    }
}

/// A stage in the reader's language.
pub fn stage_name(stage: &Stage) -> String {
    let wanted = match locale() {
        Locale::Zh => "zh",
        Locale::En => "en",
    };
    let name = stage.name.iter().find(|name| name.lang.starts_with(wanted)).or(stage.name.first());
    name.map_or_else(|| stage.key.clone(), |name| name.value.clone())
}

#[component]
fn Stages(stages: Vec<Stage>, applications: Vec<Application>, may_write: bool) -> impl IntoView {
    let named: Vec<(String, String)> = stages.iter().map(|stage| (stage.key.clone(), stage_name(stage))).collect();
    let ended = stages.into_iter().filter(|stage| stage.terminal).map(|stage| stage.key).collect();
    let cards = Cards {
        all: RwSignal::new(applications),
        stages: StoredValue::new(named.clone()),
        ended: StoredValue::new(ended),
        toasts: use_toasts(),
        words: StoredValue::new(Words { moved: t(MOVED), undo: t(UNDO), again: t(AGAIN), undone: t(UNDONE) }),
    };
    let on_move = Callback::new(move |Move { card, column }: Move| {
        if may_write {
            cards.place(&card, column, false);
        }
    });
    let listed = named.clone();
    // Made inside the board: a column looks for the board around it.
    let columns = move || {
        listed
            .iter()
            .map(|(key, label)| {
                let own = key.clone();
                let here = Memo::new(move |_| cards.all.with(|all| all.iter().filter(|one| one.stage == own).cloned().collect::<Vec<_>>()));
                view! {
                    <BoardColumn id=key.clone() label=label.clone() count=Signal::derive(move || here.read().len())>
                        <For each=move || here.get() key=|one| (one.id, one.stage.clone()) let:one><Card one cards may_write/></For>
                    </BoardColumn>
                }
            })
            .collect_view()
    };
    view! { <Board label=t(super::BOARD) columns=named on_move>{columns()}</Board> }
}

#[component]
fn Card(one: Application, cards: Cards, may_write: bool) -> impl IntoView {
    let name = if one.person_name.is_empty() { t(PERSON).to_owned() } else { one.person_name.clone() };
    let select = NodeRef::<leptos::html::Select>::new();
    let id = one.id.to_string();
    let card = id.clone();
    let on_submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some(select) = select.get_untracked() {
            cards.place(&card, select.value(), false);
        }
    };
    let now = one.stage.clone();
    let options = cards.stages.with_value(|stages| {
        stages
            .iter()
            .filter(|(key, _)| *key != now)
            .map(|(key, label)| view! { <option value=key.clone()>{label.clone()}</option> })
            .collect_view()
    });
    let to = tf(MOVE_ONE, &[&name]);
    let menu = may_write.then(|| {
        view! {
            <details>
                <summary class="text-12 muted cursor-pointer py-1 min-w-8" aria-label=to.clone()>{t(MOVE)}</summary>
                // A plain form: with scripts the card moves in place, without them the page comes back with it moved.
                <form method="post" action=MoveApplication::url() class="flex items-center gap-2 pt-2" on:submit=on_submit>
                    <input type="hidden" name="id" value=id.clone()/>
                    <input type="hidden" name="note" value=t(BY_MENU)/>
                    <select class="input input-small" name="stage" node_ref=select aria-label=to.clone()>{options}</select>
                    <button type="submit" class="button button-small">{t(MOVE_NOW)}</button>
                </form>
            </details>
        }
    });
    view! {
        <BoardCard id=one.id.to_string() column=one.stage.clone() label=name.clone()>
            <PersonLabel name href=format!("/people/{}", one.person_id)/>
            <span class="text-12 muted"><When at=one.updated_at/></span>
            {menu}
        </BoardCard>
    }
}

messages! {
    NOT_OPEN: "This job takes no applications in its present state.", "该职位当前状态不接受申请。";
    EMPTY: "Nobody is in the pipeline yet. Add someone here, or from the matches.", "流程中暂无人选。可在此添加，或从匹配人选中加入。";
    MORE: "Only the newest applications are shown.", "仅显示最新的申请。";
    ADD_PERSON: "Add a person", "添加人选";
    PERSON: "Person", "人才";
    PERSON_HINT: "A part of the name", "输入姓名";
    MOVED: "{0} was moved", "已移动 {0}";
    AGAIN: "Taken up again on the board", "在看板中重新推进";
    UNDONE: "Moved by mistake and put back", "误操作，已撤回";
    MOVE: "Move to…", "移动到…";
    MOVE_ONE: "Move {0} to", "将 {0} 移动到";
    MOVE_NOW: "Move", "移动";
    BY_MENU: "Moved on the board", "在看板中移动";
}
