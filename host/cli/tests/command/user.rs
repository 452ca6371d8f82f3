//! `users`.

use expect_test::expect;

use crate::run::Company;

#[test]
fn a_user_is_shown_field_by_field() {
    let company = Company::small();
    let id = &company.emulator.users()[1].id;
    company.check(
        &["users", "get", id, "--output", "table"],
        &expect![[r#"
        id            313ccaa6-ef13-4b85-8b02-f39600e482ff
        external_id   00uea5f57301
        username      tanya+smith@acme.example
        name          Smith, Tanya
        first_name    Tanya
        last_name     Smith
        title         Account Executive
        user_type     ZPA User
        status        active
        emails        tanya+smith@acme.example
        groups        Ops;Finance EU
        group_ids     bf3fb73c-bda3-4686-8889-0d5b4ac42fb5;8935b08d-2796-43e2-b859-ad5c63ccdb90
        department    IT, Infrastructure
        cost_center   CC-43
        division      APAC
        organization  Acme Labs
        created_at    2023-04-07T19:19:26Z
        updated_at    2024-12-28T09:33:43Z
        extras        {"name.formatted":"Tanya Smith"}
        exit 0
    "#]],
    );
}

#[test]
fn a_user_is_an_object_in_json() {
    let company = Company::small();
    let id = &company.emulator.users()[2].id;
    company.check(
        &["users", "get", id],
        &expect![[r#"
            {
              "id": "200014",
              "external_id": "legacy-2",
              "username": "oliver.mueller@acme.example",
              "name": "Oliver Müller",
              "first_name": "Oliver",
              "last_name": "Müller",
              "nick_name": "Oliver",
              "user_type": "ZPA User",
              "status": "active",
              "emails": [
                {
                  "email": "oliver.mueller@acme.example"
                }
              ],
              "groups": [],
              "department": "Engineering",
              "cost_center": "CC-38",
              "division": "Group Functions",
              "organization": "Acme",
              "created_at": "2021-01-27T13:01:28Z",
              "updated_at": "2021-01-27T13:01:28Z"
            }
            exit 0
        "#]],
    );
    company.check(&["users", "get", id, "-o", "ndjson"], &expect![[r#"
        {"id":"200014","external_id":"legacy-2","username":"oliver.mueller@acme.example","name":"Oliver Müller","first_name":"Oliver","last_name":"Müller","nick_name":"Oliver","user_type":"ZPA User","status":"active","emails":[{"email":"oliver.mueller@acme.example"}],"groups":[],"department":"Engineering","cost_center":"CC-38","division":"Group Functions","organization":"Acme","created_at":"2021-01-27T13:01:28Z","updated_at":"2021-01-27T13:01:28Z"}
        exit 0
    "#]]);
    company.check(&["users", "get", id, "-o", "csv"], &expect![[r#"
        id,external_id,username,name,first_name,last_name,nick_name,title,user_type,status,emails,groups,group_ids,department,cost_center,division,organization,created_at,updated_at,extras,remote_data
        200014,legacy-2,oliver.mueller@acme.example,Oliver Müller,Oliver,Müller,Oliver,,ZPA User,active,oliver.mueller@acme.example,,,Engineering,CC-38,Group Functions,Acme,2021-01-27T13:01:28Z,2021-01-27T13:01:28Z,,
        exit 0
    "#]]);
}

#[test]
fn a_username_is_found_by_the_vendor_in_any_case() {
    let company = Company::small();
    let username = company.emulator.users()[0].user_name.to_uppercase();
    company.check(
        &["users", "find", "--username", &username, "-o", "table"],
        &expect![[r#"
        ID                                    USERNAME                   NAME          STATUS  DEPARTMENT   GROUPS
        7fdcf65d-817c-4a9a-8fda-741b104115aa  oliver.conti@acme.example  Oliver Conti  active  Procurement  Ops
        exit 0
    "#]],
    );
    assert_eq!(company.emulator.request_count(), 1);
}

#[test]
fn a_key_that_the_vendor_cannot_search_by_is_found_by_reading_the_list() {
    let company = Company::of(250, 3, &[]);
    let user = company.emulator.users().into_iter().rev().find(|user| user.external_id.is_some()).unwrap();
    let external_id = user.external_id.unwrap();
    company.check(&["users", "find", "--external-id", &external_id, "-o", "csv"], &expect![[r#"
        id,external_id,username,name,first_name,last_name,nick_name,title,user_type,status,emails,groups,group_ids,department,cost_center,division,organization,created_at,updated_at,extras,remote_data
        a1fa3bd4-cd12-4d30-9295-cfe2f77ab1c3,00u50d8e6eaf9,oliver.walsh@acme.example,Oliver Walsh,Oliver,Walsh,Oliver,Senior Engineer,ZPA User,active,oliver.walsh@acme.example,Ops,bf3fb73c-bda3-4686-8889-0d5b4ac42fb5,Marketing,CC-42,Americas,Acme Labs,2026-03-22T16:49:00Z,2026-04-22T21:31:51Z,,
        note: the vendor cannot search users by external id (`no-filter`); reading the list, at most 1000000 users
        exit 0
    "#]]);
    // The refused search was not sent: the connector knows.
    assert_eq!(company.emulator.request_count(), 3);
    let email = user.emails[0].to_uppercase();
    company.check(
        &["users", "find", "--email", &email, "-o", "table"],
        &expect![[r#"
            ID                                    USERNAME                   NAME          STATUS  DEPARTMENT  GROUPS
            a1fa3bd4-cd12-4d30-9295-cfe2f77ab1c3  oliver.walsh@acme.example  Oliver Walsh  active  Marketing   Ops
            note: the vendor cannot search users by e-mail address (`no-filter`); reading the list, at most 1000000 users
            exit 0
        "#]],
    );
    let other_case = external_id.to_uppercase();
    assert_ne!(other_case, external_id);
    company.check(
        &["users", "find", "--external-id", &other_case],
        &expect![[r#"
            {
              "result": [],
              "next_cursor": null,
              "prev_cursor": null,
              "result_count": 0,
              "is_partial_response": false
            }
            note: the vendor cannot search users by external id (`no-filter`); reading the list, at most 1000000 users
            error: no user has the external id `00U50D8E6EAF9`
            hint: external ids are compared byte for byte
            exit 3
        "#]],
    );
}

#[test]
fn reading_the_list_has_a_bound() {
    let company = Company::of(250, 3, &[]);
    let arguments = ["users", "find", "--email", "nobody@acme.example", "--max-rows", "100"];
    company.check(
        &arguments,
        &expect![[r#"
            note: the vendor cannot search users by e-mail address (`no-filter`); reading the list, at most 100 users
            error: the list has more than 100 users, and was not read further
            hint: `--max-rows` sets how many are read
            exit 7
        "#]],
    );
    assert_eq!(company.emulator.request_count(), 2);
}

#[test]
fn nobody_found_is_an_empty_list_and_an_exit_code() {
    Company::small().check(
        &["users", "find", "--username", "nobody"],
        &expect![[r#"
        {
          "result": [],
          "next_cursor": null,
          "prev_cursor": null,
          "result_count": 0,
          "is_partial_response": false
        }
        error: no user has the username `nobody`
        hint: the whole value is compared, without regard to case
        exit 3
    "#]],
    );
}

#[test]
fn a_search_has_one_key() {
    Company::small().check(
        &["users", "find"],
        &expect![[r#"
            error: the following required arguments were not provided:
              <--username <U>|--external-id <X>|--email <E>>

            Usage: portcullis users find <--username <U>|--external-id <X>|--email <E>>

            For more information, try '--help'.
            exit 2
        "#]],
    );
    Company::small().check(
        &["users", "find", "--username", "a", "--email", "b"],
        &expect![[r#"
            error: the argument '--username <U>' cannot be used with '--email <E>'

            Usage: portcullis users find <--username <U>|--external-id <X>|--email <E>>

            For more information, try '--help'.
            exit 2
        "#]],
    );
}
