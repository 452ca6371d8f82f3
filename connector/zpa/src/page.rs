//! The list response of RFC 7644 section 3.4.2, read leniently: names without regard to case, numbers also as text,
//! `itemsPerPage` not at all (zpa-scim 5), rows of any shape.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::json::Json;
use crate::tape::Tape;

/// A list response.
#[derive(Debug)]
pub struct Listing<'a> {
    /// `totalResults`.
    pub total: Option<u32>,
    /// `startIndex`.
    pub start: Option<u32>,
    /// `Resources`; `None` where there is no such member.
    pub rows: Option<Vec<Json<'a>>>,
}

/// Reads an answer as JSON. The error is one line on why it is none.
pub fn tape(text: &str) -> Result<Tape<'_>, String> {
    Tape::read(text).map_err(|err| format!("the vendor's answer is not JSON: {err}"))
}

/// Reads a list response. The error is one line on why it is none.
pub fn read(json: Json<'_>) -> Result<Listing<'_>, String> {
    let mut listing = Listing { total: None, start: None, rows: None };
    for (key, value) in json.members() {
        if value.is_null() {
            continue;
        }
        let is_second = if key.eq_ignore_ascii_case("totalResults") {
            listing.total.replace(number(&key, value)?).is_some()
        } else if key.eq_ignore_ascii_case("startIndex") {
            listing.start.replace(number(&key, value)?).is_some()
        } else if key.eq_ignore_ascii_case("Resources") {
            listing.rows.replace(value.elements().collect()).is_some()
        } else {
            false
        };
        if is_second {
            return Err(format!("the vendor's list has `{key}` twice"));
        }
    }
    if listing.rows.is_none() && listing.total.is_none() {
        return Err("the vendor's answer has neither `Resources` nor `totalResults`, so it is no list".to_owned());
    }
    Ok(listing)
}

/// A count, also where it was written as text.
fn number(name: &str, value: Json<'_>) -> Result<u32, String> {
    let number = value.text().and_then(|text| text.trim_ascii().parse().ok());
    number.ok_or_else(|| format!("the vendor's `{name}` is `{}`, which is no count", value.json()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Layout;
    use crate::mapping::{Mapping, Resource};
    use crate::row::Row;
    use crate::settings::Quirks;
    use crate::user;
    use alloc::borrow::Cow;
    use proptest::prelude::*;
    use std::prelude::v1::*;

    #[test]
    fn counts_and_names_are_read_leniently() {
        let answer = tape(r#"{"TOTALRESULTS":"3","startindex":1,"resources":[{"id":"a"}]}"#).unwrap();
        let listing = read(answer.root()).unwrap();
        assert_eq!((listing.total, listing.start, listing.rows.unwrap().len()), (Some(3), Some(1), 1));
        assert!(read(tape(r#"{"totalResults":0,"Resources":null}"#).unwrap().root()).unwrap().rows.is_none());
    }

    #[test]
    fn what_is_no_list_is_refused_with_the_reason() {
        let refused = |text: &str| tape(text).and_then(|tape| read(tape.root()).map(drop)).unwrap_err();
        assert_eq!(refused("{}"), "the vendor's answer has neither `Resources` nor `totalResults`, so it is no list");
        assert_eq!(refused("<html>"), "the vendor's answer is not JSON: unexpected `<` at line 1 column 1");
        assert_eq!(
            refused(r#"{"totalResults":-1,"Resources":[]}"#),
            "the vendor's `totalResults` is `-1`, which is no count"
        );
        assert_eq!(refused(r#"{"Resources":[{"id":"a"}],"resources":[]}"#), "the vendor's list has `resources` twice");
        assert_eq!(
            refused(r#"{"totalResults":1,"Resources":[{"id":"a""#),
            "the vendor's answer is not JSON: it ends too early"
        );
    }

    proptest! {
        #[test]
        fn no_text_panics_the_reader(text in ".{0,200}") {
            let _ = tape(&text).map(|tape| read(tape.root()).map(drop));
        }

        #[test]
        fn unknown_json_never_fails_reading(row in json(4)) {
            let text = format!(r#"{{"totalResults":1,"x":{row},"Resources":[{row}]}}"#);
            let answer = tape(&text).unwrap();
            let rows = read(answer.root()).unwrap().rows.unwrap();
            prop_assert_eq!(rows.len(), 1);
            let layout = Layout::new(&Mapping::standard(Resource::User, &Quirks::default()));
            let Ok(decoded) = Row::decode(rows[0], &layout) else { return Ok(()) };
            let Ok(user) = user::from_scim(decoded, &layout, None) else { return Ok(()) };
            let shown = format!("{user:?}");
            for leaf in leaves(rows[0]) {
                prop_assert!(shown.contains(&leaf), "{leaf} is not in {shown}");
            }
        }
    }

    /// Texts and numbers of a record but for what is left out on purpose: `schemas`, and URLs of records.
    fn leaves(json: Json<'_>) -> Vec<String> {
        let inside = json.members().map(|(_, value)| value).chain(match json.other_than_object() {
            Some("a list") => json.elements().collect::<Vec<_>>(),
            _ => Vec::new(),
        });
        let inside: Vec<_> = inside.collect();
        if inside.is_empty() {
            // Words of booleans and null are no leaves worth a search, nor are texts that JSON may write in two ways.
            let is_plain = |text: &str| text.len() > 3 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let is_word = json.other_than_object() == Some("a boolean");
            return json.text().filter(|text| is_plain(text) && !is_word).map(Cow::into_owned).into_iter().collect();
        }
        inside.into_iter().flat_map(leaves).collect()
    }

    /// Any JSON text, with the names of real attributes among its keys.
    fn json(depth: u32) -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            any::<bool>().prop_map(|value| value.to_string()),
            any::<i64>().prop_map(|value| value.to_string()),
            any::<f64>().prop_filter_map("finite", |value| serde_json::to_string(&value).ok()),
            ".{0,8}".prop_map(|text| serde_json::to_string(&text).unwrap()),
            "[a-z]{6}".prop_map(|text| format!("\"{text}\"")),
        ];
        let key = prop_oneof![
            Just("id"),
            Just("name"),
            Just("emails"),
            Just("groups"),
            Just("active"),
            Just("meta"),
            Just("givenName"),
            Just("value"),
            Just("display"),
            Just("primary"),
            Just("title"),
            Just("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"),
            Just("other"),
        ];
        leaf.prop_recursive(depth, 40, 5, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(|list| format!("[{}]", list.join(","))),
                proptest::collection::vec((key.clone(), inner), 0..5).prop_map(|entries| {
                    let entries: Vec<_> = entries.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
                    format!("{{{}}}", entries.join(","))
                }),
            ]
        })
    }
}
