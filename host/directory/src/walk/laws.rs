//! What holds for every list, page size and total, and for pages that make no sense at all.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::script::{Scripted, Sheet};
use super::tests::{block_on, walk};
use super::*;
use crate::Error;

/// A vendor that pages by offset: a list, pages of these lengths over and over, and a total that it makes up from the
/// length of the list.
fn by_offset(
    mut list: Vec<String>,
    lengths: Vec<usize>,
    total: impl Fn(usize) -> Option<u32> + Send,
    mut before_page: impl FnMut(&mut Vec<String>) + Send,
) -> Scripted<impl FnMut(Option<&str>) -> Result<Sheet, Error> + Send> {
    let mut lengths = lengths.into_iter().cycle();
    Scripted::new(move |cursor: Option<&str>| {
        before_page(&mut list);
        let start = cursor.map_or(0, |cursor| cursor.parse().unwrap());
        let ids: Vec<String> = list.iter().skip(start).take(lengths.next().unwrap()).cloned().collect();
        let end = start + ids.len();
        Ok(Sheet {
            ids,
            unreadable: Vec::new(),
            next: (end < list.len()).then(|| end.to_string()),
            total: total(list.len()),
        })
    })
}

fn ids(count: usize) -> Vec<String> {
    (0..count).map(|id| format!("user-{id}")).collect()
}

fn is_unique(rows: &[String]) -> bool {
    rows.iter().collect::<HashSet<_>>().len() == rows.len()
}

/// Lengths of pages, long and short.
fn lengths() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![1..8_usize, 1..120_usize], 1..6)
}

#[derive(Clone, Debug)]
enum Edit {
    Insert(usize),
    Remove(usize),
}

fn edits() -> impl Strategy<Value = Vec<Vec<Edit>>> {
    let edit = prop_oneof![any::<usize>().prop_map(Edit::Insert), any::<usize>().prop_map(Edit::Remove)];
    prop::collection::vec(prop::collection::vec(edit, 0..4), 0..30)
}

proptest! {
    #[test]
    fn a_list_that_stands_still_is_walked_whole_however_it_is_cut(
        size in 0..300_usize,
        lengths in lengths(),
        tells in any::<bool>(),
    ) {
        let total = move |length: usize| tells.then(|| u32::try_from(length).unwrap());
        let directory = by_offset(ids(size), lengths, total, |_| {});
        let (rows, ending) = block_on(walk(&directory, WalkOptions::default()));
        prop_assert_eq!(rows, ids(size));
        let total = tells.then(|| u32::try_from(size).unwrap());
        prop_assert_eq!(ending.unwrap().outcome, Outcome::Complete { total });
    }

    #[test]
    fn a_lying_total_is_an_error(size in 0..300_usize, lengths in lengths(), lie in 0..320_u32) {
        let directory = by_offset(ids(size), lengths, move |_| Some(lie), |_| {});
        let (rows, ending) = block_on(walk(&directory, WalkOptions::default()));
        prop_assert!(is_unique(&rows));
        prop_assert_eq!(ending.is_ok(), usize::try_from(lie).unwrap() == size);
    }

    #[test]
    fn a_list_that_moves_is_walked_without_repeats_and_ends_or_errs(
        size in 0..100_usize,
        lengths in lengths(),
        edits in edits(),
    ) {
        let mut fresh = size;
        let mut pages = edits.clone().into_iter();
        let totals = Arc::new(Mutex::new(Vec::new()));
        let latest = Arc::new(Mutex::new(Vec::new()));
        let (totals_seen, list_seen) = (Arc::clone(&totals), Arc::clone(&latest));
        let edit = move |list: &mut Vec<String>| {
            for edit in pages.next().into_iter().flatten() {
                match edit {
                    Edit::Insert(place) => {
                        list.insert(place % (list.len() + 1), format!("user-{fresh}"));
                        fresh += 1;
                    }
                    Edit::Remove(_) if list.is_empty() => {}
                    Edit::Remove(place) => drop(list.remove(place % list.len())),
                }
            }
            totals_seen.lock().unwrap().push(list.len());
            list_seen.lock().unwrap().clone_from(list);
        };
        let directory = by_offset(ids(size), lengths, |length| Some(u32::try_from(length).unwrap()), edit);
        let (rows, ending) = block_on(walk(&directory, WalkOptions::default()));
        prop_assert!(is_unique(&rows));
        let asked = directory.asked();
        let second_reading = asked.iter().skip(1).position(|(_, query)| query.cursor.is_none()).map(|page| page + 1);
        let totals = totals.lock().unwrap();
        let first_reading = &totals[..second_reading.unwrap_or(totals.len())];
        let has_moved = first_reading.iter().any(|total| *total != first_reading[0]);
        let Ok(ending) = ending else { return Ok(()) };
        prop_assert_eq!(ending.rows, rows.len() as u64);
        prop_assert_eq!(ending.has_moved(), has_moved);
        match ending.outcome {
            Outcome::Complete { total } => prop_assert_eq!(total, Some(u32::try_from(rows.len()).unwrap())),
            Outcome::Moved { settled, .. } if second_reading.unwrap() + 1 >= edits.len() => {
                prop_assert!(settled);
                prop_assert!(latest.lock().unwrap().iter().all(|id| rows.contains(id)));
            }
            Outcome::Moved { .. } => {}
        }
    }

    #[test]
    fn any_pages_at_all_end_or_err(
        sheets in prop::collection::vec(
            (prop::collection::vec(0..9_u8, 0..4), 0..3_usize, prop::option::of(0..6_u8), prop::option::of(0..6_u32)),
            1..40,
        ),
    ) {
        let mut sheets = sheets.into_iter().cycle();
        let directory = Scripted::new(move |_: Option<&str>| {
            let (ids, unreadable, next, total) = sheets.next().unwrap();
            Ok(Sheet {
                ids: ids.iter().map(ToString::to_string).collect(),
                unreadable: vec![None; unreadable],
                next: next.map(|next| next.to_string()),
                total,
            })
        });
        let options = WalkOptions { max_pages: 50, ..WalkOptions::default() };
        let (rows, _) = block_on(walk(&directory, options));
        prop_assert!(is_unique(&rows));
        prop_assert!(directory.asked().len() <= 100);
    }
}
