//! `--dry-run` of every write: at the socket, nothing but reads arrives.

use expect_test::expect;
use portcullis_emulator::Group;

use crate::run::Company;

/// What every write would send.
const WRITES: [&[&str]; 11] = [
    &["users", "create", "--username", "mara.lind@acme.example", "--title", "Analyst"],
    &["users", "update", "oliver.conti@acme.example", "--set", "title=Boss"],
    &["users", "update", "oliver.conti@acme.example", "--set", "status=inactive"],
    &["users", "activate", "oliver.conti@acme.example"],
    &["users", "deactivate", "oliver.conti@acme.example"],
    &["users", "delete", "oliver.conti@acme.example"],
    &["groups", "create", "--name", "Quarantine"],
    &["groups", "rename", "Ops", "Operations"],
    &["groups", "delete", "Ops"],
    &["groups", "add-member", "Finance EU", "oliver.conti@acme.example", "id:200014"],
    &["groups", "remove-member", "Ops", "oliver.conti@acme.example"],
];

#[test]
fn nothing_is_written() {
    let company = Company::small();
    let before: (_, Vec<Group>) = (company.emulator.users(), company.emulator.directory().groups().collect());
    let told = WRITES.iter().map(|write| company.run(&[*write, &["--dry-run", "-o", "ndjson"]].concat()));
    let told: String = told.collect();
    expect![[r#"
        {"method":"POST","path":"Users","body":{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"mara.lind@acme.example","title":"Analyst"}}
        exit 0
        {"method":"PATCH","path":"Users/7fdcf65d-817c-4a9a-8fda-741b104115aa","body":{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"Boss"}]}}
        exit 0
        {"method":"PATCH","path":"Users/7fdcf65d-817c-4a9a-8fda-741b104115aa","body":{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"active","value":false}]}}
        exit 0
        {"method":"PATCH","path":"Users/7fdcf65d-817c-4a9a-8fda-741b104115aa","body":{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"active","value":true}]}}
        exit 0
        {"method":"PATCH","path":"Users/7fdcf65d-817c-4a9a-8fda-741b104115aa","body":{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"active","value":false}]}}
        exit 0
        {"method":"DELETE","path":"Users/7fdcf65d-817c-4a9a-8fda-741b104115aa","headers":[]}
        exit 0
        {"method":"POST","path":"Groups","body":{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Quarantine"}}
        exit 0
        {"method":"PATCH","path":"Groups/bf3fb73c-bda3-4686-8889-0d5b4ac42fb5","body":{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"displayName","value":"Operations"}]}}
        exit 0
        {"method":"DELETE","path":"Groups/bf3fb73c-bda3-4686-8889-0d5b4ac42fb5","headers":[]}
        exit 0
        {"method":"PATCH","path":"Groups/8935b08d-2796-43e2-b859-ad5c63ccdb90","body":{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"members","value":[{"value":"200014"}]},{"op":"add","path":"members","value":[{"value":"7fdcf65d-817c-4a9a-8fda-741b104115aa"}]}]}}
        exit 0
        {"method":"PATCH","path":"Groups/bf3fb73c-bda3-4686-8889-0d5b4ac42fb5","body":{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"remove","path":"members[value eq \"7fdcf65d-817c-4a9a-8fda-741b104115aa\"]"}]}}
        exit 0
    "#]].assert_eq(&told.replace("\"headers\":[[\"content-type\",\"application/scim+json\"]],", ""));
    assert_eq!(company.writes(), [""; 0]);
    assert_eq!(before, (company.emulator.users(), company.emulator.directory().groups().collect()));
}

#[test]
fn a_request_is_shown_with_a_member_a_line() {
    let company = Company::small();
    company.check(
        &[WRITES[1], &["--dry-run"]].concat(),
        &expect![[r#"
        would send: PATCH Users/7fdcf65d-817c-4a9a-8fda-741b104115aa
        {
          "schemas": [
            "urn:ietf:params:scim:api:messages:2.0:PatchOp"
          ],
          "Operations": [
            {
              "op": "replace",
              "path": "title",
              "value": "Boss"
            }
          ]
        }
        exit 0
    "#]],
    );
    company.check(
        &[WRITES[5], &["--dry-run", "--output", "table"]].concat(),
        &expect![[r#"
        would send: DELETE Users/7fdcf65d-817c-4a9a-8fda-741b104115aa
        exit 0
    "#]],
    );
}

#[test]
fn verifying_does_not_mistake_what_was_not_written() {
    let company = Company::small();
    for write in WRITES {
        let told = company.run(&[write, &["--dry-run", "--verify", "--output", "json"]].concat());
        let (document, exit) = told.rsplit_once("exit ").unwrap();
        let requests: Vec<serde_json::Value> = serde_json::from_str(document).unwrap();
        assert_eq!((requests.len(), exit), (1, "0\n"), "{told}");
    }
    assert_eq!(company.writes(), [""; 0]);
}

#[test]
fn what_would_do_nothing_would_send_nothing() {
    let company = Company::small();
    company.check(
        &["users", "delete", "id:gone", "--dry-run"],
        &expect![[r#"
        note: nothing would be sent
        exit 0
    "#]],
    );
    company.check(
        &["users", "delete", "id:gone", "--dry-run", "-o", "json"],
        &expect![[r#"
        []
        note: nothing would be sent
        exit 0
    "#]],
    );
    company.check(
        &["users", "delete", "nobody@acme.example", "--dry-run"],
        &expect![[r#"
        error: no user has the username `nobody@acme.example`
        hint: a name may be misspelt; with the id, deleting what is gone succeeds
        exit 3
    "#]],
    );
    company.check(
        &["groups", "remove-member", "Finance EU", "tanya+smith@acme.example", "--dry-run"],
        &expect![[r#"
            error: `members` are all 1 members of the group; `allow-empty` empties it
            hint: `--allow-empty` permits it
            exit 2
        "#]],
    );
}
