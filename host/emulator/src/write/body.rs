//! The body of a write as a JSON object.

use serde_json::{Map, Value};

use crate::error_body::Problem;

pub(super) fn object(bytes: &[u8]) -> Result<Map<String, Value>, Problem> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(syntax("the body is not a JSON object")),
        Err(_) => Err(syntax("the body is not JSON")),
    }
}

/// A member by its name, which has no case (RFC 7643 2.1).
pub(super) fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let exact = object.get(name);
    exact.or_else(|| object.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// 400 for a body that does not have the form of a request.
pub(super) fn syntax(detail: impl Into<String>) -> Problem {
    Problem::new(400, detail).of_type("invalidSyntax")
}
