//! Decoding: finding what stands encoded in a text, and scanning what it says.
//!
//! # How it works
//!
//! Extraction looks at a text twice. The prefilter finds anchors as they stand; a
//! *probe* finds those that only show when something is decoded: stretches of base64 or
//! hexadecimal digits that say ASCII at some alignment, escapes that may be part of an
//! anchor, wide characters, strings that are put together from pieces. What is decoded
//! for that is a *batch*, which holds little else and is searched and probed in turn, to
//! a limited depth.
//! Where an anchor shows, or something encoded stands behind a plain one, the probe
//! leaves a *mark*: the range of the text that may concern it. Most text has none, and
//! nothing else is paid for it.
//!
//! A mark travels with the candidates, so every mode of scanning brings it to relation.
//! There the text of its cluster is *unfolded*: written anew with all that is
//! encoded in it replaced by what it says. That *view* is scanned like any text,
//! probed for further layers too, and so a value is judged with its name, its siblings
//! and its section, whichever of them are encoded. Leaks that touch something replaced are
//! led back to where they stand.
//!
//! # Locality
//!
//! Whether there is a mark depends on 256 bytes around it and on nothing else; the
//! alignment of a run is never asked for, all are tried. So the findings are the same
//! however an object is read.

mod encoded;
mod escape;
mod grams;
mod inflate;
mod probe;
mod read;
mod runs;
mod stretches;
mod symbols;
#[cfg(test)]
mod tests;
mod unfold;
mod view;
mod wide;

pub(crate) use grams::Grams;
pub(crate) use probe::{Levels, Mark, probe};
pub(crate) use read::{Read, join, read};
#[cfg(feature = "git")]
pub(crate) use view::SEPARATOR;

/// How something was encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Coding {
    /// Base64 in either alphabet (RFC 4648), padded or not, on one line or wrapped.
    Base64,
    /// Pairs of hexadecimal digits.
    Hex,
    /// `%41`, as in URLs (RFC 3986).
    Percent,
    /// Escapes of programming languages and JSON: `\u0041`, `\x41`, `\101`, `\/`.
    Escapes,
    /// Entities of HTML and XML: `&amp;`, `&#65;`.
    Html,
    /// Quoted-printable (RFC 2045): `=3D`, soft line breaks.
    QuotedPrintable,
    /// UTF-16 within a file of another kind.
    Utf16,
    /// UTF-32 within a file of another kind.
    Utf32,
    /// Gzip (RFC 1952).
    Gzip,
    /// Zlib (RFC 1950).
    Zlib,
    /// Pieces that a program or a line continuation puts together: `"AKIA" + "…"`.
    Joined,
    /// Colours of terminals, characters without width, typographic quotes.
    Markup,
}

impl Coding {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Hex => "hex",
            Self::Percent => "percent",
            Self::Escapes => "escapes",
            Self::Html => "html",
            Self::QuotedPrintable => "quoted-printable",
            Self::Utf16 => "utf-16",
            Self::Utf32 => "utf-32",
            Self::Gzip => "gzip",
            Self::Zlib => "zlib",
            Self::Joined => "joined",
            Self::Markup => "markup",
        }
    }
}

/// Layers of encoding that are undone if nothing else is asked for.
pub const DEFAULT_DEPTH: usize = 5;

/// The most layers that can be asked for.
pub const MAX_DEPTH: usize = 10;

/// Bytes on either side of an encoded anchor on which it depends whether it is seen; so
/// an anchor may take as many bytes, however often it was encoded.
pub(crate) const SIGHT: usize = 256;

/// The most bytes before and after a mark that are unfolded for it.
pub(crate) const MOST_BEFORE: usize = 16 << 10;
pub(crate) const MOST_AFTER: usize = 64 << 10;
