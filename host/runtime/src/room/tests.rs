//! Who runs, who waits and who is refused.

use proptest::prelude::*;

use super::*;

fn room(at_once: u32, queue: u32) -> Arc<Room> {
    Room::new(&Limits { concurrent_calls: at_once, queued_calls: queue, ..Limits::default() })
}

fn caller(account: u64) -> Caller {
    Caller { account, share: 2, patience: Duration::from_secs(5), is_urgent: false }
}

fn urgent(account: u64) -> Caller {
    Caller { is_urgent: true, ..caller(account) }
}

/// A call that has got as far as it can.
async fn entering(room: &Arc<Room>, caller: Caller) -> tokio::task::JoinHandle<Result<Place, Error>> {
    let room = Arc::clone(room);
    let call = tokio::spawn(async move { room.enter(caller).await });
    tokio::task::yield_now().await;
    call
}

/// Nobody runs or waits, and nothing is kept of those who did.
fn check_empty(room: &Room) {
    let inner = room.lock();
    assert_eq!((inner.running, inner.waiting, inner.urgent.len(), inner.accounts.len()), (0, 0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn an_account_has_no_more_than_its_share_and_leaves_the_rest_to_others() {
    let room = room(4, 10);
    let own = [room.enter(caller(1)).await.unwrap(), room.enter(caller(1)).await.unwrap()];
    let waits = [entering(&room, caller(1)).await, entering(&room, caller(1)).await];
    let refused = room.enter(caller(1)).await.unwrap_err();
    assert_eq!(refused.message, "2 calls of the account run and 2 wait, which is as many as may");
    assert!(refused.is_busy());
    let others = [room.enter(caller(2)).await.unwrap(), room.enter(caller(3)).await.unwrap()];
    drop(own);
    for call in waits {
        drop(call.await.unwrap().unwrap());
    }
    drop(others);
    check_empty(&room);
}

#[tokio::test(start_paused = true)]
async fn who_waits_is_bounded_in_number_and_in_time() {
    let room = room(1, 2);
    let runs = room.enter(caller(1)).await.unwrap();
    let (second, third) = (entering(&room, caller(2)).await, entering(&room, caller(3)).await);
    let start = tokio::time::Instant::now();
    let refused = room.enter(caller(4)).await.unwrap_err();
    let told = "there is no room for the call, and 2 others wait for some, which is as many as may (`busy`)";
    assert_eq!(refused.to_string(), told);
    assert_eq!(start.elapsed(), Duration::ZERO);
    for late in [second, third] {
        let late = late.await.unwrap().unwrap_err();
        assert_eq!(late.to_string(), "there was no room for the call within 5s (`busy`)");
    }
    drop(runs);
    check_empty(&room);
}

#[tokio::test(start_paused = true)]
async fn accounts_take_turns_whoever_waits_most() {
    let room = room(1, 10);
    let runs = room.enter(caller(1)).await.unwrap();
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut calls = Vec::new();
    for account in [2, 2, 3, 4] {
        let (room, order) = (Arc::clone(&room), Arc::clone(&order));
        calls.push(tokio::spawn(async move {
            let place = room.enter(caller(account)).await.unwrap();
            order.lock().unwrap().push(account);
            drop(place);
        }));
        tokio::task::yield_now().await;
    }
    drop(runs);
    for call in calls {
        call.await.unwrap();
    }
    assert_eq!(*order.lock().unwrap(), [2, 3, 4, 2]);
    check_empty(&room);
}

#[tokio::test(start_paused = true)]
async fn an_urgent_call_runs_though_the_room_is_full_of_the_same_account() {
    let room = room(1, 1);
    let runs = room.enter(caller(1)).await.unwrap();
    let waits = entering(&room, caller(1)).await;
    let mut urgents = Vec::new();
    for _ in 0..RESERVED {
        urgents.push(room.enter(urgent(1)).await.unwrap());
    }
    // When even the places of the urgent are taken, it goes next.
    let next = entering(&room, urgent(1)).await;
    assert!(room.enter(urgent(1)).await.unwrap_err().is_busy());
    drop(urgents.pop());
    let next = next.await.unwrap().unwrap();
    assert!(!waits.is_finished());
    drop((runs, urgents, next));
    drop(waits.await.unwrap().unwrap());
    check_empty(&room);
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_leaves_no_gap_whenever_that_is() {
    let room = room(1, 10);
    let runs = room.enter(caller(1)).await.unwrap();
    let (gives_up, just_let_in, patient) =
        (entering(&room, caller(2)).await, entering(&room, caller(3)).await, entering(&room, caller(4)).await);
    gives_up.abort();
    assert!(gives_up.await.unwrap_err().is_cancelled());
    // It has a place from here on, and never learns of it.
    drop(runs);
    just_let_in.abort();
    assert!(just_let_in.await.unwrap_err().is_cancelled());
    drop(patient.await.unwrap().unwrap());
    check_empty(&room);
}

#[tokio::test(start_paused = true)]
async fn a_closed_room_lets_nobody_in_and_waits_for_those_who_are() {
    let room = room(1, 10);
    let runs = room.enter(caller(1)).await.unwrap();
    let (waits, urgently) = (entering(&room, caller(2)).await, entering(&room, urgent(1)).await);
    let urgently = urgently.await.unwrap().unwrap();
    let closing = tokio::spawn({
        let room = Arc::clone(&room);
        async move { room.close(Duration::from_secs(9)).await }
    });
    assert_eq!(waits.await.unwrap().unwrap_err().to_string(), "the runtime is shutting down (`shutdown`)");
    assert!(room.enter(urgent(1)).await.unwrap_err().message.contains("shutting down"));
    drop((runs, urgently));
    assert_eq!(closing.await.unwrap(), 0);
    check_empty(&room);
}

#[tokio::test(start_paused = true)]
async fn who_stays_in_a_closed_room_is_told_to_stop() {
    let room = room(2, 10);
    let (stays, never_polled) = (room.enter(caller(1)).await.unwrap(), room.enter(caller(2)).await.unwrap());
    let stops = tokio::spawn(async move { stays.room().stopped().await });
    let start = tokio::time::Instant::now();
    assert_eq!(room.close(Duration::from_secs(9)).await, 2);
    assert!((9..=10).contains(&start.elapsed().as_secs()));
    stops.await.unwrap();
    drop(never_polled);
    check_empty(&room);
}

/// Somebody in the room, or in front of it.
enum Somebody {
    Runs(Caller),
    Waits(Caller, u64, oneshot::Receiver<()>),
}

/// What holds whoever comes and goes.
fn check(inner: &Inner) {
    assert!(inner.running <= inner.at_once + size(RESERVED));
    assert!(inner.waiting <= inner.queue && inner.urgent.len() <= inner.queue);
    assert_eq!(inner.waiting, inner.accounts.values().map(|account| account.waiting.len()).sum::<usize>());
    for (number, account) in &inner.accounts {
        assert!(account.running + account.waiting.len() > 0, "an account without calls is kept");
        assert!(account.running <= 2 && account.waiting.len() <= 2, "more than its share");
        assert_eq!(account.has_turn, inner.turns.contains(number));
        let could_run = !account.waiting.is_empty() && account.running < 2;
        assert!(!could_run || account.has_turn, "forgotten");
        assert!(!could_run || inner.running >= inner.at_once, "waits in front of an empty place");
    }
    assert!(inner.urgent.is_empty() || inner.running >= inner.at_once + size(RESERVED));
}

proptest! {
    #[test]
    fn nobody_is_forgotten_and_nobody_has_too_much(steps in prop::collection::vec((0_u8..4, 0_u64..4, 0_usize..64), 0..200)) {
        let room = room(3, 5);
        let mut people = Vec::new();
        for (step, account, which) in steps {
            let mut inner = room.lock();
            // Whoever was let go on runs.
            people = people.into_iter().map(|somebody| match somebody {
                Somebody::Waits(caller, ticket, mut go) => match go.try_recv() {
                    Ok(()) => Somebody::Runs(caller),
                    Err(_) => Somebody::Waits(caller, ticket, go),
                },
                runs @ Somebody::Runs(_) => runs,
            }).collect();
            if step < 2 {
                let caller = if step == 0 { caller(account) } else { urgent(account) };
                match inner.take(caller) {
                    Ok(None) => people.push(Somebody::Runs(caller)),
                    Ok(Some((ticket, go))) => people.push(Somebody::Waits(caller, ticket, go)),
                    Err(_) => {}
                }
            } else if !people.is_empty() {
                match people.swap_remove(which % people.len()) {
                    Somebody::Runs(caller) => inner.leave(caller),
                    Somebody::Waits(caller, ticket, _) => inner.give_up(caller, ticket),
                }
            }
            check(&inner);
        }
    }
}
