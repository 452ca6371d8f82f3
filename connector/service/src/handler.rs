//! The export of the component: one HTTP request, one call of the contract, one answer.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use portcullis_directory::rpc::{Request, Response};

use crate::bindings::exports::wasi::http::incoming_handler::Guest;
use crate::bindings::wasi::cli::environment;
use crate::bindings::wasi::http::types::{
    Fields, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam,
};
use crate::bindings::wasi::io::streams::StreamError;
use crate::directory::Connector;
use crate::gate::{LONGEST, Refusal, admit};

pub(crate) struct Service;

impl Guest for Service {
    fn handle(request: IncomingRequest, answer: ResponseOutparam) {
        match respond(&request) {
            Ok(response) => send(answer, 200, "application/json", &response.to_string()),
            Err(Refusal { status, message }) => send(answer, status, "text/plain; charset=utf-8", message),
        }
    }
}

fn respond(request: &IncomingRequest) -> Result<Response, Refusal> {
    let environment = environment::get_environment();
    let variable = |name: &str| environment.iter().find(|(one, _)| one == name).map(|(_, value)| value.clone());
    let headers = request.headers();
    let header = |name: &str| headers.get(name).into_iter().next();
    admit(
        matches!(request.method(), Method::Post),
        header("content-type").as_deref(),
        header("authorization").as_deref(),
        variable("PORTCULLIS_SERVICE_KEY").as_deref(),
    )?;
    let Some(endpoint) = variable("PORTCULLIS_ENDPOINT") else {
        return Err(Refusal { status: 503, message: "set `PORTCULLIS_ENDPOINT` to the account's endpoint" });
    };
    let body = body(request)?;
    let connector = Connector::new(endpoint, variable("PORTCULLIS_SETTINGS"));
    Ok(match Request::read(&body) {
        Ok(request) => now(request.call(&connector)),
        Err(response) => response,
    })
}

fn body(request: &IncomingRequest) -> Result<Vec<u8>, Refusal> {
    const CHUNK: u64 = 1 << 16;
    let broken = Refusal { status: 400, message: "the body cannot be read" };
    let incoming = request.consume().map_err(|()| broken)?;
    let stream = incoming.stream().map_err(|()| broken)?;
    let mut body = Vec::new();
    loop {
        match stream.blocking_read(CHUNK) {
            Ok(chunk) => body.extend_from_slice(&chunk),
            Err(StreamError::Closed) => return Ok(body),
            Err(StreamError::LastOperationFailed(_)) => return Err(broken),
        }
        if body.len() > LONGEST {
            return Err(Refusal { status: 413, message: "a request has at most 1048576 bytes" });
        }
    }
}

/// Every function of a plugged connector has answered when it returns.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

fn send(answer: ResponseOutparam, status: u16, media: &str, text: &str) {
    let entries = [
        ("content-type".to_owned(), media.as_bytes().to_vec()),
        ("content-length".to_owned(), text.len().to_string().into_bytes()),
        ("cache-control".to_owned(), b"no-store".to_vec()),
    ];
    let response = OutgoingResponse::new(Fields::from_list(&entries).unwrap_or_else(|_| Fields::new()));
    let body = response.set_status_code(status).and_then(|()| response.body());
    ResponseOutparam::set(answer, Ok(response));
    // A caller that is gone needs no answer; one that gets half of it sees that by its length.
    let Ok(body) = body else { return };
    let is_whole = body
        .write()
        .is_ok_and(|stream| text.as_bytes().chunks(4096).all(|chunk| stream.blocking_write_and_flush(chunk).is_ok()));
    if is_whole {
        OutgoingBody::finish(body, None).unwrap_or_default();
    }
}
