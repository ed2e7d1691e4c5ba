//! Finds leaked credentials at memory speed and judges them offline.
#![deny(clippy::print_stdout, clippy::print_stderr, clippy::exit, clippy::unwrap_used)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod finding;
#[cfg(feature = "files")]
pub mod input;
#[cfg(feature = "files")]
pub mod ledger;
mod location;
pub mod mask;
#[cfg(feature = "report")]
pub mod policy;
pub mod prefilter;
mod redact;
#[cfg(feature = "report")]
pub mod report;
#[cfg(feature = "files")]
pub mod run;
pub mod scanner;
mod sink;

pub use leaksieve_detectors as detectors;

pub use finding::{Excerpt, Finding, FindingPart, ShownLine};
pub use location::{Location, Stored};
pub use prefilter::Backend;
pub use scanner::{BuildError, Outcome, Scanner, ScannerBuilder, Scratch, Trace};
pub use sink::Sink;
