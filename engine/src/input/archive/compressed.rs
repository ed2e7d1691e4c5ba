//! Compressed data: one content, and no name for it.
//!
//! Formats: RFC 1950 (zlib), RFC 1952 (gzip), RFC 8878 (zstd), the manuals of bzip2 and
//! xz, the frame formats of lz4 and snappy, RFC 7932 (brotli). What stands one behind
//! the other in a file is unpacked as one.

use std::io::{self, Read};
use std::ops::ControlFlow;

use super::frames::Frames;
use super::{Format, LimitHit, Members, guarded, refused};
use crate::input::open::Refused;

/// The most memory that decompression may ask for, in bytes. More than 128 MiB zstd
/// itself only gives if it is told to; xz at its highest level takes 65 MiB.
pub(super) const MEMORY: u64 = 128 << 20;

/// The same as zstd states it: the logarithm of the window.
pub(super) const WINDOW_LOG: u32 = 27;

/// Bytes that a file must be unpacked to whose beginning alone says too little.
const CONVINCING: usize = 64;

pub(super) fn is_gzip(head: &[u8]) -> bool {
    // Deflate is the only method, and three flags have no meaning.
    matches!(head, [0x1f, 0x8b, 8, flags, _, _, _, _, _, _, ..] if flags & 0xe0 == 0)
}

pub(super) fn is_zstd(head: &[u8]) -> bool {
    match head {
        // A bit of the frame header is reserved.
        [0x28, 0xb5, 0x2f, 0xfd, descriptor, ..] => descriptor & 0x08 == 0,
        // A skippable frame, which only means zstd if a frame follows.
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d, rest @ ..] => {
            let len = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
            rest.get(len..).is_some_and(|next| next.len() >= 8 && is_zstd(next))
        }
        _ => false,
    }
}

pub(super) fn is_bzip2(head: &[u8]) -> bool {
    // Pi begins a block, the root of pi ends a file without any.
    matches!(head, [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..]
        if rest.starts_with(b"\x31\x41\x59\x26\x53\x59")
            || rest.starts_with(b"\x17\x72\x45\x38\x50\x90"))
}

pub(super) fn is_xz(head: &[u8]) -> bool {
    if head.starts_with(b"\xfd7zXZ\0") {
        return true;
    }
    // lzma has no magic: usual properties, a dictionary that its writers make (a power
    // of two or three quarters of one), and a size that is unknown or not absurd.
    let Some([0x5d, dictionary @ .., _, _, _, _, _, _, _, _]) = head.first_chunk::<13>() else {
        return false;
    };
    let dictionary = u32::from_le_bytes(*dictionary);
    let size =
        head.get(5..13).and_then(|bytes| bytes.first_chunk()).map(|b| u64::from_le_bytes(*b));
    let is_usual = dictionary.is_power_of_two()
        || dictionary % 3 == 0 && (dictionary / 3).is_power_of_two()
        || dictionary == u32::MAX;
    // The range coder's first byte is zero.
    is_usual
        && dictionary >= 1 << 12
        && size.is_some_and(|size| size == u64::MAX || size < 1 << 40)
        && head.get(13) == Some(&0)
}

pub(super) fn is_lz4(head: &[u8]) -> bool {
    // Version 1, and two bits that are reserved.
    matches!(head, [0x04, 0x22, 0x4d, 0x18, flags, blocks, ..]
        if flags & 0xc2 == 0x40 && blocks & 0x8f == 0)
}

pub(super) fn is_snappy(head: &[u8]) -> bool {
    head.starts_with(b"\xff\x06\0\0sNaPpY")
}

/// Two bytes are no magic, so a piece is unpacked to see whether it can be.
pub(super) fn is_zlib(head: &[u8]) -> bool {
    let [method, flags, ..] = head else { return false };
    let has_dictionary = flags & 0x20 != 0;
    let checked = u16::from_be_bytes([*method, *flags]) % 31 == 0;
    if method & 0x0f != 8 || method >> 4 > 7 || has_dictionary || !checked {
        return false;
    }
    let mut room = [0; CONVINCING];
    let begins = guarded(|| {
        let mut state = flate2::Decompress::new(true);
        match state.decompress(head, &mut room, flate2::FlushDecompress::None) {
            Ok(flate2::Status::StreamEnd) => state.total_out() > 0,
            Ok(_) => state.total_out() >= CONVINCING as u64,
            Err(_) => false,
        }
    });
    // Where its decoder fails, reading it tells that.
    begins.unwrap_or(true)
}

