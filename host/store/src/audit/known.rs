//! The users and groups that were last read through a handle, so that a record can say what was there before, without a
//! request more. Bounded: what was read long ago is not known.

use std::collections::VecDeque;

use portcullis_directory::{Group, User};
use serde::Serialize;
use serde_json::Value;

use super::entry::Object;

/// What was last read.
#[derive(Debug, Default)]
pub(crate) struct Known {
    users: VecDeque<User>,
    groups: VecDeque<Group>,
}

impl Known {
    pub(crate) fn saw_user(&mut self, user: &User) {
        self.forget_user(&user.id);
        self.users.truncate(MOST - 1);
        self.users.push_front(user.clone());
    }

    pub(crate) fn saw_group(&mut self, group: &Group) {
        self.forget_group(&group.id);
        self.groups.truncate(MOST - 1);
        self.groups.push_front(group.clone());
    }

    pub(crate) fn forget_user(&mut self, id: &str) {
        self.users.retain(|user| user.id != id);
    }

    pub(crate) fn forget_group(&mut self, id: &str) {
        self.groups.retain(|group| group.id != id);
    }

    /// The user as an object of a record, and as it was last read.
    pub(crate) fn user(&self, id: &str) -> (Object, Option<Value>) {
        let known = self.users.iter().find(|user| user.id == id);
        let name = known.and_then(|user| user.username.clone());
        (Object { kind: "user".to_owned(), id: Some(id.to_owned()), name }, known.map(user_json))
    }

    /// The group as an object of a record, and as it was last read.
    pub(crate) fn group(&self, id: &str) -> (Object, Option<Value>) {
        let known = self.groups.iter().find(|group| group.id == id);
        let name = known.and_then(|group| group.name.clone());
        (Object { kind: "group".to_owned(), id: Some(id.to_owned()), name }, known.map(group_json))
    }

    /// The username of a user.
    pub(crate) fn username(&self, id: &str) -> Option<&str> {
        self.users.iter().find(|user| user.id == id)?.username.as_deref()
    }
}

/// The user in its unified JSON. The vendor's own JSON says the same at greater length.
pub(crate) fn user_json(user: &User) -> Value {
    json(&User { remote_data: None, ..user.clone() })
}

/// The group in its unified JSON.
pub(crate) fn group_json(group: &Group) -> Value {
    json(&Group { remote_data: None, ..group.clone() })
}

fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// Users, and as many groups.
const MOST: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_last_is_known_and_the_rest_is_forgotten() {
        let mut known = Known::default();
        let user = |id: usize, name: &str| User {
            id: id.to_string(),
            username: Some(name.to_owned()),
            remote_data: Some(portcullis_directory::Json::from_text("{}")),
            ..User::default()
        };
        for id in 0..=MOST {
            known.saw_user(&user(id, "old"));
        }
        known.saw_user(&user(9, "new"));
        assert_eq!(known.users.len(), MOST);
        assert_eq!((known.username("0"), known.username("9")), (None, Some("new")));
        let (object, before) = known.user("9");
        assert_eq!(object.name.as_deref(), Some("new"));
        assert_eq!(before.unwrap(), serde_json::json!({"id": "9", "username": "new", "emails": [], "groups": []}));
        known.forget_user("9");
        assert_eq!(known.user("9").1, None);
    }
}
