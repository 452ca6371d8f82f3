//! `add-members` and `remove-members`: one operation a member, a hundred a request. Nobody who is not named is touched:
//! there is no rewrite of the list, and no removal without a member in it, which would empty the group (zpa-scim 7).

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::account::{Account, segment};
use crate::create::write;
use crate::error::{Error, after_write, error, instead_of, invalid_input, protocol, unsupported};
use crate::http::Send;
use crate::json::{list, object, quoted};
use crate::mapping::Resource;
use crate::member;
use crate::patch::{self, Operation};
use crate::settings::{GroupMembers, MemberRemoval};
use crate::status;
use crate::wit::{Effect, ErrorKind, MembershipResult, WriteOptions};

/// How many members a request changes. How many the vendor takes is not known (zpa-scim 7); others take as many
/// (scim-peers 3.4).
pub const CHUNK: usize = 100;

/// What is done with members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Add,
    Remove,
}

/// Adds members to a group, or removes them. Requests: 1 for each [`CHUNK`], 1 before them for a removal without
/// `allow-empty`, and with `verify` 1 before and 1 after them.
pub fn change(
    account: &Account,
    change: Change,
    group_id: &str,
    members: &[String],
    options: WriteOptions,
    send: &mut Send<'_>,
) -> Result<MembershipResult, Error> {
    let path = format!("{}/{}", Resource::Group.collection(), segment("group-id", group_id)?);
    if members.iter().any(String::is_empty) {
        return Err(invalid_input("members", "an id in `members` is empty"));
    }
    let mut wanted = member::distinct(members.iter().map(String::as_str).collect());
    let mut result = MembershipResult { applied: Vec::new(), unchanged: Vec::new(), failed: Vec::new() };
    if wanted.is_empty() {
        return Ok(result);
    }

    let verifies = options.contains(WriteOptions::VERIFY);
    let may_empty = change == Change::Add || options.contains(WriteOptions::ALLOW_EMPTY);
    let before = match change {
        _ if may_empty && !verifies => None,
        // Where the record has no word on members, nobody counts as one: who is added again is added.
        Change::Add => Some(present(account, group_id, send)?.unwrap_or_default()),
        Change::Remove => Some(present(account, group_id, send)?.ok_or_else(member::missing)?),
    };
    if let Some(before) = &before {
        let is_done = |id: &&str| has(before, id) == (change == Change::Add);
        result.unchanged = wanted.iter().filter(|id| is_done(id)).map(|id| (*id).to_owned()).collect();
        wanted.retain(|id| !is_done(id));
        if !may_empty && !wanted.is_empty() && before.len() == wanted.len() {
            let message = format!("`members` are all {} members of the group; `allow-empty` empties it", before.len());
            return Err(invalid_input("members", &message));
        }
    }

    let removal = account.settings.quirks.member_removal;
    let mut chunks = wanted.chunks(CHUNK);
    for chunk in chunks.by_ref() {
        let body = patch::text(&operations(change, removal, chunk));
        match status::success("PATCH", send(&write(account, "PATCH", &path, body))) {
            Ok(_) => result.applied.extend(chunk.iter().map(|id| (*id).to_owned())),
            Err(err) => {
                let err = nothing_there(group_id, err);
                result.failed.extend(chunk.iter().map(|id| ((*id).to_owned(), (*err).clone())));
                // What was refused is about these members; anything else would meet the next ones, too.
                if !matches!(err.kind, ErrorKind::InvalidInput | ErrorKind::NotFound | ErrorKind::Conflict) {
                    break;
                }
            }
        }
    }
    let unsent = error(ErrorKind::Unavailable, "it was not sent, as the request before it failed");
    result.failed.extend(chunks.flatten().map(|id| ((*id).to_owned(), (*unsent).clone())));
    let is_in_doubt = |result: &MembershipResult| result.failed.iter().any(|(_, err)| err.effect == Effect::Unknown);
    if let Some(before) = before.filter(|_| verifies && (!result.applied.is_empty() || is_in_doubt(&result))) {
        match present(account, group_id, send).and_then(|after| shown(change, after)) {
            Ok(after) => {
                let effect = if result.applied.is_empty() { Effect::Unknown } else { Effect::Applied };
                settle(change, &after, &mut result);
                let gone = before.iter().filter(|id| wanted.binary_search(&id.as_str()).is_err() && !has(&after, id));
                bystanders(gone.count(), effect)?;
            }
            // The vendor accepted it, and nobody saw it.
            Err(err) => {
                let err = after_write(err);
                result.failed.extend(result.applied.drain(..).map(|id| (id, (*err).clone())));
            }
        }
    }
    if result.applied.is_empty() {
        let first = result.failed.iter().find(|(_, err)| err.effect != Effect::None).or(result.failed.first());
        if let Some((_, err)) = first {
            return Err(Box::new(err.clone()));
        }
    }
    Ok(result)
}

