//! The verb `git` on whole repositories: what it reports, how it exits, and what it
//! never does.
#![allow(missing_docs)]

mod blind;
mod hostile;
mod incremental;
mod program;
mod reports;
mod scope;
