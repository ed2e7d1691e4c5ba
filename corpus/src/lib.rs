//! Makes labelled trees of files with planted leaks, and scores reports on them.
//!
//! A corpus follows from a seed alone. It is made from the published facts of
//! each format and uses no code of the detectors, so that it can judge them:
//! values of every kind that the scanner knows stand in the containers where
//! such values leak, among strings that look alike and are no leaks.
//!
//! No value made here is a credential of anybody: all are drawn at random.
//!
//! ```
//! use leaksieve_corpus::{Options, Tree};
//!
//! let options = Options { plants: 1, ..Options::new(7) };
//! let labels: usize = Tree::new(options).map(|file| file.labels.len()).sum();
//! assert!(labels >= 26);
//! ```
//!
//! What scans the tree, and how, is deliberately elsewhere; a report comes back
//! as JSON lines ([`read_report`]).

#![forbid(unsafe_code)]

mod decoy;
mod draw;
mod encoding;
mod escape;
mod family;
mod fill;
mod host;
mod label;
mod log;
mod loss;
mod marked;
mod planting;
mod score;
mod template;
#[cfg(test)]
mod tests;
mod tree;
mod value;
mod vocabulary;
mod wrap;
mod wrapping;

pub use fill::{Kind, fill};
pub use label::{Label, Origin, Role};
pub use log::{LogCount, LogLabel, LogOptions, write_log};
pub use loss::{Loss, Share, loss};
pub use score::{
    Claim, Fault, Place, Ratio, ReadError, Record, Score, Scores, read_labels, read_report, score,
};
pub use tree::{File, Options, Tree};
pub use wrapping::{Chain, ChainError, Format, Plain, UnknownFormat, Wrapped, Wrapping};
