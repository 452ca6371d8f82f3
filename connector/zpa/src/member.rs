//! `list-members`: the members of a group, from its own record or from its users (zpa-scim 4).

use alloc::borrow::{Cow, ToOwned};
use alloc::format;
use alloc::vec::Vec;

use crate::account::Account;
use crate::cursor::{List, fingerprint};
use crate::error::{error, invalid_input, line, unsupported};
use crate::get::{expect_id, fetch, unreadable};
use crate::http::Send;
use crate::json::Json;
use crate::layout::Layout;
use crate::list::{Page, Record as _, page_at, position};
use crate::mapping::{Mapping, Resource};
use crate::row::Row;
use crate::settings::{GroupMembers, MissingMembers};
use crate::wit;

/// One page of the members of a group. Requests: 1, and 1 more for the first page where users are read.
pub fn list(
    account: &Account,
    group_id: &str,
    cursor: Option<&str>,
    size: Option<u32>,
    send: &mut Send<'_>,
) -> Result<Page<wit::Member>, wit::Error> {
    match account.settings.quirks.group_members {
        GroupMembers::ById => by_id(account, group_id, cursor, send),
        GroupMembers::FromUsers => from_users(account, group_id, cursor, size, send),
    }
}

/// All members at once: no paging inside a group is documented.
fn by_id(
    account: &Account,
    group_id: &str,
    cursor: Option<&str>,
    send: &mut Send<'_>,
) -> Result<Page<wit::Member>, wit::Error> {
    if cursor.is_some() {
        return Err(invalid_input("cursor", "the members of a group come on one page, which has no cursor"));
    }
    let layout = Layout::new(&Mapping::standard(Resource::Group, &account.settings.quirks));
    let response = fetch(account, Resource::Group, "group_id", group_id, send)?;
    let text = response.text();
    let json = Json::parse(&text).map_err(|reason| unreadable(Resource::Group, &reason))?;
    let members = json.member("members");
    let group = Row::decode(json, &layout).and_then(|row| wit::Group::from_scim(row, &layout, None));
    let group = group.map_err(|reason| unreadable(Resource::Group, &reason))?;
    expect_id(&group.id, group_id)?;

    match members {
        Some(members) if members != Json::NULL => Ok(page(members)),
        _ if account.settings.quirks.missing_members == MissingMembers::Empty => Ok(page(Json::NULL)),
        _ => Err(unsupported(
            "members-missing",
            "the vendor sent the group without `members`, which may mean that it has none or that this tenant leaves \
             them out; set the quirk `missing-members` to `empty` once the tenant was seen to send them, or \
             `group-members` to `from-users`",
        )),
    }
}

fn page(members: Json<'_>) -> Page<wit::Member> {
    let members: Vec<_> = members.elements().collect();
    let total = u32::try_from(members.len()).ok();
    let mut page = Page { items: Vec::new(), unreadable: Vec::new(), next_cursor: None, prev_cursor: None, total };
    for (position, element) in (0..).zip(members) {
        match member(element) {
            Some(member) => page.items.push(member),
            None => page.unreadable.push(wit::Unreadable {
                id: None,
                position,
                reason: line(&format!("it has no `value`: {}", element.json()), 200),
            }),
        }
    }
    page
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
) -> Result<Page<wit::Member>, wit::Error> {
    let at = position(account, List::Members, fingerprint(group_id), cursor, size)?;
    if cursor.is_none() {
        let response = fetch(account, Resource::Group, "group_id", group_id, send)?;
        let text = response.text();
        let json = Json::parse(&text).map_err(|reason| unreadable(Resource::Group, &reason))?;
        let id = json.member("id").and_then(Json::text).unwrap_or_default();
        expect_id(&id, group_id)?;
    }
    let users: Page<wit::User> = page_at(account, at, wit::ReadOptions::empty(), send)?;
    // The members have no count of their own by which a caller could see that the users moved.
    if let (Some(before), Some(now)) = (at.total, users.total)
        && before != now
    {
        let message = format!("the users changed from {before} to {now} while the members were read; start again");
        return Err(error(wit::ErrorKind::Conflict, &message));
    }
    let belongs = |user: &wit::User| user.groups.iter().any(|group| group.id == group_id);
    let items = users.items.into_iter().filter(belongs).map(|user| wit::Member {
        id: user.id,
        type_: Some("user".to_owned()),
        name: user.name,
    });
    Ok(Page {
        items: items.collect(),
        unreadable: users.unreadable,
        next_cursor: users.next_cursor,
        prev_cursor: users.prev_cursor,
        total: None,
    })
}
