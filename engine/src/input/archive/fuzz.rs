//! Doors for the fuzz targets to what is private; see `fuzz/README.md`. No part of
//! the library's interface.
#![allow(missing_docs, clippy::missing_panics_doc)]

use std::io::Cursor;

use super::drained::Drained;
use super::{Content, Format, HEAD, unpack};

/// The most bytes that are taken of what a container holds.
const LIMIT: usize = 16 << 20;

/// Reads all members of a container of any bytes; tells how many bytes they have.
fn drain(format: Format, bytes: &[u8]) -> usize {
    let _ = Format::of(&bytes[..bytes.len().min(HEAD)], b"");
    let mut all = Drained { limit: Some(LIMIT), ..Drained::default() };
    let mut content = Cursor::new(bytes);
    let content = if format.needs_whole() {
        Content::Whole(&mut content)
    } else {
        Content::Stream(&mut content)
    };
    if let Err(why) = unpack(format, content, &mut all) {
        assert!(!why.detail.is_empty());
    }
    all.members.iter().map(|(_, content)| content.len()).sum()
}

/// What is not compressed gives no more than is there.
pub fn cpio(bytes: &[u8]) {
    assert!(drain(Format::Cpio, bytes) <= bytes.len());
}

pub fn ar(bytes: &[u8]) {
    assert!(drain(Format::Ar, bytes) <= bytes.len());
}

pub fn rpm(bytes: &[u8]) {
    assert!(drain(Format::Rpm, bytes) <= bytes.len());
}

pub fn mail(bytes: &[u8]) {
    assert!(drain(Format::Mail, bytes) <= bytes.len());
}

/// Numbers have more digits than bytes, and what is damaged is read as it stands as well.
pub fn sqlite(bytes: &[u8]) {
    assert!(drain(Format::Sqlite, bytes) <= 4 * bytes.len());
}
