//! The members of a group in a write: every dialect of zpa-scim.md 7, drafted.

use serde_json::{Map, Value};

use super::assign::Operator;
use super::body::member;
use super::invalid;
use crate::directory::{Directory, Membership};
use crate::error_body::Problem;
use crate::filter::{self, Filter, Path};
use crate::switches::{AbsentMember, DuplicateMember, MemberRemoval, Switches, UnknownMember};

pub(super) struct Draft<'a> {
    directory: &'a Directory,
    switches: &'a Switches,
    pub(super) change: Membership,
}

impl<'a> Draft<'a> {
    pub(super) fn new(directory: &'a Directory, group: Option<u32>, switches: &'a Switches) -> Self {
        Self { directory, switches, change: Membership::of(group) }
    }

    pub(super) fn assign(&mut self, operator: Operator, path: &Path, value: Option<&Value>) -> Result<(), Problem> {
        let value = value.filter(|value| !value.is_null());
        match (operator, &path.values, value) {
            (Operator::Remove, Some(filter), _) => {
                let dialect = self.switches.filtered_removal;
                self.remove(dialect, |draft| draft.chosen(filter))
            }
            (Operator::Remove, None, Some(value)) => {
                let dialect = self.switches.listed_removal;
                self.remove(dialect, |draft| draft.users(value))
            }
            (Operator::Remove, None, None) => {
                self.change.clear();
                Ok(())
            }
            (_, Some(_), _) => {
                let detail = "values of `members` are added and removed whole";
                Err(Problem::new(400, detail).of_type("invalidPath"))
            }
            (Operator::Replace, None, value) => {
                let users = value.map_or_else(|| Ok(Vec::new()), |value| self.users(value))?;
                self.change.clear();
                for user in users {
                    self.change.add(self.directory, user);
                }
                Ok(())
            }
            (Operator::Add, None, value) => {
                let value = value.ok_or_else(|| invalid("`members` are nothing"))?;
                let users = self.users(value)?;
                users.into_iter().try_for_each(|user| self.add(user))
            }
        }
    }

    fn add(&mut self, user: u32) -> Result<(), Problem> {
        if self.change.add(self.directory, user) {
            return Ok(());
        }
        match self.switches.duplicate_member {
            DuplicateMember::Tolerated => Ok(()),
            DuplicateMember::Conflict => Err(Problem::new(409, "a member is added again").of_type("uniqueness")),
            DuplicateMember::Refused => Err(invalid("a member is added again")),
        }
    }

    fn remove(
        &mut self,
        dialect: MemberRemoval,
        users: impl FnOnce(&Self) -> Result<Vec<u32>, Problem>,
    ) -> Result<(), Problem> {
        match dialect {
            MemberRemoval::Removes => {}
            MemberRemoval::Ignored => return Ok(()),
            MemberRemoval::Refused => {
                return Err(Problem::new(400, "single members are not removed in this way").of_type("invalidPath"));
            }
            MemberRemoval::Empties => {
                self.change.clear();
                return Ok(());
            }
        }
        for user in users(self)? {
            if !self.change.remove(self.directory, user) {
                match self.switches.absent_member {
                    AbsentMember::Tolerated => {}
                    AbsentMember::NotFound => return Err(Problem::new(404, "one who is no member is removed")),
                    AbsentMember::Refused => {
                        return Err(Problem::new(400, "one who is no member is removed").of_type("noTarget"));
                    }
                }
            }
        }
        Ok(())
    }

    /// The users that a filter names: `value eq "id"`, and several of these with `or`.
    fn chosen(&self, filter: &Filter) -> Result<Vec<u32>, Problem> {
        match filter {
            Filter::Or(parts) => {
                let users: Result<Vec<Vec<u32>>, Problem> = parts.iter().map(|part| self.chosen(part)).collect();
                users.map(|users| users.concat())
            }
            Filter::Compare(path, filter::Operator::Equal, Value::String(id))
                if path.name.eq_ignore_ascii_case("value") && path.sub.is_none() =>
            {
                Ok(self.user(id)?.into_iter().collect())
            }
            _ => Err(Problem::new(400, "members are chosen by `value eq` alone").of_type("invalidFilter")),
        }
    }

    /// The users of a list of `{"value": id}`; a single one may stand without the list.
    fn users(&self, value: &Value) -> Result<Vec<u32>, Problem> {
        let values = match value {
            Value::Array(values) => values.as_slice(),
            single => std::slice::from_ref(single),
        };
        let most = usize::try_from(self.switches.most_members).unwrap_or(usize::MAX);
        if most > 0 && values.len() > most {
            return Err(Problem::new(400, format!("more than {most} members")).of_type("tooMany"));
        }
        let mut users = Vec::with_capacity(values.len());
        for value in values {
            let id = value.as_object().and_then(id).ok_or_else(|| invalid("a member has no `value`"))?;
            users.extend(self.user(id)?);
        }
        Ok(users)
    }

    /// `None` for an id that is let pass.
    fn user(&self, id: &str) -> Result<Option<u32>, Problem> {
        match (self.directory.user_slot(id), self.switches.unknown_member) {
            (Ok(user), _) => Ok(Some(user)),
            (Err(refusal), UnknownMember::Refused) => Err(invalid(refusal.to_string())),
            (Err(refusal), UnknownMember::NotFound) => Err(refusal.into()),
            (Err(_), UnknownMember::Ignored) => Ok(None),
        }
    }
}

fn id(object: &Map<String, Value>) -> Option<&str> {
    member(object, "value")?.as_str()
}
