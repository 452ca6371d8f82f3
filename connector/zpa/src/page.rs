//! The list response of RFC 7644 section 3.4.2, read leniently: names without regard to case, numbers also as text,
//! `itemsPerPage` not at all (zpa-scim 5), rows of any shape.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::json::Json;

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

/// Reads a list response. The error is one line on why it is none.
pub fn read(text: &str) -> Result<Listing<'_>, String> {
    let json = Json::parse(text).map_err(|err| format!("the vendor's answer is not JSON: {err}"))?;
    let mut listing = Listing { total: None, start: None, rows: None };
    for (key, value) in json.members() {
        if value == Json::NULL {
            continue;
        }
        if key.eq_ignore_ascii_case("totalResults") {
            listing.total = Some(number(&key, value)?);
        } else if key.eq_ignore_ascii_case("startIndex") {
            listing.start = Some(number(&key, value)?);
        } else if key.eq_ignore_ascii_case("Resources") {
            listing.rows = Some(value.elements().collect());
        }
    }
    if listing.rows.is_none() && listing.total.is_none() {
        return Err("the vendor's answer is JSON, but no list of records".to_owned());
    }
    Ok(listing)
}

/// A count, also where it was written as text.
fn number(name: &str, value: Json<'_>) -> Result<u32, String> {
    let number = value.text().and_then(|text| text.trim().parse().ok());
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
    use proptest::prelude::*;
    use std::prelude::v1::*;

    #[test]
    fn counts_and_names_are_read_leniently() {
        let listing = read(r#"{"TOTALRESULTS":"3","startindex":1,"resources":[{"id":"a"}]}"#).unwrap();
        assert_eq!((listing.total, listing.start, listing.rows.unwrap().len()), (Some(3), Some(1), 1));
        assert!(read(r#"{"totalResults":0,"Resources":null}"#).unwrap().rows.is_none());
    }

    #[test]
    fn what_is_no_list_is_refused_with_the_reason() {
        let refused = |text: &str| read(text).unwrap_err();
        assert_eq!(refused("{}"), "the vendor's answer is JSON, but no list of records");
        assert_eq!(refused("<html>"), "the vendor's answer is not JSON: expected value at line 1 column 1");
        assert_eq!(
            refused(r#"{"totalResults":-1,"Resources":[]}"#),
            "the vendor's `totalResults` is `-1`, which is no count"
        );
        assert_eq!(
            refused(r#"{"totalResults":1,"Resources":[{"id":"a""#),
            "the vendor's answer is not JSON: EOF while parsing an object at line 1 column 40"
        );
    }

    proptest! {
        #[test]
        fn no_text_panics_the_reader(text in ".{0,200}") {
            let _ = read(&text);
        }

        #[test]
        fn unknown_json_never_fails_reading(row in json(4)) {
            let text = format!(r#"{{"totalResults":1,"x":{row},"Resources":[{row}]}}"#);
            let rows = read(&text).unwrap().rows.unwrap();
            prop_assert_eq!(rows.len(), 1);
            let layout = Layout::new(&Mapping::standard(Resource::User, &Quirks::default()));
            if let Ok(row) = Row::decode(rows[0], &layout) {
                let _ = user::from_scim(row, &layout, None);
            }
        }
    }

    /// Any JSON text, with the names of real attributes among its keys.
    fn json(depth: u32) -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            any::<bool>().prop_map(|value| value.to_string()),
            any::<i64>().prop_map(|value| value.to_string()),
            any::<f64>().prop_filter_map("finite", |value| serde_json::to_string(&value).ok()),
            ".{0,8}".prop_map(|text| serde_json::to_string(&text).unwrap()),
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
