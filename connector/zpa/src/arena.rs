//! Where memory is taken from: one piece after another, and from the beginning again when none is in use any more.
//!
//! A connector remembers nothing between two calls, so an instance that is kept for many is as small after each as it
//! was after the first. Within a call, what is given back is used again where it was the last piece, or the largest hole:
//! what was read is that when it comes to the answer. A host clears whatever was written before the next call, so what
//! is used twice is saved twice.
//!
//! This is arithmetic on addresses; `memory` does as it says. A piece has at least one byte, as the language promises.

use core::alloc::Layout;

/// A stretch of memory, in addresses.
#[derive(Debug)]
pub(crate) struct Arena {
    base: usize,
    next: usize,
    end: usize,
    /// What is left of the largest piece that was given back.
    hole: (usize, usize),
    /// How many pieces are in use.
    pieces: usize,
}

/// Up to which address there would have to be memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Short(pub(crate) usize);

impl Arena {
    /// All of it, from one address up to another.
    pub(crate) const fn new(base: usize, end: usize) -> Arena {
        Arena { base, next: base, end, hole: (0, 0), pieces: 0 }
    }

    /// There is memory up to this address now.
    pub(crate) fn grow(&mut self, end: usize) {
        self.end = end;
    }

    /// Takes a piece, and says where it is.
    pub(crate) fn take(&mut self, layout: Layout) -> Result<usize, Short> {
        let end = self.hole.1;
        let within = align(self.hole.0, layout).filter(|at| end.saturating_sub(*at) >= layout.size());
        let at = if let Some(at) = within {
            self.hole.0 = at + layout.size();
            at
        } else {
            let at = align(self.next, layout).ok_or(Short(usize::MAX))?;
            self.advance(at, layout.size())?;
            at
        };
        self.pieces += 1;
        Ok(at)
    }

    /// Makes a piece larger or smaller where it is; `None` where it would have to move for that.
    pub(crate) fn resize(&mut self, at: usize, from: usize, to: usize) -> Option<Result<(), Short>> {
        if at + from == self.next {
            return Some(self.advance(at, to));
        }
        (to <= from).then_some(Ok(()))
    }

    /// Gives a piece back.
    pub(crate) fn give(&mut self, at: usize, size: usize) {
        self.pieces -= 1;
        if self.pieces == 0 {
            (self.next, self.hole) = (self.base, (0, 0));
        } else if at + size == self.next {
            self.next = at;
        } else if size > self.hole.1 - self.hole.0 {
            self.hole = (at, at + size);
        }
    }

    fn advance(&mut self, at: usize, size: usize) -> Result<(), Short> {
        let next = at.checked_add(size).ok_or(Short(usize::MAX))?;
        if next > self.end {
            return Err(Short(next));
        }
        self.next = next;
        Ok(())
    }
}

/// The first address from here on that is aligned. An alignment is a power of two, which the compiler does not know: it
/// would divide.
fn align(at: usize, layout: Layout) -> Option<usize> {
    let below = layout.align() - 1;
    Some(at.checked_add(below)? & !below)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::prelude::v1::*;
    use std::vec;

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size, 8).unwrap()
    }

    #[test]
    fn it_is_empty_again_when_nothing_is_in_use() {
        let mut arena = Arena::new(64, 1024);
        assert_eq!([10, 20].map(|size| arena.take(layout(size))), [Ok(64), Ok(80)]);
        arena.give(80, 20);
        arena.give(64, 10);
        assert_eq!(arena.take(layout(1)), Ok(64));
    }

    #[test]
    fn the_largest_piece_that_was_given_back_is_used_again() {
        let mut arena = Arena::new(64, 1024);
        assert_eq!([16, 40, 16, 8].map(|size| arena.take(layout(size))), [Ok(64), Ok(80), Ok(120), Ok(136)]);
        arena.give(64, 16);
        arena.give(80, 40);
        arena.give(120, 16);
        assert_eq!([20, 16, 1].map(|size| arena.take(layout(size))), [Ok(80), Ok(104), Ok(144)]);
    }

    #[test]
    fn the_last_piece_grows_where_it_is() {
        let mut arena = Arena::new(0, 100);
        assert_eq!((arena.take(layout(8)), arena.take(layout(8))), (Ok(0), Ok(8)));
        assert_eq!((arena.resize(0, 8, 9), arena.resize(0, 8, 4)), (None, Some(Ok(()))));
        assert_eq!((arena.resize(8, 8, 92), arena.resize(8, 92, 93)), (Some(Ok(())), Some(Err(Short(101)))));
        arena.grow(101);
        assert_eq!(arena.resize(8, 92, 93), Some(Ok(())));
    }

    #[test]
    fn what_no_address_could_hold_is_refused() {
        let mut arena = Arena::new(64, usize::MAX);
        let most = isize::MAX.unsigned_abs() - 7;
        assert_eq!(arena.take(layout(most)), Ok(64));
        assert_eq!(arena.take(layout(most)), Err(Short(usize::MAX)));
        assert_eq!(arena.resize(64, most, usize::MAX), Some(Err(Short(usize::MAX))));
        // Nor is the rest of a hole that ends where addresses do.
        let mut arena = Arena { hole: (usize::MAX - 3, usize::MAX), ..Arena::new(64, 1024) };
        assert_eq!(arena.take(layout(2)), Ok(64));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Take(usize, usize),
        Give(usize),
        Resize(usize, usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (1_usize..200, 0_u32..5).prop_map(|(size, align)| Step::Take(size, 1 << align)),
            any::<usize>().prop_map(Step::Give),
            (any::<usize>(), 1_usize..300).prop_map(|(which, size)| Step::Resize(which, size)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn no_two_pieces_overlap(steps in proptest::collection::vec(step(), 0..80)) {
            let mut arena = Arena::new(1000, 5000);
            let mut pieces: Vec<(usize, usize)> = vec![];
            for step in steps {
                match step {
                    Step::Take(size, align) => {
                        if let Ok(at) = arena.take(Layout::from_size_align(size, align).unwrap()) {
                            prop_assert_eq!(at % align, 0);
                            pieces.push((at, size));
                        }
                    }
                    Step::Give(which) if !pieces.is_empty() => {
                        let (at, size) = pieces.swap_remove(which % pieces.len());
                        arena.give(at, size);
                    }
                    Step::Resize(which, to) if !pieces.is_empty() => {
                        let which = which % pieces.len();
                        let (at, from) = pieces[which];
                        if arena.resize(at, from, to) == Some(Ok(())) {
                            pieces[which].1 = to;
                        }
                    }
                    Step::Give(_) | Step::Resize(..) => {}
                }
                let mut sorted = pieces.clone();
                sorted.sort_unstable();
                prop_assert!(sorted.iter().all(|(at, size)| *at >= 1000 && at + size <= 5000));
                prop_assert!(sorted.windows(2).all(|two| two[0].0 + two[0].1 <= two[1].0), "{:?}", sorted);
            }
            for (at, size) in pieces {
                arena.give(at, size);
            }
            prop_assert_eq!(arena.take(Layout::from_size_align(4000, 1).unwrap()), Ok(1000));
        }
    }
}
