//! A life in a directory, from joining to leaving twice, through the unified interface: what every vendor must bear.

use portcullis_directory::{
    Change, Directory, Effect, Email, Error, ErrorKind, MembershipResult, ReadOptions, User, UserKey, Value,
    WriteOptions,
};

/// What a write sets.
#[must_use]
pub fn set(field: &str, text: &str) -> Change {
    Change { field: field.to_owned(), value: Some(Value::Text(text.to_owned())) }
}

/// What a write clears.
#[must_use]
pub fn clear(field: &str) -> Change {
    Change { field: field.to_owned(), value: None }
}

/// Addresses that a write sets.
#[must_use]
pub fn emails(addresses: &[&str]) -> Change {
    let email = |email: &&str| Email { email: (*email).to_owned(), ..Email::default() };
    Change { field: "emails".to_owned(), value: Some(Value::Emails(addresses.iter().map(email).collect())) }
}

/// Each write read back.
pub const VERIFY: WriteOptions = WriteOptions { verify: true, allow_rename: false, allow_empty: true };

/// A user joins, is changed, is put into a group and taken out of it, is switched off and deleted; most of it twice.
///
/// # Panics
///
/// When the directory answers anything else than it should.
#[allow(clippy::unwrap_used, reason = "the harness of tests")]
pub async fn live<D: Directory>(directory: &D) {
    let joiner = [
        set("username", "ines@acme.example"),
        set("external_id", "hr-10442"),
        set("name", "Ines Moreau"),
        set("first_name", "Ines"),
        set("last_name", "Moreau"),
        set("nick_name", "Ines"),
        set("title", "Counsel"),
        set("user_type", "Employee"),
        set("status", "active"),
        set("department", "Legal"),
        set("cost_center", "CC-12"),
        set("division", "EU"),
        set("organization", "Acme"),
        emails(&["ines@acme.example"]),
    ];
    let created = directory.create_user(&joiner, VERIFY).await.unwrap();
    let id = created.id.as_str();
    assert_eq!(shown(&created), JOINED);
    assert_eq!(shown(&get(directory, id).await), JOINED);

    let taken = directory.create_user(&joiner, VERIFY).await.unwrap_err();
    assert_eq!((taken.kind, taken.effect), (ErrorKind::Conflict, Effect::None));
    let who = format!(
        "`ines@acme.example` is taken by the user with the id `{id}`, which has the same external id, so it may be the \
         one you mean"
    );
    assert_eq!(taken.message, who);

    let changes = [set("title", "Head of Legal"), emails(&["i.moreau@acme.example"]), clear("nick_name")];
    for _ in 0..2 {
        let updated = directory.update_user(id, &changes, VERIFY).await.unwrap().unwrap();
        assert_eq!((updated.title.as_deref(), updated.nick_name), (Some("Head of Legal"), None));
        assert_eq!(addresses(&updated.emails), ["i.moreau@acme.example"]);
    }
    let clearable = ["external_id", "name", "first_name", "last_name", "title", "user_type", "emails"];
    let clearable = clearable.into_iter().chain(["department", "cost_center", "division", "organization"]);
    let changes: Vec<_> = clearable.map(clear).collect();
    directory.update_user(id, &changes, VERIFY).await.unwrap();
    let bare = get(directory, id).await;
    assert_eq!(shown(&bare), "ines@acme.example, active, no address");

    let group = directory.create_group(&[set("name", "Counsels"), set("external_id", "g-1")], VERIFY).await.unwrap();
    let renamed = directory.update_group(&group.id, &[set("name", "Counsels EU")], VERIFY).await.unwrap().unwrap();
    assert_eq!((renamed.name.as_deref(), renamed.external_id.as_deref()), (Some("Counsels EU"), Some("g-1")));
    let members = [id.to_owned()];
    let applied = MembershipResult { applied: members.to_vec(), ..MembershipResult::default() };
    let unchanged = MembershipResult { unchanged: members.to_vec(), ..MembershipResult::default() };
    for wanted in [&applied, &unchanged] {
        assert_eq!(directory.add_members(&group.id, &members, VERIFY).await.as_ref(), Ok(wanted));
    }
    for wanted in [&applied, &unchanged] {
        assert_eq!(directory.remove_members(&group.id, &members, VERIFY).await.as_ref(), Ok(wanted));
    }

    for (active, status) in [(false, "inactive"), (false, "inactive"), (true, "active"), (false, "inactive")] {
        let user = directory.set_user_active(id, active, VERIFY).await.unwrap().unwrap();
        assert_eq!(user.status.as_deref(), Some(status));
    }
    for _ in 0..2 {
        assert_eq!(directory.delete_user(id, VERIFY).await, Ok(()));
        assert_eq!(directory.delete_group(&group.id, VERIFY).await, Ok(()));
    }
    assert_eq!(kind(directory.get_user(id, ReadOptions::default()).await), Some(ErrorKind::NotFound));
    assert_eq!(kind(directory.update_user(id, &[clear("title")], VERIFY).await), Some(ErrorKind::NotFound));
    let key = UserKey::Username("ines@acme.example".to_owned());
    assert_eq!(directory.find_user(&key, ReadOptions::default()).await, Ok(Vec::new()));
}

const JOINED: &str = "ines@acme.example, hr-10442, Ines Moreau, Ines, Moreau, Ines, Counsel, Employee, active, Legal, \
                      CC-12, EU, Acme, ines@acme.example";

/// What a user is, in one line.
fn shown(user: &User) -> String {
    let fields = [
        &user.username,
        &user.external_id,
        &user.name,
        &user.first_name,
        &user.last_name,
        &user.nick_name,
        &user.title,
        &user.user_type,
        &user.status,
        &user.department,
        &user.cost_center,
        &user.division,
        &user.organization,
    ];
    let mut words: Vec<_> = fields.into_iter().flatten().map(String::as_str).collect();
    let addresses = addresses(&user.emails);
    words.extend(if addresses.is_empty() { vec!["no address"] } else { addresses });
    words.join(", ")
}

fn addresses(emails: &[Email]) -> Vec<&str> {
    emails.iter().map(|email| email.email.as_str()).collect()
}

#[allow(clippy::unwrap_used, reason = "the harness of tests")]
async fn get<D: Directory>(directory: &D, id: &str) -> User {
    directory.get_user(id, ReadOptions::default()).await.unwrap()
}

fn kind<T>(result: Result<T, Error>) -> Option<ErrorKind> {
    result.err().map(|err| err.kind)
}
