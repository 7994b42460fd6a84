//! `Idempotency-Key`: a POST that is repeated with the same key gets the first answer again.

use crate::access::Actor;
use crate::failure::Failure;
use crate::kernel::Kernel;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, Limited};
use looma_store::idempotency::Kept;
use looma_types::ServiceName;
use std::collections::BTreeMap;

/// Answers larger than this are not kept; creations answer far less.
const MAX_ANSWER: usize = 1 << 20;

pub(crate) async fn layer(request: Request, next: Next) -> Response {
    // The gateway, the page hosts and the mobile service pass the key on; the service that creates keeps it.
    let own = request.extensions().get::<ServiceName>().copied();
    let passes_on = matches!(own, Some(ServiceName::Gateway | ServiceName::Web | ServiceName::AdminWeb | ServiceName::Mobile));
    if request.method() != Method::POST || passes_on || !request.headers().contains_key("idempotency-key") {
        return next.run(request).await;
    }
    once(request, next).await.unwrap_or_else(IntoResponse::into_response)
}

async fn once(request: Request, next: Next) -> Result<Response, Failure> {
    let (mut parts, body) = request.into_parts();
    let key = parts.headers.get("idempotency-key").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    if key.is_empty() || key.len() > 200 {
        return Err(Failure::bad_request("Idempotency-Key must be 1 to 200 visible ASCII characters."));
    }
    // Without a known actor there is nobody to keep an answer for: let the handler refuse.
    let Ok(actor) = Actor::from_request_parts(&mut parts, &()).await else {
        return Ok(next.run(Request::from_parts(parts, body)).await);
    };
    let kernel = Kernel::of(&parts.extensions)?.clone();
    let limit = kernel.settings().limits.upload_bytes;
    let body: Bytes = Limited::new(body, limit)
        .collect()
        .await
        .map_err(|_| Failure::too_large(format!("The body is larger than {limit} bytes.")))?
        .to_bytes();
    let mut hasher = blake3::Hasher::new();
    hasher.update(parts.uri.to_string().as_bytes());
    // A repeated upload has another multipart boundary: its length names it well enough.
    let multipart = parts.headers.get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/"));
    if !multipart {
        hasher.update(&body);
    }
    let fingerprint = hasher.finalize().to_hex().to_string();
    let sql = &kernel.stores().sql;

    match sql.claim_key(actor.workspace, actor.id, &key, &fingerprint).await? {
        Kept::Done { status, headers, body } => return Ok(replay(status, &headers, body)),
        Kept::Mismatch => {
            return Err(Failure::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency-mismatch",
                "The key was used for another request",
                "Use a new Idempotency-Key for each request that is not a repetition.".to_owned(),
            ));
        }
        Kept::InProgress => return Err(Failure::conflict("The first request with this Idempotency-Key is still being done.")),
        Kept::New => {}
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.map_err(Failure::internal)?.to_bytes();
    // An answer with a secret says `no-store`, and that holds here too.
    let secret = parts.headers.get("cache-control").is_some_and(|value| value == "no-store");
    if secret || parts.status.is_server_error() || bytes.len() > MAX_ANSWER {
        sql.release_key(actor.workspace, actor.id, &key).await?;
    } else {
        let kept = kept_headers(&parts.headers)?;
        sql.keep_answer(actor.workspace, actor.id, &key, parts.status.as_u16(), &kept, &bytes).await?;
    }
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

fn kept_headers(headers: &HeaderMap) -> Result<String, Failure> {
    let kept: BTreeMap<&str, &str> = ["content-type", "location", "etag", "looma-position"]
        .into_iter()
        .filter_map(|name| Some((name, headers.get(name)?.to_str().ok()?)))
        .collect();
    serde_json::to_string(&kept).map_err(Failure::internal)
}

fn replay(status: u16, headers: &str, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let kept: BTreeMap<String, String> = serde_json::from_str(headers).unwrap_or_default();
    for (name, value) in kept {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(HeaderName::from_static("idempotent-replayed"), HeaderValue::from_static("true"));
    response
}
