//! The contract's types into those of `portcullis_directory`, and back.
//!
//! Every text is moved, not copied, except where its form changes. Text for people is made fit to print; data is passed
//! on as it is.
//!
//! `connector/service` has this file as well, over its own bindings of the contract.

use std::ops::BitOrAssign;

use portcullis_directory::text::{MESSAGE, WORD, is_unprintable, one_line};
use portcullis_directory::{
    Change, Description, Effect, Email, Error, ErrorKind, FailedMember, Field, FieldAbilities, Group, GroupKey,
    GroupReference, Json, Member, MembershipResult, Operation, Page, ReadOptions, Reply, Support, Unreadable, User,
    UserKey, Value, WriteOptions,
};

use crate::binding::{descriptor, types, vendor_api};

impl From<types::User> for User {
    fn from(user: types::User) -> User {
        User {
            id: user.id,
            external_id: user.external_id,
            username: user.username,
            name: user.name,
            first_name: user.first_name,
            last_name: user.last_name,
            nick_name: user.nick_name,
            title: user.title,
            user_type: user.user_type,
            status: user.status,
            emails: all(user.emails),
            groups: all(user.groups),
            department: user.department,
            cost_center: user.cost_center,
            division: user.division,
            organization: user.organization,
            created_at: user.created_at,
            updated_at: user.updated_at,
            extras: extras(user.extras),
            remote_data: user.remote_data.as_deref().map(Json::from_text),
        }
    }
}

impl From<types::Group> for Group {
    fn from(group: types::Group) -> Group {
        Group {
            id: group.id,
            external_id: group.external_id,
            name: group.name,
            description: group.description,
            group_type: group.group_type,
            created_at: group.created_at,
            updated_at: group.updated_at,
            extras: extras(group.extras),
            remote_data: group.remote_data.as_deref().map(Json::from_text),
        }
    }
}

