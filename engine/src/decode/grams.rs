//! Which escapes may be part of an anchor.
//!
//! Escapes are dense in addresses, pages and logs, and nearly all of them stand between
//! words that no detector asks for. Four characters in a row tell: if those around an
//! escape, as they read once it is undone, are of no anchor, neither is the escape.

use leaksieve_detectors::detector::Anchor;

use super::Coding;
use super::escape::Escape;
use super::inflate;
use super::symbols;
use crate::prefilter::Backend;
use crate::prefilter::classes::{FILLERS, is_pair, is_symbol};

/// Every four bytes that stand in an anchor.
#[derive(Debug)]
pub(crate) struct Grams {
    /// By a hash of the bytes, without case.
    grams: Box<[u64]>,
    /// The bytes that stand in any anchor, without case.
    bytes: [bool; 256],
}

const GRAM: usize = 4;

/// Bits of the hash: what stands in no anchor seldom has the hash of what does.
const BITS: u32 = 17;

/// Knuth's multiplicative hash.
fn hash(gram: &[u8]) -> (usize, u32) {
    let folded = gram.iter().fold(0, |all, b| all << 8 | u32::from(b.to_ascii_lowercase()));
    let hash = folded.wrapping_mul(0x9e37_79b1) >> (32 - BITS);
    (hash as usize / 64, hash % 64)
}

impl Grams {
    pub(crate) fn of(anchors: &[Anchor]) -> Self {
        let mut grams = vec![0; 1 << (BITS - 6)].into_boxed_slice();
        let mut bytes = [false; 256];
        for anchor in anchors {
            for gram in anchor.literal.windows(GRAM) {
                let (word, bit) = hash(gram);
                grams[word] |= 1 << bit;
            }
            anchor.literal.iter().for_each(|b| bytes[usize::from(b.to_ascii_lowercase())] = true);
        }
        Self { grams, bytes }
    }

    fn holds(&self, gram: &[u8]) -> bool {
        let (word, bit) = hash(gram);
        self.grams[word] >> bit & 1 == 1
    }

    /// Whether an escape may be part of an anchor, or of something that is encoded once
    /// more.
    pub(super) fn may_hold(&self, text: &[u8], escapes: &[(usize, Escape)], number: usize) -> bool {
        let (at, escape) = &escapes[number];
        let around = Around { text, escapes, number };
        let own = escape.text();
        match own {
            [] => {}
            // Nobody writes these as escapes who has nothing to hide.
            [byte] if byte.is_ascii_alphanumeric() => return true,
            [b'"' | b'\'' | b'`'] if around.is_joint() => return true,
            [b'+' | b'/'] if is_packed(&text[..*at]) => return true,
            [byte, ..] => {
                let is_known = |byte: &u8| self.bytes[usize::from(byte.to_ascii_lowercase())];
                if !own.iter().any(is_known) && !may_begin(*byte) {
                    return false;
                }
            }
        }
        let mut bytes = [0; 2 * (GRAM - 1) + MOST];
        let before = around.before(&mut bytes[..GRAM - 1]);
        // What was found stands at the end of its place.
        bytes[..GRAM - 1].rotate_left(GRAM - 1 - before);
        let mut len = before;
        bytes[len..len + own.len()].copy_from_slice(own);
        len += own.len();
        let after = around.after(&mut bytes[len..][..GRAM - 1]);
        len += after;
        if bytes[..len].windows(GRAM).any(|gram| self.holds(gram)) {
            return true;
        }
        if own.is_empty() {
            // A run that goes on behind what is left out, but for two strings on one line
            // with only space between, which logs have in every line.
            let left_out = &text[*at..at + escape.len];
            let is_space = || left_out[1..left_out.len() - 1].iter().all(|byte| *byte == b' ');
            if escape.coding == Coding::Joined && is_space() {
                return false;
            }
            let is_in_word = |byte: Option<&u8>| byte.copied().is_some_and(is_symbol);
            return is_in_word(bytes[..before].last()) && is_in_word(bytes[before..len].first());
        }
        let nested = &bytes[before..len];
        nested.get(1).is_some_and(|next| is_pair(nested[0], *next)) && around.is_nested()
    }
}

/// Bytes that an escape says at most.
const MOST: usize = 4;

/// Bytes that are read to see whether what an escape says begins another.
const NESTED: usize = 20;

/// Bytes on either side of an escape that may say something to it: others that say
/// nothing may fill them.
const AROUND: usize = 64;

/// Whether an escape may begin so.
fn may_begin(byte: u8) -> bool {
    matches!(byte, b'%' | b'\\' | b'&' | b'=' | 0x1b | 0xc2 | 0xe2 | 0xef)
}

/// Whether the base64 characters that a text ends with begin compressed data, which has
/// signs early.
fn is_packed(text: &[u8]) -> bool {
    let digits = text.iter().rev().take(64).take_while(|byte| is_symbol(**byte)).count();
    let digits = &text[text.len() - digits..];
    let mut bytes = Vec::new();
    if !matches!(digits, [b'H' | b'e', ..]) {
        return false;
    }
    symbols::base64(Backend::Portable, &digits[..digits.len().min(12)], &mut bytes);
    inflate::format(&bytes).is_some()
}

