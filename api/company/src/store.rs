//! The tables `company` and `department`.

use crate::service::{projected, upsert};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use looma_kernel::types::company::{Company, CompanyDraft, Department, DepartmentDraft};
use looma_kernel::types::{CompanyId, DepartmentId, Page, RecordKind, WorkspaceId};
use looma_kernel::{Actor, Change, Failure, ListQuery, Position, Result, Sort};
use looma_store::{Projected, Source, Sql, on};
use sqlx::types::Json;
use uuid::Uuid;

/// What a list selects.
#[derive(Clone, Debug, Default)]
pub struct List {
    pub query: ListQuery,
    /// Part of the name.
    pub name: Option<String>,
    pub industry: Option<String>,
    pub sort: Sort,
}

/// One list, as text: where it begins, and in which order.
macro_rules! list {
    ($begins:literal, $order:literal) => {
        concat!(
            "SELECT id, workspace_id, fields, version, created_at, updated_at FROM company WHERE workspace_id = $1 AND ",
            $begins,
            " AND (CAST($4 AS TEXT) IS NULL OR lower(name) LIKE '%' || lower($4) || '%')
              AND (CAST($5 AS TEXT) IS NULL OR industry = $5) ",
            $order,
            " LIMIT $6"
        )
    };
}

const BY_NAME: &str = list!("(name, id) > ($2, $3)", "ORDER BY name, id");
const BY_CHANGE: &str = list!("(updated_at, id) < ($2, $3)", "ORDER BY updated_at DESC, id DESC");

#[derive(Clone)]
pub(crate) struct CompanyStore {
    sql: Sql,
}

#[derive(sqlx::FromRow)]
struct CompanyRow {
    id: Uuid,
    workspace_id: Uuid,
    fields: Json<CompanyDraft>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<CompanyRow> for Company {
    fn from(row: CompanyRow) -> Self {
        Self { id: row.id.into(), fields: row.fields.0, version: row.version, created_at: row.created_at, updated_at: row.updated_at }
    }
}

#[derive(sqlx::FromRow)]
struct DepartmentRow {
    id: Uuid,
    company_id: Uuid,
    parent_id: Option<Uuid>,
    name: String,
}

impl From<DepartmentRow> for Department {
    fn from(row: DepartmentRow) -> Self {
        let fields = DepartmentDraft { name: row.name, parent_id: row.parent_id.map(DepartmentId) };
        Self { id: row.id.into(), company_id: row.company_id.into(), fields, depth: 0 }
    }
}

impl CompanyStore {
    pub fn new(sql: Sql) -> Self {
        Self { sql }
    }

    pub async fn insert(&self, actor: &Actor, company: &Company) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        on!(tx.conn(), db => sqlx::query(
            "INSERT INTO company (id, workspace_id, name, industry, fields, version, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
            .bind(company.id.0).bind(actor.workspace.0).bind(&company.fields.name).bind(&company.fields.industry)
            .bind(Json(&company.fields)).bind(company.version).bind(company.created_at).bind(company.updated_at)
            .execute(db).await.map(|_| ()))?;
        tx.event(actor.event(company.id, company.version, "company.create", upsert(actor, company))).await?;
        Ok(tx.commit().await?)
    }

    pub async fn find(&self, workspace: WorkspaceId, id: CompanyId) -> Result<Option<Company>> {
        let row: Option<CompanyRow> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, fields, version, created_at, updated_at FROM company WHERE workspace_id = $1 AND id = $2")
            .bind(workspace.0).bind(id.0).fetch_optional(db).await)?;
        Ok(row.map(Into::into))
    }

