//! Git repositories: every object once, at the speed of the pack.
//!
//! What is read of a repository is read here, by own code, because most of it is
//! the inner loop: the git directory, its refs, packs and loose objects. Nothing
//! of it is ever run, and nothing that its configuration names.

mod commit;
mod commits;
mod config;
mod date;
mod error;
#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub mod fuzz;
mod glob;
pub(crate) mod index;
mod log_opts;
mod loose;
mod object;
mod oid;
mod pack;
mod place;
mod provenance;
mod range;
mod refs;
mod repository;
mod revision;
mod scope;
mod select;
mod state;
mod store;
mod tag;
#[cfg(test)]
pub(crate) mod testing;
mod tree;
pub(crate) mod worktree;

use std::borrow::Cow;
use std::io::Read;
use std::path::{Path, PathBuf};

pub use date::{DayEdge, parse_date};
pub use error::GitError;
pub use log_opts::LogOptsError;
pub(crate) use oid::folded;
pub use oid::{ObjectFormat, Oid};
pub use place::{CommitInfo, GitPlace, Holder, NAMED_REFS};
pub use repository::Repository;
pub use scope::{CommitSelection, Scope};
pub use state::{KnownFinding, KnownPlace, State, StateError};

pub(crate) use commits::{CommitGraph, Peeled, Row};
pub(crate) use object::{Kind, ObjectError, Objects, STRUCTURE_LIMIT};
#[cfg(feature = "archives")]
pub(crate) use pack::{Base, Entry, Inflater};
#[cfg(any(test, feature = "archives"))]
pub(crate) use pack::{Buffer, Delta};
pub(crate) use pack::{Child, Forest, Pack, Source, Span, Visitor, Walk, walk};
pub(crate) use provenance::{Provenance, Question, WantedTrees};
pub(crate) use range::{NewBlob, named_blobs, new_blobs};
pub(crate) use refs::Refs;
pub(crate) use revision::Revisions;
pub(crate) use scope::{RefFilter, TipKind, Tips, is_head};
pub(crate) use select::select;
pub(crate) use store::Store;
pub(crate) use tag::{Link, chain};
pub(crate) use tree::{Entries, EntryKind};

use crate::input::open;
use crate::ledger::SkipKind;

/// How large a file of refs or settings may be. A million refs have 80 MB.
const FILE_LIMIT: u64 = 1 << 30;

/// Reads a file of a git directory; `None` if there is none.
pub(crate) fn read_file(path: &Path) -> Result<Option<Vec<u8>>, GitError> {
    let opened = match open::open(path, true) {
        Ok(opened) => opened,
        Err(refused) if refused.kind == SkipKind::Vanished => return Ok(None),
        Err(refused) => {
            let message = match refused.detail {
                detail if detail.is_empty() => "it is not a regular file".to_owned(),
                detail => detail,
            };
            return Err(GitError::Unreadable { path: path.to_owned(), message });
        }
    };
    if opened.size > FILE_LIMIT {
        return Err(GitError::damaged(path, "it is far too large"));
    }
    let mut text = Vec::with_capacity(opened.size as usize);
    let read = opened.file.take(FILE_LIMIT).read_to_end(&mut text);
    read.map_err(|error| GitError::unreadable(path, &error))?;
    Ok(Some(text))
}

/// A path that a file of git names, in bytes.
pub(crate) fn path_from_bytes(bytes: &[u8]) -> PathBuf {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
    }
    #[cfg(not(unix))]
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// A path as git names it, with `/` between its components.
fn path_to_bytes(path: &Path) -> Cow<'_, [u8]> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        Cow::Borrowed(path.as_os_str().as_bytes())
    }
    #[cfg(not(unix))]
    Cow::Owned(path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/").into_bytes())
}
