//! Slots alone: connections are tested where there is a server, in `client` and end to end.

use super::*;

const NEVER: Duration = Duration::ZERO;
const LATER: Duration = Duration::from_mins(1);

fn slot(way: Result<Way, Failure>) -> Slot {
    match way {
        Ok(Way::New(slot)) => slot,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn there_are_no_more_than_so_many_and_who_waits_goes_in_order_and_urgent_ones_first() {
    let pool = Pool::new(2);
    let (one, other) = (pool.join(), pool.join());
    let (first, second) = (slot(one.way(false, NEVER).await), slot(one.way(false, NEVER).await));
    assert_eq!(other.way(true, NEVER).await.unwrap_err(), Failure::Connections(2));
    let (told, mut gone) = tokio::sync::mpsc::unbounded_channel();
    for (name, party, is_urgent) in [("a", &one, false), ("b", &other, false), ("urgent", &other, true)] {
        let (party, told) = (Arc::clone(party), told.clone());
        tokio::spawn(async move {
            let slot = slot(party.way(is_urgent, LATER).await);
            told.send(name).unwrap();
            drop(slot);
        });
        tokio::task::yield_now().await;
    }
    drop(first);
    assert_eq!([gone.recv().await, gone.recv().await, gone.recv().await], [Some("urgent"), Some("a"), Some("b")]);
    drop(second);
    assert_eq!(pool.lock().open, 0);
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_leaves_no_gap() {
    let pool = Pool::new(1);
    let party = pool.join();
    let only = slot(party.way(false, NEVER).await);
    let wait = || {
        let party = Arc::clone(&party);
        tokio::spawn(async move { party.way(false, LATER).await })
    };
    let (given_up, patient) = (wait(), wait());
    tokio::task::yield_now().await;
    given_up.abort();
    assert!(given_up.await.unwrap_err().is_cancelled());
    // One that is granted a slot and given up before it learns of it.
    let unaware = wait();
    tokio::task::yield_now().await;
    drop(only);
    drop(slot(patient.await.unwrap()));
    unaware.abort();
    let _ = unaware.await;
    let inner = pool.lock();
    assert_eq!((inner.open, inner.waiting.len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_few_are_for_urgent_requests_alone() {
    let pool = Pool::new(20);
    let party = pool.join();
    let mut slots = Vec::new();
    for _ in 0..12 {
        slots.push(slot(party.way(false, NEVER).await));
    }
    assert_eq!(party.way(false, NEVER).await.unwrap_err(), Failure::Connections(20));
    for _ in 0..8 {
        slots.push(slot(party.way(true, NEVER).await));
    }
    assert_eq!(party.way(true, NEVER).await.unwrap_err(), Failure::Connections(20));
}
