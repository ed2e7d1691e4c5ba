//! Why a repository could not be read.

use std::io;
use std::path::PathBuf;

/// Why a repository, or its refs, could not be read. None of these means that a
/// repository holds no leak.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GitError {
    /// Neither the path nor a directory above it is a git repository.
    #[error("not a git repository: {0}")]
    NotARepository(PathBuf),
    /// A `.git` file names a directory that is no repository.
    #[error("{file} points to {target}, which is not a git repository", file = file.display(), target = target.display())]
    DeadLink {
        /// The `.git` file.
        file: PathBuf,
        /// What it names.
        target: PathBuf,
    },
    /// A submodule is named, and its repository is not here.
    #[error("the submodule is not cloned")]
    NotCloned,
    /// A file or directory of the repository could not be read.
    #[error("cannot read {path}: {message}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        message: String,
    },
    /// A file of the repository does not have the form that it must have.
    #[error("{path} is damaged: {message}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// The repository's format is newer than this program.
    #[error("{path} has repository format version {version}; versions 0 and 1 are understood", path = path.display())]
    Version {
        /// The git directory.
        path: PathBuf,
        /// Its `core.repositoryFormatVersion`.
        version: i64,
    },
    /// The repository uses an extension that may change where things are kept.
    #[error("{path} uses the repository extension \"{name}\", which is not understood", path = path.display())]
    Extension {
        /// The git directory.
        path: PathBuf,
        /// The extension's name.
        name: String,
    },
    /// Object ids are made in another way than with SHA-1 or SHA-256.
    #[error("{path} has objects of the format \"{name}\"; sha1 and sha256 are understood", path = path.display())]
    ObjectFormat {
        /// The git directory.
        path: PathBuf,
        /// The format's name.
        name: String,
    },
    /// Refs are not kept in files.
    #[error(
        "{path} keeps its refs in the format \"{name}\", which is not understood; \
         `git refs migrate --ref-format=files` makes them readable",
        path = path.display()
    )]
    RefStorage {
        /// The git directory.
        path: PathBuf,
        /// The format's name: `reftable`.
        name: String,
    },
    /// A revision does not name a commit of the repository.
    #[error("revision \"{revision}\": {message}")]
    Revision {
        /// The revision, as it was written.
        revision: String,
        /// Why it cannot be resolved.
        message: String,
    },
    /// What is staged was asked for, where nothing can be.
    #[error("{} is a bare repository, which has neither an index nor a work tree", .0.display())]
    Bare(PathBuf),
}

impl GitError {
    pub(crate) fn unreadable(path: impl Into<PathBuf>, error: &io::Error) -> Self {
        Self::Unreadable { path: path.into(), message: crate::input::open::message(error) }
    }

    pub(crate) fn damaged(path: impl Into<PathBuf>, message: impl Into<String>) -> Self {
        Self::Damaged { path: path.into(), message: message.into() }
    }

    pub(crate) fn revision(revision: &str, message: &str) -> Self {
        Self::Revision { revision: revision.to_owned(), message: message.to_owned() }
    }
}
