//! What is remembered of followed files over a restart.
//!
//! The stored form is JSON, one document, and a line with the BLAKE3 hash of it: half of a
//! checkpoint is none. It holds paths, places and hashes, and nothing of what stands in the
//! files.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::input::follow::{Finished, Identity};
use crate::policy::hex;

/// Names the stored form.
const SCHEMA: &str = "leaksieve-follow/1";

/// Where to go on with followed files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// What of the report the checkpoint takes for told.
    pub report: Option<ReportMark>,
    /// What was followed. A file of these that is not known appeared since.
    pub(super) patterns: Vec<PathBuf>,
    pub(super) positions: Vec<Position>,
    pub(super) finished: Vec<Finished>,
}

/// A place in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportMark {
    /// The device on which the report stands.
    pub device: u64,
    /// Its number there: another file is another report, whatever its name.
    pub inode: u64,
    /// Bytes in which everything stands that was told.
    pub len: u64,
}

/// Why a checkpoint cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// It is not one, or a part of it is missing or changed.
    #[error("is no checkpoint, or a damaged one")]
    Damaged,
    /// It was written by another version.
    #[error("was written by another version of leaksieve")]
    OtherVersion,
}

/// Where to go on with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Position {
    /// The name under which it is followed.
    pub(super) path: PathBuf,
    pub(super) identity: Identity,
    /// Where reading begins.
    pub(super) offset: u64,
    /// The line there, from 1.
    pub(super) line: u64,
    /// What begins before this offset has been told.
    pub(super) settled: u64,
    /// What begins before this offset has been counted.
    pub(super) counted: u64,
    /// Tells it apart from others that had its name.
    pub(super) generation: u64,
}

impl Position {
    /// What speaks for it that it is of the file with this identity, which may have
    /// grown, or be compressed now; `None` if it is of another.
    pub(super) fn likeness(&self, identity: &Identity) -> Option<Likeness> {
        let (own, other) = (&self.identity, identity);
        if (own.device, own.inode) == (other.device, other.inode) {
            Some(Likeness::Number)
        } else if own.head_len != other.head_len {
            Some(Likeness::Possible)
        } else {
            (own.head == other.head).then_some(Likeness::Head)
        }
    }
}

/// What speaks for it that a position is of a file, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    /// It is the same file.
    Number,
    /// It begins with the same text.
    Head,
    /// Nothing speaks against it.
    Possible,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    schema: String,
    report: Option<ReportMark>,
    patterns: Vec<StoredPath>,
    files: Vec<StoredFile>,
    finished: Vec<StoredFinished>,
}

/// A path, or the hexadecimal digits of one that is no Unicode.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredPath {
    Text(String),
    Bytes { hex: String },
}

#[derive(Serialize, Deserialize)]
struct StoredIdentity {
    device: u64,
    inode: u64,
    head_len: u32,
    head: String,
}

/// A file that is being read.
#[derive(Serialize, Deserialize)]
struct StoredFile {
    path: StoredPath,
    #[serde(flatten)]
    identity: StoredIdentity,
    offset: u64,
    line: u64,
    settled: u64,
    counted: u64,
    generation: u64,
}

/// A file that need not be read again.
#[derive(Serialize, Deserialize)]
struct StoredFinished {
    path: StoredPath,
    #[serde(flatten)]
    identity: StoredIdentity,
    offset: u64,
    is_whole: bool,
}

