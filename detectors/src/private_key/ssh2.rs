//! Private keys of the commercial SSH of ssh.com and Tectia. The format was
//! never published; PuTTY's `import.c` describes it.

use super::body::{self, Stop};
use super::key::{Key, Rsa};
use super::pem::{self, Found, Parsed};
use super::text::{Symbol, Symbols};
use super::wire::{self, Reader};
use crate::detector::{Anchor, Detector, Examples, Shape, Text, Trigger, text};
use crate::evidence::Reason;
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use std::borrow::Cow::Borrowed;

const ANCHOR: &str = "BEGIN SSH2 ";
const OPENING: &[u8] = b"---- ";
const CLOSING: &[u8] = b"---- END";
const MAGIC: u32 = 0x3f6f_f9eb;
const FORMAT: &str = "ssh2";

impl<'a> Reader<'a> {
    /// A number: its length in bits, then as many bytes as these need.
    fn counted(&mut self) -> Option<&'a [u8]> {
        let bits = usize::try_from(self.uint32()?).ok()?;
        let number = self.take(bits.div_ceil(8))?;
        Some(&number[number.iter().position(|b| *b != 0).unwrap_or(number.len())..])
    }
}

/// Reads the body of a block.
fn container(bytes: &[u8]) -> Result<Key, Reason> {
    let bad = Reason::BadStructure;
    let mut reader = Reader::new(bytes);
    if reader.uint32() != Some(MAGIC) {
        return Err(bad);
    }
    let len = reader.uint32().ok_or(Reason::Truncated)? as usize;
    if len != bytes.len() {
        return Err(if len > bytes.len() { Reason::Truncated } else { bad });
    }
    let algorithm = reader.name().ok_or(bad)?;
    let cipher = reader.name().ok_or(bad)?;
    let blob = reader.string().ok_or(bad)?;
    let kind = match algorithm {
        _ if algorithm.starts_with("if-modn") => "rsa",
        _ if algorithm.starts_with("dl-modp") => "dsa",
        _ => "unknown",
    };
    if !reader.rest().is_empty() || blob.is_empty() {
        return Err(bad);
    }
    if cipher != "none" {
        // All its ciphers work on blocks of 8 bytes.
        let whole = blob.len() % 8 == 0;
        return if whole { Ok(Key::new(FORMAT, kind).encrypted(cipher)) } else { Err(bad) };
    }
    let numbers = Reader::new(blob).string().ok_or(bad)?;
    if kind != "rsa" {
        return Ok(Key::new(FORMAT, kind));
    }
    let mut reader = Reader::new(numbers);
    let mut next = || reader.counted().ok_or(bad);
    let (e, _d, n, _inverse, p, q) = (next()?, next()?, next()?, next()?, next()?, next()?);
    Rsa { n, e, p, q, ..Rsa::default() }.judge(FORMAT)
}

/// The comment among the headers in `text`.
fn comment(text: &[u8]) -> Option<String> {
    let at = memchr::memmem::find(text, b"Comment")? + b"Comment".len();
    let mut symbols = Symbols::new(text, 0, at, false);
    if symbols.next() != Some(Symbol::Byte(b':')) {
        return None;
    }
    while matches!(symbols.peek(), Some(Symbol::Space | Symbol::Quote)) {
        symbols.next();
    }
    let mut comment = Vec::new();
    for symbol in symbols {
        match symbol {
            Symbol::Byte(byte) => comment.push(byte),
            Symbol::Space => comment.push(b' '),
            Symbol::Quote | Symbol::LineEnd => break,
        }
    }
    wire::printable(comment.trim_ascii_end()).filter(|c| !c.is_empty()).map(str::to_owned)
}

