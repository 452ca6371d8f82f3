//! The params of each method: the arguments of the function by name. What is not known is refused, so that a misspelt
//! option never does less than it says.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::change::Changes;
use crate::{GroupKey, PageQuery, ReadOptions, UserKey, VendorRequest, WriteOptions};

/// Of `describe`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// Of `list-users` and `list-groups`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    cursor: Option<String>,
    size: Option<u32>,
    #[serde(default)]
    remote_data: bool,
}

/// Of `get-user` and `get-group`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Get {
    pub(super) id: String,
    #[serde(default)]
    pub(super) remote_data: bool,
}

/// Of `find-user`: exactly one key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FindUser {
    username: Option<String>,
    external_id: Option<String>,
    email: Option<String>,
    #[serde(default)]
    pub(super) remote_data: bool,
}

/// Of `find-group`: exactly one key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FindGroup {
    name: Option<String>,
    external_id: Option<String>,
    #[serde(default)]
    pub(super) remote_data: bool,
}

/// Of `create-user` and `create-group`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Create {
    pub(super) changes: Changes,
    #[serde(default)]
    pub(super) verify: bool,
}

/// Of `update-user` and `update-group`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Update {
    pub(super) id: String,
    pub(super) changes: Changes,
    #[serde(default)]
    verify: bool,
    #[serde(default)]
    allow_rename: bool,
}

/// Of `set-user-active`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetActive {
    pub(super) id: String,
    pub(super) active: bool,
    #[serde(default)]
    pub(super) verify: bool,
}

/// Of `delete-user` and `delete-group`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Delete {
    pub(super) id: String,
    #[serde(default)]
    pub(super) verify: bool,
}

/// Of `list-members`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Members {
    pub(super) group_id: String,
    cursor: Option<String>,
    size: Option<u32>,
}

/// Of `add-members` and `remove-members`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Membership {
    pub(super) group_id: String,
    pub(super) members: Vec<String>,
    #[serde(default)]
    verify: bool,
    #[serde(default)]
    allow_empty: bool,
}

/// Of `page-cursors`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cursors {
    pub(super) next_cursor: String,
    pub(super) at_most: u32,
}

/// Of `request`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vendor {
    method: String,
    path: String,
    #[serde(default)]
    query: Vec<(String, String)>,
    #[serde(default)]
    headers: Vec<(String, String)>,
    body: Option<String>,
    body_base64: Option<String>,
}

impl Page {
    pub(super) fn query(self) -> PageQuery {
        PageQuery { cursor: self.cursor, size: self.size, options: ReadOptions { remote_data: self.remote_data } }
    }
}

impl Members {
    pub(super) fn query(&self) -> PageQuery {
        PageQuery { cursor: self.cursor.clone(), size: self.size, options: ReadOptions::default() }
    }
}

impl FindUser {
    pub(super) fn key(&mut self) -> Result<UserKey, String> {
        match (self.username.take(), self.external_id.take(), self.email.take()) {
            (Some(username), None, None) => Ok(UserKey::Username(username)),
            (None, Some(id), None) => Ok(UserKey::ExternalId(id)),
            (None, None, Some(email)) => Ok(UserKey::Email(email)),
            _ => Err("exactly one of `username`, `external_id` and `email` says whom to find".to_owned()),
        }
    }
}

impl FindGroup {
    pub(super) fn key(&mut self) -> Result<GroupKey, String> {
        match (self.name.take(), self.external_id.take()) {
            (Some(name), None) => Ok(GroupKey::Name(name)),
            (None, Some(id)) => Ok(GroupKey::ExternalId(id)),
            _ => Err("exactly one of `name` and `external_id` says what to find".to_owned()),
        }
    }
}

impl Update {
    pub(super) fn options(&self) -> WriteOptions {
        WriteOptions { verify: self.verify, allow_rename: self.allow_rename, ..WriteOptions::default() }
    }
}

impl Membership {
    pub(super) fn options(&self) -> WriteOptions {
        WriteOptions { verify: self.verify, allow_empty: self.allow_empty, ..WriteOptions::default() }
    }
}

impl Vendor {
    pub(super) fn request(self) -> Result<VendorRequest, String> {
        let Vendor { method, path, query, headers, body, body_base64 } = self;
        let body = match (body, body_base64) {
            (body, None) => body.map(String::into_bytes),
            (None, Some(encoded)) => {
                Some(STANDARD.decode(encoded).map_err(|error| format!("`body_base64` is not base64: {error}"))?)
            }
            (Some(_), Some(_)) => return Err("`body` and `body_base64` exclude each other".to_owned()),
        };
        Ok(VendorRequest { method, path, query, headers, body })
    }
}

/// A write without options but this one.
pub(super) fn verified(verify: bool) -> WriteOptions {
    WriteOptions { verify, ..WriteOptions::default() }
}

/// A read that brings the vendor's own JSON or does not.
pub(super) fn read(remote_data: bool) -> ReadOptions {
    ReadOptions { remote_data }
}
