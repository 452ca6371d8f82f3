//! `list-members`: the members of a group, from its own record or from its users (zpa-scim 4).

use alloc::borrow::{Cow, ToOwned};
use alloc::collections::BinaryHeap;
use alloc::format;
use alloc::vec::Vec;

use crate::account::Account;
use crate::cursor::{List, fingerprint};
use crate::error::{Error, error, invalid_input, line, unsupported};
use crate::get::{expect_id, fetch, unreadable};
use crate::http::{Response, Send};
use crate::json::Json;
use crate::list::{Page, page_at, position};
use crate::mapping::Resource;
use crate::record::Record;
use crate::settings::{GroupMembers, MissingMembers};
use crate::tape::Tape;
use crate::wit;

/// One page of the members of a group. Requests: 1, and 1 more for the first page where users are read.
pub fn list(
    account: &Account,
    group_id: &str,
    cursor: Option<&str>,
    size: Option<u32>,
    send: &mut Send<'_>,
) -> Result<Page<wit::Member>, Error> {
    match account.settings.quirks.group_members {
        GroupMembers::ById => by_id(account, group_id, cursor, send),
        GroupMembers::FromUsers => from_users(account, group_id, cursor, size, send),
    }
}

/// All members on one page: no paging inside a group is documented.
fn by_id(
    account: &Account,
    group_id: &str,
    cursor: Option<&str>,
    send: &mut Send<'_>,
) -> Result<Page<wit::Member>, Error> {
    if cursor.is_some() {
        return Err(invalid_input("cursor", "the members of a group come on one page, which has no cursor"));
    }
    all(account, group_id, send)?.ok_or_else(missing)
}

/// The members in the group's own record; `None` where it has no word on them. Requests: 1.
pub(crate) fn all(account: &Account, group_id: &str, send: &mut Send<'_>) -> Result<Option<Page<wit::Member>>, Error> {
    let response = fetch(account, Resource::Group, "group-id", group_id, send)?;
    let group = group(&response, group_id)?;
    let members = group.root().member("members").filter(|members| !members.is_null());
    let is_empty = account.settings.quirks.missing_members == MissingMembers::Empty;
    Ok((members.is_some() || is_empty).then(|| page(members)))
}

/// A group's record without `members` may be that of an empty group or not (zpa-scim 4).
pub(crate) fn missing() -> Error {
    unsupported(
        "members-missing",
        "the vendor sent the group without `members`, which may mean that it has none or that this tenant leaves them \
         out; set the quirk `missing-members` to `empty` once the tenant was seen to send them, or `group-members` to \
         `from-users`",
    )
}

/// The record of the group that was asked for.
fn group<'a>(response: &'a Response, group_id: &str) -> Result<Tape<'a>, Error> {
    let tape = response.json().map_err(|reason| unreadable(Resource::Group, &reason))?;
    expect_id(&tape.root().member("id").and_then(Json::text).unwrap_or_default(), group_id)?;
    Ok(tape)
}

/// Every member; the total counts one that comes twice once.
fn page(members: Option<Json<'_>>) -> Page<wit::Member> {
    let length = members.map_or(0, |members| members.elements().count());
    let mut page = Page {
        items: Vec::with_capacity(length),
        unreadable: Vec::new(),
        next_cursor: None,
        prev_cursor: None,
        total: None,
    };
    for (position, element) in (0..).zip(members.into_iter().flat_map(Json::elements)) {
        match member(element) {
            Some(member) => page.items.push(member),
            None => page.unreadable.push(wit::Unreadable {
                id: None,
                position,
                reason: line(&format!("it has no `value`: {}", element.json()), 200),
            }),
        }
    }
    let ids = distinct(page.items.iter().map(|member| member.id.as_str()).collect());
    page.total = u32::try_from(ids.len() + page.unreadable.len()).ok();
    page
}

/// The ids sorted, each once.
pub(crate) fn distinct(ids: Vec<&str>) -> Vec<&str> {
    // A heap sorts in a tenth of the code that `sort` comes with.
    let mut ids = BinaryHeap::from(ids).into_sorted_vec();
    ids.dedup();
    ids
}

fn member(element: Json<'_>) -> Option<wit::Member> {
    if element.other_than_object().is_none() {
        let text = |name| element.member(name).and_then(Json::text).map(Cow::into_owned);
        let id = text("value").filter(|id| !id.is_empty())?;
        let type_ = text("type").map(|name| match name.as_str() {
            "User" => "user".to_owned(),
            "Group" => "group".to_owned(),
            _ => name,
        });
        return Some(wit::Member { id, type_, name: text("display") });
    }
    let id = element.text().filter(|id| !id.is_empty())?.into_owned();
    Some(wit::Member { id, type_: None, name: None })
}

/// The members among one page of all users: often none, and still a next page. Whether the group is there at all is
/// asked with the first page, as no user could tell.
fn from_users(
    account: &Account,
    group_id: &str,
    cursor: Option<&str>,
    size: Option<u32>,
    send: &mut Send<'_>,
) -> Result<Page<wit::Member>, Error> {
    let at = position(account, List::Members, fingerprint(group_id), cursor, size)?;
    if cursor.is_none() {
        group(&fetch(account, Resource::Group, "group-id", group_id, send)?, group_id)?;
    }
    let users = page_at(account, Resource::User, at, wit::ReadOptions::empty(), send)?.of(Record::user);
    // The members have no count of their own by which a caller could see that the users moved.
    if let (Some(before), Some(now)) = (at.total, users.total)
        && before != now
    {
        let message = format!("the users changed from {before} to {now} while the members were read; start again");
        return Err(error(wit::ErrorKind::Conflict, &message));
    }
    // The users stand in the places that are left.
    let unread: Vec<u32> = users.unreadable.iter().map(|row| row.position).collect();
    let places = (0..).filter(|place| unread.binary_search(place).is_err());
    let mut page = Page {
        items: Vec::new(),
        unreadable: users.unreadable,
        next_cursor: users.next_cursor,
        prev_cursor: users.prev_cursor,
        total: None,
    };
    for (position, user) in places.zip(users.items) {
        if user.groups.iter().any(|group| group.id == group_id) {
            page.items.push(wit::Member { id: user.id, type_: Some("user".to_owned()), name: user.name });
        } else if has_nameless_group(&user) {
            let reason = "one of its `groups` has no `value`".to_owned();
            page.unreadable.push(wit::Unreadable { id: Some(user.id), position, reason });
        }
    }
    Ok(page)
}

/// Whether a user is in a group that its record does not name, which may be any.
fn has_nameless_group(user: &wit::User) -> bool {
    let kept = user.extras.iter().find(|(path, _)| path == "groups");
    let groups = kept.and_then(|(_, json)| Tape::read(json).ok());
    groups.is_some_and(|groups| groups.root().elements().any(|group| member(group).is_none()))
}
