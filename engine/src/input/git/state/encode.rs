//! The payloads of frames: numbers in groups of seven bits, texts with their length
//! before them. Reading anything else than what was written gives `None`, at no cost
//! beyond the bytes that are there.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::journal::MAX_FRAME;
use super::{KnownFinding, KnownPlace, MAX_ID};
use crate::input::git::oid::Oid;
use crate::input::git::place::{CommitInfo, GitPlace, Holder, NAMED_REFS};

/// Writes a payload.
#[derive(Debug, Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Hands out what was written once it is so long, and begins anew.
    pub(super) fn cut(&mut self, full: usize, take: impl FnOnce(Vec<u8>)) {
        if self.bytes.len() >= full {
            take(std::mem::take(&mut self.bytes));
        }
    }

    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    pub(super) fn text(&mut self, text: &[u8]) {
        self.number(text.len() as u64);
        self.bytes.extend_from_slice(text);
    }

    pub(super) fn oid(&mut self, oid: &Oid) {
        self.text(oid.as_bytes());
    }

    pub(super) fn known(&mut self, finding: &KnownFinding, fingerprint: &str) {
        self.oid(&finding.object);
        self.text(finding.detector.as_bytes());
        self.number(finding.offset);
        self.number(finding.length);
        self.text(fingerprint.as_bytes());
    }
}

/// Reads a payload.
#[derive(Debug)]
pub(super) struct Reader<'b> {
    bytes: &'b [u8],
}

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { bytes }
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return None;
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    pub(super) fn text(&mut self) -> Option<&'b [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(text)
    }

    fn str(&mut self) -> Option<&'b str> {
        std::str::from_utf8(self.text()?).ok()
    }

    pub(super) fn oid(&mut self) -> Option<Oid> {
        Oid::from_bytes(self.text()?)
    }

    pub(super) fn pack(&mut self) -> Option<&'b [u8]> {
        self.text().filter(|id| id.len() <= MAX_ID)
    }

    pub(super) fn known(&mut self) -> Option<(KnownFinding, &'b str)> {
        let object = self.oid()?;
        let detector = self.str()?.into();
        let (offset, length) = (self.number()?, self.number()?);
        Some((KnownFinding { object, detector, offset, length }, self.str()?))
    }
}

/// The digest of the refs, then how many objects each repository lacks, the commits, the refs and the places. Of a commit
/// only its id is told: what people wrote in it may hold the secret. `None` if it
/// would be too long.
pub(super) fn places(digest: &[u8; 32], places: &[KnownPlace], absent: &[u64]) -> Option<Vec<u8>> {
    let (mut commits, mut refs) = (Table::default(), Table::default());
    let mut rows = Writer::default();
    for KnownPlace { place, finding } in places {
        rows.text(&path_bytes(&place.repository)?);
        rows.oid(&finding.object);
        rows.text(finding.detector.as_bytes());
        rows.number(finding.offset);
        rows.number(finding.length);
        let (kind, text): (u8, &[u8]) = match &place.holder {
            Holder::File(path) => (0, path),
            Holder::Commit => (1, b""),
            Holder::Tag(name) => (2, name.as_bytes()),
            Holder::Note(about) => (3, about.as_bytes()),
            Holder::Unreachable => (4, b""),
            Holder::Object => (5, b""),
        };
        rows.bytes.push(kind);
        rows.text(text);
        let id = place.commit.as_ref().map_or(&[][..], |c| c.id.as_bytes());
        rows.number(commits.index(id));
        rows.bytes.push(place.at_head.into());
        rows.text(place.head_path.as_deref().unwrap_or_default());
        let named = &place.refs[..place.refs.len().min(NAMED_REFS)];
        rows.number(named.len() as u64);
        named.iter().for_each(|name| rows.number(refs.index(name.as_bytes())));
        rows.number(place.ref_count.into());
        rows.number(place.versions.into());
        if rows.bytes.len() > MAX_FRAME {
            return None;
        }
    }
    let mut whole = Writer { bytes: digest.to_vec() };
    whole.number(absent.len() as u64);
    absent.iter().for_each(|count| whole.number(*count));
    for table in [commits, refs] {
        whole.number(table.rows.len() as u64);
        table.rows.iter().for_each(|row| whole.text(row));
    }
    whole.bytes.append(&mut rows.bytes);
    (whole.bytes.len() <= MAX_FRAME).then_some(whole.bytes)
}

