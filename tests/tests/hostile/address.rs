//! Which addresses are connected to, whatever a name server says.

use std::net::IpAddr;
use std::sync::Mutex;

use portcullis_directory::{Directory as _, ErrorKind, VendorRequest};
use portcullis_runtime::{Addresses, Resolver, Runtime, StaticToken};
use portcullis_tests::TOKEN;

use crate::attack::{HOSTILE, account, naive, pairs, send, shown};
use crate::wire::Wire;

/// A name server that answers each question with the next of these, and the last one for ever.
pub(crate) struct Changing(Mutex<Vec<Vec<IpAddr>>>);

impl Changing {
    pub(crate) fn new(answers: &[&[&str]]) -> Changing {
        let parsed = |answer: &&[&str]| answer.iter().map(|address| address.parse().unwrap()).collect();
        Changing(Mutex::new(answers.iter().rev().map(parsed).collect()))
    }
}

impl Resolver for Changing {
    fn resolve<'a>(&'a self, _: &'a str) -> Addresses<'a> {
        let mut answers = self.0.lock().unwrap();
        let answer = if answers.len() > 1 { answers.pop().unwrap() } else { answers[0].clone() };
        Box::pin(std::future::ready(Ok(answer)))
    }
}

/// What becomes of so many requests of a connector to a name at the port of this server.
async fn told(vendor: &Wire, loopback: bool, answers: &[&[&str]], times: usize) -> Vec<String> {
    let runtime = Runtime::builder().allow_loopback(loopback).resolver(Changing::new(answers)).build().unwrap();
    let authority = format!("vendor.example:{}", vendor.address.port());
    let directory = runtime.load(HOSTILE).await.unwrap();
    let directory =
        directory.directory(account(&format!("https://{authority}/v2")), StaticToken::new(TOKEN).unwrap()).unwrap();
    let query = pairs(&[("scheme", "https"), ("authority", &authority)]);
    let request = VendorRequest { query, ..send("", "/v2/Users") };
    let mut told = Vec::new();
    for _ in 0..times {
        told.push(shown(directory.request(request.clone()).await));
    }
    told
}

const NOWHERE: &str = "denied: the name `vendor.example` has no address that may be reached";

#[tokio::test]
async fn a_name_that_leads_inside_is_not_connected_to() {
    let vendor = Wire::friendly().await;
    for address in [
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "fd00:ec2::254",
        "fe80::1",
        "100.64.0.1",
        "0.0.0.0",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ] {
        assert_eq!(told(&vendor, false, &[&[address]], 1).await, [NOWHERE], "{address}");
    }
    assert_eq!(vendor.connections(), 0);

    // Its resolver is the system's, so the name is one that leads to loopback everywhere.
    let request = send(&format!("localhost:{}", vendor.address.port()), "/v2/Users");
    naive("https://vendor.example").await.request(request).await.unwrap();
    assert_eq!(vendor.connections(), 1);
}

/// The name is harmless when it is looked at, and is not when it is used. There is no look-up but the one that the
/// connection is made by, and each new connection has its own.
#[tokio::test]
async fn a_name_that_changes_its_answer_is_judged_by_each_answer() {
    let vendor = Wire::answering("no TLS").await;
    let answers: &[&[&str]] = &[
        &["127.0.0.1"],
        &["169.254.169.254"],
        &["10.0.0.1", "fe80::1"],
        &["169.254.169.254", "10.0.0.1", "127.0.0.1"],
        &["169.254.169.254"],
    ];
    // The operator allowed loopback here, so the first answer and the fourth are connected to and the others are not.
    let told = told(&vendor, true, answers, 5).await;
    let connected: Vec<_> = told.iter().map(|told| told.starts_with("tls: ")).collect();
    assert_eq!(connected, [true, false, false, true, false], "{told:?}");
    assert!(told.iter().all(|line| line == NOWHERE || line.starts_with("tls: ")), "{told:?}");
    assert_eq!(vendor.connections(), 2);
    assert!(vendor.asked().iter().all(|asked| !asked.contains(TOKEN)));

    // It connects to whatever the system's resolver says then, without a look at it, as the test above shows. There is
    // no seam for another resolver, so this one cannot be made to change its mind.
}

#[tokio::test]
async fn an_account_at_an_address_inside_is_refused() {
    let runtime = Runtime::new().unwrap();
    let connector = runtime.load(HOSTILE).await.unwrap();
    for endpoint in [
        "https://127.0.0.1",
        "https://[::1]/v2",
        "https://[::ffff:127.0.0.1]",
        "https://169.254.169.254/latest",
        "https://[fd00:ec2::254]",
        "https://10.0.0.1",
        "https://192.168.1.1",
        "https://0.0.0.0",
        "http://127.0.0.1",
        "http://localhost",
        "http://vendor.example",
    ] {
        let refused = connector.directory(account(endpoint), StaticToken::new(TOKEN).unwrap()).unwrap_err();
        assert!(refused.is_endpoint_refused(), "{endpoint}: {refused}");
    }
    for endpoint in ["https://127.1", "https://2130706433", "https://0x7f.1", "https://017700000001"] {
        assert!(portcullis_runtime::Account::new(endpoint).unwrap_err().is_endpoint_refused(), "{endpoint}");
    }
    // A naive host has no account that could be refused: it goes where the connector says.
}

#[tokio::test]
async fn a_request_without_an_account_reaches_nobody() {
    let vendor = Wire::friendly().await;
    let directory = crate::attack::sandboxed(&vendor.endpoint()).await;
    let request = VendorRequest { query: pairs(&[("scheme", "http")]), ..send("", "/v2/Users") };
    let error = directory.request(request).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Forbidden | ErrorKind::Unavailable), "{error}");
    assert_eq!(vendor.connections(), 0);
}
