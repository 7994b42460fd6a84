//! Whom and what a person is related to: a list, a picture of the neighbourhood, and the form that adds to it.

mod edit;

use crate::picker::{Picked, RecordPicker};
use crate::records::{self, RELATIONS, StrengthBadge, relation_word};
use edit::{ChangeTie, EditTie, Edits, RemoveTie};
use leptos_router::hooks::use_query_map;
use looma_app_ui::prelude::*;
use looma_types::person::{Relationship, Subgraph};
use looma_types::{PersonId, RecordKind, Ref};
use serde::{Deserialize, Serialize};

/// The kinds of record a person can be related to here.
const KINDS: &[RecordKind] = &[RecordKind::Person, RecordKind::Company, RecordKind::Project];

/// A relationship as its person sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tie {
    pub relationship: Relationship,
    /// The other end, and what it is called where that may be known.
    pub other: Ref,
    pub label: Option<String>,
}

/// A person's relationships and their surroundings. Without the graph the list still stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkView {
    pub ties: Vec<Tie>,
    pub around: Option<Subgraph>,
}

/// A person's relationships and their surroundings.
#[server(prefix = "/api/web", endpoint = "people/network", output = JsonText)]
pub async fn network_of(person: PersonId) -> Result<NetworkView, Failure> {
    let services = looma_app_ui::session::services()?;
    let own = Ref::from(person);
    let page: Page<Relationship> = services.get(&format!("/api/v1/relationships?of={own}&limit=100")).await?;
    let quiet = looma_app_ui::session::Services { is_function: false, ..services };
    let around = quiet.get::<Subgraph>(&format!("/api/v1/relationships/graph?center={own}&depth=2")).await.ok();
    let mut ties = Vec::with_capacity(page.items.len());
    for relationship in page.items {
        let other = if relationship.fields.from == own { relationship.fields.to } else { relationship.fields.from };
        let known = around.as_ref().and_then(|around| around.nodes.iter().find(|node| node.record == other)).map(|node| node.label.clone());
        // The graph follows the writes: what was just added has its name asked for.
        let label = if known.is_some() { known } else { crate::picker::label_of(other).await? };
        ties.push(Tie { relationship, other, label });
    }
    Ok(NetworkView { ties, around })
}

/// Relates a person to a record.
#[server(prefix = "/api/web", endpoint = "people/relate", output = JsonText)]
pub async fn relate_person(person: PersonId, to: String, kind: String, #[server(default)] note: String) -> Result<(), Failure> {
    use looma_types::person::RelationshipDraft;
    let wrong = |detail: String| Failure::new(400, "invalid-input", "The input was not understood", detail);
    let draft = RelationshipDraft {
        from: person.into(),
        to: to.parse().map_err(wrong)?,
        kind,
        since: None,
        until: None,
        strength: None,
        source: None,
        note: Some(note.trim().to_owned()).filter(|note| !note.is_empty()),
    };
    let _: Relationship = looma_app_ui::session::services()?.post("/api/v1/relationships", &draft).await?;
    leptos_axum::redirect(&format!("/people/{person}?tab=relationships"));
    Ok(())
}

#[component]
pub fn Network(person: PersonId, may_write: bool) -> impl IntoView {
    let relate = ServerAction::<RelatePerson>::new();
    let change = ServerAction::<ChangeTie>::new();
    let remove = ServerAction::<RemoveTie>::new();
    let (added, changed, removed) = (done(relate), done(change), done(remove));
    let network = Data::new(move || (added.get(), changed.get(), removed.get()), move |_| network_of(person));
    let edits = may_write.then_some(Edits { change, remove });
    view! {
        <div class="flex flex-col gap-4 pt-4">
            {may_write.then(|| view! { <Add person relate/> })}
            <Loaded resource=network rows=5 view={move |found: NetworkView| view! { <Ties found person edits/> }}/>
        </div>
    }
}

#[component]
fn Add(person: PersonId, relate: ServerAction<RelatePerson>) -> impl IntoView {
    let query = use_query_map();
    let to = Memo::new(move |_| query.read().get("to").and_then(|to| to.parse::<Ref>().ok()));
    let open = to.get_untracked().is_some() || query.read_untracked().get("to_q").is_some();
    let failure = move || relate.failure().map(|failure| view! { <Alert text=failure.message()/> });
    let chosen = move |to: Ref| {
        let choices: Vec<Choice> = RELATIONS.iter().map(|kind| Choice::new(*kind, relation_word(kind))).collect();
        let usual = if to.kind == RecordKind::Company { "employed_by" } else { "knows" };
        view! {
            <Picked label=t(TO) record=to param="to"/>
            <ActionForm action=relate attr:class="form">
                <input type="hidden" name="person" value=person.to_string()/>
                <input type="hidden" name="to" value=to.to_string()/>
                <SelectField name="kind" label=t(KIND) choices value=Signal::stored(usual.to_owned())/>
                <TextField name="note" label=t(NOTE) optional=true max=2000/>
                {failure}
                <div class="form-actions"><SubmitButton label=t(ADD) pending=relate.pending()/></div>
            </ActionForm>
        }
    };
    view! {
        <details class="card" open=open>
            <summary class="text-13 font-medium cursor-pointer">{t(ADD_TITLE)}</summary>
            <div class="form pt-4">
                {move || match to.get() {
                    Some(to) => chosen(to).into_any(),
                    None => view! { <RecordPicker label=t(TO) hint=t(TO_HINT) param="to" typed_param="to_q" kinds=KINDS keep=&["tab"]/> }.into_any(),
                }}
            </div>
        </details>
    }
}

