//! A body on its way to a service: kept where it is small, and watched, for a client that sends it slowly is not the service's fault.

use crate::failure::{Failure, Result};
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

/// The largest body that is kept to be sent to another copy of a service.
const MAX_KEPT: usize = 1 << 20;

/// A body that can be sent once, or again and again.
pub(super) enum Sent {
    Kept(Bytes),
    Once(Body),
}

impl Sent {
    /// Reads a small body, so that it can be sent to another copy too.
    /// # Errors
    /// 400 when the client breaks it off.
    pub async fn new(headers: &HeaderMap, body: Body) -> Result<Self> {
        let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        if !length.map_or_else(|| body.is_end_stream(), |length| length <= MAX_KEPT) {
            return Ok(Self::Once(body));
        }
        let read = Limited::new(body, MAX_KEPT).collect().await;
        Ok(Self::Kept(read.map_err(|error| Failure::bad_request(format!("The body broke off: {error}.")))?.to_bytes()))
    }

    pub fn is_kept(&self) -> bool {
        matches!(self, Self::Kept(_))
    }
}

/// How far a client's body got.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress(Arc<OnceLock<bool>>);

impl Progress {
    pub fn whole() -> Self {
        Self(Arc::new(OnceLock::from(true)))
    }

    /// Whether all of it was there to be read.
    pub fn is_whole(&self) -> bool {
        self.0.get() == Some(&true)
    }

    /// Whether the client broke it off.
    pub fn is_broken(&self) -> bool {
        self.0.get() == Some(&false)
    }
}

/// The same body, and how far it gets.
pub(super) fn watched(body: Body) -> (Body, Progress) {
    if body.is_end_stream() {
        return (body, Progress::whole());
    }
    let progress = Progress::default();
    (Body::new(Watched { body, progress: progress.clone() }), progress)
}

struct Watched {
    body: Body,
    progress: Progress,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        // Who knows the length does not ask for the end.
        let end = match &polled {
            Poll::Ready(Some(Err(_))) => Some(false),
            Poll::Ready(None) => Some(true),
            Poll::Ready(Some(Ok(_))) if self.body.is_end_stream() => Some(true),
            _ => None,
        };
        if let Some(end) = end {
            let _ = self.progress.0.set(end);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream::{self, StreamExt};
    use std::io::Error;

    #[tokio::test]
    async fn a_body_is_whole_when_it_was_read_to_its_end_and_broken_when_the_client_breaks_it_off() {
        let (body, progress) = watched(Body::from("abc"));
        assert!(!progress.is_whole());
        assert_eq!(body.into_data_stream().next().await.unwrap().unwrap(), "abc");
        assert!(progress.is_whole(), "the end need not be asked for where the length is known");

        let (body, progress) = watched(Body::from_stream(stream::iter([Ok("abc"), Err(Error::other("gone"))])));
        assert!(body.collect().await.is_err());
        assert!(progress.is_broken() && !progress.is_whole());

        let (_body, progress) = watched(Body::empty());
        assert!(progress.is_whole());
    }

    #[tokio::test]
    async fn what_is_small_is_kept() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_LENGTH, 3.into());
        let sent = Sent::new(&headers, Body::from("abc")).await.unwrap();
        assert!(matches!(&sent, Sent::Kept(bytes) if bytes == "abc"));
        headers.insert(header::CONTENT_LENGTH, (MAX_KEPT + 1).into());
        assert!(!Sent::new(&headers, Body::from("abc")).await.unwrap().is_kept());
        assert!(!Sent::new(&HeaderMap::new(), Body::from("abc")).await.unwrap().is_kept(), "of unknown length");
    }
}
