//! Reading connection URIs never panics, and what is read stands inside the text.
#![no_main]

use std::sync::LazyLock;

use leaksieve::detectors::{Detector, builtin, reference};
use libfuzzer_sys::fuzz_target;

static DETECTORS: LazyLock<Vec<Detector>> = LazyLock::new(|| {
    let ids = ["database-uri", "url-password", "open-database", "database-service-token"];
    builtin().into_iter().filter(|d| ids.contains(&&*d.id)).collect()
});

fuzz_target!(|bytes: &[u8]| {
    let schemes = [&b"postgres"[..], b"redis", b"mongodb", b"https", b"http"];
    let number = usize::from(bytes.first().copied().unwrap_or_default());
    let mut text = schemes[number % schemes.len()].to_vec();
    text.extend_from_slice(bytes.get(1..).unwrap_or_default());
    for candidate in reference::candidates(&DETECTORS, &text) {
        let (span, value) = (&candidate.span, &candidate.value);
        assert!(value.start <= value.end && value.end <= text.len() as u64);
        assert!(span.start <= value.start && span.start <= span.end);
        for part in &candidate.parts {
            assert!(part.range.end <= text.len() as u64);
        }
    }
});
