//! Which user or group an argument means. Whatever is ambiguous or missing, nothing is written.

use expect_test::expect;
use portcullis_emulator::{At, Group, User};

use crate::run::{Company, directory};

/// A user of this id and username.
fn user(id: &str, user_name: &str) -> User {
    User { id: id.to_owned(), ..User::new(user_name) }
}

#[test]
fn a_read_takes_the_same_names_as_a_write() {
    let company = Company::small();
    let user = company.emulator.users()[0].id.clone();
    let by_id = company.print(&["users", "get", &user, "--remote-data"]);
    // An id that is there is asked for once, and nobody is looked for.
    assert_eq!(company.emulator.request_count(), 1);
    let names = ["oliver.conti@acme.example", "Oliver Conti", "username:OLIVER.CONTI@acme.example"];
    for name in names.map(str::to_owned).into_iter().chain([format!("id:{user}")]) {
        assert_eq!(company.print(&["users", "get", &name, "--remote-data"]), by_id, "{name}");
    }
    let group = company.emulator.directory().groups().find(|group| group.display_name == "Ops").unwrap().id;
    for name in ["ops", "name:Ops", &format!("id:{group}")] {
        assert_eq!(company.print(&["groups", "get", name]), company.print(&["groups", "get", &group]), "{name}");
        for all in [&[][..], &["--all"]] {
            let members = |group: &str| company.print(&[&["groups", "members", group][..], all].concat());
            assert_eq!(members(name), members(&group), "{name}");
        }
    }
    for (arguments, told) in [
        (
            ["users", "get", "nobody@acme.example"],
            expect![[r#"
            error: no user has the username `nobody@acme.example`
            hint: `portcullis users list` and `find` tell which there are
            exit 3
        "#]],
        ),
        (
            ["users", "get", "id:nobody"],
            expect![[r#"
            error: there is no user with the id `nobody` (HTTP status 404)
            hint: `list` and `find` tell the ids that there are
            exit 3
        "#]],
        ),
        (
            ["users", "get", "1234567"],
            expect![[r#"
            error: no user has the id or username `1234567`
            hint: `portcullis users list` and `find` tell which there are
            exit 3
        "#]],
        ),
        (
            ["groups", "members", "Nowhere"],
            expect![[r#"
            error: no group has the id or name `Nowhere`
            hint: `portcullis groups list` and `find` tell which there are
            exit 3
        "#]],
        ),
    ] {
        company.check(&arguments, &told);
    }
}

#[test]
fn a_name_of_two_is_not_guessed_by_a_read() {
    let company = Company::small();
    for username in ["one@acme.example", "two@acme.example"] {
        company.print(&["users", "create", "--username", username, "--name", "Kim Both"]);
    }
    let told = company.run(&["users", "get", "Kim Both"]);
    assert!(told.ends_with("exit 4\n"), "{told}");
}

#[test]
fn a_name_that_two_people_have_lists_both() {
    let company = Company::small();
    for id in ["1001", "1002"] {
        let named = User { display_name: Some("Same Name".to_owned()), ..user(id, &format!("same-{id}@acme.example")) };
        company.emulator.add_user(named).unwrap();
    }
    company.check(
        &["users", "delete", "Same Name", "--yes"],
        &expect![[r#"
        note: reading the list of users for the name `Same Name`
        candidate: 1001 (same-1001@acme.example, Same Name)
        candidate: 1002 (same-1002@acme.example, Same Name)
        error: `Same Name` means 2 users; nothing was written
        hint: name one by its id, with `id:` in front
        exit 4
    "#]],
    );
    company.check(
        &["users", "delete", "name:same name", "--yes"],
        &expect![[r#"
        note: reading the list of users for the name `same name`
        candidate: 1001 (same-1001@acme.example, Same Name)
        candidate: 1002 (same-1002@acme.example, Same Name)
        error: `same name` means 2 users; nothing was written
        hint: name one by its id, with `id:` in front
        exit 4
    "#]],
    );
    assert_eq!(company.writes(), [""; 0]);
}

#[test]
fn an_id_that_is_another_ones_username_is_ambiguous_until_it_is_said_which() {
    let company = Company::small();
    let id = company.emulator.users()[2].id.clone();
    company.emulator.add_user(user("1001", &id)).unwrap();
    company.check(
        &["users", "delete", &id, "--yes"],
        &expect![[r#"
        candidate: 200014 (oliver.mueller@acme.example, Oliver Müller)
        candidate: 1001 (200014)
        error: `200014` means 2 users; nothing was written
        hint: name one by its id, with `id:` in front
        exit 4
    "#]],
    );
    assert_eq!(company.writes(), [""; 0]);
}

#[test]
fn a_group_name_that_two_groups_have_lists_both() {
    let company = Company::small();
    {
        let mut directory = company.emulator.directory_mut();
        let mut groups = directory.groups();
        let (first, second) = (groups.next().unwrap(), groups.next().unwrap());
        drop(groups);
        directory.remove_group(&second.id).unwrap();
        directory.add_group(Group { display_name: first.display_name.to_uppercase(), ..second }, At::End).unwrap();
    }
    company.check(
        &["groups", "rename", "Ops", "New"],
        &expect![[r#"
        candidate: bf3fb73c-bda3-4686-8889-0d5b4ac42fb5 (Ops)
        candidate: 8935b08d-2796-43e2-b859-ad5c63ccdb90 (OPS)
        error: `Ops` means 2 groups; nothing was written
        hint: name one by its id, with `id:` in front
        exit 4
    "#]],
    );
    assert_eq!(company.writes(), [""; 0]);
}

#[test]
fn what_nobody_is_called_is_not_found() {
    let company = Company::small();
    company.check(
        &["users", "deactivate", "nobody@acme.example", "--yes"],
        &expect![[r#"
        error: no user has the username `nobody@acme.example`
        hint: `portcullis users list` and `find` tell which there are; nothing was written
        exit 3
    "#]],
    );
    company.check(
        &["users", "deactivate", "nobody", "--yes"],
        &expect![[r#"
        note: reading the list of users for the name `nobody`
        error: no user has the id or username or name `nobody`
        hint: `portcullis users list` and `find` tell which there are; nothing was written
        exit 3
    "#]],
    );
    company.check(
        &["users", "deactivate", "email:nobody", "--yes"],
        &expect![[r#"
        note: the vendor cannot search users by e-mail address (`no-filter`); reading the list, at most 1000000 users
        error: no user has the e-mail address `nobody`
        hint: `portcullis users list` and `find` tell which there are; nothing was written
        exit 3
    "#]],
    );
    company.check(
        &["users", "activate", "id:nobody"],
        &expect![[r#"
        error: no user has the id `nobody`
        hint: a user that was deleted is made again with `portcullis users create`
        exit 3
    "#]],
    );
    company.check(
        &["groups", "delete", "nothing", "--yes"],
        &expect![[r#"
        error: no group has the id or name `nothing`
        hint: a name may be misspelt; with the id, deleting what is gone succeeds
        exit 3
    "#]],
    );
    company.check(
        &["groups", "add-member", "Ops", "nobody@acme.example"],
        &expect![[r#"
            error: no user has the username `nobody@acme.example`
            hint: nothing was written; mend or leave out those that are named here
            exit 3
        "#]],
    );
    assert_eq!(company.writes(), [""; 0]);
}

#[test]
fn an_empty_name_is_refused() {
    let company = Company::small();
    company.check(
        &["users", "activate", "id:"],
        &expect![[r#"
        error: invalid value 'id:' for '<USER>': it names nobody

        For more information, try '--help'.
        exit 2
    "#]],
    );
    assert_eq!(company.emulator.request_count(), 0);
}

#[test]
fn deleting_what_is_gone_succeeds_by_id_and_is_doubted_by_name() {
    let company = Company::small();
    company.check(
        &["users", "delete", "id:gone", "--yes"],
        &expect![[r#"
        note: no user has the id `gone`, so there is nothing to delete
        exit 0
    "#]],
    );
    company.check(
        &["users", "delete", "301188", "--yes"],
        &expect![[r#"
        note: no user has the id `301188`, so there is nothing to delete
        exit 0
    "#]],
    );
    company.check(
        &["groups", "delete", "7c2a4e10-93b5-4d0f-8a16-2f4f0d1e9b77", "--yes"],
        &expect![[r#"
        note: no group has the id `7c2a4e10-93b5-4d0f-8a16-2f4f0d1e9b77`, so there is nothing to delete
        exit 0
    "#]],
    );
    company.check(
        &["users", "delete", "gone@acme.example", "--yes"],
        &expect![[r#"
        error: no user has the username `gone@acme.example`
        hint: a name may be misspelt; with the id, deleting what is gone succeeds
        exit 3
    "#]],
    );
    assert_eq!(company.writes(), [""; 0]);
}

#[test]
fn what_is_gone_only_because_nothing_is_there_is_no_success() {
    let company = Company::small();
    let endpoint = company.emulator.endpoint().replace("/v2", "/v3");
    let delete = ["users", "delete", "id:200014", "--yes", "--endpoint", &endpoint];
    company.check(&delete, &expect![[r#"
        error: the vendor has no directory at this endpoint; check the IdP id in it, and that the tenant's users are not managed in ZIdentity, which has an API of its own (HTTP status 404)
        hint: mend the argument that the message names; `--help` tells what it takes
        exit 2
    "#]]);
    let company = Company::with_faults(&["status=400 path=/Users times=1"]);
    company.check(
        &["users", "delete", "200014", "--yes"],
        &expect![[r#"
        error: the vendor refused the request: scripted fault (HTTP status 400)
        hint: mend the argument that the message names; `--help` tells what it takes
        exit 2
    "#]],
    );
    let file = directory().join("settings.json");
    std::fs::write(&file, "{").unwrap();
    for noun in ["users", "groups"] {
        let told = company.run(&[noun, "delete", "id:1", "--yes", "--settings", file.to_str().unwrap()]);
        assert!(told.starts_with("error: the settings are wrong") && told.ends_with("exit 2\n"), "{told}");
    }
    assert_eq!(company.writes(), [""; 0]);
}

#[test]
fn a_list_that_moved_names_nobody() {
    let company = Company::of(150, 2, &["remove-users=1 at=front nth=1"]);
    let name = company.emulator.users()[120].display_name.clone().unwrap();
    let told = company.run(&["users", "delete", &format!("name:{name}"), "--yes"]);
    expect![[r#"
        note: reading the list of users for the name `NAME`
        error: the list of users moved while it was read, and another one may be there
        hint: `id:` and an id name one for certain; nothing was written
        exit 6
    "#]]
    .assert_eq(&told.replace(&name, "NAME"));
    assert_eq!(company.writes(), [""; 0]);
}

#[test]
fn a_list_with_an_unreadable_row_names_nobody() {
    let company = Company::with_faults(&["row=no-id at=2"]);
    company.check(
        &["users", "delete", "name:Oliver Conti", "--yes"],
        &expect![[r#"
        note: reading the list of users for the name `Oliver Conti`
        error: a user of the list is unreadable and may be another one: it has no `id`
        hint: `id:` and an id name one for certain; nothing was written
        exit 7
    "#]],
    );
    assert_eq!(company.writes(), [""; 0]);
}

#[test]
fn a_key_that_the_vendor_cannot_search_by_is_looked_for_in_the_list() {
    let company = Company::small();
    let external_id = company.emulator.users()[0].external_id.clone().unwrap();
    company.check(
        &["users", "delete", &format!("external-id:{external_id}"), "--dry-run"],
        &expect![[r#"
            would send: DELETE Users/7fdcf65d-817c-4a9a-8fda-741b104115aa
            note: the vendor cannot search users by external id (`no-filter`); reading the list, at most 1000000 users
            exit 0
        "#]],
    );
    assert_eq!(company.writes(), [""; 0]);
}
