//! Names into addresses, and of those only the allowed ones.
//!
//! A name is resolved once for each new connection, and the connection goes to exactly what is left after the policy:
//! there is no second look-up that could answer something else.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::vec;

use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

use super::address::Policy;
use super::failure::Failure;

/// The boxed answer of a [`Resolver`].
pub type Addresses<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// Looks names up. The answer is not trusted: addresses that the operator has not allowed are taken out of it.
pub trait Resolver: Send + Sync + 'static {
    /// Every address of a host name, in the order in which to try them.
    fn resolve<'a>(&'a self, name: &'a str) -> Addresses<'a>;
}

/// The resolver of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve<'a>(&'a self, name: &'a str) -> Addresses<'a> {
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect()) })
    }
}

/// A resolver behind the policy, as the client library wants it.
#[derive(Clone)]
pub(crate) struct Guarded {
    pub(crate) resolver: Arc<dyn Resolver>,
    pub(crate) policy: Policy,
}

impl Guarded {
    async fn addresses(self, name: Name) -> Result<vec::IntoIter<SocketAddr>, Failure> {
        let name = name.as_str();
        let mut addresses = self.resolver.resolve(name).await.map_err(|error| unresolved(name, &error))?;
        if addresses.is_empty() {
            return Err(unresolved(name, &io::Error::from(io::ErrorKind::NotFound)));
        }
        addresses.retain(|address| self.policy.allows(*address));
        if addresses.is_empty() {
            return Err(Failure::Address(name.to_owned()));
        }
        // The client puts the port of the request in place of 0.
        let addresses: Vec<_> = addresses.into_iter().map(|address| SocketAddr::new(address, 0)).collect();
        Ok(addresses.into_iter())
    }
}

impl Service<Name> for Guarded {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Failure>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Box::pin(self.clone().addresses(name))
    }
}

fn unresolved(name: &str, error: &io::Error) -> Failure {
    Failure::Name { name: name.to_owned(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Answer(&'static [&'static str]);

    impl Resolver for Answer {
        fn resolve<'a>(&'a self, _: &'a str) -> Addresses<'a> {
            Box::pin(async { Ok(self.0.iter().map(|address| address.parse().unwrap()).collect()) })
        }
    }

    async fn resolved(answer: &'static [&'static str]) -> Result<Vec<String>, String> {
        let mut guarded = Guarded { resolver: Arc::new(Answer(answer)), policy: Policy::default() };
        let addresses = guarded.call("vendor.example".parse().unwrap()).await.map_err(|failure| failure.to_string())?;
        Ok(addresses.map(|address| address.to_string()).collect())
    }

    #[tokio::test]
    async fn forbidden_addresses_are_taken_out_of_the_answer() {
        let addresses = resolved(&["127.0.0.1", "8.8.8.8", "10.0.0.1", "169.254.169.254"]).await;
        assert_eq!(addresses.unwrap(), ["8.8.8.8:0"]);
    }

    #[tokio::test]
    async fn a_name_with_nothing_but_forbidden_addresses_is_refused() {
        let refused = resolved(&["::ffff:127.0.0.1", "fd00:ec2::254"]).await.unwrap_err();
        assert_eq!(refused, "the name `vendor.example` has no address that may be reached");
    }

    #[tokio::test]
    async fn a_name_without_addresses_is_not_found() {
        let refused = resolved(&[]).await.unwrap_err();
        assert_eq!(refused, "the name `vendor.example` cannot be resolved: entity not found");
    }
}
