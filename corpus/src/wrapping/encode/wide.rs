//! Text in units of two and four bytes.

use super::super::cover::Encoded;

/// UTF-16, little-endian or big-endian, without a mark of the byte order.
pub(super) fn utf16(content: &str, big_endian: bool) -> Encoded {
    Encoded::by_char(content, |character, out| {
        for unit in character.encode_utf16(&mut [0; 2]) {
            out.extend(if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() });
        }
    })
}

/// UTF-32, little-endian.
pub(super) fn utf32le(content: &str) -> Encoded {
    Encoded::by_char(content, |character, out| out.extend(u32::from(character).to_le_bytes()))
}
