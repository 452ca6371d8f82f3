//! Requests and responses, against a directory that says what it was asked.

use std::collections::BTreeSet;
use std::sync::Mutex;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::method::METHODS;
use super::*;
use crate::{
    Change, Description, Group, GroupKey, Member, MembershipResult, Page, PageQuery, ReadOptions, Reply, User, UserKey,
    VendorRequest, WriteOptions,
};

/// Writes down what it is asked, and answers something simple.
#[derive(Default)]
struct Scribe(Mutex<Vec<String>>);

impl Scribe {
    fn note(&self, asked: String) {
        self.0.lock().unwrap().push(asked);
    }
}

fn page<T>(items: Vec<T>) -> Page<T> {
    Page { items, unreadable: Vec::new(), next_cursor: None, prev_cursor: None, total: Some(1) }
}

fn user() -> User {
    User { id: "7".to_owned(), ..User::default() }
}

fn group() -> Group {
    Group { id: "8".to_owned(), ..Group::default() }
}

impl Directory for Scribe {
    async fn list_users(&self, query: PageQuery) -> Result<Page<User>, Error> {
        self.note(format!("list_users {query:?}"));
        Ok(page(vec![user()]))
    }

    async fn get_user(&self, id: &str, options: ReadOptions) -> Result<User, Error> {
        self.note(format!("get_user {id} {options:?}"));
        Err(Error::new(ErrorKind::NotFound, format!("there is no user `{id}`")))
    }

    async fn find_user(&self, key: &UserKey, options: ReadOptions) -> Result<Vec<User>, Error> {
        self.note(format!("find_user {key:?} {options:?}"));
        Ok(vec![user()])
    }

    async fn create_user(&self, changes: &[Change], options: WriteOptions) -> Result<User, Error> {
        self.note(format!("create_user {changes:?} {options:?}"));
        Ok(user())
    }

    async fn update_user(&self, id: &str, changes: &[Change], options: WriteOptions) -> Result<Option<User>, Error> {
        self.note(format!("update_user {id} {changes:?} {options:?}"));
        Ok(None)
    }

    async fn set_user_active(&self, id: &str, active: bool, options: WriteOptions) -> Result<Option<User>, Error> {
        self.note(format!("set_user_active {id} {active} {options:?}"));
        Ok(Some(user()))
    }

    async fn delete_user(&self, id: &str, options: WriteOptions) -> Result<(), Error> {
        self.note(format!("delete_user {id} {options:?}"));
        Ok(())
    }

    async fn list_groups(&self, query: PageQuery) -> Result<Page<Group>, Error> {
        self.note(format!("list_groups {query:?}"));
        Ok(page(vec![group()]))
    }

    async fn get_group(&self, id: &str, options: ReadOptions) -> Result<Group, Error> {
        self.note(format!("get_group {id} {options:?}"));
        Ok(group())
    }

    async fn find_group(&self, key: &GroupKey, options: ReadOptions) -> Result<Vec<Group>, Error> {
        self.note(format!("find_group {key:?} {options:?}"));
        Ok(Vec::new())
    }

    async fn create_group(&self, changes: &[Change], options: WriteOptions) -> Result<Group, Error> {
        self.note(format!("create_group {changes:?} {options:?}"));
        Ok(group())
    }

    async fn update_group(&self, id: &str, changes: &[Change], options: WriteOptions) -> Result<Option<Group>, Error> {
        self.note(format!("update_group {id} {changes:?} {options:?}"));
        Ok(Some(group()))
    }

    async fn delete_group(&self, id: &str, options: WriteOptions) -> Result<(), Error> {
        self.note(format!("delete_group {id} {options:?}"));
        Ok(())
    }

    async fn list_members(&self, group_id: &str, query: PageQuery) -> Result<Page<Member>, Error> {
        self.note(format!("list_members {group_id} {query:?}"));
        Ok(page(Vec::new()))
    }

    async fn add_members(
        &self,
        group_id: &str,
        members: &[String],
        options: WriteOptions,
    ) -> Result<MembershipResult, Error> {
        self.note(format!("add_members {group_id} {members:?} {options:?}"));
        Ok(MembershipResult { applied: members.to_vec(), ..MembershipResult::default() })
    }