impl Checkpoint {
    /// The stored form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let stored = Stored {
            schema: SCHEMA.to_owned(),
            report: self.report,
            patterns: self.patterns.iter().map(|pattern| StoredPath::of(pattern)).collect(),
            files: self.positions.iter().map(StoredFile::of).collect(),
            finished: self.finished.iter().map(StoredFinished::of).collect(),
        };
        // Numbers and text can always be written.
        let mut bytes = serde_json::to_vec(&stored).unwrap_or_default();
        let hash = blake3::hash(&bytes);
        bytes.extend_from_slice(b"\nblake3 ");
        bytes.extend_from_slice(hex(hash.as_bytes()).as_bytes());
        bytes.push(b'\n');
        bytes
    }

    /// Reads the stored form.
    ///
    /// # Errors
    ///
    /// If it is not whole, or of another version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let end = memchr::memchr(b'\n', bytes).ok_or(CheckpointError::Damaged)?;
        let (body, rest) = bytes.split_at(end);
        let hash = hex(blake3::hash(body).as_bytes());
        if rest != format!("\nblake3 {hash}\n").as_bytes() {
            return Err(CheckpointError::Damaged);
        }
        #[derive(Deserialize)]
        struct Version {
            schema: String,
        }
        let version: Version =
            serde_json::from_slice(body).map_err(|_| CheckpointError::Damaged)?;
        if version.schema != SCHEMA {
            return Err(CheckpointError::OtherVersion);
        }
        let stored: Stored = serde_json::from_slice(body).map_err(|_| CheckpointError::Damaged)?;
        stored.checkpoint().ok_or(CheckpointError::Damaged)
    }
}

impl Stored {
    fn checkpoint(self) -> Option<Checkpoint> {
        let Self { report, patterns, files, finished, .. } = self;
        Some(Checkpoint {
            report,
            patterns: patterns.into_iter().map(StoredPath::path).collect::<Option<_>>()?,
            positions: files.into_iter().map(StoredFile::position).collect::<Option<_>>()?,
            finished: finished.into_iter().map(StoredFinished::finished).collect::<Option<_>>()?,
        })
    }
}

impl StoredPath {
    fn of(path: &Path) -> Self {
        match path.to_str() {
            Some(path) => Self::Text(path.to_owned()),
            None => Self::Bytes { hex: hex(path.as_os_str().as_encoded_bytes()) },
        }
    }

    fn path(self) -> Option<PathBuf> {
        use std::os::unix::ffi::OsStringExt;
        Some(match self {
            Self::Text(path) => path.into(),
            Self::Bytes { hex } => std::ffi::OsString::from_vec(bytes(&hex)?).into(),
        })
    }
}

impl StoredIdentity {
    fn of(identity: &Identity) -> Self {
        let Identity { device, inode, head_len, head } = *identity;
        Self { device, inode, head_len, head: hex(&head) }
    }

    fn identity(self) -> Option<Identity> {
        let Self { device, inode, head_len, head } = self;
        Some(Identity { device, inode, head_len, head: bytes(&head)?.try_into().ok()? })
    }
}

impl StoredFile {
    fn of(position: &Position) -> Self {
        let Position { path, identity, offset, line, settled, counted, generation } = position;
        Self {
            path: StoredPath::of(path),
            identity: StoredIdentity::of(identity),
            offset: *offset,
            line: *line,
            settled: *settled,
            counted: *counted,
            generation: *generation,
        }
    }

    fn position(self) -> Option<Position> {
        let Self { path, identity, offset, line, settled, counted, generation } = self;
        let (path, identity) = (path.path()?, identity.identity()?);
        Some(Position { path, identity, offset, line: line.max(1), settled, counted, generation })
    }
}

impl StoredFinished {
    fn of(finished: &Finished) -> Self {
        let Finished { path, identity, offset, is_whole } = finished;
        let (path, identity) = (StoredPath::of(path), StoredIdentity::of(identity));
        Self { path, identity, offset: *offset, is_whole: *is_whole }
    }

    fn finished(self) -> Option<Finished> {
        let Self { path, identity, offset, is_whole } = self;
        Some(Finished { path: path.path()?, identity: identity.identity()?, offset, is_whole })
    }
}

/// What hexadecimal digits say.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let digits = digits.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pair = |two: &[u8]| Some((digit(two[0])? * 16 + digit(two[1])?) as u8);
    digits.chunks(2).map(pair).collect()
}
