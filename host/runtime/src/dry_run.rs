//! Writes that are recorded instead of sent, and the answers that stand in for the vendor's.
//!
//! This crate knows no vendor, so an answer is what any API of resources would say, and marked as simulated. Nothing
//! here reaches a connection or a credential.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use serde_json::value::RawValue;

use crate::egress::failure::Failure;
use crate::egress::target::Target;
use crate::egress::trail::is_write;

/// The header that marks a simulated answer, always with the value `true`. A vendor's own header of this name is taken
/// out of its replies.
pub(crate) const SIMULATED: HeaderName = HeaderName::from_static("x-portcullis-simulated");

/// What a dry run would have sent. Cheap to clone; every clone sees the same requests.
///
/// It keeps every write, up to 64 MiB in all; a write beyond that is denied.
#[derive(Clone, Default)]
pub struct DryRun(Arc<Mutex<Ledger>>);

/// A write that was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnsentRequest {
    /// `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: String,
    /// Path below the account's endpoint, without a slash before it and with the query behind it, both encoded:
    /// `Users/301188`.
    pub path: String,
    /// Header names in lower case, and values, as the connector set them; the credential is none of them.
    pub headers: Vec<(String, String)>,
    /// The body; empty when there is none.
    pub body: Vec<u8>,
}

#[derive(Default)]
struct Ledger {
    requests: Vec<UnsentRequest>,
    /// How a read of what would have been made is answered, by its path below the endpoint.
    made: BTreeMap<String, Answer>,
    named: u32,
    bytes: usize,
}

#[derive(Clone)]
struct Answer {
    status: StatusCode,
    content_type: Option<HeaderValue>,
    body: Bytes,
}

impl DryRun {
    /// The writes so far, in the order in which they would have been sent.
    pub fn requests(&self) -> Vec<UnsentRequest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).requests.clone()
    }

    /// The stand-in for the vendor's answer; `None` for a request that may go to the vendor.
    pub(crate) fn answer(
        &self,
        target: &Target,
        body: &Bytes,
        prefix: &str,
    ) -> Result<Option<Response<Bytes>>, Failure> {
        let mut ledger = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let path = target.uri.path().strip_prefix(prefix).unwrap_or_default().trim_matches('/');
        if !is_write(&target.method) {
            return Ok(ledger.read(path).map(|answer| answer.clone().to(&target.method)));
        }
        ledger.record(target, path, body)?;
        Ok(Some(ledger.write(target, path, body).to(&target.method)))
    }
}

/// How much there is, and none of it: it is about people.
impl fmt::Debug for DryRun {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let requests = self.0.lock().unwrap_or_else(PoisonError::into_inner).requests.len();
        formatter.debug_struct("DryRun").field("requests", &requests).finish_non_exhaustive()
    }
}

impl Ledger {
    /// The answer for a path at or below something that would have been made.
    fn read(&self, path: &str) -> Option<&Answer> {
        let mut above = std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(above, _)| above));
        above.find_map(|path| self.made.get(path))
    }

    fn record(&mut self, target: &Target, path: &str, body: &Bytes) -> Result<(), Failure> {
        let query = target.uri.query().map_or_else(String::new, |query| format!("?{query}"));
        let request = UnsentRequest {
            method: target.method.to_string(),
            path: format!("{path}{query}"),
            headers: legible(&target.headers),
            body: body.to_vec(),
        };
        self.bytes = self.bytes.saturating_add(request.size());
        if self.bytes > LONGEST {
            return Err(Failure::Denied(format!("the dry run has recorded all of its {LONGEST} bytes")));
        }
        self.requests.push(request);
        Ok(())
    }

    fn write(&mut self, target: &Target, path: &str, body: &Bytes) -> Answer {
        let content_type = target.headers.get(CONTENT_TYPE).cloned();
        match target.method {
            Method::POST => {
                let Some((id, body)) = self.named(body) else {
                    return Answer::empty(StatusCode::NO_CONTENT);
                };
                let answer = Answer { status: StatusCode::OK, content_type, body };
                self.made.insert(format!("{path}/{id}"), answer.clone());
                Answer { status: StatusCode::CREATED, ..answer }
            }
            Method::PUT => {
                let answer = Answer { status: StatusCode::OK, content_type, body: body.clone() };
                self.replace(path, answer.clone());
                answer
            }
            Method::DELETE => {
                self.replace(path, Answer::empty(StatusCode::NOT_FOUND));
                Answer::empty(StatusCode::NO_CONTENT)
            }
            _ => Answer::empty(StatusCode::NO_CONTENT),
        }
    }

    /// Only what was made up can be replaced: what is real, the vendor goes on showing as it is.
    fn replace(&mut self, path: &str, answer: Answer) {
        if let Some(place) = self.made.get_mut(path) {
            *place = answer;
        }
    }

    /// The id of a JSON object and the object with it, made up where it has none; `None` for what is no object.
    fn named(&mut self, body: &Bytes) -> Option<(String, Bytes)> {
        // Values stay as they are written, so that the answer says neither more nor less than the request.
        let mut fields: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(body).ok()?;
        let own: Option<String> = fields.get("id").and_then(|id| serde_json::from_str(id.get()).ok());
        if let Some(id) = own.filter(|id| !id.is_empty()) {
            return Some((id, body.clone()));
        }
        self.named = self.named.saturating_add(1);
        let id = format!("simulated-{}", self.named);
        fields.insert("id".to_owned(), RawValue::from_string(format!("\"{id}\"")).ok()?);
        Some((id, serde_json::to_vec(&fields).ok()?.into()))
    }
}

