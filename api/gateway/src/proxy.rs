//! A request's way through the door: where to → who → how often → may they → there and back.

use crate::cors;
use crate::headers;
use crate::limiter::{Key, Left, Limiter};
use crate::policy::{Need, need};
use crate::table::{Target, target};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Extensions, HeaderMap, header};
use axum::response::{IntoResponse, Response};
use looma_kernel::app::no_such_route;
use looma_kernel::types::Permission;
use looma_kernel::{Actor, Failure, Kernel, context};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often counters of those who stay away are forgotten.
const SWEEP: Duration = Duration::from_secs(10);

/// What the gateway is made of.
#[derive(Clone)]
pub(crate) struct Gateway(Arc<Parts>);

struct Parts {
    kernel: Kernel,
    requests: Limiter,
    logins: Limiter,
}

pub(crate) fn routes(gateway: Gateway) -> Router {
    let other_origins = cors::layer(&gateway.kernel().settings().gateway.cors_origins);
    Router::new().fallback(pass).layer(other_origins).with_state(gateway)
}

impl Gateway {
    pub fn new(kernel: &Kernel) -> Self {
        let live = kernel.live().borrow().clone();
        Self(Arc::new(Parts {
            kernel: kernel.clone(),
            requests: Limiter::per_second("default", live.rate_limit_per_second, live.rate_limit_burst),
            logins: Limiter::logins(),
        }))
    }

    /// Applies changes of the rate while running, and sweeps the counters.
    pub fn follow_settings(&self, kernel: &Kernel) {
        let gateway = self.clone();
        let mut live = kernel.live().subscribe();
        kernel.spawn(|mut stop| async move {
            let mut sweep = tokio::time::interval(SWEEP);
            let mut rate = {
                let live = live.borrow();
                (live.rate_limit_per_second, live.rate_limit_burst)
            };
            loop {
                tokio::select! {
                    _ = stop.wait_for(|stop| *stop) => return,
                    _ = sweep.tick() => {
                        gateway.0.requests.sweep();
                        gateway.0.logins.sweep();
                    }
                    changed = live.changed() => {
                        if changed.is_err() {
                            return;
                        }
                        let new = { let live = live.borrow_and_update(); (live.rate_limit_per_second, live.rate_limit_burst) };
                        if new != rate {
                            rate = new;
                            gateway.0.requests.change(rate.0, rate.1);
                            tracing::info!(per_second = rate.0, burst = rate.1, "rate limit changed");
                        }
                    }
                }
            }
        });
    }

    pub fn kernel(&self) -> &Kernel {
        &self.0.kernel
    }

    /// Who asks, counted, and whether they may at all. Public routes are counted by address, and so is who cannot say who they are.
    async fn admit(
        &self,
        target: Target,
        need: Option<Need>,
        headers: &HeaderMap,
    ) -> Result<(Option<Actor>, Left), (Failure, Option<Left>)> {
        let limited = |(failure, left)| (failure, Some(left));
        let kernel = &self.0.kernel;
        // An embedded cache is this gateway's own: counting in it again would tell nothing new.
        let shared = kernel.settings().stores.redis.as_ref().map(|_| kernel.stores().cache.as_ref());
        let address = Key::address(context::current().and_then(|context| context.client));
        if target.login && address != Key::Internal {
            return Ok((None, self.0.logins.admit(address, shared).await.map_err(limited)?));
        }
        if target.public {
            return Ok((None, self.0.requests.admit(address, shared).await.map_err(limited)?));
        }
        match self.0.kernel.verifier().actor(headers, &self.0.kernel).await {
            Ok(actor) => {
                let left = self.0.requests.admit(Key::Actor(actor.id), shared).await.map_err(limited)?;
                match self.may(&actor, target, need) {
                    Ok(()) => Ok((Some(actor), left)),
                    Err(failure) => Err((failure, Some(left))),
                }
            }
            Err(failure) => {
                let left = self.0.requests.admit(address, shared).await.map_err(limited)?;
                Err((failure, Some(left)))
            }
        }
    }

    /// What can be said at the door about who may pass.
    fn may(&self, actor: &Actor, target: Target, need: Option<Need>) -> Result<(), Failure> {
        if let Some(Need::Permission(permission)) = need {
            actor.must(permission)?;
        }
        let resting = self.0.kernel.live().borrow().maintenance.contains(&target.service);
        if resting && !actor.can(Permission::Operate) {
            return Err(Failure::unavailable(format!("The {} service is in maintenance.", target.service), 60));
        }
        Ok(())
    }

    /// Hands the request to its service and brings the answer back; bodies stream through.
    async fn forward(&self, target: Target, actor: Option<Actor>, request: Request) -> Result<Response, Failure> {
        let kernel = &self.0.kernel;
        if !target.upload {
            let limit = kernel.settings().limits.body_bytes;
            let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
            if declared.is_some_and(|length| length > limit) {
                return Err(Failure::too_large(format!("The body is larger than {limit} bytes, the most this route takes.")));
            }
        }
        let service = target.service;
        let began = Instant::now();
        let answer = kernel.client().forward(service, inward(actor, request)).await;
        metrics::histogram!("gateway_upstream_duration_seconds", "service" => "gateway", "upstream" => service.as_str())
            .record(began.elapsed().as_secs_f64());
        answer
    }
}

/// The request as the service gets it. Nothing of what this process noted about it goes along but who asks, so that in
/// the same process the token is checked once.
fn inward(actor: Option<Actor>, request: Request) -> Request<Body> {
    let (mut parts, body) = request.into_parts();
    headers::inward(&mut parts.headers, actor.as_ref(), context::current().as_ref());
    parts.extensions = Extensions::new();
    if let Some(actor) = actor {
        parts.extensions.insert(actor);
    }
    Request::from_parts(parts, body)
}

async fn pass(State(gateway): State<Gateway>, request: Request) -> Response {
    let target = target(request.uri().path());
    let (mut response, left) = match target {
        None => (no_such_route(request).await.into_response(), None),
        Some(target) => match gateway.admit(target, need(request.method(), request.uri().path()), request.headers()).await {
            Err((failure, left)) => (failure.into_response(), left),
            Ok((actor, left)) => (gateway.forward(target, actor, request).await.into_response(), Some(left)),
        },
    };
    headers::outward(response.headers_mut(), target.is_some_and(|target| target.tokens));
    if let Some(left) = left {
        left.write(response.headers_mut());
    }
    response
}
