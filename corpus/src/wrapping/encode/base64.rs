//! Base64: RFC 4648, and in lines as MIME (RFC 2045) and PEM (RFC 7468) break it.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE},
};

use super::super::cover::{Cover, Encoded};

/// An alphabet, and whether the last group is filled up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alphabet {
    Standard,
    Unpadded,
    UrlSafe,
}

/// Encodes in lines of so many characters; all in one where none is asked for.
pub(super) fn encoded(content: &[u8], alphabet: Alphabet, columns: Option<usize>) -> Encoded {
    let text = match alphabet {
        Alphabet::Standard => STANDARD.encode(content),
        Alphabet::Unpadded => STANDARD_NO_PAD.encode(content),
        Alphabet::UrlSafe => URL_SAFE.encode(content),
    };
    let columns = columns.unwrap_or(text.len()).max(1);
    let bytes = text.as_bytes().chunks(columns).collect::<Vec<_>>().join(&b"\n"[..]);
    // A character has six bits; a line end stands before the first of each line.
    let placed = |character: usize| character + character / columns;
    let cover =
        (0..content.len()).map(|at| placed(8 * at / 6)..placed((8 * at + 7) / 6) + 1).collect();
    Encoded { bytes, cover: Cover::Bytes(cover) }
}
