//! The engine of a runtime: how connectors are compiled and where their instances live.
//!
//! It is the same for every connector and every account, and holds nothing of any.

use wasmtime::{Config, Enabled, Engine, PoolingAllocationConfig};

use crate::error::{Error, Kind};
use crate::limit::Limits;
use crate::room;

/// An engine with the best allocator that this process has the address space for.
///
/// A pool of slots of 4 GiB makes code without bounds checks, and instances that are set up in microseconds, but takes
/// terabytes of addresses. Whether they are to be had depends on the machine, its limits, and the other runtimes of
/// the process, so the way to know is to try.
pub(crate) fn new(limits: &Limits) -> Result<Engine, Error> {
    let mut refusal = None;
    for (name, config) in allocators(limits) {
        match Engine::new(&config) {
            Ok(engine) => {
                tracing::debug!(allocator = name, "made the engine");
                return Ok(engine);
            }
            Err(error) => refusal = Some(error),
        }
    }
    Err(Kind::Engine(refusal.map_or_else(String::new, |error| error.root_cause().to_string())).into())
}

/// Every allocator, the best first. The last one needs no more addresses than the calls that run.
pub(crate) fn allocators(limits: &Limits) -> [(&'static str, Config); 3] {
    [
        ("pool", pooled(limits, WHOLE_RESERVATION, WHOLE_GUARD)),
        ("small pool", pooled(limits, limits.memory as u64, SMALL_GUARD)),
        ("on demand", on_demand(limits)),
    ]
}

fn pooled(limits: &Limits, reservation: u64, guard: u64) -> Config {
    let calls = limits.concurrent_calls.saturating_add(room::RESERVED);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(calls)
        .total_core_instances(calls.saturating_mul(4))
        .total_memories(calls)
        .total_tables(calls.saturating_mul(2))
        .total_stacks(calls)
        .max_memory_size(limits.memory)
        .table_elements(limits.table_elements)
        // Pages that were written stay resident and are cleared in place, found by asking the kernel for them: half
        // the set-up time of giving them back. A page of 100 users writes 264 KiB.
        .linear_memory_keep_resident(288 * 1024)
        .table_keep_resident(16 * 1024)
        .pagemap_scan(Enabled::Auto);
    let mut config = common();
    config.allocation_strategy(pool);
    config.memory_reservation(reservation.max(limits.memory as u64)).memory_guard_size(guard);
    config
}

fn on_demand(limits: &Limits) -> Config {
    let mut config = common();
    config.memory_reservation(limits.memory as u64).memory_guard_size(SMALL_GUARD);
    config
}

fn common() -> Config {
    let mut config = Config::new();
    // The contract is synchronous; without the machinery for the other kind a call is set up in half the time.
    config.concurrency_support(false).epoch_interruption(true);
    config
}

const WHOLE_RESERVATION: u64 = 4 << 30;
const WHOLE_GUARD: u64 = 32 << 20;
const SMALL_GUARD: u64 = 64 << 10;
