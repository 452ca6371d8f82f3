//! What a walk promises, against directories that follow a script.

use super::script::{Scripted, Sheet};
use super::*;
use crate::{Effect, Error};

/// The rows that a walk over users handed out, and how it ended.
pub(super) async fn walk<F>(directory: &Scripted<F>, options: WalkOptions) -> (Vec<String>, Result<Ending, WalkError>)
where
    F: FnMut(Option<&str>) -> Result<Sheet, Error> + Send,
{
    let mut rows = Vec::new();
    let mut walk = Walk::users(directory, options);
    loop {
        match walk.next_page().await {
            Ok(Some(page)) => rows.extend(page.items.into_iter().map(|user| user.id)),
            Ok(None) => return (rows, Ok(walk.ending().unwrap())),
            Err(error) => {
                assert_eq!(walk.ending(), None);
                assert_eq!(error.rows_read, rows.len() as u64);
                assert_eq!(walk.next_page().await.unwrap_err(), error);
                return (rows, Err(error));
            }
        }
    }
}

/// Walks pages that come in this order whatever is asked, each but the last with a cursor of its own.
fn walk_sheets(sheets: &[Sheet]) -> (Vec<String>, Result<Ending, WalkError>) {
    let mut sheets = sheets.iter().cloned();
    let directory = Scripted::new(move |_: Option<&str>| Ok(sheets.next().unwrap()));
    block_on(walk(&directory, WalkOptions::default()))
}

pub(super) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// A page: ids, the cursor of the next page, the total.
fn sheet(ids: &[&str], next: Option<&str>, total: Option<u32>) -> Sheet {
    Sheet {
        ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        unreadable: Vec::new(),
        next: next.map(str::to_owned),
        total,
    }
}

#[track_caller]
fn check_ends(sheets: &[Sheet], rows: &[&str], outcome: Outcome) {
    let (walked, ending) = walk_sheets(sheets);
    assert_eq!(walked, rows);
    let ending = ending.unwrap();
    let unreadable = ending.unreadable;
    let expected = Ending { outcome, rows: rows.len() as u64, unreadable, pages: sheets.len() as u64 };
    assert_eq!(ending, expected);
}

#[track_caller]
fn check_breaks(sheets: &[Sheet], rows: &[&str], message: &str) {
    let (walked, ending) = walk_sheets(sheets);
    assert_eq!(walked, rows);
    let error = ending.unwrap_err();
    assert!(error.is_inconsistent());
    assert_eq!(error.to_string(), message);
}

#[test]
fn a_list_whose_rows_add_up_is_complete() {
    let sheets = [sheet(&["a", "b"], Some("2"), Some(3)), sheet(&["c"], None, Some(3))];
    check_ends(&sheets, &["a", "b", "c"], Outcome::Complete { total: Some(3) });
    check_ends(&[sheet(&[], None, Some(0))], &[], Outcome::Complete { total: Some(0) });
}

#[test]
fn a_short_page_is_not_the_end() {
    let sheets =
        [sheet(&["a", "b"], Some("2"), Some(4)), sheet(&["c"], Some("3"), Some(4)), sheet(&["d"], None, Some(4))];
    check_ends(&sheets, &["a", "b", "c", "d"], Outcome::Complete { total: Some(4) });
}

#[test]
fn an_empty_page_is_not_the_end() {
    let sheets = [
        sheet(&[], Some("2"), None),
        sheet(&[], Some("3"), None),
        sheet(&["a"], Some("4"), None),
        sheet(&[], None, None),
    ];
    check_ends(&sheets, &["a"], Outcome::Complete { total: None });
}

#[test]
fn a_repeated_row_is_handed_out_once() {
    let sheets = [sheet(&["a", "b", "a"], Some("2"), Some(3)), sheet(&["b", "c"], None, Some(3))];
    check_ends(&sheets, &["a", "b", "c"], Outcome::Complete { total: Some(3) });
}

#[test]
fn a_list_that_shrinks_has_moved() {
    let sheets = [
        sheet(&["a", "b"], Some("2"), Some(4)),
        sheet(&["d"], None, Some(3)),
        sheet(&["b", "c"], Some("2"), Some(3)),
        sheet(&["d"], None, Some(3)),
    ];
    let outcome = Outcome::Moved { first_total: 4, last_total: 3, settled: true };
    check_ends(&sheets, &["a", "b", "d", "c"], outcome);
}

#[test]
fn a_list_that_grows_has_moved() {
    let sheets = [
        sheet(&["b", "c"], Some("2"), Some(3)),
        sheet(&["c", "d"], None, Some(4)),
        sheet(&["a", "b"], Some("2"), Some(4)),
        sheet(&["c", "d"], None, Some(4)),
    ];
    let outcome = Outcome::Moved { first_total: 3, last_total: 4, settled: true };
    check_ends(&sheets, &["b", "c", "d", "a"], outcome);
}

