//! Containers: archives and compressed data, read member by member.
//!
//! Each format is a module. It recognises its own by content, and hands what a
//! container holds to a taker, in one pass and without files of its own. What a
//! member is, a container again or something to be scanned, is not decided here but
//! by the [run](crate::run), which counts against the [`Limits`] too.
//!
//! A format says in its `is` that bytes are of it, strictly enough that no text is: what
//! is taken for a container is not scanned as it stands.

mod ar;
#[cfg(feature = "git")]
mod bundle;
mod checked;
#[cfg(test)]
mod collected;
mod compressed;
mod cpio;
#[cfg(test)]
mod drained;
mod error;
mod frames;
#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub mod fuzz;
mod guard;
mod limits;
mod mail;
mod pdf;
mod peeked;
mod rar;
mod rpm;
mod seven_zip;
mod source;
mod sqlite;
mod tar;
mod zip;

use std::io::{Read, Seek};
use std::ops::ControlFlow;

#[cfg(feature = "follow")]
pub(crate) use compressed::{of_rotation, unpacked};
use error::damaged;
pub(crate) use error::{LimitHit, refused};
pub use guard::is_guarded;
pub(crate) use guard::{guarded, unguarded};
pub use limits::Limits;
pub(crate) use limits::RATIO_COUNTS;
pub(crate) use zip::{Divided, PlaceOf, is_program, program};

use crate::input::open::Refused;
use crate::ledger::SkipKind;

/// Bytes at the beginning of an object by which containers are recognised: the header
/// of a tar member.
pub(crate) const HEAD: usize = 512;

/// What a container is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Gzip,
    Zlib,
    Zstd,
    Bzip2,
    /// xz, and its forerunner lzma.
    Xz,
    Lz4,
    Snappy,
    Brotli,
    Tar,
    Cpio,
    /// Libraries of objects, and Debian's packages.
    Ar,
    Rpm,
    Sqlite,
    /// A git repository in one file.
    #[cfg(feature = "git")]
    Bundle,
    /// A message or a mailbox. It is [text](Format::is_text) as well.
    Mail,
    /// A document; text as well.
    Pdf,
    /// zip, under whatever name.
    Zip,
    SevenZip,
    /// Recognised only to be refused.
    Rar,
}

/// Where a container is read from.
pub(crate) enum Content<'c> {
    /// From its first byte on.
    Stream(&'c mut (dyn Read + Send)),
    /// From anywhere.
    Whole(&'c mut dyn ReadSeek),
}

impl Content<'_> {
    /// The content as a stream; one that can be read from anywhere stands at its
    /// beginning.
    fn stream(&mut self) -> &mut (dyn Read + Send) {
        match self {
            Self::Stream(stream) => *stream,
            Self::Whole(whole) => whole.as_read(),
        }
    }

    /// The content as one that is read from anywhere, if it is.
    fn whole(&mut self) -> Result<&mut dyn ReadSeek, Refused> {
        match self {
            Self::Whole(whole) => Ok(*whole),
            Self::Stream(_) => {
                let detail = "it can only be read as a whole".to_owned();
                Err(Refused { kind: SkipKind::ArchiveLimit, detail })
            }
        }
    }
}

/// What can be read from anywhere.
pub(crate) trait ReadSeek: Read + Seek + Send {
    /// The same, to be read on.
    fn as_read(&mut self) -> &mut (dyn Read + Send);
}

impl<T: Read + Seek + Send> ReadSeek for T {
    fn as_read(&mut self) -> &mut (dyn Read + Send) {
        self
    }
}

/// Takes what a container holds.
pub(crate) trait Members {
    /// A member, under its name in the container; empty for what compressed data is
    /// unpacked to, which has the container's own name. What is not read of its content
    /// is skipped. An error in reading the content is the taker's to tell.
    ///
    /// [`ControlFlow::Break`] ends the reading of the container.
    fn member(&mut self, name: &[u8], content: &mut (dyn Read + Send)) -> ControlFlow<()>;

    /// A member that cannot be read, and why.
    fn refused(&mut self, name: &[u8], why: Refused) -> ControlFlow<()>;

