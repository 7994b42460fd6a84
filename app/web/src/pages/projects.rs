//! The projects: a list by state, and the form for a new one.

use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use looma_app_ui::prelude::*;
use looma_types::Permission;
use looma_types::project::{Project, ProjectStatus};

/// Projects as `query` selects them, in order of name.
#[server(prefix = "/api/web", endpoint = "projects/list", output = JsonText)]
pub async fn list_projects(query: String) -> Result<Page<Project>, Failure> {
    looma_app_ui::session::services()?.get(&format!("/api/v1/projects?{query}")).await
}

/// Makes a project and goes to it.
#[server(prefix = "/api/web", endpoint = "projects/create", output = JsonText)]
pub async fn create_project(name: String, #[server(default)] goal: String) -> Result<(), Failure> {
    use looma_types::project::ProjectDraft;
    let draft = ProjectDraft { goal, ..ProjectDraft::named(name.trim()) };
    let project: Project = looma_app_ui::session::services()?.post("/api/v1/projects", &draft).await?;
    leptos_axum::redirect(&format!("/projects/{}", project.id));
    Ok(())
}

fn status_of(query: &ParamsMap) -> Option<ProjectStatus> {
    let word = query.get("status")?;
    ProjectStatus::ALL.into_iter().find(|status| status.as_str() == word)
}

fn service_query(query: &ParamsMap) -> String {
    let mut out = String::from("limit=50");
    for key in ["q", "cursor"] {
        if let Some(value) = query.get(key).filter(|value| !value.trim().is_empty()) {
            add_param(&mut out, key, value.trim());
        }
    }
    if let Some(status) = status_of(query) {
        add_param(&mut out, "status", status.as_str());
    }
    if let Some(order) = order_of(query, BY_NAME_OR_CHANGE) {
        add_param(&mut out, "sort", order);
    }
    out
}

/// `/projects`
#[component]
pub fn ProjectsPage() -> impl IntoView {
    let query = use_query_map();
    let wanted = Memo::new(move |_| service_query(&query.read()));
    let projects = Data::new(move || wanted.get(), list_projects);
    let adding = Memo::new(move |_| query.read().get("panel").as_deref() == Some("new"));
    let may_write = use_viewer().may(Permission::WriteProjects);
    let status = Memo::new(move |_| status_of(&query.read()));
    let chip = move |value: Option<ProjectStatus>, label: &'static str| {
        view! { <a class="chip" href=move || query_with(&[("status", value.map(ProjectStatus::as_str))]) aria-current=move || (status.get() == value).then_some("true")>{label}</a> }
    };
    view! {
        <PageHead title=t(crate::PROJECTS)>
            {may_write.then(|| view! {
                <ButtonLink label=t(NEW) href=Signal::derive(|| query_with(&[("panel", Some("new"))])) emphasis=Emphasis::Primary icon=Icon::Plus/>
            })}
        </PageHead>
        <div class:split=adding>
            <div class="content">
                <div class="flex flex-wrap items-center gap-2 mb-4">
                    <SearchBox label=t(FIND) keep=&["status", "sort"]/>
                    <nav class="chips" aria-label=t(STATUS)>
                        {chip(None, t(looma_app_ui::words::ALL))}
                        {ProjectStatus::ALL.into_iter().map(|one| chip(Some(one), status_word(one))).collect_view()}
                    </nav>
                    <OrderBy/>
                </div>
                <Loaded resource=projects rows=8 view={move |page: Page<Project>| view! { <List page may_write/> }}/>
            </div>
            {move || adding.get().then(|| view! {
                <SidePanel title=t(NEW) close=Signal::derive(|| query_with(&[("panel", None)]))><NewProject/></SidePanel>
            })}
        </div>
    }
}

