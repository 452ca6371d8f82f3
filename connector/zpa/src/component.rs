//! The thin shell around the mapping: the exports of the component, and `send` over `wasi:http`. It decides nothing.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::account::Account;
use crate::bindings::exports::portcullis::directory::{descriptor, types, user_directory, vendor_api};
use crate::bindings::wasi::http::{outgoing_handler, types as wasi};
use crate::bindings::wasi::io::streams::StreamError;
use crate::description;
use crate::error::protocol;
use crate::http::{Failure, Request, Response};
use crate::list::{self, Page};
use crate::mapping::Resource;
use crate::record::Record;
use crate::vendor::{self, VendorRequest};
use crate::wit::{
    Change, Error, Group, GroupKey, GroupPage, MemberPage, MembershipResult, ReadOptions, User, UserKey, UserPage,
    WriteOptions,
};
use crate::{create, delete, find, get, member, membership, update};

struct Component;

/// Nothing here panics by design. Should it all the same, the call ends in a trap, which hosts report as such.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

#[allow(unsafe_code, reason = "generated")]
mod exports {
    crate::bindings::export!(Component with_types_in crate::bindings);

    use super::Component;
}

impl user_directory::Guest for Component {
    fn list_users(
        account: types::Account,
        cursor: Option<String>,
        size: Option<u32>,
        options: ReadOptions,
    ) -> Result<UserPage, Error> {
        let account = Account::parse(&account)?;
        let page = list::list(&account, Resource::User, cursor.as_deref(), size, options, &mut send)?;
        let Page { items, unreadable, next_cursor, prev_cursor, total } = page.of(Record::user);
        Ok(UserPage { items, unreadable, next_cursor, prev_cursor, total })
    }

    fn get_user(account: types::Account, id: String, options: ReadOptions) -> Result<User, Error> {
        user(get::get(&Account::parse(&account)?, Resource::User, &id, options, &mut send)?)
    }

    fn find_user(account: types::Account, key: UserKey, options: ReadOptions) -> Result<Vec<User>, Error> {
        let found = find::user(&Account::parse(&account)?, &key, options, &mut send)?;
        Ok(found.into_iter().filter_map(Record::user).collect())
    }

    fn create_user(account: types::Account, changes: Vec<Change>, options: WriteOptions) -> Result<User, Error> {
        user(create::create(&Account::parse(&account)?, Resource::User, &changes, options, &mut send)?)
    }

    fn update_user(
        account: types::Account,
        id: String,
        changes: Vec<Change>,
        options: WriteOptions,
    ) -> Result<Option<User>, Error> {
        let updated = update::update(&Account::parse(&account)?, Resource::User, &id, &changes, options, &mut send)?;
        Ok(updated.and_then(Record::user))
    }

    fn set_user_active(
        account: types::Account,
        id: String,
        active: bool,
        options: WriteOptions,
    ) -> Result<Option<User>, Error> {
        let updated = update::set_active(&Account::parse(&account)?, &id, active, options, &mut send)?;
        Ok(updated.and_then(Record::user))
    }

    fn delete_user(account: types::Account, id: String, options: WriteOptions) -> Result<(), Error> {
        Ok(delete::delete(&Account::parse(&account)?, Resource::User, &id, options, &mut send)?)
    }

    fn list_groups(
        account: types::Account,
        cursor: Option<String>,
        size: Option<u32>,
        options: ReadOptions,
    ) -> Result<GroupPage, Error> {
        let account = Account::parse(&account)?;
        let page = list::list(&account, Resource::Group, cursor.as_deref(), size, options, &mut send)?;
        let Page { items, unreadable, next_cursor, prev_cursor, total } = page.of(Record::group);
        Ok(GroupPage { items, unreadable, next_cursor, prev_cursor, total })
    }

    fn get_group(account: types::Account, id: String, options: ReadOptions) -> Result<Group, Error> {
        group(get::get(&Account::parse(&account)?, Resource::Group, &id, options, &mut send)?)
    }

