//! A connection under guard: its bytes are framed strictly, and whoever stands still in the middle of something is let go.

use super::framing::{Framing, Refusal};
use pin_project_lite::pin_project;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// What the guard tells the handler of the connection's requests: nothing, or which of them is refused and why.
pub(super) type Verdict = Arc<OnceLock<Refusal>>;

pin_project! {
    /// The connection's bytes, watched.
    pub(super) struct Guard<S> {
        #[pin]
        stream: S,
        framing: Framing,
        verdict: Verdict,
        patience: Duration,
        reading: Patience,
        writing: Patience,
    }
}

/// How much longer a side may stand still; unset while it moves.
#[derive(Default)]
struct Patience(Option<Pin<Box<Sleep>>>);

impl Patience {
    fn moved(&mut self) {
        self.0 = None;
    }

    /// Ready when it has stood still for too long.
    fn poll(&mut self, limit: Duration, context: &mut Context<'_>) -> Poll<io::Error> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(sleep.as_mut().poll(context));
        // Polled again after its end, a sleep panics.
        sleep.as_mut().reset(Instant::now() + limit);
        Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, "the client stood still for too long"))
    }
}

impl<S> Guard<S> {
    pub fn new(stream: S, verdict: Verdict, patience: Duration) -> Self {
        Self { stream, framing: Framing::default(), verdict, patience, reading: Patience::default(), writing: Patience::default() }
    }
}

impl<S: AsyncRead> AsyncRead for Guard<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut this = self.project();
        // What follows a refused head is thrown away until the client ends or, once it is answered, the server does.
        while this.verdict.get().is_some() {
            let mut space = [0; 4096];
            let mut away = ReadBuf::new(&mut space);
            ready!(this.stream.as_mut().poll_read(context, &mut away))?;
            if away.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
        let before = buffer.filled().len();
        match this.stream.poll_read(context, buffer) {
            Poll::Pending if this.framing.in_body() => this.reading.poll(*this.patience, context).map(Err),
            Poll::Pending => Poll::Pending,
            Poll::Ready(result) => {
                this.reading.moved();
                result?;
                let Err(refusal) = this.framing.feed(&buffer.filled()[before..]) else { return Poll::Ready(Ok(())) };
                let in_body = refusal.head.is_none();
                let why = refusal.why;
                let _ = this.verdict.set(refusal);
                if in_body { Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, why))) } else { Poll::Ready(Ok(())) }
            }
        }
    }
}

impl<S: AsyncWrite> Guard<S> {
    fn patiently<T>(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        act: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let this = self.project();
        match act(this.stream, context) {
            Poll::Pending => this.writing.poll(*this.patience, context).map(Err),
            done @ Poll::Ready(_) => {
                this.writing.moved();
                done
            }
        }
    }
}

impl<S: AsyncWrite> AsyncWrite for Guard<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.patiently(context, |stream, context| stream.poll_write(context, bytes))
    }

    fn poll_write_vectored(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        self.patiently(context, |stream, context| stream.poll_write_vectored(context, bytes))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.patiently(context, AsyncWrite::poll_flush)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.patiently(context, AsyncWrite::poll_shutdown)
    }
}
