//! What a write does to the directory and what ZPA answers: a function of request, directory, switches and instant.
//! A write that is refused has changed nothing. Never reads the clock.

mod assign;
mod body;
mod group;
mod members;
mod patch;
mod text;
mod user;

use bytes::Bytes;
use http::StatusCode;

use crate::answer::Tenant;
use crate::directory::{Directory, Refusal};
use crate::error_body::Problem;
use crate::reply::Reply;
use crate::route::Resource;
use crate::switches::{Effect, GroupPatchAnswer, SecondDelete, Switches};
use crate::wire::Wire;

/// A write, read from the request but for its body. It can be done again to a copy of the directory, and then does
/// the same.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) action: Action,
    pub(crate) if_match: Option<String>,
    pub(crate) body: Bytes,
    /// Seconds after the epoch.
    pub(crate) now: u32,
    /// Answered as if it were done, and not done.
    pub(crate) is_void: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Create(Resource),
    Replace(Resource, String),
    Patch(Resource, String),
    Delete(Resource, String),
}

/// What a write needs to know beside the directory.
#[derive(Clone, Copy)]
struct Rules<'a> {
    switches: &'a Switches,
    now: u32,
    is_void: bool,
}

/// A resource as a write left it.
enum Written {
    User(u32),
    Group(u32),
}

impl Tenant {
    pub(crate) fn write(&self, directory: &mut Directory, write: &Write) -> Result<Reply, Problem> {
        self.check_version(directory, write)?;
        let is_patch = matches!(write.action, Action::Patch(..));
        let is_void = write.is_void || is_patch && self.switches.patch_effect == Effect::Ignored;
        let rules = Rules { switches: &self.switches, now: write.now, is_void };
        match &write.action {
            Action::Create(resource) => {
                let body = body::object(&write.body)?;
                let written = match resource {
                    Resource::Users => user::create(directory, &body, rules)?,
                    Resource::Groups => group::create(directory, &body, rules)?,
                };
                Ok(self.shown(directory, &written, 201))
            }
            Action::Replace(resource, id) => {
                let body = body::object(&write.body)?;
                match resource {
                    Resource::Users => self.user(directory, id, rules, |user| user::replace(user, &body, rules)),
                    Resource::Groups => {
                        let written = group::replace(directory, id, &body, rules)?;
                        Ok(self.shown(directory, &written, 200))
                    }
                }
            }
            Action::Patch(resource, id) => {
                let operations = patch::operations(&write.body, &self.switches)?;
                match resource {
                    Resource::Users => self.user(directory, id, rules, |user| user::patch(user, &operations, rules)),
                    Resource::Groups => {
                        let written = group::patch(directory, id, &operations, rules)?;
                        match self.switches.group_patch_answer {
                            GroupPatchAnswer::NoContent => Ok(Reply::new(204, Vec::new())),
                            GroupPatchAnswer::Body => Ok(self.shown(directory, &written, 200)),
                        }
                    }
                }
            }
            Action::Delete(resource, id) => self.delete(directory, *resource, id, rules),
        }
    }

    /// Changes a user, answers what it is then, and deletes it where that is what deactivation does.
    fn user(
        &self,
        directory: &mut Directory,
        id: &str,
        rules: Rules<'_>,
        change: impl FnOnce(&mut crate::User) -> Result<(), Problem>,
    ) -> Result<Reply, Problem> {
        let changed = user::change(directory, id, rules, change)?;
        let reply = self.shown(directory, &changed.written, 200);
        if changed.is_deleted {
            directory.bury_user(id)?;
        }
        Ok(reply)
    }

    fn delete(
        &self,
        directory: &mut Directory,
        resource: Resource,
        id: &str,
        rules: Rules<'_>,
    ) -> Result<Reply, Problem> {
        let deleted = match resource {
            Resource::Users if rules.is_void => directory.user_slot(id).map(drop),
            Resource::Groups if rules.is_void => directory.group_slot(id).map(drop),
            Resource::Users => user::delete(directory, id),
            Resource::Groups => group::delete(directory, id, rules),
        };
        match (deleted, self.switches.second_delete) {
            (Ok(()), _) | (Err(_), SecondDelete::NoContent) => Ok(Reply::new(204, Vec::new())),
            (Err(refusal), SecondDelete::NotFound) => Err(refusal.into()),
            (Err(refusal), SecondDelete::ServerError) => Err(Problem::new(500, refusal.to_string())),
        }
    }

    fn shown(&self, directory: &Directory, written: &Written, status: u16) -> Reply {
        let wire = Wire { directory, switches: &self.switches, places: &self.places };
        let mut out = Vec::new();
        let place = match *written {
            Written::User(slot) => directory.user_at(slot).map(|user| {
                wire.user(&mut out, user, true);
                wire.place_of_user(user)
            }),
            Written::Group(slot) => directory.group_at(slot).map(|group| {
                wire.group(&mut out, group, true);
                wire.place_of_group(group)
            }),
        };
        let reply = Reply { status, ..Reply::scim(out) };
        match place.filter(|_| status == StatusCode::CREATED && self.switches.location_header) {
            Some(place) => reply.with("location", &place),
            None => reply,
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal {
            Refusal::UserNameTaken(_) | Refusal::IdTaken(_) => 409,
            Refusal::IdUnreadable(_) => 400,
            Refusal::NoGroup(_) | Refusal::NoUser(_) => 404,
        };
        let problem = Self::new(status, refusal.to_string());
        if status == 409 { problem.of_type("uniqueness") } else { problem }
    }
}

/// 400 for a value that cannot be.
fn invalid(detail: impl Into<String>) -> Problem {
    Problem::new(400, detail).of_type("invalidValue")
}