#[test]
fn a_list_has_moved_even_when_its_rows_add_up_in_the_end() {
    let sheets = [
        sheet(&["a"], Some("2"), Some(1)),
        sheet(&["b"], None, Some(2)),
        sheet(&["a"], Some("2"), Some(2)),
        sheet(&["b"], None, Some(2)),
    ];
    let outcome = Outcome::Moved { first_total: 1, last_total: 2, settled: true };
    check_ends(&sheets, &["a", "b"], outcome);
}

#[test]
fn a_list_that_keeps_moving_is_not_read_a_third_time() {
    let sheets = [
        sheet(&["a", "b"], Some("2"), Some(4)),
        sheet(&["d"], None, Some(3)),
        sheet(&["b", "c"], Some("2"), Some(3)),
        sheet(&["e"], None, Some(2)),
    ];
    let outcome = Outcome::Moved { first_total: 4, last_total: 2, settled: false };
    check_ends(&sheets, &["a", "b", "d", "c", "e"], outcome);
}

#[test]
fn a_second_reading_that_does_not_add_up_has_not_settled() {
    let first = [sheet(&["a", "b"], Some("2"), Some(4)), sheet(&["d"], None, Some(3))];
    let moved = |last_total| Outcome::Moved { first_total: 4, last_total, settled: false };
    let mut short = first.to_vec();
    short.push(sheet(&["b", "d"], None, Some(3)));
    check_ends(&short, &["a", "b", "d"], moved(3));
    let mut mute = first.to_vec();
    mute.push(sheet(&["b", "d"], None, None));
    check_ends(&mute, &["a", "b", "d"], moved(3));
}

#[test]
fn a_page_that_brings_nothing_new_is_an_error() {
    let sheets = [sheet(&["a", "b"], Some("2"), Some(4)), sheet(&["b", "a"], Some("3"), Some(4))];
    check_breaks(
        &sheets,
        &["a", "b"],
        "a page brought no row that was not on an earlier one (`repeated-page`); rows read: 2, pages read: 1",
    );
}

#[test]
fn a_repeated_last_page_is_an_error() {
    let sheets = [sheet(&["a", "b"], Some("2"), None), sheet(&["a", "b"], None, None)];
    check_breaks(
        &sheets,
        &["a", "b"],
        "a page brought no row that was not on an earlier one (`repeated-page`); rows read: 2, pages read: 1",
    );
}

#[test]
fn a_page_that_growth_pushed_back_whole_has_moved() {
    let sheets = [
        sheet(&["a"], Some("1"), Some(2)),
        sheet(&["a"], Some("2"), Some(3)),
        sheet(&["b"], None, Some(3)),
        sheet(&["new"], Some("1"), Some(3)),
        sheet(&["a"], Some("2"), Some(3)),
        sheet(&["b"], None, Some(3)),
    ];
    let outcome = Outcome::Moved { first_total: 2, last_total: 3, settled: true };
    check_ends(&sheets, &["a", "b", "new"], outcome);
}

#[test]
fn a_steady_total_that_the_rows_do_not_meet_is_an_error() {
    check_breaks(
        &[sheet(&["a"], Some("1"), Some(3)), sheet(&["b"], None, Some(3))],
        &["a"],
        "the list has `2` different rows where the vendor counts `3` (`wrong-count`); rows read: 1, pages read: 1",
    );
    check_breaks(
        &[sheet(&["a"], Some("1"), Some(1)), sheet(&["b"], None, Some(1))],
        &["a"],
        "the list has `2` different rows where the vendor counts `1` (`wrong-count`); rows read: 1, pages read: 1",
    );
    check_breaks(
        &[sheet(&[], None, Some(5))],
        &[],
        "the list has `0` different rows where the vendor counts `5` (`wrong-count`); rows read: 0, pages read: 0",
    );
}

#[test]
fn a_cursor_that_leads_to_itself_is_an_error_at_once() {
    let sheets = [sheet(&["a"], Some("1"), None), sheet(&["b"], Some("2"), None), sheet(&["c"], Some("2"), None)];
    check_breaks(
        &sheets,
        &["a", "b"],
        "the pages of the list lead back to an earlier one (`cursor-loop`); rows read: 2, pages read: 2",
    );
}

