//! The encodings that content is put into, one in another.
//!
//! Formats: RFC 4648 (base64, hex), RFC 2045 (base64 in lines, quoted-printable), RFC
//! 3986 (percent), RFC 8259 (JSON), HTML (character references), RFC 1950 and 1952
//! (zlib, gzip), the Unicode standard (UTF-16, UTF-32).

mod base64;
mod carrier;
mod escapes;
mod insertion;
#[cfg(test)]
mod tests;
mod wide;

use std::{fmt, io::Write, ops::Range, str::FromStr};

use self::{base64::Alphabet, carrier::Carrier, insertion::Insertion};
use super::cover::{Cover, Encoded};
use crate::draw::Draw;

/// An encoding of a whole content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoder {
    Base64,
    /// The same, where nothing else is in the file.
    Base64File,
    Base64Url,
    Base64Unpadded,
    Base64Lines76,
    Base64Lines64,
    Base64Manifest,
    Hex,
    HexUpper,
    HexBytea,
    HexNumber,
    Percent,
    PercentAll,
    Json,
    JsonAll,
    Bytes,
    Entities,
    EntitiesHex,
    QuotedPrintable,
    Utf16Le,
    Utf16Be,
    Utf32Le,
    Gzip,
    Zlib,
}

const ENCODERS: [(&str, Encoder); 24] = [
    ("base64", Encoder::Base64),
    ("base64-file", Encoder::Base64File),
    ("base64-url", Encoder::Base64Url),
    ("base64-unpadded", Encoder::Base64Unpadded),
    ("base64-76", Encoder::Base64Lines76),
    ("base64-64", Encoder::Base64Lines64),
    ("base64-manifest", Encoder::Base64Manifest),
    ("hex", Encoder::Hex),
    ("hex-upper", Encoder::HexUpper),
    ("hex-bytea", Encoder::HexBytea),
    ("hex-0x", Encoder::HexNumber),
    ("percent", Encoder::Percent),
    ("percent-all", Encoder::PercentAll),
    ("json", Encoder::Json),
    ("json-all", Encoder::JsonAll),
    ("bytes", Encoder::Bytes),
    ("entities", Encoder::Entities),
    ("entities-hex", Encoder::EntitiesHex),
    ("quoted-printable", Encoder::QuotedPrintable),
    ("utf16le", Encoder::Utf16Le),
    ("utf16be", Encoder::Utf16Be),
    ("utf32le", Encoder::Utf32Le),
    ("gzip", Encoder::Gzip),
    ("zlib", Encoder::Zlib),
];

const INSERTIONS: [(&str, Insertion); 3] =
    [("ansi", Insertion::Ansi), ("zero-width", Insertion::ZeroWidth), ("split", Insertion::Split)];

/// What is tried where all encodings are asked for, apart from each encoding alone.
const CHAINS: [&str; 15] = [
    "base64+gzip",
    "base64+zlib",
    "base64-76+gzip",
    "base64-manifest+gzip",
    "base64+base64",
    "base64-manifest+base64",
    "base64+utf16le",
    "base64+hex",
    "base64+percent",
    "base64+json",
    "percent+base64",
    "json-all+base64",
    "hex+base64",
    "hex+gzip",
    "entities+base64",
];

impl Encoder {
    fn name(self) -> &'static str {
        ENCODERS.iter().find(|(_, encoder)| *encoder == self).map_or("", |(name, _)| name)
    }

    /// Whether what it makes is no text, which can stand only in another encoding.
    fn is_binary(self) -> bool {
        matches!(self, Self::Gzip | Self::Zlib)
    }

    /// The kind of file that what it makes stands in.
    fn carrier(self) -> Carrier {
        match self {
            Self::Base64 | Self::Base64Url | Self::Base64Unpadded | Self::Hex | Self::HexUpper => {
                Carrier::Value
            }
            Self::Base64File | Self::Gzip | Self::Zlib => Carrier::Bare,
            Self::Base64Lines76 | Self::Base64Lines64 => Carrier::Lines,
            Self::Base64Manifest => Carrier::Manifest,
            Self::HexBytea => Carrier::Bytea,
            Self::HexNumber => Carrier::Number,
            Self::Percent | Self::PercentAll => Carrier::Query,
            Self::Json | Self::JsonAll => Carrier::Json,
            Self::Bytes => Carrier::Literal,
            Self::Entities | Self::EntitiesHex => Carrier::Page,
            Self::QuotedPrintable => Carrier::Part,
            Self::Utf16Le | Self::Utf16Be | Self::Utf32Le => Carrier::Binary,
        }
    }

    /// Encodes a content; `None` if it is no text that this could be done with.
    fn encode(self, content: &[u8]) -> Option<Encoded> {
        let text = || std::str::from_utf8(content).ok();
        Some(match self {
            Self::Base64 | Self::Base64File | Self::Base64Manifest => {
                base64::encoded(content, Alphabet::Standard, None)
            }
            Self::Base64Url => base64::encoded(content, Alphabet::UrlSafe, None),
            Self::Base64Unpadded => base64::encoded(content, Alphabet::Unpadded, None),
            Self::Base64Lines76 => base64::encoded(content, Alphabet::Standard, Some(76)),
            Self::Base64Lines64 => base64::encoded(content, Alphabet::Standard, Some(64)),
            Self::Hex | Self::HexBytea => escapes::hex(content, false),
            Self::HexUpper | Self::HexNumber => escapes::hex(content, true),
            Self::Percent => escapes::percent(content, false),
            Self::PercentAll => escapes::percent(content, true),
            Self::Json => escapes::json_unicode(text()?, false),
            Self::JsonAll => escapes::json_unicode(text()?, true),
            Self::Bytes => escapes::bytes(content),
            Self::Entities => escapes::entities(text()?, false),
            Self::EntitiesHex => escapes::entities(text()?, true),
            Self::QuotedPrintable => escapes::quoted_printable(content),
            Self::Utf16Le => wide::utf16(text()?, false),
            Self::Utf16Be => wide::utf16(text()?, true),
            Self::Utf32Le => wide::utf32le(text()?),
            Self::Gzip => {
                let level = flate2::Compression::default();
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
                encoder.write_all(content).ok()?;
                compressed(encoder.finish().ok()?)
            }
            Self::Zlib => {
                let level = flate2::Compression::default();
                let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
                encoder.write_all(content).ok()?;
                compressed(encoder.finish().ok()?)
            }
        })
    }
}

