//! The least HTTP client there is: one request a connection, everything read to the end.
//! Written by hand so that a test sees what was on the wire, not what a library makes of it.

use std::io;

use portcullis_emulator::{Auth, Emulator, Options};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) const TOKEN: &str = "open-sesame";

/// What came back before the connection closed.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other == name)?;
        Some(&found.1)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// True where `Content-Length` promises more than came.
    pub(crate) fn is_cut_short(&self) -> bool {
        let announced: usize = self.header("content-length").unwrap().parse().unwrap();
        self.body.len() < announced
    }
}

/// An emulator with that token and the default directory, changed as the caller likes.
pub(crate) async fn emulator(change: impl FnOnce(&mut Options)) -> Emulator {
    let mut options = Options { auth: Auth::Token(TOKEN.to_owned()), ..Options::default() };
    change(&mut options);
    Emulator::start(options).await.unwrap()
}

/// GET below the endpoint, with the token.
pub(crate) async fn get(emulator: &Emulator, path: &str) -> Answer {
    try_get(emulator, path).await.unwrap()
}

pub(crate) async fn try_get(emulator: &Emulator, path: &str) -> io::Result<Answer> {
    let target = format!("/scim/1/111222333444555666/v2{path}");
    request(emulator, "GET", &target, &format!("authorization: Bearer {TOKEN}\r\n")).await
}

/// Any method below the endpoint, with the token and a body.
pub(crate) async fn send(emulator: &Emulator, method: &str, path: &str, body: &str) -> Answer {
    try_send(emulator, method, path, body).await.unwrap()
}

pub(crate) async fn try_send(emulator: &Emulator, method: &str, path: &str, body: &str) -> io::Result<Answer> {
    let target = format!("/scim/1/111222333444555666/v2{path}");
    let length = body.len();
    let headers = format!("authorization: Bearer {TOKEN}\r\ncontent-length: {length}\r\n\r\n{body}");
    request(emulator, method, &target, &headers).await
}

/// Any request; `headers` are whole lines, and a body may stand behind them.
pub(crate) async fn request(emulator: &Emulator, method: &str, target: &str, headers: &str) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(emulator.address()).await?;
    let head = format!("{method} {target} HTTP/1.1\r\nhost: emulator\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.ok_or(io::ErrorKind::UnexpectedEof)?;
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.map(|line| line.split_once(": ").unwrap());
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    Ok(Answer { status, headers: headers.collect(), body: bytes[end + 4..].to_vec() })
}

/// The rows of a list.
pub(crate) fn rows(answer: &Answer) -> Vec<Value> {
    answer.json()["Resources"].as_array().cloned().unwrap_or_default()
}

/// The ids of the rows of a list.
pub(crate) fn ids(answer: &Answer) -> Vec<String> {
    let id = |row: &Value| row["id"].as_str().unwrap().to_owned();
    rows(answer).iter().map(id).collect()
}
