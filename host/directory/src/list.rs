//! The envelope that a list travels in as JSON. Never says that a list is whole when it may not be.

use serde::{Deserialize, Serialize};

use crate::{Ending, Outcome, Page, Unreadable};

/// A list in the JSON envelope that clients of a unified API know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct List<T> {
    /// The rows.
    pub result: Vec<T>,
    /// Where the next page starts; `null` at the end of the list.
    pub next_cursor: Option<String>,
    /// Where the page before starts; `null` where there is none to go back to.
    pub prev_cursor: Option<String>,
    /// How many rows `result` has.
    pub result_count: usize,
    /// Whether rows are missing that should be here: some could not be read, or the list moved while it was read.
    pub is_partial_response: bool,
    /// Rows that could not be read; left out when there is none.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<Unreadable>,
    /// How many rows the vendor says the whole list has; left out where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u32>,
}

impl<T> List<T> {
    /// A whole list that a walk brought, with all the unreadable rows of its pages. Partial when the walk says so.
    pub fn walked(result: Vec<T>, unreadable: Vec<Unreadable>, ending: &Ending) -> Self {
        Self {
            result_count: result.len(),
            is_partial_response: ending.is_partial(),
            result,
            next_cursor: None,
            prev_cursor: None,
            unreadable,
            total: match ending.outcome {
                Outcome::Complete { total } => total,
                Outcome::Moved { last_total, .. } => Some(last_total),
            },
        }
    }
}

impl<T> From<Page<T>> for List<T> {
    /// One page, partial when a row of it could not be read.
    fn from(page: Page<T>) -> Self {
        Self {
            result_count: page.items.len(),
            is_partial_response: !page.unreadable.is_empty(),
            result: page.items,
            next_cursor: page.next_cursor,
            prev_cursor: page.prev_cursor,
            unreadable: page.unreadable,
            total: page.total,
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::Member;

    fn check(page: Page<Member>, json: &Expect) {
        let list = List::from(page);
        let written = serde_json::to_string(&list).unwrap();
        json.assert_eq(&written);
        assert_eq!(serde_json::from_str::<List<Member>>(&written).unwrap(), list);
    }

    fn member(id: &str) -> Member {
        Member { id: id.to_owned(), ..Member::default() }
    }

    #[test]
    fn a_last_page_has_null_cursors() {
        let page = Page {
            items: vec![member("1"), member("2")],
            unreadable: Vec::new(),
            next_cursor: None,
            prev_cursor: None,
            total: None,
        };
        check(
            page,
            &expect![[
                r#"{"result":[{"id":"1"},{"id":"2"}],"next_cursor":null,"prev_cursor":null,"result_count":2,"is_partial_response":false}"#
            ]],
        );
    }

    #[test]
    fn a_walked_list_is_partial_when_it_moved() {
        let ending = Ending {
            outcome: Outcome::Moved { first_total: 3, last_total: 2, settled: true },
            rows: 2,
            unreadable: 0,
            pages: 4,
        };
        let list = List::walked(vec![member("1"), member("2")], Vec::new(), &ending);
        expect![[r#"{"result":[{"id":"1"},{"id":"2"}],"next_cursor":null,"prev_cursor":null,"result_count":2,"is_partial_response":true,"total":2}"#]].assert_eq(&serde_json::to_string(&list).unwrap());
    }

    #[test]
    fn a_page_with_an_unreadable_row_is_partial() {
        let page = Page {
            items: vec![member("1")],
            unreadable: vec![
                Unreadable { id: Some("2".to_owned()), position: 1, reason: "`active` is a number".to_owned() },
                Unreadable { id: None, position: 2, reason: "the row is no object".to_owned() },
            ],
            next_cursor: Some("c2".to_owned()),
            prev_cursor: Some("c0".to_owned()),
            total: Some(9),
        };
        check(
            page,
            &expect![[
                r#"{"result":[{"id":"1"}],"next_cursor":"c2","prev_cursor":"c0","result_count":1,"is_partial_response":true,"unreadable":[{"id":"2","position":1,"reason":"`active` is a number"},{"position":2,"reason":"the row is no object"}],"total":9}"#
            ]],
        );
    }
}