fn compressed(bytes: Vec<u8>) -> Encoded {
    Encoded { bytes, cover: Cover::Whole }
}

/// Encodings within each other.
///
/// It is written as their names with `+` between them, the outermost first:
/// `base64+gzip` is what was compressed and then encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The outermost first.
    encoders: Vec<Encoder>,
    /// What is put into the values before anything else happens.
    insertion: Option<Insertion>,
}

/// A chain that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// No encoding has this name.
    #[error("no encoding is called `{0}`; there are {names}", names = names().join(", "))]
    Unknown(String),
    /// Compressed bytes cannot stand in text.
    #[error("`{0}` makes bytes, so another encoding must stand before it, as in `base64+{0}`")]
    Binary(&'static str),
    /// What is put into values needs to see them.
    #[error("`{0}` goes into the values of a file, so it can only stand last")]
    NotLast(String),
}

fn names() -> Vec<&'static str> {
    ENCODERS.iter().map(|(name, _)| *name).chain(INSERTIONS.iter().map(|(name, _)| *name)).collect()
}

impl FromStr for Chain {
    type Err = ChainError;

    fn from_str(text: &str) -> Result<Self, ChainError> {
        let mut chain = Self { encoders: Vec::new(), insertion: None };
        for name in text.split('+') {
            if let Some(last) = chain.insertion {
                let name = INSERTIONS.iter().find(|(_, other)| *other == last);
                return Err(ChainError::NotLast(name.map_or("", |(name, _)| name).into()));
            }
            let encoder = ENCODERS.iter().find(|(other, _)| *other == name);
            let insertion = INSERTIONS.iter().find(|(other, _)| *other == name);
            match (encoder, insertion) {
                (Some((_, encoder)), _) => chain.encoders.push(*encoder),
                (None, Some((_, insertion))) => chain.insertion = Some(*insertion),
                (None, None) => return Err(ChainError::Unknown(name.into())),
            }
        }
        match chain.encoders.first() {
            Some(outer) if outer.is_binary() => Err(ChainError::Binary(outer.name())),
            _ => Ok(chain),
        }
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().join("+"))
    }
}

/// A file with its values in their new places.
#[derive(Clone, Debug)]
pub(crate) struct Rewritten {
    pub(crate) bytes: Vec<u8>,
    /// Where each value went, and whether it was encoded: not everything can be put into
    /// every value.
    pub(crate) values: Vec<(Range<usize>, bool)>,
}

impl Chain {
    /// Each encoding alone, and the chains of two that are met.
    pub fn all() -> Vec<Self> {
        let alone = names();
        alone.into_iter().chain(CHAINS).filter_map(|name| name.parse().ok()).collect()
    }

    /// Those of [`all`](Self::all) that differ by more than the file around: where only
    /// lines are encoded, that is the file they are in.
    pub fn all_of_lines() -> Vec<Self> {
        use Encoder::{Base64File, Base64Manifest, HexBytea, HexNumber};
        let is_told_by_its_file =
            |encoder| matches!(encoder, Base64File | Base64Manifest | HexBytea | HexNumber);
        let mut chains = Self::all();
        chains.retain(|chain| !chain.encoders.iter().copied().any(is_told_by_its_file));
        chains
    }

