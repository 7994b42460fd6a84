//! Our own accept loop: TLS, HTTP/1.1 and HTTP/2, strict framing, bounded heads, connections and waits, a graceful end.

mod crowd;
mod framing;
mod guard;
mod tls;

pub use tls::Tls;

use crate::failure::Failure;
use crate::settings::{Settings, is_among};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Request, Response, StatusCode, Version, header};
use axum::response::IntoResponse;
use crowd::Crowd;
use guard::{Guard, Verdict};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tower::ServiceExt;

/// The first byte of a TLS connection: a handshake record.
const HANDSHAKE: u8 = 0x16;
const MAX_HEAD: usize = 64 << 10;
/// Requests under way at the same time on one HTTP/2 connection.
const STREAMS: u32 = 128;
/// How often an HTTP/2 client must show that it is still there.
const PING: Duration = Duration::from_secs(20);

/// Notes on a request that it came over TLS.
#[derive(Clone, Copy, Debug)]
pub struct Secure;

/// A service on its way to its port.
pub struct Door {
    router: Router,
    builder: Builder<TokioExecutor>,
    settings: Settings,
    tls: Option<Tls>,
}

impl Door {
    /// With TLS, whoever the settings trust, and this machine, may still speak without it.
    pub fn new(router: Router, settings: &Settings, tls: Option<Tls>) -> Arc<Self> {
        let mut builder = Builder::new(TokioExecutor::new());
        let header = Duration::from_secs(settings.limits.header_seconds);
        builder.http1().timer(TokioTimer::new()).header_read_timeout(header).max_buf_size(MAX_HEAD);
        let http2 = &mut builder.http2();
        http2.timer(TokioTimer::new()).max_header_list_size(MAX_HEAD as u32).max_concurrent_streams(STREAMS);
        http2.keep_alive_interval(PING).keep_alive_timeout(PING);
        Arc::new(Self { router, builder, settings: settings.clone(), tls })
    }

    /// Serves until `stop` becomes true, then ends idle connections and waits for requests under way.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
        let limits = &self.settings.limits;
        let graceful = GracefulShutdown::new();
        let seats = Arc::new(Semaphore::new(limits.connections));
        let crowd = Crowd::new(limits.connections_per_address);
        loop {
            // Who finds no seat waits in the system's queue.
            let seat = tokio::select! {
                seat = seats.clone().acquire_owned() => seat,
                () = ended(&mut stop) => break,
            };
            let (stream, peer) = tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok(accepted) => accepted,
                    Err(error) => {
                        // Out of file descriptors, most likely: wait until some are free again.
                        tracing::warn!(%error, "cannot accept a connection");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                },
                () = ended(&mut stop) => break,
            };
            let Some(place) = crowd.enter(peer.ip(), self.is_trusted(peer)) else {
                tracing::debug!(%peer, "an address has too many connections");
                continue;
            };
            let (door, watcher, stop) = (self.clone(), graceful.watcher(), stop.clone());
            tokio::spawn(async move {
                let _held = (seat, place);
                let _ = stream.set_nodelay(true);
                door.welcome(stream, peer, watcher, stop).await;
            });
        }
        drop(listener);
        if timeout(Duration::from_secs(limits.drain_seconds), graceful.shutdown()).await.is_err() {
            tracing::warn!("some requests did not end in time");
        }
    }

    fn is_trusted(&self, peer: SocketAddr) -> bool {
        peer.ip().to_canonical().is_loopback() || is_among(&self.settings.gateway.trusted_proxies, peer.ip())
    }

    /// Finds out what the client speaks, and speaks it.
    async fn welcome(&self, stream: TcpStream, peer: SocketAddr, watcher: Watcher, mut stop: watch::Receiver<bool>) {
        let Some(tls) = &self.tls else { return self.converse(stream, peer, Manner::Plain, watcher).await };
        let greeting = timeout(Duration::from_secs(self.settings.limits.header_seconds), async {
            let mut first = [0];
            match stream.peek(&mut first).await {
                Ok(1) if first[0] == HANDSHAKE => Some(Ok(tls.acceptor.accept(stream).await)),
                Ok(1) => Some(Err(stream)),
                _ => None,
            }
        });
        let greeted = tokio::select! {
            greeted = greeting => greeted,
            () = ended(&mut stop) => return,
        };
        match greeted {
            Ok(Some(Ok(Ok(stream)))) => self.converse(stream, peer, Manner::Secure, watcher).await,
            Ok(Some(Ok(Err(error)))) => tracing::debug!(%peer, %error, "a TLS handshake failed"),
            Ok(Some(Err(stream))) if self.is_trusted(peer) => self.converse(stream, peer, Manner::Plain, watcher).await,
            Ok(Some(Err(stream))) => self.converse(stream, peer, Manner::Elsewhere, watcher).await,
            Ok(None) => {}
            Err(_) => tracing::debug!(%peer, "a client said nothing"),
        }
    }

    async fn converse<S>(&self, stream: S, peer: SocketAddr, manner: Manner, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let verdict = Verdict::default();
        let patience = Duration::from_secs(self.settings.limits.stall_seconds);
        let talk = Arc::new(Talk { router: self.router.clone(), peer, manner, verdict: verdict.clone(), heads: AtomicU64::new(0) });
        let service = service_fn(move |request| {
            let talk = talk.clone();
            async move { Ok::<_, Infallible>(talk.answer(request).await) }
        });
        let io = TokioIo::new(Guard::new(stream, verdict, patience));
        let connection = self.builder.serve_connection_with_upgrades(io, service).into_owned();
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%peer, error, "a connection broke");
        }
    }
}