    /// How many threads may unpack what can be unpacked in pieces.
    fn threads(&self) -> usize {
        1
    }

    /// The most bytes of a container that may be held in memory.
    #[cfg(feature = "git")]
    fn most_held(&self) -> u64 {
        Limits::HELD
    }
}

impl Format {
    /// The format of a container that begins with `head`, of which [`HEAD`] bytes are
    /// enough. `name` is that of its file, which tells what content cannot.
    pub(crate) fn of(head: &[u8], name: &[u8]) -> Option<Self> {
        let by_content = match head {
            [0x1f, 0x8b, ..] => compressed::is_gzip(head).then_some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [_, 0x2a, 0x4d, 0x18, ..] => {
                compressed::is_zstd(head).then_some(Self::Zstd)
            }
            [b'B', b'Z', b'h', ..] => compressed::is_bzip2(head).then_some(Self::Bzip2),
            [0xfd, b'7', b'z', ..] | [0x5d, 0, 0, ..] => {
                compressed::is_xz(head).then_some(Self::Xz)
            }
            [0x04, 0x22, 0x4d, 0x18, ..] => compressed::is_lz4(head).then_some(Self::Lz4),
            [0xff, 0x06, 0, 0, ..] => compressed::is_snappy(head).then_some(Self::Snappy),
            [0x78, ..] => compressed::is_zlib(head).then_some(Self::Zlib),
            [b'!', ..] => ar::is(head).then_some(Self::Ar),
            [b'S', b'Q', ..] => sqlite::is(head).then_some(Self::Sqlite),
            [0xed, 0xab, ..] => rpm::is(head).then_some(Self::Rpm),
            [b'P', b'K', ..] => zip::is(head).then_some(Self::Zip),
            [b'7', b'z', ..] => seven_zip::is(head).then_some(Self::SevenZip),
            #[cfg(feature = "git")]
            [b'#', b' ', b'v', ..] => bundle::is(head).then_some(Self::Bundle),
            [b'%', b'P', ..] => pdf::is(head).then_some(Self::Pdf),
            [b'R', b'a', ..] => rar::is(head).then_some(Self::Rar),
            _ => None,
        };
        by_content
            .or_else(|| tar::is(head).then_some(Self::Tar))
            .or_else(|| cpio::is(head).then_some(Self::Cpio))
            .or_else(|| compressed::is_brotli(head, name).then_some(Self::Brotli))
            .or_else(|| mail::is(head).then_some(Self::Mail))
    }

    /// Whether it must be read from anywhere, and not from its beginning on.
    pub(crate) const fn needs_whole(self) -> bool {
        matches!(self, Self::Zip | Self::SevenZip | Self::Sqlite | Self::Pdf)
    }

    /// Whether it is text too, which is to be scanned as it stands: what is handed on
    /// is only what stands encoded in it.
    pub(crate) const fn is_text(self) -> bool {
        matches!(self, Self::Mail | Self::Pdf)
    }
}

/// Reads a container to its end.
///
/// # Errors
///
/// If it cannot be read, or not to its end; what it holds until there was handed on.
pub(crate) fn unpack(
    format: Format,
    mut content: Content<'_>,
    members: &mut dyn Members,
) -> Result<ControlFlow<()>, Refused> {
    match format {
        Format::Sqlite => sqlite::read(content.whole()?, members),
        Format::Tar => tar::read(content.stream(), members),
        Format::Cpio => cpio::read(content.stream(), members),
        Format::Ar => ar::read(content.stream(), members),
        Format::Rpm => rpm::read(content.stream(), members),
        Format::Mail => mail::read(content.stream(), members),
        Format::Pdf => pdf::read(content.whole()?, members),
        Format::Zip => zip::read(content.whole()?, members),
        Format::SevenZip => seven_zip::read(content.whole()?, members),
        #[cfg(feature = "git")]
        Format::Bundle => bundle::read(content.stream(), members),
        Format::Rar => Err(rar::refusal()),
        _ => compressed::read(format, content.stream(), members),
    }
}