    fn find_group(account: types::Account, key: GroupKey, options: ReadOptions) -> Result<Vec<Group>, Error> {
        let found = find::group(&Account::parse(&account)?, &key, options, &mut send)?;
        Ok(found.into_iter().filter_map(Record::group).collect())
    }

    fn create_group(account: types::Account, changes: Vec<Change>, options: WriteOptions) -> Result<Group, Error> {
        group(create::create(&Account::parse(&account)?, Resource::Group, &changes, options, &mut send)?)
    }

    fn update_group(
        account: types::Account,
        id: String,
        changes: Vec<Change>,
        options: WriteOptions,
    ) -> Result<Option<Group>, Error> {
        let updated = update::update(&Account::parse(&account)?, Resource::Group, &id, &changes, options, &mut send)?;
        Ok(updated.and_then(Record::group))
    }

    fn delete_group(account: types::Account, id: String, options: WriteOptions) -> Result<(), Error> {
        Ok(delete::delete(&Account::parse(&account)?, Resource::Group, &id, options, &mut send)?)
    }

    fn list_members(
        account: types::Account,
        group_id: String,
        cursor: Option<String>,
        size: Option<u32>,
    ) -> Result<MemberPage, Error> {
        let page = member::list(&Account::parse(&account)?, &group_id, cursor.as_deref(), size, &mut send)?;
        let Page { items, unreadable, next_cursor, prev_cursor, total } = page;
        Ok(MemberPage { items, unreadable, next_cursor, prev_cursor, total })
    }

    fn add_members(
        account: types::Account,
        group_id: String,
        members: Vec<String>,
        options: WriteOptions,
    ) -> Result<MembershipResult, Error> {
        let account = Account::parse(&account)?;
        Ok(membership::change(&account, membership::Change::Add, &group_id, &members, options, &mut send)?)
    }

    fn remove_members(
        account: types::Account,
        group_id: String,
        members: Vec<String>,
        options: WriteOptions,
    ) -> Result<MembershipResult, Error> {
        let account = Account::parse(&account)?;
        Ok(membership::change(&account, membership::Change::Remove, &group_id, &members, options, &mut send)?)
    }

    fn page_cursors(account: types::Account, next_cursor: String, at_most: u32) -> Result<Vec<String>, Error> {
        Ok(list::cursors_ahead(&Account::parse(&account)?, &next_cursor, at_most)?)
    }
}

impl vendor_api::Guest for Component {
    fn request(
        account: types::Account,
        method: String,
        path: String,
        query: Vec<(String, String)>,
        headers: Vec<(String, String)>,
        body: Option<Vec<u8>>,
    ) -> Result<vendor_api::Reply, Error> {
        let wanted = VendorRequest { method, path, query, headers, body };
        Ok(vendor::request(&Account::parse(&account)?, wanted, &mut send)?)
    }
}

impl descriptor::Guest for Component {
    fn describe(account: Option<types::Account>) -> Result<descriptor::Description, Error> {
        let account = account.as_ref().map(Account::parse).transpose()?;
        Ok(description::describe(account.as_ref()))
    }
}

fn user(record: Record) -> Result<User, Error> {
    record.user().ok_or_else(|| *protocol("the record is no user"))
}

fn group(record: Record) -> Result<Group, Error> {
    record.group().ok_or_else(|| *protocol("the record is no group"))
}

/// One exchange over `wasi:http`. The body is written before the answer is waited for, and the answer is collected
/// whole.
fn send(request: &Request) -> Result<Response, Failure> {
    let outgoing = outgoing(request)?;
    let body = outgoing.body().map_err(|()| internal("the request has no body to write"))?;
    let pending = outgoing_handler::handle(outgoing, None).map_err(|code| failure(&code))?;
    let written = write(body, request.body.as_deref());
    // Where the body could not be written the answer says why: the host may have denied the request, or the vendor
    // have answered before it had read all.
    pending.subscribe().block();
    match pending.get() {
        Some(Ok(Ok(answer))) => collect(&answer),
        Some(Ok(Err(code))) => Err(failure(&code)),
        Some(Err(())) | None => Err(written.err().unwrap_or_else(|| internal("the answer was taken already"))),
    }
}

