//! The binary, from outside: what it prints, where, and how it exits.
//!
//! Every test runs in a directory of its own with an empty environment. What
//! the library can be asked directly is tested there; here stands what only the
//! program does. These tests live in this package because only here Cargo
//! builds the binary for them; the crate `leaksieve-tests` tests the public API.
#![allow(missing_docs)]

mod exit;
mod git;
#[cfg(unix)]
mod hook;
mod output;
mod repository;
mod sandbox;
mod secrecy;
mod stream;
mod verbs;
