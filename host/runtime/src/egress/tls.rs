//! The TLS settings that accounts share, and what they must not share.
//!
//! Reading the platform's certificates takes time, so it happens once. Session tickets would let a server tell that
//! two accounts live on one host, so each account has its own store of them.

use std::sync::{Arc, Mutex};

use hyper_rustls::ConfigBuilderExt;
use rustls::client::Resumption;
use rustls::{ClientConfig, RootCertStore};

use crate::error::{Error, Kind};

/// The TLS settings of a runtime, made when the first account needs them.
#[derive(Debug, Default)]
pub(crate) struct Tls(Mutex<Option<ClientConfig>>);

impl Tls {
    /// Settings for one account: the platform's roots and an empty session store.
    pub(crate) fn for_account(&self) -> Result<ClientConfig, Error> {
        let mut shared = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut config = match shared.as_ref() {
            Some(config) => config.clone(),
            None => shared.insert(with_platform_roots()?).clone(),
        };
        config.resumption = Resumption::in_memory_sessions(SESSIONS);
        Ok(config)
    }
}

/// Settings that trust nobody, for an account without TLS.
pub(crate) fn trusting_nobody() -> Result<ClientConfig, Error> {
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| Kind::Tls(error.to_string()))?;
    Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

fn with_platform_roots() -> Result<ClientConfig, Error> {
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| Kind::Tls(error.to_string()))?;
    let builder = builder.with_native_roots().map_err(|error| Kind::Tls(error.to_string()))?;
    Ok(builder.with_no_client_auth())
}

/// Named rather than taken from the process, which may have another default or none.
fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// One account talks to one host, which may stand for a few servers.
const SESSIONS: usize = 8;
