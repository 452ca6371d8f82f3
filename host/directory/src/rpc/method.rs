//! From the name of a method to the function of the directory, and from its answer to JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};

use super::params::{
    Create, Cursors, Delete, FindGroup, FindUser, Get, Members, Membership, Nothing, Page, SetActive, Update, Vendor,
    read, verified,
};
use crate::{Directory, Error, ErrorKind, List, Reply};

/// Every method, in the order of the contract.
#[cfg(test)]
pub(super) const METHODS: [&str; 19] = [
    "list-users",
    "get-user",
    "find-user",
    "create-user",
    "update-user",
    "set-user-active",
    "delete-user",
    "list-groups",
    "get-group",
    "find-group",
    "create-group",
    "update-group",
    "delete-group",
    "list-members",
    "add-members",
    "remove-members",
    "page-cursors",
    "request",
    "describe",
];

/// Why there is no result.
pub(super) enum Failure {
    /// There is no such method.
    Unknown,
    /// The params are none of it.
    Params(String),
    /// It was called, and failed.
    Call(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Call(error)
    }
}

/// Calls a function of the directory by its name in the contract.
pub(super) async fn call(directory: &impl Directory, method: &str, params: &str) -> Result<Box<RawValue>, Failure> {
    match method {
        "list-users" => json(List::from(directory.list_users(of::<Page>(params)?.query()).await?)),
        "get-user" => {
            let Get { id, remote_data } = of(params)?;
            json(directory.get_user(&id, read(remote_data)).await?)
        }
        "find-user" => {
            let mut find: FindUser = of(params)?;
            let key = find.key().map_err(Failure::Params)?;
            json(directory.find_user(&key, read(find.remote_data)).await?)
        }
        "create-user" => {
            let Create { changes, verify } = of(params)?;
            json(directory.create_user(&changes.0, verified(verify)).await?)
        }
        "update-user" => {
            let update: Update = of(params)?;
            json(directory.update_user(&update.id, &update.changes.0, update.options()).await?)
        }
        "set-user-active" => {
            let SetActive { id, active, verify } = of(params)?;
            json(directory.set_user_active(&id, active, verified(verify)).await?)
        }
        "delete-user" => {
            let Delete { id, verify } = of(params)?;
            json(directory.delete_user(&id, verified(verify)).await?)
        }
        "list-groups" => json(List::from(directory.list_groups(of::<Page>(params)?.query()).await?)),
        "get-group" => {
            let Get { id, remote_data } = of(params)?;
            json(directory.get_group(&id, read(remote_data)).await?)
        }
        "find-group" => {
            let mut find: FindGroup = of(params)?;
            let key = find.key().map_err(Failure::Params)?;
            json(directory.find_group(&key, read(find.remote_data)).await?)
        }
        "create-group" => {
            let Create { changes, verify } = of(params)?;
            json(directory.create_group(&changes.0, verified(verify)).await?)
        }
        "update-group" => {
            let update: Update = of(params)?;
            json(directory.update_group(&update.id, &update.changes.0, update.options()).await?)
        }
        "delete-group" => {
            let Delete { id, verify } = of(params)?;
            json(directory.delete_group(&id, verified(verify)).await?)
        }
        "list-members" => {
            let members: Members = of(params)?;
            json(List::from(directory.list_members(&members.group_id, members.query()).await?))
        }
        "add-members" => {
            let add: Membership = of(params)?;
            json(directory.add_members(&add.group_id, &add.members, add.options()).await?)
        }
        "remove-members" => {
            let remove: Membership = of(params)?;
            json(directory.remove_members(&remove.group_id, &remove.members, remove.options()).await?)
        }
        "page-cursors" => {
            let Cursors { next_cursor, at_most } = of(params)?;
            json(directory.page_cursors(&next_cursor, at_most).await?)
        }
        "request" => {
            let request = of::<Vendor>(params)?.request().map_err(Failure::Params)?;
            json(VendorReply::from(directory.request(request).await?))
        }
        "describe" => {
            let Nothing {} = of(params)?;
            json(directory.describe().await?)
        }
        _ => Err(Failure::Unknown),
    }
}

fn of<P: DeserializeOwned>(params: &str) -> Result<P, Failure> {
    serde_json::from_str(params).map_err(|error| Failure::Params(error.to_string()))
}

fn json(result: impl Serialize) -> Result<Box<RawValue>, Failure> {
    to_raw_value(&result).map_err(|error| Error::new(ErrorKind::Protocol, error.to_string()).into())
}

/// The vendor's reply. A body that is not UTF-8 is in base64 under another name.
#[derive(Debug, Serialize)]
struct VendorReply {
    status: u16,
    headers: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_base64: Option<String>,
}

impl From<Reply> for VendorReply {
    fn from(reply: Reply) -> VendorReply {
        let Reply { status, headers, body } = reply;
        match String::from_utf8(body) {
            Ok(text) => VendorReply { status, headers, body: Some(text), body_base64: None },
            Err(error) => {
                VendorReply { status, headers, body: None, body_base64: Some(STANDARD.encode(error.as_bytes())) }
            }
        }
    }
}
