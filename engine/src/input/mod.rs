//! Where objects come from.
//!
//! Each kind of input is a module of its own. All of them hand objects to the
//! [scanner](crate::scanner) with an [`Origin`] and account for what they could
//! not read in the [ledger](crate::ledger).

#[cfg(feature = "archives")]
pub mod archive;
pub(crate) mod encoding;
pub mod files;
#[cfg(all(feature = "follow", unix))]
pub mod follow;
#[cfg(feature = "git")]
pub mod git;
mod ignored;
pub mod live;
pub mod log;
pub(crate) mod open;
pub(crate) mod walk;

use std::borrow::Cow;
use std::io::Read;
use std::path::{Path, PathBuf};

use encoding::{Encoding, Utf16Reader};

/// Where an object stood.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// A file.
    File(PathBuf),
    /// A pipe, under this name.
    Stream(String),
    /// A member of a container.
    Member(Box<Member>),
    /// An object of a git repository.
    #[cfg(feature = "git")]
    Git(Box<git::GitPlace>),
}

/// What stands in a container, which may stand in others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Member {
    /// The outermost container.
    pub(crate) outer: Origin,
    pub(crate) path: Box<str>,
}

impl Member {
    /// The outermost container: what a person can open.
    pub fn outer(&self) -> &Origin {
        &self.outer
    }

    /// The path within it, with `!` between a container and what it holds; what is not
    /// Unicode is replaced. Compressed data adds nothing to it.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl Origin {
    /// The origin as reports name it: the path with `/` between its components;
    /// what is not Unicode in it is replaced.
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => {
                let text = path.to_string_lossy();
                if std::path::MAIN_SEPARATOR == '/' {
                    text.into_owned()
                } else {
                    text.replace(std::path::MAIN_SEPARATOR, "/")
                }
            }
            Self::Stream(name) => name.clone(),
            Self::Member(member) => format!("{}!{}", member.outer.name(), member.path),
            #[cfg(feature = "git")]
            Self::Git(place) => place.name(),
        }
    }

    /// The file's path, if it is one that the system knows.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Stream(_) | Self::Member(_) => None,
            #[cfg(feature = "git")]
            Self::Git(_) => None,
        }
    }
}

/// The text of a whole object as the scanner sees it: UTF-16, with a byte-order
/// mark or without, as UTF-8; everything else as it is.
///
/// ```
/// use leaksieve::input::decoded;
///
/// assert_eq!(&*decoded(b"\xff\xfea\0\n\0"), b"a\n");
/// assert_eq!(&*decoded(b"a\n"), b"a\n");
/// ```
pub fn decoded(object: &[u8]) -> Cow<'_, [u8]> {
    match Encoding::of(object) {
        Encoding::Bytes => Cow::Borrowed(object),
        Encoding::Utf16 { big_endian, mark } => {
            let mut text = Vec::with_capacity(object.len() / 2);
            // Reading from memory does not fail.
            let _ = Utf16Reader::new(object, big_endian, mark).read_to_end(&mut text);
            Cow::Owned(text)
        }
    }
}
