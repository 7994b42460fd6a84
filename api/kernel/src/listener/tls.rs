//! Certificates: read at the start, and again when their files change, without dropping a connection.

use crate::settings::TlsSettings;
use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(5);

/// A certificate and its key, as they were last read.
#[derive(Debug)]
struct Current(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

/// TLS for listeners.
#[derive(Clone)]
pub struct Tls {
    settings: TlsSettings,
    current: Arc<Current>,
    pub(super) acceptor: TlsAcceptor,
}

impl Tls {
    /// Reads the certificate and its key.
    /// # Errors
    /// Says which file is wrong and why, in words for an operator.
    pub fn load(settings: &TlsSettings) -> Result<Self, String> {
        let current = Arc::new(Current(ArcSwap::from_pointee(read(settings)?)));
        let config = ServerConfig::builder_with_provider(aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_no_client_auth();
        let mut config = config.with_cert_resolver(current.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { settings: settings.clone(), current, acceptor: TlsAcceptor::from(Arc::new(config)) })
    }

    /// Takes over changed files until told to stop. Files that do not fit together leave the old ones in force.
    pub async fn follow(self, mut stop: watch::Receiver<bool>) {
        let mut look = tokio::time::interval(LOOK);
        let mut seen = self.changed_at();
        loop {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                _ = look.tick() => {}
            }
            let now = self.changed_at();
            if now == seen {
                continue;
            }
            match self.reload() {
                Ok(()) => {
                    seen = now;
                    tracing::info!(certificate = %self.settings.certificate.display(), "a new certificate is in force");
                }
                Err(why) => tracing::warn!(why, "the new certificate cannot be used; the old one stays in force"),
            }
        }
    }

    fn reload(&self) -> Result<(), String> {
        self.current.0.store(Arc::new(read(&self.settings)?));
        Ok(())
    }

    fn changed_at(&self) -> [Option<SystemTime>; 2] {
        [&self.settings.certificate, &self.settings.key].map(|path| std::fs::metadata(path).and_then(|data| data.modified()).ok())
    }
}

fn read(settings: &TlsSettings) -> Result<CertifiedKey, String> {
    let wrong = |key: &str, path: &Path, why: &dyn std::fmt::Display| format!("tls.{key}: {}: {why}", path.display());
    let chain: Vec<_> = CertificateDer::pem_file_iter(&settings.certificate)
        .and_then(Iterator::collect)
        .map_err(|error| wrong("certificate", &settings.certificate, &error))?;
    if chain.is_empty() {
        return Err(wrong("certificate", &settings.certificate, &"it has no certificate in PEM form"));
    }
    let key = PrivateKeyDer::from_pem_file(&settings.key).map_err(|error| wrong("key", &settings.key, &error))?;
    let certified = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider());
    certified
        .map_err(|error| format!("tls: {} and {} do not fit together: {error}", settings.certificate.display(), settings.key.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path) -> Vec<u8> {
        let made = rcgen::generate_simple_self_signed(vec!["crm.example".into()]).unwrap();
        std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
        std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        made.cert.der().to_vec()
    }

    #[test]
    fn changed_files_are_taken_over_and_wrong_ones_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let settings = TlsSettings { certificate: folder.path().join("cert.pem"), key: folder.path().join("key.pem") };
        assert!(Tls::load(&settings).err().unwrap().contains("tls.certificate"));
        let first = write(folder.path());
        let tls = Tls::load(&settings).unwrap();
        let served = || tls.current.0.load().cert[0].to_vec();
        assert_eq!(served(), first);
        let second = write(folder.path());
        tls.reload().unwrap();
        assert_eq!(served(), second);
        let other = rcgen::generate_simple_self_signed(vec!["crm.example".into()]).unwrap();
        std::fs::write(folder.path().join("key.pem"), other.signing_key.serialize_pem()).unwrap();
        assert!(tls.reload().unwrap_err().contains("do not fit together"));
        assert_eq!(served(), second);
        std::fs::write(folder.path().join("cert.pem"), "nothing").unwrap();
        assert!(tls.reload().unwrap_err().contains("no certificate"));
    }
}