/// Brotli has no magic at all; it is what its name says, if that can be.
pub(super) fn is_brotli(head: &[u8], name: &[u8]) -> bool {
    if !name.ends_with(b".br") || head.is_empty() {
        return false;
    }
    let mut room = [0; CONVINCING];
    let begins = guarded(|| {
        let mut content = brotli_decompressor::Decompressor::new(head, HEAD_ROOM);
        content.read(&mut room).is_ok_and(|n| n > 0)
    });
    // Where its decoder fails, reading it tells that.
    begins.unwrap_or(true)
}

const HEAD_ROOM: usize = 4096;

pub(super) fn read(
    format: Format,
    content: &mut (dyn Read + Send),
    members: &mut dyn Members,
) -> Result<ControlFlow<()>, Refused> {
    if format == Format::Zstd && members.threads() > 1 {
        let mut unpacked = Frames::new(content, members.threads());
        return Ok(members.member(b"", &mut unpacked));
    }
    match unpacked(format, content).map_err(|e| refused(&e))? {
        Some(mut unpacked) => Ok(members.member(b"", &mut *unpacked)),
        None => Ok(ControlFlow::Continue(())),
    }
}

/// What compressed data says, as a stream; `None` if the format is no compression.
///
/// # Errors
///
/// If there is no memory for the decoder.
pub(crate) fn unpacked<'c>(
    format: Format,
    content: impl Read + Send + 'c,
) -> io::Result<Option<Box<dyn Read + Send + 'c>>> {
    Ok(Some(match format {
        Format::Gzip => Box::new(flate2::read::MultiGzDecoder::new(content)),
        Format::Zlib => Box::new(flate2::read::ZlibDecoder::new(content)),
        Format::Zstd => Box::new(Zstd::new(content)?),
        Format::Bzip2 => Box::new(bzip2::read::MultiBzDecoder::new(content)),
        Format::Xz => {
            let stream =
                liblzma::stream::Stream::new_auto_decoder(MEMORY, liblzma::stream::CONCATENATED)?;
            Box::new(Xz(liblzma::read::XzDecoder::new_stream(content, stream)))
        }
        Format::Lz4 => Box::new(lz4_flex::frame::FrameDecoder::new(content)),
        Format::Snappy => Box::new(snap::read::FrameDecoder::new(content)),
        Format::Brotli => Box::new(brotli_decompressor::Decompressor::new(content, ROOM)),
        _ => return Ok(None),
    }))
}

/// The compression that rotations of logs are written in and that tells itself by its
/// first bytes, of which sixteen are enough.
#[cfg(feature = "follow")]
pub(crate) fn of_rotation(head: &[u8]) -> Option<Format> {
    match head {
        head if is_gzip(head) => Some(Format::Gzip),
        head if is_zstd(head) => Some(Format::Zstd),
        head if is_bzip2(head) => Some(Format::Bzip2),
        head if is_xz(head) => Some(Format::Xz),
        head if is_lz4(head) => Some(Format::Lz4),
        _ => None,
    }
}

/// Brotli's buffer, in bytes.
const ROOM: usize = 64 << 10;

/// Tells what zstd refuses for the memory that it takes from damage.
pub(super) struct Zstd<R: io::BufRead>(zstd::Decoder<'static, R>);

impl<R: Read> Zstd<io::BufReader<R>> {
    /// # Errors
    ///
    /// If there is no memory for the decoder.
    pub(super) fn new(content: R) -> io::Result<Self> {
        Self::buffered(io::BufReader::with_capacity(zstd::zstd_safe::DCtx::in_size(), content))
    }
}

impl<R: io::BufRead> Zstd<R> {
    /// # Errors
    ///
    /// If there is no memory for the decoder.
    pub(super) fn buffered(content: R) -> io::Result<Self> {
        let mut decoder = zstd::Decoder::with_buffer(content)?;
        decoder.window_log_max(WINDOW_LOG)?;
        Ok(Self(decoder))
    }
}

impl<R: io::BufRead> Read for Zstd<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out).map_err(|error| match error.to_string() {
            // The library gives its errors as text only.
            text if text.contains("too much memory") => {
                LimitHit(format!("a window of more than {} MiB", MEMORY >> 20)).into()
            }
            text if text.contains("Dictionary mismatch") => {
                io::Error::other("compressed with a dictionary that is not here")
            }
            _ => error,
        })
    }
}

/// The same for xz.
pub(super) struct Xz<R: Read>(pub(super) liblzma::read::XzDecoder<R>);

impl<R: Read> Read for Xz<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out).map_err(|error| {
            let cause = error.get_ref().and_then(|e| e.downcast_ref::<liblzma::stream::Error>());
            match cause {
                Some(liblzma::stream::Error::MemLimit) => {
                    LimitHit(format!("a dictionary of more than {} MiB", MEMORY >> 20)).into()
                }
                _ => error,
            }
        })
    }
}
