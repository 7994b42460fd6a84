//! The tables `person`, `person_contact` and `person_tag`.

use super::draft::{contacts, digits, search_text};
use super::record::projected;
use crate::{interactions, relationships};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use looma_kernel::types::person::{Person, PersonDraft, Ranked};
use looma_kernel::types::{Page, PersonId, RecordKind, Ref, UserId, WorkspaceId};
use looma_kernel::{Actor, Change, Failure, ListQuery, Position, Result, Sort};
use looma_store::{Projected, Source, Sql, Tx, like, on};
use sqlx::QueryBuilder;
use sqlx::types::Json;
use uuid::Uuid;

/// How many rows one statement inserts at most: databases bound what may be bound.
const ROWS: usize = 2_000;

/// What a list selects; all of it must hold.
#[derive(Clone, Debug, Default)]
pub struct List {
    pub query: ListQuery,
    /// Part of a name, an e-mail or the headline.
    pub q: Option<String>,
    /// Part of the location.
    pub location: Option<String>,
    pub owner: Option<UserId>,
    pub tag: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub sort: Sort,
}

#[derive(Clone)]
pub(crate) struct PeopleStore {
    sql: Sql,
}

#[derive(sqlx::FromRow)]
struct PersonRow {
    id: Uuid,
    workspace_id: Uuid,
    fields: Json<PersonDraft>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<PersonRow> for Person {
    fn from(row: PersonRow) -> Self {
        Self { id: row.id.into(), fields: row.fields.0, version: row.version, created_at: row.created_at, updated_at: row.updated_at }
    }
}

/// One list, as text: where it begins, and in which order.
macro_rules! list {
    ($begins:literal, $order:literal) => {
        concat!(
            "SELECT id, workspace_id, fields, version, created_at, updated_at FROM person WHERE workspace_id = $1 AND ",
            $begins,
            " AND (CAST($4 AS TEXT) IS NULL OR search_text LIKE $4 ESCAPE '\\')
              AND (CAST($5 AS TEXT) IS NULL OR location_text LIKE $5 ESCAPE '\\')
              AND ($6 IS NULL OR owner_id = $6)
              AND (CAST($7 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM person_tag WHERE person_id = person.id AND tag = $7))
              AND (CAST($8 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM person_contact WHERE person_id = person.id AND value = $8))
              AND (CAST($9 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM person_contact WHERE person_id = person.id AND value = $9)) ",
            $order,
            " LIMIT $10"
        )
    };
}

const BY_NAME: &str = list!("(name, id) > ($2, $3)", "ORDER BY name, id");
const BY_CHANGE: &str = list!("(updated_at, id) < ($2, $3)", "ORDER BY updated_at DESC, id DESC");
// An exact e-mail or phone names few people: they are found by it and sorted then.
const CONTACT_BY_NAME: &str = list!(
    "id IN (SELECT person_id FROM person_contact WHERE workspace_id = $1 AND value = COALESCE($8, $9)) AND (name, id) > ($2, $3)",
    "ORDER BY name, id"
);
const CONTACT_BY_CHANGE: &str = list!(
    "id IN (SELECT person_id FROM person_contact WHERE workspace_id = $1 AND value = COALESCE($8, $9)) AND (updated_at, id) < ($2, $3)",
    "ORDER BY updated_at DESC, id DESC"
);

impl PeopleStore {
    pub fn new(sql: Sql) -> Self {
        Self { sql }
    }

    /// Inserts new people in one transaction, some hundreds at most.
    pub async fn insert(&self, actor: &Actor, people: &[Person]) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        let insert =
            "INSERT INTO person (id, workspace_id, name, owner_id, search_text, location_text, fields, version, created_at, updated_at) ";
        on!(tx.conn(), db => {
            let mut query = QueryBuilder::new(insert);
            query.push_values(people, |mut row, person| {
                row.push_bind(person.id.0).push_bind(actor.workspace.0).push_bind(person.fields.name.clone())
                    .push_bind(person.fields.owner_id.map(|id| id.0)).push_bind(search_text(&person.fields))
                    .push_bind(location_text(&person.fields)).push_bind(Json(person.fields.clone()))
                    .push_bind(person.version).push_bind(person.created_at).push_bind(person.updated_at);
            });
            Box::pin(query.build().execute(db)).await.map(|_| ())
        })?;
        index(&mut tx, actor.workspace, people).await?;
        let created = people.iter().map(|person| actor.event(person.id, person.version, "person.create", upsert(actor, person)));
        tx.events(created.collect()).await?;
        Ok(tx.commit().await?)
    }

