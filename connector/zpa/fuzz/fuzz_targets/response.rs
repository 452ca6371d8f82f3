//! Bytes as the vendor's answers to one call of each kind. The first byte names the call, the second the settings (a
//! capital turns `verify` on); then come the answers, each a status byte and a body, parted by a line of three dashes.

#![no_main]

use std::collections::BTreeSet;
use std::collections::VecDeque;

use libfuzzer_sys::fuzz_target;
use portcullis_zpa::account::Account;
use portcullis_zpa::cursor::Cursor;
use portcullis_zpa::http::{Failure, Request, Response};
use portcullis_zpa::list::Page;
use portcullis_zpa::mapping::Resource;
use portcullis_zpa::membership::{self, Change};
use portcullis_zpa::record::Record;
use portcullis_zpa::wit::{self, Effect, ReadOptions, WriteOptions};
use portcullis_zpa::{create, delete, find, get, list, member, update};
use portcullis_zpa_fuzz::{self as law, Members};
use serde_json::value::RawValue;

const CUSTOM: &str = r#"{"quirks":{"missing-members":"empty","external-id-filter":true,"email-filter":true,
    "member-removal":"values","email-replacement":"replace"},"mapping":{"user":{
    "custom.badge":{"type":"number","read":"urn:acme:2.0:User:badge.no","write":"urn:acme:2.0:User:badge.no"},
    "custom.remote":{"type":"boolean","read":"remote","write":"remote"},
    "custom.phone":{"read":["phoneNumbers[type eq \"mobile\"].value","phone"]},
    "custom.tags":{"type":"texts","read":"tags.value","write":"tags.value","clear":"tags"},
    "custom.names":{"type":"texts","read":["name","names"]},
    "title":{"read":["name.title","title"]},
    "user_type":{"values":{"ZPA User":"user"}}},
    "group":{"description":{"read":"description"},"custom.size":{"type":"number","read":["members.count","size"]}}}}"#;

const FROM_USERS: &str = r#"{"quirks":{"group-members":"from-users","username-filter":false,"sort-groups":false}}"#;

fuzz_target!(|data: &[u8]| {
    let Some((&[call, settings], answers)) = data.split_first_chunk::<2>() else { return };
    let account = match settings.to_ascii_lowercase() {
        b'c' => law::account(Some(CUSTOM)),
        b'f' => law::account(Some(FROM_USERS)),
        _ => law::account(None),
    };
    let verifies = settings.is_ascii_uppercase();
    Case { account: &account.unwrap(), verifies, vendor: Vendor::answering(answers) }.run(call);
});

/// The vendor: gives its answers in their order, and the line breaks after the last one.
struct Vendor {
    answers: VecDeque<Result<Response, Failure>>,
    /// Whether each request was a write.
    sent: Vec<bool>,
    /// Whether a write was answered as done.
    has_written: bool,
}

impl Vendor {
    fn answering(mut data: &[u8]) -> Vendor {
        const PARTED: &[u8] = b"\n---\n";
        let mut answers = VecDeque::new();
        while answers.len() < 6 && !data.is_empty() {
            let end = data.windows(PARTED.len()).position(|bytes| bytes == PARTED);
            answers.push_back(answer(&data[..end.unwrap_or(data.len())]));
            data = end.map_or(&[], |end| &data[end + PARTED.len()..]);
        }
        Vendor { answers, sent: Vec::new(), has_written: false }
    }

    fn send(&mut self, request: &Request) -> Result<Response, Failure> {
        assert!(request.path.starts_with("/scim/1/7/v2/"), "{}", request.path);
        assert!(request.path.bytes().all(|byte| byte.is_ascii_graphic()), "{}", request.path);
        if let Some(body) = &request.body {
            serde_json::from_slice::<&RawValue>(body).unwrap();
        }
        let writes = request.method != "GET";
        self.sent.push(writes);
        let answer = self.answers.pop_front().unwrap_or_else(|| Err(Failure { code: "connection-terminated".into() }));
        self.has_written |= writes && answer.as_ref().is_ok_and(|answer| (200..300).contains(&answer.status));
        answer
    }
}

/// An answer: what the first byte says, and the rest as its body.
fn answer(data: &[u8]) -> Result<Response, Failure> {
    let (&status, body) = data.split_first().unwrap_or((&b'0', &[]));
    let mut headers = Vec::new();
    let status = match status {
        b'2' => 200,
        b'1' => 201,
        b'0' => 204,
        b'3' => 302,
        b'4' => 404,
        b'5' => 503,
        b'7' => 400,
        b'9' => 409,
        b'x' => return Err(Failure { code: String::from_utf8_lossy(body).into_owned() }),
        b'w' => {
            let line = body.split(|byte| *byte == b'\n').next().unwrap_or_default();
            headers.push(("date".to_owned(), "Sun, 06 Nov 1994 08:49:37 GMT".to_owned()));
            headers.push(("retry-after".to_owned(), String::from_utf8_lossy(line).into_owned()));
            429
        }
        other => 100 + u16::from(other) * 2,
    };
    Ok(Response { status, headers, body: body.to_vec() })
}

