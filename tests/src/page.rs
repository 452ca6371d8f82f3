//! A page of users, as a vendor sends it and as the connector's core reads it without a sandbox: what measurements of the
//! mapping are made with.

use portcullis_directory::{Directory as _, VendorRequest};
use portcullis_zpa::account::Account;
use portcullis_zpa::http::{Request, Response};
use portcullis_zpa::list::{self, Page};
use portcullis_zpa::mapping::Resource;
use portcullis_zpa::record::Record;
use portcullis_zpa::wit::{ReadOptions, User};

use crate::House;

/// The body of a page of 100 users, from a vendor with at least as many.
///
/// # Panics
///
/// When the vendor does not answer, which is the end of the measurement.
#[allow(clippy::unwrap_used, reason = "the harness of tests")]
pub async fn body(house: &House) -> Vec<u8> {
    let query = vec![("count".to_owned(), "100".to_owned())];
    let (method, path) = ("GET".to_owned(), "Users".to_owned());
    let request = VendorRequest { method, path, query, headers: Vec::new(), body: None };
    house.directory.request(request).await.unwrap().body
}

/// What the connector's core makes of a page of users.
///
/// # Panics
///
/// When it is not one, which is the end of the measurement.
#[allow(clippy::unwrap_used, reason = "the harness of tests")]
pub fn natively(account: &Account, body: &[u8]) -> Page<User> {
    let mut send = |_: &Request| Ok(Response { status: 200, headers: Vec::new(), body: body.to_vec() });
    list::list(account, Resource::User, None, None, ReadOptions::empty(), &mut send).unwrap().of(Record::user)
}
