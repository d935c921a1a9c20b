//! What the settings may take, against what this machine or container has.

use super::{Diagnosis, mebibytes};
use crate::config::Config;
use std::path::Path;

/// What the program takes besides what settings bound, roughly.
const PROGRAM_BYTES: u64 = 96 << 20;
/// Open files besides those of requests.
const OTHER_FILES: usize = 64;
/// Control groups of version 1 say "no limit" with a number beyond any machine.
const NO_LIMIT_BYTES: u64 = 1 << 60;

/// What there is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Machine {
    /// Bytes of memory of the machine.
    memory: Option<u64>,
    /// Bytes that its control group may use.
    memory_quota: Option<u64>,
    /// CPUs that its control group may use.
    cpu_quota: Option<f64>,
    /// Files that this process may have open.
    open_files: Option<usize>,
}

/// Compares the settings with what the files below `root` (`/`) tell of the machine.
pub(super) fn check(config: &Config, root: &Path, diagnosis: &mut Diagnosis) {
    let machine = Machine::read(root);
    check_memory(config, &machine, diagnosis);
    check_cpu(config, &machine, diagnosis);
    check_files(config, &machine, diagnosis);
}

fn check_memory(config: &Config, machine: &Machine, diagnosis: &mut Diagnosis) {
    let admission = &config.admission;
    let kept = [&config.cache, &config.assets, &config.originals.cache].map(|cache| cache.max_bytes);
    let results = kept.into_iter().fold(config.storages.shelf.max_queue_bytes, u64::saturating_add);
    let work = admission.max_render_bytes.saturating_add(admission.max_fetch_bytes);
    let need = results.saturating_add(work).saturating_add(PROGRAM_BYTES);
    let (have, whose) = match (machine.memory_quota, machine.memory) {
        (Some(quota), memory) if memory.is_none_or(|memory| quota <= memory) => (quota, "this container"),
        (_, Some(memory)) => (memory, "this machine"),
        _ => {
            diagnosis.warn("memory", "how much there is cannot be told", format!("have {} or more", mebibytes(need)));
            return;
        }
    };
    let text = format!("the settings may take {}, {whose} has {}", mebibytes(need), mebibytes(have));
    if need <= have {
        diagnosis.ok("memory", text);
        return;
    }
    let part = |divisor: u64| (have.saturating_sub(PROGRAM_BYTES) / divisor) >> 20;
    let fix = format!(
        "for example CACHE_MAX_BYTES = \"{}MiB\", MAX_RENDER_BYTES = \"{}MiB\", MAX_FETCH_BYTES = \"{}MiB\"",
        part(4),
        part(2),
        part(8)
    );
    diagnosis.fail("memory", format!("{text}: it would be killed under load"), fix);
}

fn check_cpu(config: &Config, machine: &Machine, diagnosis: &mut Diagnosis) {
    let workers = config.admission.workers;
    #[expect(clippy::cast_precision_loss, reason = "a machine has few CPUs")]
    let cpus = std::thread::available_parallelism().map_or(1.0, |count| count.get() as f64);
    let have = machine.cpu_quota.unwrap_or(cpus).min(cpus);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number above 0")]
    let whole = have.ceil().max(1.0) as usize;
    let text = format!("WORKERS is {workers}, and there are {have} CPUs");
    if workers > whole {
        diagnosis.warn("cpu", format!("{text}: pictures would wait for each other"), format!("WORKERS = {whole}"));
    } else {
        diagnosis.ok("cpu", text);
    }
}

fn check_files(config: &Config, machine: &Machine, diagnosis: &mut Diagnosis) {
    let Some(have) = machine.open_files else { return };
    // A client, and for some of them an origin or a file.
    let need = config.admission.max_queue + config.loader.max_clients + config.admission.workers + OTHER_FILES;
    let text = format!("{need} open files may be needed, {have} are allowed");
    if need > have {
        diagnosis.warn("files", text, "LimitNOFILE= for systemd, --ulimit nofile= for Docker, ulimit -n in a shell");
    } else {
        diagnosis.ok("files", text);
    }
}

