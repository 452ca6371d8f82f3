//! The settings of an account: a JSON object, every member of it known. An unknown one is refused, because a setting
//! that silently does nothing is worse than none.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::amendment::Amendment;
use crate::json::Json;
use crate::mapping::{Mapping, Resource};
use crate::tape::Tape;

/// What an account's settings say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Behaviour of this tenant where the reference knows none for certain.
    pub quirks: Quirks,
    /// What the account changes about the mapping. It is consistent.
    amendments: Vec<Amendment>,
}

/// What the vendor's pages leave open, with safe defaults. Each can be settled by trying it on the tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub struct Quirks {
    /// Where the members of a group are read (zpa-scim 4).
    pub group_members: GroupMembers,
    /// What a group without `members` means (zpa-scim 4).
    pub missing_members: MissingMembers,
    /// Whether `userName eq` filters (zpa-scim 6: inferred).
    pub username_filter: bool,
    /// Whether `displayName eq` filters groups (zpa-scim 6: inferred).
    pub group_name_filter: bool,
    /// Whether `externalId eq` is known to filter (zpa-scim 6: unknown).
    pub external_id_filter: bool,
    /// Whether `emails.value eq` is known to filter (zpa-scim 6: unknown).
    pub email_filter: bool,
    /// Whether groups are listed by name, which keeps their order still (zpa-scim 5).
    pub sort_groups: bool,
    /// How a member is taken out of a group (zpa-scim 7).
    pub member_removal: MemberRemoval,
    /// How the addresses of a user are replaced (zpa-scim 7).
    pub email_replacement: EmailReplacement,
}

/// Where the members of a group are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupMembers {
    /// From the group's own record.
    #[default]
    ById,
    /// From the `groups` of each user.
    FromUsers,
}

/// What a group's record without `members` means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingMembers {
    /// Nothing: the vendor may have left them out.
    #[default]
    Unsupported,
    /// An empty group: this tenant was seen to send them.
    Empty,
}

/// How a member is taken out of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MemberRemoval {
    /// `remove` at `members[value eq "…"]`.
    #[default]
    Filter,
    /// `remove` at `members` with a list of values. A vendor that ignores the values empties the group.
    Values,
}

/// How the addresses of a user are replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EmailReplacement {
    /// `remove` of all, then `add`, in one request: the two forms that the vendor shows.
    #[default]
    RemoveThenAdd,
    /// `replace` of the whole list.
    Replace,
}

impl Default for Quirks {
    fn default() -> Self {
        Quirks {
            group_members: GroupMembers::ById,
            missing_members: MissingMembers::Unsupported,
            username_filter: true,
            group_name_filter: true,
            external_id_filter: false,
            email_filter: false,
            sort_groups: true,
            member_removal: MemberRemoval::Filter,
            email_replacement: EmailReplacement::RemoveThenAdd,
        }
    }
}

impl Settings {
    /// Reads settings; the error says what is wrong.
    pub fn parse(text: &str) -> Result<Settings, String> {
        let mut settings = Settings::default();
        let tape = Tape::read(text)?;
        for (name, value) in object(tape.root(), "the value")?.members() {
            match &*name {
                "quirks" => settings.quirks = Quirks::parse(value)?,
                "mapping" => settings.amendments = amendments(value)?,
                _ => return Err(format!("there is no setting `{name}`")),
            }
        }
        if !settings.amendments.is_empty() {
            for resource in [Resource::User, Resource::Group] {
                settings.mapping(resource).check()?;
            }
        }
        Ok(settings)
    }

    /// The mapping in force.
    pub fn mapping(&self, resource: Resource) -> Mapping {
        Mapping::amended(resource, &self.quirks, &self.amendments)
    }
}

fn amendments(json: Json<'_>) -> Result<Vec<Amendment>, String> {
    let mut amendments = Vec::new();
    for (name, value) in object(json, "`mapping`")?.members() {
        amendments.extend(match &*name {
            "user" => Amendment::parse_all(Resource::User, value)?,
            "group" => Amendment::parse_all(Resource::Group, value)?,
            _ => return Err(format!("`mapping` has `{name}`, which is neither `user` nor `group`")),
        });
    }
    Ok(amendments)
}

impl Quirks {
    fn parse(json: Json<'_>) -> Result<Quirks, String> {
        let mut quirks = Quirks::default();
        for (name, value) in object(json, "`quirks`")?.members() {
            match &*name {
                "group-members" => {
                    let choices = [("by-id", GroupMembers::ById), ("from-users", GroupMembers::FromUsers)];
                    quirks.group_members = choice(&name, value, choices)?;
                }
                "missing-members" => {
                    let choices = [("unsupported", MissingMembers::Unsupported), ("empty", MissingMembers::Empty)];
                    quirks.missing_members = choice(&name, value, choices)?;
                }
                "username-filter" => quirks.username_filter = switch(&name, value)?,
                "group-name-filter" => quirks.group_name_filter = switch(&name, value)?,
                "external-id-filter" => quirks.external_id_filter = switch(&name, value)?,
                "email-filter" => quirks.email_filter = switch(&name, value)?,
                "sort-groups" => quirks.sort_groups = switch(&name, value)?,
                "member-removal" => {
                    let choices = [("filter", MemberRemoval::Filter), ("values", MemberRemoval::Values)];
                    quirks.member_removal = choice(&name, value, choices)?;
                }
                "email-replacement" => {
                    let choices =
                        [("remove-then-add", EmailReplacement::RemoveThenAdd), ("replace", EmailReplacement::Replace)];
                    quirks.email_replacement = choice(&name, value, choices)?;
                }
                _ => return Err(format!("there is no quirk `{name}`")),
            }
        }
        Ok(quirks)
    }
}

