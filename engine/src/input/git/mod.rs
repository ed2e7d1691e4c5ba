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
mod store;

pub(crate) use object::{Kind, ObjectError, Objects};
pub(crate) use pack::{Child, Forest, Pack, Source, Span, Visitor, Walk, walk};
pub(crate) use store::Store;

pub use oid::{ObjectFormat, Oid};
pub use place::{CommitInfo, GitPlace, Holder, NAMED_REFS};
