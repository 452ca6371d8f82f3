//! Which user of the directory somebody in a source is. Rules in order: the stored link, the external id, the username,
//! an e-mail address. What may be two is nobody.

use std::collections::{BTreeMap, BTreeSet};

use portcullis_directory::User;

use crate::desired::Person;
use crate::normal::normal;

/// Ids of users by the source's keys, as an earlier run left them.
pub type Links = BTreeMap<String, String>;

/// What became of the search for one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    /// This user, by its place.
    One(usize),
    /// Nobody.
    Nobody,
    /// It may be any of these, by the rule that found them.
    Several(&'static str, Vec<usize>),
}

/// Users by everything that they are matched by.
pub(crate) struct Index {
    ids: BTreeMap<String, usize>,
    keys: BTreeMap<(&'static str, String), BTreeSet<usize>>,
}

impl Index {
    pub(crate) fn of(users: &[User]) -> Index {
        let mut index = Index { ids: BTreeMap::new(), keys: BTreeMap::new() };
        for (place, user) in users.iter().enumerate() {
            index.ids.insert(user.id.clone(), place);
            let emails = user.emails.iter().map(|email| ("email", Some(email.email.as_str())));
            let keys = [("external_id", user.external_id.as_deref()), ("username", user.username.as_deref())];
            for (rule, text) in keys.into_iter().chain(emails) {
                if let Some(text) = text.map(normal).filter(|text| !text.is_empty()) {
                    index.keys.entry((rule, text)).or_default().insert(place);
                }
            }
        }
        index
    }

    /// The user with this id.
    pub(crate) fn id(&self, id: &str) -> Option<usize> {
        self.ids.get(id).copied()
    }

    /// The user that a person is. A rule that finds two ends the search, and a rule that finds somebody is not
    /// contradicted in silence: two rules that name different users find several.
    pub(crate) fn find(&self, person: &Person, links: &Links) -> Match {
        if let Some(place) = links.get(&person.key()).and_then(|id| self.id(id)) {
            return Match::One(place);
        }
        let mut found: Option<usize> = None;
        for rule in ["external_id", "username"] {
            let Some(text) = person.text(rule) else { continue };
            let Some(places) = self.keys.get(&(rule, normal(text))) else { continue };
            match (places.iter().copied().collect::<Vec<_>>().as_slice(), found) {
                ([one], None) => found = Some(*one),
                ([one], Some(other)) if *one == other => {}
                ([one], Some(other)) => return Match::Several(rule, vec![other, *one]),
                (several, _) => return Match::Several(rule, several.to_vec()),
            }
        }
        if let Some(place) = found {
            return Match::One(place);
        }
        let emails: BTreeSet<_> =
            addresses(person).filter_map(|email| self.keys.get(&("email", email))).flatten().collect();
        match emails.into_iter().copied().collect::<Vec<_>>().as_slice() {
            [] => Match::Nobody,
            [one] => Match::One(*one),
            several => Match::Several("email", several.to_vec()),
        }
    }
}

/// The addresses of a person, as they are compared.
fn addresses(person: &Person) -> impl Iterator<Item = String> {
    let rows = person.fields.get("emails").and_then(serde_json::Value::as_array).into_iter().flatten();
    rows.filter_map(|row| row.as_str().or_else(|| row.get("email")?.as_str()).map(normal))
}

#[cfg(test)]
mod tests {
    use portcullis_directory::Email;
    use serde_json::json;

    use super::*;

    fn users() -> Vec<User> {
        let user = |id: &str, external: Option<&str>, username: &str, email: &str| User {
            id: id.to_owned(),
            external_id: external.map(str::to_owned),
            username: Some(username.to_owned()),
            emails: vec![Email { email: email.to_owned(), ..Email::default() }],
            ..User::default()
        };
        vec![
            user("1", Some("00u1"), "mara@a.example", "mara@a.example"),
            user("2", None, "Olli@a.example", "shared@a.example"),
            user("3", Some("00u3"), "svc@a.example", "shared@a.example"),
        ]
    }

    fn find(fields: serde_json::Value, links: &[(&str, &str)]) -> Match {
        let links = links.iter().map(|(key, id)| ((*key).to_owned(), (*id).to_owned())).collect();
        let fields = serde_json::from_value(fields).unwrap();
        Index::of(&users()).find(&Person { line: 1, fields, groups: None }, &links)
    }

    #[test]
    fn rules_go_from_the_surest_to_the_least_sure() {
        assert_eq!(find(json!({"username": "new@a.example", "external_id": "00u1"}), &[]), Match::One(0));
        assert_eq!(find(json!({"username": " OLLI@A.example"}), &[]), Match::One(1));
        assert_eq!(find(json!({"username": "x", "emails": ["MARA@a.example"]}), &[]), Match::One(0));
        assert_eq!(find(json!({"username": "x"}), &[("x", "3")]), Match::One(2));
        assert_eq!(find(json!({"username": "x"}), &[("x", "gone")]), Match::Nobody);
    }

    #[test]
    fn what_may_be_two_is_nobody() {
        assert_eq!(
            find(json!({"username": "x", "emails": ["shared@a.example"]}), &[]),
            Match::Several("email", vec![1, 2])
        );
        let crossed = json!({"username": "olli@a.example", "external_id": "00u1"});
        assert_eq!(find(crossed, &[]), Match::Several("username", vec![0, 1]));
    }
}
