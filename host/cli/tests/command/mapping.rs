//! `mapping`.

use std::fs;

use expect_test::expect;

use crate::run::{bare, directory, output, tell};

/// A file of this content, and its name.
fn file(name: &str, content: &str) -> String {
    let file = directory().join(name);
    fs::write(&file, content).unwrap();
    file.into_os_string().into_string().unwrap()
}

const SAMPLE: &str = r#"{"id": "7", "userName": "ines.moreau@acme.example", "active": "true", "emails": [{"value": "i@acme.example"}],
    "division": "EU", "shoeSize": 4.20,
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Legal"}}"#;

#[test]
fn a_sample_shows_what_each_field_reads() {
    let (settings, sample) = (file("settings.json", "{}"), file("user.json", SAMPLE));
    let told = tell(&mut bare(&["mapping", "check", &settings, "--sample", &sample, "-o", "table"]));
    let (users, groups) = told.split_once("\nFIELDS OF A GROUP\n").unwrap();
    let beginning: Vec<_> = users.lines().take(14).collect();
    expect![[r#"
        zpa 0.1.0: Zscaler Private Access (SCIM 2.0)

        FIELDS OF A USER
        id (text)
          reads  id
          writes nothing
          clears nothing
          from   zpa-scim 3.1
          sample "7"
        external_id (text)
          reads  externalId
          writes externalId
          clears externalId
          from   zpa-scim 3.1"#]]
    .assert_eq(&beginning.join("\n"));
    // A heading of a field, and what it reads.
    let (names, samples) =
        ("username (text)|status (status)|emails (emails)|department (text)|division (text)", "  sample");
    let read = users.lines().filter(|line| names.split('|').any(|name| name == *line) || line.starts_with(samples));
    let read: Vec<_> = read.filter(|line| *line != "  sample nothing").collect();
    expect![[r#"
          sample "7"
        username (text)
          sample "ines.moreau@acme.example"
        status (status)
          sample "active"
        emails (emails)
          sample [{"email":"i@acme.example"}]
        department (text)
          sample "Legal"
        division (text)
          sample "EU""#]]
    .assert_eq(&read.join("\n"));
    let end: Vec<_> = groups.lines().rev().take(8).collect();
    expect![[r#"
        exit 0
        shoeSize  4.20
        READ BY NO FIELD, KEPT IN EXTRAS

          from   zpa-scim 4
          clears nothing
          writes nothing
          reads  meta.lastModified"#]]
    .assert_eq(&end.join("\n"));
}

#[test]
fn a_field_of_the_settings_is_mapped_as_they_say() {
    let mapping = r#"{"custom.shoe":{"type":"number","read":"shoeSize","write":null},"title":{"read":["division","title"],"write":"title"}}"#;
    let settings = file("settings.json", &format!(r#"{{"mapping":{{"user":{mapping}}}}}"#));
    let told = tell(&mut bare(&["mapping", "check", &settings, "--sample", &file("user.json", SAMPLE), "-o", "csv"]));
    let rows: Vec<_> =
        told.lines().filter(|line| line.contains(",custom.shoe,") || line.contains(",title,text")).collect();
    expect![[r#"
        user,title,text,division;title,title,title,the account's settings,"""EU"""
        user,custom.shoe,number,shoeSize,,,the account's settings,4.20"#]]
    .assert_eq(&rows.join("\n"));
}

#[test]
fn without_a_sample_it_is_the_mapping_alone() {
    let settings = file("settings.json", r#"{"quirks":{}}"#);
    let printed = output(&mut bare(&["mapping", "check", &settings, "-o", "csv"])).stdout;
    let printed = String::from_utf8(printed).unwrap();
    let lines: Vec<_> = printed.lines().take(3).collect();
    expect![[r#"
        resource,name,type,read,write,clear,source,value
        user,id,text,id,,,zpa-scim 3.1,
        user,external_id,text,externalId,externalId,externalId,zpa-scim 3.1,"#]]
    .assert_eq(&lines.join("\n"));
    let json: serde_json::Value =
        serde_json::from_slice(&output(&mut bare(&["mapping", "check", &settings])).stdout).unwrap();
    assert_eq!(json.as_array().unwrap().len(), printed.lines().count() - 1);
    assert!(json.as_array().unwrap().iter().all(|field| field.get("value").is_none()));
}

#[test]
fn a_group_is_a_sample_too() {
    let settings = file("settings.json", "{}");
    let sample =
        file("group.json", r#"{"id": "67979", "displayName": "Ops", "meta": {"created": "2022-02-08T09:37:44Z"}}"#);
    let told = tell(&mut bare(&["mapping", "check", &settings, "--group-sample", &sample, "-o", "ndjson"]));
    let groups: Vec<_> = told.lines().filter(|line| line.contains(r#""resource":"group""#)).collect();
    expect![[r#"
        {"resource":"group","name":"id","type":"text","read":["id"],"write":null,"clear":null,"source":"zpa-scim 4","value":"67979"}
        {"resource":"group","name":"external_id","type":"text","read":["externalId"],"write":"externalId","clear":"externalId","source":"zpa-scim 4"}
        {"resource":"group","name":"name","type":"text","read":["displayName"],"write":"displayName","clear":null,"source":"zpa-scim 4, 6","value":"Ops"}
        {"resource":"group","name":"created_at","type":"text","read":["meta.created"],"write":null,"clear":null,"source":"zpa-scim 4","value":"2022-02-08T09:37:44Z"}
        {"resource":"group","name":"updated_at","type":"text","read":["meta.lastModified"],"write":null,"clear":null,"source":"zpa-scim 4"}"#]].assert_eq(&groups.join("\n"));
}

#[test]
fn what_is_wrong_with_the_settings_is_said_in_the_connectors_words() {
    for (settings, told) in [
        (
            "{",
            expect![[r#"
            error: the settings are wrong: it ends too early
            hint: `portcullis describe --output json` has the schema of the settings
            exit 2
        "#]],
        ),
        (
            r#"{"quirks":{"group-members":"by-name"}}"#,
            expect![[r#"
            error: the settings are wrong: quirk `group-members` is `"by-name"`, which is neither `by-id` nor `from-users`
            hint: `portcullis describe --output json` has the schema of the settings
            exit 2
        "#]],
        ),
        (
            r#"{"quirk":{}}"#,
            expect![[r#"
            error: the settings are wrong: there is no setting `quirk`
            hint: `portcullis describe --output json` has the schema of the settings
            exit 2
        "#]],
        ),
    ] {
        told.assert_eq(&tell(&mut bare(&["mapping", "check", &file("settings.json", settings)])));
    }
}

#[test]
fn a_mapping_that_cannot_be_is_refused_in_the_connectors_words() {
    let refused = |mapping: &str| {
        let settings = file("settings.json", &format!(r#"{{"mapping":{{"user":{mapping}}}}}"#));
        tell(&mut bare(&["mapping", "check", &settings])).lines().next().unwrap().to_owned()
    };
    expect!["error: the settings are wrong: there is no user field `shoe`; one of your own is `custom.` and letters, digits, `_` or `-`"].assert_eq(&refused(r#"{"shoe":{"read":"shoeSize"}}"#));
    expect!["error: the settings are wrong: `custom.x` has `a[` as `read`, which is no path: expected an attribute name at position 2"].assert_eq(&refused(r#"{"custom.x":{"read":"a[","write":"b"}}"#));
    expect!["error: the settings are wrong: `title` writes `title` and `custom.x` writes `title`: one place"]
        .assert_eq(&refused(r#"{"custom.x":{"read":"x","write":"title"}}"#));
}

#[test]
fn a_sample_that_is_none_is_refused() {
    let settings = file("settings.json", "{}");
    for (sample, told) in [
        (
            "no JSON",
            expect![[r#"
            error: the sample in `FILE` cannot be read: the vendor's answer is no user: unexpected `n` at line 1 column 1
            hint: a sample is one user as the vendor sends it, such as `portcullis vendor GET` prints
            exit 2
        "#]],
        ),
        (
            "{}",
            expect![[r#"
            error: the sample in `FILE` cannot be read: the vendor's answer is no user: it has no `id`
            hint: a sample is one user as the vendor sends it, such as `portcullis vendor GET` prints
            exit 2
        "#]],
        ),
    ] {
        let sample = file("user.json", sample);
        let refused = tell(&mut bare(&["mapping", "check", &settings, "--sample", &sample, "-o", "csv"]));
        told.assert_eq(&refused.replace(&sample, "FILE"));
    }
}
