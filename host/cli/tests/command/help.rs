//! The texts that lead through the program.

use expect_test::{Expect, expect};

use crate::run::{bare, output, tell};

/// The flags of telemetry are the same in each help text, and depend on the features that the program is built with: they
/// are compared by themselves, without regard to where lines are broken.
fn check(arguments: &[&str], expected: &Expect) {
    let text = tell(&mut bare(arguments));
    let Some((before, behind)) = text.split_once("\n\nTelemetry:\n") else { return expected.assert_eq(&text) };
    let lines = behind.lines().take_while(|line| line.starts_with(' ')).count();
    let telemetry: Vec<_> = behind.lines().take(lines).flat_map(str::split_whitespace).collect();
    assert_eq!(telemetry.join(" "), TELEMETRY.concat());
    let rest: Vec<_> = behind.lines().skip(lines).collect();
    expected.assert_eq(&format!("{before}\n{}\n", rest.join("\n")));
}

const TELEMETRY: [&str; 3] = [
    "--log <LEVEL> Log to standard error from this level on: error, warn, info, debug or trace [default: no log]. \
     Nobody's name is told at info and above [env: PORTCULLIS_LOG] --log-format <FORMAT> What a line of the log looks \
     like: text or json [default: text] [env: PORTCULLIS_LOG_FORMAT]",
    if cfg!(feature = "prometheus") {
        " --metrics <ADDRESS:PORT> Serve figures for Prometheus at `/metrics` of this loopback address while the command \
         runs; port 0 takes one that is free, and says which [env: PORTCULLIS_METRICS] --metrics-file <FILE> Write \
         figures for Prometheus to this file when the command has ended, such as for the textfile collector of \
         node_exporter [env: PORTCULLIS_METRICS_FILE]"
    } else {
        ""
    },
    if cfg!(feature = "otel") {
        " --otlp <URL> Send spans to the collector of OpenTelemetry at this `http` URL, below which is `/v1/traces` \
         [env: OTEL_EXPORTER_OTLP_ENDPOINT]"
    } else {
        ""
    },
];

