//! Limits of control groups, of both versions.

use std::path::Path;

/// Control groups of version 1 say "no limit" with a number beyond any machine.
const NO_LIMIT_BYTES: u64 = 1 << 60;

/// What the groups that a process is in let it use: the least of all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Quotas {
    /// Bytes of memory.
    pub(super) memory: Option<u64>,
    /// CPUs' worth of time.
    pub(super) cpus: Option<f64>,
}

impl Quotas {
    /// Reads what the files below `root` say of this process.
    pub(super) fn read(root: &Path) -> Self {
        let mut quotas = Self::default();
        let groups = std::fs::read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
        for line in groups.lines() {
            let mut parts = line.splitn(3, ':').skip(1);
            if let (Some(controllers), Some(path)) = (parts.next(), parts.next()) {
                quotas.read_groups(root, controllers, path.trim_start_matches('/'));
            }
        }
        quotas
    }

    /// A group and all above it: each may be tighter than the one below. In a container the path may be that of the
    /// host, which is not there; its own group is then the root.
    fn read_groups(&mut self, root: &Path, controllers: &str, path: &str) {
        let controllers: Vec<_> = controllers.split(',').filter(|name| !name.is_empty()).collect();
        for group in Path::new(path).ancestors() {
            let file = |folder: &str, name: &str| {
                let path = root.join("sys/fs/cgroup").join(folder).join(group).join(name);
                std::fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
            };
            if controllers.is_empty() {
                self.limit_memory(file("", "memory.max"));
                self.limit_memory(file("", "memory.high")); // beyond, every allocation is made to wait
                let quota = file("", "cpu.max").unwrap_or_default();
                self.limit_cpus(quota.split_once(' '));
            }
            if controllers.contains(&"memory") {
                self.limit_memory(file("memory", "memory.limit_in_bytes"));
            }
            if controllers.contains(&"cpu") {
                for folder in ["cpu", "cpu,cpuacct"] {
                    let (quota, period) = (file(folder, "cpu.cfs_quota_us"), file(folder, "cpu.cfs_period_us"));
                    self.limit_cpus(quota.as_deref().zip(period.as_deref()));
                }
            }
        }
    }

    fn limit_memory(&mut self, text: Option<String>) {
        let bytes = text.and_then(|text| text.parse().ok()).filter(|bytes| *bytes < NO_LIMIT_BYTES);
        self.memory = [self.memory, bytes].into_iter().flatten().min();
    }

    /// Microseconds in each period of so many; a quota that is no positive number is none.
    fn limit_cpus(&mut self, quota: Option<(&str, &str)>) {
        let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite() && *number > 0.0);
        let cpus = quota.and_then(|(quota, period)| Some(number(quota)? / number(period)?));
        self.cpus = [self.cpus, cpus].into_iter().flatten().reduce(f64::min);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quotas(files: &[(&str, &str)]) -> Quotas {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Quotas::read(root.path())
    }

    #[test]
    fn groups_of_version_2_are_read_up_to_the_root() {
        let found = quotas(&[
            ("proc/self/cgroup", "0::/a/b\n"),
            ("sys/fs/cgroup/a/b/memory.max", "max\n"),
            ("sys/fs/cgroup/a/memory.max", "4194304\n"),
            ("sys/fs/cgroup/a/b/cpu.max", "150000 100000\n"),
            ("sys/fs/cgroup/a/cpu.max", "max 100000\n"),
        ]);
        assert_eq!(found, Quotas { memory: Some(4 << 20), cpus: Some(1.5) });
    }

    #[test]
    fn a_group_is_limited_by_where_it_is_slowed_down_too() {
        let found = quotas(&[
            ("proc/self/cgroup", "0::/\n"),
            ("sys/fs/cgroup/memory.max", "8388608\n"),
            ("sys/fs/cgroup/memory.high", "4194304\n"),
        ]);
        assert_eq!(found, Quotas { memory: Some(4 << 20), cpus: None });
    }

    #[test]
    fn groups_of_version_1_are_read_where_the_path_is_the_hosts() {
        let found = quotas(&[
            ("proc/self/cgroup", "4:memory:/docker/0123\n3:cpu,cpuacct:/docker/0123\n0::/\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "8388608\n"),
            ("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "50000\n"),
            ("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n"),
        ]);
        assert_eq!(found, Quotas { memory: Some(8 << 20), cpus: Some(0.5) });
    }

    #[test]
    fn no_limit_is_said_in_several_ways() {
        let first = quotas(&[
            ("proc/self/cgroup", "4:memory:/\n3:cpu:/\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
            ("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n"),
            ("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"),
        ]);
        let second = quotas(&[
            ("proc/self/cgroup", "0::/a\nnonsense\n"),
            ("sys/fs/cgroup/a/memory.max", "max\n"),
            ("sys/fs/cgroup/a/cpu.max", "max 100000\n"),
        ]);
        assert_eq!([first, second, quotas(&[])], [Quotas::default(); 3]);
    }
}
