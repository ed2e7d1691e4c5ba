//! The end record, which tells where the directory is.

use std::io;

use super::super::source::{Buffer, Source};
use super::field::{u16_at, u32_at, u64_at};

/// Bytes of the record without the comment that ends it.
const RECORD: usize = 22;
const LOCATOR: u64 = 20;
const RECORD_64: usize = 56;

/// Records that are tried: a comment may look like some.
const TRIED: usize = 64;

/// Where the directory is.
pub(super) struct End {
    pub(super) directory: std::ops::Range<u64>,
    /// Bytes in front of the archive, such as a program that unpacks it, which offsets
    /// do not count.
    pub(super) before: u64,
    /// Members that it lists; in small records their number is cut to 16 bits.
    pub(super) entries: u64,
    pub(super) is_64: bool,
    pub(super) comment: Vec<u8>,
}

/// Looks for the record from the end of the archive on.
pub(super) fn find(source: &mut Source<'_>, buffer: &mut Buffer) -> io::Result<Option<End>> {
    let len = source.len.min((RECORD + usize::from(u16::MAX)) as u64);
    let from = source.len - len;
    let mut tail = vec![0; len as usize];
    buffer.exact(source, from, &mut tail)?;
    for at in memchr::memmem::rfind_iter(&tail, b"PK\x05\x06").take(TRIED) {
        let Some((record, comment)) = tail.get(at..).and_then(|r| r.split_at_checked(RECORD))
        else {
            continue;
        };
        let Some(comment) = u16_at(record, 20).and_then(|len| comment.get(..usize::from(len)))
        else {
            continue;
        };
        if let Some(mut end) = locate(source, buffer, from + at as u64, record)? {
            end.comment = comment.to_vec();
            return Ok(Some(end));
        }
    }
    Ok(None)
}

/// Reads a record, if there is a directory where it says so.
fn locate(
    source: &mut Source<'_>,
    buffer: &mut Buffer,
    at: u64,
    record: &[u8],
) -> io::Result<Option<End>> {
    let fields = (u16_at(record, 10), u32_at(record, 12), u32_at(record, 16));
    let (Some(entries), Some(size), Some(offset)) = fields else { return Ok(None) };
    let small = (at, u64::from(entries), u64::from(size), u64::from(offset));
    let overflows = entries == u16::MAX || size == u32::MAX || offset == u32::MAX;
    let large = if overflows { large(source, buffer, at)? } else { None };
    let (limit, entries, size, offset) = large.unwrap_or(small);
    let end = |start: u64, before: u64| End {
        directory: start..start + size,
        before,
        entries,
        is_64: large.is_some(),
        comment: Vec::new(),
    };
    let Some(start) = limit.checked_sub(size) else { return Ok(None) };
    if size == 0 {
        return Ok((entries == 0).then(|| end(start, 0)));
    }
    if let Some(before) = start.checked_sub(offset)
        && is_directory(source, buffer, start)?
    {
        return Ok(Some(end(start, before)));
    }
    // Something may stand between the directory and its end record.
    let is_here = offset <= start && is_directory(source, buffer, offset)?;
    Ok(is_here.then(|| end(offset, 0)))
}

fn is_directory(source: &mut Source<'_>, buffer: &mut Buffer, at: u64) -> io::Result<bool> {
    let mut signature = [0; 4];
    let there = at.checked_add(4).is_some_and(|end| end <= source.len);
    if there {
        buffer.exact(source, at, &mut signature)?;
    }
    Ok(signature == *b"PK\x01\x02")
}

/// Where the end record of zip64 is, and its entries, size and offset.
fn large(
    source: &mut Source<'_>,
    buffer: &mut Buffer,
    end: u64,
) -> io::Result<Option<(u64, u64, u64, u64)>> {
    let Some(locator_at) = end.checked_sub(LOCATOR) else { return Ok(None) };
    let mut locator = [0; LOCATOR as usize];
    buffer.exact(source, locator_at, &mut locator)?;
    if !locator.starts_with(b"PK\x06\x07") {
        return Ok(None);
    }
    // Where it says, or, with something in front of the archive, right before it.
    let stated = u64_at(&locator, 8);
    let near = locator_at.checked_sub(RECORD_64 as u64);
    for at in [stated, near].into_iter().flatten() {
        if at.checked_add(RECORD_64 as u64).is_none_or(|end| end > locator_at) {
            continue;
        }
        let mut record = [0; RECORD_64];
        buffer.exact(source, at, &mut record)?;
        if record.starts_with(b"PK\x06\x06") {
            let fields = (u64_at(&record, 32), u64_at(&record, 40), u64_at(&record, 48));
            if let (Some(entries), Some(size), Some(offset)) = fields {
                return Ok(Some((at, entries, size, offset)));
            }
        }
    }
    Ok(None)
}
