//! Reading signed URLs, forms and cookies never panics, and what is read lies in the
//! text: the detectors of AWS' signed URLs alone, judged with a pair beside them.
#![no_main]

use std::sync::LazyLock;

use leaksieve::detectors::relate::Context;
use leaksieve::detectors::{Detector, builtin, reference};
use leaksieve_fuzz::NOW;
use libfuzzer_sys::fuzz_target;

/// What signs, beside what is signed.
const PAIR: &[u8] =
    b"id AKIAVX4KZTQ2HJWNCO5M secret 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\n";

static DETECTORS: LazyLock<Vec<Detector>> = LazyLock::new(|| {
    let wanted = [
        "aws-presigned-url",
        "aws-sigv2-url",
        "aws-post-policy",
        "aws-cloudfront-url",
        "aws-cloudfront-cookies",
        "aws-access-key",
        "aws-access-key-id",
    ];
    builtin().into_iter().filter(|d| wanted.contains(&&*d.id)).collect()
});

fuzz_target!(|bytes: &[u8]| {
    let mut text = PAIR.to_vec();
    text.extend_from_slice(bytes);
    let mut context = Context::at(NOW);
    context.keep_refuted = true;
    for leak in reference::scan(&DETECTORS, &text, &context) {
        assert!(leak.span.start <= leak.value.start && leak.value.end <= leak.span.end);
        assert!(leak.span.end <= text.len() as u64);
        for part in &leak.parts {
            assert!(part.range.start <= part.range.end && part.range.end <= text.len() as u64);
        }
        for fact in leak.facts.iter() {
            let _ = (fact.name(), fact.value());
        }
    }
});
