//! `proxy`: the binary as the way out of a connector that runs elsewhere, over TCP and with a client that knows nothing.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Stdio};
use std::time::{Duration, Instant};

use expect_test::expect;

use crate::run::{Company, bare, check_secrecy, output, tell};

/// A running proxy, stopped when it is dropped.
struct Running {
    process: Child,
    _errors: ChildStderr,
    /// `127.0.0.1:PORT`
    address: String,
    /// `/SECRET`
    path: String,
}

impl Running {
    fn start(company: &Company, arguments: &[&str]) -> Running {
        let mut command = company.command(&[&["proxy"], arguments].concat());
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = lines.next().unwrap().unwrap();
        let endpoint = line.strip_prefix("endpoint=http://").unwrap();
        let (address, secret) = endpoint.split_once('/').unwrap();
        let (address, path) = (address.to_owned(), format!("/{secret}"));
        // Kept open, for it is said there how to end it.
        let errors = process.stderr.take().unwrap();
        Running { process, _errors: errors, address, path }
    }

    fn endpoint(&self) -> String {
        format!("http://{}{}", self.address, self.path)
    }

    /// Sends a request, with the usual `Host` and whatever other lines, and brings the whole answer.
    fn ask(&self, line: &str, headers: &str, body: &str) -> String {
        let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
        self.say(&format!(
            "{line} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{length}{headers}\r\n{body}",
            self.address
        ))
    }

    fn say(&self, text: &str) -> String {
        let mut connection = TcpStream::connect(&self.address).unwrap();
        // Who is refused early may not be read to the end.
        let _ = connection.write_all(text.as_bytes());
        let mut answer = Vec::new();
        let _ = connection.read_to_end(&mut answer);
        check_secrecy(&answer);
        String::from_utf8(answer).unwrap()
    }

    fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {}{path}", self.path), "", "")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap()
}