#[test]
fn empty_pages_that_lead_round_are_an_error() {
    let directory = Scripted::new(|cursor: Option<&str>| {
        let next = match cursor {
            Some("1") => "2",
            Some("2") => "3",
            _ => "1",
        };
        Ok(sheet(&[], Some(next), None))
    });
    let (rows, ending) = block_on(walk(&directory, WalkOptions::default()));
    assert!(rows.is_empty());
    assert_eq!(
        ending.unwrap_err().to_string(),
        "the pages of the list lead back to an earlier one (`cursor-loop`); rows read: 0, pages read: 5"
    );
}

#[test]
fn pages_without_end_meet_the_limit() {
    let mut place = 0;
    let directory = Scripted::new(move |_: Option<&str>| {
        place += 1;
        Ok(sheet(&[], Some(&place.to_string()), None))
    });
    let options = WalkOptions { max_pages: 7, ..WalkOptions::default() };
    let (_, ending) = block_on(walk(&directory, options));
    let error = ending.unwrap_err();
    assert!(error.is_page_limit());
    assert_eq!(error.to_string(), "the list has more than `7` pages (`page-limit`); rows read: 0, pages read: 7");
    assert_eq!(directory.asked().len(), 7);
}

#[test]
fn a_failed_page_is_not_the_end() {
    let failure = Error::timeout("no answer within `30s`", Effect::None);
    let sheets = [Ok(sheet(&["a", "b"], Some("2"), Some(3))), Err(failure.clone())];
    let mut sheets = sheets.into_iter();
    let directory = Scripted::new(move |_: Option<&str>| sheets.next().unwrap());
    let (rows, ending) = block_on(walk(&directory, WalkOptions::default()));
    assert_eq!(rows, ["a", "b"]);
    let error = ending.unwrap_err();
    assert!(error.is_page_failure());
    assert_eq!(error.error, failure);
    assert_eq!((error.rows_read, error.pages_read), (2, 1));
}

#[test]
fn a_row_without_an_id_is_an_error() {
    check_breaks(
        &[sheet(&["a", ""], None, None)],
        &[],
        "a row of the list has an empty id (`row-without-id`); rows read: 0, pages read: 0",
    );
}

#[test]
fn an_unreadable_row_counts_and_makes_the_list_partial() {
    let mut first = sheet(&["a"], Some("2"), Some(4));
    first.unreadable = vec![Some("b".to_owned()), None];
    let sheets = [first, sheet(&["d"], None, Some(4))];
    let (rows, ending) = walk_sheets(&sheets);
    let ending = ending.unwrap();
    assert_eq!(rows, ["a", "d"]);
    assert_eq!(ending.outcome, Outcome::Complete { total: Some(4) });
    assert_eq!(ending.unreadable, 2);
    assert!(ending.is_partial());
}

#[test]
fn a_page_of_new_unreadable_rows_is_no_repeated_page() {
    let mut second = sheet(&[], Some("3"), Some(3));
    second.unreadable = vec![Some("b".to_owned())];
    let mut repeated = second.clone();
    repeated.next = Some("4".to_owned());
    let first = sheet(&["a"], Some("2"), Some(3));
    let last = sheet(&["c"], None, Some(3));
    let sheets = [first.clone(), second.clone(), last];
    check_ends(&sheets, &["a", "c"], Outcome::Complete { total: Some(3) });
    check_breaks(
        &[first, second, repeated],
        &["a"],
        "a page brought no row that was not on an earlier one (`repeated-page`); rows read: 1, pages read: 2",
    );
}

#[test]
fn a_row_that_the_second_reading_can_read_is_handed_out() {
    let mut first = sheet(&["a"], None, None);
    first.unreadable = vec![Some("b".to_owned()), Some("c".to_owned())];
    first.next = Some("3".to_owned());
    first.total = Some(4);
    let mut third = sheet(&["a", "b"], None, Some(3));
    third.unreadable = vec![Some("c".to_owned())];
    let (rows, ending) = walk_sheets(&[first, sheet(&[], None, Some(3)), third]);
    assert_eq!(rows, ["a", "b"]);
    assert_eq!(ending.unwrap().unreadable, 1);
}

#[test]
fn an_unreadable_row_with_an_id_is_reported_once() {
    let mut page = sheet(&["a"], Some("2"), Some(3));
    page.unreadable = vec![Some("b".to_owned()), None];
    let sheets = [page.clone(), sheet(&["c"], None, Some(4)), page, sheet(&["c"], None, Some(4))];
    let mut sheets = sheets.into_iter();
    let directory = Scripted::new(move |_: Option<&str>| Ok(sheets.next().unwrap()));
    let mut walk = Walk::users(&directory, WalkOptions::default());
    let mut reported = Vec::new();
    while let Some(page) = block_on(walk.next_page()).unwrap() {
        reported.extend(page.unreadable.into_iter().map(|row| row.id));
    }
    assert_eq!(reported, [Some("b".to_owned()), None, None]);
    assert!(walk.is_rereading());
    assert_eq!(walk.ending().unwrap().unreadable, 2);
}

