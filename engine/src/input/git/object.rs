//! Objects as whoever reads a repository sees them, wherever they are kept.

use super::oid::Oid;

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Commit,
    Tree,
    Blob,
    Tag,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
            Self::Tag => "tag",
        }
    }

    pub(crate) fn from_name(name: &[u8]) -> Option<Self> {
        [Self::Commit, Self::Tree, Self::Blob, Self::Tag]
            .into_iter()
            .find(|k| k.name().as_bytes() == name)
    }
}

/// Why an object could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ObjectError {
    /// It is not there, as in partial and shallow clones.
    #[error("not in the repository")]
    Missing,
    /// It has more bytes than the caller wants.
    #[error("{0} bytes")]
    TooLarge(u64),
    /// It, or something that it is built on, is not what was written.
    #[error("{0}")]
    Damaged(String),
}

impl ObjectError {
    /// It is damaged; `what` is in lower case.
    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged(what.into())
    }
}

/// Where objects are read from.
pub(crate) trait Objects: Sync {
    /// Reads an object into `out`, which is emptied first.
    ///
    /// # Errors
    ///
    /// If it is not there, has more than `limit` bytes, or is damaged; what
    /// stands in `out` then means nothing.
    fn read(&self, id: &Oid, limit: usize, out: &mut Vec<u8>) -> Result<Kind, ObjectError>;

    /// Whether it is there.
    fn contains(&self, id: &Oid) -> bool;

    /// The ids that begin with these hexadecimal digits, in lower case; at least
    /// two if there are several.
    fn with_prefix(&self, hex: &str) -> Vec<Oid>;
}

/// How large a commit, tree or tag may be. The largest that are known, trees of
/// a hundred thousand files, have a few megabytes.
pub(crate) const STRUCTURE_LIMIT: usize = 256 << 20;
