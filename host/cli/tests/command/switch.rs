//! Switching users on and off, and deleting them.

use expect_test::expect;

use crate::run::{Company, directory};

const USER: &str = "oliver.conti@acme.example";

#[test]
fn cutting_somebody_off_needs_leave_and_says_what_it_means() {
    let company = Company::small();
    company.check(
        &["users", "deactivate", USER],
        &expect![[r#"
        error: deactivating a user is asked about first, and there is no terminal to ask at; nothing was sent
        hint: `--yes` does it, and `--dry-run` shows what would be sent
        exit 2
    "#]],
    );
    company.check(
        &["users", "update", USER, "--set", "status=inactive"],
        &expect![[r#"
        error: deactivating a user is asked about first, and there is no terminal to ask at; nothing was sent
        hint: `--yes` does it, and `--dry-run` shows what would be sent
        exit 2
    "#]],
    );
    company.check(
        &["users", "delete", USER],
        &expect![[r#"
        error: deleting a user is asked about first, and there is no terminal to ask at; nothing was sent
        hint: `--yes` does it, and `--dry-run` shows what would be sent
        exit 2
    "#]],
    );
    // Nothing at all was sent, so that a script that forgets the flag fails at once.
    assert_eq!(company.emulator.request_count(), 0);
    company.check(&["users", "deactivate", USER, "--yes", "-o", "ndjson"], &expect![[r#"
        {"id":"7fdcf65d-817c-4a9a-8fda-741b104115aa","external_id":"00u93fbc4930","username":"oliver.conti@acme.example","name":"Oliver Conti","first_name":"Oliver","last_name":"Conti","title":"Manager","user_type":"Contractor","status":"inactive","emails":[{"email":"oliver.conti@acme.example"}],"groups":[{"id":"bf3fb73c-bda3-4686-8889-0d5b4ac42fb5","name":"Ops"}],"department":"Procurement","cost_center":"CC-65","division":"EMEA","organization":"Acme Deutschland GmbH & Co. KG","created_at":"2023-09-05T09:50:39Z","updated_at":"2026-05-28T20:26:40Z"}
        warning: this deactivates the user 7fdcf65d-817c-4a9a-8fda-741b104115aa (oliver.conti@acme.example, Oliver Conti)
        warning: Zscaler's own pages disagree on whether `active=false` disables a user or deletes it; sessions end either way, but for Browser Access. Taking the user out of groups is the reversible way
        exit 0
    "#]]);
    assert!(!company.emulator.users()[0].active);
}

#[test]
fn somebody_is_let_in_again() {
    let company = Company::small();
    company.print(&["users", "deactivate", USER, "--yes"]);
    let printed = company.print(&["users", "activate", USER]);
    assert!(printed.contains("\"status\": \"active\""), "{printed}");
    assert!(company.emulator.users()[0].active);
}

#[test]
fn a_status_of_a_change_is_a_switch() {
    let company = Company::small();
    let told = company.run(&["users", "update", USER, "--set", "status=inactive", "--yes", "-o", "ndjson"]);
    assert!(told.contains("warning: this deactivates the user 7fdcf65d-817c-4a9a-8fda-741b104115aa"), "{told}");
    assert!(!company.emulator.users()[0].active);
    // Switching on destroys nothing.
    company.print(&["users", "update", USER, "--set", "status=active"]);
    assert!(company.emulator.users()[0].active);
}

#[test]
fn no_other_field_of_the_settings_switches_off() {
    let company = Company::small();
    let file = directory().join("settings.json");
    let settings = r#"{"mapping":{"user":{"custom.on":{"type":"boolean","read":"active","write":"Active"}}}}"#;
    std::fs::write(&file, settings).unwrap();
    let update = ["users", "update", USER, "--settings", file.to_str().unwrap(), "--set", "custom.on=false"];
    company.check(
        &update,
        &expect![[r#"
        error: the settings are wrong: `custom.on` cannot have `Active` as `write`: only `status` is written there
        hint: `portcullis describe --output json` has the schema of the settings
        exit 2
    "#]],
    );
    assert_eq!(company.emulator.request_count(), 0);
}

#[test]
fn who_is_gone_after_another_change_is_missed() {
    let company = Company::small();
    let id = company.emulator.users()[0].id.clone();
    let group = company.emulator.directory().groups().find(|group| group.display_name == "Ops").unwrap().id;
    let (user, named) = (format!("id:{id}"), format!("id:{group}"));
    for (change, told) in [
        (
            &["users", "activate", &user][..],
            expect![[r#"
            error: the change was accepted, and the user 7fdcf65d-817c-4a9a-8fda-741b104115aa (oliver.conti@acme.example, Oliver Conti) is gone
            hint: somebody else may have deleted it, or it is seen later: `portcullis users get id:7fdcf65d-817c-4a9a-8fda-741b104115aa` tells; do not make it again before
            exit 3
        "#]],
        ),
        (
            &["users", "update", &user, "--set", "title=Boss"],
            expect![[r#"
            error: the change was accepted, and the user 7fdcf65d-817c-4a9a-8fda-741b104115aa (oliver.conti@acme.example, Oliver Conti) is gone
            hint: somebody else may have deleted it, or it is seen later: `portcullis users get id:7fdcf65d-817c-4a9a-8fda-741b104115aa` tells; do not make it again before
            exit 3
        "#]],
        ),
        (
            &["groups", "rename", &named, "Operations"],
            expect![[r#"
            error: the change was accepted, and the group bf3fb73c-bda3-4686-8889-0d5b4ac42fb5 (Ops) is gone
            hint: somebody else may have deleted it, or it is seen later: `portcullis groups get id:bf3fb73c-bda3-4686-8889-0d5b4ac42fb5` tells; do not make it again before
            exit 3
        "#]],
        ),
    ] {
        // The write is answered without a body, and the read behind it finds nothing.
        company.emulator.clear_faults();
        for fault in ["body=empty method=PATCH", "status=404 method=GET nth=2"] {
            company.emulator.add_fault(fault.parse().unwrap());
        }
        company.check(change, &told);
    }
    company.emulator.clear_faults();
    for fault in ["body=empty method=PATCH", "status=404 method=GET nth=2"] {
        company.emulator.add_fault(fault.parse().unwrap());
    }
    company.check(&["users", "update", &user, "--set", "status=inactive", "--yes"], &expect![[r#"
        warning: this deactivates the user 7fdcf65d-817c-4a9a-8fda-741b104115aa (oliver.conti@acme.example, Oliver Conti)
        warning: Zscaler's own pages disagree on whether `active=false` disables a user or deletes it; sessions end either way, but for Browser Access. Taking the user out of groups is the reversible way
        note: the user 7fdcf65d-817c-4a9a-8fda-741b104115aa (oliver.conti@acme.example, Oliver Conti) is gone now
        exit 0
    "#]]);
}

#[test]
fn who_is_deleted_by_being_switched_off_is_said_to_be_gone() {
    let company = Company::turned(&["deactivation=deletes"]);
    let id = company.emulator.users()[0].id.clone();
    let told = company.run(&["users", "deactivate", USER, "--yes", "-o", "ndjson"]);
    assert!(told.ends_with("exit 0\n"), "{told}");
    assert_eq!(company.emulator.directory().user(&id), None);
    company.check(
        &["users", "deactivate", &format!("id:{id}"), "--yes"],
        &expect![[r#"
        error: no user has the id `7fdcf65d-817c-4a9a-8fda-741b104115aa`
        hint: `portcullis users list` and `find` tell which there are; nothing was written
        exit 3
    "#]],
    );
    company.check(
        &["users", "activate", &id],
        &expect![[r#"
        error: no user has the id or username `7fdcf65d-817c-4a9a-8fda-741b104115aa`
        hint: a user that was deleted is made again with `portcullis users create`
        exit 3
    "#]],
    );
}

#[test]
fn who_is_deleted_is_gone_and_stays_so() {
    let company = Company::small();
    let id = company.emulator.users()[0].id.clone();
    company.check(
        &["users", "delete", &id, "--yes"],
        &expect![[r#"
            warning: this deletes the user 7fdcf65d-817c-4a9a-8fda-741b104115aa (oliver.conti@acme.example, Oliver Conti)
            warning: sessions end, but for Browser Access; whether a user that is made anew gets its id and its groups back is not known
            note: the user 7fdcf65d-817c-4a9a-8fda-741b104115aa (oliver.conti@acme.example, Oliver Conti) is deleted
            exit 0
        "#]],
    );
    assert_eq!(company.emulator.directory().user(&id), None);
    company.check(
        &["users", "delete", &id, "--yes"],
        &expect![[r#"
        note: no user has the id `7fdcf65d-817c-4a9a-8fda-741b104115aa`, so there is nothing to delete
        exit 0
    "#]],
    );
    assert_eq!(company.writes(), ["DELETE"]);
}
