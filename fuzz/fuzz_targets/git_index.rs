//! Reading a pack's index and a multi-pack-index never panics, and what they find is
//! there.
#![no_main]

use leaksieve::input::git::{ObjectFormat, fuzz};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
        fuzz::index(bytes, format);
    }
});
