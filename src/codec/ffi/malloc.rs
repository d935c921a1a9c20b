//! The C library's allocator, which Rust uses, too: how many arenas it keeps, and when it gives pages back.
//!
//! Each thread that jobs run on would get an arena of its own, up to eight a core, and keeps there what the largest of
//! its jobs took. Other C libraries than glibc have no such settings: there both functions do nothing.

/// Keeps at most so many arenas, shared by all threads. Counts for arenas that come into being later.
#[cfg(target_env = "gnu")]
pub fn limit_arenas(count: usize) {
    let count = libc::c_int::try_from(count.max(1)).unwrap_or(libc::c_int::MAX);
    // SAFETY: takes plain numbers, may be called at any time, and refuses what it does not know.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, count) };
}

/// Gives all pages without anything in them back to the system. Holds up who allocates meanwhile: for quiet moments.
#[cfg(target_env = "gnu")]
pub fn give_back_free_pages() {
    // SAFETY: takes a plain number and may be called at any time.
    unsafe { libc::malloc_trim(0) };
}

#[cfg(not(target_env = "gnu"))]
pub fn limit_arenas(_: usize) {}

#[cfg(not(target_env = "gnu"))]
pub fn give_back_free_pages() {}