#[test]
fn the_program_tells_what_it_does_and_how_it_ends() {
    check(
        &["--help"],
        &expect![[r#"
            Reads and changes the user directory of Zscaler Private Access through a sandboxed connector

            Usage: portcullis [OPTIONS] <COMMAND>

            Commands:
              demo         Show the product at work in ten seconds, on this machine alone
              emulator     Run a ZPA server with a made-up company, until Ctrl-C
              account      Keep accounts: endpoint, settings and a sealed token under a name
              audit        Show and check the record of every write
              users        List, get, find and change users
              groups       List, get, find and change groups, and their members
              report       Tell who is in which group, and what somebody should look at
              snapshot     Keep a directory as it is now, and tell what changed since
              plan         Tell what would make a directory what a file says, and write it down as a plan;
                           changes nothing
              link         Show and mend who in a source is who in the directory
              offboard     Cut people off now, prove it, and take them out of their groups; asks first
              restore      Put back somebody who was cut off, from an undo file
              quarantine   Confine somebody to one restricted group, prove it, and remember what was before;
                           asks first
              release      End a quarantine: give exactly the groups of before back
              onboard      Take somebody on: make or adopt the user, set fields, add groups, and prove each
              apply        Apply a plan: that plan and nothing else, with a journal and a receipt
              vendor       Send one request to the vendor's own API, or find out how it behaves
              call         Make one call with JSON in and out, for programs
              worker       Answer JSON-RPC requests, a line each, for programs
              proxy        Let a connector in another host use an account without its token, until Ctrl-C
              describe     Tell what the connector can do and how it maps fields
              mapping      Check what settings of an account make of the fields
              component    Take the connector out of this program, or push and pull one at a registry
              completions  Print a completion script for a shell
              help         Print this message or the help of the given subcommand(s)

            Options:
              -h, --help     Print help
              -V, --version  Print version

            The account:
              PORTCULLIS_ENDPOINT or --endpoint is the URL of the vendor's SCIM API.
              PORTCULLIS_TOKEN holds the token; --token-env names another variable and --token-file a file.
              PORTCULLIS_ACCOUNT or --account names an account that `portcullis account add` keeps, in place of
              both.
              A token is never an argument.

            Exit codes:
              0  success
              1  anything that is not below, such as members that were not added, or a question answered with no
              2  usage: a wrong flag or argument, also one that the connector refuses
              3  not found
              4  refused: token, permission, conflict, not supported, or a name that may mean two
              5  unavailable: no connection, no answer in time, too many requests, or out of order; repeat later
                 (also a write that may have been done: the hint tells how to find out)
              6  the list moved while it was read; it is printed and marked as partial
              7  incomplete: reading broke off, a row is unreadable, or the answer makes no sense
              8  different: what was compared is not the same, and all of it could be read
            exit 0
        "#]],
    );
    let without = output(&mut bare(&[]));
    assert_eq!(without.status.code(), Some(2));
}

#[test]
fn a_list_tells_its_flags() {
    check(
        &["users", "list", "-h"],
        &expect![[r#"
            List users, one page or all

            Usage: portcullis users list [OPTIONS]

            Options:
                  --limit <N>         Rows to a page [default: the vendor's largest page]
                  --cursor <C>        The page to read: `next_cursor` or `prev_cursor` of another, with the same
                                      `--limit`
                  --all               Read every page, and print the rows as they come
              -o, --output <FORMAT>   What results look like [default: table on a terminal, json elsewhere]
                                      [possible values: table, json, ndjson, csv]
                  --remote-data       Add the vendor's own JSON of each object; a table of many does not show it
                  --component <FILE>  Load this connector instead of the built-in one for ZPA
              -h, --help              Print help (see more with '--help')
              -V, --version           Print version

            Account:
                  --endpoint <URL>      Base URL of the vendor's SCIM API. `http` and this machine are for
                                        literal loopback addresses only [env: PORTCULLIS_ENDPOINT]
                  --account <NAME>      An account that is kept, in place of endpoint, token and settings [env:
                                        PORTCULLIS_ACCOUNT]
                  --data-dir <DIR>      The directory that keeps accounts and the audit log [default: where
                                        programs keep their data] [env: PORTCULLIS_DATA_DIR]
                  --token-env <VAR>     The environment variable that holds the token [default:
                                        PORTCULLIS_TOKEN]
                  --token-file <FILE>   The file that holds the token; `-` reads standard input. A line break at
                                        its end does not count
                  --no-token            Say that the server wants no token; for servers on this machine only
                                        [alias: --no-auth]
                  --settings <FILE>     JSON file with settings of the account, such as quirks; `describe
                                        --output json` has their schema
                  --ca-file <FILE>      Also trust servers that the authorities in this file vouch for, as PEM
                                        [env: PORTCULLIS_CA_FILE]
                  --client-cert <FILE>  The certificate to show a server that asks for one (mutual TLS), as PEM,
                                        its chain behind it [env: PORTCULLIS_CLIENT_CERT]
                  --client-key <FILE>   The private key of that certificate, as PEM; others must not be able to
                                        read the file [env: PORTCULLIS_CLIENT_KEY]
                  --actor <TEXT>        Who asks, or why, for the audit log; the user of this system is written
                                        there in any case [env: PORTCULLIS_ACTOR]
                  --rate <N>            Reads a second at most, and as many writes, up to 50 [default: 10 and 5
                                        to begin with, then as many as the vendor bears; without this flag a
                                        server on this machine is asked without a limit, and nothing is tried
                                        again there]
            exit 0
        "#]],
    );
}

#[test]
fn a_search_tells_its_keys() {
    check(
        &["users", "find", "-h"],
        &expect![[r#"
            Find users by a key

            Usage: portcullis users find [OPTIONS] <--username <U>|--external-id <X>|--email <E>>

            Options:
                  --username <U>      The name that the user signs in with, without regard to case
                  --external-id <X>   The id that an identity provider gave the user, byte for byte
                  --email <E>         An e-mail address, without regard to case
                  --max-rows <N>      Rows to read at most where the vendor cannot search and the list is read
                                      instead [default: 1000000]
              -o, --output <FORMAT>   What results look like [default: table on a terminal, json elsewhere]
                                      [possible values: table, json, ndjson, csv]
                  --remote-data       Add the vendor's own JSON of each object; a table of many does not show it
                  --component <FILE>  Load this connector instead of the built-in one for ZPA
              -h, --help              Print help (see more with '--help')
              -V, --version           Print version

            Account:
                  --endpoint <URL>      Base URL of the vendor's SCIM API. `http` and this machine are for
                                        literal loopback addresses only [env: PORTCULLIS_ENDPOINT]
                  --account <NAME>      An account that is kept, in place of endpoint, token and settings [env:
                                        PORTCULLIS_ACCOUNT]
                  --data-dir <DIR>      The directory that keeps accounts and the audit log [default: where
                                        programs keep their data] [env: PORTCULLIS_DATA_DIR]
                  --token-env <VAR>     The environment variable that holds the token [default:
                                        PORTCULLIS_TOKEN]
                  --token-file <FILE>   The file that holds the token; `-` reads standard input. A line break at
                                        its end does not count
                  --no-token            Say that the server wants no token; for servers on this machine only
                                        [alias: --no-auth]
                  --settings <FILE>     JSON file with settings of the account, such as quirks; `describe
                                        --output json` has their schema
                  --ca-file <FILE>      Also trust servers that the authorities in this file vouch for, as PEM
                                        [env: PORTCULLIS_CA_FILE]
                  --client-cert <FILE>  The certificate to show a server that asks for one (mutual TLS), as PEM,
                                        its chain behind it [env: PORTCULLIS_CLIENT_CERT]
                  --client-key <FILE>   The private key of that certificate, as PEM; others must not be able to
                                        read the file [env: PORTCULLIS_CLIENT_KEY]
                  --actor <TEXT>        Who asks, or why, for the audit log; the user of this system is written
                                        there in any case [env: PORTCULLIS_ACTOR]
                  --rate <N>            Reads a second at most, and as many writes, up to 50 [default: 10 and 5
                                        to begin with, then as many as the vendor bears; without this flag a
                                        server on this machine is asked without a limit, and nothing is tried
                                        again there]
            exit 0
        "#]],
    );
}

#[test]
fn groups_tell_their_commands() {
    check(
        &["groups", "-h"],
        &expect![[r#"
            List, get, find and change groups, and their members

            Usage: portcullis groups [OPTIONS] <COMMAND>

            Commands:
              list           List groups, one page or all
              get            Show one group
              find           Find groups by a key
              members        List the members of a group, one page or all; a page may be the whole group
              create         Make a group, without members
              rename         Give a group another name; it stays the same group
              delete         Delete a group for good, and none of its members; asks first
              add-member     Add users to a group; nobody else's membership is touched [alias: add-members]
              remove-member  Remove users from a group; nobody else's membership is touched [alias:
                             remove-members]
              help           Print this message or the help of the given subcommand(s)

            Options:
                  --component <FILE>  Load this connector instead of the built-in one for ZPA
              -h, --help              Print help
              -V, --version           Print version

            Account:
                  --endpoint <URL>      Base URL of the vendor's SCIM API. `http` and this machine are for
                                        literal loopback addresses only [env: PORTCULLIS_ENDPOINT]
                  --account <NAME>      An account that is kept, in place of endpoint, token and settings [env:
                                        PORTCULLIS_ACCOUNT]
                  --data-dir <DIR>      The directory that keeps accounts and the audit log [default: where
                                        programs keep their data] [env: PORTCULLIS_DATA_DIR]
                  --token-env <VAR>     The environment variable that holds the token [default:
                                        PORTCULLIS_TOKEN]
                  --token-file <FILE>   The file that holds the token; `-` reads standard input. A line break at
                                        its end does not count
                  --no-token            Say that the server wants no token; for servers on this machine only
                                        [alias: --no-auth]
                  --settings <FILE>     JSON file with settings of the account, such as quirks; `describe
                                        --output json` has their schema
                  --ca-file <FILE>      Also trust servers that the authorities in this file vouch for, as PEM
                                        [env: PORTCULLIS_CA_FILE]
                  --client-cert <FILE>  The certificate to show a server that asks for one (mutual TLS), as PEM,
                                        its chain behind it [env: PORTCULLIS_CLIENT_CERT]
                  --client-key <FILE>   The private key of that certificate, as PEM; others must not be able to
                                        read the file [env: PORTCULLIS_CLIENT_KEY]
                  --actor <TEXT>        Who asks, or why, for the audit log; the user of this system is written
                                        there in any case [env: PORTCULLIS_ACTOR]
                  --rate <N>            Reads a second at most, and as many writes, up to 50 [default: 10 and 5
                                        to begin with, then as many as the vendor bears; without this flag a
                                        server on this machine is asked without a limit, and nothing is tried
                                        again there]
            exit 0
        "#]],
    );
}

#[test]
fn the_pass_through_tells_its_flags() {
    check(
        &["vendor", "--help"],
        &expect![[r#"
            Send one request to the vendor's own API, or find out how it behaves

            Usage: portcullis vendor [OPTIONS] <METHOD> <PATH[?QUERY]>
                   portcullis vendor [OPTIONS] [METHOD] [PATH[?QUERY]] <COMMAND>

            Commands:
              probe  Find out how this tenant behaves where the vendor's pages leave it open
              help   Print this message or the help of the given subcommand(s)

            Arguments:
              <METHOD>        GET, HEAD, POST, PUT, PATCH or DELETE
              <PATH[?QUERY]>  Path below the endpoint, and query, for example 'Users?count=1'. A `%` and two
                              digits are one byte

            Options:
                  --component <FILE>      Load this connector instead of the built-in one for ZPA
                  --header <NAME: VALUE>  A header of the request, such as 'Prefer: return=minimal'; can be
                                          repeated. The sandbox lets everyday ones through
                  --data <TEXT>           The body of the request
              -f, --file <FILE>           The file with the body of the request; `-` reads standard input
                  --yes                   Do it without asking; needed where there is no terminal to ask at
                  --dry-run               Show the request that would be sent, and do not send it
              -o, --output <FORMAT>       What a dry run looks like: json, ndjson, or text where this is not
                                          said
              -i, --include               Print status and headers of the answer, too
              -h, --help                  Print help
              -V, --version               Print version

            Account:
                  --endpoint <URL>      Base URL of the vendor's SCIM API. `http` and this machine are for
                                        literal loopback addresses only [env: PORTCULLIS_ENDPOINT]
                  --account <NAME>      An account that is kept, in place of endpoint, token and settings [env:
                                        PORTCULLIS_ACCOUNT]
                  --data-dir <DIR>      The directory that keeps accounts and the audit log [default: where
                                        programs keep their data] [env: PORTCULLIS_DATA_DIR]
                  --token-env <VAR>     The environment variable that holds the token [default:
                                        PORTCULLIS_TOKEN]
                  --token-file <FILE>   The file that holds the token; `-` reads standard input. A line break at
                                        its end does not count
                  --no-token            Say that the server wants no token; for servers on this machine only
                                        [alias: --no-auth]
                  --settings <FILE>     JSON file with settings of the account, such as quirks; `describe
                                        --output json` has their schema
                  --ca-file <FILE>      Also trust servers that the authorities in this file vouch for, as PEM
                                        [env: PORTCULLIS_CA_FILE]
                  --client-cert <FILE>  The certificate to show a server that asks for one (mutual TLS), as PEM,
                                        its chain behind it [env: PORTCULLIS_CLIENT_CERT]
                  --client-key <FILE>   The private key of that certificate, as PEM; others must not be able to
                                        read the file [env: PORTCULLIS_CLIENT_KEY]
                  --actor <TEXT>        Who asks, or why, for the audit log; the user of this system is written
                                        there in any case [env: PORTCULLIS_ACTOR]
                  --rate <N>            Reads a second at most, and as many writes, up to 50 [default: 10 and 5
                                        to begin with, then as many as the vendor bears; without this flag a
                                        server on this machine is asked without a limit, and nothing is tried
                                        again there]
            exit 0
        "#]],
    );
}

#[allow(clippy::too_many_lines, reason = "a snapshot is as long as what it shows")]
#[test]
fn a_write_tells_its_flags() {
    check(
        &["users", "update", "-h"],
        &expect![[r#"
            Set and clear fields of a user, and leave all others alone

            Usage: portcullis users update [OPTIONS] <USER>

            Arguments:
              <USER>  The user's id, username or name; `id:`, `username:`, `name:`, `external-id:` or `email:`
                      in front says which

            Options:
                  --component <FILE>  Load this connector instead of the built-in one for ZPA
                  --allow-rename      Permit a change of the username, which to the vendor may be another user
                  --yes               Do it without asking; needed where there is no terminal to ask at
                  --verify            Read the object back after the write and compare: a write that the vendor
                                      ignored is then an error
                  --dry-run           Show the requests that would be sent, and send none of them. What has to
                                      be read for that is read
              -o, --output <FORMAT>   What results look like [default: table on a terminal, json elsewhere]
                                      [possible values: table, json, ndjson, csv]
              -h, --help              Print help (see more with '--help')
              -V, --version           Print version

            Fields:
                  --username <TEXT>      The name that the user signs in with
                  --external-id <TEXT>   The id that an identity provider gave the user
                  --name <TEXT>          The name to show
                  --first-name <TEXT>    Given name [alias: --given-name]
                  --last-name <TEXT>     Family name [alias: --family-name]
                  --nick-name <TEXT>     The name that the user goes by
                  --title <TEXT>         Job title
                  --user-type <TEXT>     The kind of user
                  --email <ADDRESS>      An e-mail address; can be repeated. They are then all that the user has
                  --department <TEXT>    Department
                  --cost-center <TEXT>   Cost centre [alias: --cost-centre]
                  --division <TEXT>      Division
                  --organization <TEXT>  Organization
                  --set <FIELD=VALUE>    Any field that `describe` calls writable, such as `title=Analyst` or
                                         `custom.badge=7`; can be repeated, also for the entries of a list
              -f, --file <FILE>          The file with fields of one user in JSON, as `get --output json` prints
                                         it; `-` reads standard input
                  --clear <FIELD>        A field to clear, such as `department`; can be repeated

            Account:
                  --endpoint <URL>      Base URL of the vendor's SCIM API. `http` and this machine are for
                                        literal loopback addresses only [env: PORTCULLIS_ENDPOINT]
                  --account <NAME>      An account that is kept, in place of endpoint, token and settings [env:
                                        PORTCULLIS_ACCOUNT]
                  --data-dir <DIR>      The directory that keeps accounts and the audit log [default: where
                                        programs keep their data] [env: PORTCULLIS_DATA_DIR]
                  --token-env <VAR>     The environment variable that holds the token [default:
                                        PORTCULLIS_TOKEN]
                  --token-file <FILE>   The file that holds the token; `-` reads standard input. A line break at
                                        its end does not count
                  --no-token            Say that the server wants no token; for servers on this machine only
                                        [alias: --no-auth]
                  --settings <FILE>     JSON file with settings of the account, such as quirks; `describe
                                        --output json` has their schema
                  --ca-file <FILE>      Also trust servers that the authorities in this file vouch for, as PEM
                                        [env: PORTCULLIS_CA_FILE]
                  --client-cert <FILE>  The certificate to show a server that asks for one (mutual TLS), as PEM,
                                        its chain behind it [env: PORTCULLIS_CLIENT_CERT]
                  --client-key <FILE>   The private key of that certificate, as PEM; others must not be able to
                                        read the file [env: PORTCULLIS_CLIENT_KEY]
                  --actor <TEXT>        Who asks, or why, for the audit log; the user of this system is written
                                        there in any case [env: PORTCULLIS_ACTOR]
                  --rate <N>            Reads a second at most, and as many writes, up to 50 [default: 10 and 5
                                        to begin with, then as many as the vendor bears; without this flag a
                                        server on this machine is asked without a limit, and nothing is tried
                                        again there]
            exit 0
        "#]],
    );
    check(
        &["groups", "remove-member", "-h"],
        &expect![[r#"
            Remove users from a group; nobody else's membership is touched

            Usage: portcullis groups remove-member [OPTIONS] <GROUP> [USER]...

            Arguments:
              <GROUP>    The group's id or name; `id:`, `name:` or `external-id:` in front says which
              [USER]...  The users' ids, usernames or names; `id:` in front is not looked up

            Options:
              -f, --file <FILE>       The file with users, one a line; `-` reads standard input
                  --verify            Read the object back after the write and compare: a write that the vendor
                                      ignored is then an error
                  --dry-run           Show the requests that would be sent, and send none of them. What has to
                                      be read for that is read
              -o, --output <FORMAT>   What results look like [default: table on a terminal, json elsewhere]
                                      [possible values: table, json, ndjson, csv]
                  --allow-empty       Permit a removal that leaves the group without members
                  --yes               Do it without asking; needed where there is no terminal to ask at
                  --component <FILE>  Load this connector instead of the built-in one for ZPA
              -h, --help              Print help (see more with '--help')
              -V, --version           Print version

            Account:
                  --endpoint <URL>      Base URL of the vendor's SCIM API. `http` and this machine are for
                                        literal loopback addresses only [env: PORTCULLIS_ENDPOINT]
                  --account <NAME>      An account that is kept, in place of endpoint, token and settings [env:
                                        PORTCULLIS_ACCOUNT]
                  --data-dir <DIR>      The directory that keeps accounts and the audit log [default: where
                                        programs keep their data] [env: PORTCULLIS_DATA_DIR]
                  --token-env <VAR>     The environment variable that holds the token [default:
                                        PORTCULLIS_TOKEN]
                  --token-file <FILE>   The file that holds the token; `-` reads standard input. A line break at
                                        its end does not count
                  --no-token            Say that the server wants no token; for servers on this machine only
                                        [alias: --no-auth]
                  --settings <FILE>     JSON file with settings of the account, such as quirks; `describe
                                        --output json` has their schema
                  --ca-file <FILE>      Also trust servers that the authorities in this file vouch for, as PEM
                                        [env: PORTCULLIS_CA_FILE]
                  --client-cert <FILE>  The certificate to show a server that asks for one (mutual TLS), as PEM,
                                        its chain behind it [env: PORTCULLIS_CLIENT_CERT]
                  --client-key <FILE>   The private key of that certificate, as PEM; others must not be able to
                                        read the file [env: PORTCULLIS_CLIENT_KEY]
                  --actor <TEXT>        Who asks, or why, for the audit log; the user of this system is written
                                        there in any case [env: PORTCULLIS_ACTOR]
                  --rate <N>            Reads a second at most, and as many writes, up to 50 [default: 10 and 5
                                        to begin with, then as many as the vendor bears; without this flag a
                                        server on this machine is asked without a limit, and nothing is tried
                                        again there]
            exit 0
        "#]],
    );
}

#[test]
fn a_probe_tells_its_flags() {
    check(
        &["vendor", "probe", "-h"],
        &expect![[r#"
            Find out how this tenant behaves where the vendor's pages leave it open

            Usage: portcullis vendor probe [OPTIONS]

            Options:
                  --with-writes       Write as well: to users and groups that are made for it under a marked
                                      name, and removed at the end
                  --cleanup           Remove what an earlier probe of this account left behind when it was cut
                                      off, and do nothing else
                  --rate <N>          Requests a second at most, up to 50 [default: 2]
                  --domain <DOMAIN>   The part behind the `@` of the usernames that are made [default: that of a
                                      user who is there]
                  --profile <FILE>    Write settings with what was found to this file, those of `--settings`
                                      kept
                  --state <DIR>       The directory that remembers what was made until it is removed [default:
                                      where programs keep their state]
                  --yes               Do it without asking; needed where there is no terminal to ask at
              -o, --output <FORMAT>   What results look like [default: table on a terminal, json elsewhere]
                                      [possible values: table, json, ndjson, csv]
                  --component <FILE>  Load this connector instead of the built-in one for ZPA
              -h, --help              Print help (see more with '--help')
              -V, --version           Print version

            Account:
                  --endpoint <URL>      Base URL of the vendor's SCIM API. `http` and this machine are for
                                        literal loopback addresses only [env: PORTCULLIS_ENDPOINT]
                  --account <NAME>      An account that is kept, in place of endpoint, token and settings [env:
                                        PORTCULLIS_ACCOUNT]
                  --data-dir <DIR>      The directory that keeps accounts and the audit log [default: where
                                        programs keep their data] [env: PORTCULLIS_DATA_DIR]
                  --token-env <VAR>     The environment variable that holds the token [default:
                                        PORTCULLIS_TOKEN]
                  --token-file <FILE>   The file that holds the token; `-` reads standard input. A line break at
                                        its end does not count
                  --no-token            Say that the server wants no token; for servers on this machine only
                                        [alias: --no-auth]
                  --settings <FILE>     JSON file with settings of the account, such as quirks; `describe
                                        --output json` has their schema
                  --ca-file <FILE>      Also trust servers that the authorities in this file vouch for, as PEM
                                        [env: PORTCULLIS_CA_FILE]
                  --client-cert <FILE>  The certificate to show a server that asks for one (mutual TLS), as PEM,
                                        its chain behind it [env: PORTCULLIS_CLIENT_CERT]
                  --client-key <FILE>   The private key of that certificate, as PEM; others must not be able to
                                        read the file [env: PORTCULLIS_CLIENT_KEY]
                  --actor <TEXT>        Who asks, or why, for the audit log; the user of this system is written
                                        there in any case [env: PORTCULLIS_ACTOR]
            exit 0
        "#]],
    );
    check(
        &["mapping", "check", "-h"],
        &expect![[r#"
            Tell what each field reads and writes under the settings in a file; nothing is sent, no account is
            needed

            Usage: portcullis mapping check [OPTIONS] <FILE>

            Arguments:
              <FILE>  JSON file with settings of an account

            Options:
                  --sample <FILE>        A user in the vendor's own JSON, to see what each field reads out of
                                         it; `-` reads standard input
                  --group-sample <FILE>  The same with a group
              -o, --output <FORMAT>      What results look like [default: table on a terminal, json elsewhere]
                                         [possible values: table, json, ndjson, csv]
                  --component <FILE>     Load this connector instead of the built-in one for ZPA
              -h, --help                 Print help (see more with '--help')
              -V, --version              Print version
            exit 0
        "#]],
    );
}

#[test]
fn the_emulator_tells_its_flags() {
    check(
        &["emulator", "--help"],
        &expect![[r#"
            Run a ZPA server with a made-up company, until Ctrl-C

            Usage: portcullis emulator [OPTIONS]

            Options:
                  --users <N>            Users of the company [default: 1000]
                  --groups <N>           Groups of the company [default: 40]
                  --seed <N>             What the company is made from [default: 7]
                  --port <P>             The port [default: one that is free]
                  --state <FILE>         Go on from what is saved in FILE, where it exists, in place of a new
                                         company; save to it at Ctrl-C
                  --token-env <VAR>      The environment variable that holds the token to ask for [default: a
                                         new token, which is printed]
                  --no-auth              Ask for no token [alias: --no-token]
                  --mode <MODE>          Whose manners it has: those of ZPA, or those of the RFCs to the letter
                                         [default: zpa] [possible values: zpa, strict]
                  --switch <NAME=VALUE>  Turn one thing that nobody has confirmed of ZPA, such as
                                         deactivation=deletes; can be repeated. `--list-switches` lists them
                  --list-switches        Print the switches, what each can be turned to, and what it is in
                                         either mode
                  --fault <RULE>...      Something that goes wrong, such as 'status=429 retry-after=13s
                                         path=/Users nth=3', of the kinds below; can be repeated
              -h, --help                 Print help
              -V, --version              Print version

            Faults, each with `path=`, `method=`, `nth=`, `times=` and `every=` to choose requests:
              status=503
                  an error instead of the answer; with `effect=applied` after a write took effect all the same.
                  `retry-after=` 13, 13s or date+13; `x-ratelimit-reset=` seconds; `body=` scim, management,
                  html, text, empty
              effect=none
                  PUT, PATCH and DELETE are answered as if they were done, and nothing changes
              delay-ms=250
                  the first byte comes so much later
              truncate=half
                  the body ends before its announced length; or after so many bytes
              body=html
                  another body under the same status: html, text or empty
              pad=1000000
                  so much white space behind the body
              total=+5
                  a lying `totalResults`: +N, -N or N
              row=duplicate at=2
                  damage to a row of a page: duplicate, skip, no-id, number, null
              remove-users=3 at=front
                  so many users are gone once the page was read; front or end
              add-users=3 at=front
                  so many users appear once the page was read
              start-index=ignore
                  every page is the first
              echo-start-index=7
                  the page is right, the `startIndex` in it is not
              cap=7
                  no page has more rows
              omit=totalResults
                  a list without that member
              redirect=/elsewhere code=302
                  a redirect
              echo-token=500
                  an error that repeats the token
              reset=before
                  the connection is reset: before anything is read, `after` the request is read and before it
                  has any effect, or once it was `applied`
            exit 0
        "#]],
    );
}

#[test]
fn what_needs_no_account_asks_for_none() {
    check(
        &["describe", "-h"],
        &expect![[r#"
            Tell what the connector can do and how it maps fields

            Usage: portcullis describe [OPTIONS]

            Options:
                  --settings <FILE>   JSON file with settings of an account, to see what they change
              -o, --output <FORMAT>   What results look like [default: table on a terminal, json elsewhere]
                                      [possible values: table, json, ndjson, csv]
                  --component <FILE>  Load this connector instead of the built-in one for ZPA
              -h, --help              Print help (see more with '--help')
              -V, --version           Print version
            exit 0
        "#]],
    );
    check(
        &["component", "export", "-h"],
        &expect![[r#"
            Write the component and the WIT package of its contract, over files of the same names

            Usage: portcullis component export [OPTIONS] --out <DIR>

            Options:
                  --out <DIR>  The directory to write to; made if it is missing
              -h, --help       Print help
              -V, --version    Print version
            exit 0
        "#]],
    );
}

#[test]
fn help_shows_nothing_of_the_account() {
    let mut command = bare(&["users", "list", "--help"]);
    let command = command.env("PORTCULLIS_ENDPOINT", "https://a.example/v2").env("PORTCULLIS_TOKEN", "s3cr3t-t0ken");
    let told = tell(command);
    assert!(!told.contains("a.example") && !told.contains("s3cr3t"), "{told}");
}

#[test]
fn every_shell_has_completions() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = output(&mut bare(&["completions", shell]));
        assert_eq!(output.status.code(), Some(0));
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(script.contains("portcullis") && script.contains("external-id"), "{shell}");
    }
}

#[test]
fn accounts_tell_their_commands() {
    check(
        &["account", "-h"],
        &expect![[r#"
            Keep accounts: endpoint, settings and a sealed token under a name

            Usage: portcullis account [OPTIONS] <COMMAND>

            Commands:
              add         Keep an account; its token is asked for, or comes from a file, standard input, a
                          variable or a program
              list        List the accounts
              show        Show all that is kept of an account, but for its token
              check       Ask the vendor for one user, and say what that shows and what to do next
              rotate      Replace the token of an account; whatever runs goes on with the new one
              remove      Forget an account and its token; asks first
              rotate-key  Seal every token with a new key, and perhaps keep that in another place
              help        Print this message or the help of the given subcommand(s)

            Options:
                  --component <FILE>  Load this connector instead of the built-in one for ZPA
              -h, --help              Print help
              -V, --version           Print version

            Account:
                  --data-dir <DIR>      The directory that keeps accounts and the audit log [default: where
                                        programs keep their data] [env: PORTCULLIS_DATA_DIR]
                  --ca-file <FILE>      Also trust servers that the authorities in this file vouch for, as PEM
                                        [env: PORTCULLIS_CA_FILE]
                  --client-cert <FILE>  The certificate to show a server that asks for one (mutual TLS), as PEM,
                                        its chain behind it [env: PORTCULLIS_CLIENT_CERT]
                  --client-key <FILE>   The private key of that certificate, as PEM; others must not be able to
                                        read the file [env: PORTCULLIS_CLIENT_KEY]
                  --actor <TEXT>        Who asks, or why, for the audit log; the user of this system is written
                                        there in any case [env: PORTCULLIS_ACTOR]
            exit 0
        "#]],
    );
    check(
        &["account", "add", "-h"],
        &expect![[r#"
            Keep an account; its token is asked for, or comes from a file, standard input, a variable or a
            program

            Usage: portcullis account add [OPTIONS] <NAME>

            Arguments:
              <NAME>  What to call it

            Options:
                  --endpoint <URL>           The SCIM Service Provider Endpoint, as the vendor's page shows it
                  --cloud <CLOUD>            The cloud of ZPA that the tenant is in, in place of an endpoint
                                             [possible values: production, beta, zpatwo, gov, govus, preview]
                  --component <FILE>         Load this connector instead of the built-in one for ZPA
                  --idp <ID>                 The id of the identity provider configuration, as the vendor's page
                                             shows it
                  --token-stdin              Read the token from standard input
                  --token-file <FILE>        The file that holds the token; `-` reads standard input. A line
                                             break at its end does not count
                  --token-env <VAR>          The environment variable that holds the token
                  --token-command <WORD>...  A program that prints the token, by its whole path, and its
                                             arguments up to a `;`. It is run when the token is needed, without
                                             a shell, at most once a minute
                  --no-token                 Say that the server wants no token; for servers on this machine
                                             only [alias: --no-auth]
                  --settings <FILE>          JSON file with settings of the account, such as quirks; `describe
                                             --output json` has their schema
                  --limit <NAME=NUMBER>      A limit of its calls, such as `call-time=120`; can be repeated
                  --pin-component            Run the connector for it that is loaded now, and no other, until it
                                             is added again
              -h, --help                     Print help (see more with '--help')
              -V, --version                  Print version

            Account:
                  --data-dir <DIR>      The directory that keeps accounts and the audit log [default: where
                                        programs keep their data] [env: PORTCULLIS_DATA_DIR]
                  --ca-file <FILE>      Also trust servers that the authorities in this file vouch for, as PEM
                                        [env: PORTCULLIS_CA_FILE]
                  --client-cert <FILE>  The certificate to show a server that asks for one (mutual TLS), as PEM,
                                        its chain behind it [env: PORTCULLIS_CLIENT_CERT]
                  --client-key <FILE>   The private key of that certificate, as PEM; others must not be able to
                                        read the file [env: PORTCULLIS_CLIENT_KEY]
                  --actor <TEXT>        Who asks, or why, for the audit log; the user of this system is written
                                        there in any case [env: PORTCULLIS_ACTOR]
            exit 0
        "#]],
    );
}
