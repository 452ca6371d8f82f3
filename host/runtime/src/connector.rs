//! A loaded component: checked, compiled, linked and described, once, for every account that uses it.
//!
//! It holds no account. What it is for one is a directory handle.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use portcullis_directory::Description;

use crate::account::Account;
use crate::binding::{ConnectorPre, types};
use crate::call::{Call, Caller};
use crate::cpu::{Bench, CpuTime};
use crate::credential::CredentialProvider;
use crate::digest::{self, Digest};
use crate::directory::{AccountDirectory, Bound};
use crate::egress::Egress;
use crate::egress::address;
use crate::egress::client::Client;
use crate::egress::resolver::Guarded;
use crate::egress::tls;
use crate::error::{Error, Kind};
use crate::origin::Host;
use crate::runtime::Shared;
use crate::state::State;

/// A connector that is ready to be called. Cheap to clone, and usable from many tasks at once.
#[derive(Clone, Debug)]
pub struct Connector {
    loaded: Arc<Loaded>,
    description: Arc<Description>,
}

/// What every handle of a connector shares.
pub(crate) struct Loaded {
    pub(crate) component: ConnectorPre<State>,
    pub(crate) digest: Digest,
    /// Keeps the engine's clock running, and holds what accounts are made of.
    pub(crate) runtime: Arc<Shared>,
}

impl Connector {
    /// Asks the component what it is, which also shows that it runs.
    pub(crate) async fn describe(
        component: ConnectorPre<State>,
        digest: Digest,
        runtime: Arc<Shared>,
    ) -> Result<Connector, Error> {
        let loaded = Arc::new(Loaded { component, digest, runtime });
        let description = describe(&loaded).await.map_err(Kind::Description)?;
        Ok(Connector { loaded, description: Arc::new(description) })
    }

    /// What the component says of itself, without an account's settings.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The SHA-256 of the component, for an operator to pin it.
    pub fn digest(&self) -> Digest {
        self.loaded.digest
    }

    /// Binds the connector to an account, with connections and TLS sessions of its own. Bind once for each account and
    /// clone the handle. The settings are not looked at here: `describe` of the handle does that.
    ///
    /// Refused is an endpoint that the operator has not allowed: an address outside the public internet, `http` anywhere
    /// but at a loopback address, and anything but a loopback address without a credential. So is an account that is
    /// pinned to another component.
    pub fn directory(&self, account: Account, credentials: impl CredentialProvider) -> Result<AccountDirectory, Error> {
        let runtime = &self.loaded.runtime;
        permit(&account, runtime.addresses)?;
        digest::check(self.digest(), account.pinned)?;
        let is_anonymous = credentials.is_anonymous();
        if is_anonymous && !runtime.anonymous && !is_at_loopback(&account) {
            return Err(account.refused("needs a credential, as it is at no loopback address"));
        }
        let tls = if account.origin.is_secure() {
            runtime.tls.for_account(account.certificate.as_ref())?
        } else {
            tls::trusting_nobody()?
        };
        let resolver = Guarded { resolver: Arc::clone(&runtime.resolver), policy: runtime.addresses };
        let limits = account.limits.map_or(runtime.limits, |limits| runtime.limits.lower(limits));
        let turns = runtime.hosts.turns(account.origin.authority());
        let label = account.label.unwrap_or_else(|| account.origin.host().to_string()).into();
        let egress = Egress {
            client: Client::new(&runtime.pool, resolver, tls, limits.connect_time),
            member: turns.join(account.pace, &account.origin.to_string()),
            origin: account.origin,
            credentials: if is_anonymous { None } else { Some(Arc::new(credentials)) },
            request_time: limits.request_time,
            pace: account.pace,
            is_urgent: false,
            dry_run: None,
            witness: None,
        };
        let account = types::Account { endpoint: account.endpoint, settings: account.settings };
        let (loaded, egress, number) = (Arc::clone(&self.loaded), Arc::new(egress), runtime.room.newcomer());
        let bench = Bench::default();
        Ok(AccountDirectory::new(Bound { loaded, account, egress, limits, number, bench, label }))
    }
}

impl fmt::Debug for Loaded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Loaded").field("limits", &self.runtime.limits).finish_non_exhaustive()
    }
}

async fn describe(loaded: &Loaded) -> Result<Description, portcullis_directory::Error> {
    // Whoever loads is like an account of its own.
    let (number, limits) = (loaded.runtime.room.newcomer(), loaded.runtime.limits);
    let cpu = Arc::new(CpuTime::new(limits.cpu_time, Bench::default()));
    let caller = Caller { number, cpu, limits, egress: None };
    let mut call = Call::start(&loaded.runtime, &loaded.component, caller).await?;
    call.describe().await.map(Description::from)
}

/// What can be said of an endpoint before its name is resolved. An address goes by no resolver, so it is judged here.
fn permit(account: &Account, policy: address::Policy) -> Result<(), Error> {
    if !account.origin.is_secure() && !is_at_loopback(account) {
        return Err(account.refused("is `http`, which is for loopback addresses only"));
    }
    if address(account).is_some_and(|address| !policy.allows(address)) {
        return Err(account.refused("is at an address that the operator has not allowed"));
    }
    Ok(())
}

/// The address, where the host is one and not a name.
fn address(account: &Account) -> Option<IpAddr> {
    match account.origin.host() {
        Host::Address(address) => Some(*address),
        Host::Name(_) => None,
    }
}

fn is_at_loopback(account: &Account) -> bool {
    address(account).is_some_and(address::is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permitted(endpoint: &str, loopback: bool) -> Result<(), String> {
        let policy = address::Policy { loopback, private: false };
        permit(&Account::new(endpoint).unwrap(), policy).map_err(|error| error.to_string())
    }

    #[test]
    fn a_loopback_address_is_for_operators_who_allowed_it() {
        assert_eq!(permitted("http://127.0.0.1:1/v2", true), Ok(()));
        assert_eq!(permitted("https://[::1]/v2", true), Ok(()));
        for endpoint in ["http://127.0.0.1:1/v2", "http://[::1]", "https://[::ffff:127.0.0.1]/v2"] {
            let refusal = format!("the endpoint `{endpoint}` is at an address that the operator has not allowed");
            assert_eq!(permitted(endpoint, false), Err(refusal));
        }
    }

    #[test]
    fn cleartext_is_for_loopback_addresses_and_never_for_names() {
        for endpoint in ["http://scim1.private.zscaler.com", "http://localhost:1", "http://8.8.8.8", "http://10.0.0.1"]
        {
            let refusal = format!("the endpoint `{endpoint}` is `http`, which is for loopback addresses only");
            assert_eq!(permitted(endpoint, true), Err(refusal));
        }
    }

    #[test]
    fn metadata_services_are_refused_whatever_the_operator_says() {
        assert!(permitted("https://169.254.169.254", true).is_err());
        assert!(permitted("https://[fd00:ec2::254]", true).is_err());
    }
}
