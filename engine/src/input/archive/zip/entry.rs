//! What a header says of a member: one in the directory, or the one before its content.

use std::borrow::Cow;

use super::super::checked::Stated;
use super::field::{u16_at, u32_at, u64_at};

/// Bytes of a directory's header, without the texts behind it.
pub(super) const LISTED: usize = 46;

/// Bytes of the header before a member, without the texts behind it.
pub(super) const LOCAL: usize = 30;

const ENCRYPTED: u16 = 1;
/// LZMA: the data ends with a marker.
const MARKED_END: u16 = 1 << 1;
/// Sum and sizes stand behind the content.
const SIZES_BEHIND: u16 = 1 << 3;
const UNICODE: u16 = 1 << 11;
/// Names are not the real ones, for the directory is encrypted.
const MASKED: u16 = 1 << 13;

/// Flags that have a meaning.
const KNOWN_FLAGS: u16 = 0b0011_1000_1111_1111;

const EXTRA_64: u16 = 0x0001;
const EXTRA_UNICODE_NAME: u16 = 0x7075;

/// A member.
#[derive(Debug)]
pub(super) struct Entry {
    flags: u16,
    pub(super) method: u16,
    pub(super) stated: Stated,
    /// Bytes of its content in the archive.
    pub(super) packed: Option<u64>,
    /// Where its own header is.
    pub(super) offset: u64,
}

impl Entry {
    /// Reads a directory's header and the extra fields behind it.
    pub(super) fn listed(header: &[u8; LISTED], extra: &[u8]) -> Option<Self> {
        let (packed, size) = (u32_at(header, 20)?, u32_at(header, 24)?);
        let offset = u32_at(header, 42)?;
        let mut large = Large::of(extra);
        Some(Self {
            flags: u16_at(header, 8)?,
            method: u16_at(header, 10)?,
            stated: Stated { size: Some(large.or(size)), sum: u32_at(header, 16) },
            packed: Some(large.or(packed)),
            offset: large.or(offset),
        })
    }

    /// Reads the header before a member, which stands at `offset`.
    pub(super) fn local(header: &[u8; LOCAL], extra: &[u8], offset: u64) -> Option<Self> {
        let flags = u16_at(header, 6)?;
        let (packed, size) = (u32_at(header, 18)?, u32_at(header, 22)?);
        let mut large = Large::of(extra);
        let (size, packed) = (large.or(size), large.or(packed));
        let known = flags & SIZES_BEHIND == 0;
        Some(Self {
            flags,
            method: u16_at(header, 8)?,
            stated: Stated {
                size: known.then_some(size),
                sum: u32_at(header, 14).filter(|_| known),
            },
            // Some state them in both places.
            packed: Some(packed).filter(|packed| known || *packed > 0),
            offset,
        })
    }

    pub(super) fn is_encrypted(&self) -> bool {
        // The method says so too, if AES is used.
        self.flags & (ENCRYPTED | MASKED) != 0 || self.method == 99
    }

    pub(super) fn has_marked_end(&self) -> bool {
        self.flags & MARKED_END != 0
    }

    /// Its name: as it stands if it can be UTF-8, else as MS-DOS wrote it.
    pub(super) fn name<'n>(&self, name: &'n [u8], extra: &'n [u8]) -> Cow<'n, [u8]> {
        if self.flags & UNICODE != 0 || std::str::from_utf8(name).is_ok() {
            return Cow::Borrowed(name);
        }
        if let Some(unicode) = unicode_name(name, extra) {
            return Cow::Borrowed(unicode);
        }
        let char = |byte: &u8| match byte.checked_sub(0x80) {
            Some(high) => CP437.get(usize::from(high)).copied().unwrap_or('\u{fffd}'),
            None => char::from(*byte),
        };
        Cow::Owned(name.iter().map(char).collect::<String>().into_bytes())
    }
}

/// Whether these bytes, a local header, can be one.
pub(super) fn is_local(header: &[u8]) -> bool {
    let fields = (u16_at(header, 4), u16_at(header, 6), u16_at(header, 8), u16_at(header, 26));
    let (Some(version), Some(flags), Some(method), Some(name)) = fields else { return false };
    header.starts_with(b"PK\x03\x04")
        && version & 0xff <= 100
        && flags & !KNOWN_FLAGS == 0
        && matches!(method, 0..=20 | 92..=99)
        && name > 0
}

/// Where a name or size does not fit its field, zip64 has it in an extra field, one
/// after the other.
struct Large<'x>(&'x [u8]);

impl<'x> Large<'x> {
    fn of(extra: &'x [u8]) -> Self {
        Self(find_extra(extra, EXTRA_64).unwrap_or_default())
    }

    fn or(&mut self, small: u32) -> u64 {
        if small == u32::MAX
            && let Some(large) = u64_at(self.0, 0)
        {
            self.0 = self.0.get(8..).unwrap_or_default();
            return large;
        }
        u64::from(small)
    }
}

/// An extra field: each is an id, a length and data.
fn find_extra(mut extra: &[u8], id: u16) -> Option<&[u8]> {
    loop {
        let (found, len) = (u16_at(extra, 0)?, usize::from(u16_at(extra, 2)?));
        let data = extra.get(4..)?;
        if found == id {
            return data.get(..len);
        }
        extra = data.get(len..)?;
    }
}

/// The name that Info-ZIP puts beside one that is not UTF-8, if it belongs to it.
fn unicode_name<'x>(name: &[u8], extra: &'x [u8]) -> Option<&'x [u8]> {
    let field = find_extra(extra, EXTRA_UNICODE_NAME)?;
    let mut crc = flate2::Crc::new();
    crc.update(name);
    let belongs = field.first() == Some(&1) && u32_at(field, 1) == Some(crc.sum());
    field.get(5..).filter(|name| belongs && std::str::from_utf8(name).is_ok())
}

/// The upper half of code page 437.
#[rustfmt::skip]
const CP437: [char; 128] = [
    'Ç', 'ü', 'é', 'â', 'ä', 'à', 'å', 'ç', 'ê', 'ë', 'è', 'ï', 'î', 'ì', 'Ä', 'Å',
    'É', 'æ', 'Æ', 'ô', 'ö', 'ò', 'û', 'ù', 'ÿ', 'Ö', 'Ü', '¢', '£', '¥', '₧', 'ƒ',
    'á', 'í', 'ó', 'ú', 'ñ', 'Ñ', 'ª', 'º', '¿', '⌐', '¬', '½', '¼', '¡', '«', '»',
    '░', '▒', '▓', '│', '┤', '╡', '╢', '╖', '╕', '╣', '║', '╗', '╝', '╜', '╛', '┐',
    '└', '┴', '┬', '├', '─', '┼', '╞', '╟', '╚', '╔', '╩', '╦', '╠', '═', '╬', '╧',
    '╨', '╤', '╥', '╙', '╘', '╒', '╓', '╫', '╪', '┘', '┌', '█', '▄', '▌', '▐', '▀',
    'α', 'ß', 'Γ', 'π', 'Σ', 'σ', 'µ', 'τ', 'Φ', 'Θ', 'Ω', 'δ', '∞', 'φ', 'ε', '∩',
    '≡', '±', '≥', '≤', '⌠', '⌡', '÷', '≈', '°', '∙', '·', '√', 'ⁿ', '²', '■', '\u{a0}',
];
