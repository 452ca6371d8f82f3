//! What holds for every list, page size and total, and for pages that make no sense at all.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;

use super::script::{Scripted, Sheet, jumping_cursor, parts};
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
        let (start, first) = cursor.map_or((0, None), |cursor| {
            let (start, step, _) = parts(cursor).unwrap();
            (start, Some(step))
        });
        let ids: Vec<String> = list.iter().skip(start).take(lengths.next().unwrap()).cloned().collect();
        let (end, step, total) = (start + ids.len(), first.unwrap_or(ids.len()), total(list.len()));
        let next = (end < list.len()).then(|| jumping_cursor(end, step, total));
        Ok(Sheet { ids, unreadable: Vec::new(), next, total })
    })
}

fn ids(count: usize) -> Vec<String> {
    (0..count).map(|id| format!("user-{id}")).collect()
}

fn is_unique(rows: &[String]) -> bool {
    rows.iter().collect::<HashSet<_>>().len() == rows.len()
}

/// Options that read so many pages at a time.
fn at_a_time(concurrency: u32) -> WalkOptions {
    WalkOptions { concurrency, ..WalkOptions::default() }
}

/// How often pages give way to others.
fn pauses() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..4_usize, 1..6)
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
        concurrency in 1..12_u32,
        pauses in pauses(),
    ) {
        let total = move |length: usize| tells.then(|| u32::try_from(length).unwrap());
        let directory = by_offset(ids(size), lengths, total, |_| {}).pausing(pauses);
        let (rows, ending) = block_on(walk(&directory, at_a_time(concurrency)));
        prop_assert!(directory.most_under_way() <= concurrency as usize);
        prop_assert_eq!(rows, ids(size));
        let total = tells.then(|| u32::try_from(size).unwrap());
        prop_assert_eq!(ending.unwrap().outcome, Outcome::Complete { total });
    }

    #[test]
    fn a_lying_total_is_an_error(
        size in 0..300_usize,
        lengths in lengths(),
        lie in 0..320_u32,
        concurrency in 1..12_u32,
    ) {
        let directory = by_offset(ids(size), lengths, move |_| Some(lie), |_| {});
        let (rows, ending) = block_on(walk(&directory, at_a_time(concurrency)));
        prop_assert!(is_unique(&rows));
        prop_assert_eq!(ending.is_ok(), usize::try_from(lie).unwrap() == size);
    }

    #[test]
    fn a_list_that_moves_is_walked_without_repeats_and_ends_or_errs(
        size in 0..100_usize,
        lengths in lengths(),
        edits in edits(),
        concurrency in 1..12_u32,
        pauses in pauses(),
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
        let directory = directory.pausing(pauses);
        let (rows, ending) = block_on(walk(&directory, at_a_time(concurrency)));
        prop_assert!(is_unique(&rows));
        let asked = directory.asked();
        let second_reading = asked.iter().skip(1).position(|(_, query)| query.cursor.is_none()).map(|page| page + 1);
        let totals = totals.lock().unwrap();
        let first_reading = &totals[..second_reading.unwrap_or(totals.len())];
        let has_moved = first_reading.iter().any(|total| *total != first_reading[0]);
        let Ok(ending) = ending else { return Ok(()) };
        prop_assert_eq!(ending.rows, rows.len() as u64);
        // Of pages that were read in vain the walk knows nothing.
        if concurrency == 1 {
            prop_assert_eq!(ending.has_moved(), has_moved);
        } else {
            prop_assert!(has_moved || !ending.has_moved());
        }
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
    fn pages_that_were_read_in_vain_are_few(
        size in 0..1000_usize,
        lengths in lengths(),
        step in 1..50_usize,
        concurrency in 2..12_u32,
    ) {
        let total = |length: usize| Some(u32::try_from(length).unwrap());
        let asked = |lengths: Vec<usize>, concurrency| {
            let directory = by_offset(ids(size), lengths, total, |_| {});
            block_on(walk(&directory, at_a_time(concurrency))).1.unwrap();
            directory.asked().len()
        };
        // A list whose pages are full but for the last costs not one page more.
        prop_assert_eq!(asked(vec![step], concurrency), asked(vec![step], 1));
        // Else the first page that is not full is the last that others were read beside.
        let pages = block_on(async {
            let directory = by_offset(ids(size), lengths.clone(), total, |_| {});
            walk(&directory, at_a_time(concurrency)).await.1.unwrap().pages
        });
        prop_assert!(asked(lengths, concurrency) as u64 <= pages + u64::from(concurrency));
    }

    #[test]
    fn a_call_that_is_dropped_loses_and_repeats_nothing(
        size in 0..400_usize,
        lengths in lengths(),
        concurrency in 1..12_u32,
        pauses in pauses(),
        polls in prop::collection::vec(1..6_usize, 1..20),
    ) {
        let directory = by_offset(ids(size), lengths, |length| Some(u32::try_from(length).unwrap()), |_| {});
        let directory = directory.pausing(pauses);
        let mut walk = Walk::users(&directory, at_a_time(concurrency));
        let (mut rows, mut patience) = (Vec::new(), 0);
        let mut polls = polls.into_iter().cycle();
        let mut context = Context::from_waker(Waker::noop());
        loop {
            // Patience that grows, so that the slowest page comes at last.
            patience += 1;
            let mut call = pin!(walk.next_page());
            let limit = polls.next().unwrap() + patience;
            let answer = (0..limit).find_map(|_| match call.as_mut().poll(&mut context) {
                Poll::Ready(answer) => Some(answer),
                Poll::Pending => None,
            });
            match answer {
                Some(page) => match page.unwrap() {
                    Some(page) => rows.extend(page.items.into_iter().map(|user| user.id)),
                    None => break,
                },
                None => continue,
            }
            prop_assert_eq!(directory.under_way(), 0);
        }
        prop_assert_eq!(rows, ids(size));
    }

    #[test]
    fn any_pages_at_all_end_or_err(
        sheets in prop::collection::vec(
            (prop::collection::vec(0..9_u8, 0..4), 0..3_usize, prop::option::of(0..6_u8), prop::option::of(0..6_u32)),
            1..40,
        ),
        concurrency in 1..12_u32,
    ) {
        let mut sheets = sheets.into_iter().cycle();
        let directory = Scripted::new(move |_: Option<&str>| {
            let (ids, unreadable, next, total) = sheets.next().unwrap();
            Ok(Sheet {
                ids: ids.iter().map(ToString::to_string).collect(),
                unreadable: vec![None; unreadable],
                next: next.map(|next| jumping_cursor(next.into(), ids.len().max(1), total)),
                total,
            })
        });
        let options = WalkOptions { max_pages: 50, ..at_a_time(concurrency) };
        let (rows, _) = block_on(walk(&directory, options));
        prop_assert!(is_unique(&rows));
        // Two readings, and what was under way at the end of reading side by side in each.
        prop_assert!(directory.asked().len() <= 100 + 2 * (concurrency as usize - 1));
    }
}
