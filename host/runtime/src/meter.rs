//! What the memory and tables of one instance may grow to.
//!
//! Growing beyond ends the call with an error of its own, rather than with whatever the connector makes of a refusal.

use std::time::Duration;

use wasmtime::ResourceLimiter;

use crate::limit::Limits;

/// A limit of the sandbox that a connector ran into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Exceeded {
    #[error("the connector needs more than {0} bytes of memory")]
    Memory(usize),
    #[error("the connector needs more than {0} elements of tables")]
    Table(usize),
    #[error("the connector used more than {0:?} of {name}", name = crate::cpu::NAME)]
    CpuTime(Duration),
}

/// Counts over all memories and all tables of a store.
#[derive(Debug)]
pub(crate) struct Meter {
    memory: usize,
    table_elements: usize,
    limits: Limits,
}

impl Meter {
    pub(crate) fn new(limits: Limits) -> Meter {
        Meter { memory: 0, table_elements: 0, limits }
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        self.memory = self.memory.saturating_add(desired.saturating_sub(current));
        if self.memory > self.limits.memory {
            return Err(Exceeded::Memory(self.limits.memory).into());
        }
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        self.table_elements = self.table_elements.saturating_add(desired.saturating_sub(current));
        if self.table_elements > self.limits.table_elements {
            return Err(Exceeded::Table(self.limits.table_elements).into());
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.limits.instances
    }

    fn tables(&self) -> usize {
        self.limits.instances
    }

    fn memories(&self) -> usize {
        self.limits.instances
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_memories_share_one_limit() {
        let mut meter = Meter::new(Limits { memory: 100, ..Limits::default() });
        assert!(meter.memory_growing(0, 60, None).unwrap());
        assert!(meter.memory_growing(0, 40, None).unwrap());
        let error = meter.memory_growing(60, 61, None).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Exceeded::Memory(100)));
    }

    #[test]
    fn all_tables_share_one_limit() {
        let mut meter = Meter::new(Limits { table_elements: 10, ..Limits::default() });
        assert!(meter.table_growing(0, 10, None).unwrap());
        assert_eq!(meter.table_growing(0, 1, None).unwrap_err().downcast_ref(), Some(&Exceeded::Table(10)));
    }
}
