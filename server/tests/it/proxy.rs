//! A way to an engine that can be cut, slowed and opened again, as networks are.

use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    Fine,
    /// Each piece of data comes so much later, both ways.
    Slow(Duration),
    /// Connections are taken and never answered.
    Silent,
    /// Open connections break, new ones are refused.
    Cut,
}

/// Listens on a port of its own and passes on to one address.
pub struct Proxy {
    port: u16,
    weather: Arc<watch::Sender<Weather>>,
}

impl Proxy {
    /// `target` is `host:port`.
    pub async fn to(target: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let weather = Arc::new(watch::channel(Weather::Fine).0);
        tokio::spawn(serve(listener, target.to_owned(), weather.clone()));
        Self { port, weather }
    }

    /// The same address as `url`, through this proxy.
    pub fn instead_of(&self, url: &str) -> String {
        let mut url = url::Url::parse(url).unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(self.port)).unwrap();
        url.to_string()
    }

    pub fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

async fn serve(listener: TcpListener, target: String, weather: Arc<watch::Sender<Weather>>) {
    while let Ok((client, _)) = listener.accept().await {
        let (target, weather) = (target.clone(), weather.subscribe());
        tokio::spawn(async move {
            if *weather.borrow() == Weather::Cut {
                return;
            }
            let Ok(server) = TcpStream::connect(target).await else { return };
            let (client_reads, client_writes) = client.into_split();
            let (server_reads, server_writes) = server.into_split();
            tokio::join!(pump(client_reads, server_writes, weather.clone()), pump(server_reads, client_writes, weather),);
        });
    }
}

async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut weather: watch::Receiver<Weather>) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = tokio::select! {
            read = from.read(&mut buffer) => read.unwrap_or(0),
            cut = weather.wait_for(|weather| *weather == Weather::Cut) => {
                drop(cut);
                return;
            }
        };
        if read == 0 {
            return;
        }
        let now = *weather.borrow();
        match now {
            Weather::Slow(by) => tokio::time::sleep(by).await,
            Weather::Silent => drop(weather.wait_for(|weather| *weather != Weather::Silent).await),
            Weather::Fine | Weather::Cut => {}
        }
        if *weather.borrow() == Weather::Cut || to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