#[component]
fn Ties(found: NetworkView, person: PersonId, #[prop(optional_no_strip)] edits: Option<Edits>) -> impl IntoView {
    if found.ties.is_empty() {
        return view! { <EmptyState icon=Icon::Handshake title=t(EMPTY) text=t(EMPTY_TEXT)/> }.into_any();
    }
    let count = plural(found.ties.len() as i64, ONE, MANY);
    let own = Ref::from(person);
    let rows = found
        .ties
        .into_iter()
        .map(|tie| {
            let editor = edits.map(|edits| view! { <EditTie relationship=tie.relationship.clone() person edits/> });
            let fields = tie.relationship.fields;
            let label = tie.label.unwrap_or_else(|| records::kind_word(tie.other.kind).to_owned());
            let name = match records::href(tie.other) {
                Some(href) => view! { <a class="cell-link font-medium" href=href>{label}</a> }.into_any(),
                None => view! { <span class="font-medium">{label}</span> }.into_any(),
            };
            let how = if fields.from == own { relation_word(&fields.kind) } else { tf(INCOMING, &[&relation_word(&fields.kind)]) };
            view! {
                <li class="row">
                    <Glyph icon=records::icon(tie.other.kind) size=15/>
                    <div class="min-w-0 flex-1">
                        <div class="flex flex-wrap items-center gap-2">{name} <span class="muted">{how}</span></div>
                        {fields.note.map(|note| view! { <p class="muted text-12">{note}</p> })}
                        {editor}
                    </div>
                    <span class="self-start pt-1"><StrengthBadge strength=fields.strength.unwrap_or(0.5)/></span>
                </li>
            }
        })
        .collect_view();
    view! {
        {match found.around {
            Some(around) => (around.nodes.len() > 1).then(|| view! { <Around around center=own/> }.into_any()),
            None => Some(view! { <p class="notice" role="status">{t(NO_PICTURE)}</p> }.into_any()),
        }}
        <ul class="rows" aria-label=t(LIST)>{rows}</ul>
        <div class="list-foot">{count}</div>
    }
    .into_any()
}

/// The picture: the person in the middle, two steps around.
#[component]
fn Around(around: Subgraph, center: Ref) -> impl IntoView {
    let nodes = around
        .nodes
        .into_iter()
        .take(60)
        .map(|node| GraphNode {
            id: node.record.to_string(),
            label: node.label,
            href: records::href(node.record).unwrap_or_else(|| "#".to_owned()),
            square: node.record.kind != RecordKind::Person,
            main: node.record == center,
        })
        .collect();
    let edges = around
        .edges
        .into_iter()
        .map(|edge| {
            // Words on the ties of the second ring would cover the picture.
            let near = edge.from == center || edge.to == center;
            let label = if near { relation_word(&edge.kind) } else { String::new() };
            GraphEdge { from: edge.from.to_string(), to: edge.to.to_string(), label, strong: edge.strength >= 0.6 }
        })
        .collect();
    view! {
        <GraphView nodes edges center=center.to_string() label=t(PICTURE)/>
        {around.truncated.then(|| view! { <p class="text-12 muted">{t(CUT)}</p> })}
    }
}

messages! {
    ADD_TITLE: "Add a relationship", "添加关系";
    TO: "Related to", "关联对象";
    TO_HINT: "Name of a person, company or project", "输入人才、公司或项目名称";
    KIND: "How", "关系类型";
    NOTE: "Note", "备注";
    ADD: "Add relationship", "添加关系";
    EMPTY: "No relationships yet", "暂无关系";
    EMPTY_TEXT: "Say whom they know and where they worked: that is what introductions are found by.", "记录其认识的人和任职过的公司，系统据此寻找引荐路径。";
    LIST: "Relationships", "关系列表";
    PICTURE: "Network around this person", "此人的关系网络";
    NO_PICTURE: "The picture of the network is not available right now; the list below is complete.", "关系网络图暂时不可用；下方列表是完整的。";
    CUT: "Only a part of a large network is drawn.", "网络较大，仅显示一部分。";
    INCOMING: "← {0}", "← {0}";
    ONE: "{0} relationship", "{0} 条关系";
    MANY: "{0} relationships", "{0} 条关系";
}
