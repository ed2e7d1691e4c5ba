//! Recognising UTF-16 and reading it as UTF-8.
//!
//! Everything else is scanned as bytes: UTF-8, Latin-1 and binary files need
//! no decoding to be searched. UTF-32 is not decoded.

use std::io::{self, Read};

use crate::location::Stored;

/// Bytes from the start of an object that tell its encoding.
pub(crate) const HEAD: usize = 4096;

/// Bytes that are judged before it may be plain that there is no text.
const BLOCK: usize = 128;

/// The shortest text without a mark that is taken for UTF-16.
const LEAST: usize = 16;

/// How an object's text is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Bytes,
    Utf16 { big_endian: bool, mark: u8 },
}

impl Encoding {
    /// Tells the encoding from the first bytes of an object: by its byte-order
    /// mark, or by the zero bytes that Latin letters have in UTF-16.
    pub(crate) fn of(head: &[u8]) -> Self {
        match head {
            // The little-endian mark of UTF-32.
            [0xff, 0xfe, 0, 0, ..] => return Self::Bytes,
            [0xff, 0xfe, ..] => return Self::Utf16 { big_endian: false, mark: 2 },
            [0xfe, 0xff, ..] => return Self::Utf16 { big_endian: true, mark: 2 },
            _ => {}
        }
        let head = &head[..head.len().min(HEAD)];
        if head.len() < LEAST || memchr::memchr(0, head).is_none() {
            return Self::Bytes;
        }
        // Most of what has zeros has too few of them: a count is cheaper than a judgement.
        let (first, second) = zeros(head);
        let can_be = |zeros: u16| usize::from(zeros) * 10 >= head.len() / 2 * 3;
        if can_be(second) && is_text(head, false) {
            Self::Utf16 { big_endian: false, mark: 0 }
        } else if can_be(first) && is_text(head, true) {
            Self::Utf16 { big_endian: true, mark: 0 }
        } else {
            Self::Bytes
        }
    }
}

/// How many first and second bytes of units are zero: of every ASCII character in UTF-16
/// one is.
fn zeros(head: &[u8]) -> (u16, u16) {
    let (mut first, mut second) = (0, 0);
    for pair in head.chunks_exact(2) {
        first += u16::from(pair[0] == 0);
        second += u16::from(pair[1] == 0);
    }
    (first, second)
}

/// Whether this is plausibly UTF-16 text: three units in ten are printable
/// ASCII, and hardly any are control characters, which numbers of 16 bits would
/// be as often. Lists of words with a zero byte after each are told apart by
/// what the other units are: two letters each, or a zero on the wrong side.
fn is_text(head: &[u8], big_endian: bool) -> bool {
    let units = head.len() / 2;
    let (mut ascii, mut controls, mut letters, mut wrong) = (0, 0, 0, 0);
    for block in head.chunks(BLOCK) {
        for pair in block.chunks_exact(2) {
            let unit = unit([pair[0], pair[1]], big_endian);
            match unit {
                0x09 | 0x0a | 0x0d | 0x20..0x7f => ascii += 1,
                0..0x20 | 0x7f..0xa0 | 0xfffe | 0xffff => controls += 1,
                _ if unit & 0xff == 0 => wrong += 1,
                _ if pair.iter().all(|b| (0x20..0x7f).contains(b)) => letters += 1,
                _ => {}
            }
        }
        // Tables of numbers have many soon.
        if controls * 100 > units {
            return false;
        }
    }
    let others = units - ascii - controls;
    // Of Chinese characters, three in eight look like two letters.
    let words = others * 10 > units && letters * 4 > others * 3;
    ascii * 10 >= units * 3 && wrong * 3 <= ascii && !words
}

fn unit(pair: [u8; 2], big_endian: bool) -> u16 {
    if big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
}

impl Encoding {
    /// What the scanner needs to know to give the offsets of the file.
    pub(crate) fn stored(self) -> Stored {
        match self {
            Self::Bytes => Stored::AsIs,
            Self::Utf16 { mark, .. } => Stored::Utf16 { mark },
        }
    }
}

/// Reads UTF-16 as UTF-8. A unit that is no character becomes U+FFFD, which
/// [`Stored::Utf16`] counts as the two bytes that it was; so does a last byte
/// without a partner.
pub(crate) struct Utf16Reader<R> {
    inner: R,
    big_endian: bool,
    /// Bytes of the mark that are still to be passed over.
    mark: u8,
    raw: Vec<u8>,
    /// Raw bytes that wait for their other half.
    waiting: usize,
    text: Vec<u8>,
    given: usize,
    ended: bool,
}

/// Bytes that are decoded at a time.
const PIECE: usize = 64 * 1024;

