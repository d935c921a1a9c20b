//! Memory that the settings let the server take, and what becomes of the defaults where there is less.

use super::Config;
use crate::machine::Machine;

/// What the program takes besides what settings bound, roughly.
const PROGRAM_BYTES: u64 = 96 << 20;
/// The part of the memory that nothing is planned for: what allocators keep between allocations, and the kernel's
/// buffers of connections, which count against a control group, too.
const SPARE: u64 = 8;

/// A key and the bytes that it allows.
type Share = (&'static str, fn(&Config) -> u64);

/// Every key that bounds memory which is taken up only under load.
const SHARES: &[Share] = &[
    ("CACHE_MAX_BYTES", |config| config.cache.max_bytes),
    ("MAX_RENDER_BYTES", |config| config.admission.max_render_bytes),
    ("MAX_FETCH_BYTES", |config| config.admission.max_fetch_bytes),
    ("SOURCE_CACHE_BYTES", |config| config.originals.cache.max_bytes),
    ("ASSET_CACHE_BYTES", |config| config.assets.max_bytes),
    ("STORAGE_MAX_QUEUE_BYTES", |config| config.storages.shelf.max_queue_bytes),
];

impl Config {
    /// Bytes that caches, queues and pictures under way may take together, with the program itself.
    pub fn most_memory(&self) -> u64 {
        SHARES.iter().fold(PROGRAM_BYTES, |sum, (_, bytes)| sum.saturating_add(bytes(self)))
    }
}

/// The defaults, all reduced in proportion if they do not fit into so much memory; whole MiB.
pub fn defaults_within(memory: u64) -> Vec<(&'static str, u64)> {
    let defaults = Config::default();
    let wanted = defaults.most_memory() - PROGRAM_BYTES;
    let room = (memory - memory / SPARE).saturating_sub(PROGRAM_BYTES).min(wanted);
    let share = |bytes: u64| ((bytes * room / wanted) >> 20).max(1) << 20;
    SHARES.iter().map(|(name, bytes)| (*name, share(bytes(&defaults)))).collect()
}

/// What stands in the place of defaults on this machine, as text, if its memory is too small for them.
pub(super) fn presets(machine: &Machine) -> Vec<(&'static str, String)> {
    let Some((memory, _)) = machine.usable_memory() else { return Vec::new() };
    let defaults = Config::default();
    let smaller =
        defaults_within(memory).into_iter().zip(SHARES).filter(|((_, bytes), (_, of))| *bytes < of(&defaults));
    smaller.map(|((name, bytes), _)| (name, format!("{}MiB", bytes >> 20))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;

    const MIB: u64 = 1 << 20;

    fn within(memory: u64) -> Config {
        let machine = Machine { memory: Some(64 << 30), memory_quota: Some(memory), ..Machine::default() };
        let environment = [("ALLOW_UNSAFE_URL".to_owned(), "true".to_owned())].into();
        Sources { environment, machine, ..Sources::default() }.load().unwrap().config
    }

    #[test]
    fn defaults_are_kept_where_they_fit_and_fit_where_they_are_not() {
        let defaults = Config::default();
        assert_eq!(within(4 << 30).most_memory(), defaults.most_memory());
        for memory in [256, 512, 1024, 1600].map(|mebibytes| mebibytes * MIB) {
            let need = within(memory).most_memory();
            assert!(need <= memory - memory / SPARE, "{need} of {memory}");
            assert!(need > memory - memory / SPARE - 8 * MIB, "{need} of {memory}: room is left");
        }
        assert_eq!(within(1).most_memory(), PROGRAM_BYTES + SHARES.len() as u64 * MIB, "never nothing at all");
    }

    #[test]
    fn what_somebody_has_given_stays_as_it_was_given() {
        let machine = Machine { memory_quota: Some(512 * MIB), ..Machine::default() };
        let environment = [("ALLOW_UNSAFE_URL", "true"), ("CACHE_MAX_BYTES", "1GiB")];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let loaded = Sources { environment, machine, ..Sources::default() }.load().unwrap();
        assert_eq!(loaded.config.cache.max_bytes, 1024 * MIB);
        let shown = loaded.show();
        assert!(shown.contains("CACHE_MAX_BYTES = \"1GiB\" # environment\n"), "{shown}");
        assert!(shown.contains("ASSET_CACHE_BYTES = \"7MiB\" # to fit into 512 MiB of memory\n"), "{shown}");
    }
}
