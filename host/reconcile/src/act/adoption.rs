//! Taking somebody on: making the record that should be there, or taking the one that is. Whose a record is is settled by
//! reading, and nobody else's is changed.

use portcullis_directory::{
    Change, Directory, Effect, Error, ErrorKind, ReadOptions, User, UserKey, Value, WriteOptions,
};
use serde::Serialize;
use serde_json::json;

use super::manner::{Manner, may_help_again};
use crate::normal::normal;
use crate::planner::compare;

/// What a record is to whoever is taken on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is theirs.
    Theirs,
    /// It has their username, and the external id of somebody else.
    OtherExternalId,
    /// It has another username.
    OtherUsername,
}

/// Whose record it is. Usernames are compared without regard to case, external ids byte for byte. A record without an
/// external id is taken by its username.
pub fn claim(record: &User, username: &str, external_id: Option<&str>) -> Claim {
    match (external_id, record.external_id.as_deref()) {
        _ if record.username.as_deref().is_none_or(|known| normal(known) != normal(username)) => Claim::OtherUsername,
        (Some(wanted), Some(known)) if wanted != known => Claim::OtherExternalId,
        _ => Claim::Theirs,
    }
}

/// Where a record comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// It was made.
    Created,
    /// It was there.
    Adopted,
}

/// Makes the user, or finds the record that is there after all.
///
/// A conflict, and an answer that was lost, are settled by looking for the username. What is found then is theirs, or the
/// answer is an error; nothing is made a second time.
pub async fn create<D: Directory>(
    directory: &D,
    changes: &[Change],
    manner: Manner,
    pause: &impl AsyncFn(u32, Option<u32>),
) -> Result<(User, Origin), Error> {
    let mut number = 1;
    let error = loop {
        let error = match directory.create_user(changes, WriteOptions::default()).await {
            Ok(user) => return Ok((user, Origin::Created)),
            Err(error) => error,
        };
        let is_certain = error.effect == Effect::None;
        if !is_certain || error.kind == ErrorKind::Conflict || number >= manner.tries || !may_help_again(&error) {
            break error;
        }
        pause(number, error.retry_after_ms).await;
        number += 1;
    };
    if error.kind != ErrorKind::Conflict && error.effect == Effect::None {
        return Err(error);
    }
    let (username, external_id) = (text(changes, "username").unwrap_or_default(), text(changes, "external_id"));
    let key = UserKey::Username(username.to_owned());
    // Some vendors show a write late.
    for number in 1..=manner.tries {
        match directory.find_user(&key, ReadOptions::default()).await.as_deref() {
            Ok([user]) if claim(user, username, external_id) == Claim::Theirs => {
                let origin = if error.kind == ErrorKind::Conflict { Origin::Adopted } else { Origin::Created };
                return Ok((user.clone(), origin));
            }
            Ok([user, ..]) => {
                let message = format!("the username `{username}` is taken by the user `{}`", user.id);
                return Err(Error::new(ErrorKind::Conflict, message).with_effect(error.effect));
            }
            Err(unseen) if !may_help_again(unseen) => break,
            Ok([]) | Err(_) if number < manner.tries => pause(number, None).await,
            Ok([]) | Err(_) => {}
        }
    }
    Err(error)
}

/// What came of bringing a record to what is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The record as it was read last.
    pub user: User,
    /// Fields that were written.
    pub written: Vec<String>,
    /// Fields that are not known to be as they should.
    pub open: Vec<String>,
    /// Why.
    pub error: Option<Error>,
}

/// Brings the fields of a user, as it was read by its id just now, to what is wanted, and reads them back. The username is
/// left as it is.
pub async fn settle<D: Directory>(
    directory: &D,
    user: User,
    changes: &[Change],
    manner: Manner,
    pause: &impl AsyncFn(u32, Option<u32>),
) -> Settlement {
    let mut settlement = Settlement { user, written: Vec::new(), open: Vec::new(), error: None };
    let mut open = differing(changes, &settlement.user);
    for number in 1..=manner.tries {
        settlement.open = open.iter().map(|change| change.field.clone()).collect();
        if open.is_empty() {
            break;
        }
        for field in &settlement.open {
            if !settlement.written.contains(field) {
                settlement.written.push(field.clone());
            }
        }
        let written = directory.update_user(&settlement.user.id, &open, WriteOptions::default()).await;
        settlement.error = written.err();
        if !manner.verifies {
            settlement.open.clear();
            return settlement;
        }
        match directory.get_user(&settlement.user.id, ReadOptions::default()).await {
            Ok(user) => settlement.user = user,
            Err(unseen) => {
                settlement.error.get_or_insert(unseen.with_effect(Effect::Unknown));
            }
        }
        open = differing(changes, &settlement.user);
        settlement.open = open.iter().map(|change| change.field.clone()).collect();
        if open.is_empty() {
            settlement.error = None;
            break;
        }
        let error = settlement.error.get_or_insert_with(|| {
            let message =
                format!("the vendor accepted the change, and does not show it: {}", settlement.open.join(", "));
            Error::new(ErrorKind::Protocol, message).with_effect(Effect::Unknown)
        });
        if number == manner.tries || !may_help_again(error) {
            break;
        }
        let wait = error.retry_after_ms;
        pause(number, wait).await;
    }
    settlement
}

