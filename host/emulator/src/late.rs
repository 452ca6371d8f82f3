//! What readers see where a write is not seen at once: a copy of the directory to which every write is done again,
//! so many reads later. Counts requests and knows no clock, so that a run can be repeated.

use std::collections::VecDeque;

use crate::answer::Tenant;
use crate::directory::Directory;
use crate::write::Write;

#[derive(Debug)]
pub(crate) struct Late {
    delay: u64,
    reads: u64,
    seen: Directory,
    /// Each with the number of the last read that does not see it.
    pending: VecDeque<(u64, Write)>,
}

impl Late {
    /// `None` where everything is seen at once, which needs no copy.
    pub(crate) fn new(directory: &Directory, delay: u32) -> Option<Self> {
        let late = || Self { delay: delay.into(), reads: 0, seen: directory.clone(), pending: VecDeque::new() };
        (delay > 0).then(late)
    }

    pub(crate) fn push(&mut self, write: Write) {
        self.pending.push_back((self.reads + self.delay, write));
    }

    /// What one more read sees.
    pub(crate) fn seen(&mut self, tenant: &Tenant) -> &Directory {
        self.reads += 1;
        while let Some((_, write)) = self.pending.pop_front_if(|(last, _)| *last < self.reads) {
            // It does here what it did to the directory itself, refusals included.
            let _ = tenant.write(&mut self.seen, &write);
        }
        &self.seen
    }

    /// Sees everything.
    pub(crate) fn catch_up(&mut self, directory: &Directory) {
        self.pending.clear();
        self.seen = directory.clone();
    }
}
