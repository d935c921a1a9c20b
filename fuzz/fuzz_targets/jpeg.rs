//! Any bytes give a picture of the size that their header says, or an error; never a panic, never more than planned.
//!
//! The first byte chooses scale, output and region, the rest is the file.

#![no_main]

mod codec;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some((&choice, file)) = data.split_first() {
        codec::decode(choice, file);
    }
});
