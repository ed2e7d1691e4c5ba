//! How a finished text is stored: its character encoding, its line ends, and
//! the binary file that may be around it.

use crate::{
    draw::Draw,
    escape::Escape,
    marked::{Mark, Marked, MovedPositions},
};

/// A way to store text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Utf8Bom,
    Utf16Le,
    Utf16Be,
    Utf16LeNoBom,
    Utf16BeNoBom,
    Latin1,
    /// UTF-8 between runs of bytes that are no text.
    Binary,
}

impl Encoding {
    /// The name that stands in a label, if it is not the usual encoding.
    pub(crate) fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Utf8 => return None,
            Self::Utf8Bom => "utf8-bom",
            Self::Utf16Le => "utf16le",
            Self::Utf16Be => "utf16be",
            Self::Utf16LeNoBom => "utf16le-no-bom",
            Self::Utf16BeNoBom => "utf16be-no-bom",
            Self::Latin1 => "latin1",
            Self::Binary => "binary",
        })
    }

    /// An encoding with the shares seen in work trees, the rare ones made
    /// frequent enough to be counted.
    pub(crate) fn any(draw: &mut Draw) -> Self {
        match draw.below(100) {
            0..=1 => Self::Utf16Le,
            2 => Self::Utf16Be,
            3 => Self::Utf16LeNoBom,
            4 => Self::Utf16BeNoBom,
            5..=6 => Self::Utf8Bom,
            7..=9 => Self::Latin1,
            10..=11 => Self::Binary,
            _ => Self::Utf8,
        }
    }

    fn write(self, character: char, out: &mut Vec<u8>) {
        match self {
            Self::Utf8 | Self::Utf8Bom | Self::Binary => {
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            Self::Latin1 => out.push(u8::try_from(character).unwrap_or(b'?')),
            Self::Utf16Le | Self::Utf16LeNoBom => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    out.extend(unit.to_le_bytes());
                }
            }
            Self::Utf16Be | Self::Utf16BeNoBom => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    out.extend(unit.to_be_bytes());
                }
            }
        }
    }
}

/// A file as stored; the ranges of its marks are in its bytes.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) bytes: Vec<u8>,
    /// Each mark with the line it begins on, from 1.
    pub(crate) marks: Vec<(Mark, u64)>,
}

/// Stores a text.
pub(crate) fn store(draw: &mut Draw, text: Marked, encoding: Encoding, crlf: bool) -> Stored {
    let text = if crlf { text.escaped(&Escape::Crlf) } else { text };
    let mut bytes = match encoding {
        Encoding::Utf8Bom => b"\xef\xbb\xbf".to_vec(),
        Encoding::Utf16Le => b"\xff\xfe".to_vec(),
        Encoding::Utf16Be => b"\xfe\xff".to_vec(),
        Encoding::Binary => noise(draw),
        _ => Vec::new(),
    };
    // A scanner counts the line ends of a binary file as it does any other's.
    let lines_before = line_ends(&bytes);
    let start = bytes.len();
    let positions = MovedPositions::through(&text.text, start, |character| {
        encoding.write(character, &mut bytes);
        bytes.len()
    });
    let mut ends = text.text.match_indices('\n').map(|(offset, _)| offset).peekable();
    let mut marks = text.marks;
    marks.sort_by_key(|mark| (mark.range.start, mark.range.end));
    let mut line = 1 + lines_before;
    let marks = marks
        .into_iter()
        .map(|mut mark| {
            while ends.next_if(|&end| end < mark.range.start).is_some() {
                line += 1;
            }
            mark.range = positions.range(&mark.range);
            (mark, line)
        })
        .collect();
    if encoding == Encoding::Binary {
        bytes.extend(noise(draw));
    }
    Stored { bytes, marks }
}

fn line_ends(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&byte| byte == b'\n').count() as u64
}

/// Bytes of a core or database file, with NULs at both ends.
pub(crate) fn noise(draw: &mut Draw) -> Vec<u8> {
    let mut bytes = draw
        .pick(&[&b"\x7fELF\x02\x01\x01\0\0\0\0\0"[..], b"SQLite format 3\0", b"\0\x01\0\0"])
        .to_vec();
    for _ in 0..20 + draw.below(60) {
        let (zeros, size) = (1 + draw.below(24), 4 + draw.below(60));
        bytes.extend(std::iter::repeat_n(0, zeros));
        bytes.extend(draw.bytes(size));
    }
    bytes.extend([0; 4]);
    bytes
}