fn read(text: &[u8], hit: std::ops::Range<usize>) -> Found<Parsed> {
    let Some(start) = hit.start.checked_sub(OPENING.len()) else { return Found::Nothing };
    let rest = &text[hit.end..];
    let tail = rest.strip_prefix(b"ENCRYPTED ").unwrap_or(rest);
    let Some(tail) = tail.strip_prefix(b"PRIVATE KEY ----") else { return Found::Nothing };
    if !text[start..].starts_with(OPENING) {
        return Found::Nothing;
    }
    let open = text.len() - tail.len();
    let label = &text[hit.start + b"BEGIN".len()..open];
    let mut symbols = Symbols::new(text, start, open, false);
    pem::skip_headers(&mut symbols);
    let found = body::read(symbols, CLOSING, usize::MAX, |_| {});
    if found.stop != Stop::Closing {
        let mentioned = found.chars < 32 && !matches!(found.stop, Stop::Elided | Stop::Template);
        let reason = body::refusal(&found, &text[found.stopped_at..], CLOSING);
        return if mentioned { Found::Nothing } else { Found::Refused(start..found.end, reason) };
    }
    if found.chars == 0 {
        return Found::Nothing;
    }
    let end = found.stopped_at + CLOSING.len();
    if !text[end..].starts_with(label) {
        return Found::Refused(start..found.stopped_at, Reason::MismatchedLabels);
    }
    let span = start..end + label.len();
    let bytes = body::decode(symbols, CLOSING, found.chars);
    match container(&bytes) {
        Ok(mut key) => {
            if let Some(comment) = comment(&text[open..symbols.at]) {
                key = key.with(Fact::Comment(comment.into()));
            }
            Found::Block(Parsed { span, bytes, key })
        }
        Err(reason) => Found::Refused(span, body::excuse(&text[symbols.at..found.end], reason)),
    }
}

/// Reads the first `---- BEGIN SSH2 PRIVATE KEY ----` block in a text, encrypted
/// or not, in any of the dresses that the detector knows.
///
/// `None` if the text holds no such block, or only mentions its lines.
///
/// # Errors
///
/// Why the block is no key.
///
/// ```
/// use leaksieve_detectors::Reason;
/// use leaksieve_detectors::private_key::ssh2;
///
/// let cut = b"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/56wAAAgIAAAAmZGwtbW9kcHtzaWdue2...";
/// assert_eq!(ssh2::parse(cut).unwrap().unwrap_err(), Reason::Truncated);
/// assert!(ssh2::parse(b"no key").is_none());
/// ```
pub fn parse(text: &[u8]) -> Option<Result<Parsed, Reason>> {
    memchr::memmem::find_iter(text, ANCHOR)
        .find_map(|at| read(text, at..at + ANCHOR.len()).result())
}

fn extract(window: &Window<'_>, out: &mut Extraction<'_>) {
    pem::push(window, read(window.bytes, window.hit()), out);
}

/// `ssh2-private-key`.
pub(super) fn detector() -> Detector {
    const TAGS: &[Text] = &[text("private-key"), text("ssh")];
    const ANCHORS: &[Anchor] = &[Anchor::exact(ANCHOR)];
    Detector {
        id: text("ssh2-private-key"),
        title: text("SSH2 private key"),
        provider: text("SSH Tectia"),
        tags: Borrowed(TAGS),
        trigger: Trigger::Anchor(Borrowed(ANCHORS)),
        reach: pem::REACH,
        shape: Shape::Parser(extract),
        companions: Borrowed(&[]),
        relate: None,
        severity: Severity::High,
        remedy: text(
            "Make a new key pair and remove the old public key from every authorization file \
             and account it was added to.",
        ),
        opt_in: false,
        examples: Examples {
            reported: Borrowed(REPORTED),
            refuted: Borrowed(REFUTED),
            unmatched: Borrowed(UNMATCHED),
        },
    }
}

/// Made for this list with `puttygen`.
const REPORTED: &[Text] = &[
    text(include_str!("examples/ssh_rsa.sshcom")),
    text(include_str!("examples/ssh_rsa_enc.sshcom")),
];

const REFUTED: &[(Text, Reason)] =
    &[(text(include_str!("examples/sshcom_cut.txt")), Reason::Truncated)];

const UNMATCHED: &[Text] = &[
    text(
        "---- BEGIN SSH2 PUBLIC KEY ----\nAAAAB3NzaC1yc2EAAAADAQABAAAAgQ\n---- END SSH2 PUBLIC KEY ----",
    ),
    text("if (!strcmp(line, \"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\")) return SSHCOM;\n"),
];
