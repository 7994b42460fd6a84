//! `/api/v1/config`.

use crate::service::ConfigService;
use axum::extract::State;
use looma_kernel::access::ManageConfig;
use looma_kernel::types::config::{ConfigChange, ConfigRollback, ConfigVersion, LiveSettings};
use looma_kernel::types::{Page, Problem};
use looma_kernel::{Allowed, IfMatch, ListQuery, Path, Query, Reply, Result, Valid};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes(service: ConfigService) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(newest, update))
        .routes(routes!(versions))
        .routes(routes!(version))
        .routes(routes!(diff))
        .routes(routes!(rollback))
        .with_state(service)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Note {
    /// Why the settings change, at most 500 characters.
    note: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Between {
    from: i64,
    to: i64,
}

/// The settings in force.
#[utoipa::path(get, path = "/api/v1/config", tag = "config",
    responses((status = 200, body = ConfigVersion), (status = "4XX", body = Problem)))]
async fn newest(State(service): State<ConfigService>, _: Allowed<ManageConfig>) -> Result<Reply<ConfigVersion>> {
    let newest = service.newest().await?;
    Ok(Reply::record(newest.version, newest))
}

/// Replaces the settings; they are in force at once.
#[utoipa::path(put, path = "/api/v1/config", params(Note), request_body = LiveSettings, tag = "config",
    responses((status = 200, body = ConfigVersion), (status = "4XX", body = Problem)))]
async fn update(
    State(service): State<ConfigService>,
    Allowed(actor, ..): Allowed<ManageConfig>,
    Query(Note { note }): Query<Note>,
    expected: IfMatch,
    Valid(settings): Valid<LiveSettings>,
) -> Result<Reply<ConfigVersion>> {
    let version = service.update(&actor, expected, settings, note).await?;
    Ok(Reply::record(version.version, version))
}

/// All versions, newest first.
#[utoipa::path(get, path = "/api/v1/config/versions", params(ListQuery), tag = "config",
    responses((status = 200, body = Page<ConfigVersion>), (status = "4XX", body = Problem)))]
async fn versions(
    State(service): State<ConfigService>,
    _: Allowed<ManageConfig>,
    Query(query): Query<ListQuery>,
) -> Result<Reply<Page<ConfigVersion>>> {
    Ok(Reply::ok(service.versions(query).await?))
}

/// One version; 0 is what the settings file says.
#[utoipa::path(get, path = "/api/v1/config/versions/{version}", params(("version" = i64, Path)), tag = "config",
    responses((status = 200, body = ConfigVersion), (status = "4XX", body = Problem)))]
async fn version(State(service): State<ConfigService>, _: Allowed<ManageConfig>, Path(number): Path<i64>) -> Result<Reply<ConfigVersion>> {
    let version = service.version(number).await?;
    Ok(Reply::record(version.version, version))
}

/// What differs between two versions.
#[utoipa::path(get, path = "/api/v1/config/diff", params(Between), tag = "config",
    responses((status = 200, body = Page<ConfigChange>), (status = "4XX", body = Problem)))]
async fn diff(
    State(service): State<ConfigService>,
    _: Allowed<ManageConfig>,
    Query(between): Query<Between>,
) -> Result<Reply<Page<ConfigChange>>> {
    Ok(Reply::ok(service.diff(between.from, between.to).await?))
}

/// Makes the settings of an earlier version the newest.
#[utoipa::path(post, path = "/api/v1/config/rollback", request_body = ConfigRollback, tag = "config",
    responses((status = 200, body = ConfigVersion), (status = "4XX", body = Problem)))]
async fn rollback(
    State(service): State<ConfigService>,
    Allowed(actor, ..): Allowed<ManageConfig>,
    expected: IfMatch,
    Valid(body): Valid<ConfigRollback>,
) -> Result<Reply<ConfigVersion>> {
    let version = service.rollback(&actor, expected, body.version).await?;
    Ok(Reply::record(version.version, version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{Method, StatusCode, header};
    use looma_kernel::logs::LogRing;
    use looma_kernel::types::{ServiceName, WorkspaceId};
    use looma_kernel::{Kernel, Settings};

    const SERVICE: ServiceName = ServiceName::Config;

    #[tokio::test]
    async fn settings_change_with_versions_and_come_back() {
        let kernel = Kernel::open(Settings::in_memory(), LogRing::new(100)).await.unwrap();
        let _served = crate::app(&kernel).await.unwrap().finish();
        let ann = kernel.service_actor(SERVICE, WorkspaceId::new()).unwrap();
        let client = kernel.client();
        let first: ConfigVersion = client.get_as(&ann, SERVICE, "/api/v1/config").await.unwrap();
        assert_eq!(first.version, 0);

        let put = async |settings: LiveSettings| {
            let call = client.call(SERVICE, Method::PUT, "/api/v1/config?note=quieter").actor(&ann).header(header::IF_MATCH, "\"0\"");
            call.json(&settings).unwrap().send_any().await.unwrap()
        };
        let wrong = LiveSettings { log_level: "looma=shouting".into(), ..first.settings.clone() };
        assert_eq!(put(wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let quieter = LiveSettings { rate_limit_burst: 7, ..first.settings.clone() };
        assert_eq!(put(quieter).await.json::<ConfigVersion>().unwrap().version, 1);
        assert_eq!(kernel.live().borrow().rate_limit_burst, 7);
        let late = LiveSettings { rate_limit_burst: 8, ..first.settings.clone() };
        assert_eq!(put(late).await.status, StatusCode::PRECONDITION_FAILED);

        let changes: Page<ConfigChange> = client.get_as(&ann, SERVICE, "/api/v1/config/diff?from=0&to=1").await.unwrap();
        assert_eq!(changes.items.iter().map(|change| change.key.as_str()).collect::<Vec<_>>(), ["rate_limit_burst"]);
        let back = client.post_as(&ann, SERVICE, "/api/v1/config/rollback", &ConfigRollback { version: 0 }).await.unwrap();
        assert_eq!(back.json::<ConfigVersion>().unwrap().settings, first.settings);
        assert_eq!(*kernel.live().borrow(), first.settings);

        let page: Page<ConfigVersion> = client.get_as(&ann, SERVICE, "/api/v1/config/versions?limit=2").await.unwrap();
        let rest = format!("/api/v1/config/versions?limit=2&cursor={}", page.next_cursor.unwrap());
        let rest: Page<ConfigVersion> = client.get_as(&ann, SERVICE, rest).await.unwrap();
        let numbers: Vec<i64> = page.items.iter().chain(&rest.items).map(|version| version.version).collect();
        assert_eq!((numbers, rest.next_cursor), (vec![2, 1, 0], None));
        kernel.stop().await;
    }
}
