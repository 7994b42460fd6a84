//! A copy of a service that does as it is told: answers well, fails, hangs, or drops the connection.

use futures::FutureExt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Manner {
    Well,
    Fails,
    Hangs,
    Drops,
    /// An event, and another when it is told to say it.
    Streams,
}

pub(super) struct Upstream {
    pub url: String,
    seen: Arc<Seen>,
}

struct Seen {
    manner: Mutex<Manner>,
    ready: AtomicBool,
    /// Requests but for checks.
    hits: AtomicUsize,
    /// What the last one was told of the time that is left.
    timeout: Mutex<Option<u64>>,
    next_event: Notify,
}

impl Upstream {
    pub async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Seen {
            manner: Mutex::new(manner),
            ready: AtomicBool::new(true),
            hits: AtomicUsize::default(),
            timeout: Mutex::default(),
            next_event: Notify::new(),
        });
        let of_task = seen.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, of_task.clone()).map(drop));
            }
        });
        Self { url, seen }
    }

    pub fn turn(&self, manner: Manner) {
        *self.seen.manner.lock().unwrap() = manner;
    }

    pub fn say_ready(&self, ready: bool) {
        self.seen.ready.store(ready, Ordering::Relaxed);
    }

    pub fn say_event(&self) {
        self.seen.next_event.notify_one();
    }

    pub fn hits(&self) -> usize {
        self.seen.hits.load(Ordering::Relaxed)
    }

    pub fn timeout(&self) -> Option<u64> {
        *self.seen.timeout.lock().unwrap()
    }
}

/// One request a connection.
async fn serve(mut stream: TcpStream, seen: Arc<Seen>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    if head.starts_with("get /health/ready") {
        let status = if seen.ready.load(Ordering::Relaxed) { "200 OK" } else { "503 Service Unavailable" };
        return answer(&mut stream, status).await;
    }
    seen.hits.fetch_add(1, Ordering::Relaxed);
    let said = head.lines().find_map(|line| line.strip_prefix("looma-timeout-ms: "));
    *seen.timeout.lock().unwrap() = said.map(|said| said.parse().unwrap());
    let manner = *seen.manner.lock().unwrap();
    match manner {
        Manner::Well => answer(&mut stream, "200 OK").await,
        Manner::Fails => answer(&mut stream, "500 Internal Server Error").await,
        Manner::Hangs => std::future::pending().await,
        Manner::Drops => Ok(()),
        Manner::Streams => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\ndata: 1\n\n").await?;
            seen.next_event.notified().await;
            stream.write_all(b"data: 2\n\n").await
        }
    }
}

async fn answer(stream: &mut TcpStream, status: &str) -> std::io::Result<()> {
    stream.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").as_bytes()).await
}
