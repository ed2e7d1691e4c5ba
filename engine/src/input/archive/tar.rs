//! tar: members one after the other, each behind a header of 512 bytes.
//!
//! Formats: POSIX.1-2017 pax(1) for ustar and pax, GNU tar's manual for long names and
//! sparse files. Of a sparse file the data is read and its holes are not. Archives that
//! stand one behind the other are read as one.

use std::io::{self, Read};
use std::ops::{ControlFlow, Range};

use super::{Members, damaged, refused};
use crate::input::open::Refused;

const BLOCK: usize = 512;

/// The most bytes of a long name, or of the headers that pax puts before a member.
const LONG: u64 = 1 << 20;

const NAME: Range<usize> = 0..100;
const SIZE: Range<usize> = 124..136;
const CHECKSUM: Range<usize> = 148..156;
const KIND: usize = 156;
const MAGIC: Range<usize> = 257..263;
const PREFIX: Range<usize> = 345..500;
/// Old GNU sparse files: whether more of the map of holes stands in the next block.
const SPARSE_MORE: usize = 482;
const SPARSE_MORE_IN_BLOCK: usize = 504;

/// Whether these are the first bytes of a tar archive: a header with a name whose
/// checksum is right. Older archives have no magic.
pub(super) fn is(head: &[u8]) -> bool {
    head.first_chunk().is_some_and(|header| header[0] != 0 && is_header(header))
}

fn is_header(header: &[u8; BLOCK]) -> bool {
    let Some(stated) = octal(&header[CHECKSUM]) else { return false };
    let unsigned = |bytes: &[u8]| bytes.iter().map(|b| i64::from(*b)).sum::<i64>();
    // Some programs summed signed bytes.
    let signed = |bytes: &[u8]| bytes.iter().map(|b| i64::from(*b as i8)).sum::<i64>();
    // The checksum's own place counts as blanks.
    let sum = |of: &dyn Fn(&[u8]) -> i64| {
        of(&header[..CHECKSUM.start]) + 8 * 32 + of(&header[CHECKSUM.end..])
    };
    let stated = i64::try_from(stated).unwrap_or(-1);
    sum(&unsigned) == stated || sum(&signed) == stated
}

/// A number in octal digits, between blanks and zeros.
fn octal(field: &[u8]) -> Option<u64> {
    let digits = field.trim_ascii_start();
    let end = digits.iter().position(|b| !matches!(b, b'0'..=b'7')).unwrap_or(digits.len());
    let (digits, behind) = digits.split_at(end);
    if behind.iter().any(|b| !matches!(b, 0 | b' ')) {
        return None;
    }
    let digits = std::str::from_utf8(digits).ok().filter(|d| !d.is_empty())?;
    u64::from_str_radix(digits, 8).ok()
}

/// A size: octal digits, or GNU tar's binary number where they do not suffice.
fn size(field: &[u8]) -> Option<u64> {
    if field.first()? & 0x80 == 0 {
        // A member without content may have no size.
        return octal(field).or_else(|| field.iter().all(|b| matches!(b, 0 | b' ')).then_some(0));
    }
    let high = field[1..field.len() - 8].iter().all(|b| *b == 0) && field[0] == 0x80;
    let low = field.last_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes));
    low.filter(|_| high)
}