/// How a connection is served.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Plain,
    Secure,
    /// Told to come back over TLS.
    Elsewhere,
}

/// One connection's requests.
struct Talk {
    router: Router,
    peer: SocketAddr,
    manner: Manner,
    verdict: Verdict,
    /// Requests so far: on HTTP/1 they come one after the other, as the guard counts them.
    heads: AtomicU64,
}

impl Talk {
    async fn answer(&self, mut request: Request<Incoming>) -> Response<Body> {
        let number = self.heads.fetch_add(1, Ordering::Relaxed);
        if let Some(refusal) = self.verdict.get().filter(|refusal| refusal.head.is_none_or(|head| head <= number)) {
            tracing::debug!(peer = %self.peer, why = refusal.why, "a request is not well formed");
            return closing(Failure::bad_request(format!("The request is not well formed: {}.", refusal.why)).into_response());
        }
        if self.manner == Manner::Elsewhere {
            return closing(to_tls(&request.into_parts().0));
        }
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let upgrade = request.version() == Version::HTTP_11 && request.headers().contains_key(header::UPGRADE);
        if self.manner == Manner::Secure {
            request.extensions_mut().insert(Secure);
        }
        let mut response = match self.router.clone().oneshot(request.map(Body::new)).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        if self.manner == Manner::Secure {
            response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
        }
        // The guard stopped reading along where the protocol could have changed.
        if upgrade && response.status() != StatusCode::SWITCHING_PROTOCOLS { closing(response) } else { response }
    }
}

fn closing(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

fn to_tls(request: &Parts) -> Response<Body> {
    let host = request.headers.get(header::HOST).and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
    let path = request.uri.path_and_query().map_or("/", |path| path.as_str());
    match host {
        Some(host) if path.starts_with('/') => axum::response::Redirect::permanent(&format!("https://{host}{path}")).into_response(),
        _ => Failure::bad_request("This port speaks HTTPS.").into_response(),
    }
}

async fn ended(stop: &mut watch::Receiver<bool>) {
    // A sender that is gone ends it too.
    drop(stop.wait_for(|stop| *stop).await);
}

#[cfg(test)]
mod tests;
