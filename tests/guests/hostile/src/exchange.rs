//! Requests to wherever the call says, in whatever words it says.

use crate::bindings::wasi::http::{outgoing_handler, types as wasi};
use crate::bindings::wasi::io::streams::StreamError;
use crate::exports::{Error, Reply};
use crate::failed;

/// What is to be sent. The query holds `scheme`, `authority` and `method`, and each `trailer` as `name=value`.
pub(crate) struct Wish {
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<Vec<u8>>,
}

impl Wish {
    fn of(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Sends one request and brings the whole answer, headers and all.
pub(crate) fn send(wish: &Wish) -> Result<Reply, Error> {
    let pending = begin(wish)?;
    answer(&pending)
}

/// Sends as many requests as the query's `times` says without waiting for an answer, then waits for each, and tells how
/// many were answered.
pub(crate) fn flood(wish: &Wish) -> Result<Reply, Error> {
    let times = wish.of("times").and_then(|times| times.parse().ok()).unwrap_or(0);
    let pending = (0..times).map(|_| begin(wish)).collect::<Result<Vec<_>, _>>()?;
    let answered = pending.iter().filter(|pending| answer(pending).is_ok()).count();
    Ok(crate::attack::told(answered.to_string()))
}

/// Begins a request, never ends its body, and waits.
pub(crate) fn stall(wish: &Wish) -> Result<Reply, Error> {
    let outgoing = outgoing(wish)?;
    let body = outgoing.body().map_err(|()| failed("body", "there is none"))?;
    let pending = outgoing_handler::handle(outgoing, None).map_err(|code| refused(&code))?;
    let answer = answer(&pending);
    drop(body);
    answer
}

fn begin(wish: &Wish) -> Result<wasi::FutureIncomingResponse, Error> {
    let trailers = wish.query.iter().filter(|(name, _)| name == "trailer");
    let trailers: Vec<_> = trailers.filter_map(|(_, trailer)| trailer.split_once('=')).collect();
    let trailers = if trailers.is_empty() { None } else { Some(fields(trailers.into_iter())?) };
    let outgoing = outgoing(wish)?;
    let body = outgoing.body().map_err(|()| failed("body", "there is none"))?;
    let pending = outgoing_handler::handle(outgoing, None).map_err(|code| refused(&code))?;
    if let Some(bytes) = &wish.body {
        let stream = body.write().map_err(|()| failed("body", "it has no stream"))?;
        for chunk in bytes.chunks(4096) {
            // Why it was not taken is in the answer.
            if stream.blocking_write_and_flush(chunk).is_err() {
                break;
            }
        }
    }
    // So is why it could not be finished.
    let _ = wasi::OutgoingBody::finish(body, trailers);
    Ok(pending)
}

fn outgoing(wish: &Wish) -> Result<wasi::OutgoingRequest, Error> {
    let headers = wish.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let outgoing = wasi::OutgoingRequest::new(fields(headers)?);
    let method = match wish.of("method").unwrap_or("GET") {
        "GET" => wasi::Method::Get,
        "POST" => wasi::Method::Post,
        "PATCH" => wasi::Method::Patch,
        "CONNECT" => wasi::Method::Connect,
        "TRACE" => wasi::Method::Trace,
        other => wasi::Method::Other(other.to_owned()),
    };
    let scheme = match wish.of("scheme").unwrap_or("https") {
        "http" => wasi::Scheme::Http,
        "https" => wasi::Scheme::Https,
        other => wasi::Scheme::Other(other.to_owned()),
    };
    outgoing.set_method(&method).map_err(|()| failed("method", "the host does not take it"))?;
    outgoing.set_scheme(Some(&scheme)).map_err(|()| failed("scheme", "the host does not take it"))?;
    let authority = wish.of("authority");
    outgoing.set_authority(authority).map_err(|()| failed("authority", "the host does not take it"))?;
    outgoing.set_path_with_query(Some(&wish.path)).map_err(|()| failed("path", "the host does not take it"))?;
    Ok(outgoing)
}

/// Headers or trailers. The error names the first that the host does not take.
fn fields<'a>(entries: impl Iterator<Item = (&'a str, &'a str)>) -> Result<wasi::Fields, Error> {
    let fields = wasi::Fields::new();
    for (name, value) in entries {
        fields.append(name, value.as_bytes()).map_err(|error| match error {
            wasi::HeaderError::Forbidden => failed("header-forbidden", name),
            wasi::HeaderError::InvalidSyntax => failed("header-syntax", name),
            wasi::HeaderError::Immutable => failed("header-immutable", name),
        })?;
    }
    Ok(fields)
}

fn answer(pending: &wasi::FutureIncomingResponse) -> Result<Reply, Error> {
    pending.subscribe().block();
    let answer = match pending.get() {
        Some(Ok(Ok(answer))) => answer,
        Some(Ok(Err(code))) => return Err(refused(&code)),
        Some(Err(())) | None => return Err(failed("answer", "it was taken already")),
    };
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let headers = answer.headers().entries().into_iter().map(|(name, value)| (name, text(&value))).collect();
    let incoming = answer.consume().map_err(|()| failed("answer", "it has no body"))?;
    let stream = incoming.stream().map_err(|()| failed("answer", "its body has no stream"))?;
    let mut body = Vec::new();
    loop {
        match stream.blocking_read(1 << 20) {
            Ok(chunk) => body.extend_from_slice(&chunk),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(error)) => {
                return Err(match wasi::http_error_code(&error) {
                    Some(code) => refused(&code),
                    None => failed("stream", "it broke"),
                });
            }
        }
    }
    Ok(Reply { status: answer.status(), headers, body })
}

fn refused(code: &wasi::ErrorCode) -> Error {
    failed("http", format!("{code:?}"))
}
