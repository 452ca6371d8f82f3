//! Every scripted fault of the vendor ends in the right error, and none in a list that looks whole.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "functions of tests fail by panic")]

use portcullis_directory::{
    Directory as _, Effect, Error, ErrorKind, Outcome, PageQuery, ReadOptions, VendorRequest, Walk, WalkError,
    WalkOptions,
};
use portcullis_emulator::{Options, Switches};
use portcullis_tests::{House, TOKEN};

/// A house with one fault.
async fn house(rule: &str) -> House {
    let fault = rule.parse().unwrap();
    House::with(Options { users: 250, groups: 4, faults: vec![fault], ..Options::default() }, None).await
}

/// The error of listing users under a fault.
async fn error(rule: &str) -> Error {
    house(rule).await.directory.list_users(PageQuery::default()).await.unwrap_err()
}

/// How a walk over the users of a house ends, one page after another, and how many users it brought.
async fn walk(house: &House) -> (Result<Outcome, WalkError>, usize) {
    walk_at_a_time(1, house).await
}

/// The same with so many pages at a time.
async fn walk_at_a_time(concurrency: u32, house: &House) -> (Result<Outcome, WalkError>, usize) {
    let mut walk = Walk::users(&house.directory, WalkOptions { concurrency, ..WalkOptions::default() });
    let mut users = 0;
    loop {
        match walk.next_page().await {
            Ok(Some(page)) => users += page.items.len(),
            Ok(None) => return (Ok(walk.ending().unwrap().outcome), users),
            Err(err) => return (Err(err), users),
        }
    }
}

#[tokio::test]
async fn a_status_means_what_the_contract_says_whatever_the_body() {
    for (status, kind) in [
        (400, ErrorKind::InvalidInput),
        (401, ErrorKind::Unauthorized),
        (403, ErrorKind::Forbidden),
        (404, ErrorKind::InvalidInput),
        (409, ErrorKind::Conflict),
        (429, ErrorKind::RateLimited),
        (500, ErrorKind::Unavailable),
        (501, ErrorKind::Unsupported),
        (503, ErrorKind::Unavailable),
    ] {
        for body in ["scim", "management", "html", "text", "empty"] {
            let err = error(&format!("status={status} body={body}")).await;
            assert_eq!((err.kind, err.http_status), (kind, Some(status)), "{status} {body}");
        }
    }
}