impl<R: Read> Utf16Reader<R> {
    /// Reads what `inner` yields, its mark included.
    pub(crate) fn new(inner: R, big_endian: bool, mark: u8) -> Self {
        Self {
            inner,
            big_endian,
            mark,
            raw: vec![0; PIECE],
            waiting: 0,
            text: Vec::with_capacity(PIECE / 2),
            given: 0,
            ended: false,
        }
    }

    /// Decodes the first `len` raw bytes; keeps those that lack their other
    /// half.
    fn decode(&mut self, len: usize) {
        let at = |i: usize| unit([self.raw[i], self.raw[i + 1]], self.big_endian);
        let mut i = usize::from(self.mark).min(len);
        self.mark -= i as u8;
        while i + 2 <= len {
            let first = at(i);
            let decoded = match first {
                0..0x80 => {
                    self.text.push(first as u8);
                    i += 2;
                    continue;
                }
                0xd800..0xdc00 if i + 4 <= len => char::decode_utf16([first, at(i + 2)]).next(),
                0xd800..0xdc00 if !self.ended => break,
                _ => char::decode_utf16([first]).next(),
            };
            let character = match decoded {
                Some(Ok(character)) => character,
                _ => char::REPLACEMENT_CHARACTER,
            };
            self.text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            i += 2 * character.len_utf16();
        }
        if self.ended && i < len {
            self.text.extend_from_slice("\u{fffd}".as_bytes());
            i = len;
        }
        self.raw.copy_within(i..len, 0);
        self.waiting = len - i;
    }
}

impl<R: Read> Read for Utf16Reader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() && !self.ended {
            self.text.clear();
            self.given = 0;
            let read = self.inner.read(&mut self.raw[self.waiting..])?;
            self.ended = read == 0;
            self.decode(self.waiting + read);
        }
        let rest = &self.text[self.given..];
        let len = rest.len().min(out.len());
        out[..len].copy_from_slice(&rest[..len]);
        self.given += len;
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str, big_endian: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|u| if big_endian { u.to_be_bytes() } else { u.to_le_bytes() })
            .collect()
    }

    fn decoded(bytes: &[u8], big_endian: bool, mark: u8) -> Vec<u8> {
        let mut whole = Vec::new();
        Utf16Reader::new(bytes, big_endian, mark).read_to_end(&mut whole).unwrap();
        // However the bytes arrive, the text is the same.
        for step in [1, 3] {
            let pieces = Pieces(bytes, step);
            let mut text = Vec::new();
            Utf16Reader::new(pieces, big_endian, mark).read_to_end(&mut text).unwrap();
            assert_eq!(text, whole);
        }
        whole
    }

    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let len = out.len().min(self.1);
            self.0.read(&mut out[..len])
        }
    }

    #[test]
    fn text_in_both_orders_comes_out_as_utf_8() {
        let text = "päss = \"€😀\"\r\n";
        for big_endian in [false, true] {
            assert_eq!(decoded(&encoded(text, big_endian), big_endian, 0), text.as_bytes());
            let marked = encoded(&format!("\u{feff}{text}"), big_endian);
            assert_eq!(decoded(&marked, big_endian, 2), text.as_bytes());
            assert_eq!(Encoding::of(&marked), Encoding::Utf16 { big_endian, mark: 2 });
            for text in [text, "密码 = \"一个值\"　# 密钥在这里"] {
                let long = encoded(&text.repeat(3), big_endian);
                assert_eq!(Encoding::of(&long), Encoding::Utf16 { big_endian, mark: 0 });
            }
        }
    }

    #[test]
    fn what_is_no_character_takes_its_place() {
        let lone = [b'a', 0, 0x00, 0xd8, b'b', 0, 0x00, 0xdc, 0x00, 0xd8];
        assert_eq!(decoded(&lone, false, 0), "a\u{fffd}b\u{fffd}\u{fffd}".as_bytes());
        assert_eq!(decoded(b"a\0b", false, 0), "a\u{fffd}".as_bytes());
        assert_eq!(decoded(b"", false, 0), b"");
    }

    #[test]
    fn other_bytes_are_not_taken_for_utf_16() {
        for head in [
            &b"plain text, plain text"[..],
            b"\xff\xfe\0\0a\0\0\0b\0\0\0",
            b"one\0two\0three\0four\0five\0",
            b"GET\0PUT\0HEAD\0\0\0DELETE\0\0",
            b"GET\0PUT\0ADD\0SUB\0MUL\0DIV\0MOD\0",
            &[0; 64],
            b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0\x10\x70\0\0\0\0\0\0",
            b"",
        ] {
            assert_eq!(Encoding::of(head), Encoding::Bytes, "{head:?}");
        }
        let numbers: Vec<u8> = (0..2000u16).flat_map(u16::to_le_bytes).collect();
        assert_eq!(Encoding::of(&numbers), Encoding::Bytes);
    }
}
