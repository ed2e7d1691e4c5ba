//! Git repositories: every object once, at the speed of the pack.
//!
//! What is read of a repository is read here, by own code, because most of it is
//! the inner loop: the git directory, its refs, packs and loose objects. Nothing
//! of it is ever run, and nothing that its configuration names.

mod loose;
mod object;
mod oid;
mod pack;
mod place;
mod state;
mod store;

#[allow(unused_imports)]
pub(crate) use pack::{Child, Source, Span};

pub use oid::{ObjectFormat, Oid};
pub use place::{CommitInfo, GitPlace, Holder, NAMED_REFS};
pub use state::{KnownFinding, State, StateError};
