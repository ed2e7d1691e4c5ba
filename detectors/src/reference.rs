//! The oracle: a scanner without any speed.
//!
//! It tries every anchor at every byte and holds the whole object. The engine's
//! prefilters, windows and streams are tested against it.

use crate::candidate::{Candidate, Passage};
use crate::detector::{Detector, Trigger};
use crate::extract::{Window, extract};
use crate::relate::{Budget, Context, Leak, cluster, relate};

/// All candidates of an object, ordered as relation wants them.
pub fn candidates(detectors: &[Detector], object: &[u8]) -> Vec<Candidate> {
    let passage = Passage { base: 0, bytes: object };
    let mut found = Vec::new();
    for (index, detector) in detectors.iter().enumerate() {
        let Trigger::Anchor(anchors) = &detector.trigger else { continue };
        for (number, anchor) in anchors.iter().enumerate() {
            for at in 0..object.len() {
                if anchor.is_prefix_of(&object[at..]) {
                    let hit = at..at + anchor.literal.len();
                    let window = Window::around(detector, &passage, hit, number as u16);
                    extract(detector, index as u16, &window, &mut found);
                }
            }
        }
    }
    cluster::order(&mut found);
    found
}

/// All leaks of an object that are reported, by the start of their value.
pub fn scan(detectors: &[Detector], object: &[u8], context: &Context) -> Vec<Leak> {
    let mut rest = candidates(detectors, object);
    let budget = Budget::default();
    let mut leaks = Vec::new();
    while let Some(end) = cluster::first(&rest, u64::MAX) {
        let tail = rest.split_off(end);
        // Relation sees the text of the cluster and no more, as in the scanner.
        let span = cluster::span(&rest);
        let bytes = Passage { base: 0, bytes: object }.slice(span.clone());
        let passage = Passage { base: span.start, bytes };
        leaks.extend(relate(detectors, rest, passage, context, &budget));
        rest = tail;
    }
    leaks.retain(|leak| context.reports(leak.detector));
    leaks
}
