//! Doors for the fuzz targets to what is private; see `fuzz/README.md`. No part of
//! the library's interface.
#![allow(missing_docs, clippy::missing_panics_doc)]

use std::io::{Cursor, Read};
use std::ops::ControlFlow;

use super::{Content, Format, HEAD, Members, unpack};
use crate::input::open::Refused;

/// What is taken of a container: bytes, and members.
const BYTES: u64 = 4 << 20;
const MEMBERS: u64 = 1_000;

struct Drain {
    bytes: u64,
    members: u64,
}

impl Drain {
    fn next(&mut self) -> ControlFlow<()> {
        self.members += 1;
        let enough = self.bytes > BYTES || self.members > MEMBERS;
        if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl Members for Drain {
    fn member(&mut self, _: &[u8], content: &mut (dyn Read + Send)) -> ControlFlow<()> {
        let mut room = vec![0; 10_000];
        // Now and then a member is not read at all.
        while self.members % 16 != 15 && self.bytes <= BYTES {
            match content.read(&mut room) {
                Ok(0) | Err(_) => break,
                Ok(read) => self.bytes += read as u64,
            }
        }
        self.next()
    }

    fn refused(&mut self, _: &[u8], _: Refused) -> ControlFlow<()> {
        self.next()
    }
}

/// Reads a container of any bytes, if it is recognised or not; tells how many bytes its
/// members have.
fn drain(format: Format, bytes: &[u8]) -> u64 {
    let _ = Format::of(bytes.get(..HEAD).unwrap_or(bytes), b"");
    let mut members = Drain { bytes: 0, members: 0 };
    let mut content = Cursor::new(bytes);
    let content = if format.needs_whole() {
        Content::Whole(&mut content)
    } else {
        Content::Stream(&mut content)
    };
    if let Err(why) = unpack(format, content, &mut members) {
        assert!(!why.detail.is_empty());
    }
    members.bytes
}

/// What is not compressed gives no more than is there.
pub fn cpio(bytes: &[u8]) {
    assert!(drain(Format::Cpio, bytes) <= bytes.len() as u64);
}

pub fn ar(bytes: &[u8]) {
    assert!(drain(Format::Ar, bytes) <= bytes.len() as u64);
}

pub fn rpm(bytes: &[u8]) {
    assert!(drain(Format::Rpm, bytes) <= bytes.len() as u64);
}

pub fn mail(bytes: &[u8]) {
    assert!(drain(Format::Mail, bytes) <= bytes.len() as u64);
}

/// Numbers have more digits than bytes, and what is damaged is read as it stands as well.
pub fn sqlite(bytes: &[u8]) {
    assert!(drain(Format::Sqlite, bytes) <= 4 * bytes.len() as u64);
}

/// Holes of sparse files are left out, and headers are no content.
pub fn tar(bytes: &[u8]) {
    assert!(drain(Format::Tar, bytes) <= bytes.len() as u64);
}

/// Reads compressed data of the format that the last byte chooses.
pub fn compressed(bytes: &[u8]) {
    const FORMATS: [Format; 8] = [
        Format::Gzip,
        Format::Zlib,
        Format::Zstd,
        Format::Bzip2,
        Format::Xz,
        Format::Lz4,
        Format::Snappy,
        Format::Brotli,
    ];
    let Some((choice, bytes)) = bytes.split_last() else { return };
    if let Some(format) = FORMATS.get(usize::from(*choice) % FORMATS.len()) {
        drain(*format, bytes);
    }
}

pub fn bundle(bytes: &[u8]) {
    drain(Format::Bundle, bytes);
}

pub fn pdf(bytes: &[u8]) {
    drain(Format::Pdf, bytes);
}

pub fn zip(bytes: &[u8]) {
    drain(Format::Zip, bytes);
}

/// Reads a 7z archive as it is, and one with right checksums: behind the first header
/// all but the last `directory` bytes are what is packed.
pub fn seven_zip(bytes: &[u8], directory: u16) {
    drain(Format::SevenZip, bytes);
    let Some(rest) = bytes.get(32..) else { return };
    let packed = rest.len().saturating_sub(directory.into());
    let crc_of = |bytes: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        crc.sum().to_le_bytes()
    };
    let (packed, directory) = rest.split_at(packed);
    let mut fields = Vec::new();
    fields.extend((packed.len() as u64).to_le_bytes());
    fields.extend((directory.len() as u64).to_le_bytes());
    fields.extend(crc_of(directory));
    let start = [&b"7z\xbc\xaf\x27\x1c\0\x04"[..], &crc_of(&fields), &fields].concat();
    drain(Format::SevenZip, &[&*start, packed, directory].concat());
}
