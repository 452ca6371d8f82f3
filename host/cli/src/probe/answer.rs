//! What the vendor answered, as far as a probe looks at it.

use portcullis_directory::Reply;
use serde_json::Value;

use super::finding::UNCLEAR;

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// The body; `null` where it is no JSON.
    pub(super) json: Value,
    pub(super) body: Vec<u8>,
    headers: Vec<(String, String)>,
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Answer {
        let json = serde_json::from_slice(&reply.body).unwrap_or_default();
        Answer { status: reply.status, json, body: reply.body, headers: reply.headers }
    }
}

impl Answer {
    /// Whether the vendor did it.
    pub(super) fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the vendor knows no such object (RFC 9110 section 15.5).
    pub(super) fn is_gone(&self) -> bool {
        matches!(self.status, 404 | 410)
    }

    /// Whether the request was certainly not done: refused, and not for want of time or of a server.
    pub(super) fn is_refused(&self) -> bool {
        (400..500).contains(&self.status) && !matches!(self.status, 408 | 425)
    }

    /// Whether it is a list (RFC 7644 section 3.4.2); one without rows may leave `Resources` out.
    pub(super) fn is_list(&self) -> bool {
        self.is_ok() && self.number("totalResults").is_some()
    }

    /// Whether the vendor says that it does not do such a thing: `400`, as RFC 7644 section 3.4.2.2 has it of filters,
    /// or `501`. Any other failure is of this request alone, and says nothing of the next one.
    pub(super) fn is_unsupported(&self) -> bool {
        matches!(self.status, 400 | 501)
    }

    /// What an answer comes to that is not a success, as a finding.
    pub(super) fn refusal(&self) -> String {
        if self.is_unsupported() { "refused".to_owned() } else { format!("{UNCLEAR}{}", self.doubt()) }
    }

    /// Why nothing can be concluded.
    pub(super) fn doubt(&self) -> String {
        if self.is_ok() { "the answer makes no sense".to_owned() } else { format!("HTTP status {}", self.status) }
    }

    /// The first value of a header, by its name in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The rows of a list; none where it has no `Resources`.
    pub(super) fn rows(&self) -> &[Value] {
        self.json.get("Resources").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// A member of the body that is a number.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.json.get(name).and_then(Value::as_u64)
    }

    /// The id of the body.
    pub(super) fn id(&self) -> Option<&str> {
        id(&self.json)
    }

    /// What the status comes to, in a word.
    pub(super) fn verdict(&self) -> &'static str {
        match self.status {
            200..=299 => "accepted",
            404 => "not-found",
            409 => "conflict",
            400..=499 => "refused",
            _ => "server-error",
        }
    }
}

/// The id of a record.
pub(super) fn id(record: &Value) -> Option<&str> {
    text(record, "id").filter(|id| !id.is_empty())
}

/// A member that is text.
pub(super) fn text<'a>(record: &'a Value, name: &str) -> Option<&'a str> {
    record.get(name).and_then(Value::as_str)
}

/// The texts at `value` of a list of objects, such as addresses or members.
pub(super) fn values<'a>(record: &'a Value, name: &str) -> Vec<&'a str> {
    let rows = record.get(name).and_then(Value::as_array).into_iter().flatten();
    rows.filter_map(|row| text(row, "value")).collect()
}
