//! The pictures that come with the program, so that it can show something anywhere.

use super::MemoryLoader;
use bytes::Bytes;

macro_rules! sample {
    ($name:literal) => {
        ($name, include_bytes!(concat!("../../config/samples/", $name)).as_slice())
    };
}

/// Names and bytes.
const SAMPLES: &[(&str, &[u8])] = &[
    sample!("photo.jpg"),
    sample!("portrait.jpg"),
    sample!("tall.jpg"),
    sample!("wide.jpg"),
    sample!("transparent.png"),
    sample!("logo.png"),
    sample!("frame.9.png"),
    sample!("animation.gif"),
    sample!("animation.webp"),
];

/// A loader of all of them.
pub(super) fn loader() -> MemoryLoader {
    MemoryLoader::new(SAMPLES.iter().map(|&(name, body)| (name, Bytes::from_static(body))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_in_the_tree_is_in_the_program() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/config/samples");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut pictures: Vec<_> = files.filter(|name| !name.to_lowercase().ends_with(".md")).collect();
        pictures.sort_unstable();
        let mut names: Vec<_> = SAMPLES.iter().map(|&(name, _)| name).collect();
        names.sort_unstable();
        assert_eq!(names, pictures);
    }
}
