//! Loose objects: one file each.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use flate2::read::ZlibDecoder;

use super::object::{Kind, ObjectError};
use super::oid::{ObjectFormat, Oid};
use crate::input::open::{message, open};
use crate::ledger::SkipKind;

/// The longest header: a kind, a number of twenty digits, a zero byte.
const HEADER: usize = 32;

/// The file of an object below an object directory.
pub(crate) fn path_of(directory: &Path, id: &Oid) -> PathBuf {
    let hex = id.to_string();
    directory.join(&hex[..2]).join(&hex[2..])
}

/// All loose objects of an object directory, in the order of their ids. What cannot be
/// listed is told, and does not keep the rest from being; what is not there, as a
/// directory that git has just emptied, holds nothing.
pub(crate) fn list(
    directory: &Path,
    format: ObjectFormat,
    troubles: &mut Vec<(PathBuf, String)>,
) -> Vec<Oid> {
    let mut listed = |directory: &Path| -> Vec<fs::DirEntry> {
        let mut tell = |error: io::Error| {
            if error.kind() != io::ErrorKind::NotFound {
                troubles.push((directory.to_owned(), message(&error)));
            }
        };
        match fs::read_dir(directory) {
            Ok(entries) => entries.filter_map(|e| e.map_err(&mut tell).ok()).collect(),
            Err(error) => {
                tell(error);
                Vec::new()
            }
        }
    };
    let mut ids = Vec::new();
    for fan in listed(directory) {
        let name = fan.file_name();
        let first = name.as_encoded_bytes();
        let is_hex = |b: &u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        if first.len() != 2 || !first.iter().all(is_hex) || !fan.path().is_dir() {
            continue;
        }
        for file in listed(&fan.path()) {
            let name = file.file_name();
            let hex = [first, name.as_encoded_bytes()].concat();
            // Others are files that git is writing.
            if hex.len() == 2 * format.id_len()
                && let Some(id) = Oid::from_hex(&hex)
            {
                ids.push(id);
            }
        }
    }
    ids.sort_unstable();
    ids
}

/// A loose object that is being read.
pub(crate) struct Loose {
    pub(crate) kind: Kind,
    pub(crate) size: u64,
    /// The first bytes of its content, read with the header.
    head: Vec<u8>,
    rest: ZlibDecoder<fs::File>,
}

impl Loose {
    /// Opens the object in the file at `path`.
    pub(crate) fn open(path: &Path) -> Result<Self, ObjectError> {
        let file = open(path, true).map_err(|refused| match refused.kind {
            SkipKind::Vanished => ObjectError::Missing,
            _ => ObjectError::damaged(refused.detail),
        })?;
        let mut rest = ZlibDecoder::new(file.file);
        let mut head = vec![0; HEADER];
        let mut filled = 0;
        while filled < HEADER && !head[..filled].contains(&0) {
            match rest.read(&mut head[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) => return Err(broken(&error)),
            }
        }
        head.truncate(filled);
        let bad = || ObjectError::damaged("a loose object without a sound header");
        let end = memchr::memchr(0, &head).ok_or_else(bad)?;
        let space = memchr::memchr(b' ', &head[..end]).ok_or_else(bad)?;
        let kind = Kind::from_name(&head[..space]).ok_or_else(bad)?;
        let digits = std::str::from_utf8(&head[space + 1..end]).map_err(|_| bad())?;
        let size = digits.parse().map_err(|_| bad())?;
        head.drain(..=end);
        Ok(Self { kind, size, head, rest })
    }

    /// Reads the content, of at most `limit` bytes, into `out`.
    pub(crate) fn read(self, limit: usize, out: &mut Vec<u8>) -> Result<Kind, ObjectError> {
        let (kind, size) = (self.kind, self.size);
        if size > limit as u64 {
            return Err(ObjectError::TooLarge(size));
        }
        out.clear();
        // Not before it is there: the size is only claimed.
        self.content().take(size + 1).read_to_end(out).map_err(|e| broken(&e))?;
        if out.len() as u64 != size {
            return Err(ObjectError::damaged("data of another size than it claims"));
        }
        Ok(kind)
    }

    /// The content, to be read in pieces.
    pub(crate) fn content(self) -> impl Read + Send {
        io::Cursor::new(self.head).chain(self.rest)
    }
}

fn broken(error: &io::Error) -> ObjectError {
    ObjectError::damaged(message(error))
}
