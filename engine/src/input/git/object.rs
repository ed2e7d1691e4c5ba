//! What git keeps: objects of four kinds, and why one may not be had.

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
    /// The kind's name in a loose object's header.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
            Self::Tag => "tag",
        }
    }

    /// The kind of that name.
    pub(crate) fn from_name(name: &[u8]) -> Option<Self> {
        [Self::Commit, Self::Tree, Self::Blob, Self::Tag]
            .into_iter()
            .find(|kind| kind.name().as_bytes() == name)
    }
}

/// Why an object was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ObjectError {
    /// No pack and no file holds it.
    #[error("the object is missing")]
    Missing,
    /// It has more bytes than may be read.
    #[error("{0} bytes")]
    TooLarge(u64),
    /// What is there is not what git writes; in lower case.
    #[error("{0}")]
    Damaged(String),
}

impl ObjectError {
    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged(what.into())
    }
}

/// Where objects are read from, one by one.
pub(crate) trait Objects {
    /// Reads an object of at most `limit` bytes into `out`, which is cleared
    /// before.
    fn read(&self, id: &Oid, limit: usize, out: &mut Vec<u8>) -> Result<Kind, ObjectError>;

    /// Whether it is there.
    fn contains(&self, id: &Oid) -> bool;
}