#[tokio::test]
async fn every_form_of_retry_after_arrives_in_milliseconds() {
    for (form, wait) in [
        ("retry-after=13", Some(13_000)),
        ("retry-after=13s", Some(13_000)),
        ("retry-after=date+13", Some(13_000)),
        ("x-ratelimit-reset=4", Some(4_000)),
        ("", None),
    ] {
        for status in [429, 503] {
            assert_eq!(error(&format!("status={status} {form}")).await.retry_after_ms, wait, "{status} {form}");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_no_list_is_a_protocol_error() {
    for rule in ["truncate=half", "body=html", "body=text", "body=empty", "omit=Resources"] {
        let err = error(rule).await;
        let broken = rule.starts_with("truncate");
        let kind = if broken { ErrorKind::Unavailable } else { ErrorKind::Protocol };
        assert_eq!(err.kind, kind, "{rule}: {err}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = House::new(1, 1).await;
    let rule = format!("redirect={}/Users", elsewhere.vendor.endpoint());
    let err = error(&rule).await;
    assert_eq!((err.kind, err.http_status), (ErrorKind::Protocol, Some(302)));
    assert_eq!(elsewhere.vendor.request_count(), 0);
}

#[tokio::test]
async fn a_connection_that_is_reset_is_unavailable() {
    for rule in ["reset=before", "reset=after"] {
        assert_eq!(error(rule).await.kind, ErrorKind::Unavailable, "{rule}");
    }
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_in_doubt_and_a_read_is_not() {
    for (method, effect) in [("DELETE", Effect::Unknown), ("POST", Effect::Unknown), ("GET", Effect::None)] {
        let house = house("reset=after").await;
        let (method, path) = (method.to_owned(), "Users".to_owned());
        let request = VendorRequest { method, path, ..VendorRequest::default() };
        let err = house.directory.request(request).await.unwrap_err();
        assert_eq!((err.kind, err.effect), (ErrorKind::Unavailable, effect), "{err}");
        // Nor is it sent again.
        assert_eq!(house.vendor.request_count(), 1);
    }
}

#[tokio::test]
async fn a_token_that_the_vendor_echoes_is_gone_before_the_connector_reads_it() {
    let err = error("echo-token=500").await;
    assert_eq!((err.kind, err.http_status), (ErrorKind::Unavailable, Some(500)));
    assert!(!err.to_string().contains(TOKEN));
}

#[tokio::test]
async fn a_slow_first_byte_is_waited_for_within_the_time_of_a_call() {
    let house = house("delay-ms=300 nth=1").await;
    assert!(house.directory.list_users(PageQuery::default()).await.is_ok());
    assert_eq!(house.vendor.exchanges()[0].faults.len(), 1);
}

#[tokio::test]
async fn a_page_that_is_cut_short_or_bare_skips_nobody() {
    for rule in ["cap=7", "omit=startIndex", "omit=itemsPerPage", "omit=schemas"] {
        let house = house(rule).await;
        assert_eq!(walk(&house).await, (Ok(Outcome::Complete { total: Some(250) }), 250), "{rule}");
    }
}

#[tokio::test]
async fn a_walk_that_cannot_be_whole_is_an_error() {
    for (rule, code, users) in [
        ("start-index=ignore", None, 100),
        ("echo-start-index=7", None, 0),
        ("total=+5", None, 250),
        ("total=-5", Some("wrong-count"), 200),
        // A total that ends with a page would pass for the end, were it believed.
        ("total=100", Some("wrong-count"), 200),
        ("total=-50", Some("wrong-count"), 200),
        // One row pushed out, on the first page and on the second; the last page is withheld.
        ("row=duplicate nth=1", Some("wrong-count"), 200),
        ("row=skip nth=2", Some("wrong-count"), 199),
        ("cap=0 nth=2", None, 100),
        ("status=503 nth=2", None, 100),
        ("truncate=half nth=3", Some("connection"), 200),
    ] {
        let house = house(rule).await;
        let (ending, read) = walk(&house).await;
        let err = ending.expect_err(rule);
        assert_eq!((err.error.code.as_deref(), read), (code, users), "{rule}: {err}");
    }
}

#[tokio::test]
async fn pages_that_are_read_side_by_side_are_whole_or_an_error_as_well() {
    for rule in [
        "start-index=ignore",
        "echo-start-index=7",
        "total=+5",
        "total=-5",
        "total=100",
        "total=-50",
        "row=duplicate nth=1",
        "row=skip nth=2",
        "row=duplicate nth=2 every=2",
        "cap=0 nth=2 every=1",
        "cap=7 nth=3 every=1",
        "status=503 nth=2 every=1",
        "status=429 nth=2 every=1",
        "truncate=half nth=3 every=1",
        "body=html nth=2 every=1",
        "omit=Resources nth=4 every=1",
        "reset=after nth=3 every=1",
    ] {
        let fault = rule.parse().unwrap();
        let options = Options { users: 950, groups: 4, faults: vec![fault], ..Options::default() };
        let house = House::with(options, None).await;
        let (ending, read) = walk_at_a_time(8, &house).await;
        // Pages that are cut short are the one fault that hides nobody.
        let is_harmless = rule.starts_with("cap=7");
        match ending {
            Ok(Outcome::Complete { total: Some(950) }) if is_harmless => assert_eq!(read, 950, "{rule}"),
            Ok(outcome) => panic!("{rule}: {outcome:?}, {read} users"),
            Err(_) => assert!(read < 950 || rule == "total=+5", "{rule}"),
        }
    }
}

#[tokio::test]
async fn what_goes_wrong_once_beside_other_pages_is_asked_for_again() {
    for rule in ["status=503 nth=3", "truncate=half nth=3", "reset=after nth=3", "cap=0 nth=3", "body=html nth=3"] {
        let fault = rule.parse().unwrap();
        let options = Options { users: 950, groups: 4, faults: vec![fault], ..Options::default() };
        let house = House::with(options, None).await;
        let (ending, read) = walk_at_a_time(8, &house).await;
        assert_eq!((ending, read), (Ok(Outcome::Complete { total: Some(950) }), 950), "{rule}");
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_reported_and_hides_nobody() {
    for (rule, reason) in [
        ("row=no-id nth=1", "it has no `id`"),
        ("row=number nth=1", "it is a number and not an object"),
        ("row=null nth=1", "it is null and not an object"),
    ] {
        let house = house(rule).await;
        let page = house.directory.list_users(PageQuery::default()).await.unwrap();
        assert_eq!((page.items.len(), page.unreadable.len()), (99, 1), "{rule}");
        assert_eq!(page.unreadable[0].reason, reason);
    }
}

#[tokio::test]
async fn a_list_that_moves_is_read_again_and_says_so() {
    for (rule, users) in [("remove-users=3 at=front nth=1", 250), ("add-users=3 at=end nth=2", 253)] {
        let house = house(rule).await;
        let (ending, read) = walk(&house).await;
        assert!(matches!(ending, Ok(Outcome::Moved { .. })), "{rule}: {ending:?}");
        assert_eq!(read, users, "{rule}");
    }
}

#[tokio::test]
async fn a_filter_that_the_vendor_ignores_is_noticed() {
    let switches = Switches {
        unknown_filter: portcullis_emulator::UnknownFilter::Ignored,
        user_name_filter: false,
        ..Switches::default()
    };
    let house = House::with(Options { users: 20, switches, ..Options::default() }, None).await;
    let key = portcullis_directory::UserKey::Username(house.vendor.users()[0].user_name.clone());
    let err = house.directory.find_user(&key, ReadOptions::default()).await.unwrap_err();
    assert_eq!((err.kind, err.code.as_deref()), (ErrorKind::Unsupported, Some("filter-ignored")));
}