#[component]
fn List(page: Page<Project>, may_write: bool) -> impl IntoView {
    let query = use_query_map().get_untracked();
    let filtered = ["q", "status", "cursor"].iter().any(|key| query.get(key).is_some_and(|value| !value.is_empty()));
    if page.items.is_empty() {
        return if filtered {
            view! { <EmptyState icon=Icon::Search title=t(NO_MATCH) text=t(NO_MATCH_TEXT)><ButtonLink label=t(SHOW_ALL) href="/projects"/></EmptyState> }.into_any()
        } else {
            view! {
                <EmptyState icon=Icon::FolderKanban title=t(EMPTY) text=t(EMPTY_TEXT)>
                    {may_write.then(|| view! { <ButtonLink label=t(NEW) href="/projects?panel=new" emphasis=Emphasis::Primary icon=Icon::Plus/> })}
                </EmptyState>
            }
            .into_any()
        };
    }
    let columns = vec![
        Column::new(t(NAME)),
        Column::new(t(STATUS)),
        Column::new(t(MEMBERS)).number(),
        Column::new(t(TASKS)).number(),
        Column::new(t(CHANGED)),
    ];
    let shown = plural(page.total.unwrap_or(page.items.len() as i64), ONE, MANY);
    let rows = page
        .items
        .into_iter()
        .map(|project| {
            let done = project.fields.tasks.iter().filter(|task| task.done).count();
            view! {
                <Row>
                    <td class="cell-main"><a class="cell-link" href=format!("/projects/{}", project.id)>{project.fields.name}</a></td>
                    <td><ProjectBadge status=project.fields.status/></td>
                    <td class="cell-number">{project.fields.members.len()}</td>
                    <td class="cell-number">{format!("{done}/{}", project.fields.tasks.len())}</td>
                    <td><When at=project.updated_at/></td>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table caption=t(crate::PROJECTS) columns>{rows}</Table>
        <Pager shown next=page.next_cursor/>
    }
    .into_any()
}

#[component]
fn NewProject() -> impl IntoView {
    let create = ServerAction::<CreateProject>::new();
    let failure = failure_of(create);
    let wrong = move |field: &'static str| Signal::derive(move || failure.read().as_ref().and_then(|failure| failure.field(field)));
    let general =
        move || failure.get().filter(|failure| failure.0.errors.is_empty()).map(|failure| view! { <Alert text=failure.message()/> });
    view! {
        <ActionForm action=create attr:class="form">
            {general}
            <TextField name="name" label=t(NAME) error=wrong("name")/>
            <TextArea name="goal" label=t(GOAL) hint=t(GOAL_HINT) optional=true max=5_000 error=wrong("goal")/>
            <div class="form-actions"><SubmitButton label=t(NEW) pending=create.pending()/></div>
        </ActionForm>
    }
}

/// A project's state in a word.
#[component]
pub fn ProjectBadge(status: ProjectStatus) -> impl IntoView {
    let tone = match status {
        ProjectStatus::Active => Tone::Good,
        ProjectStatus::OnHold => Tone::Warn,
        ProjectStatus::Done => Tone::Accent,
        ProjectStatus::Planned | ProjectStatus::Cancelled => Tone::Neutral,
    };
    view! { <Badge tone label=status_word(status)/> }
}

pub fn status_word(status: ProjectStatus) -> &'static str {
    t(match status {
        ProjectStatus::Planned => PLANNED,
        ProjectStatus::Active => ACTIVE,
        ProjectStatus::OnHold => ON_HOLD,
        ProjectStatus::Done => DONE,
        ProjectStatus::Cancelled => CANCELLED,
    })
}

messages! {
    NEW: "New project", "新建项目";
    FIND: "Name or goal", "名称或目标";
    NAME: "Name", "名称";
    GOAL: "Goal", "目标";
    GOAL_HINT: "What is to be reached, in a sentence or two.", "用一两句话说明要达成什么。";
    STATUS: "Status", "状态";
    MEMBERS: "Members", "成员";
    TASKS: "Tasks", "任务";
    CHANGED: "Changed", "更新时间";
    NO_MATCH: "No project matches", "没有符合条件的项目";
    NO_MATCH_TEXT: "Take a filter off to see more.", "请移除部分筛选条件。";
    SHOW_ALL: "Show all projects", "显示全部项目";
    EMPTY: "No projects yet", "还没有项目";
    EMPTY_TEXT: "A search for a team, a campaign, a new office: people, milestones and tasks in one place.", "团队招聘、专项活动、新办公室：人员、里程碑与任务集中一处。";
    ONE: "{0} project", "{0} 个项目";
    MANY: "{0} projects", "共 {0} 个项目";
    PLANNED: "Planned", "计划中";
    ACTIVE: "Active", "进行中";
    ON_HOLD: "On hold", "搁置";
    DONE: "Done", "已完成";
    CANCELLED: "Cancelled", "已取消";
}
