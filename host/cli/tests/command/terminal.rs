//! What is different on a terminal: the table by default, its width, colours, progress.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::process::{Command, Stdio};

use expect_test::expect;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, OptionalActions, OutputModes, Winsize, tcgetattr, tcsetattr, tcsetwinsize};

use crate::run::{Company, TOKEN, check_secrecy, drain};

/// A terminal of this width: the end that a person sits at, and the end that a program writes to.
pub(crate) fn terminal(columns: u16) -> (File, File) {
    let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&person).unwrap();
    unlockpt(&person).unwrap();
    let name = ptsname(&person, Vec::new()).unwrap().into_string().unwrap();
    let program = OpenOptions::new().read(true).write(true).open(name).unwrap();
    let mut modes = tcgetattr(&program).unwrap();
    modes.output_modes.remove(OutputModes::OPOST);
    tcsetattr(&program, OptionalActions::Now, &modes).unwrap();
    tcsetwinsize(&program, Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    (File::from(person), program)
}

/// What a command shows on a terminal.
fn shown(columns: u16, command: &mut Command, has_errors_elsewhere: bool) -> String {
    let (mut person, program) = terminal(columns);
    let errors = if has_errors_elsewhere { Stdio::null() } else { program.try_clone().unwrap().into() };
    let mut running = command.env("TERM", "xterm").stdout(program).stderr(errors).spawn().unwrap();
    // The command holds the last copies of the program's end, and reading fails once those are closed.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let text = drain(&mut person);
    running.wait().unwrap();
    text.replace('\u{1b}', "␛")
}

/// What a command shows that asks, and is answered so; and how it ends.
fn answered(answer: &str, command: &mut Command) -> String {
    let (mut person, program) = terminal(200);
    let mut modes = tcgetattr(&program).unwrap();
    modes.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&program, OptionalActions::Now, &modes).unwrap();
    person.write_all(answer.as_bytes()).unwrap();
    let input = program.try_clone().unwrap();
    let mut running = command.stdin(input).stdout(Stdio::null()).stderr(program).spawn().unwrap();
    command.stdin(Stdio::null()).stderr(Stdio::null());
    let told = drain(&mut person);
    let code = running.wait().unwrap().code().unwrap();
    format!("{told}exit {code}\n")
}

