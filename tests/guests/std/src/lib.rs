//! A connector that uses Rust's standard library, for WASI 0.2 as it comes: it prints, hashes, asks for environment
//! and arguments, and exits or panics when it is told to. It knows no vendor, and nothing but `describe` and the
//! pass-through does anything.

#![cfg(target_os = "wasi")]
#![allow(clippy::panic, clippy::print_stderr, clippy::print_stdout, reason = "what it is for")]

#[allow(unsafe_code, clippy::all, clippy::pedantic, reason = "generated")]
mod bindings {
    wit_bindgen::generate!({ path: "../../../wit", world: "connector", generate_all });

    use super::Guest;
    export!(Guest);
}

use std::collections::HashMap;

use bindings::exports::portcullis::directory::{descriptor, types, user_directory, vendor_api};
use types::{
    Account, Change, Error, ErrorKind, Group, GroupKey, GroupPage, MemberPage, MembershipResult, ReadOptions, User,
    UserKey, UserPage, WriteOptions,
};

struct Guest;

/// What the standard library finds of its surroundings.
fn surroundings() -> String {
    let mut counts = HashMap::new();
    counts.insert("environment", std::env::vars().count());
    counts.insert("arguments", std::env::args().count());
    let mut counts: Vec<_> = counts.into_iter().map(|(name, count)| format!("{name} {count}")).collect();
    counts.sort();
    counts.join(", ")
}

impl descriptor::Guest for Guest {
    fn describe(_: Option<Account>) -> Result<descriptor::Description, Error> {
        println!("hello\u{1b}[31m from a connector");
        eprintln!("and from its other stream");
        Ok(descriptor::Description {
            name: "std".to_owned(),
            version: "1".to_owned(),
            vendor: surroundings(),
            page_size: None,
            fields: Vec::new(),
            operations: Vec::new(),
            settings_schema: "{}".to_owned(),
        })
    }
}

fn unsupported<T>() -> Result<T, Error> {
    Err(Error {
        kind: ErrorKind::Unsupported,
        code: None,
        message: "not here".to_owned(),
        field: None,
        http_status: None,
        retry_after_ms: None,
        effect: types::Effect::None,
    })
}

/// Functions that this connector does not offer.
macro_rules! unsupported {
    ($(fn $name:ident($($argument:ty),*) -> $answer:ty;)*) => {
        impl user_directory::Guest for Guest {
            $(fn $name($(_: $argument),*) -> Result<$answer, Error> { unsupported() })*
        }
    };
}

unsupported! {
    fn list_users(Account, Option<String>, Option<u32>, ReadOptions) -> UserPage;
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

impl vendor_api::Guest for Guest {
    fn request(
        _: Account,
        method: String,
        _: String,
        _: Vec<(String, String)>,
        _: Vec<(String, String)>,
        _: Option<Vec<u8>>,
    ) -> Result<vendor_api::Reply, Error> {
        match method.as_str() {
            "EXIT" => std::process::exit(3),
            "PANIC" => panic!("as I was told"),
            _ => unsupported(),
        }
    }
}