    pub async fn list(&self, workspace: WorkspaceId, list: List) -> Result<Page<Company>> {
        let limit = list.query.limit()?;
        if list.sort == Sort::LastChanged {
            let (at, id) = list.query.before()?;
            let rows: Vec<CompanyRow> = on!(self.sql.read(), db => sqlx::query_as(BY_CHANGE)
                .bind(workspace.0).bind(at).bind(id).bind(&list.name).bind(&list.industry).bind(limit + 1).fetch_all(db).await)?;
            let companies = rows.into_iter().map(Company::from).collect();
            return Ok(ListQuery::page(limit, companies, |company| (company.updated_at, company.id.0)));
        }
        let (name, id): (String, Uuid) = list.query.after()?.unwrap_or_default();
        let rows: Vec<CompanyRow> = on!(self.sql.read(), db => sqlx::query_as(BY_NAME)
            .bind(workspace.0).bind(name).bind(id).bind(&list.name).bind(&list.industry).bind(limit + 1).fetch_all(db).await)?;
        let companies = rows.into_iter().map(Company::from).collect();
        Ok(ListQuery::page(limit, companies, |company| (company.fields.name.clone(), company.id.0)))
    }

    /// Refuses as stale where the version before is not the one stored.
    pub async fn update(&self, actor: &Actor, company: &Company) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        let changed = on!(tx.conn(), db => sqlx::query(
            "UPDATE company SET name = $3, industry = $4, fields = $5, version = $6, updated_at = $7 WHERE workspace_id = $1 AND id = $2 AND version = $6 - 1")
            .bind(actor.workspace.0).bind(company.id.0).bind(&company.fields.name).bind(&company.fields.industry)
            .bind(Json(&company.fields)).bind(company.version).bind(company.updated_at)
            .execute(db).await.map(|done| done.rows_affected()))?;
        if changed == 0 {
            return Err(Failure::stale());
        }
        tx.event(actor.event(company.id, company.version, "company.update", upsert(actor, company))).await?;
        Ok(tx.commit().await?)
    }

    pub async fn delete(&self, actor: &Actor, id: CompanyId, version: i64) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        let gone = on!(tx.conn(), db => sqlx::query("DELETE FROM company WHERE workspace_id = $1 AND id = $2 AND version = $3")
            .bind(actor.workspace.0).bind(id.0).bind(version).execute(db).await.map(|done| done.rows_affected()))?;
        if gone == 0 {
            return Err(Failure::stale());
        }
        tx.event(actor.event(id, version + 1, "company.delete", Change::Delete)).await?;
        Ok(tx.commit().await?)
    }

    pub async fn departments(&self, workspace: WorkspaceId, company: CompanyId) -> Result<Vec<Department>> {
        let rows: Vec<DepartmentRow> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, company_id, parent_id, name FROM department WHERE workspace_id = $1 AND company_id = $2 ORDER BY name, id")
            .bind(workspace.0).bind(company.0).fetch_all(db).await)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    pub async fn insert_department(&self, workspace: WorkspaceId, department: &Department) -> Result<()> {
        on!(self.sql.write(), db => sqlx::query(
            "INSERT INTO department (id, workspace_id, company_id, parent_id, name) VALUES ($1, $2, $3, $4, $5)")
            .bind(department.id.0).bind(workspace.0).bind(department.company_id.0).bind(department.fields.parent_id.map(|id| id.0))
            .bind(&department.fields.name).execute(db).await.map(|_| ()))?;
        Ok(())
    }

    pub async fn delete_department(&self, workspace: WorkspaceId, company: CompanyId, id: DepartmentId) -> Result<bool> {
        Ok(on!(self.sql.write(), db => sqlx::query("DELETE FROM department WHERE workspace_id = $1 AND company_id = $2 AND id = $3")
            .bind(workspace.0).bind(company.0).bind(id.0).execute(db).await.map(|done| done.rows_affected()))?
            > 0)
    }
}

/// The truth about companies, for rebuilding projections.
pub struct CompanySource(pub Sql);

#[async_trait]
impl Source for CompanySource {
    fn kind(&self) -> RecordKind {
        RecordKind::Company
    }

    async fn page(&self, after: Option<Uuid>, limit: i64) -> looma_store::Result<Vec<Projected>> {
        let rows: Vec<CompanyRow> = on!(self.0.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, fields, version, created_at, updated_at FROM company WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(after.unwrap_or_default()).bind(limit).fetch_all(db).await)?;
        Ok(rows.into_iter().map(|row| projected(WorkspaceId(row.workspace_id), &row.into())).collect())
    }
}
