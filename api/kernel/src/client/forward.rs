//! A whole request on its way to a service: to a copy that is well, to another where that does no harm, and no longer than
//! there is time.

use super::Client;
use super::body::{Progress, Sent, watched};
use super::endpoints::{Asked, Endpoints};
use crate::deadline;
use crate::failure::{Failure, Result};
use axum::Router;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::response::Response;
use looma_types::ServiceName;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tower::ServiceExt;

/// Whoever was given less time than this has not failed when it is over.
const FAIR: Duration = Duration::from_millis(500);

/// What became of a request to one copy.
enum Outcome {
    Answered(Response),
    /// The time was over.
    Late,
    Broken(reqwest::Error),
}

impl Client {
    /// Passes a whole request on; its URI's path and query are used. Where a copy of the service fails, another is asked if
    /// nothing can have been done yet, or nothing is changed by doing it twice: unless the body is too large to be kept for
    /// that, or too much was tried again lately.
    /// # Errors
    /// 503 when the service cannot be reached or is given a rest; 504 when the time of the request being served is over.
    pub async fn forward(&self, service: ServiceName, request: Request<Body>) -> Result<Response> {
        if deadline::left(Instant::now()).is_some_and(|left| left.is_zero()) {
            return Err(Failure::late());
        }
        match self.local(service) {
            Some(router) => self.ask_here(service, router, request).await,
            None => self.ask_elsewhere(service, request).await,
        }
    }

    async fn ask_here(&self, service: ServiceName, router: Router, mut request: Request<Body>) -> Result<Response> {
        let copy = copies(&self.0.here, service)?;
        let asked = copy.pick(None, false, Instant::now()).map_err(|wait| resting(service, wait))?;
        deadline::write(request.headers_mut(), Instant::now());
        let (parts, body) = request.into_parts();
        let (body, progress) = watched(body);
        let answer = async { router.oneshot(Request::from_parts(parts, body)).await.map_err(|never| match never {}) };
        result(service, attempt(service, asked, &progress, answer).await)
    }

    async fn ask_elsewhere(&self, service: ServiceName, request: Request<Body>) -> Result<Response> {
        let copies = copies(&self.0.elsewhere, service)?;
        if let Some(checks) = &self.0.checks {
            copies.check(checks, &self.0.http);
        }
        let (parts, body) = request.into_parts();
        let mut body = Sent::new(&parts.headers, body).await?;
        let harmless = body.is_kept() && matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
        copies.count(Instant::now());
        let asked = copies.pick(None, harmless, Instant::now()).map_err(|wait| resting(service, wait))?;
        let endpoint = asked.endpoint();
        let outcome = self.send_to(service, asked, &parts, &mut body).await;
        let undone = matches!(&outcome, Outcome::Broken(error) if error.is_connect());
        if outcome.is_failure() && body.is_kept() && (undone || harmless) {
            let now = Instant::now();
            if let Ok(another) = copies.pick(Some(endpoint), harmless, now) {
                let granted = copies.may_retry(now);
                let said = if granted { "granted" } else { "refused" };
                metrics::counter!("gateway_retries_total", "service" => "gateway", "upstream" => service.as_str(), "budget" => said)
                    .increment(1);
                if granted {
                    drop(outcome);
                    return result(service, self.send_to(service, another, &parts, &mut body).await);
                }
            }
        }
        result(service, outcome)
    }

    async fn send_to(&self, service: ServiceName, asked: Asked<'_>, parts: &Parts, body: &mut Sent) -> Outcome {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let url = format!("{}{path}", asked.endpoint().url());
        let mut headers = parts.headers.clone();
        deadline::write(&mut headers, Instant::now());
        let (body, progress) = match body {
            Sent::Kept(bytes) => (bytes.clone().into(), Progress::whole()),
            Sent::Once(body) => {
                let (body, progress) = watched(std::mem::take(body));
                (reqwest::Body::wrap_stream(body.into_data_stream()), progress)
            }
        };
        let request = self.0.http.request(parts.method.clone(), url).headers(headers).body(body);
        let answer = async {
            let answer = request.send().await?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            let mut response = Response::new(Body::from_stream(answer.bytes_stream()));
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            Ok(response)
        };
        attempt(service, asked, &progress, answer).await
    }
}

/// Waits for a copy's answer as long as there is time, and notes how it did.
async fn attempt(
    service: ServiceName,
    asked: Asked<'_>,
    progress: &Progress,
    answer: impl Future<Output = reqwest::Result<Response>>,
) -> Outcome {
    let given = deadline::left(Instant::now());
    let outcome = match deadline::within(answer).await {
        Some(Ok(response)) => Outcome::Answered(response),
        Some(Err(error)) => {
            tracing::warn!(%service, copy = asked.endpoint().url(), %error, "a service cannot be reached");
            Outcome::Broken(error)
        }
        None => Outcome::Late,
    };
    if let Some(good) = outcome.verdict(service, progress, given) {
        asked.answered(good);
    }
    outcome
}

