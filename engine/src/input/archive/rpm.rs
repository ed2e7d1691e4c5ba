//! rpm: a package's headers, and behind them its files as a compressed cpio archive.
//!
//! Format: the "Package Format" pages of rpm's documentation. Scripts and other texts
//! stand in the second header.

use std::io::{BufRead, Read};
use std::ops::ControlFlow;

use super::peeked::Peeked;
use super::{Members, damaged, refused};
use crate::input::open::Refused;

/// Bytes of what stands before the headers and has no meaning any more.
const LEAD: usize = 96;

/// A header's magic and its version.
const HEADER: [u8; 4] = [0x8e, 0xad, 0xe8, 1];

/// Bytes of what a header begins with, and of each entry behind it.
const INTRO: usize = 16;

/// The most entries of a header, and the most bytes of what they point to: rpm reads no
/// more itself.
const ENTRIES: u32 = 0xffff;
const STORE: u32 = 256 << 20;

/// Kinds of entries that are text.
const STRING: u32 = 6;
const STRINGS: u32 = 8;
const TRANSLATED: u32 = 9;

/// Whether these are the first bytes of a package, with a signature in a header.
pub(super) fn is(head: &[u8]) -> bool {
    matches!(head, [0xed, 0xab, 0xee, 0xdb, 3 | 4, ..])
        && head.get(78..80) == Some(&[0, 5])
        && head.get(LEAD..).is_some_and(|rest| rest.starts_with(&HEADER))
}

pub(super) fn read(
    content: &mut (dyn Read + Send),
    members: &mut dyn Members,
) -> Result<ControlFlow<()>, Refused> {
    let mut content = Peeked::new(content);
    content.skip(LEAD as u64).map_err(|e| refused(&e))?;
    // Nothing but digests and signatures.
    let signature = Header::read(&mut content)?;
    let size = u64::from(signature.store).next_multiple_of(8);
    content.skip(size).map_err(|e| refused(&e))?;

    let header = Header::read(&mut content)?;
    let mut texts = Texts { store: content.take(header.store.into()), at: 0, texts: header.texts };
    if members.member(b"(scripts)", &mut texts).is_break() {
        return Ok(ControlFlow::Break(()));
    }
    let mut store = texts.store;
    std::io::copy(&mut store, &mut std::io::sink()).map_err(|e| refused(&e))?;
    if store.limit() > 0 {
        return Err(damaged("the package ends within its header"));
    }
    let mut content = store.into_inner();
    if content.fill_buf().map_err(|e| refused(&e))?.is_empty() {
        // Packages that only need others have none.
        return Ok(ControlFlow::Continue(()));
    }
    Ok(members.member(b"", &mut content))
}

struct Header {
    /// Bytes that the entries point into.
    store: u32,
    /// Where texts begin there and end at the latest, last ones first.
    texts: Vec<(u32, u32)>,
}

impl Header {
    /// Reads the entries of a header.
    fn read(content: &mut Peeked<'_>) -> Result<Self, Refused> {
        let intro = content.piece(INTRO)?;
        let mut sizes = numbers(&intro).skip(2);
        let (Some(count), Some(store)) = (sizes.next(), sizes.next()) else {
            return Err(damaged("a header that is none"));
        };
        if !intro.starts_with(&HEADER) {
            return Err(damaged("a header that is none"));
        }
        if count > ENTRIES || store > STORE {
            return Err(damaged("a header that is too large"));
        }
        let entries = content.piece(count as usize * INTRO)?;
        let mut places: Vec<_> = entries
            .chunks_exact(INTRO)
            .filter_map(|entry| {
                let mut fields = numbers(entry);
                let (tag, kind, at) = (fields.next()?, fields.next()?, fields.next()?);
                Some((at.min(store), is_text(tag, kind)))
            })
            .collect();
        places.sort_unstable();
        let ends = places.iter().skip(1).map(|(at, _)| *at).chain([store]);
        let texts = places.iter().zip(ends).filter(|((_, is_text), _)| *is_text);
        let mut texts: Vec<_> = texts.map(|((at, _), end)| (*at, end)).collect();
        texts.reverse();
        Ok(Self { store, texts })
    }
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks_exact(4).filter_map(|bytes| bytes.first_chunk().map(|b| u32::from_be_bytes(*b)))
}

/// Whether an entry is text that people wrote: all but digests and signatures.
fn is_text(tag: u32, kind: u32) -> bool {
    /// Of the header, of files, of the payload.
    const DIGESTS: [u32; 7] = [269, 273, 274, 1035, 5090, 5092, 5097];
    matches!(kind, STRING | STRINGS | TRANSLATED) && !DIGESTS.contains(&tag)
}

/// The texts of a header, each on lines of its own.
struct Texts<'c> {
    store: std::io::Take<Peeked<'c>>,
    /// How far `store` was read.
    at: u32,
    texts: Vec<(u32, u32)>,
}

