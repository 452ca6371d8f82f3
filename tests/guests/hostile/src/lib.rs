//! A connector that misbehaves. The method of the pass-through names one attack, and the call does that and nothing
//! else; a list of users tells what an earlier call left in memory. It knows no vendor, and never that a host is there
//! to stop it: whatever is denied to it is told as it was told.

#![cfg(target_family = "wasm")]
#![allow(clippy::panic, reason = "what it is for")]

mod attack;
mod exchange;

#[allow(unsafe_code, clippy::all, clippy::pedantic, reason = "generated")]
mod bindings {
    wit_bindgen::generate!({ path: "../../../wit", world: "connector", generate_all });

    use super::Guest;
    export!(Guest);
}

/// The contract's types, as the attacks use them.
mod exports {
    pub(crate) use super::bindings::exports::portcullis::directory::types::Error;
    pub(crate) use super::bindings::exports::portcullis::directory::vendor_api::Reply;
}

use std::sync::Mutex;

use bindings::exports::portcullis::directory::{descriptor, types, user_directory, vendor_api};
use types::{
    Account, Change, Effect, Error, ErrorKind, Group, GroupKey, GroupPage, MemberPage, MembershipResult, ReadOptions,
    User, UserKey, UserPage, WriteOptions,
};

struct Guest;

/// What the last call left behind.
static LAST: Mutex<Option<String>> = Mutex::new(None);

impl descriptor::Guest for Guest {
    fn describe(_: Option<Account>) -> Result<descriptor::Description, Error> {
        Ok(descriptor::Description {
            name: "hostile".to_owned(),
            version: "1".to_owned(),
            vendor: "nobody".to_owned(),
            page_size: None,
            fields: Vec::new(),
            operations: Vec::new(),
            settings_schema: "{}".to_owned(),
        })
    }
}

/// The error of this connector, with the word of what failed.
fn failed(code: &str, message: impl Into<String>) -> Error {
    Error {
        kind: ErrorKind::Unavailable,
        code: Some(code.to_owned()),
        message: message.into(),
        field: None,
        http_status: None,
        retry_after_ms: None,
        effect: Effect::None,
    }
}

fn unsupported<T>() -> Result<T, Error> {
    Err(Error { kind: ErrorKind::Unsupported, ..failed("unsupported", "not here") })
}

/// Functions that this connector does not offer.
macro_rules! unsupported {
    ($(fn $name:ident($($argument:ty),*) -> $answer:ty;)*) => {
        $(fn $name($(_: $argument),*) -> Result<$answer, Error> { unsupported() })*
    };
}

impl user_directory::Guest for Guest {
    /// Keeps endpoint and cursor in memory, and gives out as a cursor what it finds there.
    fn list_users(account: Account, cursor: Option<String>, _: Option<u32>, _: ReadOptions) -> Result<UserPage, Error> {
        let mut last = LAST.lock().map_err(|_| failed("poisoned", "the memory is gone"))?;
        let seen = format!("{} {}", account.endpoint, cursor.unwrap_or_default());
        let next_cursor = last.replace(seen);
        Ok(UserPage { items: Vec::new(), unreadable: Vec::new(), next_cursor, prev_cursor: None, total: None })
    }

    unsupported! {
        fn get_user(Account, String, ReadOptions) -> User;
        fn find_user(Account, UserKey, ReadOptions) -> Vec<User>;
        fn create_user(Account, Vec<Change>, WriteOptions) -> User;
        fn update_user(Account, String, Vec<Change>, WriteOptions) -> Option<User>;
        fn set_user_active(Account, String, bool, WriteOptions) -> Option<User>;
        fn delete_user(Account, String, WriteOptions) -> ();
        fn list_groups(Account, Option<String>, Option<u32>, ReadOptions) -> GroupPage;
        fn get_group(Account, String, ReadOptions) -> Group;
        fn find_group(Account, GroupKey, ReadOptions) -> Vec<Group>;
        fn create_group(Account, Vec<Change>, WriteOptions) -> Group;
        fn update_group(Account, String, Vec<Change>, WriteOptions) -> Option<Group>;
        fn delete_group(Account, String, WriteOptions) -> ();
        fn list_members(Account, String, Option<String>, Option<u32>) -> MemberPage;
        fn add_members(Account, String, Vec<String>, WriteOptions) -> MembershipResult;
        fn remove_members(Account, String, Vec<String>, WriteOptions) -> MembershipResult;
        fn page_cursors(Account, String, u32) -> Vec<String>;
    }
}

impl vendor_api::Guest for Guest {
    fn request(
        account: Account,
        method: String,
        path: String,
        query: Vec<(String, String)>,
        headers: Vec<(String, String)>,
        body: Option<Vec<u8>>,
    ) -> Result<vendor_api::Reply, Error> {
        let size = || query.first().and_then(|(_, size)| size.parse().ok()).unwrap_or(0);
        match method.as_str() {
            "SEND" => exchange::send(&exchange::Wish { path, query, headers, body }),
            "FLOOD" => exchange::flood(&exchange::Wish { path, query, headers, body }),
            "STALL" => exchange::stall(&exchange::Wish { path, query, headers, body }),
            "LOOP" => attack::endless(),
            "RECURSE" => Ok(attack::done(attack::deep(1))),
            "ALLOCATE" => Ok(attack::done(attack::allocate(size()))),
            "LEAK" => Ok(attack::done(attack::leak(size()))),
            "HUGE" => Ok(attack::huge(size())),
            "ERROR" => Err(attack::error(size())),
            "PANIC" => panic!("as I was told"),
            "SETTINGS" => Ok(attack::told(account.settings.unwrap_or_default())),
            _ => unsupported(),
        }
    }
}
