//! The file with every key, its meaning and its default.

use super::keys::SECTIONS;
use super::written::Written;
use std::fmt::Write as _;

/// Every key with its documentation and built-in value, as TOML. `config/default.toml` is this text.
pub fn default_toml() -> String {
    let defaults = Written::default();
    let mut toml = String::from(
        "# Every setting with its default. Written by `tintype config default`; a test holds it to the program.\n\
         # A file names only what differs. Environment variables of the same name, also with TINTYPE_ before it, win\n\
         # over files, and flags over both. Names are good in any case.\n",
    );
    for section in SECTIONS {
        let _ = write!(toml, "\n# ---- {} ----\n", section.title);
        for key in section.keys {
            let doc = key.doc.replace('\n', "\n# ");
            let _ = write!(toml, "\n# {doc}\n{} = {}\n", key.name, (key.show)(&defaults));
        }
    }
    toml
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, load};

    #[test]
    fn the_file_in_the_tree_is_the_built_in_one() {
        let file = include_str!("../../config/default.toml");
        assert!(file == default_toml(), "run `tintype config default > config/default.toml`");
    }

    #[test]
    fn the_defaults_written_and_read_are_the_defaults() {
        let mut written = Written::default();
        // Every field is changed by what is read, or it would prove nothing.
        written.config.policy.quality = 1;
        written.config.limits.max_frames = 1;
        let (problems, notices) = load::apply_file(&mut written, &default_toml(), "default.toml");
        assert_eq!((problems, notices), (vec![], vec![]));
        assert_eq!(written, Written::default());
        assert_eq!(written.join(), Config::default());
    }
}
