//! What the settings may take, against what this machine or container has.

use super::{Diagnosis, mebibytes};
use crate::config::{self, Config, Loaded};
use crate::machine::Machine;

/// Open files besides those of requests.
const OTHER_FILES: usize = 64;

/// Compares the settings with the machine that they were read on.
pub(super) fn check(loaded: &Loaded, diagnosis: &mut Diagnosis) {
    check_memory(&loaded.config, &loaded.machine, diagnosis);
    check_cpu(&loaded.config, &loaded.machine, diagnosis);
    check_files(&loaded.config, &loaded.machine, diagnosis);
}

fn check_memory(config: &Config, machine: &Machine, diagnosis: &mut Diagnosis) {
    let need = config.most_memory();
    let Some((have, limited)) = machine.usable_memory() else {
        diagnosis.warn("memory", "how much there is cannot be told", format!("have {} or more", mebibytes(need)));
        return;
    };
    let whose = if limited { "this container" } else { "this machine" };
    let text = format!("the settings may take {}, {whose} has {}", mebibytes(need), mebibytes(have));
    if need <= have {
        diagnosis.ok("memory", text);
        return;
    }
    let fitting = config::defaults_within(have).into_iter();
    let fitting: Vec<_> = fitting.map(|(name, bytes)| format!("{name} = \"{}MiB\"", bytes >> 20)).collect();
    let fix = format!("leave out what you have set of these, then they are: {}", fitting.join(", "));
    diagnosis.fail("memory", format!("{text}: it would be killed under load"), fix);
}

fn check_cpu(config: &Config, machine: &Machine, diagnosis: &mut Diagnosis) {
    let (workers, slots) = (config.admission.workers, machine.slots());
    let have = machine.cpu_quota.map_or_else(|| machine.cpus.to_string(), |quota| quota.to_string());
    let text = format!("WORKERS is {workers}, and there are {have} CPUs");
    if workers > slots {
        diagnosis.warn("cpu", format!("{text}: pictures would wait for each other"), format!("WORKERS = {slots}"));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::{Finding, State};

    fn finding(check: fn(&Config, &Machine, &mut Diagnosis), config: &Config, machine: Machine) -> Finding {
        let mut diagnosis = Diagnosis::default();
        check(config, &machine, &mut diagnosis);
        diagnosis.findings.remove(0)
    }

    #[test]
    fn settings_that_do_not_fit_into_the_container_get_others_that_do() {
        let machine = Machine { memory: Some(64 << 30), memory_quota: Some(512 << 20), ..Machine::default() };
        let found = finding(check_memory, &Config::default(), machine);
        assert_eq!(found.state, State::Problem);
        assert!(found.text.contains("this container has 512 MiB"), "{}", found.text);
        let fix = found.fix.unwrap();
        assert!(fix.contains("CACHE_MAX_BYTES = \"62MiB\", MAX_RENDER_BYTES = \"125MiB\""), "{fix}");
        let machine = Machine { memory_quota: None, ..machine };
        assert_eq!(finding(check_memory, &Config::default(), machine).state, State::Ok);
        assert_eq!(finding(check_memory, &Config::default(), Machine::default()).state, State::Warning);
    }

    #[test]
    fn more_workers_than_the_quota_has_processors_are_too_many() {
        let mut config = Config::default();
        let mut state = |workers, quota| {
            config.admission.workers = workers;
            finding(check_cpu, &config, Machine { cpus: 8, cpu_quota: Some(quota), ..Machine::default() }).state
        };
        assert_eq!([state(1, 0.5), state(2, 1.5), state(2, 1.0)], [State::Ok, State::Ok, State::Warning]);
    }
}
