//! One project: its goal, who takes part, milestones and tasks.

use crate::pages::projects::{ProjectBadge, status_word};
use leptos_router::hooks::use_params_map;
use looma_app_ui::prelude::*;
use looma_app_ui::states::NotFound;
use looma_types::project::{Project, ProjectStatus};
use looma_types::{Permission, ProjectId, Ref};
use serde::{Deserialize, Serialize};

/// A project and what its members are called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProjectView {
    pub project: Project,
    /// One for each member, none where it may not be known.
    pub names: Vec<Option<String>>,
}

/// One project.
#[server(prefix = "/api/web", endpoint = "projects/get", output = JsonText)]
pub async fn get_project(id: ProjectId) -> Result<ProjectView, Failure> {
    let project: Project = looma_app_ui::session::services()?.get(&format!("/api/v1/projects/{id}")).await?;
    let mut names = Vec::new();
    for member in &project.fields.members {
        names.push(crate::picker::label_of(member.record).await?);
    }
    Ok(ProjectView { project, names })
}

/// Changes a project's state.
#[server(prefix = "/api/web", endpoint = "projects/status", output = JsonText)]
pub async fn set_status(id: ProjectId, version: i64, status: ProjectStatus) -> Result<(), Failure> {
    let patch = serde_json::json!({ "status": status });
    let _: Project = looma_app_ui::session::services()?.patch(&format!("/api/v1/projects/{id}"), Some(version), &patch).await?;
    Ok(())
}

/// Adds a task, or turns the task at `at` from open to done and back.
#[server(prefix = "/api/web", endpoint = "projects/task", output = JsonText)]
pub async fn change_task(
    id: ProjectId,
    version: i64,
    #[server(default)] at: Option<usize>,
    #[server(default)] title: String,
) -> Result<(), Failure> {
    use looma_types::project::Task;
    let services = looma_app_ui::session::services()?;
    let project: Project = services.get(&format!("/api/v1/projects/{id}")).await?;
    let mut tasks = project.fields.tasks;
    match at {
        Some(at) => {
            if let Some(task) = tasks.get_mut(at) {
                task.done = !task.done;
            }
        }
        None => tasks.push(Task { title: title.trim().to_owned(), assignee: None, due: None, done: false }),
    }
    // The version that was on the page: what moved meanwhile is not turned by mistake.
    let patch = serde_json::json!({ "tasks": tasks });
    let _: Project = services.patch(&format!("/api/v1/projects/{id}"), Some(version), &patch).await?;
    Ok(())
}

/// `/projects/:id`
#[component]
pub fn ProjectPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").and_then(|id| id.parse::<ProjectId>().ok()));
    move || match id.get() {
        Some(id) => view! { <Profile id/> }.into_any(),
        None => view! { <NotFound/> }.into_any(),
    }
}

#[component]
fn Profile(id: ProjectId) -> impl IntoView {
    let status = ServerAction::<SetStatus>::new();
    let task = ServerAction::<ChangeTask>::new();
    let (moved, changed) = (done(status), done(task));
    let project = Data::new(move || (moved.get(), changed.get()), move |_| get_project(id));
    view! { <Loaded resource=project rows=8 view={move |found: ProjectView| view! { <Record found status task/> }}/> }
}

