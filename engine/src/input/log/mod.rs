//! Structured logs: what container runtimes and loggers write around a program's output.
//!
//! [`Joiner`] turns the bytes of a log into the text to be scanned: lines that a runtime
//! cut into pieces, and with them a secret that stood on the cut, become one line again,
//! and every byte of the text can be led back to where it stood. [`LogContext`] reads from
//! an entry where it came from. Both are functions of bytes; reading files, following and
//! resuming them, and telling which are logs, is elsewhere.

mod chain;
mod context;
mod cri;
mod export;
mod joiner;
mod json;
mod place;
mod record;

pub use context::LogContext;
pub use joiner::Joiner;
pub use place::Place;
