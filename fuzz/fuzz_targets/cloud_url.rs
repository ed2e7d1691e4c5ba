//! Reading signed URLs of clouds never panics, takes no long time, and what is
//! read lies in the text.
#![no_main]

use std::sync::LazyLock;

use leaksieve::detectors::relate::Context;
use leaksieve::detectors::{Detector, reference};
use leaksieve_fuzz::{CLOUD_URLS, DETECTORS, NOW};
use libfuzzer_sys::fuzz_target;

static OWN: LazyLock<Vec<Detector>> = LazyLock::new(|| {
    DETECTORS.iter().filter(|d| CLOUD_URLS.contains(&&*d.id)).cloned().collect()
});

fuzz_target!(|text: &[u8]| {
    let mut context = Context::at(NOW);
    context.keep_refuted = true;
    for leak in reference::scan(&OWN, text, &context) {
        assert!(leak.span.start <= leak.value.start && leak.value.end <= leak.span.end);
        assert!(leak.value.start <= leak.value.end && leak.span.end <= text.len() as u64);
        let parts = leak.parts.iter().all(|p| p.range.end <= leak.span.end);
        assert!(parts, "a part lies outside");
    }
});
