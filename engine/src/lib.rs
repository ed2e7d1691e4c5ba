//! Finds leaked credentials at memory speed and judges them offline.
//!
//! Build a [`Scanner`] once and share it; keep a [`Scratch`] for each thread; take
//! the findings from a [`Sink`].
//!
//! ```
//! use leaksieve::{Finding, Scanner, Scratch};
//!
//! let scanner = Scanner::builder().build()?;
//! let mut scratch = Scratch::new();
//! let mut findings: Vec<Finding> = Vec::new();
//!
//! let text = b"id AKIAVX4KZTQ2HJWNCO5M secret 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";
//! let _ = scanner.scan(text, &mut scratch, &mut findings);
//!
//! assert_eq!(findings[0].detector().id, "aws-access-key");
//! assert_eq!(findings[0].facts().account(), Some(394891205684));
//! assert_eq!(findings[0].masked(), "q7tG********");
//! # Ok::<(), leaksieve::BuildError>(())
//! ```
//!
//! # Features
//!
//! Without default features the crate is a pure function from bytes to findings.
//!
//! - `files` (default): walking directories, reading files and pipes, scanning on
//!   all processors.
//! - `report` (default): fingerprints, one record for one secret with all its
//!   places, and the report formats.
//!
//! # Guarantees
//!
//! The findings of an object do not depend on how it is read, on the number of
//! threads or on the instructions that the search runs on. Memory is bounded by
//! the windows, not by the object. The library prints nothing, reads no
//! environment variable and opens no connection; only
//! [`ScannerBuilder::now`]'s default reads the clock. Secrets stand in
//! [`Finding::secret`] and [`FindingPart::value`] and nowhere else, `Debug`
//! included.
#![deny(clippy::print_stdout, clippy::print_stderr, clippy::exit, clippy::unwrap_used)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod decode;
pub mod finding;
#[cfg(feature = "files")]
pub mod input;
#[cfg(feature = "files")]
pub mod ledger;
mod location;
pub mod mask;
#[cfg(feature = "files")]
mod names;
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

pub use decode::Coding;
pub use finding::{Excerpt, Finding, FindingPart, ShownLine};
pub use location::{Location, Stored};
pub use prefilter::Backend;
pub use redact::{Redaction, StreamRedactor};
pub use scanner::{
    BuildError, EventId, Explained, Outcome, Scanner, ScannerBuilder, Scratch, SeenAnchor,
    StreamEvent, StreamScanner, StreamSink, Trace,
};
pub use sink::Sink;