/// What stands before a member and is about it.
#[derive(Default)]
struct About {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

pub(super) fn read(
    content: &mut (dyn Read + Send),
    members: &mut dyn Members,
) -> Result<ControlFlow<()>, Refused> {
    let mut about = About::default();
    loop {
        let mut header = [0; BLOCK];
        match fill(content, &mut header).map_err(|e| refused(&e))? {
            0 => return Ok(ControlFlow::Continue(())),
            BLOCK => {}
            _ => return Err(damaged("the archive ends within a header")),
        }
        // Two blocks of zeros end an archive; another may stand behind it.
        if header.iter().all(|b| *b == 0) {
            continue;
        }
        if !is_header(&header) {
            return Err(damaged("a header whose checksum is wrong"));
        }
        let stated = size(&header[SIZE]).ok_or_else(|| damaged("a header without a size"))?;
        let kind = header[KIND];
        if matches!(kind, b'L' | b'K' | b'x' | b'X' | b'g') {
            if stated > LONG {
                return Err(damaged("a name that is too long"));
            }
            let mut data = vec![0; stated as usize];
            content.read_exact(&mut data).map_err(|e| refused(&e))?;
            skip(content, padding(stated)).map_err(|e| refused(&e))?;
            match kind {
                b'L' => about.name = Some(until_zero(&data).to_vec()),
                b'x' | b'X' => pax(&data, &mut about),
                // Of links, and of all members that follow, nothing is needed.
                _ => {}
            }
            continue;
        }
        if kind == b'S' && header[SPARSE_MORE] != 0 {
            skip_map(content).map_err(|e| refused(&e))?;
        }
        let About { name, size } = std::mem::take(&mut about);
        // Links and devices may state a size that no data follows; directories may
        // state one too.
        let has_data = !matches!(kind, b'1'..=b'6');
        let stated = if has_data { size.unwrap_or(stated) } else { 0 };
        let mut data = content.take(stated);
        if has_data && kind != b'D' {
            let name = name.unwrap_or_else(|| name_of(&header));
            if members.member(&name, &mut data).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        io::copy(&mut data, &mut io::sink()).map_err(|e| refused(&e))?;
        if data.limit() > 0 {
            return Err(damaged("the archive ends within a member"));
        }
        skip(content, padding(stated)).map_err(|e| refused(&e))?;
    }
}

/// Reads until `room` is full or the content ends.
fn fill(content: &mut (dyn Read + Send), room: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < room.len() {
        match content.read(&mut room[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Bytes behind data that fill its last block.
fn padding(size: u64) -> u64 {
    size.wrapping_neg() % BLOCK as u64
}

/// Skips bytes; fewer at the end are no error, for some programs leave out the last ones.
fn skip(content: &mut (dyn Read + Send), bytes: u64) -> io::Result<()> {
    io::copy(&mut content.take(bytes), &mut io::sink()).map(|_| ())
}

/// Skips the blocks that go on with the map of an old GNU sparse file.
fn skip_map(content: &mut (dyn Read + Send)) -> io::Result<()> {
    let mut block = [0; BLOCK];
    loop {
        content.read_exact(&mut block)?;
        if block[SPARSE_MORE_IN_BLOCK] == 0 {
            return Ok(());
        }
    }
}

fn until_zero(field: &[u8]) -> &[u8] {
    &field[..field.iter().position(|b| *b == 0).unwrap_or(field.len())]
}

fn name_of(header: &[u8; BLOCK]) -> Vec<u8> {
    let name = until_zero(&header[NAME]);
    let prefix = until_zero(&header[PREFIX]);
    // GNU tar has other things where ustar has the first part of a long name.
    if &header[MAGIC] == b"ustar\0" && !prefix.is_empty() {
        return [prefix, b"/", name].concat();
    }
    name.to_vec()
}

/// Reads pax records: `LENGTH KEY=VALUE\n`, the length that of the whole record.
fn pax(mut records: &[u8], about: &mut About) {
    while let Some(blank) = records.iter().position(|b| *b == b' ') {
        let len = std::str::from_utf8(&records[..blank]).ok().and_then(|n| n.parse().ok());
        let Some(len) = len.filter(|len| (blank + 2..=records.len()).contains(len)) else { return };
        let (record, rest) = records.split_at(len);
        let record = &record[blank + 1..len - 1];
        if let Some(equals) = record.iter().position(|b| *b == b'=') {
            let (key, value) = (&record[..equals], &record[equals + 1..]);
            match key {
                b"path" | b"GNU.sparse.name" => about.name = Some(value.to_vec()),
                b"size" => {
                    about.size = std::str::from_utf8(value).ok().and_then(|v| v.parse().ok());
                }
                _ => {}
            }
        }
        records = rest;
    }
}
