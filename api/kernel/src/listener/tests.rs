//! Connections as clients make them, byte by byte.

use super::*;
use axum::body::Bytes;
use axum::routing::{get, post};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;

struct Served {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    ended: tokio::task::JoinHandle<()>,
}

async fn serve(change: impl FnOnce(&mut Settings), tls: Option<Tls>) -> Served {
    let mut settings = Settings::in_memory();
    change(&mut settings);
    let router = Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/length", post(|body: Result<Bytes, _>| async move { body.map(|body: Bytes| body.len().to_string()) }))
        .route(
            "/endless",
            get(|| async { Body::from_stream(futures::stream::repeat(Ok::<_, Infallible>(Bytes::from(vec![0; 1 << 16])))) }),
        );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = watch::channel(false).0;
    let ended = tokio::spawn(Door::new(router, &settings, tls).serve(listener, stop.subscribe()));
    Served { address, stop, ended }
}

/// Everything that comes back for these bytes, until the server closes.
async fn say(address: SocketAddr, text: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The server may close before it has read everything.
    let _ = stream.write_all(text.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await.expect("the server must close");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_request_hidden_in_another_is_refused() {
    let served = serve(|_| (), None).await;
    let hidden = "POST /length HTTP/1.1\r\nHost: a\r\n";
    for smuggle in [
        "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "Content-Length: 0\r\nContent-Length: 31\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "X: 1\nContent-Length: 31\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        let answer = say(served.address, &format!("{hidden}{smuggle}")).await;
        assert!(answer.starts_with("HTTP/1.1 400") && answer.matches("HTTP/1.1").count() == 1, "{smuggle:?}: {answer}");
    }
    let first =
        say(served.address, &format!("GET / HTTP/1.1\r\nHost: a\r\n\r\n{hidden}Content-Length: 1\r\nContent-Length: 1\r\n\r\n")).await;
    assert!(first.starts_with("HTTP/1.1 200") && first.contains("HTTP/1.1 400") && first.contains("said once"), "{first}");
    let chunk = say(served.address, &format!("{hidden}Transfer-Encoding: chunked\r\n\r\n3\r\nabcGET / HTTP/1.1\r\nHost: a\r\n\r\n")).await;
    assert!(!chunk.contains("hello"), "{chunk}");
    let two_hosts = say(served.address, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").await;
    assert!(two_hosts.contains("one Host header"), "{two_hosts}");
}

#[tokio::test]
async fn honest_requests_share_a_connection() {
    let served = serve(|_| (), None).await;
    let both = "POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n\
                POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcdeGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let answer = say(served.address, both).await;
    assert_eq!(answer.matches("HTTP/1.1 200").count(), 3, "{answer}");
    assert!(answer.contains("hello"));
}

#[tokio::test]
async fn who_is_slow_is_let_go() {
    let served = serve(|settings| (settings.limits.header_seconds, settings.limits.stall_seconds) = (1, 1), None).await;
    assert_eq!(say(served.address, "GET / HTTP/1.1\r\nHost: ").await, "", "a head that never ends");
    let body = say(served.address, "POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc").await;
    assert!(!body.contains("200"), "{body}");
    // A client that never reads what it asked for.
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    served.stop.send_replace(true);
    timeout(Duration::from_secs(8), served.ended).await.expect("the connection must have been given up").unwrap();
}

#[tokio::test]
async fn an_upgrade_that_is_not_made_ends_the_connection() {
    let served = serve(|_| (), None).await;
    let answer = say(
        served.address,
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    )
    .await;
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
}

#[tokio::test]
async fn tls_is_spoken_in_both_versions_of_http_and_told_to_those_who_speak_plainly() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let files = crate::settings::TlsSettings { certificate: folder.path().join("c"), key: folder.path().join("k") };
    std::fs::write(&files.certificate, made.cert.pem()).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    let served = serve(|_| (), Some(Tls::load(&files).unwrap())).await;

    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let config = ClientConfig::builder_with_provider(provider.into()).with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let connector = TlsConnector::from(Arc::new(config.clone()));
    let stream = TcpStream::connect(served.address).await.unwrap();
    let mut stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("strict-transport-security"), "{answer}");

    config.alpn_protocols = vec![b"h2".to_vec()];
    let stream = TcpStream::connect(served.address).await.unwrap();
    let stream = TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get("https://localhost/").body(Body::empty()).unwrap();
    assert_eq!(sender.send_request(request).await.unwrap().status(), 200);

    let plain = say(served.address, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(plain.starts_with("HTTP/1.1 200"), "this machine may speak plainly: {plain}");
    served.stop.send_replace(true);
    timeout(Duration::from_secs(5), served.ended).await.unwrap().unwrap();
}

#[test]
fn others_are_sent_to_tls_at_the_host_they_asked_for() {
    let request = |host: &str| {
        let (parts, ()) = Request::get("/people?q=1").header(header::HOST, host).body(()).unwrap().into_parts();
        parts
    };
    let answer = to_tls(&request("crm.example:9203"));
    assert_eq!(answer.headers()[header::LOCATION], "https://crm.example:9203/people?q=1");
    assert_eq!(to_tls(&request("a/b")).status(), 400);
}
