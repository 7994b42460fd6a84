//! Engines behind TLS: who shows a certificate of the named authority is talked to, and nobody else.

use crate::settings::{Address, Engine, StoreSettings};
use crate::{Result, stores, trial};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::io::Write;
use std::sync::Arc;
use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// An authority, in a file, and a server's certificate from it.
fn certified(host: &str) -> (NamedTempFile, TlsAcceptor) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(vec![]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(authority.self_signed(&authority_key).unwrap().pem().as_bytes()).unwrap();
    let key = KeyPair::generate().unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let certificate = CertificateParams::new(vec![host.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    (file, TlsAcceptor::from(Arc::new(config)))
}

/// Speaks TLS before an engine that does not; answers at which port.
async fn before(behind: String, asks_first: bool, acceptor: TlsAcceptor) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut front, _)) = listener.accept().await {
            let (behind, acceptor) = (behind.clone(), acceptor.clone());
            tokio::spawn(async move {
                if asks_first {
                    // PostgreSQL's clients ask whether they may, in eight bytes.
                    front.read_exact(&mut [0; 8]).await?;
                    front.write_all(b"S").await?;
                }
                let mut front = acceptor.accept(front).await?;
                copy_bidirectional(&mut front, &mut TcpStream::connect(behind).await?).await
            });
        }
    });
    port
}

async fn reach(key: &str, engine: &Engine) -> Result<()> {
    let engine = Some(engine.clone());
    let none = StoreSettings { in_memory: true, ..StoreSettings::default() };
    let settings = match key {
        "postgres" => StoreSettings { postgres: engine, ..none },
        "mongodb" => StoreSettings { mongodb: engine, ..none },
        "s3" => StoreSettings { s3: engine, ..none },
        "redis" => StoreSettings { redis: engine, ..none },
        "neo4j" => StoreSettings { neo4j: engine, ..none },
        "elasticsearch" => StoreSettings { elasticsearch: engine, ..none },
        _ => StoreSettings { weaviate: engine, ..none },
    };
    stores::check(&settings).await.remove(0).1
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the engines: make test-engines"]
async fn only_who_is_certified_is_talked_to() {
    for (key, plain, secure) in [
        ("postgres", "postgres://", "postgres://"),
        ("mongodb", "mongodb://", "mongodb://"),
        ("s3", "http://", "https://"),
        ("redis", "redis://", "rediss://"),
        ("neo4j", "bolt://", "bolt+s://"),
        ("elasticsearch", "http://", "https://"),
        ("weaviate", "http://", "https://"),
    ] {
        let engine = trial::engine(key);
        let url = url::Url::parse(&engine.url.0).unwrap();
        let behind = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
        for (host, certified_for, trusted) in
            [("localhost", "localhost", true), ("localhost", "elsewhere.example", false), ("localhost", "localhost", false)]
        {
            let (authority, acceptor) = certified(certified_for);
            let port = before(behind.clone(), key == "postgres", acceptor).await;
            let address = engine.url.0.replace(&behind, &format!("{host}:{port}")).replacen(plain, secure, 1);
            let (other, _) = certified(host);
            let named = if certified_for == host && !trusted { &other } else { &authority };
            let seen = Engine {
                url: Address(address),
                ca_file: Some(named.path().to_owned()),
                connect_seconds: 2,
                request_seconds: 5,
                ..engine.clone()
            };
            let reached = Box::pin(reach(key, &seen)).await;
            if trusted {
                reached.unwrap_or_else(|error| panic!("{key}: {error}"));
            } else {
                let told = reached.expect_err(key).to_string();
                assert!(told.contains(&format!("stores.{key}")) && !told.contains("looma-dev"), "{told}");
            }
        }
    }
}
