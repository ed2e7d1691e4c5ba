//! An archive behind a program: one that unpacks itself, or runs what is in it.

use std::io;

use super::super::ReadSeek;
use super::super::source::{Buffer, Source};
use super::entry::{self, Entry};
use super::{end, field};

/// Entries of the directory whose offsets are compared. Writers put the first member
/// first.
const COMPARED: u64 = 1_000;

/// Whether a file that begins so can be a program: Windows' and Unix' executables, and
/// scripts.
pub(crate) fn is_program(head: &[u8]) -> bool {
    head.starts_with(b"MZ") || head.starts_with(b"\x7fELF") || head.starts_with(b"#!")
}

/// The bytes before an archive that stands at the end of a program; none if none does.
/// Only the end is read, of most files at most 64 KiB.
pub(crate) fn program(whole: &mut dyn ReadSeek) -> io::Result<Option<u64>> {
    let mut source = Source::new(whole)?;
    let mut listing = Buffer::default();
    let Some(end) = end::find(&mut source, &mut listing)? else { return Ok(None) };
    let mut program = None;
    let mut at = end.directory.start;
    for _ in 0..end.entries.min(COMPARED) {
        let mut header = [0; entry::LISTED];
        if end.directory.end.saturating_sub(at) < header.len() as u64 {
            break;
        }
        listing.exact(&mut source, at, &mut header)?;
        let lens = [28, 30, 32].map(|at| field::u16_at(&header, at).map_or(0, u64::from));
        // What is so large that its offset stands elsewhere is not the first.
        let Some(entry) = Entry::listed(&header, &[]).filter(|_| header.starts_with(b"PK\x01\x02"))
        else {
            break;
        };
        let offset = entry.offset.saturating_add(end.before);
        program = Some(program.map_or(offset, |least: u64| least.min(offset)));
        at += header.len() as u64 + lens.iter().sum::<u64>();
    }
    let Some(program) = program.filter(|at| (1..end.directory.start).contains(at)) else {
        return Ok(None);
    };
    let mut header = [0; entry::LOCAL];
    let fits = program + header.len() as u64 <= end.directory.start;
    if fits {
        listing.exact(&mut source, program, &mut header)?;
    }
    Ok(entry::is_local(&header).then_some(program))
}
