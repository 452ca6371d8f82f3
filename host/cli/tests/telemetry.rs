//! Figures for Prometheus and spans for OpenTelemetry: the binary with both features, a company, and a collector on this
//! machine.

#![expect(clippy::unwrap_used, reason = "a helper of a test ends it as the test itself would")]

#[path = "command/run.rs"]
#[allow(dead_code, reason = "the other tests of the command need more of it")]
mod run;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::thread::JoinHandle;

use run::{Company, TOKEN, directory, output, tell};

const MARA: &str = "mara.lind@acme.example";

/// The first line of a request, and its body.
type Taken = (String, Vec<u8>);

/// A collector that takes what comes on one connection after the other, until it has seen so many requests.
fn collector(requests: usize) -> (String, JoinHandle<Vec<Taken>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let taken = std::thread::spawn(move || {
        let mut taken = Vec::new();
        while taken.len() < requests {
            let mut connection = BufReader::new(listener.accept().unwrap().0);
            while taken.len() < requests {
                let Some(request) = request(&mut connection) else { break };
                taken.push(request);
                let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
                connection.get_mut().write_all(answer.as_bytes()).unwrap();
            }
        }
        taken
    });
    (url, taken)
}

fn request(connection: &mut BufReader<TcpStream>) -> Option<Taken> {
    let (mut first, mut length) = (String::new(), 0);
    connection.read_line(&mut first).unwrap();
    if first.is_empty() {
        return None;
    }
    loop {
        let mut line = String::new();
        connection.read_line(&mut line).unwrap();
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(text) = line.strip_prefix("content-length:") {
            length = text.trim().parse().unwrap();
        }
        if line.is_empty() {
            let mut body = vec![0; length];
            connection.read_exact(&mut body).unwrap();
            return Some((first.trim_end().to_owned(), body));
        }
    }
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn spans_reach_a_collector_and_nobody_is_named_in_them() {
    let company = Company::small();
    let (url, taken) = collector(1);
    let created = output(&mut company.command(&["users", "create", "--username", MARA, "--otlp", &url]));
    assert!(created.status.success(), "{}", String::from_utf8_lossy(&created.stderr));
    let (first, body) = &taken.join().unwrap()[0];
    assert_eq!(first, "POST /v1/traces HTTP/1.1");
    for told in
        ["portcullis", "create-user", "answered", "http.request.method", "POST", "url.template", "Users", "audit.id"]
    {
        assert!(has(body, told), "{told}");
    }
    for secret in [MARA, TOKEN, "acme.example"] {
        assert!(!has(body, secret), "{secret}");
    }
}

#[test]
fn a_collector_that_is_not_there_costs_a_warning_and_not_the_command() {
    let company = Company::small();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let listed = output(&mut company.command(&["users", "list", "--otlp", &format!("http://{free}")]));
    assert!(listed.status.success());
    let refused = tell(&mut company.command(&["users", "list", "--otlp", "https://collector.example"]));
    assert!(refused.starts_with("error: the collector of OpenTelemetry is not named by an `http` URL"), "{refused}");
    assert!(refused.ends_with("exit 2\n"), "{refused}");
}

#[test]
fn figures_are_written_to_a_file_when_the_command_has_ended() {
    let company = Company::with_faults(&["status=503 method=GET nth=1"]);
    let file = directory().join("portcullis.prom");
    let path = file.to_str().unwrap();
    let listed = output(&mut company.command(&["users", "list", "--rate", "50", "--metrics-file", path]));
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let text = fs::read_to_string(&file).unwrap();
    for line in [
        "portcullis_calls_total{operation=\"list-users\",outcome=\"answered\",blame=\"none\"} 1",
        "portcullis_requests_total{method=\"GET\",status=\"503\",attempt=\"1\"} 1",
        "portcullis_requests_total{method=\"GET\",status=\"200\",attempt=\"2\"} 1",
        "portcullis_throttles_total{by=\"vendor\"} 1",
        "portcullis_queue_wait_seconds_count 2",
        "portcullis_call_duration_seconds_count{operation=\"list-users\"} 1",
        "portcullis_request_duration_seconds_count{method=\"GET\"} 2",
    ] {
        assert!(text.lines().any(|told| told == line), "{line} in\n{text}");
    }
    // A call that fails is counted, too, and the command fails as ever.
    let failed = output(&mut company.command(&["users", "get", "id:no-such-person", "--metrics-file", path]));
    assert_eq!(failed.status.code(), Some(3));
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("{operation=\"get-user\",outcome=\"not-found\",blame=\"caller\"} 1"), "{text}");
    assert!(!text.contains("no-such-person"));
}

#[test]
fn figures_are_served_at_a_loopback_address_while_a_command_runs() {
    let company = Company::small();
    let mut command = company.command(&["worker", "--metrics", "127.0.0.1:0"]);
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = command.spawn().unwrap();
    let mut note = String::new();
    BufReader::new(running.stderr.take().unwrap()).read_line(&mut note).unwrap();
    let address =
        note.trim_end().strip_prefix("note: figures are at http://").unwrap().strip_suffix("/metrics").unwrap();
    let mut input = running.stdin.take().unwrap();
    writeln!(input, r#"{{"jsonrpc":"2.0","id":1,"method":"list-groups","params":{{}}}}"#).unwrap();
    let mut answer = String::new();
    BufReader::new(running.stdout.take().unwrap()).read_line(&mut answer).unwrap();
    assert!(answer.contains("\"result\""), "{answer}");
    let figures = get(address, "/metrics");
    assert!(figures.starts_with("HTTP/1.1 200 OK\r\n"), "{figures}");
    assert!(
        figures.contains("portcullis_calls_total{operation=\"list-groups\",outcome=\"answered\",blame=\"none\"} 1\n"),
        "{figures}"
    );
    assert!(figures.ends_with("# EOF\n"), "{figures}");
    assert!(get(address, "/").starts_with("HTTP/1.1 404 "));
    drop(input);
    assert!(running.wait().unwrap().success());
    let refused = tell(&mut company.command(&["users", "list", "--metrics", "0.0.0.0:0"]));
    assert!(refused.starts_with("error: `--metrics 0.0.0.0:0` is no loopback address"), "{refused}");
}

fn get(address: &str, path: &str) -> String {
    let mut connection = TcpStream::connect(address).unwrap();
    write!(connection, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer
}