impl From<types::Member> for Member {
    fn from(member: types::Member) -> Member {
        Member { id: member.id, r#type: member.type_, name: member.name }
    }
}

impl From<types::Email> for Email {
    fn from(email: types::Email) -> Email {
        Email { email: email.email, r#type: email.type_, is_primary: email.is_primary }
    }
}

impl From<types::GroupReference> for GroupReference {
    fn from(reference: types::GroupReference) -> GroupReference {
        GroupReference { id: reference.id, name: reference.name }
    }
}

impl From<types::Unreadable> for Unreadable {
    fn from(row: types::Unreadable) -> Unreadable {
        Unreadable { id: row.id, position: row.position, reason: one_line(row.reason, MESSAGE) }
    }
}

/// The three kinds of page differ in their rows alone.
macro_rules! page {
    ($($from:ident => $row:ident),*) => {$(
        impl TryFrom<types::$from> for Page<$row> {
            type Error = Error;

            fn try_from(page: types::$from) -> Result<Page<$row>, Error> {
                Ok(Page {
                    items: all(page.items),
                    unreadable: all(page.unreadable),
                    next_cursor: page.next_cursor.map(cursor).transpose()?,
                    prev_cursor: page.prev_cursor.map(cursor).transpose()?,
                    total: page.total,
                })
            }
        }
    )*};
}

page!(UserPage => User, GroupPage => Group, MemberPage => Member);

impl From<types::Error> for Error {
    fn from(error: types::Error) -> Error {
        Error {
            kind: error.kind.into(),
            code: error.code.map(|code| one_line(code, WORD)),
            message: one_line(error.message, MESSAGE),
            field: error.field.map(|field| one_line(field, WORD)),
            http_status: error.http_status,
            retry_after_ms: error.retry_after_ms,
            effect: match error.effect {
                types::Effect::None => Effect::None,
                types::Effect::Unknown => Effect::Unknown,
                types::Effect::Applied => Effect::Applied,
            },
        }
    }
}

impl From<types::ErrorKind> for ErrorKind {
    fn from(kind: types::ErrorKind) -> ErrorKind {
        match kind {
            types::ErrorKind::InvalidInput => ErrorKind::InvalidInput,
            types::ErrorKind::Unauthorized => ErrorKind::Unauthorized,
            types::ErrorKind::Forbidden => ErrorKind::Forbidden,
            types::ErrorKind::NotFound => ErrorKind::NotFound,
            types::ErrorKind::Conflict => ErrorKind::Conflict,
            types::ErrorKind::RateLimited => ErrorKind::RateLimited,
            types::ErrorKind::Unsupported => ErrorKind::Unsupported,
            types::ErrorKind::Unavailable => ErrorKind::Unavailable,
            types::ErrorKind::Protocol => ErrorKind::Protocol,
        }
    }
}

impl From<types::MembershipResult> for MembershipResult {
    fn from(result: types::MembershipResult) -> MembershipResult {
        let failed = |(id, error): (String, types::Error)| FailedMember { id, error: error.into() };
        MembershipResult {
            applied: result.applied,
            unchanged: result.unchanged,
            failed: result.failed.into_iter().map(failed).collect(),
        }
    }
}

impl From<vendor_api::Reply> for Reply {
    fn from(reply: vendor_api::Reply) -> Reply {
        Reply { status: reply.status, headers: reply.headers, body: reply.body }
    }
}

impl From<descriptor::Description> for Description {
    fn from(description: descriptor::Description) -> Description {
        Description {
            name: one_line(description.name, WORD),
            version: one_line(description.version, WORD),
            vendor: one_line(description.vendor, WORD),
            page_size: description.page_size,
            fields: all(description.fields),
            operations: all(description.operations),
            settings_schema: Json::from_text(&description.settings_schema),
        }
    }
}

impl From<descriptor::Field> for Field {
    fn from(field: descriptor::Field) -> Field {
        let has = |ability| field.abilities.contains(ability);
        Field {
            abilities: FieldAbilities {
                readable: has(descriptor::FieldAbilities::READABLE),
                writable: has(descriptor::FieldAbilities::WRITABLE),
                clearable: has(descriptor::FieldAbilities::CLEARABLE),
                findable: has(descriptor::FieldAbilities::FINDABLE),
            },
            resource: one_line(field.resource, WORD),
            name: one_line(field.name, WORD),
            r#type: one_line(field.type_, WORD),
            read: field.read.into_iter().map(|path| one_line(path, MESSAGE)).collect(),
            write: field.write.map(|path| one_line(path, MESSAGE)),
            clear: field.clear.map(|path| one_line(path, MESSAGE)),
            source: one_line(field.source, MESSAGE),
        }
    }
}

impl From<descriptor::Operation> for Operation {
    fn from(operation: descriptor::Operation) -> Operation {
        Operation {
            name: one_line(operation.name, WORD),
            support: match operation.support {
                descriptor::Support::Supported => Support::Supported,
                descriptor::Support::Degraded => Support::Degraded,
                descriptor::Support::Destructive => Support::Destructive,
                descriptor::Support::Unsupported => Support::Unsupported,
            },
            reason: operation.reason.map(|reason| one_line(reason, MESSAGE)),
        }
    }
}

impl From<&Change> for types::Change {
    fn from(change: &Change) -> types::Change {
        let value = change.value.as_ref().map_or(types::Value::Clear, types::Value::from);
        types::Change { field: change.field.clone(), value }
    }
}

impl From<&Value> for types::Value {
    fn from(value: &Value) -> types::Value {
        match value {
            Value::Text(text) => types::Value::Text(text.clone()),
            Value::Boolean(boolean) => types::Value::Boolean(*boolean),
            Value::Number(number) => types::Value::Number(*number),
            Value::Texts(texts) => types::Value::Texts(texts.clone()),
            Value::Emails(emails) => types::Value::Emails(emails.iter().map(types::Email::from).collect()),
        }
    }
}

impl From<&Email> for types::Email {
    fn from(email: &Email) -> types::Email {
        types::Email { email: email.email.clone(), type_: email.r#type.clone(), is_primary: email.is_primary }
    }
}

impl From<&UserKey> for types::UserKey {
    fn from(key: &UserKey) -> types::UserKey {
        match key {
            UserKey::Username(username) => types::UserKey::Username(username.clone()),
            UserKey::ExternalId(id) => types::UserKey::ExternalId(id.clone()),
            UserKey::Email(email) => types::UserKey::Email(email.clone()),
        }
    }
}

impl From<&GroupKey> for types::GroupKey {
    fn from(key: &GroupKey) -> types::GroupKey {
        match key {
            GroupKey::Name(name) => types::GroupKey::Name(name.clone()),
            GroupKey::ExternalId(id) => types::GroupKey::ExternalId(id.clone()),
        }
    }
}

impl From<ReadOptions> for types::ReadOptions {
    fn from(options: ReadOptions) -> types::ReadOptions {
        let mut flags = types::ReadOptions::empty();
        set(&mut flags, options.remote_data, types::ReadOptions::REMOTE_DATA);
        flags
    }
}

impl From<WriteOptions> for types::WriteOptions {
    fn from(options: WriteOptions) -> types::WriteOptions {
        let mut flags = types::WriteOptions::empty();
        set(&mut flags, options.verify, types::WriteOptions::VERIFY);
        set(&mut flags, options.allow_rename, types::WriteOptions::ALLOW_RENAME);
        set(&mut flags, options.allow_empty, types::WriteOptions::ALLOW_EMPTY);
        flags
    }
}

/// Cursors are the connector's own and are shown to people, so they are text as it can be shown. One that is not cannot
/// be mended, and cannot be left out: a page without one is the last.
pub(crate) fn cursors(cursors: Vec<String>) -> Result<Vec<String>, Error> {
    cursors.into_iter().map(cursor).collect()
}

fn cursor(cursor: String) -> Result<String, Error> {
    if cursor.len() <= CURSOR && !cursor.chars().any(is_unprintable) {
        return Ok(cursor);
    }
    let message = format!("the connector gave a cursor that is not one line of at most {CURSOR} bytes");
    Err(Error::guest_fault(message, Effect::None))
}

/// Converts every row of a list.
pub(crate) fn all<A, B: From<A>>(rows: Vec<A>) -> Vec<B> {
    rows.into_iter().map(B::from).collect()
}

fn extras(extras: Vec<(String, String)>) -> Vec<(String, Json)> {
    extras.into_iter().map(|(name, value)| (name, Json::from_text(&value))).collect()
}

fn set<F: BitOrAssign>(flags: &mut F, is_set: bool, flag: F) {
    if is_set {
        *flags |= flag;
    }
}

/// The most bytes of a cursor.
const CURSOR: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_that_cannot_be_shown_is_the_connectors_fault_and_not_the_end_of_a_list() {
        assert_eq!(cursor("1u.65.64".to_owned()).unwrap(), "1u.65.64");
        for unfit in ["a\nb".to_owned(), "\u{1b}[2J".to_owned(), "a\u{202e}".to_owned(), "x".repeat(4097)] {
            let error = cursor(unfit.clone()).unwrap_err();
            assert_eq!(error.message, "the connector gave a cursor that is not one line of at most 4096 bytes");
            assert!(error.is_guest_fault());
            let page = types::MemberPage {
                items: vec![],
                unreadable: vec![],
                next_cursor: Some(unfit.clone()),
                prev_cursor: None,
                total: None,
            };
            assert_eq!(Page::<Member>::try_from(page).unwrap_err(), error);
            assert_eq!(cursors(vec![unfit]).unwrap_err(), error);
        }
    }
}