    pub async fn find(&self, workspace: WorkspaceId, id: PersonId) -> Result<Option<Person>> {
        let row: Option<PersonRow> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, fields, version, created_at, updated_at FROM person WHERE workspace_id = $1 AND id = $2")
            .bind(workspace.0).bind(id.0).fetch_optional(db).await)?;
        Ok(row.map(Into::into))
    }

    pub async fn exists(&self, workspace: WorkspaceId, id: PersonId) -> Result<bool> {
        let found: Option<i64> = on!(self.sql.read(), db => sqlx::query_scalar("SELECT version FROM person WHERE workspace_id = $1 AND id = $2")
            .bind(workspace.0).bind(id.0).fetch_optional(db).await)?;
        Ok(found.is_some())
    }

    pub async fn list(&self, workspace: WorkspaceId, list: List) -> Result<Page<Person>> {
        let limit = list.query.limit()?;
        let part = |text: &Option<String>| text.as_deref().map(like);
        let (q, location, owner) = (part(&list.q), part(&list.location), list.owner.map(|id| id.0));
        let email = list.email.as_deref().map(|email| email.trim().to_lowercase());
        let phone = list.phone.as_deref().map(digits);
        let exact = email.is_some() || phone.is_some();
        let rows: Vec<PersonRow> = if list.sort == Sort::LastChanged {
            let (at, id) = list.query.before()?;
            on!(self.sql.read(), db => sqlx::query_as(if exact { CONTACT_BY_CHANGE } else { BY_CHANGE })
                .bind(workspace.0).bind(at).bind(id).bind(q).bind(location).bind(owner).bind(&list.tag).bind(email).bind(phone).bind(limit + 1)
                .fetch_all(db).await)?
        } else {
            let (name, id): (String, Uuid) = list.query.after()?.unwrap_or_default();
            on!(self.sql.read(), db => sqlx::query_as(if exact { CONTACT_BY_NAME } else { BY_NAME })
                .bind(workspace.0).bind(name).bind(id).bind(q).bind(location).bind(owner).bind(&list.tag).bind(email).bind(phone).bind(limit + 1)
                .fetch_all(db).await)?
        };
        let people = rows.into_iter().map(Person::from).collect();
        Ok(if list.sort == Sort::LastChanged {
            ListQuery::page(limit, people, |person| (person.updated_at, person.id.0))
        } else {
            ListQuery::page(limit, people, |person| (person.fields.name.clone(), person.id.0))
        })
    }

    /// Refuses as stale where the version before is not the one stored.
    pub async fn update(&self, actor: &Actor, person: &Person) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        let changed = on!(tx.conn(), db => sqlx::query(
            "UPDATE person SET name = $3, owner_id = $4, search_text = $5, location_text = $6, fields = $7, version = $8, updated_at = $9
             WHERE workspace_id = $1 AND id = $2 AND version = $8 - 1")
            .bind(actor.workspace.0).bind(person.id.0).bind(&person.fields.name).bind(person.fields.owner_id.map(|id| id.0))
            .bind(search_text(&person.fields)).bind(location_text(&person.fields)).bind(Json(&person.fields))
            .bind(person.version).bind(person.updated_at).execute(db).await.map(|done| done.rows_affected()))?;
        if changed == 0 {
            return Err(Failure::stale());
        }
        index_again(&mut tx, actor.workspace, person).await?;
        tx.event(actor.event(person.id, person.version, "person.update", upsert(actor, person))).await?;
        Ok(tx.commit().await?)
    }

    /// Deletes a person with their relationships and takes them out of interactions; those with nobody left go too.
    pub async fn delete(&self, actor: &Actor, id: PersonId, version: i64) -> Result<Position> {
        let mut tx = self.sql.begin().await?;
        let gone = on!(tx.conn(), db => sqlx::query("DELETE FROM person WHERE workspace_id = $1 AND id = $2 AND version = $3")
            .bind(actor.workspace.0).bind(id.0).bind(version).execute(db).await.map(|done| done.rows_affected()))?;
        if gone == 0 {
            return Err(Failure::stale());
        }
        relationships::store::forget(&mut tx, actor, id.into()).await?;
        interactions::store::forget(&mut tx, actor, id.into()).await?;
        tx.event(actor.event(id, version + 1, "person.delete", Change::Delete)).await?;
        Ok(tx.commit().await?)
    }

    /// People nobody has interacted with since `since`, the longest silence first; the value is in days. Who never had
    /// an interaction counts from the day they were entered.
    pub async fn out_of_touch(&self, workspace: WorkspaceId, since: DateTime<Utc>, limit: i64) -> Result<Vec<Ranked>> {
        let rows: Vec<(Uuid, String, DateTime<Utc>)> = on!(self.sql.read(), db => sqlx::query_as(
            "SELECT person.id, person.name, COALESCE(MAX(w.at), person.created_at) AS last
             FROM person LEFT JOIN interaction_with w ON w.workspace_id = person.workspace_id AND w.record_kind = 'person' AND w.record_id = person.id
             WHERE person.workspace_id = $1 GROUP BY person.id, person.name, person.created_at
             HAVING COALESCE(MAX(w.at), person.created_at) < $2 ORDER BY 3, person.id LIMIT $3")
            .bind(workspace.0).bind(since).bind(limit).fetch_all(db).await)?;
        let now = looma_kernel::types::now();
        let ranked = |(id, label, last): (Uuid, String, DateTime<Utc>)| Ranked {
            record: Ref::new(RecordKind::Person, id),
            label,
            value: (now - last).num_days() as f64,
        };
        Ok(rows.into_iter().map(ranked).collect())
    }
}

