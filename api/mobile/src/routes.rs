//! `/m/v1`.

use crate::service::MobileService;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, StreamExt};
use looma_kernel::access::UseSync;
use looma_kernel::types::Problem;
use looma_kernel::types::mobile::SyncPage;
use looma_kernel::types::person::{Interaction, InteractionDraft, Person, PersonDraft};
use looma_kernel::{Allowed, Failure, Query, Reply, Result, Valid};
use serde::Deserialize;
use std::convert::Infallible;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes(service: MobileService) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(sync))
        .routes(routes!(events))
        .routes(routes!(add_interaction))
        .routes(routes!(add_person))
        .with_state(service)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Since {
    /// `cursor` of the sync before; everything where there is none.
    since: Option<String>,
    /// How many records, 1 to 2000; 1000 when not said.
    limit: Option<usize>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct From {
    /// `cursor` of the last sync; now where there is none.
    since: Option<String>,
}

/// What changed and what was deleted, oldest change first, each record at most once.
#[utoipa::path(get, path = "/m/v1/sync", params(Since), tag = "mobile",
    responses((status = 200, body = SyncPage), (status = "4XX", body = Problem)))]
async fn sync(
    State(service): State<MobileService>,
    Allowed(actor, ..): Allowed<UseSync>,
    Query(query): Query<Since>,
) -> Result<Reply<SyncPage>> {
    Ok(Reply::ok(service.sync(&actor, query.since.as_deref(), query.limit).await?))
}

/// An event `changed` whenever there is something to sync; its `cursor` tells up to where. The stream ends with the
/// access token's life; connect again.
#[utoipa::path(get, path = "/m/v1/events", params(From), tag = "mobile",
    responses((status = 200, body = String, content_type = "text/event-stream"), (status = "4XX", body = Problem)))]
async fn events(
    State(service): State<MobileService>,
    Allowed(actor, ..): Allowed<UseSync>,
    Query(query): Query<From>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let limit = tokio::time::sleep(service.stream_limit);
    let changes = service.changes(actor, query.since.as_deref()).await?;
    let events = changes
        .take_until(Box::pin(limit))
        .map(|cursor| Ok(Event::default().event("changed").data(serde_json::json!({ "cursor": cursor }).to_string())));
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

/// Notes an interaction. Send an `Idempotency-Key`: a phone often cannot know whether its request arrived.
#[utoipa::path(post, path = "/m/v1/interactions", request_body = InteractionDraft, tag = "mobile",
    responses((status = 201, body = Interaction), (status = "4XX", body = Problem)))]
async fn add_interaction(
    State(service): State<MobileService>,
    Allowed(actor, ..): Allowed<UseSync>,
    headers: HeaderMap,
    Valid(draft): Valid<InteractionDraft>,
) -> Result<Response> {
    service.create(&actor, "/api/v1/interactions", &draft, key(&headers)?).await
}

/// Adds a person; with an `Idempotency-Key` as above.
#[utoipa::path(post, path = "/m/v1/people", request_body = PersonDraft, tag = "mobile",
    responses((status = 201, body = Person), (status = "4XX", body = Problem)))]
async fn add_person(
    State(service): State<MobileService>,
    Allowed(actor, ..): Allowed<UseSync>,
    headers: HeaderMap,
    Valid(draft): Valid<PersonDraft>,
) -> Result<Response> {
    service.create(&actor, "/api/v1/people", &draft, key(&headers)?).await
}

fn key(headers: &HeaderMap) -> Result<Option<&str>> {
    let unreadable = |_| Failure::bad_request("Idempotency-Key must be 1 to 200 visible ASCII characters.");
    headers.get("idempotency-key").map(|value| value.to_str().map_err(unreadable)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::http::{Request, StatusCode, header};
    use looma_kernel::logs::LogRing;
    use looma_kernel::types::record::Ref;
    use looma_kernel::types::{RecordKind, ServiceName, WorkspaceId};
    use looma_kernel::{Actor, Change, Kernel, Settings};
    use looma_store::Projected;
    use std::time::Duration;

    const SERVICE: ServiceName = ServiceName::Mobile;

    async fn write(kernel: &Kernel, actor: &Actor, person: Ref, version: i64, name: Option<&str>) {
        let change = match name {
            Some(name) => Change::Upsert(Box::new(Projected::new(actor.workspace, person, version, name))),
            None => Change::Delete,
        };
        let mut tx = kernel.stores().sql.begin().await.unwrap();
        tx.event(actor.event(person, version, "person.write", change)).await.unwrap();
        tx.commit().await.unwrap();
    }

    #[tokio::test]
    async fn a_phone_follows_what_is_written() {
        let kernel = Kernel::open(Settings::in_memory(), LogRing::new(100)).await.unwrap();
        let _served = crate::app(&kernel).await.unwrap().finish();
        let ann = kernel.service_actor(SERVICE, WorkspaceId::new()).unwrap();
        let other = kernel.service_actor(SERVICE, WorkspaceId::new()).unwrap();
        let client = kernel.client();
        let [one, two, foreign] = [1, 2, 3].map(|n| Ref::new(RecordKind::Person, uuid::Uuid::from_u128(n)));
        write(&kernel, &ann, one, 1, Some("One")).await;
        write(&kernel, &ann, two, 1, Some("Two")).await;
        write(&kernel, &other, foreign, 1, Some("Foreign")).await;

        let first: SyncPage = client.get_as(&ann, SERVICE, "/m/v1/sync?limit=1").await.unwrap();
        assert_eq!((first.changed[0].record, first.more), (one, true));
        let second: SyncPage = client.get_as(&ann, SERVICE, format!("/m/v1/sync?since={}", first.cursor)).await.unwrap();
        assert_eq!((second.changed.iter().map(|record| record.record).collect::<Vec<_>>(), second.more), (vec![two], false));

        let request =
            Request::get("/m/v1/events").header(header::AUTHORIZATION, format!("Bearer {}", ann.token())).body(Body::empty()).unwrap();
        let response = client.forward(SERVICE, request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let mut events = response.into_body().into_data_stream();
        write(&kernel, &ann, one, 2, None).await;
        let event = tokio::time::timeout(Duration::from_secs(5), events.next()).await.unwrap().unwrap().unwrap();
        assert!(event.starts_with(b"event: changed"), "{event:?}");
        let third: SyncPage = client.get_as(&ann, SERVICE, format!("/m/v1/sync?since={}", second.cursor)).await.unwrap();
        assert_eq!((third.changed, third.deleted), (vec![], vec![one]));

        let ahead = looma_kernel::Cursor::encode(&1_000_000);
        let failure = client.get_as::<SyncPage>(&ann, SERVICE, format!("/m/v1/sync?since={ahead}")).await.unwrap_err();
        assert_eq!(failure.status(), StatusCode::GONE);
        kernel.begin_stop();
        assert!(tokio::time::timeout(Duration::from_secs(1), events.next()).await.unwrap().is_none());
        kernel.stop().await;
    }
}