fn write(body: wasi::OutgoingBody, bytes: Option<&[u8]>) -> Result<(), Failure> {
    if let Some(bytes) = bytes {
        let stream = body.write().map_err(|()| internal("the body has no stream"))?;
        for chunk in bytes.chunks(4096) {
            stream.blocking_write_and_flush(chunk).map_err(stream_failure)?;
        }
    }
    wasi::OutgoingBody::finish(body, None).map_err(|code| failure(&code))
}

fn outgoing(request: &Request) -> Result<wasi::OutgoingRequest, Failure> {
    let mut entries: Vec<_> =
        request.headers.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes())).collect();
    if let Some(body) = &request.body {
        // Without it a host sends the body in chunks, which servers were seen to refuse.
        entries.push(("content-length".to_owned(), body.len().to_string().into_bytes()));
    }
    let denied = || Failure { code: "HTTP-request-denied".to_owned() };
    let headers = wasi::Fields::from_list(&entries).map_err(|_| denied())?;
    let outgoing = wasi::OutgoingRequest::new(headers);
    let method = match request.method {
        "HEAD" => wasi::Method::Head,
        "POST" => wasi::Method::Post,
        "PUT" => wasi::Method::Put,
        "PATCH" => wasi::Method::Patch,
        "DELETE" => wasi::Method::Delete,
        _ => wasi::Method::Get,
    };
    let scheme = if request.scheme == "http" { wasi::Scheme::Http } else { wasi::Scheme::Https };
    outgoing
        .set_method(&method)
        .and_then(|()| outgoing.set_scheme(Some(&scheme)))
        .and_then(|()| outgoing.set_authority(Some(&request.authority)))
        .and_then(|()| outgoing.set_path_with_query(Some(&request.path)))
        .map_err(|()| denied())?;
    Ok(outgoing)
}

fn collect(answer: &wasi::IncomingResponse) -> Result<Response, Failure> {
    // As much as there is: a host that has the whole answer then gives it as one chunk.
    const CHUNK: u64 = 1 << 24;
    let headers = answer.headers().entries();
    let headers =
        headers.into_iter().map(|(name, value)| (name, String::from_utf8_lossy(&value).into_owned())).collect();
    let incoming = answer.consume().map_err(|()| internal("the answer has no body"))?;
    let stream = incoming.stream().map_err(|()| internal("the answer has no stream"))?;
    let mut body = Vec::new();
    loop {
        match stream.blocking_read(CHUNK) {
            // The usual answer is one chunk, which needs no copy.
            Ok(chunk) if body.is_empty() => body = chunk,
            Ok(chunk) => body.extend_from_slice(&chunk),
            Err(StreamError::Closed) => break,
            Err(err) => return Err(stream_failure(err)),
        }
    }
    Ok(Response { status: answer.status(), headers, body })
}

fn stream_failure(err: StreamError) -> Failure {
    match err {
        StreamError::Closed => Failure { code: "connection-terminated".to_owned() },
        StreamError::LastOperationFailed(err) => match wasi::http_error_code(&err) {
            Some(code) => failure(&code),
            None => internal("a stream broke"),
        },
    }
}

/// Names the cases that the mapping tells apart; any other is one after which the vendor may have seen the request.
fn failure(code: &wasi::ErrorCode) -> Failure {
    let name = match code {
        wasi::ErrorCode::ConnectionRefused => "connection-refused",
        wasi::ErrorCode::DnsError(_) => "DNS-error",
        wasi::ErrorCode::HttpRequestDenied => "HTTP-request-denied",
        wasi::ErrorCode::ConnectionLimitReached => "connection-limit-reached",
        wasi::ErrorCode::HttpResponseTimeout => "HTTP-response-timeout",
        wasi::ErrorCode::HttpResponseBodySize(_) => "HTTP-response-body-size",
        _ => "connection-terminated",
    };
    Failure { code: name.to_owned() }
}

fn internal(what: &str) -> Failure {
    Failure { code: format!("internal-error: {what}") }
}
