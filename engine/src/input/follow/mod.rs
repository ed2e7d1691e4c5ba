//! Growing files, read as `tail -F` does.
//!
//! A [`Follower`] finds files by paths and globs, follows them through rotations and
//! hands their bytes to a [`Taker`]. It knows nothing of scanning, of reports, or of what
//! is stored on disk: who wants to go on after a restart keeps what the taker is told, and
//! gives it back as [`Resumed`].
//!
//! A *stream* is the content of one file from its first byte on, whatever the file is
//! called meanwhile. What is rotated away by renaming is read to its end through its open
//! handle; what was rotated or compressed while nobody looked is found among the
//! *siblings* of the followed name by its [`Identity`].
//!
//! # What cannot be known
//!
//! - What was overwritten or deleted between two looks is lost, as it is for `tail -F`: a
//!   file that is truncated takes with it what was not read, unless a copy of it stands
//!   beside it (`copytruncate`).
//! - An empty file that is written, copied and truncated between two looks within the
//!   same tick of the file system's clock shows nothing of it; the copy is read at the next
//!   rotation.
//! - A file that is rewritten with the same first 1,024 bytes, and not to less than was
//!   read, looks as if it had grown.
//! - Of two files with the same first 1,024 bytes one may be taken for the other where
//!   only these are there to go by: compressed files, and copies.
//!
//! # Memory
//!
//! A followed file that is idle takes some 700 bytes and five times the length of its
//! path, 100 bytes for each sibling that stands beside it, and a handle, of which there is
//! a [limit](FollowOptions::handles). What is remembered of finished files is bounded:
//! 4,096 and 16 for each followed name, some 150 bytes and the length of the path each. No
//! more than two decompressors work at a time, with 128 MiB each at most.
//!
//! # What is where
//!
//! `pattern` finds names, `sibling` tells which names are rotations of which, `content`
//! opens files and tells what they are, `identity` recognises them, `known` remembers
//! them, `stream` reads one, `followed` is what there is under one name, `watch` waits,
//! and `follower` puts all this together: `start` is the first look and `look` every other,
//! `recognition` tells what a file is to what was read, `reading` reads, and `renewal` is
//! about files that are not what they were.

mod complaint;
mod content;
mod followed;
mod follower;
mod identity;
mod known;
mod look;
mod options;
mod packed;
mod pattern;
mod reading;
mod recognition;
mod renewal;
mod sibling;
mod start;
mod stream;
#[cfg(test)]
mod tests;
mod watch;

use std::path::{Path, PathBuf};

use crate::ledger::SkipKind;

pub use follower::Follower;
pub use identity::Identity;
pub use options::{FollowOptions, Start};
pub use watch::Waker;

/// Names a stream as long as the [`Follower`] lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u64);

/// A stream that an earlier follower was reading when it ended, as its [`Taker`] was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resumed {
    /// The name under which it is followed, as [`Taker::opened`] told it.
    pub path: PathBuf,
    /// What [`Taker::opened`] and [`Taker::identified`] told last.
    pub identity: Identity,
    /// Where reading goes on, in bytes of the content. It may lie before the place where
    /// reading stopped: the text begins there once more.
    pub offset: u64,
}

/// A file that need not be read again, as [`Follower::finished`] tells it.
///
/// A follower that does not know of it would take it for a new one if it still stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// The name under which it was followed.
    pub path: PathBuf,
    /// By what it is recognised.
    pub identity: Identity,
    /// How far it was read, in bytes of the content; [`SEEN`] if nothing of it ever is.
    pub offset: u64,
    /// Whether that was its end, as far as anybody knows.
    pub is_whole: bool,
}

/// Why a stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum End {
    /// Another file stands under its name, or it is compressed and was read to its end.
    Rotated,
    /// It was made shorter, or written anew.
    Truncated,
    /// It was deleted.
    Removed,
    /// The follower [stops](Follower::stopping). It may be resumed.
    Stopped,
    /// It cannot be read any further; [`Taker::skipped`] told why.
    Failed,
}

/// Takes what a [`Follower`] finds.
pub trait Taker {
    /// A stream begins; `path` is the name under which it is followed. What is handed on
    /// first is the byte at `offset`, which is not 0 if the stream was resumed or an
    /// existing file is read from its end.
    fn opened(&mut self, stream: StreamId, path: &Path, identity: &Identity, offset: u64);

    /// The next bytes of a stream.
    fn bytes(&mut self, stream: StreamId, bytes: &[u8]);

    /// The stream is known better: more of its beginning is there, or it is read from
    /// another file now.
    fn identified(&mut self, stream: StreamId, identity: &Identity);

    /// A stream ends; all its bytes were handed on, unless `end` says otherwise.
    fn ended(&mut self, stream: StreamId, end: End);

    /// Something is not read, or not to its end. Told once for a path and a kind.
    fn skipped(&mut self, path: &Path, kind: SkipKind, detail: String);
}

/// The offset of a file that was rotated before anything was followed: nothing of it is ever
/// read.
pub const SEEN: u64 = u64::MAX;

/// A pattern that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot follow `{}`: {detail}", .pattern.display())]
pub struct FollowError {
    /// The pattern.
    pub pattern: PathBuf,
    /// What is wrong with it, in lower case.
    pub detail: String,
}