fn upsert(actor: &Actor, person: &Person) -> Change {
    Change::Upsert(Box::new(projected(actor.workspace, person)))
}

fn location_text(draft: &PersonDraft) -> String {
    draft.location.as_deref().unwrap_or_default().to_lowercase()
}

/// Writes what new people are found by.
async fn index(tx: &mut Tx, workspace: WorkspaceId, people: &[Person]) -> Result<()> {
    let contacts: Vec<(Uuid, String)> = people.iter().flat_map(|one| contacts(&one.fields).map(|value| (one.id.0, value))).collect();
    for some in contacts.chunks(ROWS) {
        on!(tx.conn(), db => {
            let mut query = QueryBuilder::new("INSERT INTO person_contact (person_id, workspace_id, value) ");
            query.push_values(some, |mut row, (id, value)| {
                row.push_bind(*id).push_bind(workspace.0).push_bind(value.clone());
            });
            query.build().execute(db).await.map(|_| ())
        })?;
    }
    let tags: Vec<(Uuid, &String)> = people.iter().flat_map(|one| one.fields.tags.iter().map(|tag| (one.id.0, tag))).collect();
    for some in tags.chunks(ROWS) {
        on!(tx.conn(), db => {
            let mut query = QueryBuilder::new("INSERT INTO person_tag (person_id, tag) ");
            query.push_values(some, |mut row, (id, tag)| {
                row.push_bind(*id).push_bind((*tag).clone());
            });
            query.build().execute(db).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// Writes anew what a person is found by.
async fn index_again(tx: &mut Tx, workspace: WorkspaceId, person: &Person) -> Result<()> {
    for delete in ["DELETE FROM person_contact WHERE person_id = $1", "DELETE FROM person_tag WHERE person_id = $1"] {
        on!(tx.conn(), db => sqlx::query(delete).bind(person.id.0).execute(db).await.map(|_| ()))?;
    }
    index(tx, workspace, std::slice::from_ref(person)).await
}

/// The truth about people, for rebuilding projections.
pub struct PersonSource(pub Sql);

#[async_trait]
impl Source for PersonSource {
    fn kind(&self) -> RecordKind {
        RecordKind::Person
    }

    async fn page(&self, after: Option<Uuid>, limit: i64) -> looma_store::Result<Vec<Projected>> {
        let rows: Vec<PersonRow> = on!(self.0.read(), db => sqlx::query_as(
            "SELECT id, workspace_id, fields, version, created_at, updated_at FROM person WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(after.unwrap_or_default()).bind(limit).fetch_all(db).await)?;
        Ok(rows.into_iter().map(|row| projected(WorkspaceId(row.workspace_id), &row.into())).collect())
    }
}