#[test]
fn what_destroys_something_is_asked_about_by_name() {
    let company = Company::small();
    let delete = ["users", "delete", "oliver.conti@acme.example"];
    let refused = answered("n\n", &mut company.command(&delete));
    expect![[r#"
        warning: this deletes the user 7fdcf65d-817c-4a9a-8fda-741b104115aa (oliver.conti@acme.example, Oliver Conti)
        warning: sessions end, but for Browser Access; whether a user that is made anew gets its id and its groups back is not known
        Delete this user? [y/N] error: it was not agreed to, so nothing was sent
        hint: `y` agrees; `--yes` does not ask
        exit 1
    "#]]
    .assert_eq(&refused);
    for answer in ["\n", "yup\n"] {
        assert_eq!(answered(answer, &mut company.command(&delete)), refused);
    }
    let ended = answered("\u{4}", &mut company.command(&delete));
    assert_eq!(ended.replace("[y/N] \n", "[y/N] "), refused);
    assert_eq!(company.writes(), [""; 0]);
    let done = answered("y\n", &mut company.command(&delete));
    assert!(done.ends_with("is deleted\nexit 0\n"), "{done}");
    assert_eq!(company.writes(), ["DELETE"]);
}

#[test]
fn a_request_that_may_change_something_is_asked_about() {
    let company = Company::small();
    let request = ["vendor", "PUT", "Groups/7", "--data", "{}"];
    expect![[r#"
        Send PUT Groups/7 with a body of 2 bytes? [y/N] error: it was not agreed to, so nothing was sent
        hint: `y` agrees; `--yes` does not ask
        exit 1
    "#]]
    .assert_eq(&answered("no\n", &mut company.command(&request)));
    assert_eq!(company.emulator.request_count(), 0);
    expect![[r#"
        Send PUT Groups/7 with a body of 2 bytes? [y/N] error: the vendor answered with HTTP status 404
        exit 3
    "#]]
    .assert_eq(&answered("Yes\n", &mut company.command(&request)));
    assert_eq!(company.emulator.exchanges()[0].method, "PUT");
}

#[test]
fn a_table_is_the_default_and_fits_the_terminal() {
    let company = Company::small();
    let list = |columns| shown(columns, company.command(&["users", "list"]).env("NO_COLOR", "1"), true);
    expect![[r#"
        ID                                    USERNAME                     NAME           STATUS  DEPARTMENT          GROUPS
        7fdcf65d-817c-4a9a-8fda-741b104115aa  oliver.conti@acme.example    Oliver Conti   active  Procurement         Ops
        313ccaa6-ef13-4b85-8b02-f39600e482ff  tanya+smith@acme.example     Smith, Tanya   active  IT, Infrastructure  Ops;Finance EU
        200014                                oliver.mueller@acme.example  Oliver Müller  active  Engineering
    "#]].assert_eq(&list(160));
    expect![[r#"
        ID                                    USERNAME        NAME          STATUS  DEPARTMENT   GROUPS
        7fdcf65d-817c-4a9a-8fda-741b104115aa  oliver.conti@…  Oliver Conti  active  Procurement  Ops
        313ccaa6-ef13-4b85-8b02-f39600e482ff  tanya+smith@a…  Smith, Tanya  active  IT, Infras…  Ops;Financ…
        200014                                oliver.muelle…  Oliver Müll…  active  Engineering
    "#]]
    .assert_eq(&list(100));
    expect![[r#"
        ID                                    USERNAME        STATUS  DEPARTM…  GROUPS
        7fdcf65d-817c-4a9a-8fda-741b104115aa  oliver.conti@…  active  Procure…  Ops
        313ccaa6-ef13-4b85-8b02-f39600e482ff  tanya+smith@a…  active  IT, Inf…  Ops;Fin…
        200014                                oliver.muelle…  active  Enginee…
    "#]]
    .assert_eq(&list(80));
    expect![[r#"
        USERNAME          STATUS  GROUPS
        oliver.conti@ac…  active  Ops
        tanya+smith@acm…  active  Ops;Finance EU
        oliver.mueller@…  active
    "#]]
    .assert_eq(&list(40));
    for columns in (1..150).step_by(7) {
        let widest = list(columns).lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(columns.into()), "{columns}");
    }
}

#[test]
fn colours_are_for_terminals_and_for_those_who_want_them() {
    let company = Company::small();
    let list = |no_color: &str| shown(60, company.command(&["groups", "list"]).env("NO_COLOR", no_color), true);
    expect![[r#"
        ␛[1mID                                    NAME␛[0m
        8935b08d-2796-43e2-b859-ad5c63ccdb90  Finance EU
        bf3fb73c-bda3-4686-8889-0d5b4ac42fb5  Ops
    "#]]
    .assert_eq(&list(""));
    assert!(!list("1").contains('␛'));
}

#[test]
fn progress_is_shown_while_a_walk_runs_and_gone_at_its_end() {
    let company = Company::of(250, 2, &[]);
    let (mut person, program) = terminal(80);
    let mut command = company.command(&["users", "list", "--all", "-o", "ndjson"]);
    let mut running = command.env("TERM", "xterm").stdout(Stdio::null()).stderr(program).spawn().unwrap();
    command.stderr(Stdio::null());
    let text = drain(&mut person);
    assert!(running.wait().unwrap().success());
    assert!(text.contains("of 250 rows read"), "{text:?}");
    assert!(text.trim_end().ends_with("\u{1b}[2K"), "{text:?}");
}

#[test]
fn progress_moves_while_the_vendor_takes_its_time() {
    let company = Company::of(250, 2, &["delay-ms=600 path=/Users nth=2"]);
    let (mut person, program) = terminal(80);
    let mut command = company.command(&["users", "list", "--all", "-o", "ndjson"]);
    let mut running = command.env("TERM", "xterm").stdout(Stdio::null()).stderr(program).spawn().unwrap();
    command.stderr(Stdio::null());
    let text = drain(&mut person);
    assert!(running.wait().unwrap().success());
    // Drawn again without a page that came.
    assert!(text.matches("100 of 250 rows read").count() > 1, "{text:?}");
}

#[test]
fn a_token_is_asked_for_and_not_shown() {
    let company = Company::small();
    let data = crate::run::directory().join("data");
    let endpoint = company.emulator.endpoint();
    let mut add = company.command(&["account", "add", "acme", "--endpoint", &endpoint]);
    add.env("PORTCULLIS_DATA_DIR", &data).env_remove("PORTCULLIS_ENDPOINT");
    // Typed once the question is there: what came before it is thrown away.
    let (mut person, program) = terminal(200);
    let input = program.try_clone().unwrap();
    let mut running = add.stdin(input).stdout(Stdio::null()).stderr(program).spawn().unwrap();
    add.stdin(Stdio::null()).stderr(Stdio::null());
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    let mut is_typed = false;
    while let Ok(read @ 1..) = person.read(&mut chunk) {
        bytes.extend_from_slice(&chunk[..read]);
        if !is_typed && String::from_utf8_lossy(&bytes).contains("(not shown): ") {
            is_typed = true;
            while tcgetattr(&person).unwrap().local_modes.contains(LocalModes::ECHO) {
                std::thread::yield_now();
            }
            person.write_all(format!("{TOKEN}\n").as_bytes()).unwrap();
        }
    }
    let code = running.wait().unwrap().code().unwrap();
    check_secrecy(&bytes);
    let told = String::from_utf8(bytes).unwrap().replace(&company.emulator.address().to_string(), "ADDRESS");
    expect![[r#"
        warning: use the token that is there: generating a new one at Zscaler very likely ends the old one, and with it the customer's own sync from Entra ID, Okta or another provider
        Token (not shown): 
        note: `acme` is kept, at http://ADDRESS/scim/1/111222333444555666/v2
        note: `portcullis account check acme` tries it
        exit 0
    "#]].assert_eq(&format!("{told}exit {code}\n"));
    let mut list = company.command(&["users", "list", "--account", "acme"]);
    list.env("PORTCULLIS_DATA_DIR", &data).env_remove("PORTCULLIS_TOKEN");
    assert!(list.stdout(Stdio::null()).status().unwrap().success());
}
