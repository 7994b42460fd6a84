//! Roles × permissions as one matrix.

use super::tabs;
use crate::roles::role_word;
use looma_app_ui::permissions::permission_words;
use looma_app_ui::prelude::*;
use looma_types::Role;
use looma_types::admin::PermissionRow;

/// Which role has which permission.
#[server(prefix = "/api/admin", endpoint = "users/permissions", output = JsonText)]
pub async fn all_permissions() -> Result<Vec<PermissionRow>, Failure> {
    let page: Page<PermissionRow> = looma_app_ui::session::services()?.get("/api/v1/admin/permissions").await?;
    Ok(page.items)
}

/// `/users/roles`
#[component]
pub fn RolesPage() -> impl IntoView {
    let permissions = Data::new(|| (), |()| all_permissions());
    view! {
        <PageHead title=t(super::ROLES) crumbs=vec![Crumb::new("/users", t(crate::USERS))]/>
        <div class="content content-wide">
            {tabs()}
            <p class="text-13 muted mb-4">{t(EXPLAINED)}</p>
            <Loaded resource=permissions rows=20 view={|rows: Vec<PermissionRow>| view! { <Matrix rows/> }}/>
        </div>
    }
}

#[component]
fn Matrix(rows: Vec<PermissionRow>) -> impl IntoView {
    let mut columns = vec![Column::new(t(PERMISSION))];
    columns.extend(Role::ALL.into_iter().map(|role| Column::new(role_word(role))));
    columns.push(Column::new(t(WORD)));
    let rows = rows
        .into_iter()
        .map(|row| {
            let cells = Role::ALL
                .into_iter()
                .map(|role| {
                    if row.roles.contains(&role) {
                        view! { <td><Glyph icon=Icon::Check/> <span class="visually-hidden">{t(YES)}</span></td> }.into_any()
                    } else {
                        view! { <td><span aria-hidden="true">"·"</span> <span class="visually-hidden">{t(NO)}</span></td> }.into_any()
                    }
                })
                .collect_view();
            view! {
                <Row>
                    <td class="cell-main">{permission_words(row.permission)}</td>
                    {cells}
                    <td class="mono">{row.permission.as_str()}</td>
                </Row>
            }
        })
        .collect_view();
    view! { <Table caption=t(super::ROLES) columns>{rows}</Table> }
}

messages! {
    EXPLAINED: "Roles are in order: what a role may do, every role to its right may do too.", "角色由低到高排列：某个角色拥有的权限，其右侧的角色同样拥有。";
    PERMISSION: "May", "权限";
    WORD: "Name in the API", "接口名称";
    YES: "yes", "有";
    NO: "no", "无";
}
