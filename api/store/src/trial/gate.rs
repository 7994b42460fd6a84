//! A gate before a real engine that a test shuts, silences and opens again, and one with nothing behind it.

use crate::settings::{Address, Engine};
use crate::{Error, Result};
use std::net::SocketAddr;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// Passes everything on to an engine, as long as it is open.
pub struct Gate {
    address: SocketAddr,
    behind: String,
    quiet: watch::Sender<bool>,
    standing: Option<JoinHandle<()>>,
}

impl Gate {
    /// A gate and the engine as it is seen through it.
    pub async fn before(engine: &Engine) -> (Self, Engine) {
        let url = url::Url::parse(&engine.url.0).expect("an address");
        let behind = format!("{}:{}", url.host_str().expect("a host"), url.port().expect("a port"));
        let (address, standing) = (SocketAddr::from(([127, 0, 0, 1], 0)), None);
        let mut gate = Self { address, behind, quiet: watch::Sender::new(false), standing };
        gate.open().await;
        let seen = Engine { url: Address(engine.url.0.replace(&gate.behind, &gate.address.to_string())), ..engine.clone() };
        (gate, seen)
    }

    /// Lets through; at the same address as before.
    pub async fn open(&mut self) {
        self.shut().await;
        let listener = TcpListener::bind(self.address).await.expect("the address is free");
        self.address = listener.local_addr().expect("an address");
        self.quiet.send_replace(false);
        self.standing = Some(tokio::spawn(pass(listener, self.behind.clone(), self.quiet.clone())));
    }

    /// As if the engine was killed: what is connected breaks, and nobody can connect.
    pub async fn shut(&mut self) {
        if let Some(standing) = self.standing.take() {
            standing.abort();
            let _ = standing.await;
        }
    }

    /// As if the engine hangs: connections stay and can be made, but nothing comes back.
    pub fn silence(&self) {
        self.quiet.send_replace(true);
    }
}

async fn pass(listener: TcpListener, behind: String, quiet: watch::Sender<bool>) {
    // Its connections break when it is dropped.
    let mut connections = JoinSet::new();
    while let Ok((mut front, _)) = listener.accept().await {
        let (behind, mut quiet) = (behind.clone(), quiet.subscribe());
        connections.spawn(async move {
            let passing = async { copy_bidirectional(&mut front, &mut TcpStream::connect(behind).await?).await };
            tokio::select! {
                biased;
                _ = quiet.wait_for(|quiet| *quiet) => {}
                _ = passing => return,
            }
            std::future::pending::<()>().await;
        });
    }
}

/// An engine that accepts and never answers; as long as its listener lives.
pub async fn mute(scheme: &str, path: &str) -> (TcpListener, Engine) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let engine = nowhere(&format!("{scheme}://looma:secret@{}{path}", listener.local_addr().expect("an address")));
    (listener, engine)
}

/// An engine where nobody listens.
pub async fn absent(scheme: &str, path: &str) -> Engine {
    let (listener, engine) = mute(scheme, path).await;
    drop(listener);
    engine
}

fn nowhere(url: &str) -> Engine {
    Engine { connect_seconds: 1, request_seconds: 2, ..Engine::at(url) }
}

/// The engine with another password.
pub fn stranger(engine: &Engine) -> Engine {
    let mut url = url::Url::parse(&engine.url.0).expect("an address");
    url.set_password(Some("wrong-secret")).expect("a password");
    Engine { url: Address(url.into()), ..engine.clone() }
}

/// The answer says which engine is not available, where, and what to look at, and keeps its password.
pub fn assert_away<T: std::fmt::Debug>(answer: Result<T>, product: &str, engine: &Engine) {
    let error = answer.expect_err("it is away");
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    let said = error.to_string();
    assert!(said.contains(&format!("{product} at {}", engine.url)) && said.contains("stores."), "{said}");
    assert!(!said.contains("secret") && !said.contains("looma-dev"), "{said}");
}

/// The same where the password is what is wrong.
pub fn assert_refused<T: std::fmt::Debug>(answer: Result<T>, product: &str, engine: &Engine) {
    let said = answer.as_ref().expect_err("it is refused").to_string();
    assert!(said.contains("check user and password"), "{said}");
    assert_away(answer, product, engine);
}