    async fn remove_members(
        &self,
        group_id: &str,
        members: &[String],
        options: WriteOptions,
    ) -> Result<MembershipResult, Error> {
        self.note(format!("remove_members {group_id} {members:?} {options:?}"));
        Ok(MembershipResult { unchanged: members.to_vec(), ..MembershipResult::default() })
    }

    async fn page_cursors(&self, next_cursor: &str, at_most: u32) -> Result<Vec<String>, Error> {
        self.note(format!("page_cursors {next_cursor} {at_most}"));
        Ok(vec![next_cursor.to_owned()])
    }

    async fn request(&self, request: VendorRequest) -> Result<Reply, Error> {
        self.note(format!("request {request:?}"));
        Ok(Reply { status: 200, headers: vec![("etag".to_owned(), "1".to_owned())], body: vec![0xff, 0x00] })
    }

    async fn describe(&self) -> Result<Description, Error> {
        self.note("describe".to_owned());
        Err(Error::new(ErrorKind::Unsupported, "nothing to describe"))
    }
}

/// What a request is answered, and what the directory was asked for it.
async fn told(text: &str) -> String {
    let scribe = Scribe::default();
    let response = match Request::read(text.as_bytes()) {
        Ok(request) => request.call(&scribe).await,
        Err(response) => response,
    };
    let mut told = response.to_string();
    for asked in scribe.0.into_inner().unwrap() {
        told = format!("{asked}\n{told}");
    }
    told
}

async fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&told(text).await);
}

