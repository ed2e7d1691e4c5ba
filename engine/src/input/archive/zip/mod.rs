//! zip, and all that is zip under another name: jar, apk, wheels, office documents.
//!
//! Format: APPNOTE.TXT of PKWARE; Info-ZIP's notes on extra fields. The directory at
//! the end is read entry by entry, and each member where it stands. Then what the
//! directory does not list is looked for: members that were replaced or deleted, and,
//! where there is no directory, all that is left of a file that was cut off. Comments
//! are members too.

mod content;
mod divided;
mod end;
mod entry;
mod field;
mod hidden;
mod inflate;
mod stub;
#[cfg(test)]
mod tests;

use std::io;
use std::ops::ControlFlow;

use super::checked::Checked;
use super::source::{Buffer, Part, Source};
use super::{Members, ReadSeek, damaged, refused};
use crate::input::open::Refused;
use crate::ledger::SkipKind;
pub(crate) use divided::{Divided, PlaceOf};
use entry::Entry;
use hidden::Covered;
pub(crate) use stub::{is_program, program};

/// What the archive's comment is called, and what is put behind a member's name for its.
const COMMENT: &[u8] = b"(comment)";

/// Whether these are the first bytes of a zip file: a member, or the end of an archive
/// that has none. The first part of a divided archive begins with a mark.
pub(super) fn is(head: &[u8]) -> bool {
    match head {
        [b'P', b'K', 5, 6, fields @ ..] => fields.get(..16).is_some_and(|f| f == [0; 16]),
        [b'P', b'K', 7, 8, member @ ..] | [b'P', b'K', b'0', b'0', member @ ..] => {
            entry::is_local(member)
        }
        _ => entry::is_local(head),
    }
}

pub(super) fn read(
    whole: &mut dyn ReadSeek,
    members: &mut dyn Members,
) -> Result<ControlFlow<()>, Refused> {
    let mut reader = Reader::new(whole).map_err(|e| refused(&e))?;
    told(reader.all(members))
}

/// What it means for the taker how reading ended.
fn told(ended: Result<(), Ended>) -> Result<ControlFlow<()>, Refused> {
    match ended {
        Ok(()) => Ok(ControlFlow::Continue(())),
        Err(Ended::ByTaker) => Ok(ControlFlow::Break(())),
        Err(Ended::Failed(error)) => Err(refused(&error)),
        Err(Ended::Damaged(detail)) => Err(damaged(detail)),
    }
}

/// Why reading ended before the archive did.
enum Ended {
    ByTaker,
    Failed(io::Error),
    Damaged(String),
}

impl From<io::Error> for Ended {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

/// Whether this is a directory: some writers deflate its nothing to two bytes.
fn is_directory(name: &[u8], packed: u64) -> bool {
    name.ends_with(b"/") && packed <= 2
}

fn unless_ended(flow: ControlFlow<()>) -> Result<(), Ended> {
    if flow.is_break() { Err(Ended::ByTaker) } else { Ok(()) }
}

/// A directory that is being read.
struct Listing {
    end: end::End,
    at: u64,
    count: u64,
    texts: Vec<u8>,
}

/// A member as the directory lists it.
struct Listed {
    entry: Entry,
    name: Vec<u8>,
    comment: Vec<u8>,
}

impl Listing {
    fn open(source: &mut Source<'_>, buffer: &mut Buffer) -> Result<Self, Ended> {
        match end::find(source, buffer)? {
            Some(end) => Ok(Self { at: end.directory.start, end, count: 0, texts: Vec::new() }),
            None => Err(Ended::Damaged("it has no directory at its end".to_owned())),
        }
    }

    /// The next member; `None` at the end.
    fn next(
        &mut self,
        source: &mut Source<'_>,
        buffer: &mut Buffer,
    ) -> Result<Option<Listed>, Ended> {
        let end = &self.end.directory.end;
        while self.at < *end {
            let mut header = [0; entry::LISTED];
            let fits = end - self.at >= header.len() as u64;
            if fits {
                buffer.exact(source, self.at, &mut header)?;
            }
            if header.starts_with(b"PK\x05\x05") {
                // A signature of the directory ends it.
                break;
            }
            let lens = [28, 30, 32].map(|at| field::u16_at(&header, at).map_or(0, usize::from));
            let len = lens.iter().sum::<usize>();
            let next = self.at + (header.len() + len) as u64;
            if !header.starts_with(b"PK\x01\x02") || next > *end {
                return Err(Ended::Damaged("its directory is damaged".to_owned()));
            }
            self.texts.resize(len, 0);
            buffer.exact(source, self.at + header.len() as u64, &mut self.texts)?;
            let (name, rest) = self.texts.split_at(lens[0]);
            let (extra, comment) = rest.split_at(lens[1]);
            self.count += 1;
            self.at = next;
            if let Some(mut entry) = Entry::listed(&header, extra) {
                entry.offset = entry.offset.saturating_add(self.end.before);
                let name = entry.name(name, extra).into_owned();
                return Ok(Some(Listed { entry, name, comment: comment.to_vec() }));
            }
        }
        Ok(None)
    }

