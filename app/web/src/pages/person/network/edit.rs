//! Changing a relationship where it stands in the list, or taking it out.

use crate::records::{RELATIONS, relation_word};
use looma_app_ui::prelude::*;
use looma_app_ui::words::{DELETE, EDIT, SAVE};
use looma_types::person::Relationship;
use looma_types::{PersonId, RelationshipId};

/// Changes the kind, strength and note of the version that was read. `strength` is in percent.
#[server(prefix = "/api/web", endpoint = "people/ties/change", output = JsonText)]
pub async fn change_tie(
    id: RelationshipId,
    version: i64,
    person: PersonId,
    kind: String,
    strength: f64,
    #[server(default)] note: String,
) -> Result<(), Failure> {
    let note = Some(note.trim()).filter(|note| !note.is_empty());
    let patch = serde_json::json!({ "kind": kind, "strength": strength / 100.0, "note": note });
    let path = format!("/api/v1/relationships/{id}");
    let _: Relationship = looma_app_ui::session::services()?.patch(&path, Some(version), &patch).await?;
    leptos_axum::redirect(&format!("/people/{person}?tab=relationships"));
    Ok(())
}

/// Takes the version of a relationship that was read out.
#[server(prefix = "/api/web", endpoint = "people/ties/remove", output = JsonText)]
pub async fn remove_tie(id: RelationshipId, version: i64, person: PersonId) -> Result<(), Failure> {
    looma_app_ui::session::services()?.delete(&format!("/api/v1/relationships/{id}"), Some(version)).await?;
    leptos_axum::redirect(&format!("/people/{person}?tab=relationships"));
    Ok(())
}

/// What can be done with a relationship. Outlives the list, which is made anew when one is changed.
#[derive(Clone, Copy)]
pub struct Edits {
    pub change: ServerAction<ChangeTie>,
    pub remove: ServerAction<RemoveTie>,
}

/// The form, closed until it is asked for.
#[component]
pub fn EditTie(relationship: Relationship, person: PersonId, edits: Edits) -> impl IntoView {
    let Edits { change, remove } = edits;
    let Relationship { id, fields, version, .. } = relationship;
    // The forms of all relationships share two actions: a failure belongs to the one it was sent from.
    let sent = RwSignal::new(false);
    let failure = move || {
        let failure = change.failure().or_else(|| remove.failure())?;
        sent.get().then(|| view! { <Alert text=failure.message()/> })
    };
    let mut choices: Vec<Choice> = RELATIONS.iter().map(|kind| Choice::new(*kind, relation_word(kind))).collect();
    if !RELATIONS.contains(&fields.kind.as_str()) {
        choices.push(Choice::new(fields.kind.clone(), relation_word(&fields.kind)));
    }
    let percent = (fields.strength.unwrap_or(0.5) * 100.0).round();
    let own = move |field: &str| format!("{field}-{id}");
    let hidden = move || {
        view! {
            <input type="hidden" name="id" value=id.to_string()/>
            <input type="hidden" name="version" value=version/>
            <input type="hidden" name="person" value=person.to_string()/>
        }
    };
    // A list that is made anew keeps its elements: what was open closes with the new values.
    let form = NodeRef::<leptos::html::Details>::new();
    Effect::new(move |_| {
        if let Some(form) = form.get() {
            let _ = form.remove_attribute("open");
        }
    });
    view! {
        <details node_ref=form>
            <summary class="text-12 muted cursor-pointer py-1 min-w-8">{t(EDIT)}</summary>
            <ActionForm action=change attr:class="form py-3" on:submit=move |_| sent.set(true)>
                {hidden()}
                <div class="form-row">
                    <div class="field">
                        <label class="field-label" for=own("kind")>{t(super::KIND)}</label>
                        <select class="input" id=own("kind") name="kind">
                            {choices.into_iter().map(|one| view! { <option value=one.value.clone() selected=one.value == fields.kind>{one.label}</option> }).collect_view()}
                        </select>
                    </div>
                    <div class="field">
                        <label class="field-label" for=own("strength")>{t(STRENGTH)}</label>
                        <input class="input" id=own("strength") name="strength" type="number" min="0" max="100" step="1" required value=percent/>
                    </div>
                </div>
                <div class="field">
                    <label class="field-label" for=own("note")>{t(super::NOTE)}</label>
                    <input class="input" id=own("note") name="note" maxlength="2000" value=fields.note.clone().unwrap_or_default()/>
                </div>
                {failure}
                <div class="form-actions"><SubmitButton label=t(SAVE) pending=change.pending()/></div>
            </ActionForm>
            <ActionForm action=remove attr:class="flex flex-wrap items-center gap-3 pb-3" on:submit=move |_| sent.set(true)>
                {hidden()}
                <label class="check"><input type="checkbox" required/> {t(SURE)}</label>
                <SubmitButton label=t(DELETE) emphasis=Emphasis::Danger icon=Icon::Trash2 pending=remove.pending()/>
            </ActionForm>
        </details>
    }
}

messages! {
    STRENGTH: "Strength in percent", "强度（%）";
    SURE: "Yes, delete this relationship.", "确认删除此关系。";
}
