//! Damaged examples: no detector of this family may panic on any of them, or
//! read past its window.

use crate::candidate::Candidate;
use crate::detector::Detector;
use crate::reference;

fn check(detector: &Detector, text: &[u8]) {
    let found: Vec<Candidate> = reference::candidates(std::slice::from_ref(detector), text);
    for candidate in found {
        let parts = candidate.parts.iter().map(|p| &p.range);
        for range in parts.chain([&candidate.span, &candidate.value]) {
            assert!(
                range.start <= range.end && range.end <= text.len() as u64,
                "{}: {range:?} in {}",
                detector.id,
                String::from_utf8_lossy(text)
            );
        }
    }
}

#[test]
fn cut_and_changed_examples_are_no_trouble() {
    for detector in super::detectors() {
        let examples = &detector.examples;
        let refuted = examples.refuted.iter().map(|(text, _)| text);
        for text in examples.reported.iter().chain(refuted) {
            let text = text.as_bytes();
            let step = text.len() / 150 + 1;
            for at in (0..text.len()).step_by(step) {
                check(&detector, &text[..at]);
                check(&detector, &text[at..]);
                for byte in [b'=', b'%', b'\\', b'"', b'\n', b',', b':', b'A', 0, 0xff] {
                    let mut changed = text.to_vec();
                    changed[at] = byte;
                    check(&detector, &changed);
                }
            }
        }
    }
}
