//! What this machine or container lets the process have: CPUs, memory, open files.

mod cgroup;

use self::cgroup::Quotas;
use std::fmt;
use std::path::Path;

/// What there is. Where the system tells nothing, nothing is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Machine {
    /// CPUs that this process may run on.
    pub cpus: usize,
    /// CPUs' worth of time that its control groups let it use; may be a fraction.
    pub cpu_quota: Option<f64>,
    /// Bytes of memory of the machine.
    pub memory: Option<u64>,
    /// Bytes of memory that its control groups let it use.
    pub memory_quota: Option<u64>,
    /// Files that it may have open.
    pub open_files: Option<usize>,
}

impl Machine {
    /// The machine that this process runs on.
    pub fn here() -> Self {
        Self::read(Path::new("/"), cpus())
    }

    /// A machine of so many CPUs that is described by the files of `proc` and `sys` below `root`.
    pub fn read(root: &Path, cpus: usize) -> Self {
        let text = |path: &str| std::fs::read_to_string(root.join(path)).unwrap_or_default();
        let kibibytes = line_value(&text("proc/meminfo"), "MemTotal:").and_then(|value| value.parse::<u64>().ok());
        let open_files = line_value(&text("proc/self/limits"), "Max open files").and_then(|value| value.parse().ok());
        let quotas = Quotas::read(root);
        Self {
            cpus,
            cpu_quota: quotas.cpus,
            memory: kibibytes.map(|kibibytes| kibibytes * 1024),
            memory_quota: quotas.memory,
            open_files,
        }
    }

    /// Threads that can work at a time: one for each CPU, or as many as use the quota up.
    pub fn slots(&self) -> usize {
        let all = self.cpus.max(1);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "above 0; the minimum is taken")]
        self.cpu_quota.map_or(all, |quota| (quota.ceil() as usize).clamp(1, all))
    }

    /// Bytes of memory that can be used, and whether a control group rather than the machine says so.
    pub fn usable_memory(&self) -> Option<(u64, bool)> {
        match (self.memory_quota, self.memory) {
            (Some(quota), memory) if memory.is_none_or(|memory| quota <= memory) => Some((quota, true)),
            (_, memory) => memory.map(|memory| (memory, false)),
        }
    }
}

/// A machine of which only its CPUs are known.
impl Default for Machine {
    fn default() -> Self {
        Self { cpus: cpus(), cpu_quota: None, memory: None, memory_quota: None, open_files: None }
    }
}

/// As it stands in the log: `2 CPUs, of which 1.5 may be used; 512 MiB of memory by the limit of the control group`.
impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} CPU{}", self.cpus, if self.cpus == 1 { "" } else { "s" })?;
        if let Some(quota) = self.cpu_quota {
            write!(f, ", of which the control group may use {quota}")?;
        }
        match self.usable_memory() {
            Some((bytes, true)) => write!(f, "; {} MiB of memory by the limit of the control group", bytes >> 20),
            Some((bytes, false)) => write!(f, "; {} MiB of memory", bytes >> 20),
            None => f.write_str("; how much memory cannot be told"),
        }
    }
}

/// CPUs that the scheduler may put this process on, whatever quota it has.
fn cpus() -> usize {
    // The standard library rounds quotas down, so that one and a half CPUs would look like one.
    #[cfg(target_os = "linux")]
    if let Ok(set) = rustix::thread::sched_getaffinity(None) {
        return (set.count() as usize).max(1);
    }
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The first word after `name` at the beginning of a line.
fn line_value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn below(files: &[(&str, &str)]) -> Machine {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Machine::read(root.path(), 8)
    }

    #[test]
    fn memory_and_open_files_stand_in_proc() {
        let found = below(&[
            ("proc/meminfo", "MemTotal:       16384 kB\nMemFree: 1 kB\n"),
            (
                "proc/self/limits",
                "Limit  Soft Limit  Hard Limit Units\nMax open files            1024                 4096                 files\n",
            ),
        ]);
        let expected =
            Machine { cpus: 8, cpu_quota: None, memory: Some(16 << 20), memory_quota: None, open_files: Some(1024) };
        assert_eq!(found, expected);
        assert_eq!(found.to_string(), "8 CPUs; 16 MiB of memory");
        assert_eq!(below(&[]).to_string(), "8 CPUs; how much memory cannot be told");
    }

    #[test]
    fn a_control_group_is_told_where_it_is_tighter_than_the_machine() {
        let limited = |memory: &str, cpu: &str| {
            below(&[
                ("proc/meminfo", "MemTotal: 1048576 kB\n"),
                ("proc/self/cgroup", "0::/\n"),
                ("sys/fs/cgroup/memory.max", memory),
                ("sys/fs/cgroup/cpu.max", cpu),
            ])
        };
        let small = limited("268435456\n", "150000 100000\n");
        let text =
            "8 CPUs, of which the control group may use 1.5; 256 MiB of memory by the limit of the control group";
        assert_eq!((small.to_string().as_str(), small.slots()), (text, 2));
        let wide = limited("2147483648\n", "max 100000\n");
        assert_eq!((wide.to_string().as_str(), wide.slots()), ("8 CPUs; 1024 MiB of memory", 8));
    }

    #[test]
    fn a_quota_gives_as_many_slots_as_use_it_up() {
        let machine = |cpus, cpu_quota| Machine { cpus, cpu_quota, ..below(&[]) };
        for (cpus, quota, slots) in
            [(8, None, 8), (8, Some(0.2), 1), (8, Some(2.0), 2), (8, Some(2.1), 3), (2, Some(64.0), 2), (0, None, 1)]
        {
            assert_eq!(machine(cpus, quota).slots(), slots, "{cpus} {quota:?}");
        }
    }

    #[test]
    fn this_machine_has_a_cpu() {
        assert!(Machine::here().slots() >= 1);
    }
}
