//! What Amazon sellers leak is read from any text without panics, and everything
//! that is told of it lies in the text. The text is taken as it comes and spliced
//! from examples.
#![no_main]

use std::sync::LazyLock;

use arbitrary::{Arbitrary, Unstructured};
use leaksieve::detectors::relate::Context;
use leaksieve::detectors::{Detector, reference};
use leaksieve_fuzz::{DETECTORS, NOW, Splice};
use libfuzzer_sys::fuzz_target;

/// The detectors of the family, and those that read its keys.
static SELLER: LazyLock<Vec<Detector>> = LazyLock::new(|| {
    let keys = ["aws-access-key", "aws-access-key-id", "aws-secret-key"];
    let wanted = |d: &&Detector| d.id.starts_with("amazon-") || keys.contains(&&*d.id);
    DETECTORS.iter().filter(wanted).cloned().collect()
});

fn check(text: &[u8]) {
    let mut context = Context::at(NOW);
    context.keep_refuted = true;
    for leak in reference::scan(&SELLER, text, &context) {
        assert!(leak.value.start <= leak.value.end && leak.value.end <= text.len() as u64);
        assert!(leak.span.start <= leak.value.start && leak.value.end <= leak.span.end);
        for part in &leak.parts {
            assert!(leak.span.start <= part.range.start && part.range.end <= leak.span.end);
        }
        for fact in leak.facts.iter() {
            let _ = (fact.name(), fact.value());
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    if let Ok(splice) = Splice::arbitrary(&mut Unstructured::new(bytes)) {
        check(&splice.text());
    }
});
