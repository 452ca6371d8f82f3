//! The component's memory, as the arena lays it out. It is not given back to the host before the instance is.

#![allow(unsafe_code, reason = "this is what the language takes its memory from")]

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size};
use core::cell::UnsafeCell;
use core::ptr;

use crate::arena::{Arena, Short};

#[global_allocator]
static MEMORY: Memory = Memory(UnsafeCell::new(None));

const PAGE: usize = 1 << 16;

struct Memory(UnsafeCell<Option<Arena>>);

// SAFETY: a component has one thread.
unsafe impl Sync for Memory {}

unsafe extern "C" {
    /// Where the linker has put the last of what is there from the beginning.
    static __heap_base: u8;
}

impl Memory {
    /// Does something with the arena, and again when there is more memory, for as long as there is.
    fn with<T>(&self, mut work: impl FnMut(&mut Arena) -> Result<T, Short>) -> Option<T> {
        // SAFETY: nothing in here comes back here, so this is the only reference.
        let arena = unsafe { &mut *self.0.get() };
        let arena = arena.get_or_insert_with(|| Arena::new((&raw const __heap_base).addr(), end()));
        loop {
            match work(arena) {
                Ok(done) => return Some(done),
                Err(Short(to)) if grow(to) => arena.grow(end()),
                Err(_) => return None,
            }
        }
    }
}

/// Where the memory ends. Of all 4 GiB the last byte is not used.
fn end() -> usize {
    memory_size::<0>().saturating_mul(PAGE)
}

/// Asks the host for memory up to an address, and for 1 MiB at least. Not for as much again as there is: a host may end
/// the call that asks for more than it may have, so what is not needed is not asked for.
#[cold]
fn grow(to: usize) -> bool {
    const LEAST: usize = (1 << 20) / PAGE;
    let needed = to.div_ceil(PAGE).saturating_sub(memory_size::<0>());
    memory_grow::<0>(needed.max(LEAST)) != usize::MAX || memory_grow::<0>(needed) != usize::MAX
}

// SAFETY: the arena's pieces are aligned and overlap nowhere, and all of them are within the memory that there is.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.with(|arena| arena.take(layout)).map_or(ptr::null_mut(), ptr::with_exposed_provenance_mut)
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        self.with(|arena| {
            arena.give(at.addr(), layout.size());
            Ok(())
        });
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let is_resized = self.with(|arena| arena.resize(at.addr(), layout.size(), size).transpose());
        match is_resized {
            None => return ptr::null_mut(),
            Some(Some(())) => return at,
            Some(None) => {}
        }
        let Ok(other) = Layout::from_size_align(size, layout.align()) else { return ptr::null_mut() };
        // SAFETY: the two are different pieces, each at least as long as what is copied.
        unsafe {
            let moved = self.alloc(other);
            if !moved.is_null() {
                ptr::copy_nonoverlapping(at, moved, layout.size().min(size));
                self.dealloc(at, layout);
            }
            moved
        }
    }
}