/// The text around an escape, as it reads once all escapes in it are undone.
struct Around<'t> {
    text: &'t [u8],
    escapes: &'t [(usize, Escape)],
    number: usize,
}

impl Around<'_> {
    /// Fills `into` from its end, and says how much of it.
    fn before(&self, into: &mut [u8]) -> usize {
        let mut at = self.escapes[self.number].0;
        let first = at.saturating_sub(AROUND);
        let mut number = self.number;
        let mut left = into.len();
        while left > 0 && at > first {
            let last = number.checked_sub(1).map(|last| &self.escapes[last]);
            match last.filter(|(start, escape)| start + escape.len == at) {
                Some((start, escape)) => {
                    for byte in escape.text().iter().rev().take(left) {
                        left -= 1;
                        into[left] = *byte;
                    }
                    (at, number) = (*start, number - 1);
                }
                None => {
                    (left, at) = (left - 1, at - 1);
                    into[left] = self.text[at];
                }
            }
        }
        into.len() - left
    }

    /// Fills `into`, and says how much of it.
    fn after(&self, into: &mut [u8]) -> usize {
        let (start, escape) = &self.escapes[self.number];
        let mut at = start + escape.len;
        let mut rest = &self.escapes[self.number + 1..];
        let last = self.text.len().min(at + AROUND);
        let mut len = 0;
        while len < into.len() && at < last {
            match rest.first().filter(|(start, _)| *start == at) {
                Some((_, escape)) => {
                    let said = &escape.text()[..escape.text().len().min(into.len() - len)];
                    into[len..len + said.len()].copy_from_slice(said);
                    len += said.len();
                    at += escape.len;
                    rest = &rest[1..];
                }
                None => {
                    into[len] = self.text[at];
                    (len, at) = (len + 1, at + 1);
                }
            }
        }
        len
    }

    /// Whether the escape says what another begins with.
    fn is_nested(&self) -> bool {
        let mut bytes = [0; MOST + NESTED];
        let own = self.escapes[self.number].1.text();
        bytes[..own.len()].copy_from_slice(own);
        let len = own.len() + self.after(&mut bytes[own.len()..]);
        Escape::read(&bytes[..len], 0).is_some()
    }

    /// Whether nothing but what joins strings stands between a quote that is escaped and
    /// the next.
    fn is_joint(&self) -> bool {
        let (at, escape) = &self.escapes[self.number];
        let mut end = at + escape.len;
        for (next, escape) in &self.escapes[self.number + 1..] {
            if *next > end + 2 * NESTED
                || !self.text[end..*next].iter().all(|b| FILLERS.contains(b))
            {
                return false;
            }
            match escape.text() {
                [b'"' | b'\'' | b'`'] => return true,
                said if said.iter().all(|byte| FILLERS.contains(byte)) => end = next + escape.len,
                _ => return false,
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::super::encoded::Encoded;
    use super::*;

    /// What of the escapes of a text may hold an anchor.
    fn held(text: &str) -> Vec<&str> {
        let anchor = |literal: &'static [u8]| Anchor { literal: literal.into(), ignore_case: true };
        let grams = Grams::of(&[anchor(b"mongodb://"), anchor(b"aws_secret")]);
        let mut encoded = Encoded::default();
        encoded.find(Backend::Portable, text.as_bytes());
        let escapes = &encoded.escapes;
        let held = (0..escapes.len()).filter(|n| grams.may_hold(text.as_bytes(), escapes, *n));
        held.map(|n| &text[escapes[n].0..escapes[n].0 + escapes[n].1.len]).collect()
    }

    #[test]
    fn parts_of_anchors() {
        assert_eq!(held("a%20mongodb%3A%2F%2Fx%2Fy%3D1"), ["%3A", "%2F", "%2F"]);
        assert_eq!(held("AWS%5FSECRET%3D no%5Fname"), ["%5F"]);
        assert_eq!(held("mon\" +\n \"godb \"a\" + \" b\""), ["\" +\n \""]);
    }

    #[test]
    fn what_is_encoded_once_more() {
        assert_eq!(held("a%2541 b%25 c%5Cu0041 d%5Cd"), ["%25", "%5C"]);
        assert_eq!(held("&amp;lt; &amp;x=1 &lt;b&gt;"), ["&amp;"]);
        assert_eq!(held("%41%20%62"), ["%41", "%62"]);
        assert_eq!(held("&quot;a&quot; &quot;b&quot; + &quot;c&quot;d"), ["&quot;", "&quot;"]);
        assert_eq!(held("a%E2%80%8Bb %D0%BF"), ["%E2"]);
        assert_eq!(held("\"QUtJ\" + \"QVRF\", \"a \" + \"b\", \"QU\" \"Jt\""), ["\" + \""]);
        assert_eq!(held(r"H4sIAJkx2mQC\/ytJ ab\/c"), [r"\/"]);
    }
}
