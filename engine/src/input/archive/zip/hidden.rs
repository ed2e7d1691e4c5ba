//! Members that the directory does not list.

use std::io;
use std::ops::Range;

use super::super::Members;
use super::super::source::{Buffer, Source};
use super::entry::{self, Entry};
use super::{Ended, Reader, field, is_directory};

/// Less holds no member.
const LEAST: u64 = entry::LOCAL as u64 + 1;

/// What stands in the archive and is listed.
#[derive(Default)]
pub(super) struct Covered(Vec<Range<u64>>);

impl Covered {
    pub(super) fn add(&mut self, range: Range<u64>) {
        // Most archives have their members in the directory's order.
        match self.0.last_mut() {
            Some(last) if range.start >= last.start && range.start < last.end + LEAST => {
                last.end = last.end.max(range.end);
            }
            _ => self.0.push(range),
        }
    }

    /// Takes what another thread read.
    pub(super) fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// What is left of so many bytes, from left to right.
    fn gaps(&mut self, len: u64) -> Vec<Range<u64>> {
        self.0.sort_unstable_by_key(|range| range.start);
        let mut end = 0;
        let mut gaps = Vec::new();
        for range in self.0.drain(..).chain(std::iter::once(len..len)) {
            if range.start >= end + LEAST {
                gaps.push(end..range.start);
            }
            end = end.max(range.end);
        }
        gaps
    }
}

impl Reader<'_> {
    /// Reads the members in the gaps between those that are listed.
    pub(super) fn hidden(&mut self, members: &mut dyn Members) -> Result<(), Ended> {
        for gap in self.covered.gaps(self.source.len) {
            let mut at = gap.start;
            let header = |kind: &[u8]| kind == [3, 4];
            while let Some(found) =
                signature(&mut self.source, &mut self.listing, at..gap.end, &header)?
            {
                let next = self.unlisted(found..gap.end, members)?;
                at = next.max(found + 4);
            }
        }
        Ok(())
    }

    /// Reads what may be a member at the beginning of a gap, and tells where to look on.
    fn unlisted(&mut self, gap: Range<u64>, members: &mut dyn Members) -> Result<u64, Ended> {
        let nothing = gap.start;
        let mut header = [0; entry::LOCAL];
        if gap.end - gap.start < LEAST {
            return Ok(nothing);
        }
        self.listing.exact(&mut self.source, gap.start, &mut header)?;
        let lens = [26, 28].map(|at| field::u16_at(&header, at).map_or(0, usize::from));
        let texts_at = gap.start + header.len() as u64;
        let start = texts_at + lens.iter().sum::<usize>() as u64;
        if !entry::is_local(&header) || start > gap.end {
            return Ok(nothing);
        }
        let mut texts = vec![0; lens.iter().sum()];
        self.listing.exact(&mut self.source, texts_at, &mut texts)?;
        let (name, extra) = texts.split_at(lens[0]);
        let Some(entry) = Entry::local(&header, extra, gap.start) else { return Ok(nothing) };
        let name = entry.name(name, extra);
        let is_stored = entry.method == 0;
        let end = match entry.packed {
            Some(packed) => start.saturating_add(packed),
            // It ends where the next thing begins.
            None if is_stored => {
                let any = |kind: &[u8]| matches!(kind, [1, 2] | [3, 4] | [5, 6] | [7, 8]);
                signature(&mut self.source, &mut self.listing, start..gap.end, &any)?
                    .unwrap_or(gap.end)
            }
            None => gap.end,
        };
        if entry.packed.is_some_and(|packed| is_directory(&name, packed)) {
            return Ok(start);
        }
        let (read, result) = self.content(&entry, &name, start..end, members);
        result?;
        Ok(match entry.packed {
            // A size that cannot be right hides nothing.
            Some(_) if end > gap.end => start,
            Some(_) => end,
            None => read,
        })
    }
}

/// Looks for `PK` and one of the pairs of bytes that say what follows.
fn signature(
    source: &mut Source<'_>,
    buffer: &mut Buffer,
    within: Range<u64>,
    is_kind: &dyn Fn(&[u8]) -> bool,
) -> io::Result<Option<u64>> {
    let mut at = within.start;
    while at + 4 <= within.end {
        let bytes = buffer.at(source, at)?;
        let most = usize::try_from(within.end - at).unwrap_or(usize::MAX).min(bytes.len());
        let bytes = bytes.get(..most).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(None);
        }
        let found = memchr::memmem::find_iter(bytes, b"PK")
            .find(|at| bytes.get(at + 2..at + 4).is_some_and(is_kind));
        if let Some(found) = found {
            return Ok(Some(at + found as u64));
        }
        // One may stand across the end of the piece.
        let tail = bytes.len().saturating_sub(3);
        let begins = bytes.get(tail..).and_then(|tail| memchr::memchr(b'P', tail));
        let Some(begins) = begins else {
            at += bytes.len() as u64;
            continue;
        };
        at += (tail + begins) as u64;
        if at + 4 > within.end {
            break;
        }
        let mut four = [0; 4];
        buffer.exact(source, at, &mut four)?;
        if let [b'P', b'K', kind @ ..] = &four
            && is_kind(kind)
        {
            return Ok(Some(at));
        }
        at += 1;
    }
    Ok(None)
}
