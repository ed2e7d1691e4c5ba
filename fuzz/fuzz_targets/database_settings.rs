//! Reading database settings, password files and command lines never panics, and
//! what is read lies in the text.
#![no_main]

use leaksieve::detectors::{builtin, reference};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut detectors = builtin();
    detectors.retain(|d| {
        ["database-config", "database-password-file", "database-command"].contains(&&*d.id)
    });
    for candidate in reference::candidates(&detectors, bytes) {
        assert!(candidate.value.start < candidate.value.end);
        assert!(candidate.value.end <= bytes.len() as u64);
        for part in &candidate.parts {
            assert!(part.range.start <= part.range.end && part.range.end <= bytes.len() as u64);
        }
    }
});
