//! What results look like, whole.

use expect_test::expect;
use portcullis_emulator::Options;

use crate::run::Company;

#[test]
fn a_table_has_no_limit_where_there_is_no_terminal() {
    Company::small().check(&["users", "list", "--output", "table"], &expect![[r#"
        ID                                    USERNAME                     NAME           STATUS  DEPARTMENT          GROUPS
        7fdcf65d-817c-4a9a-8fda-741b104115aa  oliver.conti@acme.example    Oliver Conti   active  Procurement         Ops
        313ccaa6-ef13-4b85-8b02-f39600e482ff  tanya+smith@acme.example     Smith, Tanya   active  IT, Infrastructure  Ops;Finance EU
        200014                                oliver.mueller@acme.example  Oliver Müller  active  Engineering
        exit 0
    "#]]);
}

#[test]
fn json_is_the_envelope_and_the_default_where_there_is_no_terminal() {
    let company = Company::small();
    company.check(
        &["users", "list", "--limit", "2"],
        &expect![[r#"
            {
              "result": [
                {
                  "id": "7fdcf65d-817c-4a9a-8fda-741b104115aa",
                  "external_id": "00u93fbc4930",
                  "username": "oliver.conti@acme.example",
                  "name": "Oliver Conti",
                  "first_name": "Oliver",
                  "last_name": "Conti",
                  "title": "Manager",
                  "user_type": "Contractor",
                  "status": "active",
                  "emails": [
                    {
                      "email": "oliver.conti@acme.example"
                    }
                  ],
                  "groups": [
                    {
                      "id": "bf3fb73c-bda3-4686-8889-0d5b4ac42fb5",
                      "name": "Ops"
                    }
                  ],
                  "department": "Procurement",
                  "cost_center": "CC-65",
                  "division": "EMEA",
                  "organization": "Acme Deutschland GmbH & Co. KG",
                  "created_at": "2023-09-05T09:50:39Z",
                  "updated_at": "2025-09-25T18:15:07Z"
                },
                {
                  "id": "313ccaa6-ef13-4b85-8b02-f39600e482ff",
                  "external_id": "00uea5f57301",
                  "username": "tanya+smith@acme.example",
                  "name": "Smith, Tanya",
                  "first_name": "Tanya",
                  "last_name": "Smith",
                  "title": "Account Executive",
                  "user_type": "ZPA User",
                  "status": "active",
                  "emails": [
                    {
                      "email": "tanya+smith@acme.example"
                    }
                  ],
                  "groups": [
                    {
                      "id": "bf3fb73c-bda3-4686-8889-0d5b4ac42fb5",
                      "name": "Ops"
                    },
                    {
                      "id": "8935b08d-2796-43e2-b859-ad5c63ccdb90",
                      "name": "Finance EU"
                    }
                  ],
                  "department": "IT, Infrastructure",
                  "cost_center": "CC-43",
                  "division": "APAC",
                  "organization": "Acme Labs",
                  "created_at": "2023-04-07T19:19:26Z",
                  "updated_at": "2024-12-28T09:33:43Z",
                  "extras": {
                    "name.formatted": "Tanya Smith"
                  }
                }
              ],
              "next_cursor": "CURSOR",
              "prev_cursor": null,
              "result_count": 2,
              "is_partial_response": false,
              "total": 3
            }
            exit 0
        "#]],
    );
    assert_eq!(company.run(&["users", "list"]), company.run(&["users", "list", "--output", "json"]));
}

#[test]
fn a_line_of_ndjson_is_an_object() {
    Company::small().check(&["users", "list", "--output", "ndjson"], &expect![[r#"
        {"id":"7fdcf65d-817c-4a9a-8fda-741b104115aa","external_id":"00u93fbc4930","username":"oliver.conti@acme.example","name":"Oliver Conti","first_name":"Oliver","last_name":"Conti","title":"Manager","user_type":"Contractor","status":"active","emails":[{"email":"oliver.conti@acme.example"}],"groups":[{"id":"bf3fb73c-bda3-4686-8889-0d5b4ac42fb5","name":"Ops"}],"department":"Procurement","cost_center":"CC-65","division":"EMEA","organization":"Acme Deutschland GmbH & Co. KG","created_at":"2023-09-05T09:50:39Z","updated_at":"2025-09-25T18:15:07Z"}
        {"id":"313ccaa6-ef13-4b85-8b02-f39600e482ff","external_id":"00uea5f57301","username":"tanya+smith@acme.example","name":"Smith, Tanya","first_name":"Tanya","last_name":"Smith","title":"Account Executive","user_type":"ZPA User","status":"active","emails":[{"email":"tanya+smith@acme.example"}],"groups":[{"id":"bf3fb73c-bda3-4686-8889-0d5b4ac42fb5","name":"Ops"},{"id":"8935b08d-2796-43e2-b859-ad5c63ccdb90","name":"Finance EU"}],"department":"IT, Infrastructure","cost_center":"CC-43","division":"APAC","organization":"Acme Labs","created_at":"2023-04-07T19:19:26Z","updated_at":"2024-12-28T09:33:43Z","extras":{"name.formatted":"Tanya Smith"}}
        {"id":"200014","external_id":"legacy-2","username":"oliver.mueller@acme.example","name":"Oliver Müller","first_name":"Oliver","last_name":"Müller","nick_name":"Oliver","user_type":"ZPA User","status":"active","emails":[{"email":"oliver.mueller@acme.example"}],"groups":[],"department":"Engineering","cost_center":"CC-38","division":"Group Functions","organization":"Acme","created_at":"2021-01-27T13:01:28Z","updated_at":"2021-01-27T13:01:28Z"}
        exit 0
    "#]]);
}

#[test]
fn csv_has_every_field_and_always_the_same_header() {
    Company::small().check(&["users", "list", "-o", "csv"], &expect![[r#"
        id,external_id,username,name,first_name,last_name,nick_name,title,user_type,status,emails,groups,group_ids,department,cost_center,division,organization,created_at,updated_at,extras,remote_data
        7fdcf65d-817c-4a9a-8fda-741b104115aa,00u93fbc4930,oliver.conti@acme.example,Oliver Conti,Oliver,Conti,,Manager,Contractor,active,oliver.conti@acme.example,Ops,bf3fb73c-bda3-4686-8889-0d5b4ac42fb5,Procurement,CC-65,EMEA,Acme Deutschland GmbH & Co. KG,2023-09-05T09:50:39Z,2025-09-25T18:15:07Z,,
        313ccaa6-ef13-4b85-8b02-f39600e482ff,00uea5f57301,tanya+smith@acme.example,"Smith, Tanya",Tanya,Smith,,Account Executive,ZPA User,active,tanya+smith@acme.example,Ops;Finance EU,bf3fb73c-bda3-4686-8889-0d5b4ac42fb5;8935b08d-2796-43e2-b859-ad5c63ccdb90,"IT, Infrastructure",CC-43,APAC,Acme Labs,2023-04-07T19:19:26Z,2024-12-28T09:33:43Z,"{""name.formatted"":""Tanya Smith""}",
        200014,legacy-2,oliver.mueller@acme.example,Oliver Müller,Oliver,Müller,Oliver,,ZPA User,active,oliver.mueller@acme.example,,,Engineering,CC-38,Group Functions,Acme,2021-01-27T13:01:28Z,2021-01-27T13:01:28Z,,
        exit 0
    "#]]);
    Company::of(0, 0, &[]).check(&["users", "list", "-o", "csv"], &expect![[r#"
        id,external_id,username,name,first_name,last_name,nick_name,title,user_type,status,emails,groups,group_ids,department,cost_center,division,organization,created_at,updated_at,extras,remote_data
        note: 0 of 0 users
        exit 0
    "#]]);
    Company::of(0, 0, &[]).check(
        &["groups", "list", "--all", "-o", "csv"],
        &expect![[r#"
            id,external_id,name,description,group_type,created_at,updated_at,extras,remote_data
            note: 0 of 0 groups
            exit 0
        "#]],
    );
}

#[test]
fn an_empty_list_is_an_empty_list_in_every_format() {
    let company = Company::of(0, 0, &[]);
    company.check(
        &["users", "list", "-o", "table"],
        &expect![[r#"
        note: 0 of 0 users
        exit 0
    "#]],
    );
    company.check(
        &["users", "list", "-o", "ndjson"],
        &expect![[r#"
        note: 0 of 0 users
        exit 0
    "#]],
    );
    company.check(
        &["users", "list", "--all", "-o", "json"],
        &expect![[r#"
        {
          "result": [],
          "next_cursor": null,
          "prev_cursor": null,
          "result_count": 0,
          "is_partial_response": false,
          "total": 0
        }
        exit 0
    "#]],
    );
}

#[test]
fn remote_data_is_the_vendors_own_text() {
    let company = Company::of(1, 1, &[]);
    let printed = company.print(&["users", "list", "--remote-data", "-o", "ndjson"]);
    let body = String::from_utf8(company.emulator.exchanges()[0].response_body.to_vec()).unwrap();
    let (_, row) = body.split_once("\"Resources\":[").unwrap();
    let row = row.strip_suffix("]}").unwrap();
    assert!(printed.ends_with(&format!(",\"remote_data\":{row}}}\n")), "{printed}");
    assert_eq!(printed.lines().count(), 1);
}

#[test]
fn a_walk_is_printed_as_a_page_is() {
    let company = Company::start(Options { users: 250, groups: 3, ..Options::default() });
    for format in ["ndjson", "csv"] {
        let walked = company.print(&["users", "list", "--all", "-o", format]);
        assert_eq!(walked, company.print(&["users", "list", "--all", "--limit", "7", "-o", format]));
    }
    let walked = company.print(&["groups", "list", "--all"]);
    assert_eq!(walked, company.print(&["groups", "list"]));
}

#[test]
fn a_page_leads_to_the_next_and_back() {
    let company = Company::small();
    let page = |arguments: &[&str]| -> serde_json::Value {
        let arguments = [&["users", "list", "--limit", "2"], arguments].concat();
        serde_json::from_str(&company.print(&arguments)).unwrap()
    };
    let first = page(&[]);
    let second = page(&["--cursor", first["next_cursor"].as_str().unwrap()]);
    assert_eq!(second["result_count"], 1);
    assert!(second["next_cursor"].is_null());
    assert_eq!(page(&["--cursor", second["prev_cursor"].as_str().unwrap()])["result"], first["result"]);
}