#[test]
fn every_page_is_asked_for_with_the_same_options() {
    let directory = Scripted::new(|cursor: Option<&str>| {
        Ok(match cursor {
            None => sheet(&["a"], Some("2"), None),
            Some(_) => sheet(&["b"], None, None),
        })
    });
    let options = WalkOptions { size: Some(1), remote_data: true, ..WalkOptions::default() };
    block_on(async {
        let mut users = Walk::users(&directory, options);
        while users.next_page().await.unwrap().is_some() {}
        let mut groups = Walk::groups(&directory, options);
        while groups.next_page().await.unwrap().is_some() {}
        let mut members = Walk::members(&directory, "7", options);
        while members.next_page().await.unwrap().is_some() {}
    });
    let query = |cursor: Option<&str>| PageQuery {
        cursor: cursor.map(str::to_owned),
        size: Some(1),
        options: ReadOptions { remote_data: true },
    };
    let expected: Vec<_> = ["users", "groups", "members:7"]
        .into_iter()
        .flat_map(|list| [None, Some("2")].map(|cursor| (list.to_owned(), query(cursor))))
        .collect();
    assert_eq!(directory.asked(), expected);
}

/// A list of so many rows on pages of two, where a page fails as often as the second function says.
fn failing(
    rows: usize,
    mut fails: impl FnMut(usize) -> bool + Send,
) -> Scripted<impl FnMut(Option<&str>) -> Result<Sheet, Error> + Send> {
    let total = u32::try_from(rows).ok();
    Scripted::new(move |cursor: Option<&str>| {
        let start = cursor.map_or(0, |cursor| script::parts(cursor).unwrap().0);
        if fails(start) {
            return Err(Error::timeout("no answer within `30s`", Effect::None));
        }
        let ids = (start..rows).take(2).map(|id| id.to_string()).collect();
        let next = (start + 2 < rows).then(|| script::jumping_cursor(start + 2, 2, total));
        Ok(Sheet { ids, unreadable: Vec::new(), next, total })
    })
    .pausing(vec![1])
}

#[test]
fn pages_are_read_side_by_side_and_come_in_order() {
    let directory = failing(100, |_| false);
    let (rows, ending) = block_on(walk(&directory, WalkOptions { concurrency: 5, ..WalkOptions::default() }));
    assert_eq!(rows, (0..100).map(|id| id.to_string()).collect::<Vec<_>>());
    assert_eq!(ending.unwrap().pages, 50);
    assert_eq!((directory.asked().len(), directory.most_under_way()), (50, 5));
}

#[test]
fn a_page_that_fails_beside_others_is_read_again_in_its_turn() {
    let mut left = 1;
    let directory = failing(100, move |start| start == 40 && std::mem::take(&mut left) == 1);
    let (rows, ending) = block_on(walk(&directory, WalkOptions::default()));
    assert_eq!((rows.len(), ending.is_ok()), (100, true));
    let place = |query: &PageQuery| query.cursor.as_deref().map_or(0, |cursor| script::parts(cursor).unwrap().0);
    let asked: Vec<_> = directory.asked().iter().map(|(_, query)| place(query)).collect();
    assert_eq!(asked.iter().filter(|start| **start == 40).count(), 2);
}

#[test]
fn a_page_that_fails_in_its_turn_as_well_is_an_error() {
    let directory = failing(100, |start| start == 40);
    let (rows, ending) = block_on(walk(&directory, WalkOptions::default()));
    let error = ending.unwrap_err();
    assert!(error.is_page_failure());
    assert_eq!((rows.len(), error.rows_read, error.pages_read), (40, 40, 20));
}

#[test]
fn a_vendor_that_cannot_jump_is_asked_for_one_page_after_another() {
    let mut place = 0;
    let directory = Scripted::new(move |_: Option<&str>| {
        place += 1;
        Ok(sheet(&[&place.to_string()], (place < 30).then(|| place.to_string()).as_deref(), Some(30)))
    })
    .pausing(vec![1]);
    let (rows, ending) = block_on(walk(&directory, WalkOptions::default()));
    assert_eq!((rows.len(), ending.is_ok(), directory.most_under_way()), (30, true, 1));
}

#[test]
fn a_walk_may_be_spawned() {
    fn is_send<T: Send>(_: &T) {}
    let directory = Scripted::new(|_: Option<&str>| Ok(Sheet::default()));
    is_send(&walk(&directory, WalkOptions::default()));
}
