//! What can be done with companies.

use crate::store::{CompanyStore, List};
use looma_kernel::types::company::{Company, CompanyDraft, Department, DepartmentDraft};
use looma_kernel::types::person::Relationship;
use looma_kernel::types::{CompanyId, DepartmentId, Page, RecordKind, Ref, ServiceName, now};
use looma_kernel::{Actor, Change, Client, Failure, IfMatch, Kernel, Position, Result};
use looma_store::Projected;
use std::collections::HashMap;

/// A company has at most this many departments; the tree is answered whole.
const MAX_DEPARTMENTS: usize = 1_000;

/// Companies of all workspaces.
#[derive(Clone)]
pub struct CompanyService {
    store: CompanyStore,
    client: Client,
}

impl CompanyService {
    pub fn new(kernel: &Kernel) -> Self {
        Self { store: CompanyStore::new(kernel.stores().sql.clone()), client: kernel.client().clone() }
    }

    /// Creates a company.
    pub async fn create(&self, actor: &Actor, fields: CompanyDraft) -> Result<(Company, Position)> {
        let at = now();
        let company = Company { id: CompanyId::new(), fields, version: 1, created_at: at, updated_at: at };
        let position = self.store.insert(actor, &company).await?;
        Ok((company, position))
    }

    /// # Errors
    /// `not-found` outside the actor's workspace.
    pub async fn get(&self, actor: &Actor, id: CompanyId) -> Result<Company> {
        self.store.find(actor.workspace, id).await?.ok_or_else(|| Failure::not_found("company"))
    }

    pub async fn list(&self, actor: &Actor, list: List) -> Result<Page<Company>> {
        self.store.list(actor.workspace, list).await
    }

    /// Replaces what a client may write.
    /// # Errors
    /// `not-found`; `stale` when it changed since it was read.
    pub async fn replace(&self, actor: &Actor, id: CompanyId, expected: IfMatch, fields: CompanyDraft) -> Result<(Company, Position)> {
        let current = self.get(actor, id).await?;
        expected.check(current.version)?;
        let company = Company { fields, version: current.version + 1, updated_at: now(), ..current };
        let position = self.store.update(actor, &company).await?;
        Ok((company, position))
    }

    pub async fn delete(&self, actor: &Actor, id: CompanyId, expected: IfMatch) -> Result<Position> {
        let current = self.get(actor, id).await?;
        expected.check(current.version)?;
        self.store.delete(actor, id, current.version).await
    }

    /// The tree of departments, parents before children.
    pub async fn departments(&self, actor: &Actor, company: CompanyId) -> Result<Vec<Department>> {
        self.get(actor, company).await?;
        let mut all = self.store.departments(actor.workspace, company).await?;
        in_tree_order(&mut all);
        Ok(all)
    }

    /// # Errors
    /// `invalid-input` when the parent is no department of this company, or there are too many.
    pub async fn add_department(&self, actor: &Actor, company: CompanyId, fields: DepartmentDraft) -> Result<Department> {
        let all = self.departments(actor, company).await?;
        if all.len() >= MAX_DEPARTMENTS {
            return Err(Failure::conflict(format!("A company has at most {MAX_DEPARTMENTS} departments.")));
        }
        let depth = match fields.parent_id {
            None => 0,
            Some(parent) => {
                let parent = all.iter().find(|department| department.id == parent);
                parent.ok_or_else(|| Failure::field("/parent_id", "unknown", "there is no such department in this company"))?.depth + 1
            }
        };
        let department = Department { id: DepartmentId::new(), company_id: company, fields, depth };
        self.store.insert_department(actor.workspace, &department).await?;
        Ok(department)
    }

    /// Removes a department and those below it.
    pub async fn delete_department(&self, actor: &Actor, company: CompanyId, id: DepartmentId) -> Result<()> {
        if self.store.delete_department(actor.workspace, company, id).await? { Ok(()) } else { Err(Failure::not_found("department")) }
    }

    /// Relationships between this company and records of one kind, or all.
    pub async fn relations(&self, actor: &Actor, id: CompanyId, with: Option<RecordKind>) -> Result<Page<Relationship>> {
        self.get(actor, id).await?;
        let company = Ref::from(id);
        let path = format!("/api/v1/relationships?of={company}&limit=200");
        let mut page: Page<Relationship> = self.client.get_as(actor, ServiceName::Relationship, path).await?;
        if let Some(kind) = with {
            page.items.retain(|edge| [edge.fields.from, edge.fields.to].iter().any(|end| *end != company && end.kind == kind));
        }
        Ok(page)
    }
}

/// The form in which search and the graph know a company.
pub(crate) fn projected(workspace: looma_types::WorkspaceId, company: &Company) -> Projected {
    let fields = &company.fields;
    let cities = fields.addresses.iter().filter_map(|address| address.city.clone());
    let mut projected = Projected::new(workspace, company.id.into(), company.version, &fields.name)
        .searchable()
        .node()
        .text("legal_name", fields.legal_name.clone().unwrap_or_default())
        .text("industry", fields.industry.clone().unwrap_or_default())
        .text("description", fields.description.clone().unwrap_or_default())
        .facet("industry", fields.industry.clone())
        .facet("location", cities);
    projected.subtitle.clone_from(&fields.industry);
    projected
}

pub(crate) fn upsert(actor: &Actor, company: &Company) -> Change {
    Change::Upsert(Box::new(projected(actor.workspace, company)))
}

/// Sorts parents before their children and tells each its depth.
fn in_tree_order(departments: &mut Vec<Department>) {
    let mut children: HashMap<Option<DepartmentId>, Vec<Department>> = HashMap::new();
    for department in departments.drain(..) {
        children.entry(department.fields.parent_id).or_default().push(department);
    }
    let mut stack: Vec<Department> = children.remove(&None).unwrap_or_default();
    stack.reverse();
    while let Some(department) = stack.pop() {
        for mut child in children.remove(&Some(department.id)).unwrap_or_default().into_iter().rev() {
            child.depth = department.depth + 1;
            stack.push(child);
        }
        departments.push(department);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn departments_come_parents_first_with_their_depth() {
        let department = |name: &str, parent| Department {
            id: DepartmentId::new(),
            company_id: CompanyId::new(),
            fields: DepartmentDraft { name: name.into(), parent_id: parent },
            depth: 0,
        };
        let top = department("Engineering", None);
        let below = department("Platform", Some(top.id));
        let leaf = department("Storage", Some(below.id));
        let mut all = vec![leaf, below, top];
        in_tree_order(&mut all);
        let seen: Vec<_> = all.iter().map(|d| (d.fields.name.as_str(), d.depth)).collect();
        assert_eq!(seen, [("Engineering", 0), ("Platform", 1), ("Storage", 2)]);
    }
}