    /// Reads what stands behind the members: the archive's comment, and their number.
    fn end(&self, members: &mut dyn Members) -> Result<(), Ended> {
        let Self { end, count, .. } = self;
        if !end.comment.is_empty() {
            unless_ended(members.member(COMMENT, &mut &*end.comment))?;
        }
        let is_right =
            if end.is_64 { *count == end.entries } else { *count as u16 == end.entries as u16 };
        if !is_right {
            let detail = format!("its directory lists {count} members and states another number");
            return Err(Ended::Damaged(detail));
        }
        Ok(())
    }
}

struct Reader<'s> {
    source: Source<'s>,
    /// The directory, or what no member covers.
    listing: Buffer,
    /// Members.
    packed: Buffer,
    inflate: Option<flate2::Decompress>,
    covered: Covered,
}

impl<'s> Reader<'s> {
    fn new(whole: &'s mut dyn ReadSeek) -> io::Result<Self> {
        Ok(Self {
            source: Source::new(whole)?,
            listing: Buffer::default(),
            packed: Buffer::default(),
            inflate: None,
            covered: Covered::default(),
        })
    }

    fn all(&mut self, members: &mut dyn Members) -> Result<(), Ended> {
        let listed = self.listed(members);
        self.rest(listed, members)
    }

    /// Reads what the directory should have listed and may still be there.
    fn rest(&mut self, listed: Result<(), Ended>, members: &mut dyn Members) -> Result<(), Ended> {
        if let Ok(()) | Err(Ended::Damaged(_)) = listed {
            self.hidden(members)?;
        }
        listed
    }

    /// Reads the members that the directory lists.
    fn listed(&mut self, members: &mut dyn Members) -> Result<(), Ended> {
        let mut listing = Listing::open(&mut self.source, &mut self.listing)?;
        while let Some(listed) = listing.next(&mut self.source, &mut self.listing)? {
            self.one(&listed, members)?;
        }
        listing.end(members)
    }

    /// Reads a member, and what is said of it.
    fn one(&mut self, listed: &Listed, members: &mut dyn Members) -> Result<(), Ended> {
        let Listed { entry, name, comment } = listed;
        self.member(entry, name, members)?;
        if !comment.is_empty() {
            let name = [name, &b" "[..], COMMENT].concat();
            unless_ended(members.member(&name, &mut &**comment))?;
        }
        Ok(())
    }

    /// Reads a member that the directory lists.
    fn member(
        &mut self,
        entry: &Entry,
        name: &[u8],
        members: &mut dyn Members,
    ) -> Result<(), Ended> {
        let Some(packed) = entry.packed else { return Ok(()) };
        let mut header = [0; entry::LOCAL];
        let fits =
            entry.offset.checked_add(header.len() as u64).is_some_and(|e| e <= self.source.len);
        if fits {
            self.packed.exact(&mut self.source, entry.offset, &mut header)?;
        }
        if !header.starts_with(b"PK\x03\x04") {
            let flow = members.refused(name, damaged("it is not where the directory says"));
            return unless_ended(flow);
        }
        let texts = [26, 28].map(|at| field::u16_at(&header, at).map_or(0, u64::from));
        let start = entry.offset + header.len() as u64 + texts.iter().sum::<u64>();
        let end = start.saturating_add(packed);
        self.covered.add(entry.offset..end.min(self.source.len));
        if is_directory(name, packed) {
            return Ok(());
        }
        self.content(entry, name, start..end, members).1
    }

    /// Hands a member's content on. Also tells how far it was read.
    fn content(
        &mut self,
        entry: &Entry,
        name: &[u8],
        at: std::ops::Range<u64>,
        members: &mut dyn Members,
    ) -> (u64, Result<(), Ended>) {
        let refuse = |members: &mut dyn Members, why| unless_ended(members.refused(name, why));
        if entry.is_encrypted() {
            let why = Refused { kind: SkipKind::EncryptedMember, detail: String::new() };
            return (at.start, refuse(members, why));
        }
        if !content::is_known(entry.method) {
            let (number, name) = (entry.method, content::name(entry.method));
            let detail = format!("compressed by method {number} ({name}), which is not read");
            let why = Refused { kind: SkipKind::UnsupportedArchive, detail };
            return (at.start, refuse(members, why));
        }
        let (source, buffer) = (&mut self.source, &mut self.packed);
        let mut part = Part { source, buffer, at: at.start, end: at.end };
        let result = match content::open(entry, &mut part, &mut self.inflate) {
            Ok(content) => {
                let mut content = Checked::new(content, entry.stated);
                unless_ended(members.member(name, &mut content))
            }
            Err(error) => refuse(members, refused(&error)),
        };
        (part.at, result)
    }
}