struct Case<'a> {
    account: &'a Account,
    verifies: bool,
    vendor: Vendor,
}

impl Case<'_> {
    fn run(mut self, call: u8) {
        let bodies: Vec<String> =
            self.vendor.answers.iter().flatten().map(|answer| String::from_utf8_lossy(&answer.body).into()).collect();
        let body = bodies.first().map(String::as_str).unwrap_or_default();
        let body = body.strip_prefix('\u{feff}').unwrap_or(body);
        let members = serde_json::from_str::<Members<'_>>(body).ok();
        let id = members.as_ref().and_then(|members| members.text("id")).unwrap_or_else(|| "u1".to_owned());
        let remote = ReadOptions::REMOTE_DATA;
        let mut options = WriteOptions::ALLOW_RENAME;
        options.set(WriteOptions::VERIFY, self.verifies);

        let Case { account, ref mut vendor, .. } = self;
        let mut send = |request: &Request| vendor.send(request);
        let send = &mut send;
        let (most, result) = match call {
            b'u' | b'g' => {
                let resource = if call == b'u' { Resource::User } else { Resource::Group };
                let page = list::list(account, resource, None, None, remote, send);
                (1, page.map(|found| page_of_list(account, &found, members.as_ref(), resource)))
            }
            b'U' | b'G' => {
                let resource = if call == b'U' { Resource::User } else { Resource::Group };
                let found = get::get(account, resource, &id, remote, send);
                (1, found.map(|found| record(&found, Some(&id))))
            }
            b'm' => {
                let page = member::list(account, &id, None, None, send);
                let rows = if account.settings.quirks.group_members == portcullis_zpa::settings::GroupMembers::ById {
                    members.as_ref().map(|members| (members.count("members"), true))
                } else {
                    let users = bodies.get(1).map(|body| body.strip_prefix('\u{feff}').unwrap_or(body));
                    let users = users.and_then(|body| serde_json::from_str::<Members<'_>>(body).ok());
                    users.map(|users| (users.count("Resources"), false))
                };
                (2, page.map(|page| page_of_members(&page, rows)))
            }
            b'f' | b'e' | b'E' => {
                let (field, key) = match call {
                    b'f' => ("userName", wit::UserKey::Username("mara.lind@acme.example".to_owned())),
                    b'e' => ("externalId", wit::UserKey::ExternalId("00uEXAMPLE1".to_owned())),
                    _ => ("emails", wit::UserKey::Email("mara.lind@acme.example".to_owned())),
                };
                let found = find::user(account, &key, remote, send);
                (1, found.map(|found| found.iter().for_each(|found| found_by(found, field))))
            }
            b'F' => {
                let found = find::group(account, &wit::GroupKey::Name("Ops".to_owned()), remote, send);
                (1, found.map(|found| found.iter().for_each(|found| record(found, None))))
            }
            b'c' | b'C' => {
                let made = if call == b'c' {
                    create::create(account, Resource::User, &changes(account, false), options, send)
                } else {
                    create::create(account, Resource::Group, &[set("name", "Ops")], options, send)
                };
                (3, made.map(|made| record(&made, None)))
            }
            b'p' | b'P' => {
                let shown = if call == b'p' {
                    update::update(account, Resource::User, &id, &changes(account, true), options, send)
                } else {
                    update::update(account, Resource::Group, &id, &[set("name", "Ops")], options, send)
                };
                (2, shown.map(|shown| shown.iter().for_each(|shown| record(shown, Some(&id)))))
            }
            b's' | b'S' => {
                let shown = update::set_active(account, &id, call == b's', options, send);
                (2, shown.map(|shown| shown.iter().for_each(|shown| record(shown, Some(&id)))))
            }
            b'a' | b'r' | b'R' => {
                options.set(WriteOptions::ALLOW_EMPTY, call == b'R');
                let change = if call == b'a' { Change::Add } else { Change::Remove };
                let wanted = ["301188", "u2", "u1", "u2"].map(str::to_owned);
                let result = membership::change(account, change, &id, &wanted, options, send);
                (3, result.map(|result| membership(&result)))
            }
            b'd' => (2, delete::delete(account, Resource::User, &id, options, send)),
            _ => return,
        };

        let Vendor { sent, has_written, .. } = self.vendor;
        assert!(sent.len() <= most, "{} requests", sent.len());
        if let Err(err) = result {
            law::error(&err);
            assert!(!has_written || err.effect != Effect::None, "a write that was done counts as none: {err:?}");
            assert!(has_written || err.effect != Effect::Applied, "{err:?}");
            assert!(sent.contains(&true) || err.effect == Effect::None, "{err:?}");
        }
    }
}

