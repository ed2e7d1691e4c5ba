//! Unpacking one member.

use std::io::{self, Cursor, Read};

use super::super::compressed::{MEMORY, Xz, Zstd};
use super::super::source::Part;
use super::entry::Entry;
use super::inflate::Inflate;

/// Methods that are read.
pub(super) fn is_known(method: u16) -> bool {
    matches!(method, STORED | DEFLATE | DEFLATE_64 | BZIP2 | LZMA | 20 | ZSTD | XZ)
}

const STORED: u16 = 0;
const DEFLATE: u16 = 8;
const DEFLATE_64: u16 = 9;
const BZIP2: u16 = 12;
const LZMA: u16 = 14;
const ZSTD: u16 = 93;
const XZ: u16 = 95;

/// What a method that is not read is called.
pub(super) fn name(method: u16) -> &'static str {
    match method {
        1 => "shrink",
        2..=5 => "reduce",
        6 => "implode",
        96 => "jpeg",
        97 => "wavpack",
        98 => "ppmd",
        _ => "unknown",
    }
}

/// A member's content, without the check of its sum and size.
pub(super) fn open<'c>(
    entry: &Entry,
    packed: &'c mut Part<'_, '_>,
    inflate: &'c mut Option<flate2::Decompress>,
) -> io::Result<Box<dyn Read + Send + 'c>> {
    Ok(match entry.method {
        DEFLATE => Box::new(Inflate::new(packed, inflate)),
        DEFLATE_64 => Box::new(deflate64::Deflate64Decoder::with_buffer(packed)),
        BZIP2 => Box::new(bzip2::bufread::MultiBzDecoder::new(packed)),
        LZMA => lzma(entry, packed)?,
        // 20 is what zstd was before it became 93.
        20 | ZSTD => Box::new(Zstd::buffered(packed)?),
        XZ => {
            let stream = liblzma::stream::Stream::new_stream_decoder(MEMORY, 0)?;
            Box::new(Xz(liblzma::read::XzDecoder::new_stream(packed, stream)))
        }
        _ => Box::new(packed),
    })
}

/// LZMA as zip has it: a version, the length of the properties, and those. With the
/// size behind them it is a file of its own format.
fn lzma<'c>(entry: &Entry, packed: &'c mut Part<'_, '_>) -> io::Result<Box<dyn Read + Send + 'c>> {
    let mut head = [0; 9];
    packed.read_exact(&mut head)?;
    let [_, _, 5, 0, properties @ ..] = head else {
        return Err(io::Error::other("properties of lzma that are none"));
    };
    // With a marker at its end the size need not be right.
    let size = entry.stated.size.filter(|_| !entry.has_marked_end()).unwrap_or(u64::MAX);
    let mut header = properties.to_vec();
    header.extend_from_slice(&size.to_le_bytes());
    let stream = liblzma::stream::Stream::new_lzma_decoder(MEMORY)?;
    let file = Cursor::new(header).chain(packed);
    Ok(Box::new(Xz(liblzma::read::XzDecoder::new_stream(file, stream))))
}
