//! Users, groups and lists as JSON, in the shapes of the samples of zpa-scim.md 3.2 and 4.
//! Writes straight into bytes; never decides which rows are written.

use std::hash::{DefaultHasher, Hasher as _};

use crate::date::write_instant;
use crate::directory::{Directory, GroupRow, Id, Shape, UserRow, Word};
use crate::fault::ListMember;
use crate::filter::ENTERPRISE;
use crate::json::{key, member, number, string};
use crate::page::{Page, Row};
use crate::route::Resource;
use crate::switches::{ActiveForm, EmptyResources, ExtensionUrn, GroupMembers, ItemsPerPage, Locations, Switches};

const USER_SCHEMAS: &[u8] = br#""schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]"#;
const CORE_USER_SCHEMAS: &[u8] = br#""schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]"#;
const GROUP_SCHEMAS: &[u8] = br#""schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"]"#;
const LIST_SCHEMAS: &[u8] = br#""schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"]"#;

/// What the URLs in rows start with.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    recent: String,
    legacy: String,
    /// Of older groups in lists, which the samples show with `http://` (section 4).
    legacy_list: String,
    /// The emulator's own endpoint, with a slash behind it.
    own: String,
}

impl Places {
    pub(crate) fn new(locations: Locations, idp: &str, endpoint: &str) -> Self {
        let at = |origin: &str| match locations {
            Locations::Vendor => format!("{origin}/scim/1/{idp}/v2/"),
            Locations::Own => format!("{endpoint}/"),
        };
        Self {
            recent: at("https://scim.private.zscaler.com"),
            legacy: at("https://scim1.private.zscaler.com"),
            legacy_list: at("http://scim1.private.zscaler.com"),
            own: format!("{endpoint}/"),
        }
    }

    pub(crate) fn own(&self) -> &str {
        &self.own
    }

    fn of(&self, shape: Shape) -> &str {
        match shape {
            Shape::Legacy => &self.legacy,
            Shape::Recent => &self.recent,
        }
    }
}

/// A writer of rows.
#[derive(Clone, Copy)]
pub(crate) struct Wire<'a> {
    pub(crate) directory: &'a Directory,
    pub(crate) switches: &'a Switches,
    pub(crate) places: &'a Places,
}

