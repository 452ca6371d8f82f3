//! The [`Directory`] as JSON, for callers in any language: one call is one JSON-RPC 2.0 request, and its answer one
//! response. Shapes are in `json-rpc.schema.json` beside this crate's manifest.
//!
//! The method is the function's name in the contract (`list-users`), the params its arguments by name. A request has an
//! id, since a call without an answer could hide a failed write, and travels alone, not in a batch.
//!
//! A failed call has the error code [`FAILED`] and, as `data`, the [`Error`] that tells what to do next and what was
//! changed. A request that is none has a code of JSON-RPC's own, and nothing was done.

mod change;
mod method;
mod params;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::text::{MESSAGE, one_line};
use crate::{Directory, Error, ErrorKind, Json};

/// The code of a call that failed: `data` says how.
pub const FAILED: i32 = -32000;

/// JSON Schema (2020-12) of requests and responses.
pub const SCHEMA: &str = include_str!("../json-rpc.schema.json");

/// A request, read and not yet understood.
#[derive(Clone, Debug)]
pub struct Request {
    id: Json,
    method: String,
    params: Option<Json>,
}

/// What is answered to a request. `Display` writes it as one line of JSON.
#[derive(Debug, Serialize)]
pub struct Response {
    jsonrpc: &'static str,
    id: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Failure>,
}

#[derive(Debug, Serialize)]
struct Failure {
    code: i32,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Box<Error>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `jsonrpc`, `id`, `method` and `params`")]
struct Envelope {
    jsonrpc: String,
    id: Json,
    method: String,
    #[serde(default)]
    params: Option<Json>,
}

impl Request {
    /// Reads a request. The response says why it is none.
    pub fn read(bytes: &[u8]) -> Result<Request, Response> {
        let json = serde_json::from_slice::<&RawValue>(bytes)
            .map_err(|error| Response::refused(None, PARSE_ERROR, &format!("the request is not JSON: {error}")))?;
        let invalid = |id, why: &str| Response::refused(id, INVALID_REQUEST, &format!("the request {why}"));
        if json.get().starts_with('[') {
            return Err(invalid(None, "is a batch; send each request alone"));
        }
        let envelope: Envelope = serde_json::from_slice(bytes)
            .map_err(|error| invalid(None, &format!("is no JSON-RPC request: {error}")))?;
        let Envelope { jsonrpc, id, method, params } = envelope;
        if !matches!(id.as_str().bytes().next(), Some(b'"' | b'-' | b'0'..=b'9')) {
            return Err(invalid(None, "has an `id` that is neither a text nor a number"));
        }
        if jsonrpc != VERSION {
            return Err(invalid(Some(id), "is not of JSON-RPC 2.0"));
        }
        Ok(Request { id, method, params })
    }

    /// A call of this method, for a caller that makes one and no more.
    pub fn single(method: impl Into<String>, params: &str) -> Result<Request, Response> {
        let method = method.into();
        let params = serde_json::from_str(params)
            .map_err(|error| Response::refused(None, PARSE_ERROR, &format!("the params are not JSON: {error}")))?;
        Ok(Request { id: Json::from_text("1"), method, params: Some(params) })
    }

    /// Makes the call.
    pub async fn call(self, directory: &impl Directory) -> Response {
        let params = self.params.as_ref().map_or("{}", Json::as_str);
        match method::call(directory, &self.method, params).await {
            Ok(result) => Response { jsonrpc: VERSION, id: Some(self.id), result: Some(result), error: None },
            Err(method::Failure::Unknown) => {
                let message = format!("there is no method `{}`", one_line(self.method, NAME));
                Response::refused(Some(self.id), METHOD_NOT_FOUND, &message)
            }
            Err(method::Failure::Params(why)) => {
                let message = format!("the params of `{}` are wrong: {why}", self.method);
                Response::refused(Some(self.id), INVALID_PARAMS, &message)
            }
            Err(method::Failure::Call(error)) => Response::failed(self.id, error),
        }
    }
}

impl Response {
    /// To a request that is longer than this many bytes, of which nothing was read.
    pub fn too_long(at_most: usize) -> Response {
        Response::refused(None, INVALID_REQUEST, &format!("the request has more than {at_most} bytes"))
    }

    fn refused(id: Option<Json>, code: i32, message: &str) -> Response {
        let message = one_line(message, MESSAGE);
        Response { jsonrpc: VERSION, id, result: None, error: Some(Failure { code, message, data: None }) }
    }

    fn failed(id: Json, error: Error) -> Response {
        let failure = Failure { code: FAILED, message: error.message.clone(), data: Some(Box::new(error)) };
        Response { jsonrpc: VERSION, id: Some(id), result: None, error: Some(failure) }
    }

    /// The kind of the failure; `None` of a call that succeeded.
    pub fn error_kind(&self) -> Option<ErrorKind> {
        let failure = self.error.as_ref()?;
        Some(failure.data.as_ref().map_or(ErrorKind::InvalidInput, |error| error.kind))
    }
}

impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_string(self).map_err(|_| fmt::Error)?;
        // What the vendor wrote may span lines, between its tokens alone.
        f.write_str(&if json.contains(['\n', '\r']) { json.replace(['\n', '\r'], " ") } else { json })
    }
}

const VERSION: &str = "2.0";
const PARSE_ERROR: i32 = -32700;
const INVALID_REQUEST: i32 = -32600;
const METHOD_NOT_FOUND: i32 = -32601;
const INVALID_PARAMS: i32 = -32602;
const NAME: usize = 60;

#[cfg(test)]
mod tests;
