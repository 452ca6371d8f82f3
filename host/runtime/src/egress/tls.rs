//! The TLS settings that accounts share, and what they must not share.
//!
//! Reading the platform's certificates takes time, so it happens once. Session tickets would let a server tell that
//! two accounts live on one host, so each account has its own store of them; and its own client certificate or none.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore};

use crate::certificate::{Authorities, ClientCertificate};
use crate::error::{Error, Kind};

/// The TLS settings of a runtime, made when the first account needs them.
#[derive(Debug)]
pub(crate) struct Tls {
    /// Whom the operator trusts besides those whom the platform trusts.
    trusted: Authorities,
    shared: Mutex<Option<ClientConfig>>,
}

impl Tls {
    pub(crate) fn new(trusted: Authorities) -> Tls {
        Tls { trusted, shared: Mutex::default() }
    }

    /// Settings for one account: an empty session store, and its certificate where it has one.
    pub(crate) fn for_account(&self, certificate: Option<&ClientCertificate>) -> Result<Arc<ClientConfig>, Error> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let mut config = match shared.as_ref() {
            Some(config) => config.clone(),
            None => shared.insert(trusting(self.roots()?)?).clone(),
        };
        config.resumption = Resumption::in_memory_sessions(SESSIONS);
        if let Some(certificate) = certificate {
            config.client_auth_cert_resolver = certificate.resolver();
        }
        Ok(Arc::new(config))
    }

    /// The platform's, as far as they can be read, and the operator's.
    fn roots(&self) -> Result<RootCertStore, Error> {
        let mut roots = self.trusted.roots().clone();
        let platform = rustls_native_certs::load_native_certs();
        // A platform has old ones that are no certificates by today's rules.
        roots.add_parsable_certificates(platform.certs);
        if roots.is_empty() {
            let reasons: Vec<_> = platform.errors.iter().map(ToString::to_string).collect();
            let reasons = if reasons.is_empty() { "there are none".to_owned() } else { reasons.join("; ") };
            return Err(Kind::Tls(reasons).into());
        }
        Ok(roots)
    }
}

/// Settings that trust nobody, for accounts without TLS. They are kept, for as much as they hold and nobody uses.
pub(crate) fn trusting_nobody() -> Result<Arc<ClientConfig>, Error> {
    static NOBODY: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(nobody) = NOBODY.get() {
        return Ok(Arc::clone(nobody));
    }
    let nobody = Arc::new(trusting(RootCertStore::empty())?);
    Ok(Arc::clone(NOBODY.get_or_init(|| nobody)))
}

fn trusting(roots: RootCertStore) -> Result<ClientConfig, Error> {
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| Kind::Tls(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Named rather than taken from the process, which may have another default or none.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// One account talks to one host, which may stand for a few servers.
const SESSIONS: usize = 8;
