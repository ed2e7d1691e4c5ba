//! Extraction: from an anchor's hit to candidates, looking at nothing beyond
//! the detector's reach.
//!
//! Where the anchors are is the engine's business; this module only reads the
//! window around a hit. The window is cut to the reach even where more of the
//! object is at hand, so that every mode of scanning extracts the same.

use std::fmt;
use std::ops::Range;

use crate::candidate::{Candidate, Passage, Role};
use crate::detector::{Detector, Shape, TokenForm};
use crate::encoding::escaped::ends_with_escape;
use crate::evidence::Inspection;

/// The text around an anchor, cut to the reach of its detector.
#[derive(Clone, Copy)]
pub struct Window<'t> {
    /// The bytes.
    pub bytes: &'t [u8],
    /// Offset of the first byte in the object.
    pub base: u64,
    /// Start of the anchor in `bytes`.
    pub hit_start: usize,
    /// End of the anchor in `bytes`.
    pub hit_end: usize,
    /// Which of the detector's anchors it is.
    pub anchor: u16,
}

/// Shows its place, never its text.
impl fmt::Debug for Window<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Window")
            .field("base", &self.base)
            .field("len", &self.bytes.len())
            .field("hit", &self.hit())
            .field("anchor", &self.anchor)
            .finish()
    }
}

impl<'t> Window<'t> {
    /// Cuts the window of a detector around an anchor at `hit` in `passage`.
    pub fn around(
        detector: &Detector,
        passage: &Passage<'t>,
        hit: Range<usize>,
        anchor: u16,
    ) -> Self {
        let start = hit.start.saturating_sub(detector.reach.before as usize);
        let end = hit.end.saturating_add(detector.reach.after as usize).min(passage.bytes.len());
        Self {
            bytes: &passage.bytes[start..end],
            base: passage.base + start as u64,
            hit_start: hit.start - start,
            hit_end: hit.end - start,
            anchor,
        }
    }

    /// The anchor's range in `bytes`.
    pub fn hit(&self) -> Range<usize> {
        self.hit_start..self.hit_end
    }

    /// The text before the anchor.
    pub fn before(&self) -> &'t [u8] {
        &self.bytes[..self.hit_start]
    }

    /// The text after the anchor.
    pub fn after(&self) -> &'t [u8] {
        &self.bytes[self.hit_end..]
    }

    /// Turns a range in `bytes` into offsets in the object.
    pub fn range(&self, range: Range<usize>) -> Range<u64> {
        self.base + range.start as u64..self.base + range.end as u64
    }

    /// The byte before `at`, if the window holds it.
    pub fn byte_before(&self, at: usize) -> Option<u8> {
        at.checked_sub(1).and_then(|i| self.bytes.get(i)).copied()
    }
}

/// A match of a [`Shape::Token`] or [`Shape::Regex`], for its inspector.
#[derive(Debug, Clone)]
pub struct Match<'t> {
    /// The window it was found in.
    pub window: Window<'t>,
    /// The whole match, in `window.bytes`.
    pub span: Range<usize>,
    /// The secret, in `window.bytes`.
    pub secret: Range<usize>,
}

impl<'t> Match<'t> {
    /// The secret's bytes.
    pub fn secret(&self) -> &'t [u8] {
        &self.window.bytes[self.secret.clone()]
    }
}

/// Takes the candidates of one hit.
#[derive(Debug)]
pub struct Extraction<'c> {
    detector: u16,
    candidates: &'c mut Vec<Candidate>,
}

impl<'c> Extraction<'c> {
    /// Collects candidates of the detector with this index.
    pub fn new(detector: u16, candidates: &'c mut Vec<Candidate>) -> Self {
        Self { detector, candidates }
    }

    /// Adds a candidate; sets its detector. Its span is widened to hold its name and
    /// its parts: relation sees no text outside the spans.
    pub fn push(&mut self, mut candidate: Candidate) {
        candidate.detector = self.detector;
        let parts = candidate.parts.iter().map(|part| &part.range);
        for range in candidate.name.iter().chain(parts) {
            candidate.span.start = candidate.span.start.min(range.start);
            candidate.span.end = candidate.span.end.max(range.end);
        }
        self.candidates.push(candidate);
    }
}

/// Reads the window around a hit with the detector's shape. `index` is the
/// detector's place in the set that is searched for.
///
/// Does not allocate unless a candidate is kept.
pub fn extract(detector: &Detector, index: u16, window: &Window<'_>, out: &mut Vec<Candidate>) {
    let (span, secret, inspect) = match &detector.shape {
        Shape::Parser(parse) => return parse(window, &mut Extraction::new(index, out)),
        Shape::None => return,
        Shape::Token { form, inspect } => match form.read(window) {
            Some(span) => (span.clone(), span, inspect),
            None => return,
        },
        Shape::Regex { pattern, inspect } => {
            match pattern.find_covering(window.bytes, &window.hit()) {
                Some((span, secret)) => (span, secret, inspect),
                None => return,
            }
        }
    };
    let found = Match { window: *window, span: span.clone(), secret: secret.clone() };
    let Inspection { verdict, evidence, facts } = inspect(&found);
    let mut candidate = Candidate::new(Role::Whole, window.range(span));
    candidate.value = window.range(secret);
    candidate.verdict = verdict;
    candidate.evidence = evidence;
    candidate.facts = facts;
    Extraction::new(index, out).push(candidate);
}

impl TokenForm {
    /// The token at the window's anchor, if its length and boundaries fit.
    fn read(&self, window: &Window<'_>) -> Option<Range<usize>> {
        let tail = window.after();
        let len = tail.iter().take(self.max + 1).take_while(|b| (self.class)(**b)).count();
        if len < self.min || len > self.max {
            return None;
        }
        let end = window.hit_end + len;
        let open = |b: Option<u8>| b.is_some_and(self.boundary);
        let joined =
            open(window.byte_before(window.hit_start)) && !ends_with_escape(window.before());
        if joined || open(window.bytes.get(end).copied()) {
            return None;
        }
        Some(window.hit_start..end)
    }
}
