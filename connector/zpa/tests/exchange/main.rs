//! The connector over a `send` that is a function: what it asks, and what it makes of the answer.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "functions of tests fail by panic, and snapshots are as long as what they show"
)]

mod description;
mod fixture;
mod law;
mod membership;
mod paging;
mod reading;
mod server;
mod writing;

/// Whoever adds a function to the contract shows here what it says to the vendor.
#[test]
fn every_function_of_the_contract_has_a_transcript() {
    let contract = [
        include_str!("../../../../wit/user-directory.wit"),
        include_str!("../../../../wit/vendor-api.wit"),
        include_str!("../../../../wit/descriptor.wit"),
    ];
    let functions = contract.iter().flat_map(|wit| wit.lines()).filter_map(|line| line.trim().split_once(": func("));
    let functions: Vec<_> = functions.map(|(name, _)| name.replace('-', "_")).collect();
    assert_eq!(functions.len(), 19);
    let tests = [
        include_str!("description.rs"),
        include_str!("membership.rs"),
        include_str!("reading.rs"),
        include_str!("writing.rs"),
    ];
    let tests = tests.map(|file| file.split("#[test]").map(str::to_owned).collect::<Vec<_>>()).concat();
    for function in functions {
        // `find` and `vendor_request` speak for the functions that differ in a key or in the interface alone.
        let name = function.trim_end_matches("_user").trim_end_matches("_group");
        let name = match name {
            "find" => "find",
            "request" => "vendor_request",
            _ => &function,
        };
        let has = |test: &&String| test.contains(name) && test.contains("expect![[");
        assert!(tests.iter().any(|test| has(&test)), "{function} has no transcript");
    }
}
