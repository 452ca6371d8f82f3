//! Members of groups.

use std::path::PathBuf;

use expect_test::expect;
use portcullis_emulator::Options;

use crate::run::{Company, directory, tell_with};

/// A company of three, and the ids of its users; the second group has one member, the second user.
fn company() -> (Company, Vec<String>) {
    let company = Company::small();
    let ids = company.emulator.users().into_iter().map(|user| user.id).collect();
    (company, ids)
}

fn members(company: &Company, name: &str) -> Vec<String> {
    let group = company.emulator.directory().groups().find(|group| group.display_name == name).unwrap();
    group.members
}

#[test]
fn users_are_added_by_whatever_names_them() {
    let (company, ids) = company();
    let add = ["groups", "add-member", "finance eu", "oliver.conti@acme.example", &ids[2], &ids[0], "--verify"];
    company.check(
        &add,
        &expect![[r#"
        {
          "applied": [
            "200014",
            "7fdcf65d-817c-4a9a-8fda-741b104115aa"
          ],
          "unchanged": [],
          "failed": []
        }
        exit 0
    "#]],
    );
    let mut after = members(&company, "Finance EU");
    after.sort();
    let mut expected = ids.clone();
    expected.sort();
    assert_eq!(after, expected);
    assert_eq!(company.writes(), ["PATCH"]);
}

#[test]
fn what_became_of_each_member_is_a_row() {
    let (company, ids) = company();
    let id = |id: &String| format!("id:{id}");
    company.check(
        &["groups", "add-member", "Finance EU", &id(&ids[0]), "-o", "table"],
        &expect![[r#"
        ID                                    RESULT
        7fdcf65d-817c-4a9a-8fda-741b104115aa  applied
        exit 0
    "#]],
    );
    company.check(
        &["groups", "remove-member", "Finance EU", &id(&ids[0]), &id(&ids[2]), "-o", "csv"],
        &expect![[r#"
            id,result,error
            7fdcf65d-817c-4a9a-8fda-741b104115aa,applied,
            200014,unchanged,
            exit 0
        "#]],
    );
    assert_eq!(members(&company, "Finance EU"), [ids[1].clone()]);
}

#[test]
fn the_last_member_goes_only_when_that_is_meant() {
    let (company, ids) = company();
    let remove = ["groups", "remove-member", "Finance EU", &ids[1]];
    company.check(
        &remove,
        &expect![[r#"
        error: `members` are all 1 members of the group; `allow-empty` empties it
        hint: `--allow-empty` permits it
        exit 2
    "#]],
    );
    assert_eq!(members(&company, "Finance EU"), [ids[1].clone()]);
    company.print(&[&remove[..], &["--allow-empty"]].concat());
    assert_eq!(members(&company, "Finance EU"), [""; 0]);
}

#[test]
fn a_removal_that_may_empty_the_group_is_asked_about() {
    let (company, ids) = company();
    let file = directory().join("settings.json");
    std::fs::write(&file, r#"{"quirks":{"member-removal":"values"}}"#).unwrap();
    let remove = ["groups", "remove-member", "Ops", &ids[0], "--settings", file.to_str().unwrap()];
    company.check(
        &remove,
        &expect![[r#"
        error: removing members from a group is asked about first, and there is no terminal to ask at; nothing was sent
        hint: `--yes` does it, and `--dry-run` shows what would be sent
        exit 2
    "#]],
    );
    assert_eq!(company.emulator.request_count(), 0);
    company.check(&[&remove[..], &["--yes", "-o", "csv"]].concat(), &expect![[r#"
        id,result,error
        7fdcf65d-817c-4a9a-8fda-741b104115aa,applied,
        warning: this takes 1 user out of the group bf3fb73c-bda3-4686-8889-0d5b4ac42fb5 (Ops)
        warning: the quirk `member-removal` has members listed beside the path; a vendor that ignores the list empties the group
        exit 0
    "#]]);
}

#[test]
fn a_file_has_a_user_a_line() {
    let (company, ids) = company();
    let file = directory().join("users.txt");
    std::fs::write(&file, format!("\r\n  oliver.conti@acme.example \r\nid:{}\n\n", ids[2])).unwrap();
    company.print(&["groups", "add-member", "Finance EU", "-f", file.to_str().unwrap()]);
    assert_eq!(members(&company, "Finance EU").len(), 3);
    let told = tell_with(&ids[2], &mut company.command(&["groups", "remove-member", "Finance EU", "-f", "-"]));
    assert!(told.ends_with("exit 0\n"), "{told}");
    assert_eq!(members(&company, "Finance EU").len(), 2);
    for (text, told) in [
        (
            "",
            expect![[r#"
        error: no user is named
        hint: a file has one user a line
        exit 2
    "#]],
        ),
        (
            "id:\n",
            expect![[r#"
        error: the line `id:` of standard input: it names nobody
        hint: a line is one user
        exit 2
    "#]],
        ),
    ] {
        told.assert_eq(&tell_with(text, &mut company.command(&["groups", "add-member", "Ops", "-f", "-"])));
    }
    company.check(
        &["groups", "add-member", "Ops"],
        &expect![[r#"
            error: the following required arguments were not provided:
              <USER>...

            Usage: portcullis groups add-member <GROUP> <USER>...

            For more information, try '--help'.
            exit 2
        "#]],
    );
}

#[test]
fn one_user_who_is_not_there_keeps_all_the_others_out() {
    let (company, ids) = company();
    company.check(
        &["groups", "add-member", "Finance EU", &ids[0], "nobody@acme.example", "ghost@acme.example"],
        &expect![[r#"
            error: no user has the username `nobody@acme.example`
            error: no user has the username `ghost@acme.example`
            error: 2 of 3 users cannot be told
            hint: nothing was written; mend or leave out those that are named here
            exit 3
        "#]],
    );
    assert_eq!(company.writes(), [""; 0]);
}

#[test]
fn many_names_are_looked_up_in_one_reading_of_the_list() {
    let company = Company::start(Options { users: 250, groups: 2, ..Options::default() });
    let users = company.emulator.users();
    // By each way in turn, some of them in other letters.
    let name = |(at, user): (usize, &portcullis_emulator::User)| match at % 3 {
        0 => user.id.clone(),
        1 => user.user_name.to_uppercase(),
        _ => format!("email:{}", user.user_name),
    };
    let names: Vec<_> =
        users.iter().filter(|user| user.emails.contains(&user.user_name)).take(40).enumerate().map(name).collect();
    let told = tell_with(
        &names.join("\n"),
        &mut company.command(&["groups", "add-member", "Finance EU", "-f", "-", "-o", "csv"]),
    );
    assert_eq!(
        told.lines().filter(|line| line.contains(",applied,") || line.contains(",unchanged,")).count(),
        40,
        "{told}"
    );
    // The group by its name, the length of the list, its three pages, and the change.
    assert_eq!(company.emulator.request_count(), 6);
    let names = format!("{}\nnobody@acme.example\nno-one", names.join("\n"));
    let told = tell_with(&names, &mut company.command(&["groups", "add-member", "Finance EU", "-f", "-", "-o", "csv"]));
    expect![[r#"
        note: reading the list of users once to look up 42 of them
        error: no user has the username `nobody@acme.example`
        error: no user has the id or username or name `no-one`
        error: 2 of 42 users cannot be told
        hint: nothing was written; mend or leave out those that are named here
        exit 3
    "#]]
    .assert_eq(&told);
    assert_eq!(company.writes(), ["PATCH"]);
}

#[test]
fn who_could_not_be_added_is_named_for_another_try() {
    let company = Company::start(Options { users: 250, groups: 2, ..Options::default() });
    // The first hundred are added, and the server is out of order for the next.
    company.emulator.add_fault("status=503 method=PATCH path=/Groups nth=2".parse().unwrap());
    let ids: Vec<_> = company.emulator.users().iter().take(103).map(|user| format!("id:{}", user.id)).collect();
    let file = directory().join("users.txt");
    std::fs::write(&file, ids.join("\n")).unwrap();
    let told = company.run(&["groups", "add-member", "Finance EU", "-f", file.to_str().unwrap(), "-o", "ndjson"]);
    let said: Vec<_> = told.lines().rev().take(3).collect();
    expect![[r#"
        exit 1
        hint: repeat those with `portcullis groups add-member id:8935b08d-2796-43e2-b859-ad5c63ccdb90 id:f73e36ca-3691-4606-9767-bc51a9860246 id:fb5e86b8-5476-4d38-b350-5e57a43e9023 id:fca6bff4-71a2-48ee-beb0-f7d42e00ba09`
        error: 3 of 103 users were not added: the vendor is out of order: scripted fault (HTTP status 503)"#]].assert_eq(&said.join("\n"));
}

/// A company of more users than one call changes, and a file that names all of them.
fn large() -> (Company, PathBuf) {
    let company = Company::start(Options { users: 2300, groups: 2, ..Options::default() });
    let ids: Vec<_> = company.emulator.users().iter().map(|user| format!("id:{}", user.id)).collect();
    let file = directory().join("users.txt");
    std::fs::write(&file, ids.join("\n")).unwrap();
    (company, file)
}

#[test]
fn a_long_list_that_names_every_member_removes_none() {
    let (company, file) = large();
    company.print(&["groups", "add-member", "Finance EU", "-f", file.to_str().unwrap(), "-o", "csv"]);
    company.emulator.clear_exchanges();
    let remove = ["groups", "remove-member", "Finance EU", "-f", file.to_str().unwrap(), "-o", "csv"];
    for arguments in [remove.to_vec(), [&remove[..], &["--dry-run"]].concat()] {
        company.check(
            &arguments,
            &expect![[r#"
            error: `members` are all 2300 members of the group; `allow-empty` empties it
            hint: `--allow-empty` permits it
            exit 2
        "#]],
        );
        assert_eq!(company.writes(), [""; 0]);
    }
    // One member who is not named, and the rest may go.
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.split_once('\n').unwrap().1).unwrap();
    company.print(&remove);
    assert_eq!(members(&company, "Finance EU").len(), 1);
}

#[test]
fn a_long_list_is_changed_in_parts() {
    let (company, file) = large();
    let change = |command: &str| {
        let arguments = ["groups", command, "Finance EU", "-f", file.to_str().unwrap(), "-o", "csv"];
        company.print(&[&arguments[..], if command == "remove-member" { &["--allow-empty"] } else { &[] }].concat())
    };
    assert_eq!(change("add-member").lines().count(), 2301);
    assert_eq!(members(&company, "Finance EU").len(), 2300);
    assert_eq!(change("remove-member").lines().count(), 2301);
    assert_eq!(members(&company, "Finance EU").len(), 0);
}
