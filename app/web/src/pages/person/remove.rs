//! Deleting a person, after saying what goes with them.

use looma_app_ui::prelude::*;
use looma_app_ui::words::DELETE;
use looma_types::PersonId;

/// Deletes the version of a person that was read, and goes to the list.
#[server(prefix = "/api/web", endpoint = "people/delete", output = JsonText)]
pub async fn delete_person(id: PersonId, version: i64) -> Result<(), Failure> {
    looma_app_ui::session::services()?.delete(&format!("/api/v1/people/{id}"), Some(version)).await?;
    leptos_axum::redirect("/people");
    Ok(())
}

/// The question, closed until it is asked for.
#[component]
pub fn Remove(id: PersonId, version: i64, name: String) -> impl IntoView {
    let delete = ServerAction::<DeletePerson>::new();
    let conflict = t(super::properties::CONFLICT);
    let failure = move || {
        let failure = delete.failure()?;
        let text = if failure.0.status == 412 { conflict.to_owned() } else { failure.message() };
        Some(view! { <Alert text/> })
    };
    view! {
        <details class="card mt-2">
            <summary class="text-13 font-medium cursor-pointer">{t(TITLE)}</summary>
            <ActionForm action=delete attr:class="form pt-3">
                <input type="hidden" name="id" value=id.to_string()/>
                <input type="hidden" name="version" value=version/>
                <p class="text-13">{tf(WHAT_GOES, &[&name])}</p>
                <p class="text-13 muted">{t(WHAT_STAYS)}</p>
                {failure}
                <label class="check"><input type="checkbox" required/> {t(SURE)}</label>
                <div class="form-actions"><SubmitButton label=t(DELETE) emphasis=Emphasis::Danger icon=Icon::Trash2 pending=delete.pending()/></div>
            </ActionForm>
        </details>
    }
}

messages! {
    TITLE: "Delete this person", "删除此人才";
    WHAT_GOES: "{0} goes for good: the properties, the relationships, and the part in every interaction. Interactions with nobody else go too.", "将永久删除 {0}：包括基本信息、全部关系以及在各次互动中的参与记录；仅与其相关的互动也会一并删除。";
    WHAT_STAYS: "Imported resumes and applications to jobs are records of their own and stay.", "已导入的简历和职位申请是独立记录，将予以保留。";
    SURE: "Yes, delete this person for good.", "确认永久删除此人才。";
}