impl UnsentRequest {
    /// About the bytes that it takes, itself included.
    fn size(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        size_of::<UnsentRequest>() + self.path.len() + headers + self.body.len()
    }
}

impl Answer {
    fn empty(status: StatusCode) -> Answer {
        Answer { status, content_type: None, body: Bytes::new() }
    }

    fn to(self, method: &Method) -> Response<Bytes> {
        let mut reply = Response::new(if *method == Method::HEAD { Bytes::new() } else { self.body });
        *reply.status_mut() = self.status;
        reply.headers_mut().insert(SIMULATED, HeaderValue::from_static("true"));
        reply.headers_mut().extend(self.content_type.map(|value| (CONTENT_TYPE, value)));
        reply
    }
}

fn legible(headers: &HeaderMap) -> Vec<(String, String)> {
    let line = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), line(value))).collect()
}

/// Bytes of all recorded requests together.
const LONGEST: usize = 64 << 20;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PREFIX: &str = "/scim/v2";

    const ASKED: &str = "the vendor is asked";

    /// Status and body of the stand-in, in one text.
    fn answered(run: &DryRun, method: Method, path: &str, body: &'static str) -> String {
        let headers = [(CONTENT_TYPE, HeaderValue::from_static("application/scim+json"))].into_iter().collect();
        let uri = format!("https://vendor.example{PREFIX}{path}").parse().unwrap();
        let reply = run.answer(&Target { method, uri, headers }, &Bytes::from_static(body.as_bytes()), PREFIX).unwrap();
        let Some(reply) = reply else {
            return ASKED.to_owned();
        };
        assert_eq!(reply.headers()[SIMULATED], "true");
        format!("{} {}", reply.status().as_u16(), String::from_utf8_lossy(reply.body()))
    }

    #[test]
    fn what_is_made_has_an_id_and_can_be_read() {
        let run = DryRun::default();
        let ada = r#"{"big":12345678901234567890123,"id":"simulated-1","userName":"ada"}"#;
        let made = answered(&run, Method::POST, "/Users", r#"{"userName":"ada", "big":12345678901234567890123}"#);
        assert_eq!(made, format!("201 {ada}"));
        assert_eq!(answered(&run, Method::POST, "/Groups/", "{}"), r#"201 {"id":"simulated-2"}"#);
        assert_eq!(answered(&run, Method::POST, "/Groups", r#"{"id":null}"#), r#"201 {"id":"simulated-3"}"#);
        assert_eq!(answered(&run, Method::GET, "/Users/simulated-1", ""), format!("200 {ada}"));
        assert_eq!(answered(&run, Method::GET, "/Groups/simulated-2?attributes=id", ""), r#"200 {"id":"simulated-2"}"#);
        assert_eq!(answered(&run, Method::POST, "/Users", r#"{"id": "7"}"#), r#"201 {"id": "7"}"#);
        assert_eq!(answered(&run, Method::GET, "/Users/7", ""), r#"200 {"id": "7"}"#);
        assert_eq!(answered(&run, Method::GET, "/Users/7/photo", ""), r#"200 {"id": "7"}"#);
        assert_eq!(answered(&run, Method::HEAD, "/Users/7", ""), "200 ");
    }

    #[test]
    fn every_other_write_has_the_usual_answer() {
        let run = DryRun::default();
        assert_eq!(answered(&run, Method::PUT, "/Users/1", r#"{ "a":1}"#), r#"200 { "a":1}"#);
        assert_eq!(answered(&run, Method::PATCH, "/Users/1", "{}"), "204 ");
        assert_eq!(answered(&run, Method::DELETE, "/Users/1", ""), "204 ");
        for no_object in ["", "[]", "7", r#"{"a""#] {
            assert_eq!(answered(&run, Method::POST, "/Users", no_object), "204 ", "{no_object}");
        }
    }

    #[test]
    fn reads_go_to_the_vendor_unless_they_are_of_what_was_made_up() {
        let run = DryRun::default();
        for path in ["/Users", "/Users/simulated-1", "/Users/1", ""] {
            assert_eq!(answered(&run, Method::GET, path, ""), ASKED);
        }
        answered(&run, Method::POST, "/Users", "{}");
        answered(&run, Method::PUT, "/Users/1", "{}");
        for path in ["/Users", "/Users/1", "/Users/simulated-10", "/Groups/simulated-1"] {
            assert_eq!(answered(&run, Method::GET, path, ""), ASKED, "{path}");
        }
    }

    #[test]
    fn what_was_made_up_can_be_replaced_and_deleted() {
        let run = DryRun::default();
        answered(&run, Method::POST, "/Users", "{}");
        answered(&run, Method::PUT, "/Users/simulated-1", r#"{"a":2}"#);
        answered(&run, Method::PATCH, "/Users/simulated-1", "{}");
        assert_eq!(answered(&run, Method::GET, "/Users/simulated-1", ""), r#"200 {"a":2}"#);
        answered(&run, Method::DELETE, "/Users/simulated-1", "");
        assert_eq!(answered(&run, Method::GET, "/Users/simulated-1", ""), "404 ");
    }

    #[test]
    fn every_write_is_kept_in_order_as_it_would_have_gone_out() {
        let (run, headers) = (DryRun::default(), vec![("content-type".to_owned(), "application/scim+json".to_owned())]);
        answered(&run, Method::DELETE, "/Users/1?x=%20", "");
        answered(&run, Method::GET, "/Users/1", "");
        answered(&run, Method::POST, "/Users", "{}");
        let unsent = |method: &str, path: &str, body: &str| UnsentRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: headers.clone(),
            body: body.into(),
        };
        assert_eq!(run.requests(), [unsent("DELETE", "Users/1?x=%20", ""), unsent("POST", "Users", "{}")]);
    }

    #[test]
    fn a_dry_run_has_so_much_memory_and_no_more() {
        let run = DryRun::default();
        let uri = "https://vendor.example/scim/v2/Users".parse().unwrap();
        let target = Target { method: Method::PATCH, uri, headers: HeaderMap::new() };
        let body = Bytes::from(vec![0; LONGEST / 2 - 1000]);
        assert!(run.answer(&target, &body, PREFIX).is_ok());
        assert!(run.answer(&target, &body, PREFIX).is_ok());
        let failure = run.answer(&target, &Bytes::from(vec![0; 2000]), PREFIX).unwrap_err();
        assert_eq!(failure.to_string(), "the dry run has recorded all of its 67108864 bytes");
        assert_eq!(run.requests().len(), 2);
    }

    proptest! {
        #[test]
        fn what_a_post_says_is_what_it_is_answered_with(
            fields in prop::collection::btree_map("[a-z\"\\\\é]{0,4}", "[a-z\"\\\\é]{0,4}", 0..4),
        ) {
            let mut fields = fields;
            let run = DryRun::default();
            let body = serde_json::to_string(&fields).unwrap();
            let answer = answered(&run, Method::POST, "/Users", body.leak());
            let back: BTreeMap<String, String> = serde_json::from_str(answer.strip_prefix("201 ").unwrap()).unwrap();
            if fields.get("id").is_none_or(String::is_empty) {
                fields.insert("id".to_owned(), "simulated-1".to_owned());
            }
            prop_assert_eq!(back, fields);
        }

        #[test]
        fn no_body_panics_a_dry_run(body in prop::collection::vec(any::<u8>(), 0..40)) {
            let target = || {
                let uri = "https://vendor.example/scim/v2/Users".parse().unwrap();
                Target { method: Method::POST, uri, headers: HeaderMap::new() }
            };
            let run = DryRun::default();
            prop_assert!(run.answer(&target(), &Bytes::from(body.clone()), PREFIX).unwrap().is_some());
            prop_assert_eq!(&run.requests()[0].body, &body);
        }
    }
}