#[component]
fn Record(found: ProjectView, status: ServerAction<SetStatus>, task: ServerAction<ChangeTask>) -> impl IntoView {
    let ProjectView { project, names } = found;
    let (id, version, fields) = (project.id, project.version, project.fields);
    let may_write = use_viewer().may(Permission::WriteProjects);
    let now = fields.status;
    let choices: Vec<Choice> = ProjectStatus::ALL.into_iter().map(|one| Choice::new(one.as_str(), status_word(one))).collect();
    let failure = move || {
        let failed = status.failure().or_else(|| task.failure());
        failed.map(|failure| view! { <Alert text=failure.message()/> })
    };
    let members = fields.members.into_iter().zip(names).map(|(member, name)| member_row(member.record, name, member.role)).collect_view();
    let milestones = fields
        .milestones
        .into_iter()
        .map(|one| {
            view! {
                <li class="row">
                    <Glyph icon=if one.done { Icon::CircleCheck } else { Icon::Circle } size=15/> <span class="min-w-0 flex-1">{one.name}</span>
                    <span class="muted text-12">{one.due.map(|due| due.to_string())}</span>
                    <Badge tone=if one.done { Tone::Good } else { Tone::Neutral } label=t(if one.done { REACHED } else { AHEAD })/>
                </li>
            }
        })
        .collect_view();
    let tasks = fields
        .tasks
        .into_iter()
        .enumerate()
        .map(|(at, one)| {
            let (icon, word) = if one.done { (Icon::CircleCheck, REOPEN_TASK) } else { (Icon::Circle, FINISH_TASK) };
            let label = tf(word, &[&one.title]);
            let mark = if may_write {
                view! {
                    <ActionForm action=task>
                        <input type="hidden" name="id" value=id.to_string()/>
                        <input type="hidden" name="version" value=version/>
                        <input type="hidden" name="at" value=at/>
                        <button type="submit" class="button button-quiet button-icon button-small" aria-label=label.clone() title=label><Glyph icon size=15/></button>
                    </ActionForm>
                }
                .into_any()
            } else {
                view! { <Glyph icon size=15/> }.into_any()
            };
            view! {
                <li class="row">
                    {mark} <span class="min-w-0 flex-1" class:line-through=one.done class:muted=one.done>{one.title}</span>
                    <span class="muted text-12">{one.due.map(|due| due.to_string())}</span>
                </li>
            }
        })
        .collect_view();
    let none = |empty: bool, word: Msg| empty.then(|| view! { <p class="text-13 muted">{t(word)}</p> });
    view! {
        <PageHead title=fields.name.clone() crumbs=vec![Crumb::new("/projects", t(crate::PROJECTS))]/>
        <div class="content content-wide">
            <div class="flex flex-wrap items-center gap-3 pb-3">
                <p class="record-title min-w-0">{fields.name}</p>
                <ProjectBadge status=now/>
            </div>
            {failure}
            <div class="columns">
                <div>
                    <Section title=t(super::projects::GOAL)>
                        <p class="text-13 whitespace-pre-line">{if fields.goal.is_empty() { "—".to_owned() } else { fields.goal }}</p>
                    </Section>
                    {may_write.then(|| view! {
                        <Section title=t(super::projects::STATUS)>
                            <ActionForm action=status attr:class="form">
                                <input type="hidden" name="id" value=id.to_string()/>
                                <input type="hidden" name="version" value=version/>
                                <SelectField name="status" label=t(CHANGE_TO) choices value=now.as_str().to_owned()/>
                                <div class="form-actions"><SubmitButton label=t(looma_app_ui::words::SAVE) emphasis=Emphasis::Plain pending=status.pending()/></div>
                            </ActionForm>
                        </Section>
                    })}
                    <Section title=t(super::projects::MEMBERS)>
                        {none(members.is_empty(), NO_MEMBERS)}
                        <ul class="flex flex-col gap-1">{members}</ul>
                    </Section>
                </div>
                <div class="min-w-0">
                    <Section title=t(MILESTONES)>
                        {if milestones.is_empty() { none(true, NO_MILESTONES).into_any() } else { view! { <ol class="rows">{milestones}</ol> }.into_any() }}
                    </Section>
                    <Section title=t(super::projects::TASKS)>
                        {if tasks.is_empty() { none(true, NO_TASKS).into_any() } else { view! { <ul class="rows">{tasks}</ul> }.into_any() }}
                        {may_write.then(|| view! {
                            <ActionForm action=task attr:class="form">
                                <input type="hidden" name="id" value=id.to_string()/>
                                <input type="hidden" name="version" value=version/>
                                <TextField name="title" label=t(NEW_TASK) max=300/>
                                <div class="form-actions"><SubmitButton label=t(ADD_TASK) emphasis=Emphasis::Plain pending=task.pending()/></div>
                            </ActionForm>
                        })}
                    </Section>
                </div>
            </div>
        </div>
    }
}

fn member_row(record: Ref, name: Option<String>, role: String) -> AnyView {
    let name = name.unwrap_or_else(|| crate::records::kind_word(record.kind).to_owned());
    let label = match crate::records::href(record) {
        Some(href) => view! { <PersonLabel name href/> }.into_any(),
        None => view! { <PersonLabel name/> }.into_any(),
    };
    view! { <li class="flex items-center gap-2 text-13">{label} <span class="muted text-12 ml-auto">{role}</span></li> }.into_any()
}

messages! {
    CHANGE_TO: "Change to", "变更为";
    NO_MEMBERS: "Nobody takes part yet.", "暂无成员。";
    MILESTONES: "Milestones", "里程碑";
    NO_MILESTONES: "No milestones yet.", "暂无里程碑。";
    REACHED: "Reached", "已达成";
    AHEAD: "Ahead", "未达成";
    NO_TASKS: "No tasks yet.", "暂无任务。";
    NEW_TASK: "New task", "新任务";
    ADD_TASK: "Add task", "添加任务";
    FINISH_TASK: "Mark as done: {0}", "标记为完成：{0}";
    REOPEN_TASK: "Open again: {0}", "重新打开：{0}";
}
