//! One user: as tests see it ([`User`]) and as a million of them are kept ([`UserRow`]).
//! Holds the attributes of zpa-scim.md 3.1 and no others: ZPA has no custom ones.

use super::id::Id;
use super::table::Row;
use super::word::{Word, Words};

/// The age of a record, which decides how it is written (zpa-scim.md 3.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// From before 2022-08-29: numeric id, `active` as text, `nickName` first and `userName` near the end.
    Legacy,
    /// Since then: UUID, `active` as boolean, `userName` first.
    #[default]
    Recent,
}

/// A user as the directory knows it: the truth that a reader's result is compared with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the SCIM attribute of that name")]
pub struct User {
    /// UUID or decimal number; empty in a new user, which is then given one.
    pub id: String,
    pub external_id: Option<String>,
    pub user_name: String,
    pub active: bool,
    pub display_name: Option<String>,
    pub nick_name: Option<String>,
    pub title: Option<String>,
    pub user_type: Option<String>,
    pub formatted_name: Option<String>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub emails: Vec<String>,
    pub department: Option<String>,
    pub cost_center: Option<String>,
    pub division: Option<String>,
    pub organization: Option<String>,
    /// Ids of the user's groups. Adding a user ignores them: membership is the group's (zpa-scim.md 3.3).
    pub groups: Vec<String>,
    /// Seconds after the epoch.
    pub created: u32,
    /// Seconds after the epoch.
    pub last_modified: u32,
    pub shape: Shape,
}

impl User {
    /// An active user with a name and an address and nothing else, made on 2026-01-01.
    pub fn new(user_name: impl Into<String>) -> Self {
        let user_name = user_name.into();
        Self {
            emails: vec![user_name.clone()],
            user_name,
            active: true,
            created: 1_767_225_600,
            last_modified: 1_767_225_600,
            ..Self::default()
        }
    }
}

/// A user as it is kept: shared texts by word, groups by slot. A million take about 420 MB.
#[derive(Clone, Debug)]
pub(crate) struct UserRow {
    pub(crate) id: Id,
    pub(crate) external_id: Option<Box<str>>,
    pub(crate) user_name: Box<str>,
    pub(crate) display_name: Option<Box<str>>,
    pub(crate) formatted_name: Option<Box<str>>,
    pub(crate) emails: Box<[Box<str>]>,
    /// Slots of groups.
    pub(crate) groups: Box<[u32]>,
    pub(crate) nick_name: Option<Word>,
    pub(crate) title: Option<Word>,
    pub(crate) user_type: Option<Word>,
    pub(crate) given_name: Option<Word>,
    pub(crate) family_name: Option<Word>,
    pub(crate) department: Option<Word>,
    pub(crate) cost_center: Option<Word>,
    pub(crate) division: Option<Word>,
    pub(crate) organization: Option<Word>,
    pub(crate) created: u32,
    pub(crate) last_modified: u32,
    pub(crate) active: bool,
    pub(crate) shape: Shape,
}

impl Row for UserRow {
    fn id(&self) -> Id {
        self.id
    }
}

impl UserRow {
    /// Without groups: those are added by the group.
    pub(crate) fn from_user(id: Id, user: User, words: &mut Words) -> Self {
        let mut word = |text: Option<String>| text.and_then(|text| words.intern(&text));
        Self {
            id,
            nick_name: word(user.nick_name),
            title: word(user.title),
            user_type: word(user.user_type),
            given_name: word(user.given_name),
            family_name: word(user.family_name),
            department: word(user.department),
            cost_center: word(user.cost_center),
            division: word(user.division),
            organization: word(user.organization),
            external_id: user.external_id.map(Into::into),
            user_name: user.user_name.into(),
            display_name: user.display_name.map(Into::into),
            formatted_name: user.formatted_name.map(Into::into),
            emails: user.emails.into_iter().map(Into::into).collect(),
            groups: Box::default(),
            created: user.created,
            last_modified: user.last_modified,
            active: user.active,
            shape: user.shape,
        }
    }

    pub(crate) fn to_user(&self, words: &Words, groups: Vec<String>) -> User {
        let word = |word| words.text(word).map(str::to_owned);
        let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
        User {
            id: self.id.to_string(),
            external_id: text(&self.external_id),
            user_name: self.user_name.to_string(),
            active: self.active,
            display_name: text(&self.display_name),
            nick_name: word(self.nick_name),
            title: word(self.title),
            user_type: word(self.user_type),
            formatted_name: text(&self.formatted_name),
            given_name: word(self.given_name),
            family_name: word(self.family_name),
            emails: self.emails.iter().map(ToString::to_string).collect(),
            department: word(self.department),
            cost_center: word(self.cost_center),
            division: word(self.division),
            organization: word(self.organization),
            groups,
            created: self.created,
            last_modified: self.last_modified,
            shape: self.shape,
        }
    }
}
