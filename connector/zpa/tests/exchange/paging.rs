//! Paging against every server that was seen: for any directory, page size and cap, pages bring each row once and end,
//! or the page that is wrong is an error. Never is a wrong page the end.

use portcullis_zpa::http::{Request, Response};
use portcullis_zpa::mapping::Resource;
use portcullis_zpa::{list, wit};
use proptest::prelude::*;

use crate::server::account;

/// A directory behind a server with habits.
#[derive(Clone, Debug)]
struct Server {
    users: u32,
    /// At most so many rows a page.
    cap: u32,
    /// What it counts, where that is not the truth.
    total: Option<u32>,
    habit: Habit,
    /// Whether it says where a page starts.
    echoes: bool,
}

/// What servers were seen to do (scim-peers 1).
#[derive(Clone, Copy, Debug, PartialEq)]
enum Habit {
    Proper,
    /// Every page is the first.
    NeverAdvances,
    /// A page past the end is the first again.
    StartsOver,
    /// Takes the index for the number of a page.
    PageNumbers,
    /// Brings nothing from this row on, though it counts more.
    DriesUp(u32),
    /// Leaves the total away.
    NoTotal,
    /// Answers 400 to an index past the end.
    RefusesPastTheEnd,
}

impl Server {
    fn answer(&self, request: &Request) -> Response {
        let parameter = |name: &str| -> u32 {
            let query = request.path.split_once('?').unwrap().1;
            let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).unwrap();
            value.parse().unwrap()
        };
        let (start, count) = (parameter("startIndex"), parameter("count").min(self.cap));
        let first = match self.habit {
            Habit::NeverAdvances => 1,
            Habit::StartsOver if start > self.users => 1,
            Habit::PageNumbers => (start - 1) * count + 1,
            _ => start,
        };
        let end = match self.habit {
            Habit::DriesUp(row) => self.users.min(row),
            _ => self.users,
        };
        let rows: Vec<_> =
            (first..first.saturating_add(count).min(end + 1)).map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
        let total = self.total.unwrap_or(self.users);
        let total = if self.habit == Habit::NoTotal { String::new() } else { format!(r#""totalResults":{total},"#) };
        let echo = if self.echoes { format!(r#""startIndex":{first},"#) } else { String::new() };
        let body = format!(r#"{{{total}{echo}"itemsPerPage":{count},"Resources":[{}]}}"#, rows.join(","));
        Response { status: 200, headers: Vec::new(), body: body.into_bytes() }
    }

    /// All ids in the order they came, or the error that ended it. More pages than rows are a bug.
    fn read(&self, size: u32) -> Result<Vec<u32>, String> {
        let mut ids = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..=self.users + 2 {
            let page = list::list(
                &account(),
                Resource::User,
                cursor.as_deref(),
                Some(size),
                wit::ReadOptions::empty(),
                &mut |request| Ok(self.answer(request)),
            )
            .map_err(|err| err.message)?;
            ids.extend(page.items.iter().map(|user| user.id().parse::<u32>().unwrap()));
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(ids);
            }
        }
        panic!("it does not end");
    }
}

fn server(users: u32, habit: Habit) -> Server {
    Server { users, cap: 100, total: None, habit, echoes: false }
}

#[test]
fn a_page_that_never_advances_is_an_error() {
    let expected = "the vendor answered the rows from 11 with a page that it had already sent".to_owned();
    assert_eq!(server(25, Habit::NeverAdvances).read(10), Err(expected));
    let expected = "asked for the rows from 11, the vendor answered with those from 1".to_owned();
    assert_eq!(Server { echoes: true, ..server(25, Habit::NeverAdvances) }.read(10), Err(expected));
}

#[test]
fn a_page_past_the_end_that_starts_over_is_an_error_where_there_is_no_total_to_stop_at() {
    let lying = Server { total: Some(40), ..server(25, Habit::StartsOver) };
    let expected = "the vendor answered the rows from 26 with a page that it had already sent".to_owned();
    assert_eq!(lying.read(10), Err(expected));
}

#[test]
fn however_the_vendor_answers_past_the_end_it_is_the_end() {
    // The last page is a full one, so that the end is asked for.
    for habit in [Habit::Proper, Habit::StartsOver, Habit::RefusesPastTheEnd] {
        for echoes in [false, true] {
            assert_eq!(Server { echoes, ..server(30, habit) }.read(10), Ok((1..=30).collect()), "{habit:?}");
        }
    }
}

#[test]
fn a_total_that_counts_the_page_is_not_believed() {
    for total in [10, 20, 23] {
        let lying = Server { total: Some(total), ..server(35, Habit::Proper) };
        assert_eq!(lying.read(10), Ok((1..=35).collect()), "{total}");
    }
}

#[test]
fn a_list_that_dries_up_before_its_total_is_an_error() {
    let expected = "the vendor sent no rows from 13 on, though it counts 25".to_owned();
    assert_eq!(server(25, Habit::DriesUp(12)).read(10), Err(expected));
}

#[test]
fn a_cap_below_the_size_skips_nothing() {
    assert_eq!(Server { cap: 7, ..server(25, Habit::Proper) }.read(10), Ok((1..=25).collect()));
}

#[test]
fn without_a_total_the_list_ends_on_the_first_empty_page() {
    assert_eq!(server(25, Habit::NoTotal).read(10), Ok((1..=25).collect()));
}

#[test]
fn a_size_that_the_vendor_does_not_serve_is_refused_before_sending() {
    for (size, message) in
        [(0, "size `0` asks for nothing"), (101, "size `101` is above the vendor's largest page of 100")]
    {
        let err = list::list(&account(), Resource::User, None, Some(size), wit::ReadOptions::empty(), &mut |_| {
            panic!("sent")
        });
        let err = err.unwrap_err();
        assert_eq!((err.message.as_str(), err.field.as_deref()), (message, Some("size")));
    }
}

proptest! {
    #[test]
    fn pages_bring_each_row_once_and_end_or_err(
        users in 0_u32..300,
        cap in 1_u32..120,
        size in 1_u32..=100,
        total in proptest::option::of(0_u32..400),
        echoes: bool,
        habit in prop_oneof![
            Just(Habit::Proper),
            Just(Habit::NeverAdvances),
            Just(Habit::StartsOver),
            Just(Habit::PageNumbers),
            (0_u32..300).prop_map(Habit::DriesUp),
            Just(Habit::NoTotal),
            Just(Habit::RefusesPastTheEnd),
        ],
    ) {
        let server = Server { users, cap, total, habit, echoes };
        let read = server.read(size);
        // A server without bad habits that counts right, or not at all, is no error.
        let is_honest = matches!(habit, Habit::Proper | Habit::NoTotal | Habit::RefusesPastTheEnd);
        let counts_right = total.is_none() || habit == Habit::NoTotal;
        prop_assert!(read.is_ok() || !is_honest || !counts_right, "{read:?}");
        if let Ok(ids) = read {
            let mut unique = ids.clone();
            unique.sort_unstable();
            unique.dedup();
            prop_assert_eq!(unique.len(), ids.len(), "a row came twice");
            // Every server is read whole, as far as it shows rows, but one that takes an index for a page number, and
            // those whose answers are to the byte the ones of a small directory: the first page cut short, or sent
            // again and again, and no more counted than that.
            let shown = if let Habit::DriesUp(row) = habit { users.min(row) } else { users };
            let is_repeated = habit == Habit::NeverAdvances;
            let is_small = total.is_some_and(|total| (total <= cap && cap < size) || (total <= size && is_repeated));
            if habit != Habit::PageNumbers && !is_small {
                prop_assert_eq!(ids, (1..=shown).collect::<Vec<_>>());
            }
        }
    }
}