/// The answer without the line that has the time.
fn timeless(answer: &str) -> String {
    answer.split("\r\n").filter(|line| !line.starts_with("date: ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_client_without_a_token_reads_users_through_it() {
    let company = Company::small();
    let running = Running::start(&company, &["--listen", "127.0.0.1:0"]);
    let answer = running.get("/Users?count=2");
    assert_eq!(status(&answer), "200");
    assert!(answer.contains("oliver.conti@acme.example"));
    let seen = company.emulator.exchanges();
    assert!(seen[0].target.ends_with("/v2/Users?count=2"), "{}", seen[0].target);
    let bearer = format!("Bearer {}", crate::run::TOKEN);
    assert_eq!(seen[0].request_header("authorization"), Some(bearer.as_str()));
    assert_eq!(seen[0].request_header("host"), Some(company.emulator.address().to_string().as_str()));
}

#[test]
fn the_connector_works_behind_it() {
    let company = Company::small();
    let running = Running::start(&company, &[]);
    let (endpoint, user) = (running.endpoint(), "oliver.conti@acme.example");
    let list = output(&mut bare(&["users", "list", "--endpoint", &endpoint, "--no-token", "-o", "ndjson"]));
    assert_eq!(String::from_utf8(list.stdout).unwrap().lines().count(), 3);
    let write = ["users", "update", user, "--set", "title=Analyst", "--verify", "--endpoint", &endpoint, "--no-token"];
    assert_eq!(output(&mut company.command(&write)).status.code(), Some(0));
    assert_eq!(company.writes(), ["PATCH"]);
}

#[test]
fn what_is_written_through_it_is_recorded() {
    let company = Company::small();
    let running = Running::start(&company, &[]);
    let body = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"mara.lind@acme.example"}"#;
    let line = format!("POST {}/Users", running.path);
    assert_eq!(status(&running.ask(&line, "content-type: application/scim+json\r\n", body)), "201");
    let records: serde_json::Value = serde_json::from_str(&company.print(&["audit", "show", "-o", "json"])).unwrap();
    assert_eq!(records.as_array().map(Vec::len), Some(1), "{records}");
    assert_eq!(records[0]["operation"], "request");
}

#[test]
fn an_echoed_token_does_not_come_back() {
    let company = Company::with_faults(&["echo-token=500"]);
    let running = Running::start(&company, &[]);
    let answer = running.get("/Users");
    assert_eq!(status(&answer), "500");
    assert!(answer.contains("[redacted]"), "{answer}");
}

#[test]
fn without_its_secret_it_says_nothing() {
    let company = Company::small();
    let running = Running::start(&company, &[]);
    let nothing = "HTTP/1.1 404 Not Found\nconnection: close\ncontent-length: 0\n\n";
    let wrong = format!("/{}", "0".repeat(32));
    for path in ["/", "/Users", &format!("{wrong}/Users"), &format!("{}0/Users", running.path), "/v2/Users"] {
        assert_eq!(timeless(&running.ask(&format!("GET {path}"), "", "")), nothing, "{path}");
    }
    assert_eq!(company.emulator.request_count(), 0);
}

#[test]
fn a_page_of_another_name_for_this_machine_gets_nothing() {
    let company = Company::small();
    let running = Running::start(&company, &[]);
    let port = running.address.rsplit(':').next().unwrap();
    for host in ["localhost", "evil.example", "127.0.0.1.nip.example"] {
        let text = format!("GET {}/Users HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\n\r\n", running.path);
        assert_eq!(status(&running.say(&text)), "404", "{host}");
    }
    let text = format!("GET {}/Users HTTP/1.0\r\n\r\n", running.path);
    assert_eq!(status(&running.say(&text)), "404");
    assert_eq!(company.emulator.request_count(), 0);
}

#[test]
fn another_origin_path_method_or_header_is_denied() {
    let company = Company::small();
    let running = Running::start(&company, &[]);
    let path = &running.path;
    for (line, headers, expected) in [
        (format!("GET http://evil.example{path}/Users"), "", "404"),
        (format!("GET http://{}{path}/Users", running.address), "", "404"),
        (format!("GET {path}/../v3/Users"), "", "403"),
        (format!("GET {path}/%2e%2e/v3/Users"), "", "403"),
        (format!("GET {path}//evil.example/Users"), "", "403"),
        (format!("OPTIONS {path}/Users"), "", "403"),
        (format!("TRACE {path}/Users"), "", "403"),
        (format!("PROPFIND {path}/Users"), "", "403"),
        (format!("GET {path}/Users"), "authorization: Bearer mine\r\n", "403"),
        (format!("GET {path}/Users"), "cookie: a=b\r\n", "403"),
        (format!("GET {path}/Users"), "x-forwarded-for: 10.0.0.1\r\n", "403"),
        (format!("GET {path}/Users"), "origin: http://evil.example\r\n", "403"),
        (format!("GET {path}/Users"), "upgrade: websocket\r\n", "403"),
    ] {
        assert_eq!(status(&running.ask(&line, headers, "")), expected, "{line} {headers}");
    }
    assert_eq!(company.emulator.request_count(), 0);
    let denied = timeless(&running.ask(&format!("GET {path}/Users"), "cookie: a=b\r\n", ""));
    expect![[r#"
        HTTP/1.1 403 Forbidden
        content-type: application/problem+json
        cache-control: no-store
        connection: close
        content-length: 116

        {"status":403,"detail":"the request sets the header `cookie`, which is not allowed","code":"denied","effect":"none"}"#]]
    .assert_eq(&denied);
}

#[test]
fn what_other_hosts_add_of_their_own_accord_does_not_reach_the_vendor() {
    let company = Company::small();
    let running = Running::start(&company, &[]);
    let headers = "accept-encoding: gzip\r\nte: trailers\r\ntraceparent: 00-1-2-01\r\nkeep-alive: timeout=5\r\n\
                   accept: application/scim+json\r\n";
    assert_eq!(status(&running.ask(&format!("GET {}/Users", running.path), headers, "")), "200");
    let seen = &company.emulator.exchanges()[0];
    let mut names: Vec<_> = seen.request_headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "accept-encoding", "authorization", "host"]);
    assert_eq!(seen.request_header("accept-encoding"), Some("identity"));
}

#[test]
fn a_body_beyond_the_limit_is_not_sent() {
    let company = Company::small();
    let running = Running::start(&company, &[]);
    let body = "x".repeat(5 << 20);
    let answer = running.ask(&format!("POST {}/Users", running.path), "content-type: application/scim+json\r\n", &body);
    assert!(answer.is_empty() || status(&answer) == "413", "{answer}");
    assert_eq!(company.emulator.request_count(), 0);
}

#[test]
fn a_vendor_that_cannot_be_reached_leaves_nothing_in_doubt_and_one_that_breaks_off_does() {
    let company = Company::with_faults(&["reset=after method=POST"]);
    let running = Running::start(&company, &[]);
    let line = format!("POST {}/Users", running.path);
    let broken = running.ask(&line, "content-type: application/scim+json\r\n", "{}");
    assert_eq!(status(&broken), "502");
    assert!(broken.ends_with(r#""code":"connection","effect":"unknown"}"#), "{broken}");
    drop(company);
    let refused = running.ask(&line, "content-type: application/scim+json\r\n", "{}");
    assert_eq!(status(&refused), "503");
    assert!(refused.ends_with(r#""code":"connection","effect":"none"}"#), "{refused}");
}

#[test]
fn the_pace_of_the_account_is_kept() {
    let company = Company::small();
    let running = Running::start(&company, &["--rate", "10"]);
    let start = Instant::now();
    for _ in 0..6 {
        assert_eq!(status(&running.get("/Users?count=1")), "200");
    }
    // The first goes at once, and the others a tenth of a second after each other.
    assert!(start.elapsed() >= Duration::from_millis(500), "{:?}", start.elapsed());
}

#[test]
fn it_listens_to_this_machine_alone() {
    let company = Company::small();
    expect![[r#"
        error: `0.0.0.0:0` is no loopback address, and whoever reaches the proxy may use the account
        hint: listen at `127.0.0.1:0` or `[::1]:0`
        exit 2
    "#]]
    .assert_eq(&tell(&mut company.command(&["proxy", "--listen", "0.0.0.0:0"])));
    for address in ["192.168.1.1:0", "[::]:0", "8.8.8.8:80"] {
        assert_eq!(output(&mut company.command(&["proxy", "--listen", address])).status.code(), Some(2));
    }
    let name = tell(&mut company.command(&["proxy", "--listen", "localhost:0"]));
    assert!(name.starts_with("error: invalid value 'localhost:0' for '--listen <ADDRESS>'"), "{name}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_lets_what_is_under_way_come_to_its_end() {
    let company = Company::with_faults(&["delay-ms=700"]);
    let mut running = Running::start(&company, &[]);
    let mut connection = TcpStream::connect(&running.address).unwrap();
    let request = format!("GET {}/Users HTTP/1.1\r\nhost: {}\r\n\r\n", running.path, running.address);
    connection.write_all(request.as_bytes()).unwrap();
    while company.emulator.request_count() == 0 {
        std::thread::yield_now();
    }
    let process = rustix::process::Pid::from_child(&running.process);
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert_eq!(status(&answer), "200");
    assert_eq!(running.process.wait().unwrap().code(), Some(0));
    assert!(TcpStream::connect(&running.address).is_err());
}