/// Those of the changes that the record does not show already, but for the username.
fn differing(changes: &[Change], user: &User) -> Vec<Change> {
    let shown = serde_json::to_value(user).unwrap_or_default();
    let is_open = |change: &&Change| {
        let current = compare::current(user, &shown, &change.field);
        let wanted = change.value.as_ref().map_or(serde_json::Value::Null, to_json);
        change.field != "username" && !compare::same(&change.field, current.as_ref(), &wanted)
    };
    changes.iter().filter(is_open).cloned().collect()
}

/// A value as the JSON of a user has it.
fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Text(text) => json!(text),
        Value::Boolean(value) => json!(value),
        Value::Number(number) => json!(number),
        Value::Texts(texts) => json!(texts),
        Value::Emails(emails) => json!(emails),
    }
}

/// The text that a field is set to.
fn text<'a>(changes: &'a [Change], field: &str) -> Option<&'a str> {
    changes.iter().find_map(|change| match &change.value {
        Some(Value::Text(text)) if change.field == field => Some(text.as_str()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use portcullis_directory::Email;

    use super::*;

    fn user(username: Option<&str>, external_id: Option<&str>) -> User {
        User {
            id: "7".to_owned(),
            username: username.map(str::to_owned),
            external_id: external_id.map(str::to_owned),
            ..User::default()
        }
    }

    #[test]
    fn a_record_is_theirs_by_its_username_and_an_external_id_that_does_not_speak_against_it() {
        let claim = |username, known, wanted| claim(&user(username, known), "Mara@acme.example", wanted);
        for (known, wanted) in [(None, None), (None, Some("1")), (Some("1"), None), (Some("1"), Some("1"))] {
            assert_eq!(claim(Some("mara@ACME.example"), known, wanted), Claim::Theirs, "{known:?} {wanted:?}");
        }
        assert_eq!(claim(Some("mara@acme.example"), Some("1"), Some("2")), Claim::OtherExternalId);
        assert_eq!(claim(Some("mara@acme.example"), Some("a"), Some("A")), Claim::OtherExternalId);
        assert_eq!(claim(Some("olli@acme.example"), Some("1"), Some("1")), Claim::OtherUsername);
        assert_eq!(claim(None, Some("1"), Some("1")), Claim::OtherUsername);
    }

    #[test]
    fn only_what_differs_is_written_and_never_the_username() {
        let email = |email: &str, r#type: Option<&str>| Email {
            email: email.to_owned(),
            r#type: r#type.map(str::to_owned),
            is_primary: None,
        };
        let user = User {
            title: Some("Analyst".to_owned()),
            emails: vec![email("mara@acme.example", Some("work"))],
            ..user(Some("mara"), None)
        };
        let set = |field: &str, value| Change { field: field.to_owned(), value: Some(value) };
        let text = |text: &str| Value::Text(text.to_owned());
        let differing =
            |changes: &[Change]| differing(changes, &user).into_iter().map(|change| change.field).collect::<Vec<_>>();
        let same = [
            set("username", text("somebody")),
            set("title", text("Analyst")),
            set("emails", Value::Emails(vec![email("Mara@acme.example", None)])),
            Change { field: "department".to_owned(), value: None },
        ];
        assert_eq!(differing(&same), Vec::<String>::new());
        let others = [
            set("title", text("analyst")),
            set("emails", Value::Emails(vec![email("olli@acme.example", None)])),
            set("external_id", text("1")),
            set("custom.badge", Value::Number(7.0)),
        ];
        assert_eq!(differing(&others), ["title", "emails", "external_id", "custom.badge"]);
    }
}
