//! A company's departments as a tree, each with a way to remove it, and the form that adds one.

use looma_app_ui::prelude::*;
use looma_types::company::Department;
use looma_types::{CompanyId, DepartmentId};

/// Adds a department, below `parent` when there is one.
#[server(prefix = "/api/web", endpoint = "companies/departments/add", output = JsonText)]
pub async fn add_department(company: CompanyId, name: String, #[server(default)] parent: String) -> Result<(), Failure> {
    use looma_types::company::DepartmentDraft;
    let draft = DepartmentDraft { name: name.trim().to_owned(), parent_id: parent.parse().ok() };
    let _: Department = looma_app_ui::session::services()?.post(&format!("/api/v1/companies/{company}/departments"), &draft).await?;
    Ok(())
}

/// Removes a department and those below it.
#[server(prefix = "/api/web", endpoint = "companies/departments/remove", output = JsonText)]
pub async fn remove_department(company: CompanyId, department: DepartmentId) -> Result<(), Failure> {
    looma_app_ui::session::services()?.delete(&format!("/api/v1/companies/{company}/departments/{department}"), None).await
}

/// The list with parents before children as a tree: each with the departments below it.
struct Branch {
    department: Department,
    below: Vec<Branch>,
}

/// `list` has parents before children, depth first or not; each child goes below its parent.
fn tree(list: Vec<Department>, parent: Option<DepartmentId>) -> Vec<Branch> {
    let (own, rest): (Vec<_>, Vec<_>) = list.into_iter().partition(|one| one.fields.parent_id == parent);
    own.into_iter().map(|department| Branch { below: tree(rest.clone(), Some(department.id)), department }).collect()
}

#[component]
pub fn Departments(
    company: CompanyId,
    list: Vec<Department>,
    add: ServerAction<AddDepartment>,
    remove: ServerAction<RemoveDepartment>,
    may_write: bool,
) -> impl IntoView {
    let mut choices = vec![Choice::new("", t(TOP))];
    choices
        .extend(list.iter().map(|one| Choice::new(one.id.to_string(), format!("{}{}", "– ".repeat(one.depth as usize), one.fields.name))));
    let empty = list.is_empty();
    let branches = tree(list, None);
    let failure = move || {
        let failed = add.failure().or_else(|| remove.failure());
        failed.map(|failure| view! { <Alert text=failure.message()/> })
    };
    view! {
        <Section title=t(DEPARTMENTS)>
            {empty.then(|| view! { <p class="text-13 muted">{t(EMPTY)}</p> })}
            {(!empty).then(|| branch_list(branches, company, remove, may_write))}
            {failure}
            {may_write.then(|| view! {
                <details>
                    <summary class="text-13 muted cursor-pointer">{t(ADD)}</summary>
                    <ActionForm action=add attr:class="form pt-3">
                        <input type="hidden" name="company" value=company.to_string()/>
                        <TextField name="name" label=t(NAME)/>
                        <SelectField name="parent" label=t(PARENT) choices optional=true/>
                        <div class="form-actions"><SubmitButton label=t(ADD) emphasis=Emphasis::Plain pending=add.pending()/></div>
                    </ActionForm>
                </details>
            })}
        </Section>
    }
}

fn branch_list(branches: Vec<Branch>, company: CompanyId, remove: ServerAction<RemoveDepartment>, may_write: bool) -> AnyView {
    let rows = branches
        .into_iter()
        .map(|Branch { department, below }| {
            let label = tf(REMOVE, &[&department.fields.name]);
            let button = may_write.then(|| {
                view! {
                    <ActionForm action=remove attr:class="ml-auto">
                        <input type="hidden" name="company" value=company.to_string()/>
                        <input type="hidden" name="department" value=department.id.to_string()/>
                        <button type="submit" class="button button-quiet button-icon button-small" aria-label=label.clone() title=label><Glyph icon=Icon::X size=14/></button>
                    </ActionForm>
                }
            });
            let below = (!below.is_empty()).then(|| view! { <div class="pl-4">{branch_list(below, company, remove, may_write)}</div> });
            view! {
                <li>
                    <div class="flex items-center gap-2 min-h-8 text-13"><Glyph icon=Icon::Network size=14/> <span class="min-w-0 truncate">{department.fields.name}</span> {button}</div>
                    {below}
                </li>
            }
        })
        .collect_view();
    view! { <ul class="flex flex-col">{rows}</ul> }.into_any()
}

messages! {
    DEPARTMENTS: "Departments", "部门";
    EMPTY: "No departments yet.", "暂无部门。";
    ADD: "Add a department", "添加部门";
    NAME: "Name", "名称";
    PARENT: "Below", "上级部门";
    TOP: "The company itself", "公司本级";
    REMOVE: "Remove {0} and what is below it", "移除 {0} 及其下级部门";
}

#[cfg(test)]
mod tests {
    use super::*;
    use looma_types::company::DepartmentDraft;

    #[test]
    fn children_stand_below_their_parents() {
        let id = |n: u8| format!("019ab000-0000-7000-8000-0000000000{n:02}");
        let one = |n: u8, parent: Option<u8>, depth| Department {
            id: id(n).parse().unwrap(),
            company_id: id(99).parse().unwrap(),
            fields: DepartmentDraft { name: n.to_string(), parent_id: parent.map(|parent| id(parent).parse().unwrap()) },
            depth,
        };
        let tree = tree(vec![one(1, None, 0), one(2, None, 0), one(3, Some(1), 1), one(4, Some(3), 2)], None);
        assert_eq!(tree.iter().map(|branch| branch.below.len()).collect::<Vec<_>>(), [1, 0]);
        assert_eq!(tree[0].below[0].below[0].department.fields.name, "4");
    }
}
