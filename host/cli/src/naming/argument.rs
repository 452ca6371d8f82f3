//! An argument that names a user or a group, before anybody was asked for it.

use std::str::FromStr;

use super::target::{Target, Way};

/// The text of an argument, and the way that a word in front of it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Argument {
    way: Option<Way>,
    value: String,
}

impl Argument {
    /// The way that is said.
    pub(crate) fn way(&self) -> Option<Way> {
        self.way
    }

    /// What is looked for.
    pub(crate) fn value(&self) -> &str {
        &self.value
    }

    /// Whether it may be an id: ids are opaque, but nobody makes one with a space, a slash or an `@` in it.
    pub(crate) fn can_be_id(&self) -> bool {
        !self.value.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@' || c == '/')
    }

    /// Whether it is an id and nothing else: said so, or a number or UUID, as which nobody signs in.
    pub(crate) fn is_id(&self) -> bool {
        match self.way {
            Some(way) => way == Way::Id,
            None => is_number(&self.value) || is_uuid(&self.value),
        }
    }

    /// Whether it may be a name to show that is not the object's own name, for which the whole list must be read. An
    /// address is none.
    pub(crate) fn can_be_shown_name<T: Target>(&self) -> bool {
        T::OWN_NAME != Way::Name && !self.is_id() && !self.value.contains('@')
    }

    /// The ways in which it is looked up.
    pub(crate) fn tried<T: Target>(&self) -> Vec<Way> {
        if let Some(way) = self.way {
            return vec![way];
        }
        let ways = [(self.can_be_id(), Way::Id), (true, T::OWN_NAME), (self.can_be_shown_name::<T>(), Way::Name)];
        ways.into_iter().filter(|(is_tried, _)| *is_tried).map(|(_, way)| way).collect()
    }

    /// Those of a whole list that it means.
    pub(crate) fn choose<T: Target>(&self, list: &[T]) -> Vec<T> {
        let by = |ways: &[Way]| -> Vec<T> {
            let has = |row: &&T| ways.iter().any(|way| row.has(*way, &self.value));
            list.iter().filter(has).cloned().collect()
        };
        let ways = self.tried::<T>();
        if self.way.is_some() {
            return by(&ways);
        }
        let (shown, own): (Vec<_>, Vec<_>) = ways.into_iter().partition(|way| *way == Way::Name && T::OWN_NAME != *way);
        let found = by(&own);
        if found.is_empty() { by(&shown) } else { found }
    }

    /// What it was taken for, in words.
    pub(crate) fn ways<T: Target>(&self) -> String {
        self.tried::<T>().into_iter().map(Way::in_words).collect::<Vec<_>>().join(" or ")
    }
}

impl FromStr for Argument {
    type Err = String;

    fn from_str(text: &str) -> Result<Argument, String> {
        let (way, value) = match text.split_once(':') {
            Some((word, value)) => match Way::of(word) {
                Some(way) => (Some(way), value),
                None => (None, text),
            },
            None => (None, text),
        };
        if value.is_empty() {
            return Err("it names nobody".to_owned());
        }
        Ok(Argument { way, value: value.to_owned() })
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// RFC 9562 section 4.
fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use portcullis_directory::{Group, User};

    use super::*;

    fn argument(text: &str) -> Argument {
        text.parse().unwrap()
    }

    #[test]
    fn a_word_in_front_says_what_it_is() {
        for (text, way, value) in [
            ("id:7", Some(Way::Id), "7"),
            ("username:id:7", Some(Way::Username), "id:7"),
            ("name:Ops: EU", Some(Way::Name), "Ops: EU"),
            ("external-id:x", Some(Way::ExternalId), "x"),
            ("email:a@b.example", Some(Way::Email), "a@b.example"),
            ("Ops: EU", None, "Ops: EU"),
            ("ID:7", None, "ID:7"),
        ] {
            assert_eq!((argument(text).way(), argument(text).value()), (way, value), "{text}");
        }
        for text in ["", "id:", "name:"] {
            assert!(text.parse::<Argument>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_it_is_tried_as_depends_on_what_it_can_be() {
        for (text, user, group) in [
            ("mara.lind@a.example", "username", "name"),
            ("mara", "id or username or name", "id or name"),
            ("Mara Lind", "username or name", "name"),
            ("301188", "id or username", "id or name"),
            ("7c2a4e10-93b5-4d0f-8a16-2f4f0d1e9b77", "id or username", "id or name"),
            ("email:mara", "e-mail address", "e-mail address"),
        ] {
            assert_eq!(argument(text).ways::<User>(), user, "{text}");
            assert_eq!(argument(text).ways::<Group>(), group, "{text}");
        }
    }

    #[test]
    fn an_id_is_a_number_or_a_uuid_or_said_to_be_one() {
        for text in ["301188", "7c2a4e10-93b5-4d0f-8a16-2f4f0d1e9b77", "id:mara"] {
            assert!(argument(text).is_id(), "{text}");
        }
        for text in ["mara", "name:301188", "7c2a4e10-93b5", "30 11", "cafe", "g"] {
            assert!(!argument(text).is_id(), "{text}");
        }
    }
}
