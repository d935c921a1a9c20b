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
    sample!("animation.gif"),
    sample!("animation.webp"),
];

/// A loader of all of them.
pub(super) fn loader() -> MemoryLoader {
    MemoryLoader::new(SAMPLES.iter().map(|&(name, body)| (name, Bytes::from_static(body))))
}