impl Wire<'_> {
    pub(crate) fn list(&self, resource: Resource, page: &Page) -> Vec<u8> {
        // A full row of either kind is about a thousand bytes.
        let mut out = Vec::with_capacity(256 + page.rows.len() * 1100);
        out.push(b'{');
        let has = |member| !page.omitted.contains(&member);
        if has(ListMember::Schemas) {
            out.extend_from_slice(LIST_SCHEMAS);
        }
        let items_per_page = match self.switches.items_per_page {
            ItemsPerPage::PageSize => page.asked,
            ItemsPerPage::Rows => u64::try_from(page.rows.len()).unwrap_or(u64::MAX),
        };
        for (member, name, value) in [
            (ListMember::StartIndex, "startIndex", page.start_index),
            (ListMember::TotalResults, "totalResults", page.total),
            (ListMember::ItemsPerPage, "itemsPerPage", items_per_page),
        ] {
            if has(member) {
                key(&mut out, name);
                number(&mut out, value);
            }
        }
        let is_shown = !page.rows.is_empty() || self.switches.empty_resources == EmptyResources::Present;
        if has(ListMember::Resources) && is_shown {
            key(&mut out, "Resources");
            array(&mut out, &page.rows, |out, row| {
                self.row(out, resource, *row);
            });
        }
        out.push(b'}');
        if out.get(1) == Some(&b',') {
            out.remove(1);
        }
        out
    }

    fn row(&self, out: &mut Vec<u8>, resource: Resource, row: Row) {
        let (slot, has_id) = match row {
            Row::Whole(slot) => (slot, true),
            Row::WithoutId(slot) => (slot, false),
            Row::Number => return out.extend_from_slice(b"42"),
            Row::Null => return out.extend_from_slice(b"null"),
        };
        match resource {
            Resource::Users => {
                if let Some(user) = self.directory.user_at(slot) {
                    self.user(out, user, has_id);
                }
            }
            Resource::Groups => {
                if let Some(group) = self.directory.group_at(slot) {
                    self.listed_group(out, group, has_id);
                }
            }
        }
    }

    pub(crate) fn user(&self, out: &mut Vec<u8>, user: &UserRow, has_id: bool) {
        self.user_head(out, user, has_id);
        let version = self.switches.etag.then(|| self.version_of_user(user));
        let place = self.places.of(user.shape);
        let meta = Meta { created: user.created, modified: user.last_modified, version };
        meta.write(out, place, Resource::Users, user.id);
        out.push(b'}');
    }

    /// Everything but `meta`. The key order is that of the sample of the user's age (section 3.2).
    fn user_head(&self, out: &mut Vec<u8>, user: &UserRow, has_id: bool) {
        let is_extended =
            [user.cost_center, user.department, user.division, user.organization].iter().any(Option::is_some);
        let schemas = match self.switches.extension_urn {
            ExtensionUrn::WhenPresent if !is_extended => CORE_USER_SCHEMAS,
            ExtensionUrn::Always | ExtensionUrn::WhenPresent => USER_SCHEMAS,
        };
        start(out, schemas, user.id, has_id);
        member(out, "externalId", user.external_id.as_deref());
        match user.shape {
            Shape::Recent => {
                member(out, "userName", Some(&user.user_name));
                self.name(out, user);
                member(out, "displayName", user.display_name.as_deref());
                self.word(out, "nickName", user.nick_name);
                self.word(out, "title", user.title);
                self.word(out, "userType", user.user_type);
                emails(out, user);
                self.active(out, user);
                self.enterprise(out, user);
            }
            Shape::Legacy => {
                self.word(out, "nickName", user.nick_name);
                self.word(out, "userType", user.user_type);
                member(out, "displayName", user.display_name.as_deref());
                self.word(out, "title", user.title);
                self.name(out, user);
                emails(out, user);
                self.active(out, user);
                self.enterprise(out, user);
                member(out, "userName", Some(&user.user_name));
            }
        }
        self.memberships(out, user);
    }

    /// ZPA's lists of groups never have members (section 4).
    fn listed_group(&self, out: &mut Vec<u8>, group: &GroupRow, has_id: bool) {
        group_head(out, group, has_id);
        if self.switches.members_in_list {
            self.members(out, group);
        }
        let place = match group.shape {
            Shape::Legacy => &self.places.legacy_list,
            Shape::Recent => &self.places.recent,
        };
        self.group_meta(out, group, place);
    }

    /// A group by its id.
    pub(crate) fn group(&self, out: &mut Vec<u8>, group: &GroupRow, with_members: bool) {
        group_head(out, group, true);
        if with_members {
            self.members(out, group);
        }
        self.group_meta(out, group, self.places.of(group.shape));
    }

    fn group_meta(&self, out: &mut Vec<u8>, group: &GroupRow, place: &str) {
        let version = self.switches.etag.then(|| self.version_of_group(group));
        let meta = Meta { created: group.created, modified: group.last_modified, version };
        meta.write(out, place, Resource::Groups, group.id);
        out.push(b'}');
    }

    /// ZPA's members are `{"value"}` and nothing else (section 4).
    fn members(&self, out: &mut Vec<u8>, group: &GroupRow) {
        let is_shown = match self.switches.members_in_group {
            GroupMembers::OmittedWhenEmpty => !group.members.is_empty(),
            GroupMembers::Present => true,
            GroupMembers::OmittedAlways => false,
        };
        if !is_shown {
            return;
        }
        key(out, "members");
        array(out, self.directory.members(group), |out, user| {
            out.extend_from_slice(b"{\"value\":\"");
            user.id.write(out);
            out.push(b'"');
            if self.switches.member_reference {
                member(out, "$ref", Some(&self.place_of_user(user)));
            }
            out.push(b'}');
        });
    }

    /// The URL of a user.
    pub(crate) fn place_of_user(&self, user: &UserRow) -> String {
        format!("{}Users/{}", self.places.of(user.shape), user.id)
    }

    /// The URL of a group.
    pub(crate) fn place_of_group(&self, group: &GroupRow) -> String {
        format!("{}Groups/{}", self.places.of(group.shape), group.id)
    }

    /// Weak, because equal rows may have their keys in another order (RFC 7644 3.14).
    pub(crate) fn version_of_user(&self, user: &UserRow) -> String {
        let mut out = Vec::new();
        self.user_head(&mut out, user, true);
        version(&out, user.last_modified)
    }

    pub(crate) fn version_of_group(&self, group: &GroupRow) -> String {
        let mut out = Vec::new();
        group_head(&mut out, group, true);
        self.members(&mut out, group);
        version(&out, group.last_modified)
    }

    fn name(&self, out: &mut Vec<u8>, user: &UserRow) {
        let parts = [
            ("formatted", user.formatted_name.as_deref()),
            ("givenName", self.directory.word(user.given_name)),
            ("familyName", self.directory.word(user.family_name)),
        ];
        object(out, "name", &parts);
    }

    fn enterprise(&self, out: &mut Vec<u8>, user: &UserRow) {
        let word = |word| self.directory.word(word);
        let parts = [
            ("costCenter", word(user.cost_center)),
            ("department", word(user.department)),
            ("division", word(user.division)),
            ("organization", word(user.organization)),
        ];
        object(out, ENTERPRISE, &parts);
    }

    /// Boolean or text (section 3.4).
    fn active(&self, out: &mut Vec<u8>, user: &UserRow) {
        key(out, "active");
        let is_text = match self.switches.active {
            ActiveForm::Mixed => user.shape == Shape::Legacy,
            ActiveForm::Boolean => false,
            ActiveForm::Text => true,
        };
        let value = if user.active { "true" } else { "false" };
        if is_text {
            string(out, value);
        } else {
            out.extend_from_slice(value.as_bytes());
        }
    }

    fn memberships(&self, out: &mut Vec<u8>, user: &UserRow) {
        if user.groups.is_empty() {
            return;
        }
        key(out, "groups");
        let groups = user.groups.iter().filter_map(|&slot| self.directory.group_at(slot));
        array(out, groups, |out, group| {
            out.extend_from_slice(b"{\"display\":");
            string(out, &group.display_name);
            out.extend_from_slice(b",\"value\":\"");
            group.id.write(out);
            out.extend_from_slice(b"\",\"$ref\":\"");
            out.extend_from_slice(self.places.of(user.shape).as_bytes());
            out.extend_from_slice(b"Groups/");
            group.id.write(out);
            out.extend_from_slice(b"\"}");
        });
    }

    fn word(&self, out: &mut Vec<u8>, name: &str, word: Option<Word>) {
        member(out, name, self.directory.word(word));
    }
}