impl Machine {
    pub(super) fn read(root: &Path) -> Self {
        let text = |path: &str| std::fs::read_to_string(root.join(path)).ok();
        let meminfo = text("proc/meminfo").unwrap_or_default();
        let kibibytes = line_value(&meminfo, "MemTotal:").and_then(|value| value.parse::<u64>().ok());
        let limits = text("proc/self/limits").unwrap_or_default();
        let mut machine = Self {
            memory: kibibytes.map(|kibibytes| kibibytes * 1024),
            open_files: line_value(&limits, "Max open files").and_then(|value| value.parse().ok()),
            ..Self::default()
        };
        for line in text("proc/self/cgroup").unwrap_or_default().lines() {
            let mut parts = line.splitn(3, ':').skip(1);
            let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else { continue };
            machine.read_groups(root, controllers, path.trim_start_matches('/'));
        }
        machine
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
                let quota = file("", "cpu.max").unwrap_or_default();
                self.limit_cpu(quota.split_once(' '));
            }
            if controllers.contains(&"memory") {
                self.limit_memory(file("memory", "memory.limit_in_bytes"));
            }
            if controllers.contains(&"cpu") {
                for folder in ["cpu", "cpu,cpuacct"] {
                    let (quota, period) = (file(folder, "cpu.cfs_quota_us"), file(folder, "cpu.cfs_period_us"));
                    self.limit_cpu(quota.as_deref().zip(period.as_deref()));
                }
            }
        }
    }

    fn limit_memory(&mut self, text: Option<String>) {
        let bytes = text.and_then(|text| text.parse().ok()).filter(|bytes| *bytes < NO_LIMIT_BYTES);
        self.memory_quota = [self.memory_quota, bytes].into_iter().flatten().min();
    }

    /// Microseconds in each period of so many; a quota that is no positive number is none.
    fn limit_cpu(&mut self, quota: Option<(&str, &str)>) {
        let number = |text: &str| text.parse::<f64>().ok().filter(|number| *number > 0.0);
        let cpus = quota.and_then(|(quota, period)| Some(number(quota)? / number(period)?));
        self.cpu_quota = [self.cpu_quota, cpus].into_iter().flatten().reduce(f64::min);
    }
}

/// The first word after `name` at the beginning of a line.
fn line_value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    fn machine(files: &[(&str, &str)]) -> Machine {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Machine::read(root.path())
    }

    #[test]
    fn control_groups_of_version_2_are_read_up_to_the_root() {
        let found = machine(&[
            ("proc/meminfo", "MemTotal:       16384 kB\nMemFree: 1 kB\n"),
            (
                "proc/self/limits",
                "Limit  Soft Limit  Hard Limit Units\nMax open files            1024                 4096                 files\n",
            ),
            ("proc/self/cgroup", "0::/a/b\n"),
            ("sys/fs/cgroup/a/b/memory.max", "max\n"),
            ("sys/fs/cgroup/a/memory.max", "4194304\n"),
            ("sys/fs/cgroup/a/b/cpu.max", "150000 100000\n"),
            ("sys/fs/cgroup/a/cpu.max", "max 100000\n"),
        ]);
        let expected = Machine {
            memory: Some(16 << 20),
            memory_quota: Some(4 << 20),
            cpu_quota: Some(1.5),
            open_files: Some(1024),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn control_groups_of_version_1_are_read_where_the_path_is_the_hosts() {
        let found = machine(&[
            ("proc/self/cgroup", "4:memory:/docker/0123\n3:cpu,cpuacct:/docker/0123\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "8388608\n"),
            ("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "50000\n"),
            ("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n"),
        ]);
        assert_eq!((found.memory_quota, found.cpu_quota), (Some(8 << 20), Some(0.5)));
        let none = machine(&[
            ("proc/self/cgroup", "4:memory:/\n3:cpu:/\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
            ("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n"),
            ("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"),
        ]);
        assert_eq!(none, Machine::default());
    }

    #[test]
    fn settings_that_do_not_fit_into_the_container_get_others_that_do() {
        let config = Config::default();
        let machine = Machine { memory: Some(64 << 30), memory_quota: Some(512 << 20), ..Machine::default() };
        let mut diagnosis = Diagnosis::default();
        check_memory(&config, &machine, &mut diagnosis);
        let finding = &diagnosis.findings[0];
        assert_eq!(finding.state, State::Problem);
        assert!(finding.text.contains("this container has 512 MiB"), "{}", finding.text);
        assert_eq!(
            finding.fix.as_deref(),
            Some(
                "for example CACHE_MAX_BYTES = \"104MiB\", MAX_RENDER_BYTES = \"208MiB\", MAX_FETCH_BYTES = \"52MiB\""
            )
        );
    }

    #[test]
    fn more_workers_than_the_quota_has_processors_are_too_many() {
        let mut config = Config::default();
        let state = |config: &Config, quota| {
            let mut diagnosis = Diagnosis::default();
            check_cpu(config, &Machine { cpu_quota: Some(quota), ..Machine::default() }, &mut diagnosis);
            diagnosis.findings[0].state
        };
        config.admission.workers = 1;
        assert_eq!(state(&config, 0.5), State::Ok);
        config.admission.workers = 2;
        assert_eq!(state(&config, 1.0), State::Warning);
    }
}
