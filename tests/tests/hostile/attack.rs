//! What the attacks share: the connector that misbehaves, bound to an account in either host, and how it is told what to
//! do.

use std::time::Duration;

use portcullis_directory::{Directory as _, Error, Reply, VendorRequest};
use portcullis_runtime::{Account, AccountDirectory, Connector, Limits, Pace, Runtime, StaticToken};
pub(crate) use portcullis_tests::HOSTILE;
use portcullis_tests::TOKEN;
use tokio::sync::OnceCell;

use crate::naive::Naive;

/// Limits that an attack meets in moments, and that a call which behaves does not meet.
pub(crate) fn limits() -> Limits {
    Limits {
        concurrent_calls: 8,
        memory: 32 << 20,
        result_bytes: 4 << 20,
        cpu_time: Duration::from_millis(500),
        request_time: Duration::from_secs(1),
        requests: 20,
        reply_bytes: 1 << 20,
        ..Limits::default()
    }
}

/// The connector in the sandbox, loaded once for all tests of a process.
pub(crate) async fn connector() -> Connector {
    static CONNECTOR: OnceCell<Connector> = OnceCell::const_new();
    CONNECTOR.get_or_init(async || load(HOSTILE).await.unwrap()).await.clone()
}

/// Another component in a sandbox of the same limits.
pub(crate) async fn load(component: &'static [u8]) -> Result<Connector, portcullis_runtime::Error> {
    Runtime::builder().allow_loopback(true).limits(limits()).build().unwrap().load(component).await
}

/// An account at this endpoint, as fast as it can.
pub(crate) fn account(endpoint: &str) -> Account {
    Account::new(endpoint).unwrap().with_pace(Pace::unlimited())
}

/// The connector in the sandbox, for an account at this endpoint.
pub(crate) async fn sandboxed(endpoint: &str) -> AccountDirectory {
    connector().await.directory(account(endpoint), StaticToken::new(TOKEN).unwrap()).unwrap()
}

/// The connector in the naive host, for an account at this endpoint.
pub(crate) async fn naive(endpoint: &str) -> Naive {
    Naive::load(HOSTILE, endpoint).await.unwrap()
}

/// An attack of this size.
pub(crate) fn attack(name: &str, size: usize) -> VendorRequest {
    let query = vec![("size".to_owned(), size.to_string())];
    VendorRequest { method: name.to_owned(), query, ..VendorRequest::default() }
}

/// A request over `http` to this place.
pub(crate) fn send(authority: &str, path: &str) -> VendorRequest {
    let query = pairs(&[("scheme", "http"), ("authority", authority)]);
    VendorRequest { method: "SEND".to_owned(), path: path.to_owned(), query, ..VendorRequest::default() }
}

/// Texts that belong together in twos.
pub(crate) fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// An answer of the sandbox in one line: the code and message of an error, or the body.
pub(crate) fn shown(outcome: Result<Reply, Error>) -> String {
    match outcome {
        Ok(reply) => String::from_utf8_lossy(&reply.body).into_owned(),
        Err(error) => format!("{}: {}", error.code.unwrap_or_default(), error.message),
    }
}

/// Whether a call that does no harm is answered, which shows that an attack hurt nobody but itself.
pub(crate) async fn works(directory: &AccountDirectory) -> bool {
    directory.request(attack("SETTINGS", 0)).await.is_ok_and(|reply| reply.status == 200)
}
