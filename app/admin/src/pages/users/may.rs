//! May they? The rules' own answer about one user.

use crate::roles::role_word;
use looma_app_ui::permissions::permission_words;
use looma_app_ui::prelude::*;
use looma_types::{Decision, Permission, Role, Rule, UserId};

/// Whether a user may do something, to a record where one is named.
#[server(prefix = "/api/admin", endpoint = "users/may", output = JsonText)]
pub async fn ask_may(id: UserId, permission: Permission, #[server(default)] record: String) -> Result<(Permission, Decision), Failure> {
    let record = match record.trim() {
        "" => String::new(),
        record => format!("&record={}", escape(record)),
    };
    let path = format!("/api/v1/users/{id}/may?permission={}{record}", escape(permission.as_str()));
    Ok((permission, looma_app_ui::session::services()?.get(&path).await?))
}

#[component]
pub fn MayThey(id: UserId, role: Role) -> impl IntoView {
    let ask = ServerAction::<AskMay>::new();
    let failure = failure_of(ask);
    let choices: Vec<Choice> =
        Permission::ALL.iter().map(|permission| Choice::new(permission.as_str(), permission_words(*permission))).collect();
    let answer = move || {
        let (permission, decision) = ask.answer()?.ok()?;
        let tone = if decision.allowed { Tone::Good } else { Tone::Bad };
        Some(view! { <Alert tone text=words(role, permission, &decision)/> })
    };
    view! {
        <Section title=t(MAY)>
            <ActionForm action=ask attr:class="form">
                <Refusal failure/>
                <input type="hidden" name="id" value=id.to_string()/>
                <SelectField name="permission" label=t(WHAT) choices error=wrong(failure, "permission")/>
                <TextField name="record" label=t(RECORD) hint=t(RECORD_HINT) optional=true max=60 error=wrong(failure, "record")/>
                <div aria-live="polite">{answer}</div>
                <div class="form-actions"><SubmitButton label=t(ASK) emphasis=Emphasis::Plain pending=ask.pending()/></div>
            </ActionForm>
        </Section>
    }
}

/// The decision in the reader's language.
fn words(role: Role, permission: Permission, decision: &Decision) -> String {
    let (role, least) = (role_word(role), role_word(permission.least_role()));
    match (decision.rule, decision.allowed) {
        (Rule::Status, _) => t(NOT_ACTIVE).to_owned(),
        (Rule::Role | Rule::Scope, true) => tf(ROLE_HAS, &[&role, &least]),
        (Rule::Role | Rule::Scope, false) => tf(ROLE_LACKS, &[&role, &least]),
        (Rule::Workspace, true) => tf(IN_WORKSPACE, &[&role]),
        (Rule::Workspace, false) => t(NO_RECORD).to_owned(),
        (Rule::Rank, true) => t(RANK_FITS).to_owned(),
        (Rule::Rank, false) => t(RANK_ABOVE).to_owned(),
    }
}

messages! {
    MAY: "May they?", "权限查询";
    WHAT: "What", "操作";
    RECORD: "To which record", "针对哪条记录";
    RECORD_HINT: "Such as person:0190c1d2-…; empty for any record of the workspace.", "例如 person:0190c1d2-…；留空表示工作区内任意记录。";
    ASK: "Ask", "查询";
    NOT_ACTIVE: "No: the account is not active, so it cannot sign in.", "不可以：该账号未启用，无法登录。";
    ROLE_HAS: "Yes: the role {0} may, as every role from {1} on.", "可以：角色“{0}”拥有此权限（从“{1}”起的角色均拥有）。";
    ROLE_LACKS: "No: the role {0} may not; the lowest that may is {1}.", "不可以：角色“{0}”没有此权限，至少需要“{1}”。";
    IN_WORKSPACE: "Yes: the role {0} may, and the record lies in the workspace.", "可以：角色“{0}”拥有此权限，且该记录属于本工作区。";
    NO_RECORD: "No: there is no such record in the workspace.", "不可以：本工作区没有这条记录。";
    RANK_FITS: "Yes: that user's role is not above theirs.", "可以：对方的角色不高于该用户。";
    RANK_ABOVE: "No: that user's role is above theirs.", "不可以：对方的角色高于该用户。";
}
