//! Compressed data that stands in a text, within base64 and the like.

use std::io::Read;

use flate2::read::{GzDecoder, ZlibDecoder};

use super::Coding;

/// Bytes that are unpacked of compressed data, for each of its own and at least.
const MOST_PER_BYTE: usize = 40;
const AT_LEAST: usize = 64 << 10;

/// Fewer bytes hold nothing.
const SHORTEST: usize = 16;

/// The format of data that begins so (RFC 1952 §2.3, RFC 1950 §2.2).
pub(super) fn format(data: &[u8]) -> Option<Coding> {
    match data {
        // Deflate, and no flag that is not defined.
        [0x1f, 0x8b, 8, 0..=0x1f, ..] => Some(Coding::Gzip),
        // The usual window, and a check that makes the header a multiple of 31.
        [0x78, flags @ (0x01 | 0x5e | 0x9c | 0xda), ..] if data.len() > 6 => {
            // Blocks of the kinds that there are, and the last one stored is rare.
            ((u16::from(data[2]) & 6) != 6 && *flags != 0).then_some(Coding::Zlib)
        }
        _ => None,
    }
}

/// Unpacks what can be unpacked; a cut or damaged end loses no more than itself.
pub(super) fn inflate(coding: Coding, data: &[u8]) -> Option<Vec<u8>> {
    let most = (AT_LEAST + data.len() * MOST_PER_BYTE) as u64;
    let mut out = Vec::new();
    // An error ends it; what came before it counts.
    let _ = match coding {
        Coding::Gzip => GzDecoder::new(data).take(most).read_to_end(&mut out),
        _ => ZlibDecoder::new(data).take(most).read_to_end(&mut out),
    };
    (out.len() >= SHORTEST).then_some(out)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;

    #[test]
    fn both_formats_whole_and_cut() {
        let text: Vec<u8> = (0..2000u32).flat_map(|n| format!("{n},").into_bytes()).collect();
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(&text).unwrap();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(&text).unwrap();
        for (data, coding) in
            [(gzip.finish().unwrap(), Coding::Gzip), (zlib.finish().unwrap(), Coding::Zlib)]
        {
            assert_eq!(format(&data), Some(coding));
            assert_eq!(inflate(coding, &data).unwrap(), text);
            let cut = inflate(coding, &data[..data.len() / 2]).unwrap();
            assert!(text.starts_with(&cut));
        }
        assert_eq!(format(b"plain text"), None);
        assert_eq!(format(b"x\x9c"), None);
    }

    #[test]
    fn a_bomb_is_cut() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(&vec![b'a'; 8 << 20]).unwrap();
        let data = zlib.finish().unwrap();
        let out = inflate(Coding::Zlib, &data).unwrap();
        assert_eq!(out.len(), AT_LEAST + data.len() * MOST_PER_BYTE);
    }
}