impl Outcome {
    fn is_failure(&self) -> bool {
        match self {
            Self::Answered(response) => is_failed(response.status(), response.headers()),
            // For another there is no time either.
            Self::Late => false,
            Self::Broken(_) => true,
        }
    }

    /// Whether it speaks for or against the copy, which had so much time; none where it does neither.
    fn verdict(&self, service: ServiceName, progress: &Progress, given: Option<Duration>) -> Option<bool> {
        let late = match self {
            Self::Answered(response) => response.status() == StatusCode::GATEWAY_TIMEOUT,
            Self::Late => true,
            Self::Broken(error) => return (error.is_connect() || !progress.is_broken()).then_some(false),
        };
        // The gateway passes on how others fail.
        if service == ServiceName::Gateway {
            return matches!(self, Self::Answered(_)).then_some(true);
        }
        if late {
            let fair = progress.is_whole() && given.is_none_or(|given| given >= FAIR);
            return fair.then_some(false);
        }
        Some(!self.is_failure())
    }
}

/// Whether an answer says that the copy is not well. Who says what it lacks at the moment and when to come back is well
/// itself, and its other routes are wanted.
fn is_failed(status: StatusCode, headers: &HeaderMap) -> bool {
    match status {
        StatusCode::INTERNAL_SERVER_ERROR | StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => true,
        StatusCode::SERVICE_UNAVAILABLE => !headers.contains_key(header::RETRY_AFTER),
        _ => false,
    }
}

fn copies(all: &HashMap<ServiceName, Endpoints>, service: ServiceName) -> Result<&Endpoints> {
    all.get(&service).ok_or_else(|| Failure::internal(format!("nobody knows where {service} is")))
}

fn result(service: ServiceName, outcome: Outcome) -> Result<Response> {
    match outcome {
        Outcome::Answered(response) => Ok(response),
        Outcome::Late => Err(Failure::late()),
        Outcome::Broken(_) => Err(Failure::unavailable(format!("The {service} service cannot be reached."), 1)),
    }
}

fn resting(service: ServiceName, wait: Option<Duration>) -> Failure {
    let seconds = wait.unwrap_or_default().as_secs_f64().ceil().max(1.0);
    Failure::unavailable(format!("The {service} service has failed and is given a rest."), seconds as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{self, RequestContext};
    use crate::settings::Settings;
    use axum::routing::get;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const SERVICE: ServiceName = ServiceName::Job;

    /// A client in whose process a service answers everything so, and how often it was asked.
    fn client(service: ServiceName, status: u16) -> (Client, Arc<AtomicUsize>) {
        let client = Client::new(&Settings::in_memory());
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = asked.clone();
        let answer = move || {
            counted.fetch_add(1, Ordering::Relaxed);
            std::future::ready(StatusCode::from_u16(status).unwrap())
        };
        client.register(service, Router::new().route("/", get(answer)));
        (client, asked)
    }

    #[tokio::test]
    async fn no_call_begins_when_its_time_is_over() {
        let (client, asked) = client(SERVICE, 200);
        let context = RequestContext { deadline: Some(Instant::now()), ..RequestContext::from_headers(&HeaderMap::new()) };
        let failure = context::scope(context.clone(), client.get(SERVICE, "/")).await.unwrap_err();
        assert_eq!((failure.status(), asked.load(Ordering::Relaxed)), (StatusCode::GATEWAY_TIMEOUT, 0));
        let later = RequestContext { deadline: Some(Instant::now() + Duration::from_mins(1)), ..context };
        context::scope(later, client.get(SERVICE, "/")).await.unwrap();
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn the_gateway_does_not_answer_for_those_behind_it() {
        for (service, expected) in [(SERVICE, 1), (ServiceName::Gateway, 0)] {
            let (client, _) = client(service, 500);
            client.get(service, "/").await.unwrap_err();
            assert_eq!(client.copies(service)[0].failures, expected, "{service}");
        }
    }

    #[test]
    fn who_is_well_is_told_from_who_is_not() {
        let mut headers = HeaderMap::new();
        let mut failed = |status| is_failed(StatusCode::from_u16(status).unwrap(), &headers);
        assert_eq!([200, 302, 404, 422, 429, 501].map(&mut failed), [false; 6]);
        assert_eq!([500, 502, 503, 504].map(&mut failed), [true; 4]);
        headers.insert(header::RETRY_AFTER, 1.into());
        assert!(!is_failed(StatusCode::SERVICE_UNAVAILABLE, &headers));
    }

    #[test]
    fn who_had_no_fair_chance_has_not_failed() {
        let half = Progress::default();
        for (progress, given, expected) in [
            (Progress::whole(), None, Some(false)),
            (Progress::whole(), Some(FAIR), Some(false)),
            (Progress::whole(), Some(FAIR / 2), None),
            (half, Some(FAIR), None),
        ] {
            assert_eq!(Outcome::Late.verdict(SERVICE, &progress, given), expected, "{progress:?} {given:?}");
        }
    }
}
