//! `/api/v1/logs`.

use crate::filter::Filter;
use crate::service::{LogService, Told};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt};
use looma_kernel::access::ReadLogs;
use looma_kernel::types::log::LogLine;
use looma_kernel::types::{Page, Problem};
use looma_kernel::{Allowed, ListQuery, Query, Reply, Result};
use serde::Deserialize;
use std::convert::Infallible;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes(service: LogService) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(find)).routes(routes!(tail)).with_state(service)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Find {
    /// How many lines, 1 to 200; 50 when not said.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Text anywhere in the line; upper and lower case are the same.
    query: Option<String>,
    /// `trace`, `debug`, `info`, `warn` or `error`: this level and those above.
    level: Option<String>,
    /// A service's name.
    service: Option<String>,
    /// The earliest instant, included.
    from: Option<DateTime<Utc>>,
    /// The latest instant, excluded.
    to: Option<DateTime<Utc>>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Follow {
    query: Option<String>,
    level: Option<String>,
    service: Option<String>,
}

/// Lines, newest first. A short page with a cursor means that there is more to look through.
#[utoipa::path(get, path = "/api/v1/logs", params(Find), tag = "logs",
    responses((status = 200, body = Page<LogLine>), (status = "4XX", body = Problem)))]
async fn find(State(service): State<LogService>, _: Allowed<ReadLogs>, Query(find): Query<Find>) -> Result<Reply<Page<LogLine>>> {
    let mut filter = Filter::new(find.query.as_deref(), find.level.as_deref(), find.service.as_deref())?;
    (filter.from, filter.to) = (find.from, find.to);
    Ok(Reply::ok(service.find(filter, ListQuery::new(find.limit, find.cursor)).await?))
}

/// Lines as they are written: events `line` (id: its number; `Last-Event-ID` goes on after it) and `missed`.
/// The stream ends with the access token's life; connect again.
#[utoipa::path(get, path = "/api/v1/logs/tail", params(Follow), tag = "logs",
    responses((status = 200, body = String, content_type = "text/event-stream"), (status = "4XX", body = Problem)))]
async fn tail(
    State(service): State<LogService>,
    _: Allowed<ReadLogs>,
    Query(follow): Query<Follow>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let filter = Filter::new(follow.query.as_deref(), follow.level.as_deref(), follow.service.as_deref())?;
    let after = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok());
    let limit = tokio::time::sleep(service.tail_limit);
    let lines = service.tail(filter, after).take_until(Box::pin(limit)).map(|told| Ok(event(&told)));
    Ok(Sse::new(lines).keep_alive(KeepAlive::default()))
}

fn event(told: &Told) -> Event {
    match told {
        Told::Line(line) => Event::default().event("line").id(line.seq.to_string()).data(serde_json::to_string(line).unwrap_or_default()),
        Told::Missed(count) => Event::default().event("missed").data(format!("{{\"count\":{count}}}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use looma_kernel::logs::LogRing;
    use looma_kernel::types::{ServiceName, WorkspaceId};
    use looma_kernel::{Kernel, Settings};
    use tracing_subscriber::layer::SubscriberExt;

    #[tokio::test]
    async fn what_is_logged_is_found_on_the_disk() {
        let top = tempfile::tempdir().unwrap();
        let mut settings = Settings { data: top.path().to_path_buf(), ..Settings::default() };
        settings.stores.data.clone_from(&settings.data);
        let ring = LogRing::new(1_000);
        let _here = tracing::subscriber::set_default(tracing_subscriber::registry().with(ring.clone()));
        let kernel = Kernel::open(settings, ring).await.unwrap();
        let _served = crate::app(&kernel).await.unwrap().finish();
        let ann = kernel.service_actor(ServiceName::Log, WorkspaceId::new()).unwrap();
        tracing::warn!(service = "job", password = "hunter2", "the needle");
        let path = "/api/v1/logs?query=NEEDLE&level=warn&service=job";
        let page: Page<LogLine> = kernel.client().get_as(&ann, ServiceName::Log, path).await.unwrap();
        assert_eq!(page.items.len(), 1, "{page:?}");
        kernel.stop().await;
        let name = format!("logs/looma-{}.log", looma_kernel::types::now().date_naive());
        let text = std::fs::read_to_string(top.path().join(name)).unwrap();
        assert!(text.contains("the needle") && !text.contains("hunter2"), "{text}");
    }
}
