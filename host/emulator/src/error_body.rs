//! Errors in each shape that the reference names as a candidate (zpa-scim.md 9).

use http::header::{CONTENT_TYPE, HeaderValue};

use crate::json;
use crate::reply::{Reply, SCIM_JSON};
use crate::switches::ErrorBody;

/// What went wrong, before it has a shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    /// A word of RFC 7644 table 9.
    pub(crate) scim_type: Option<&'static str>,
    pub(crate) detail: String,
}

impl Problem {
    pub(crate) fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into() }
    }

    pub(crate) fn of_type(self, scim_type: &'static str) -> Self {
        Self { scim_type: Some(scim_type), ..self }
    }

    pub(crate) fn reply(&self, shape: ErrorBody) -> Reply {
        let (content_type, body) = match shape {
            ErrorBody::Scim => (SCIM_JSON, self.scim()),
            ErrorBody::Management => ("application/json", self.management()),
            ErrorBody::Html => ("text/html", html(self.status)),
            ErrorBody::Text => ("text/plain", self.detail.clone().into_bytes()),
            ErrorBody::Empty => return Reply::new(self.status, Vec::new()),
        };
        let mut reply = Reply::new(self.status, body);
        reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        reply
    }

    /// RFC 7644 3.12, `status` as text.
    fn scim(&self) -> Vec<u8> {
        let mut out = br#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"]"#.to_vec();
        json::member(&mut out, "status", Some(&self.status.to_string()));
        json::member(&mut out, "scimType", self.scim_type);
        json::member(&mut out, "detail", Some(&self.detail));
        out.push(b'}');
        out
    }

    /// The management API's: ids of zpa-scim.md 9 where it gives one.
    fn management(&self) -> Vec<u8> {
        let id = match self.status {
            404 => "resource.not.found",
            429 => "invalid.toomanyrequests",
            503 => "retryable.server.error",
            400 => "invalid.resource.argument",
            _ => "request.failed",
        };
        let mut out = br#"{"id":"#.to_vec();
        json::string(&mut out, id);
        json::member(&mut out, "reason", Some(&self.detail));
        json::member(&mut out, "exception", (self.status == 429).then_some(id));
        out.push(b'}');
        out
    }
}

pub(crate) fn html(status: u16) -> Vec<u8> {
    format!("<!DOCTYPE html>\n<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n")
        .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn text(problem: &Problem, shape: ErrorBody) -> String {
        String::from_utf8(problem.reply(shape).body.to_vec()).unwrap()
    }

    #[test]
    fn an_error_has_the_shape_asked_for() {
        let problem = Problem::new(429, "slow \"down\"").of_type("tooMany");
        expect![[r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"429","scimType":"tooMany","detail":"slow \"down\""}"#]]
            .assert_eq(&text(&problem, ErrorBody::Scim));
        expect![[r#"{"id":"invalid.toomanyrequests","reason":"slow \"down\"","exception":"invalid.toomanyrequests"}"#]]
            .assert_eq(&text(&problem, ErrorBody::Management));
        expect![[r#"slow "down""#]].assert_eq(&text(&problem, ErrorBody::Text));
        assert_eq!(text(&problem, ErrorBody::Empty), "");
        assert!(text(&problem, ErrorBody::Html).starts_with("<!DOCTYPE html>"));
    }
}