impl Read for Texts<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        while let Some((start, end)) = self.texts.last() {
            if self.at >= *end {
                self.texts.pop();
                continue;
            }
            let before = start.saturating_sub(self.at);
            if before > 0 {
                let skipped = std::io::copy(
                    &mut self.store.by_ref().take(before.into()),
                    &mut std::io::sink(),
                )?;
                self.at += skipped as u32;
                if skipped < u64::from(before) {
                    return Ok(0);
                }
            }
            let room = out.len().min((end - self.at) as usize);
            let read = self.store.read(&mut out[..room])?;
            self.at += read as u32;
            for byte in out[..read].iter_mut().filter(|byte| **byte == 0) {
                *byte = b'\n';
            }
            return Ok(read);
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::drained::drained;
    use crate::ledger::SkipKind;

    fn header(entries: &[(u32, u32, &[u8])]) -> Vec<u8> {
        let (mut index, mut store) = (Vec::new(), Vec::new());
        for (tag, kind, data) in entries {
            let count = if *kind == 8 { data.iter().filter(|b| **b == 0).count() } else { 1 };
            for number in [*tag, *kind, store.len() as u32, count as u32] {
                index.extend(number.to_be_bytes());
            }
            store.extend_from_slice(data);
        }
        let mut header = vec![0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0];
        header.extend((entries.len() as u32).to_be_bytes());
        header.extend((store.len() as u32).to_be_bytes());
        [header, index, store].concat()
    }

    fn package(entries: &[(u32, u32, &[u8])], payload: &[u8]) -> Vec<u8> {
        let mut package = vec![0xed, 0xab, 0xee, 0xdb, 3, 0, 0, 0, 0, 1];
        package.extend(b"name-1-1");
        package.resize(78, 0);
        package.extend([0, 5]);
        package.resize(96, 0);
        package.extend(header(&[(269, 6, b"digest\0"), (1000, 4, &[0, 0, 1, 2])]));
        package.resize(package.len().next_multiple_of(8), 0);
        [package, header(entries), payload.to_vec()].concat()
    }

    const ENTRIES: [(u32, u32, &[u8]); 7] = [
        (1000, 6, b"name\0"),
        (1028, 4, &[0xff; 8]),
        (1035, 8, b"digest\0digest\0"),
        (1023, 6, b"#!/bin/sh\nexport A=1\0"),
        (1004, 9, b"words\0"),
        (1117, 8, b"one\0two\0"),
        (5092, 8, b"digest\0"),
    ];
    const TEXTS: &[u8] = b"name\n#!/bin/sh\nexport A=1\nwords\none\ntwo\n";

    #[test]
    fn texts_and_payload_are_members() {
        let all = [("(scripts)".to_owned(), TEXTS.to_vec()), (String::new(), b"payload".to_vec())];
        assert_eq!(drained(&package(&ENTRIES, b"payload")), (all.to_vec(), None));
        assert_eq!(drained(&package(&ENTRIES, b"")), (all[..1].to_vec(), None));
    }

    #[test]
    fn entries_may_stand_in_any_order_and_point_anywhere() {
        let mut bytes = package(&ENTRIES, b"payload");
        let at = bytes.len() - 7 - 8 - 6 - 7;
        let index = at - 14 - 21 - 8 - 5 - 7 * 16;
        // The first two change places; the last points beyond the end.
        let (first, second) = bytes[index..index + 32].split_at_mut(16);
        first.swap_with_slice(second);
        bytes[index + 6 * 16 + 8] = 0xff;
        let (members, end) = drained(&bytes);
        assert_eq!((members.len(), end), (2, None));
        assert!(members[0].1.starts_with(TEXTS));
    }

    #[test]
    fn what_is_cut_off_is_handed_on_before_the_damage_is_told() {
        let whole = package(&ENTRIES, b"");
        for len in 112..whole.len() {
            let (members, end) = drained(&whole[..len]);
            assert_eq!(end.unwrap().0, SkipKind::DamagedArchive, "{len}");
            assert!(members.iter().all(|(_, text)| TEXTS.starts_with(text)), "{len}");
        }
        let (members, _) = drained(&whole[..whole.len() - 7]);
        assert_eq!(members[0].1, TEXTS);
    }

    #[test]
    fn headers_have_a_limit() {
        for at in [8, 12] {
            let mut bytes = package(&ENTRIES, b"");
            bytes[96 + at] = 0xff;
            let (members, end) = drained(&bytes);
            assert_eq!((members.len(), end.unwrap().1.as_str()), (0, "a header that is too large"));
        }
    }

    #[test]
    fn the_magic_alone_is_no_package() {
        let whole = package(&ENTRIES, b"");
        assert_eq!(Format::of(&whole[..512.min(whole.len())], b""), Some(Format::Rpm));
        for at in [4, 79, 96, 99] {
            let mut other = whole.clone();
            other[at] = 9;
            assert_eq!(Format::of(&other, b"a.rpm"), None, "{at}");
        }
    }
}
