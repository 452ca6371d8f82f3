//! `call` and `worker`: JSON in and out, for programs.

use expect_test::expect;
use serde_json::{Value, json};

use crate::run::{Company, tell_with};

fn responses(company: &Company, arguments: &[&str], requests: &[Value]) -> Vec<Value> {
    let lines: Vec<String> = requests.iter().map(Value::to_string).collect();
    let input = lines.join("\n");
    let told = tell_with(&input, &mut company.command(arguments));
    let (out, exit) = told.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(exit, "exit 0", "{told}");
    let mut responses: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    responses.sort_by_key(|response| response["id"].as_u64());
    responses
}

fn request(id: u32, method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

#[test]
fn one_call_is_one_json_document() {
    let company = Company::small();
    let told = tell_with(r#"{"username": "nobody@acme.example"}"#, &mut company.command(&["call", "find-user"]));
    expect![[r#"
        {"jsonrpc":"2.0","id":1,"result":[]}
        exit 0
    "#]]
    .assert_eq(&told);
    let told = tell_with(r#"{"id": "no-such"}"#, &mut company.command(&["call", "get-user"]));
    expect![[r#"
        {"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"there is no user with the id `no-such`","data":{"kind":"not-found","message":"there is no user with the id `no-such`","http_status":404,"effect":"none"}}}
        exit 3
    "#]].assert_eq(&told);
    let told = tell_with("{", &mut company.command(&["call", "get-user"]));
    expect![[r#"
        {"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"the params are not JSON: EOF while parsing an object at line 1 column 1"}}
        exit 2
    "#]].assert_eq(&told);
    let told = tell_with(r#"{"ID": "7"}"#, &mut company.command(&["call", "get-user"]));
    expect![[r#"
        {"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"the params of `get-user` are wrong: unknown field `ID`, expected `id` or `remote_data` at line 1 column 5"}}
        exit 2
    "#]].assert_eq(&told);
}

#[test]
fn the_schema_is_printed_without_an_account() {
    let schema = crate::run::output(&mut crate::run::bare(&["call", "--schema"]));
    let schema: Value = serde_json::from_slice(&schema.stdout).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
}

#[test]
fn a_worker_answers_every_request_of_many() {
    let company = Company::small();
    let user = json!({"username": "mara.lind@acme.example", "first_name": "Mara"});
    let created = responses(&company, &["worker"], &[request(1, "create-user", &json!({"changes": user}))]);
    let id = created[0]["result"]["id"].as_str().unwrap();
    let mut requests: Vec<_> = (1..=40).map(|number| request(number, "get-user", &json!({"id": id}))).collect();
    requests.push(request(41, "no-such", &json!({})));
    let responses = responses(&company, &["worker", "--concurrency", "4"], &requests);
    assert_eq!(responses.len(), 41);
    for (number, response) in (1..=40).zip(&responses) {
        assert_eq!(response["id"], number);
        assert_eq!(response["result"]["username"], "mara.lind@acme.example");
    }
    assert_eq!(responses[40]["error"]["code"], -32601);
}