/// What the vendor does not find is the group or, as it may be, one of the users.
fn nothing_there(group_id: &str, err: Error) -> Error {
    if err.kind != ErrorKind::NotFound {
        return err;
    }
    let message = format!("there is no group with the id `{group_id}`, or no user with one of the ids of `members`");
    instead_of(err, error(ErrorKind::NotFound, &message))
}

/// The ids of the members that the group's record names, sorted; `None` where it has no word on them. One that cannot be
/// read could be any, so there must be none.
fn present(account: &Account, group_id: &str, send: &mut Send<'_>) -> Result<Option<Vec<String>>, Error> {
    if account.settings.quirks.group_members == GroupMembers::FromUsers {
        return Err(unsupported(
            "members-from-users",
            "this account reads members from the users, so a change of them is made without looking: leave `verify` \
             away, and set `allow-empty` for a removal",
        ));
    }
    let Some(page) = member::all(account, group_id, send)? else { return Ok(None) };
    if let Some(unreadable) = page.unreadable.first() {
        return Err(protocol(&format!("a member of the group is unreadable: {}", unreadable.reason)));
    }
    let ids = member::distinct(page.items.iter().map(|member| member.id.as_str()).collect());
    Ok(Some(ids.into_iter().map(str::to_owned).collect()))
}

/// Whether a sorted list has an id.
fn has(ids: &[String], id: &str) -> bool {
    ids.binary_search_by(|known| known.as_str().cmp(id)).is_ok()
}

fn operations(change: Change, removal: MemberRemoval, members: &[&str]) -> Vec<Operation> {
    let operation = |id: &&str| {
        let members = "members".to_owned();
        let value = list(&[object(&[("value", Some(quoted(id)))])]);
        match (change, removal) {
            (Change::Add, _) => Operation { op: "add", path: members, value: Some(value) },
            (Change::Remove, MemberRemoval::Filter) => {
                Operation { op: "remove", path: format!("members[value eq {}]", quoted(id)), value: None }
            }
            (Change::Remove, MemberRemoval::Values) => Operation { op: "remove", path: members, value: Some(value) },
        }
    };
    members.iter().map(operation).collect()
}

/// The members after a change.
fn shown(change: Change, after: Option<Vec<String>>) -> Result<Vec<String>, Error> {
    match change {
        Change::Add => after.ok_or_else(member::missing),
        // Before the removal the record named them, so that there are none now.
        Change::Remove => Ok(after.unwrap_or_default()),
    }
}

/// What the group shows decides: of who was changed as far as the vendor said, and of who may have been.
fn settle(change: Change, after: &[String], result: &mut MembershipResult) {
    let is_done = |id: &str| has(after, id) == (change == Change::Add);
    let mut ignored = protocol("the vendor accepted the change and did not make it");
    ignored.effect = Effect::Unknown;
    for (id, err) in core::mem::take(&mut result.failed) {
        if err.effect == Effect::Unknown && is_done(&id) {
            result.applied.push(id);
        } else {
            result.failed.push((id, err));
        }
    }
    for id in core::mem::take(&mut result.applied) {
        if is_done(&id) {
            result.applied.push(id);
        } else {
            result.failed.push((id, (*ignored).clone()));
        }
    }
}

/// Members whom nobody named are gone: the vendor took the change for another one, or somebody else was at it.
fn bystanders(gone: usize, effect: Effect) -> Result<(), Error> {
    if gone == 0 {
        return Ok(());
    }
    let message = format!(
        "{gone} members of the group are gone that nobody named: look at it before you go on; either somebody else changed \
         it just now, or the vendor takes a change of members for another one, which the quirk `member-removal` can turn"
    );
    let mut err = protocol(&message);
    err.effect = effect;
    Err(err)
}
