//! The one kind of filter that is known to work at all: attribute, `eq`, text (zpa-scim.md 6).
//! Never decides whether the attribute may be filtered by.

/// `attribute eq "value"`, the attribute without its schema URN.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Equality {
    pub(crate) attribute: Attribute,
    pub(crate) value: String,
}

/// The attributes that some client filters by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attribute {
    UserName,
    DisplayName,
    ExternalId,
}

const ATTRIBUTES: [(&str, Attribute); 3] =
    [("userName", Attribute::UserName), ("displayName", Attribute::DisplayName), ("externalId", Attribute::ExternalId)];
const CORE: [&str; 2] = ["urn:ietf:params:scim:schemas:core:2.0:User:", "urn:ietf:params:scim:schemas:core:2.0:Group:"];

impl Equality {
    /// `None` for every other filter, well-formed or not. Names and the operator have no case, and the value is
    /// a JSON string (RFC 7644 3.4.2.2).
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (path, rest) = text.trim().split_once(' ')?;
        let (operator, value) = rest.trim_start().split_once(' ')?;
        if !operator.eq_ignore_ascii_case("eq") {
            return None;
        }
        let name = CORE.iter().find_map(|urn| without_prefix(path, urn)).unwrap_or(path);
        let known = ATTRIBUTES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        let value = serde_json::from_str(value).ok()?;
        Some(Self { attribute: known.1, value })
    }
}

fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn user_name(value: &str) -> Equality {
        let value = value.to_owned();
        Equality { attribute: Attribute::UserName, value }
    }

    #[test]
    fn names_and_operators_have_no_case() {
        let filter = Equality::parse("USERNAME Eq \"mara@acme.example\"");
        assert_eq!(filter, Some(user_name("mara@acme.example")));
        let filter = Equality::parse("urn:ietf:params:scim:schemas:core:2.0:user:userName eq \"m\"");
        assert_eq!(filter, Some(user_name("m")));
    }

    #[test]
    fn escapes_are_those_of_json() {
        assert_eq!(Equality::parse(r#"userName eq "a\"b\\c\u00e9""#), Some(user_name("a\"b\\cé")));
    }

    #[test]
    fn anything_else_is_not_known() {
        for text in [
            "",
            "userName",
            "userName eq",
            "userName pr",
            "userName eq mara",
            "userName eq \"mara",
            "userName eq true",
            "userName sw \"m\"",
            "userName eq \"a\" and active eq true",
            "not (userName eq \"a\")",
            "id eq \"5\"",
        ] {
            assert_eq!(Equality::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_filter_panics(text in any::<String>()) {
            let _ = Equality::parse(&text);
        }

        #[test]
        fn any_value_arrives_whole(value in any::<String>()) {
            let filter = format!("userName eq {}", serde_json::to_string(&value).unwrap());
            prop_assert_eq!(Equality::parse(&filter), Some(user_name(&value)));
        }
    }
}