/// The most members of an object in settings: more than ZPA has attributes (zpa-scim 3.1), and quickly compared.
const MOST: usize = 200;

/// The value, where it is an object that names nothing twice.
pub(crate) fn object<'a>(json: Json<'a>, what: &str) -> Result<Json<'a>, String> {
    if let Some(other) = json.other_than_object() {
        return Err(format!("{what} must be a JSON object and is {other}"));
    }
    // Each is compared with every other one, here and later.
    if json.members().count() > MOST {
        return Err(format!("{what} has more than {MOST} members"));
    }
    for (name, _) in json.members() {
        if json.members().filter(|(other, _)| *other == name).count() > 1 {
            return Err(format!("{what} has `{name}` twice"));
        }
    }
    Ok(json)
}

fn choice<T: Copy>(name: &str, json: Json<'_>, choices: [(&str, T); 2]) -> Result<T, String> {
    let text = json.text();
    let chosen = choices.iter().find(|(word, _)| text.as_deref() == Some(word));
    let [(first, _), (second, _)] = choices;
    chosen
        .map(|(_, value)| *value)
        .ok_or_else(|| format!("quirk `{name}` is `{}`, which is neither `{first}` nor `{second}`", json.json()))
}

fn switch(name: &str, json: Json<'_>) -> Result<bool, String> {
    choice(name, json, [("true", true), ("false", false)])
}

/// JSON Schema of the settings.
pub const SCHEMA: &str = match core::str::from_utf8(&COMPACT) {
    Ok(schema) => schema,
    Err(_) => PRETTY,
};

const PRETTY: &str = include_str!("settings.schema.json");

/// The schema without the white space that is there for people, a third of it.
const COMPACT: [u8; compact(PRETTY.as_bytes(), &mut [])] = {
    let mut bytes = [0; compact(PRETTY.as_bytes(), &mut [])];
    compact(PRETTY.as_bytes(), &mut bytes);
    bytes
};

/// Copies JSON without the white space between its tokens, as far as there is room, and says how long it is.
#[allow(clippy::indexing_slicing, reason = "it runs at compile time alone, where a panic is a build that fails")]
const fn compact(json: &[u8], room: &mut [u8]) -> usize {
    let (mut at, mut length, mut is_in_text, mut is_escaped) = (0, 0, false, false);
    while at < json.len() {
        let byte = json[at];
        is_in_text ^= byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        if is_in_text || !byte.is_ascii_whitespace() {
            if length < room.len() {
                room[length] = byte;
            }
            length += 1;
        }
        at += 1;
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::prelude::v1::*;

    #[test]
    fn a_setting_that_would_do_nothing_is_refused() {
        let refused = |text: &str| Settings::parse(text).unwrap_err();
        assert_eq!(refused(r#"{"quirk":{}}"#), "there is no setting `quirk`");
        assert_eq!(refused(r#"{"quirks":{"group-member":"by-id"}}"#), "there is no quirk `group-member`");
        assert_eq!(
            refused(r#"{"quirks":{"group-members":"by-name"}}"#),
            "quirk `group-members` is `\"by-name\"`, which is neither `by-id` nor `from-users`"
        );
        assert_eq!(
            refused(r#"{"quirks":{"sort-groups":1}}"#),
            "quirk `sort-groups` is `1`, which is neither `true` nor `false`"
        );
        assert_eq!(refused(r#"{"quirks":[]}"#), "`quirks` must be a JSON object and is a list");
        let many: Vec<_> = (0..201).map(|number| format!(r#""custom.f{number}":{{"read":"f{number}"}}"#)).collect();
        let many = format!(r#"{{"mapping":{{"user":{{{}}}}}}}"#, many.join(","));
        assert_eq!(refused(&many), "`mapping.user` has more than 200 members");
        assert_eq!(refused("[]"), "the value must be a JSON object and is a list");
        assert_eq!(refused("{"), "it ends too early");
    }

    #[test]
    fn the_compact_schema_says_what_the_file_says() {
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(value(SCHEMA), value(PRETTY));
        assert!(SCHEMA.len() < PRETTY.len());
    }

    #[test]
    fn the_schema_names_every_quirk_with_its_default() {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        let quirks = schema["properties"]["quirks"]["properties"].as_object().unwrap();
        let defaults: serde_json::Map<_, _> =
            quirks.iter().map(|(name, quirk)| (name.clone(), quirk["default"].clone())).collect();
        assert_eq!(quirks.len(), 9);
        let text = Value::Object([("quirks".to_owned(), Value::Object(defaults))].into_iter().collect()).to_string();
        assert_eq!(Settings::parse(&text).unwrap(), Settings::default());
    }
}
