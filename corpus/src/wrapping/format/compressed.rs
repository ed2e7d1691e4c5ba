//! Compressed content.

use std::io::{self, Write};

/// How content is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Zlib,
    Zstd,
    Bzip2,
    Xz,
    /// In a frame.
    Lz4,
    /// In a frame.
    Snappy,
    Brotli,
}

impl Compression {
    pub(super) fn compressed(self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let out = Vec::new();
        match self {
            Self::Gzip => {
                let mut encoder =
                    flate2::write::GzEncoder::new(out, flate2::Compression::default());
                encoder.write_all(bytes)?;
                encoder.finish()
            }
            Self::Zlib => {
                let level = flate2::Compression::default();
                let mut encoder = flate2::write::ZlibEncoder::new(out, level);
                encoder.write_all(bytes)?;
                encoder.finish()
            }
            Self::Zstd => zstd::encode_all(bytes, zstd::DEFAULT_COMPRESSION_LEVEL),
            Self::Bzip2 => {
                let mut encoder = bzip2::write::BzEncoder::new(out, bzip2::Compression::fast());
                encoder.write_all(bytes)?;
                encoder.finish()
            }
            Self::Xz => {
                let mut encoder = liblzma::write::XzEncoder::new(out, 1);
                encoder.write_all(bytes)?;
                encoder.finish()
            }
            Self::Lz4 => {
                let mut encoder = lz4_flex::frame::FrameEncoder::new(out);
                encoder.write_all(bytes)?;
                encoder.finish().map_err(io::Error::other)
            }
            Self::Snappy => {
                let mut encoder = snap::write::FrameEncoder::new(out);
                encoder.write_all(bytes)?;
                encoder.into_inner().map_err(io::Error::other)
            }
            Self::Brotli => {
                let mut encoder = brotli::CompressorWriter::new(out, 4096, 5, 20);
                encoder.write_all(bytes)?;
                Ok(encoder.into_inner())
            }
        }
    }
}