    /// The names of the encodings, the outermost first.
    pub fn names(&self) -> Vec<&'static str> {
        let encoders = self.encoders.iter().map(|encoder| encoder.name());
        let insertion = INSERTIONS.iter().filter(|(_, other)| self.insertion == Some(*other));
        encoders.chain(insertion.map(|(name, _)| *name)).collect()
    }

    /// Whether texts become runs, and not only values get something put into them.
    pub(crate) fn makes_runs(&self) -> bool {
        !self.encoders.is_empty()
    }

    /// Encodes a file, of which the values stand in the given ranges: all of it, or only
    /// the lines of the values and so many before and behind them. `None` if that makes
    /// no sense: the file is binary, in UTF-16, or of an encoding that the chain does not
    /// take, or holds no value that something can be put into.
    pub(crate) fn rewrite(
        &self,
        path: &str,
        content: &[u8],
        values: &[Range<usize>],
        lines: Option<usize>,
        draw: &mut Draw,
    ) -> Option<Rewritten> {
        let has_mark = content.starts_with(b"\xff\xfe") || content.starts_with(b"\xfe\xff");
        if content.contains(&0) || has_mark {
            return None;
        }
        let mut places = values.to_vec();
        let mut bytes = content.to_vec();
        let mut is_encoded = vec![true; values.len()];
        if let Some(insertion) = self.insertion {
            let text = std::str::from_utf8(content).ok()?;
            let (encoded, done) = insertion.put(path, text, values, draw)?;
            bytes = moved(encoded, &mut places);
            // What a further encoding is around is encoded in any case.
            if self.encoders.is_empty() {
                is_encoded = done;
            }
        }
        if let Some(outer) = self.encoders.first() {
            bytes = match lines {
                Some(around) => self.encoded_lines(&bytes, &mut places, around)?,
                None => {
                    let run = self.encoded(bytes, &mut places)?;
                    let carrier = match (*outer, self.encoders.get(1)) {
                        (Encoder::Base64, Some(Encoder::Utf16Le)) => Carrier::Command,
                        _ => outer.carrier(),
                    };
                    let (open, close) = carrier::around(carrier, draw);
                    places.iter_mut().for_each(|place| *place = shifted(place, open.len()));
                    [open, run, close].concat()
                }
            };
        }
        Some(Rewritten { bytes, values: places.into_iter().zip(is_encoded).collect() })
    }

    /// The run that a content becomes; values are moved to where they went in it.
    fn encoded(&self, mut content: Vec<u8>, places: &mut [Range<usize>]) -> Option<Vec<u8>> {
        for encoder in self.encoders.iter().rev() {
            content = moved(encoder.encode(&content)?, places);
        }
        Some(content)
    }

    /// The content with runs in the place of the lines around the values. The end of the
    /// last line of each stays.
    fn encoded_lines(
        &self,
        content: &[u8],
        places: &mut [Range<usize>],
        around: usize,
    ) -> Option<Vec<u8>> {
        let (mut out, mut done) = (Vec::new(), 0);
        let before = places.to_vec();
        for block in blocks(content, &before, around) {
            out.extend(content.get(done..block.start)?);
            let inside =
                |place: &Range<usize>| block.start <= place.start && place.end <= block.end;
            let (indices, mut moved): (Vec<_>, Vec<_>) = before
                .iter()
                .enumerate()
                .filter(|(_, place)| inside(place))
                .map(|(index, place)| (index, place.start - block.start..place.end - block.start))
                .unzip();
            let run = self.encoded(content.get(block.clone())?.to_vec(), &mut moved)?;
            for (index, place) in indices.into_iter().zip(moved) {
                *places.get_mut(index)? = shifted(&place, out.len());
            }
            out.extend(run);
            done = block.end;
        }
        // Without values there is nothing to encode.
        (done > 0).then_some(())?;
        out.extend(content.get(done..)?);
        Some(out)
    }
}

/// The lines of values, and so many around; those that meet are one block.
fn blocks(content: &[u8], places: &[Range<usize>], around: usize) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in content.split_inclusive(|b| *b == b'\n') {
        let end = start + line.len();
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        lines.push(start..start + text.strip_suffix(b"\r").unwrap_or(text).len());
        start = end;
    }
    let line_of = |at: usize| lines.partition_point(|line| line.start <= at).saturating_sub(1);
    let mut blocks: Vec<Range<usize>> = Vec::new();
    let mut sorted = places.to_vec();
    sorted.sort_by_key(|place| place.start);
    for place in sorted {
        let first = line_of(place.start).saturating_sub(around);
        let last =
            (line_of(place.end.saturating_sub(1)) + around).min(lines.len().saturating_sub(1));
        let (Some(first), Some(last)) = (lines.get(first), lines.get(last)) else { continue };
        let block = first.start..last.end.max(place.end);
        match blocks.last_mut() {
            Some(before) if block.start <= before.end => before.end = before.end.max(block.end),
            _ => blocks.push(block),
        }
    }
    blocks
}

fn shifted(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

/// Moves values to where they went.
fn moved(encoded: Encoded, places: &mut [Range<usize>]) -> Vec<u8> {
    for place in places {
        *place = encoded.range(place);
    }
    encoded.bytes
}
