//! What the operating system says of this process.

use super::{CPU_SECONDS, OPEN_FILES, RESIDENT_BYTES};
use rustix::time::{ClockId, clock_gettime};
use std::fs;
use std::time::Duration;

/// Reads it. What cannot be read stays as it was.
pub(super) fn read() {
    if let Some(kib) = fs::read_to_string("/proc/self/status").ok().as_deref().and_then(resident_kib) {
        RESIDENT_BYTES.only().count(kib * 1024);
    }
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        OPEN_FILES.only().count(files.count().saturating_sub(1) as u64); // without the one for this look
    }
    if let Ok(time) = Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)) {
        CPU_SECONDS.only().set(time.as_secs_f64());
    }
}

/// The line `VmRSS:   12345 kB`.
fn resident_kib(status: &str) -> Option<u64> {
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_from_the_status() {
        assert_eq!(resident_kib("VmHWM:\t  9 kB\nVmRSS:\t   5120 kB\nRssAnon: 1 kB\n"), Some(5120));
        assert_eq!(resident_kib("Name: x"), None);
    }
}