#[tokio::test]
async fn a_page_is_the_lists_one_form() {
    check(r#"{"jsonrpc":"2.0","id":1,"method":"list-users","params":{"size":50}}"#, &expect![[r#"
        list_users PageQuery { cursor: None, size: Some(50), options: ReadOptions { remote_data: false } }
        {"jsonrpc":"2.0","id":1,"result":{"result":[{"id":"7","emails":[],"groups":[]}],"next_cursor":null,"prev_cursor":null,"result_count":1,"is_partial_response":false,"total":1}}"#]]).await;
}

#[tokio::test]
async fn changes_set_and_clear() {
    check(
        r#"{"jsonrpc":"2.0","id":"a","method":"update-user","params":{"id":"7","changes":{"title":"Boss","department":null,"emails":["a@a.example",{"email":"b@b.example","type":"work"}],"custom.badge":7,"custom.tags":["x"],"custom.on":true},"verify":true}}"#,
        &expect![[r#"
            update_user 7 [Change { field: "title", value: Some(Text("Boss")) }, Change { field: "department", value: None }, Change { field: "emails", value: Some(Emails([Email { email: "a@a.example", type: None, is_primary: None }, Email { email: "b@b.example", type: Some("work"), is_primary: None }])) }, Change { field: "custom.badge", value: Some(Number(7.0)) }, Change { field: "custom.tags", value: Some(Texts(["x"])) }, Change { field: "custom.on", value: Some(Boolean(true)) }] WriteOptions { verify: true, allow_rename: false, allow_empty: false }
            {"jsonrpc":"2.0","id":"a","result":null}"#]],
    )
    .await;
}

#[tokio::test]
async fn a_failed_call_says_what_to_do_next() {
    check(r#"{"jsonrpc":"2.0","id":2,"method":"get-user","params":{"id":"9"}}"#, &expect![[r#"
        get_user 9 ReadOptions { remote_data: false }
        {"jsonrpc":"2.0","id":2,"error":{"code":-32000,"message":"there is no user `9`","data":{"kind":"not-found","message":"there is no user `9`","effect":"none"}}}"#]]).await;
}

#[tokio::test]
async fn a_body_that_is_no_text_is_base64_both_ways() {
    check(
        r#"{"jsonrpc":"2.0","id":3,"method":"request","params":{"method":"POST","path":"Users","query":[["a","b"]],"body_base64":"AAE="}}"#,
        &expect![[r#"
            request VendorRequest { method: "POST", path: "Users", query: [("a", "b")], headers: [], body: Some([0, 1]) }
            {"jsonrpc":"2.0","id":3,"result":{"status":200,"headers":[["etag","1"]],"body_base64":"/wA="}}"#]],
    )
    .await;
}

#[tokio::test]
async fn what_is_no_request_does_nothing() {
    let mut told_all = String::new();
    for text in [
        "",
        "[]",
        "{}",
        "7",
        r#"{"jsonrpc":"1.0","id":1,"method":"describe"}"#,
        r#"{"jsonrpc":"2.0","id":null,"method":"describe"}"#,
        r#"{"jsonrpc":"2.0","method":"describe"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"drop-users"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"get-user"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"delete-user","params":{"id":"7","dry_run":true}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"find-user","params":{"username":"a","email":"b"}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"update-user","params":{"id":"7","changes":{"a":"b","a":null}}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"update-user","params":{"id":"7","changes":{"a":{}}}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"request","params":{"method":"POST","path":"x","body":"a","body_base64":"AA=="}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"request","params":{"method":"POST","path":"x","body_base64":"?"}}"#,
    ] {
        told_all += &told(text).await;
        told_all.push('\n');
    }
    expect![[r#"
        {"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"the request is not JSON: EOF while parsing a value at line 1 column 0"}}
        {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"the request is a batch; send each request alone"}}
        {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"the request is no JSON-RPC request: missing field `jsonrpc` at line 1 column 2"}}
        {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"the request is no JSON-RPC request: invalid type: integer `7`, expected an object with `jsonrpc`, `id`, `method` and `params` at line 1 column 1"}}
        {"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"the request is not of JSON-RPC 2.0"}}
        {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"the request has an `id` that is neither a text nor a number"}}
        {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"the request is no JSON-RPC request: missing field `id` at line 1 column 37"}}
        {"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"there is no method `drop-users`"}}
        {"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"the params of `get-user` are wrong: missing field `id` at line 1 column 2"}}
        {"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"the params of `delete-user` are wrong: unknown field `dry_run`, expected `id` or `verify` at line 1 column 19"}}
        {"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"the params of `find-user` are wrong: exactly one of `username`, `external_id` and `email` says whom to find"}}
        {"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"the params of `update-user` are wrong: the field `a` comes twice at line 1 column 38"}}
        {"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"the params of `update-user` are wrong: the field `a` has a value that no field can have at line 1 column 28"}}
        {"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"the params of `request` are wrong: `body` and `body_base64` exclude each other"}}
        {"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"the params of `request` are wrong: `body_base64` is not base64: Invalid symbol 63, offset 0."}}
    "#]].assert_eq(&told_all);
}

#[tokio::test]
async fn every_method_is_in_the_schema_with_its_params() {
    let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
    let params = schema["$defs"]["params"].as_object().unwrap();
    assert_eq!(params.keys().map(String::as_str).collect::<BTreeSet<_>>(), BTreeSet::from(METHODS));
    for method in METHODS {
        // What serde says of a param that nobody knows is the list of those that are known.
        let request = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{"no such":1}}}}"#);
        let told = told(&request).await;
        let known = told.split("expected").nth(1).unwrap_or_default();
        let known: BTreeSet<_> = known.split('`').skip(1).step_by(2).collect();
        let properties = params[method]["properties"].as_object().unwrap();
        assert!(told.contains("unknown field"), "{method}: {told}");
        assert_eq!(known, properties.keys().map(String::as_str).collect(), "{method}");
    }
}

#[tokio::test]
async fn a_response_is_one_line_whatever_the_vendor_wrote() {
    let remote_data = Json::from_text("{\n \"id\": 1\r\n}");
    let result = serde_json::value::to_raw_value(&User { remote_data: Some(remote_data), ..user() }).unwrap();
    let response = Response { jsonrpc: VERSION, id: Some(Json::from_text("1")), result: Some(result), error: None };
    assert_eq!(response.to_string().lines().count(), 1);
    assert!(serde_json::from_str::<serde_json::Value>(&response.to_string()).is_ok());
}

#[tokio::test]
async fn bytes_that_are_no_text_are_no_request() {
    let response = Request::read(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}").unwrap_err();
    assert_eq!(response.error_kind(), Some(ErrorKind::InvalidInput));
}

proptest! {
    #[test]
    fn no_text_panics_the_reader(text in "\\PC{0,80}", params in "[\\[\\]{}\",:a-z0-9]{0,30}") {
        let _ = Request::read(text.as_bytes());
        let _ = Request::read(format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{text}","params":{params}}}"#).as_bytes());
    }
}
