//! Making and changing users and groups: what is typed, what is sent, what is printed.

use expect_test::expect;

use crate::run::{Company, directory, tell_with};

const NEW: &str = "mara.lind@acme.example";

/// The body of the last request that may have changed something.
fn sent(company: &Company) -> serde_json::Value {
    let exchanges = company.emulator.exchanges();
    let last = exchanges.iter().rfind(|exchange| exchange.method != "GET").unwrap();
    serde_json::from_slice(&last.request_body).unwrap()
}

#[test]
fn a_user_is_made_from_flags() {
    let company = Company::small();
    let create = [
        "users",
        "create",
        "--username",
        NEW,
        "--given-name",
        "Mara",
        "--family-name",
        "Lind",
        "--external-id",
        "x1",
        "--email",
        "a@acme.example",
        "--email",
        "b@acme.example",
        "--set",
        "cost-center=CC-1",
        "--set",
        "status=active",
    ];
    company.check(
        &create,
        &expect![[r#"
        {
          "id": "7682dacc-e083-422c-b5fa-9f71e2c590bc",
          "external_id": "x1",
          "username": "mara.lind@acme.example",
          "first_name": "Mara",
          "last_name": "Lind",
          "status": "active",
          "emails": [
            {
              "email": "a@acme.example"
            },
            {
              "email": "b@acme.example"
            }
          ],
          "groups": [],
          "cost_center": "CC-1",
          "created_at": "2026-05-28T20:26:40Z",
          "updated_at": "2026-05-28T20:26:40Z"
        }
        exit 0
    "#]],
    );
    expect![[r#"[{"value":"a@acme.example"},{"value":"b@acme.example"}]"#]]
        .assert_eq(&serde_json::to_string(&sent(&company)["emails"]).unwrap());
    let made = company.emulator.directory().user_named(NEW).unwrap();
    assert_eq!((made.given_name.as_deref(), made.cost_center.as_deref()), (Some("Mara"), Some("CC-1")));
}

#[test]
fn a_user_is_made_from_what_get_prints() {
    let company = Company::small();
    let id = company.emulator.users()[0].id.clone();
    let printed: serde_json::Value = serde_json::from_str(&company.print(&["users", "get", &id])).unwrap();
    let mut user = printed.as_object().unwrap().clone();
    let read_only = ["created_at", "groups", "id", "updated_at"];
    for field in read_only {
        let document = serde_json::to_string(&user).unwrap();
        let told = tell_with(&document, &mut company.command(&["users", "create", "-f", "-"]));
        assert!(told.ends_with(&format!("hint: remove `{field}` from the file\nexit 2\n")), "{told}");
        user.remove(field).unwrap();
    }
    user["username"] = NEW.into();
    let file = directory().join("user.json");
    std::fs::write(&file, serde_json::to_string(&user).unwrap()).unwrap();
    let made: serde_json::Value =
        serde_json::from_str(&company.print(&["users", "create", "--file", file.to_str().unwrap()])).unwrap();
    for field in ["name", "first_name", "title", "emails", "department", "status"] {
        assert_eq!(made[field], printed[field], "{field}");
    }
    assert_eq!(company.writes(), ["POST"]);
}

#[test]
fn what_is_wrong_with_a_user_is_said_before_anything_is_sent() {
    let company = Company::small();
    company.check(
        &["users", "create", "--name", "Mara"],
        &expect![[r#"
        error: a user needs a username
        hint: `--username`, `--set username=…` or `--file` gives it
        exit 2
    "#]],
    );
    company.check(&["users", "create", "--username", NEW, "--set", "shoe_size=42"], &expect![[r#"
        error: a user has no field `shoe_size`
        hint: fields that can be written: external_id, username, name, first_name, last_name, nick_name, title, user_type, status, emails, department, cost_center, division, organization
        exit 2
    "#]]);
    company.check(
        &["users", "create", "--username", NEW, "--title", ""],
        &expect![[r#"
        error: the field `title` is set to nothing
        hint: `update` with `--clear title` clears it
        exit 2
    "#]],
    );
    company.check(
        &["users", "create", "--username", NEW, "--set", "username=other"],
        &expect![[r#"
        error: the field `username` is given twice
        hint: give it once, in the file, by its flag, by `--set` or by `--clear`
        exit 2
    "#]],
    );
    company.check(
        &["users", "create", "--username", NEW, "--set", "groups=Ops"],
        &expect![[r#"
        error: the field `groups` is the vendor's to set
        hint: leave it out; `portcullis describe` tells which fields can be written
        exit 2
    "#]],
    );
    company.check(
        &["users", "update", "id:1"],
        &expect![[r#"
        error: there is nothing to change
        hint: name fields by their flags, `--set`, `--clear` or `--file`
        exit 2
    "#]],
    );
    company.check(
        &["users", "update", "id:1", "--clear", "username"],
        &expect![[r#"
        error: the field `username` cannot be cleared
        hint: `portcullis describe` tells which fields can be cleared
        exit 2
    "#]],
    );
    company.check(
        &["users", "create", "-f", "/nowhere/user.json"],
        &expect![[r#"
        error: the user cannot be read from `/nowhere/user.json`: No such file or directory
        hint: `--file` takes a file that you can read, or `-`
        exit 2
    "#]],
    );
    for (document, told) in [
        (
            r#"{"username":"a","title":null}"#,
            expect![[r#"
            error: the field `title` of the file is `null`, and there is nothing to clear yet
            hint: remove `title` from the file
            exit 2
        "#]],
        ),
        (
            "{\"username\":\"a\"}\n{\"username\":\"b\"}\n",
            expect![[r#"
            error: the file does not hold one JSON object: trailing characters at line 2 column 1
            hint: it takes one object, as `get --output json` prints it
            exit 2
        "#]],
        ),
        (
            r#"{"username":"a","title":7}"#,
            expect![[r#"
            error: the field `title` of the file is not text
            hint: write it as `get --output json` does
            exit 2
        "#]],
        ),
    ] {
        told.assert_eq(&tell_with(document, &mut company.command(&["users", "create", "-f", "-"])));
    }
    assert_eq!(company.emulator.request_count(), 0);
}

#[test]
fn a_username_that_is_taken_is_a_conflict() {
    let company = Company::small();
    let id = company.emulator.users()[0].id.clone();
    let taken = company.emulator.users()[0].user_name.clone();
    let told = company.run(&["users", "create", "--username", &taken]);
    assert!(told.contains(&format!("`{id}`")) && told.ends_with("exit 4\n"), "{told}");
}

#[test]
fn fields_are_set_and_cleared_and_others_left_alone() {
    let company = Company::small();
    let user = company.emulator.users()[1].clone();
    company.check(
        &["users", "update", &user.user_name, "--set", "title=Boss", "--clear", "department", "-o", "table"],
        &expect![[r#"
            id            313ccaa6-ef13-4b85-8b02-f39600e482ff
            external_id   00uea5f57301
            username      tanya+smith@acme.example
            name          Smith, Tanya
            first_name    Tanya
            last_name     Smith
            title         Boss
            user_type     ZPA User
            status        active
            emails        tanya+smith@acme.example
            groups        Ops;Finance EU
            group_ids     bf3fb73c-bda3-4686-8889-0d5b4ac42fb5;8935b08d-2796-43e2-b859-ad5c63ccdb90
            cost_center   CC-43
            division      APAC
            organization  Acme Labs
            created_at    2023-04-07T19:19:26Z
            updated_at    2026-05-28T20:26:40Z
            extras        {"name.formatted":"Tanya Smith"}
            exit 0
        "#]],
    );
    let after = company.emulator.directory().user(&user.id).unwrap();
    assert_eq!((after.title.as_deref(), after.department, after.cost_center), (Some("Boss"), None, user.cost_center));
    let null =
        tell_with("{\"division\":null,\"emails\":[]}", &mut company.command(&["users", "update", &user.id, "-f", "-"]));
    assert!(null.ends_with("exit 0\n"), "{null}");
    let after = company.emulator.directory().user(&user.id).unwrap();
    assert_eq!((after.division, after.emails), (None, vec![]));
}

#[test]
fn a_custom_field_is_set_by_the_type_of_its_mapping() {
    let company = Company::small();
    let file = directory().join("settings.json");
    let settings = r#"{"mapping":{"user":{"custom.nick":{"read":"nickName","write":"nickName","clear":"nickName"}, "nick_name":{"read":"title","write":null,"clear":null}}}}"#;
    std::fs::write(&file, settings).unwrap();
    let user = company.emulator.users()[0].clone();
    let told =
        company.run(&["users", "update", &user.id, "--set", "custom.nick=Olli", "--settings", file.to_str().unwrap()]);
    assert!(told.ends_with("exit 0\n"), "{told}");
    assert_eq!(company.emulator.directory().user(&user.id).unwrap().nick_name.as_deref(), Some("Olli"));
}

#[test]
fn another_username_is_another_thing_and_has_to_be_meant() {
    let company = Company::small();
    let user = company.emulator.users()[0].clone();
    company.check(&["users", "update", &user.id, "--username", NEW], &expect![[r#"
        error: a change of `username` needs `allow-rename`: the vendor deletes what it keeps under the old name and cuts the user off until the next sign-in
        hint: `--allow-rename` permits it
        exit 2
    "#]]);
    assert_eq!(company.writes(), [""; 0]);
    company.print(&["users", "update", &user.id, "--username", NEW, "--allow-rename"]);
    assert_eq!(company.emulator.directory().user(&user.id).unwrap().user_name, NEW);
}

#[test]
fn a_write_that_the_vendor_ignored_is_found_out_by_verifying() {
    let company = Company::turned(&["patch-effect=ignored"]);
    let user = company.emulator.users()[0].clone();
    let update = ["users", "update", &user.id, "--title", "Boss"];
    company.print(&update);
    let told = company.run(&[&update[..], &["--verify"]].concat());
    assert!(told.ends_with("exit 7\n"), "{told}");
}

#[test]
fn a_write_without_an_answer_may_have_been_done() {
    let company = Company::with_faults(&["reset=applied method=POST path=/Users"]);
    company.check(&["users", "create", "--username", NEW], &expect![[r#"
        error: the connection broke: Connection reset by peer (`connection`)
        hint: it may have been done: `portcullis users find --username mara.lind@acme.example` tells; do not repeat it before
        exit 5
    "#]]);
    assert!(company.emulator.directory().user_named(NEW).is_some());
    let company = Company::with_faults(&["reset=applied method=PATCH path=/Users"]);
    let user = company.emulator.users()[0].id.clone();
    company.check(&["users", "update", &format!("id:{user}"), "--title", "Boss"], &expect![[r#"
        error: the connection broke: Connection reset by peer (`connection`)
        hint: it may have been done: `portcullis users get 7fdcf65d-817c-4a9a-8fda-741b104115aa` tells; repeating it does no harm
        exit 5
    "#]]);
}

#[test]
fn a_group_is_made_renamed_and_deleted() {
    let company = Company::small();
    company.check(
        &["groups", "create", "--name", "Quarantine", "--external-id", "q"],
        &expect![[r#"
        {
          "id": "7682dacc-e083-422c-b5fa-9f71e2c590bc",
          "external_id": "q",
          "name": "Quarantine",
          "created_at": "2026-05-28T20:26:40Z",
          "updated_at": "2026-05-28T20:26:40Z"
        }
        exit 0
    "#]],
    );
    let quarantine = ["-o", "ndjson"];
    company.check(&[&["groups", "rename", "QUARANTINE", "Quarantine EU"], &quarantine[..]].concat(), &expect![[r#"
        {"id":"7682dacc-e083-422c-b5fa-9f71e2c590bc","external_id":"q","name":"Quarantine EU","created_at":"2026-05-28T20:26:40Z","updated_at":"2026-05-28T20:26:40Z"}
        exit 0
    "#]]);
    company.check(
        &["groups", "delete", "Quarantine EU"],
        &expect![[r#"
        error: deleting a group is asked about first, and there is no terminal to ask at; nothing was sent
        hint: `--yes` does it, and `--dry-run` shows what would be sent
        exit 2
    "#]],
    );
    company.check(
        &["groups", "delete", "Quarantine EU", "--yes"],
        &expect![[r#"
        warning: this deletes the group 7682dacc-e083-422c-b5fa-9f71e2c590bc (Quarantine EU)
        warning: access rules hang on the group's id, and a group that is made anew has another
        note: the group 7682dacc-e083-422c-b5fa-9f71e2c590bc (Quarantine EU) is deleted
        exit 0
    "#]],
    );
    assert_eq!(company.emulator.directory().group_count(), 2);
    company.check(
        &["groups", "create", "--external-id", "q"],
        &expect![[r#"
        error: a group needs a name
        hint: `--name`, `--set name=…` or `--file` gives it
        exit 2
    "#]],
    );
    let told =
        tell_with(r#"{"name":"From a file"}"#, &mut company.command(&["groups", "create", "-f", "-", "-o", "csv"]));
    assert!(told.contains(",From a file,") && told.ends_with("exit 0\n"), "{told}");
}
