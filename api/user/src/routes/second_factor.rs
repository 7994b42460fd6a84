//! `/api/v1/users/me/totp`: the second factor.

use super::secret;
use super::users::Scope;
use crate::service::UserService;
use axum::extract::State;
use axum::response::Response;
use looma_kernel::access::{ManageUsers, ReadOwnUser};
use looma_kernel::types::user::{Code, CurrentPassword, RecoveryCodes, SecondFactor, SecondFactorSecret};
use looma_kernel::types::{Problem, UserId};
use looma_kernel::{Allowed, Path, Query, Reply, Result, Valid};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<UserService> {
    OpenApiRouter::new()
        .routes(routes!(get, begin))
        .routes(routes!(confirm))
        .routes(routes!(replace_codes))
        .routes(routes!(remove))
        .routes(routes!(reset))
}

/// Whether your sign-in asks for a second factor.
#[utoipa::path(get, path = "/api/v1/users/me/totp", tag = "second-factor",
    responses((status = 200, body = SecondFactor), (status = "4XX", body = Problem)))]
async fn get(State(service): State<UserService>, Allowed(actor, ..): Allowed<ReadOwnUser>) -> Result<Reply<SecondFactor>> {
    Ok(Reply::ok(service.second_factor(&actor).await?))
}

/// Makes a secret for an authenticator app. Sign-in asks for its codes once you have confirmed one.
#[utoipa::path(post, path = "/api/v1/users/me/totp", request_body = CurrentPassword, tag = "second-factor",
    responses((status = 200, body = SecondFactorSecret), (status = "4XX", body = Problem)))]
async fn begin(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ReadOwnUser>,
    Valid(body): Valid<CurrentPassword>,
) -> Result<Response> {
    Ok(secret(Reply::ok(service.begin_second_factor(&actor, body.current_password).await?)))
}

/// Turns the second factor on; only this answer holds the recovery codes.
#[utoipa::path(post, path = "/api/v1/users/me/totp/confirm", request_body = Code, tag = "second-factor",
    responses((status = 200, body = RecoveryCodes), (status = "4XX", body = Problem)))]
async fn confirm(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ReadOwnUser>,
    Valid(body): Valid<Code>,
) -> Result<Response> {
    Ok(secret(Reply::ok(service.confirm_second_factor(&actor, &body.code).await?)))
}

/// New recovery codes; those from before work no longer.
#[utoipa::path(post, path = "/api/v1/users/me/totp/recovery-codes", request_body = CurrentPassword, tag = "second-factor",
    responses((status = 200, body = RecoveryCodes), (status = "4XX", body = Problem)))]
async fn replace_codes(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ReadOwnUser>,
    Valid(body): Valid<CurrentPassword>,
) -> Result<Response> {
    Ok(secret(Reply::ok(service.replace_recovery_codes(&actor, body.current_password).await?)))
}

/// Turns your second factor off.
#[utoipa::path(post, path = "/api/v1/users/me/totp/remove", request_body = CurrentPassword, tag = "second-factor",
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn remove(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ReadOwnUser>,
    Valid(body): Valid<CurrentPassword>,
) -> Result<Reply<()>> {
    service.remove_second_factor(&actor, body.current_password).await?;
    Ok(Reply::gone())
}

/// Turns off the second factor of a user who has lost it.
#[utoipa::path(delete, path = "/api/v1/users/{id}/totp", params(("id" = UserId, Path), Scope), tag = "second-factor",
    responses((status = 204), (status = "4XX", body = Problem)))]
async fn reset(
    State(service): State<UserService>,
    Allowed(actor, ..): Allowed<ManageUsers>,
    Path(id): Path<UserId>,
    Query(scope): Query<Scope>,
) -> Result<Reply<()>> {
    let workspace = UserService::workspace_of(&actor, scope.workspace_id)?;
    service.reset_second_factor(&actor, workspace, id).await?;
    Ok(Reply::gone())
}
