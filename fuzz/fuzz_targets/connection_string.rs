//! Reading connection strings, JDBC URLs, JAAS configurations and Azure keys never
//! panics, and what is read stands inside the text.
#![no_main]

use std::sync::LazyLock;

use leaksieve::detectors::{Detector, builtin, reference};
use libfuzzer_sys::fuzz_target;

static DETECTORS: LazyLock<Vec<Detector>> = LazyLock::new(|| {
    let ids = ["database-connection-string", "jdbc-url", "kafka-jaas"];
    let wanted = |d: &Detector| ids.contains(&&*d.id) || d.id.starts_with("azure-");
    builtin().into_iter().filter(wanted).collect()
});

fuzz_target!(|text: &[u8]| {
    for candidate in reference::candidates(&DETECTORS, text) {
        let (span, value) = (&candidate.span, &candidate.value);
        assert!(span.start <= value.start && value.start <= value.end && value.end <= span.end);
        assert!(span.end <= text.len() as u64);
        for part in &candidate.parts {
            assert!(part.range.end <= text.len() as u64);
        }
    }
});
