//! Memory, processor, tables and handles of the machine that the host runs on.

use std::time::Duration;

use portcullis_directory::{Directory as _, Effect, VendorRequest};

use crate::attack::{account, attack, load, naive, pairs, sandboxed, send, shown, works};
use crate::component::growing_tables;
use crate::naive::{Ended, Naive};
use crate::wire::{Act, Wire};

/// Nobody is asked.
const NOBODY: &str = "http://127.0.0.1:9/v2";

/// What becomes of an attack in the sandbox, which goes on to work.
async fn told(attack: VendorRequest) -> String {
    let directory = sandboxed(NOBODY).await;
    let outcome = directory.request(attack).await;
    assert!(works(&directory).await);
    shown(outcome)
}

#[tokio::test]
async fn an_endless_loop_ends_when_the_call_has_had_its_time_of_the_processor() {
    let told = told(attack("LOOP", 0)).await;
    assert!(told.starts_with("limit: the connector used more than 500ms of "), "{told}");
    let mut naive = naive(NOBODY).await.within(Duration::from_millis(700));
    assert!(matches!(naive.request(attack("LOOP", 0)).await, Err(Ended::Endless)));
}

#[tokio::test]
async fn deep_recursion_ends_the_call_alone() {
    let told = told(attack("RECURSE", 0)).await;
    assert!(told.starts_with("guest-fault: the connector failed: "), "{told}");
    // The library bounds the stack of its own accord.
    let ended = naive(NOBODY).await.request(attack("RECURSE", 0)).await.unwrap_err();
    assert!(matches!(ended, Ended::Trapped(_)), "{ended:?}");
}

#[tokio::test]
async fn a_panic_ends_the_call_alone() {
    let trapped = "guest-fault: the connector failed: wasm trap: wasm `unreachable` instruction executed";
    assert_eq!(told(attack("PANIC", 0)).await, trapped);
    // There it ends every call that would come after it: the instance cannot be entered again.
    let mut naive = naive(NOBODY).await;
    assert!(matches!(naive.request(attack("PANIC", 0)).await, Err(Ended::Trapped(_))));
    assert!(matches!(naive.request(attack("SETTINGS", 0)).await, Err(Ended::Trapped(_))));
}

#[tokio::test]
async fn memory_has_an_end() {
    let limit = "limit: the connector needs more than 33554432 bytes of memory";
    assert_eq!(told(attack("ALLOCATE", 512)).await, limit);
    assert_eq!(naive(NOBODY).await.request(attack("ALLOCATE", 512)).await.unwrap().body, b"512");
}

#[tokio::test]
async fn tables_have_an_end() {
    const ELEMENTS: u32 = 1_000_000;
    let component: &'static [u8] = growing_tables(ELEMENTS).leak();
    // It grows its table before it says what it is.
    let error = load(component).await.unwrap_err();
    let mut source = std::error::Error::source(&error);
    let mut told = error.to_string();
    while let Some(inner) = source {
        told = format!("{told}: {inner}");
        source = inner.source();
    }
    assert!(told.contains("the connector needs more than 20000 elements of tables"), "{told}");
    // It traps when it has got all of them, and not before.
    let mut naive = Naive::load(component, NOBODY).await.unwrap();
    let ended = naive.request(attack("", 0)).await.unwrap_err();
    assert!(matches!(&ended, Ended::Trapped(trap) if trap.contains("integer divide by zero")), "{ended:?}");
}

#[tokio::test]
async fn handles_have_an_end() {
    let told = told(attack("LEAK", 50_000)).await;
    assert_eq!(told, "guest-fault: the connector failed: resource table has no free keys");
    assert_eq!(naive(NOBODY).await.request(attack("LEAK", 50_000)).await.unwrap().body, b"50000");
}

#[tokio::test]
async fn an_answer_has_an_end() {
    const SIZE: usize = 16 << 20;
    let told = told(attack("HUGE", SIZE)).await;
    assert!(told.starts_with("guest-fault: the connector failed: "), "{told}");
    assert_eq!(naive(NOBODY).await.request(attack("HUGE", SIZE)).await.unwrap().body.len(), SIZE);
}

#[tokio::test]
async fn requests_have_an_end() {
    let vendor = Wire::friendly().await;
    let mut flood = VendorRequest { method: "FLOOD".to_owned(), ..send(&vendor.authority(), "/v2/Users") };
    flood.query.extend(pairs(&[("times", "60")]));
    let directory = sandboxed(&vendor.endpoint()).await;
    // Those beyond the limit have no answer, and those before it have one.
    assert_eq!(directory.request(flood.clone()).await.unwrap().body, b"20");
    assert_eq!(vendor.asked().len(), 20);
    assert!(works(&directory).await);
    assert_eq!(naive(&vendor.endpoint()).await.request(flood).await.unwrap().body, b"60");
}

#[tokio::test]
async fn a_body_that_is_never_finished_is_never_sent_and_ends_with_its_call() {
    let vendor = Wire::friendly().await;
    let mut stall = VendorRequest { method: "STALL".to_owned(), ..send(&vendor.authority(), "/v2/Users") };
    stall.query.extend(pairs(&[("method", "POST")]));
    let short = portcullis_runtime::Limits { call_time: Duration::from_millis(300), ..crate::attack::limits() };
    let account = account(&vendor.endpoint()).with_limits(short);
    let token = portcullis_runtime::StaticToken::new(portcullis_tests::TOKEN).unwrap();
    let directory = crate::attack::connector().await.directory(account, token).unwrap();
    let error = directory.request(stall.clone()).await.unwrap_err();
    assert_eq!(error.message, "the connector did not answer within 300ms");
    assert!(works(&directory).await);
    assert_eq!(vendor.connections(), 0);

    // There the head of it is on the wire, and the vendor waits for the rest for as long as the connector likes.
    let waiting = Wire::start(vec![Act::Head, Act::Wait]).await;
    stall.query[1].1 = waiting.authority();
    let mut naive = naive(&waiting.endpoint()).await.within(Duration::from_millis(700));
    assert!(matches!(naive.request(stall).await, Err(Ended::Endless)));
    assert!(waiting.asked()[0].starts_with("POST /v2/Users"));
}

#[tokio::test]
async fn a_connector_cannot_say_that_nothing_happened_when_its_write_is_in_doubt() {
    let vendor = Wire::start(vec![Act::Request, Act::Reset]).await;
    let mut write = send(&vendor.authority(), "/v2/Users");
    write.query.extend(pairs(&[("method", "PATCH")]));
    // Its word is `none`. The host knows that the request was written and not answered.
    let error = sandboxed(&vendor.endpoint()).await.request(write.clone()).await.unwrap_err();
    assert_eq!((error.code.as_deref(), vendor.asked().len()), (Some("connection"), 1));
    assert_eq!(error.effect, Effect::Unknown);
    // There the word of the connector is all that there is.
    let ended = naive(&vendor.endpoint()).await.request(write).await.unwrap_err();
    assert!(matches!(ended, Ended::Told { .. }), "{ended:?}");
}
