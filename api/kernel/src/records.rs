//! Which service owns a record, to ask whether it exists.

use crate::access::Actor;
use crate::client::Client;
use crate::failure::{Failure, Result};
use axum::http::{Method, StatusCode};
use futures::stream::{self, StreamExt, TryStreamExt};
use looma_types::problem::FieldError;
use looma_types::{RecordKind, Ref, ServiceName};

/// How many records are asked for at the same time.
const AT_ONCE: usize = 8;

/// The service that owns a kind of record, and the path of its list.
const fn home(kind: RecordKind) -> (ServiceName, &'static str) {
    match kind {
        RecordKind::Person => (ServiceName::Relationship, "people"),
        RecordKind::Company => (ServiceName::Company, "companies"),
        RecordKind::Job => (ServiceName::Job, "jobs"),
        RecordKind::Project => (ServiceName::Project, "projects"),
        RecordKind::Resume => (ServiceName::Resume, "resumes"),
        RecordKind::Skill => (ServiceName::Skill, "skills"),
        RecordKind::User => (ServiceName::User, "users"),
        RecordKind::Interaction => (ServiceName::Relationship, "interactions"),
        RecordKind::Relationship => (ServiceName::Relationship, "relationships"),
        RecordKind::Application => (ServiceName::Job, "applications"),
    }
}

impl Client {
    /// Whether the actor's workspace has the record, asked at the service that owns it.
    /// # Errors
    /// What that service answers otherwise; 503 when it cannot be reached.
    pub async fn exists(&self, actor: &Actor, record: Ref) -> Result<bool> {
        let (service, list) = home(record.kind);
        let answer = self.call(service, Method::GET, format!("/api/v1/{list}/{}", record.id)).actor(actor).send_any().await?;
        match answer.status {
            StatusCode::NOT_FOUND => Ok(false),
            status if status.is_success() => Ok(true),
            _ => Err(answer.into_failure()),
        }
    }

    /// Refuses references to records that do not exist, each by its JSON pointer.
    /// # Errors
    /// 422 naming every pointer; what [`Client::exists`] says.
    pub async fn must_exist(&self, actor: &Actor, records: Vec<(String, Ref)>) -> Result<()> {
        let unknown: Vec<FieldError> = stream::iter(records)
            .map(
                |(pointer, record)| async move { Ok::<_, Failure>((!self.exists(actor, record).await?).then(|| unknown(pointer, record))) },
            )
            .buffered(AT_ONCE)
            .try_filter_map(|error| async move { Ok(error) })
            .try_collect()
            .await?;
        if unknown.is_empty() { Ok(()) } else { Err(Failure::invalid(unknown)) }
    }
}

fn unknown(pointer: String, record: Ref) -> FieldError {
    FieldError::new(pointer, "unknown", format!("there is no such {} in this workspace", record.kind))
}
