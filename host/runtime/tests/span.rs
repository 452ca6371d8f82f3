//! What a log is told of calls and requests, of the real connector over TCP: the fields that are promised, and nothing of
//! anybody.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper of a test ends it as the test itself would"
)]

use std::io;
use std::sync::{Arc, Mutex};

use portcullis_directory::{
    Change, Directory, PageQuery, ReadOptions, UserKey, Value as Field, VendorRequest, WriteOptions,
};
use portcullis_emulator::{Auth, Emulator, Options};
use portcullis_runtime::{Account, AccountDirectory, Pace, Runtime, StaticToken};
use serde_json::Value;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, fmt};

const TOKEN: &str = "s3cr3t-t0ken/of+the=company";
const MARA: &str = "mara.lind@acme.example";

/// Keeps what is written to it.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Listens on this thread, on which all of a test runs.
    fn listen(&self, level: tracing::Level) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        let lines = fmt::layer().json().with_span_events(FmtSpan::CLOSE).with_writer(move || log.clone());
        let targets = tracing_subscriber::filter::Targets::new().with_target("portcullis", level);
        tracing::subscriber::set_default(tracing_subscriber::registry().with(lines.with_filter(targets)))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The spans of this name, as they ended.
    fn spans(&self, name: &str) -> Vec<Value> {
        let text = self.text();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let ended = lines.filter(|line| line["fields"]["message"] == "close" && line["span"]["name"] == name);
        ended.map(|line| line["span"].clone()).collect()
    }
}

async fn company(faults: &[&str]) -> (Emulator, AccountDirectory) {
    let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
    let auth = Auth::Token(TOKEN.to_owned());
    let emulator = Emulator::start(Options { users: 3, groups: 2, auth, faults, ..Options::default() }).await.unwrap();
    let runtime = Runtime::builder().allow_loopback(true).build().unwrap();
    let connector = runtime.load(portcullis_connectors::ZPA).await.unwrap();
    let account = Account::new(emulator.endpoint()).unwrap().called("acme").with_pace(Pace::default());
    let directory = connector.directory(account, StaticToken::new(TOKEN).unwrap()).unwrap();
    (emulator, directory)
}

fn username() -> [Change; 1] {
    [Change { field: "username".to_owned(), value: Some(Field::Text(MARA.to_owned())) }]
}

/// The parts of a span that are the same in every run.
fn parts(span: &Value, names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("{name}={}", span.get(name).unwrap_or(&Value::Null))).collect()
}

const CALL: [&str; 7] = ["operation", "account", "outcome", "blame", "effect", "error.type", "requests"];
const REQUEST: [&str; 5] =
    ["http.request.method", "url.template", "http.response.status_code", "http.request.resend_count", "error.type"];

#[tokio::test]
async fn a_call_and_each_try_of_its_requests_are_told_with_the_promised_fields() {
    let (_emulator, directory) = company(&["status=429 retry-after=0 method=GET nth=1"]).await;
    let log = Log::default();
    {
        let _listening = log.listen(tracing::Level::INFO);
        directory.list_users(PageQuery::default()).await.unwrap();
        directory.create_user(&username(), WriteOptions::default()).await.unwrap();
        directory.create_user(&username(), WriteOptions::default()).await.unwrap_err();
    }
    let calls: Vec<_> = log.spans("call").iter().map(|span| parts(span, &CALL).join(" ")).collect();
    assert_eq!(
        calls,
        [
            r#"operation="list-users" account="acme" outcome="answered" blame=null effect=null error.type=null requests=1"#,
            r#"operation="create-user" account="acme" outcome="answered" blame=null effect=null error.type=null requests=1"#,
            r#"operation="create-user" account="acme" outcome="conflict" blame="caller" effect="none" error.type="conflict" requests=2"#,
        ]
    );
    let requests: Vec<_> = log.spans("request").iter().map(|span| parts(span, &REQUEST)[..].join(" ")).collect();
    assert_eq!(
        requests,
        [
            r#"http.request.method="GET" url.template="Users" http.response.status_code=429 http.request.resend_count=0 error.type="429""#,
            r#"http.request.method="GET" url.template="Users" http.response.status_code=200 http.request.resend_count=1 error.type=null"#,
            r#"http.request.method="POST" url.template="Users" http.response.status_code=201 http.request.resend_count=0 error.type=null"#,
            r#"http.request.method="POST" url.template="Users" http.response.status_code=409 http.request.resend_count=0 error.type="409""#,
            // Whose name it is that is taken.
            r#"http.request.method="GET" url.template="Users" http.response.status_code=200 http.request.resend_count=0 error.type=null"#,
        ]
    );
    for span in log.spans("request") {
        assert_eq!(span["server.address"], "127.0.0.1");
        assert!(span["pace.wait"].as_f64().is_some_and(|wait| wait >= 0.0), "{span}");
    }
}

#[tokio::test]
async fn nothing_of_anybody_is_told_at_info_and_the_token_at_no_level() {
    let (emulator, directory) = company(&["echo-token=500 path=/Groups times=1"]).await;
    let everything = async || {
        let options = ReadOptions::default();
        let made = directory.create_user(&username(), WriteOptions::default()).await.unwrap();
        directory.find_user(&UserKey::Username(MARA.to_owned()), options).await.unwrap();
        directory.get_user(&made.id, options).await.unwrap();
        directory.get_user("no-such-person", options).await.unwrap_err();
        // The first time, the token is in the answer.
        let _ = directory.list_groups(PageQuery::default()).await;
        let group = &emulator.directory().groups().next().unwrap().id;
        directory.add_members(group, std::slice::from_ref(&made.id), WriteOptions::default()).await.unwrap();
        let query = vec![("filter".to_owned(), format!("userName eq \"{MARA}\""))];
        let request = VendorRequest {
            method: "GET".to_owned(),
            path: format!("Users/{}", made.id),
            query,
            ..VendorRequest::default()
        };
        directory.request(request).await.unwrap();
        let dry = directory.dry_run().0;
        dry.delete_user(&made.id, WriteOptions::default()).await.unwrap();
        directory.delete_user(&made.id, WriteOptions::default()).await.unwrap();
        [
            made.id,
            group.clone(),
            MARA.to_owned(),
            "no-such-person".to_owned(),
            "filter".to_owned(),
            "userName".to_owned(),
        ]
    };
    let log = Log::default();
    let people = {
        let _listening = log.listen(tracing::Level::INFO);
        everything().await
    };
    let told = log.text();
    assert!(log.spans("call").len() >= 9 && log.spans("request").len() >= 8, "{told}");
    for person in people {
        assert!(!told.contains(&person), "`{person}` in {told}");
    }
    let all = Log::default();
    {
        let _listening = all.listen(tracing::Level::TRACE);
        everything().await;
    }
    for token in [TOKEN, "s3cr3t"] {
        assert!(!all.text().contains(token) && !told.contains(token));
    }
}

#[tokio::test]
async fn a_call_that_is_given_up_has_no_outcome() {
    let (_emulator, directory) = company(&["delay-ms=20000 path=/Users"]).await;
    let log = Log::default();
    {
        let _listening = log.listen(tracing::Level::INFO);
        let call = directory.list_users(PageQuery::default());
        assert!(tokio::time::timeout(std::time::Duration::from_millis(50), call).await.is_err());
        // Its request is a task of its own, which ends when it has its turn.
        while log.spans("call").is_empty() {
            tokio::task::yield_now().await;
        }
    }
    let span = &log.spans("call")[0];
    assert_eq!(parts(span, &["operation", "outcome"]), ["operation=\"list-users\"", "outcome=null"]);
}