fn set(field: &str, text: &str) -> wit::Change {
    wit::Change { field: field.to_owned(), value: wit::Value::Text(text.to_owned()) }
}

fn changes(account: &Account, clears: bool) -> Vec<wit::Change> {
    let email = wit::Email { email: "mara.lind@acme.example".to_owned(), type_: None, is_primary: None };
    let mut changes = vec![
        set("username", "mara.lind@acme.example"),
        set("external_id", "00uEXAMPLE1"),
        set("department", "Legal"),
        set("status", "active"),
        wit::Change { field: "emails".to_owned(), value: wit::Value::Emails(vec![email]) },
    ];
    if clears {
        changes.push(wit::Change { field: "title".to_owned(), value: wit::Value::Clear });
    }
    if account.settings.mapping(Resource::User).named("custom.badge").is_some() {
        let texts = wit::Value::Texts(vec!["a".to_owned(), "b".to_owned()]);
        changes.push(wit::Change { field: "custom.badge".to_owned(), value: wit::Value::Number(7.5) });
        changes.push(wit::Change { field: "custom.remote".to_owned(), value: wit::Value::Boolean(true) });
        changes.push(wit::Change { field: "custom.tags".to_owned(), value: texts });
    }
    changes
}

fn page_of_list(account: &Account, page: &Page<Record>, members: Option<&Members<'_>>, resource: Resource) {
    page.items.iter().for_each(|found| {
        record(found, None);
        assert_eq!(matches!(found, Record::User(_)), resource == Resource::User);
    });
    let seen = page.items.len() + page.unreadable.len();
    law::unreadable(&page.unreadable, seen);
    if let Some(members) = members {
        assert_eq!(seen, members.count("Resources"));
    }
    assert_eq!(page.prev_cursor, None);
    let next = page.next_cursor.as_ref().map(|text| Cursor::decode(text, &account.endpoint).unwrap());
    assert!(next.is_none_or(|next| next.start as usize == seen + 1 && next.step as usize == seen && seen > 0));
}

/// The rows of the answer, and whether each of them is a member.
fn page_of_members(page: &Page<wit::Member>, rows: Option<(usize, bool)>) {
    assert!(page.items.iter().all(|member| !member.id.is_empty()));
    let seen = page.items.len() + page.unreadable.len();
    let Some((rows, is_each)) = rows else { return };
    law::unreadable(&page.unreadable, rows);
    assert!(seen == rows || (!is_each && seen < rows), "{seen} of {rows}");
}

fn found_by(found: &Record, field: &str) {
    record(found, None);
    let Record::User(user) = found else { panic!("a group among users") };
    let has = |key: Option<&str>, wanted: &str| key.is_some_and(|key| key.eq_ignore_ascii_case(wanted));
    assert!(match field {
        "userName" => has(user.username.as_deref(), "mara.lind@acme.example"),
        "externalId" => user.external_id.as_deref() == Some("00uEXAMPLE1"),
        _ => user.emails.iter().any(|email| has(Some(&email.email), "mara.lind@acme.example")),
    });
}

fn record(record: &Record, id: Option<&str>) {
    assert!(!record.id().is_empty());
    assert!(id.is_none_or(|id| id == record.id()));
    let (extras, remote_data) = match record {
        Record::User(user) => {
            assert!(user.groups.iter().all(|group| !group.id.is_empty()));
            assert!(user.emails.iter().all(|email| !email.email.is_empty()));
            (&user.extras, &user.remote_data)
        }
        Record::Group(group) => (&group.extras, &group.remote_data),
    };
    for json in extras.iter().map(|(_, json)| json).chain(remote_data) {
        serde_json::from_str::<&RawValue>(json).unwrap_or_else(|err| panic!("{json:?} is no JSON: {err}"));
    }
}

fn membership(result: &wit::MembershipResult) {
    let wit::MembershipResult { applied, unchanged, failed } = result;
    let failed_ids = failed.iter().map(|(id, _)| id);
    let all: Vec<&str> = applied.iter().chain(unchanged).chain(failed_ids).map(String::as_str).collect();
    assert_eq!(all.len(), 3, "{all:?}");
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), BTreeSet::from(["301188", "u1", "u2"]));
    failed.iter().for_each(|(_, err)| law::error(err));
}
