//! The ids that a vendor gives to requests, for whoever keeps a record of calls. They are the vendor's text, and what is
//! kept of them is bounded.

use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderMap;
use portcullis_directory::text::{WORD, one_line};

/// The ids that the vendor gave to the requests of a handle. Cheap to clone; every clone sees the same ids.
#[derive(Clone, Debug, Default)]
pub struct Witness(Arc<Mutex<Vec<String>>>);

impl Witness {
    /// The ids so far, in the order of the answers; of each answer that has one the first of `x-request-id`,
    /// `request-id`, `x-correlation-id` and `x-amzn-requestid`. At most 64, each of at most 100 bytes on one line.
    ///
    /// No page of ZPA's says which header it answers with, if any, so these are the ones that are usual.
    pub fn request_ids(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn saw(&self, headers: &HeaderMap) {
        let Some(id) = NAMES.iter().find_map(|name| headers.get(*name)?.to_str().ok()) else { return };
        let mut ids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if ids.len() < MOST && !id.is_empty() {
            ids.push(one_line(id, WORD));
        }
    }
}

const NAMES: [&str; 4] = ["x-request-id", "request-id", "x-correlation-id", "x-amzn-requestid"];
const MOST: usize = 64;

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn an_answer_has_one_id_and_of_many_a_bounded_number_is_kept() {
        let witness = Witness::default();
        let headers = |name, value: &str| [(name, HeaderValue::from_str(value).unwrap())].into_iter().collect();
        let name = |name| http::HeaderName::from_static(name);
        witness.clone().saw(&headers(name("x-correlation-id"), "abc"));
        witness.saw(&headers(name("etag"), "abc"));
        witness.saw(&headers(name("request-id"), &"x".repeat(1000)));
        assert_eq!(witness.request_ids().len(), 2);
        assert_eq!((witness.request_ids()[0].as_str(), witness.request_ids()[1].len()), ("abc", WORD));
        for _ in 0..100 {
            witness.saw(&headers(name("x-request-id"), "1"));
        }
        assert_eq!(witness.request_ids().len(), MOST);
    }
}
