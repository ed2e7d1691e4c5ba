//! The verb `follow` from outside: logs that grow, are rotated, cut and packed, and a
//! program that is killed while it follows them.
//!
//! These tests live in this package because only here Cargo builds the binary for them.
//! Nothing here is timed tightly: what must happen is waited for, and what takes a minute
//! does not happen.
#![cfg(unix)]
#![allow(missing_docs)]

mod hostile;
mod logs;
mod program;
mod prompt;
mod restart;
mod soak;
