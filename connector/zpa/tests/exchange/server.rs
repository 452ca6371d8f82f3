//! Answers without a server: a recorder of requests, and accounts to make them with.

use std::collections::VecDeque;
use std::fmt::Write as _;

use portcullis_zpa::account::Account;
use portcullis_zpa::http::{Failure, Request, Response};
use portcullis_zpa::wit;

/// An account without settings.
pub(crate) fn account() -> Account {
    account_with(None)
}

/// An account with these settings.
pub(crate) fn account_with(settings: Option<&str>) -> Account {
    let endpoint = "https://scim1.private.zscaler.com/scim/1/7/v2".to_owned();
    Account::parse(&wit::Account { endpoint, settings: settings.map(str::to_owned) }).unwrap()
}

/// Gives the answers in their order and writes down what it was asked.
#[derive(Default)]
pub(crate) struct Script {
    answers: VecDeque<Result<Response, Failure>>,
    pub(crate) transcript: String,
}

impl Script {
    /// Answers once, with this status and body.
    pub(crate) fn answering(status: u16, body: &str) -> Script {
        Script::default().then(status, body)
    }

    pub(crate) fn then(mut self, status: u16, body: &str) -> Script {
        self.answers.push_back(Ok(Response { status, headers: Vec::new(), body: body.into() }));
        self
    }

    pub(crate) fn send(&mut self, request: &Request) -> Result<Response, Failure> {
        let Request { method, scheme, authority, path, headers, body } = request;
        writeln!(self.transcript, "{method} {scheme}://{authority}{path}").unwrap();
        for (name, value) in headers {
            writeln!(self.transcript, "{name}: {value}").unwrap();
        }
        if let Some(body) = body {
            writeln!(self.transcript, "\n{}", String::from_utf8_lossy(body)).unwrap();
        }
        self.answers.pop_front().expect("one request more than the script has answers for")
    }
}