/// What [`places`] wrote behind the digest. `commit` tells what a commit of this id
/// says; if it cannot for one, there is no telling.
pub(super) fn read_places(
    encoded: &[u8],
    commit: &mut dyn FnMut(&Oid) -> Option<Arc<CommitInfo>>,
) -> Option<(Vec<KnownPlace>, Vec<u64>)> {
    let mut reader = Reader::new(encoded);
    let mut absent = Vec::new();
    for _ in 0..reader.number()? {
        absent.push(reader.number()?);
    }
    let mut commits = Vec::new();
    for _ in 0..reader.number()? {
        commits.push(match reader.text()? {
            [] => None,
            id => Some(commit(&Oid::from_bytes(id)?)?),
        });
    }
    let mut refs: Vec<Arc<str>> = Vec::new();
    for _ in 0..reader.number()? {
        refs.push(reader.str()?.into());
    }
    let mut places = Vec::new();
    while !reader.bytes.is_empty() {
        let repository = bytes_path(reader.text()?)?;
        let object = reader.oid()?;
        let detector = reader.str()?.into();
        let (offset, length) = (reader.number()?, reader.number()?);
        let finding = KnownFinding { object, detector, offset, length };
        let kind = reader.byte()?;
        let text = reader.text()?;
        let name = || std::str::from_utf8(text).ok().map(Into::into);
        let holder = match kind {
            0 => Holder::File(text.into()),
            1 => Holder::Commit,
            2 => Holder::Tag(name()?),
            3 => Holder::Note(name()?),
            4 => Holder::Unreachable,
            5 => Holder::Object,
            _ => return None,
        };
        let index = |n: u64| usize::try_from(n).ok();
        let commit = commits.get(index(reader.number()?)?)?.clone();
        let at_head = reader.byte()? != 0;
        let head_path = reader.text().map(|p| (!p.is_empty()).then(|| p.into()))?;
        let count = index(reader.number()?).filter(|n| *n <= NAMED_REFS)?;
        let mut named = Vec::with_capacity(count);
        for _ in 0..count {
            named.push(refs.get(index(reader.number()?)?)?.clone());
        }
        let ref_count = u32::try_from(reader.number()?).ok()?;
        let versions = u32::try_from(reader.number()?).ok()?;
        let place = GitPlace {
            repository,
            object,
            holder,
            commit,
            at_head,
            head_path,
            // Only such places are kept.
            is_standing_known: true,
            refs: named,
            ref_count,
            versions,
        };
        places.push(KnownPlace { finding, place });
    }
    Some((places, absent))
}

/// Texts that are written once.
#[derive(Default)]
struct Table<'t> {
    rows: Vec<&'t [u8]>,
    known: HashMap<&'t [u8], u64>,
}

impl<'t> Table<'t> {
    fn index(&mut self, text: &'t [u8]) -> u64 {
        *self.known.entry(text).or_insert_with(|| {
            self.rows.push(text);
            self.rows.len() as u64 - 1
        })
    }
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps)]
fn path_bytes(path: &Path) -> Option<Vec<u8>> {
    Some(std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).to_vec())
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps)]
fn bytes_path(bytes: &[u8]) -> Option<PathBuf> {
    let text: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(bytes);
    Some(text.into())
}

#[cfg(not(unix))]
fn path_bytes(path: &Path) -> Option<Vec<u8>> {
    path.to_str().map(|text| text.as_bytes().to_vec())
}

#[cfg(not(unix))]
fn bytes_path(bytes: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(bytes).ok().map(Into::into)
}
