//! Every detector's example lists hold. A detector without all three lists
//! fails.
#![allow(missing_docs)]

use leaksieve_detectors::detector::{Anchor, Reach, Shape, Trigger};
use leaksieve_detectors::relate::Context;
use leaksieve_detectors::{Detector, Leak, Timestamp, Verdict, builtin, reference};

/// The time at which the examples are judged.
const NOW: Timestamp = Timestamp(1_750_000_000);

fn leaks(detectors: &[Detector], text: &str) -> Vec<Leak> {
    let mut context = Context::at(NOW);
    context.keep_refuted = true;
    reference::scan(detectors, text.as_bytes(), &context)
}

#[test]
fn reported_examples_give_one_leak() {
    let detectors = builtin();
    for detector in &detectors {
        assert!(!detector.examples.reported.is_empty(), "{} reports nothing", detector.id);
        for text in detector.examples.reported.iter() {
            let found = leaks(&detectors, text);
            let own = found
                .iter()
                .filter(|l| detectors[usize::from(l.detector)].id == detector.id)
                .filter(|l| !matches!(l.verdict, Verdict::Refuted(_)))
                .count();
            assert_eq!(own, 1, "{}: {text}\n{found:#?}", detector.id);
        }
    }
}

#[test]
fn refuted_examples_give_their_reason() {
    let detectors = builtin();
    for detector in &detectors {
        assert!(!detector.examples.refuted.is_empty(), "{} refutes nothing", detector.id);
        for (text, reason) in detector.examples.refuted.iter() {
            let found = leaks(&detectors, text);
            let own: Vec<_> = found
                .iter()
                .filter(|l| detectors[usize::from(l.detector)].id == detector.id)
                .collect();
            // A leak that is put together is refuted by a part that is.
            let any: Vec<_> = match detector.trigger {
                Trigger::Parts => {
                    assert!(own.is_empty(), "{}: {text}\n{own:#?}", detector.id);
                    found.iter().collect()
                }
                Trigger::Anchor(_) => own,
            };
            assert!(
                any.iter().any(|l| l.verdict == Verdict::Refuted(*reason)),
                "{}: {text} should be refuted: {reason}\n{any:#?}",
                detector.id
            );
            assert!(
                any.iter().all(|l| matches!(l.verdict, Verdict::Refuted(_))),
                "{}: {text}\n{any:#?}",
                detector.id
            );
        }
    }
}

#[test]
fn unmatched_examples_give_nothing() {
    let detectors = builtin();
    for detector in &detectors {
        assert!(!detector.examples.unmatched.is_empty(), "{} skips nothing", detector.id);
        for text in detector.examples.unmatched.iter() {
            let found = leaks(&detectors, text);
            let own: Vec<_> = found
                .iter()
                .filter(|l| detectors[usize::from(l.detector)].id == detector.id)
                .collect();
            assert!(own.is_empty(), "{}: {text}\n{own:#?}", detector.id);
        }
    }
}

#[test]
fn records_are_well_formed() {
    let detectors = builtin();
    for detector in &detectors {
        let id = &detector.id;
        assert!(
            id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
            "{id}"
        );
        assert_eq!(detectors.iter().filter(|d| d.id == *id).count(), 1, "{id} is not unique");
        for text in [&detector.title, &detector.provider, &detector.remedy] {
            assert!(!text.is_empty(), "{id}");
        }
        assert!(detector.reach.before <= Reach::MAX && detector.reach.after <= Reach::MAX, "{id}");
        match (&detector.trigger, &detector.shape) {
            (Trigger::Parts, Shape::None) => assert!(detector.companions.len() > 1, "{id}"),
            (Trigger::Anchor(anchors), shape) => {
                assert!(!matches!(shape, Shape::None), "{id}");
                assert!(!anchors.is_empty(), "{id}");
                for anchor in anchors.iter() {
                    let len = anchor.literal.len();
                    assert!((Anchor::MIN_LEN..=Anchor::MAX_LEN).contains(&len), "{id}");
                    assert!(anchor.literal.is_ascii(), "{id}");
                    assert!(
                        !anchor.ignore_case || !anchor.literal.iter().any(u8::is_ascii_uppercase)
                    );
                }
                if let Shape::Regex { pattern, .. } = shape {
                    assert!(pattern.is_valid(), "{id}");
                }
            }
            other => panic!("{id}: {other:?}"),
        }
    }
}
