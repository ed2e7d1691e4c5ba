//! The formats that files are packed into: archives, compressed files, databases, mail
//! and images of containers.

mod archive;
mod compressed;
mod image;
mod mail;
mod sqlite;
#[cfg(test)]
mod tests;

use std::{fmt, io, str::FromStr};

use self::compressed::Compression;
use crate::draw::Draw;

/// What puts files into one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Archive {
    Tar,
    /// Deflated.
    Zip,
    ZipStored,
    /// The "newc" kind.
    Cpio,
    /// With GNU's table of long names.
    Ar,
    /// As `docker save` writes it.
    Image,
}

/// How files are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Files of a directory in one archive, which may be compressed and may stand in
    /// another, the innermost first.
    Archive(Archive, Option<Compression>, Option<(Archive, Option<Compression>)>),
    /// Each file by itself.
    Compressed(Compression),
    /// Each file attached to a message.
    Mail,
    /// Each file as a value of a database.
    Sqlite,
}

/// A format that files are packed into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    name: &'static str,
    kind: Kind,
}

const fn packed(name: &'static str, archive: Archive) -> Format {
    Format { name, kind: Kind::Archive(archive, None, None) }
}

const fn compressed(name: &'static str, compression: Compression) -> Format {
    Format { name, kind: Kind::Compressed(compression) }
}

const fn tar(name: &'static str, compression: Compression) -> Format {
    Format { name, kind: Kind::Archive(Archive::Tar, Some(compression), None) }
}

/// All formats; a name is the suffix of the files too.
const FORMATS: [Format; 24] = [
    packed("tar", Archive::Tar),
    tar("tar.gz", Compression::Gzip),
    tar("tar.zst", Compression::Zstd),
    tar("tar.bz2", Compression::Bzip2),
    tar("tar.xz", Compression::Xz),
    tar("tar.lz4", Compression::Lz4),
    tar("tar.br", Compression::Brotli),
    packed("zip", Archive::Zip),
    packed("stored.zip", Archive::ZipStored),
    packed("cpio", Archive::Cpio),
    packed("a", Archive::Ar),
    packed("image.tar", Archive::Image),
    Format {
        name: "zip.tar.gz",
        kind: Kind::Archive(Archive::Zip, None, Some((Archive::Tar, Some(Compression::Gzip)))),
    },
    Format {
        name: "tar.zip",
        kind: Kind::Archive(Archive::Tar, None, Some((Archive::ZipStored, None))),
    },
    compressed("gz", Compression::Gzip),
    compressed("zst", Compression::Zstd),
    compressed("xz", Compression::Xz),
    compressed("bz2", Compression::Bzip2),
    compressed("lz4", Compression::Lz4),
    compressed("zlib", Compression::Zlib),
    compressed("sz", Compression::Snappy),
    compressed("br", Compression::Brotli),
    Format { name: "eml", kind: Kind::Mail },
    Format { name: "sqlite", kind: Kind::Sqlite },
];

/// No format has this name.
#[derive(Debug, thiserror::Error)]
#[error("no format is called `{0}`; there are {names}", names = FORMATS.map(|f| f.name).join(", "))]
pub struct UnknownFormat(String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let known = FORMATS.into_iter().find(|format| format.name == text);
        known.ok_or_else(|| UnknownFormat(text.into()))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A file to be packed.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// Its path, with forward slashes.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// Where the content of a member stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// The path, `!` between a container and what is in it.
    pub(crate) path: String,
    /// Whether the content stands there as it was. If not, it is somewhere in it.
    pub(crate) is_whole: bool,
}

/// A file with others in it.
#[derive(Clone, Debug)]
pub(crate) struct Packed {
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
    /// Where each member went, in their order.
    pub(crate) held: Vec<Held>,
}

impl Format {
    /// Every format.
    pub fn all() -> Vec<Self> {
        FORMATS.to_vec()
    }

    /// Whether files are packed together, and not each by itself.
    pub(crate) fn is_together(self) -> bool {
        matches!(self.kind, Kind::Archive(..))
    }

    /// Packs members into a file, the path of which is `stem` and a suffix.
    ///
    /// # Errors
    ///
    /// If a name or a size does not fit into the format.
    pub(crate) fn pack(
        self,
        stem: &str,
        members: &[Member],
        draw: &mut Draw,
    ) -> io::Result<Packed> {
        let path = format!("{stem}.{}", self.name);
        let whole = |path: String| Held { path, is_whole: true };
        let at_stem =
            |held: fn(String) -> Held| members.iter().map(|_| held(path.clone())).collect();
        Ok(match self.kind {
            Kind::Archive(archive, compression, outer) => {
                let (mut bytes, names) = archive.write(members)?;
                bytes = compressed_by(compression, bytes)?;
                let mut within = String::new();
                if let Some((outer, compression)) = outer {
                    let base = stem.rsplit('/').next().unwrap_or(stem);
                    let name = format!("inner/{base}.{}", archive.suffix());
                    let (packed, names) = outer.write(&[Member { name, bytes }])?;
                    bytes = compressed_by(compression, packed)?;
                    within = names.into_iter().map(|name| format!("{name}!")).collect();
                }
                let held = names.into_iter().map(|name| whole(format!("{path}!{within}{name}")));
                Packed { held: held.collect(), path, bytes }
            }
            Kind::Compressed(compression) => Packed {
                bytes: compression.compressed(&only(members)?.bytes)?,
                held: at_stem(|path| Held { path, is_whole: true }),
                path,
            },
            Kind::Mail => {
                let (bytes, name) = mail::message(only(members)?, draw);
                Packed { bytes, held: vec![whole(format!("{path}!{name}"))], path }
            }
            Kind::Sqlite => Packed {
                bytes: sqlite::database(only(members)?)?,
                held: at_stem(|path| Held { path, is_whole: false }),
                path,
            },
        })
    }
}

fn compressed_by(compression: Option<Compression>, bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    compression.map_or(Ok(bytes.clone()), |compression| compression.compressed(&bytes))
}

fn only(members: &[Member]) -> io::Result<&Member> {
    match members {
        [member] => Ok(member),
        _ => Err(io::Error::other("this format holds one file")),
    }
}

impl Archive {
    fn suffix(self) -> &'static str {
        match self {
            Self::Tar | Self::Image => "tar",
            Self::Zip | Self::ZipStored => "zip",
            Self::Cpio => "cpio",
            Self::Ar => "a",
        }
    }

    /// The archive, and the path in it of each member.
    fn write(self, members: &[Member]) -> io::Result<(Vec<u8>, Vec<String>)> {
        let bytes = match self {
            Self::Tar => archive::tar(members)?,
            Self::Zip => archive::zip(members, zip::CompressionMethod::Deflated)?,
            Self::ZipStored => archive::zip(members, zip::CompressionMethod::Stored)?,
            Self::Cpio => archive::cpio(members)?,
            Self::Ar => archive::ar(members)?,
            Self::Image => return image::image(members),
        };
        Ok((bytes, members.iter().map(|member| member.name.clone()).collect()))
    }
}