fn start(out: &mut Vec<u8>, schemas: &[u8], id: Id, has_id: bool) {
    out.push(b'{');
    out.extend_from_slice(schemas);
    if has_id {
        out.extend_from_slice(b",\"id\":\"");
        id.write(out);
        out.push(b'"');
    }
}

fn group_head(out: &mut Vec<u8>, group: &GroupRow, has_id: bool) {
    start(out, GROUP_SCHEMAS, group.id, has_id);
    member(out, "externalId", group.external_id.as_deref());
    member(out, "displayName", Some(&group.display_name));
}

/// Responses show `value` alone (section 3.1).
fn emails(out: &mut Vec<u8>, user: &UserRow) {
    if !user.emails.is_empty() {
        key(out, "emails");
        array(out, &user.emails, |out, email| {
            out.extend_from_slice(b"{\"value\":");
            string(out, email);
            out.push(b'}');
        });
    }
}

/// Whole seconds and no version in ZPA (section 3.1).
struct Meta {
    created: u32,
    modified: u32,
    version: Option<String>,
}

impl Meta {
    fn write(&self, out: &mut Vec<u8>, place: &str, resource: Resource, id: Id) {
        let (path, kind) = match resource {
            Resource::Users => ("Users/", "User"),
            Resource::Groups => ("Groups/", "Group"),
        };
        out.extend_from_slice(b",\"meta\":{\"created\":\"");
        write_instant(out, self.created);
        out.extend_from_slice(b"\",\"lastModified\":\"");
        write_instant(out, self.modified);
        out.extend_from_slice(b"\",\"location\":\"");
        out.extend_from_slice(place.as_bytes());
        out.extend_from_slice(path.as_bytes());
        id.write(out);
        out.extend_from_slice(b"\",\"resourceType\":\"");
        out.extend_from_slice(kind.as_bytes());
        out.push(b'"');
        member(out, "version", self.version.as_deref());
        out.push(b'}');
    }
}

fn version(head: &[u8], modified: u32) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(head);
    hasher.write_u32(modified);
    format!("W/\"{:016x}\"", hasher.finish())
}

/// Appends an object of texts; one without any leaves no trace.
fn object(out: &mut Vec<u8>, name: &str, parts: &[(&str, Option<&str>)]) {
    if parts.iter().all(|(_, value)| value.is_none()) {
        return;
    }
    key(out, name);
    let open = out.len();
    for (part, value) in parts {
        member(out, part, *value);
    }
    // The comma before the first member makes room for the brace.
    if let Some(first) = out.get_mut(open) {
        *first = b'{';
    }
    out.push(b'}');
}

fn array<T>(out: &mut Vec<u8>, items: impl IntoIterator<Item = T>, mut write: impl FnMut(&mut Vec<u8>, T)) {
    out.push(b'[');
    for (position, item) in items.into_iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}
