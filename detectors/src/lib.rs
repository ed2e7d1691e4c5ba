//! What a leaked credential looks like, and how to check it offline.
//!
//! This crate holds the detectors of `leaksieve` and everything that judges
//! without looking outside: no I/O, no threads, no SIMD, no clock. The engine
//! finds the detectors' [anchors](detector::Anchor) in text, calls [`mod@extract`]
//! at each, collects the candidates and hands them to [`mod@relate`].
//!
//! [`mod@reference`] does the same in the simplest possible way; it is the oracle
//! that the engine is tested against.
#![forbid(unsafe_code)]

pub mod amazon_seller;
pub mod assignment;
pub mod aws;
pub mod candidate;
pub mod clock;
pub mod database;
pub mod detector;
pub mod encoding;
pub mod evidence;
pub mod extract;
pub mod fact;
pub mod grade;
pub mod pattern;
pub mod placeholder;
pub mod private_key;
pub mod reference;
pub mod relate;
pub mod signed_url;
pub mod url;
pub mod verify;

pub use candidate::{Candidate, Part, Passage, Role};
pub use clock::Timestamp;
pub use detector::Detector;
pub use evidence::{Evidence, Reason, Verdict};
pub use fact::{Access, Environment, Fact, FactValue, Facts};
pub use grade::Severity;
pub use relate::Leak;

/// All built-in detectors, in the order in which they are listed to users.
pub fn builtin() -> Vec<Detector> {
    let mut all = aws::detectors();
    all.extend(amazon_seller::detectors());
    all.extend(signed_url::detectors());
    all.extend(database::detectors());
    all.extend(private_key::detectors());
    all
}
