//! `/api/v1/resumes/import` and `/api/v1/resumes/imports`.

use crate::imports::Imports;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use bytes::Bytes;
use futures::Stream;
use looma_kernel::access::{ReadResumes, WriteResumes};
use looma_kernel::types::resume::{Import, ImportState};
use looma_kernel::types::{ImportId, Page, PersonId, Problem};
use looma_kernel::{Actor, Allowed, Failure, ListQuery, Path, Query, Reply, Result};
use serde::Deserialize;
use std::convert::Infallible;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How often a watcher looks by itself, for changes made by another process.
const LOOK: Duration = Duration::from_secs(1);

pub(crate) fn routes(imports: Imports) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(import)).routes(routes!(list)).routes(routes!(get)).routes(routes!(events)).with_state(imports)
}

/// The form of an import.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form for the contract; fields are read one by one")]
struct ImportForm {
    /// PDF, DOC, DOCX or JSON Resume, at most 20 MiB.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// Whose resume it is, where that is known.
    person_id: Option<PersonId>,
}

/// Queues a file; a person with a resume comes of it.
#[utoipa::path(post, path = "/api/v1/resumes/import", request_body(content = ImportForm, content_type = "multipart/form-data"), tag = "imports",
    responses((status = 202, body = Import), (status = "4XX", body = Problem)))]
async fn import(State(imports): State<Imports>, Allowed(actor, ..): Allowed<WriteResumes>, request: Request) -> Result<Reply<Import>> {
    let form = Multipart::from_request(request, &()).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Failure::too_large("A resume file has at most 20 MiB."),
        _ => Failure::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "media-type",
            "A form expected",
            "Send the file as `multipart/form-data` in the field `file`.".to_owned(),
        ),
    })?;
    let (name, bytes, person) = read(form).await?;
    let import = imports.queue(&actor, &name, bytes, person).await?;
    Ok(Reply::accepted(format!("/api/v1/resumes/imports/{}", import.id), import))
}

async fn read(mut form: Multipart) -> Result<(String, Bytes, Option<PersonId>)> {
    let (mut file, mut person) = (None, None);
    while let Some(field) = form.next_field().await.map_err(form_failure)? {
        match field.name() {
            Some("file") if file.is_none() => {
                let name = field.file_name().unwrap_or("resume").to_owned();
                file = Some((name, field.bytes().await.map_err(form_failure)?));
            }
            Some("file") => return Err(Failure::field("/file", "count", "one file a request; send several requests for several files")),
            Some("person_id") => {
                let text = field.text().await.map_err(form_failure)?;
                if !text.trim().is_empty() {
                    person = Some(text.trim().parse().map_err(|_| Failure::field("/person_id", "format", "must be a UUID"))?);
                }
            }
            other => {
                return Err(Failure::field(&format!("/{}", other.unwrap_or_default()), "unknown", "known fields are file and person_id"));
            }
        }
    }
    let (name, bytes) = file.ok_or_else(|| Failure::field("/file", "missing", "the form has no field `file`"))?;
    Ok((name, bytes, person))
}

fn form_failure(error: axum::extract::multipart::MultipartError) -> Failure {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Failure::too_large("A resume file has at most 20 MiB.")
    } else {
        Failure::bad_request(format!("The form cannot be read: {}.", error.body_text()))
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// How many records, 1 to 200; 50 when not said.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    state: Option<ImportState>,
}

/// Imports, newest first.
#[utoipa::path(get, path = "/api/v1/resumes/imports", params(Filter), tag = "imports",
    responses((status = 200, body = Page<Import>), (status = "4XX", body = Problem)))]
async fn list(
    State(imports): State<Imports>,
    Allowed(actor, ..): Allowed<ReadResumes>,
    Query(filter): Query<Filter>,
) -> Result<Reply<Page<Import>>> {
    let page = imports.list(&actor, filter.state, ListQuery::new(filter.limit, filter.cursor)).await?;
    Ok(Reply::ok(page))
}

/// How an import is.
#[utoipa::path(get, path = "/api/v1/resumes/imports/{id}", params(("id" = ImportId, Path)), tag = "imports",
    responses((status = 200, body = Import), (status = "4XX", body = Problem)))]
async fn get(State(imports): State<Imports>, Allowed(actor, ..): Allowed<ReadResumes>, Path(id): Path<ImportId>) -> Result<Reply<Import>> {
    Ok(Reply::ok(imports.get(&actor, id).await?))
}

/// An import as it goes on: an `import` event at each change, the last when it is done or failed.
#[utoipa::path(get, path = "/api/v1/resumes/imports/{id}/events", params(("id" = ImportId, Path)), tag = "imports",
    responses((status = 200, content_type = "text/event-stream"), (status = "4XX", body = Problem)))]
async fn events(
    State(imports): State<Imports>,
    Allowed(actor, ..): Allowed<ReadResumes>,
    Path(id): Path<ImportId>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    imports.get(&actor, id).await?;
    Ok(Sse::new(watch(imports, actor, id)).keep_alive(KeepAlive::default()))
}

fn watch(imports: Imports, actor: Actor, id: ImportId) -> impl Stream<Item = Result<Event, Infallible>> {
    let state = (imports.changes(), imports.stopping(), None::<Import>, false);
    futures::stream::unfold(state, move |(mut changes, mut stop, mut last, ended)| {
        let (imports, actor) = (imports.clone(), actor.clone());
        async move {
            while !ended && !*stop.borrow() {
                let import = imports.get(&actor, id).await.ok()?;
                if last.as_ref() != Some(&import) {
                    let ended = matches!(import.state, ImportState::Done | ImportState::Failed);
                    let event = Event::default().event("import").json_data(&import).ok()?;
                    last = Some(import);
                    return Some((Ok(event), (changes, stop, last, ended)));
                }
                tokio::select! {
                    _ = changes.recv() => {}
                    () = tokio::time::sleep(LOOK) => {}
                    _ = stop.changed() => {}
                }
            }
            None
        }
    })
}
