//! PEM (RFC 7468) and its forebear with headers (RFC 1421, as OpenSSL writes
//! encrypted keys), in any text that a key is pasted into.

use std::borrow::Cow::Borrowed;
use std::ops::Range;

use super::asn1;
use super::body::{self, Body, Stop};
use super::claim;
use super::key::{self, Key};
use super::nearby;
use super::openssh;
use super::text::{Symbol, Symbols, Word};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Text, Trigger, text};
use crate::evidence::{Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::relate::{Leak, Neighbours};
use crate::verify::der;

/// Where a block's opening line stands.
#[derive(Debug, Clone)]
pub(super) struct Opening {
    /// The first of its dashes.
    pub(super) start: usize,
    /// What stands between `BEGIN` and the closing dashes, as it is written.
    pub(super) label: Range<usize>,
    /// The byte after its last dash.
    pub(super) body: usize,
    /// Whether spaces are written as `+`.
    pub(super) form_encoded: bool,
}

/// The longest label: room for a few words before `PRIVATE KEY`.
const LONGEST_LABEL: usize = 48;

impl Opening {
    /// The opening line that ends with the anchor at `hit`, if the anchor ends
    /// one; the closing line has the same bytes.
    pub(super) fn before(text: &[u8], hit: Range<usize>) -> Option<Self> {
        let from = hit.start.saturating_sub(LONGEST_LABEL + b"-----BEGIN ".len());
        let head = &text[from..hit.start];
        let start = from + memchr::memmem::rfind(head, b"-----BEGIN")?;
        let label = start + b"-----BEGIN".len()..hit.end - b"-----".len();
        let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'+' | b'%');
        if !text[label.clone()].iter().all(plain) || text[label.start].is_ascii_alphabetic() {
            return None;
        }
        let form_encoded = text[label.start] == b'+';
        Some(Self { start, label, body: hit.end, form_encoded })
    }

    /// The first word of the label as it is written in PEM, such as `RSA`;
    /// empty for `PRIVATE KEY`.
    pub(super) fn has_word(&self, text: &[u8], word: &[u8]) -> bool {
        memchr::memmem::find(&text[self.label.clone()], word).is_some()
    }

    /// Reads the text after the opening line.
    pub(super) fn symbols<'t>(&self, text: &'t [u8]) -> Symbols<'t> {
        Symbols::new(text, self.start, self.body, self.form_encoded)
    }

    /// The end of the closing line at `at`, if its label is that of this line.
    fn closing(&self, text: &[u8], at: usize) -> Result<usize, Reason> {
        let label = &text[self.label.clone()];
        let rest = &text[at + CLOSING.len()..];
        match rest.strip_prefix(label) {
            Some(dashes) if dashes.starts_with(b"-----") => {
                Ok(at + CLOSING.len() + label.len() + b"-----".len())
            }
            // The reach or the text ends inside the line.
            _ if label.starts_with(rest) || rest.strip_prefix(label).is_some_and(is_dashes) => {
                Ok(text.len())
            }
            _ => Err(Reason::MismatchedLabels),
        }
    }
}

fn is_dashes(rest: &[u8]) -> bool {
    rest.iter().all(|b| *b == b'-')
}

const CLOSING: &[u8] = b"-----END";

/// Fewest base64 characters for a text without a closing line to be taken for
/// the start of a body, not for code that mentions the opening line.
const FEWEST_CHARS: usize = 32;

/// The headers of an encrypted key of OpenSSL.
#[derive(Debug, Clone, Copy, Default)]
struct Headers {
    /// `Proc-Type: 4,ENCRYPTED` was there.
    encrypted: bool,
    /// `DEK-Info`: the cipher, a comma, the initialisation vector.
    cipher: Option<Word>,
}

/// Reads over headers, if there are any.
pub(super) fn skip_headers(symbols: &mut Symbols<'_>) {
    headers(symbols);
}

/// Reads headers, if there are any, and leaves `symbols` at the body.
fn headers(symbols: &mut Symbols<'_>) -> Headers {
    let mut found = Headers::default();
    // Two are written; more are read over, up to a limit.
    for _ in 0..8 {
        symbols.skip_separators();
        let mut ahead = *symbols;
        let start = ahead.at;
        let mut name = 0;
        let is_header = loop {
            match ahead.next() {
                Some(Symbol::Byte(b':')) => break name > 0,
                Some(Symbol::Byte(b)) if b.is_ascii_alphanumeric() || b == b'-' => name += 1,
                _ => break false,
            }
            if name > 32 {
                break false;
            }
        };
        if !is_header {
            return found;
        }
        let name = &symbols.text[start..];
        let known = name.starts_with(b"Proc-Type") || name.starts_with(b"DEK-Info");
        if known {
            // One word each, so that they can be read without line ends too.
            let value = Word::read(&mut ahead);
            if name.starts_with(b"DEK-Info") {
                found.cipher = Some(value);
            } else {
                found.encrypted = value.as_bytes().ends_with(b"ENCRYPTED");
            }
        } else {
            ahead.value();
        }
        *symbols = ahead;
    }
    found
}

/// A block that was taken out of its text.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// From the first dash of the opening line to the last of the closing one,
    /// or as far as the block goes.
    pub(super) span: Range<usize>,
    /// Where its last character ends.
    pub(super) body_end: usize,
    /// What the body holds.
    pub(super) bytes: Vec<u8>,
    /// Whether the closing line is there.
    pub(super) closed: bool,
    /// The characters after the padding, if there are four of them.
    pub(super) checksum: Option<[u8; 4]>,
}

/// What a place that looks like a block turned out to be.
#[derive(Debug, Clone)]
pub(super) enum Found<T> {
    /// The opening line is only mentioned.
    Nothing,
    /// A block that holds no key, and what it spans.
    Refused(Range<usize>, Reason),
    /// A block.
    Block(T),
}

impl<T> Found<T> {
    /// What a parser says of it.
    pub(super) fn result(self) -> Option<Result<T, Reason>> {
        match self {
            Self::Nothing => None,
            Self::Refused(_, reason) => Some(Err(reason)),
            Self::Block(block) => Some(Ok(block)),
        }
    }
}

/// Takes out the body at `symbols`. `whole` says from the first bytes of a body
/// how long it is, for bodies whose closing line is missing.
pub(super) fn block(
    text: &[u8],
    opening: &Opening,
    symbols: Symbols<'_>,
    whole: fn(&[u8]) -> Option<usize>,
) -> Found<Block> {
    let found = body::read(symbols, CLOSING, usize::MAX, |_| {});
    match found.stop {
        Stop::Closing => match opening.closing(text, found.stopped_at) {
            // Both lines in one breath: code that looks for keys.
            Ok(_) if found.chars == 0 => Found::Nothing,
            Ok(end) if matches!(found.tail_len, 0 | 4) => Found::Block(Block {
                span: opening.start..end,
                body_end: found.end,
                bytes: body::decode(symbols, CLOSING, found.chars),
                closed: true,
                checksum: (found.tail_len == 4).then_some(found.tail),
            }),
            Ok(end) => Found::Refused(opening.start..end, Reason::BadStructure),
            Err(_) if found.chars == 0 => Found::Nothing,
            Err(reason) => Found::Refused(opening.start..found.stopped_at, reason),
        },
        Stop::Elided | Stop::Template if found.chars < FEWEST_CHARS => {
            refused(text, opening, symbols, &found)
        }
        _ if found.chars < FEWEST_CHARS => Found::Nothing,
        _ => unclosed(text, opening, symbols, &found, whole),
    }
}

fn refused(text: &[u8], opening: &Opening, symbols: Symbols<'_>, found: &Body) -> Found<Block> {
    let rest = &text[found.stopped_at..];
    let reason =
        body::excuse(&text[symbols.at..found.stopped_at], body::refusal(found, rest, CLOSING));
    Found::Refused(opening.start..found.stopped_at, reason)
}

/// A body without its closing line is taken if it says how long it is and is
/// that long.
fn unclosed(
    text: &[u8],
    opening: &Opening,
    symbols: Symbols<'_>,
    found: &Body,
    whole: fn(&[u8]) -> Option<usize>,
) -> Found<Block> {
    let head = body::decode(symbols, CLOSING, FEWEST_CHARS);
    let Some(len) = whole(&head) else { return refused(text, opening, symbols, found) };
    let chars = len.saturating_mul(4).div_ceil(3);
    if chars > found.chars {
        return refused(text, opening, symbols, found);
    }
    let end = body::read(symbols, CLOSING, chars, |_| {}).end;
    Found::Block(Block {
        span: opening.start..end,
        body_end: end,
        bytes: body::decode(symbols, CLOSING, chars),
        closed: false,
        checksum: None,
    })
}

/// A private key that [`parse`] or its like in [`super`] read. That a point
/// belongs to its secret number has not been recomputed.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// Where the block stands in the text.
    pub span: Range<usize>,
    /// What its body holds: DER, an OpenSSH container, or a ciphertext.
    pub bytes: Vec<u8>,
    /// What is known about the key.
    pub key: Key,
}

/// Reads the first private key in a text: any `-----BEGIN … PRIVATE KEY-----`
/// block, OpenSSH's included, in any of the dresses that the detectors know.
///
/// `None` if the text holds no such block, or only mentions its lines.
///
/// # Errors
///
/// Why the block is no key.
///
/// ```
/// use leaksieve_detectors::private_key::pem;
///
/// let key = r#"{"key": "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAABAAA..."#;
/// assert!(pem::parse(key.as_bytes()).unwrap().is_err());
/// assert!(pem::parse(b"no key").is_none());
/// ```
pub fn parse(text: &[u8]) -> Option<Result<Parsed, Reason>> {
    for at in memchr::memmem::find_iter(text, b"KEY-----") {
        let Some(opening) = Opening::before(text, at..at + b"KEY-----".len()) else { continue };
        let is_openssh = opening.has_word(text, b"OPENSSH");
        let found = if is_openssh { openssh::read(text, &opening) } else { read(text, &opening) };
        if let Some(result) = found.result() {
            return Some(result);
        }
    }
    None
}

/// Reads the block that `opening` opens, of any label but OpenSSH's.
fn read(text: &[u8], opening: &Opening) -> Found<Parsed> {
    let mut symbols = opening.symbols(text);
    let headers = headers(&mut symbols);
    let whole = if headers.encrypted { |_: &[u8]| None } else { der::total_len };
    let block = match block(text, opening, symbols, whole) {
        Found::Block(block) if block.checksum.is_some() => {
            return Found::Refused(block.span, Reason::BadStructure);
        }
        Found::Block(block) => block,
        Found::Nothing => return Found::Nothing,
        Found::Refused(span, reason) => return Found::Refused(span, reason),
    };
    let read = if headers.encrypted {
        legacy(&block.bytes, headers, opening, text)
    } else {
        asn1::read(&block.bytes).or_else(|reason| other(&block.bytes, opening, text).ok_or(reason))
    };
    match read {
        Ok(mut key) => {
            if !block.closed {
                key.verdict = key.verdict.min(Verdict::Supported);
            }
            Found::Block(Parsed { span: block.span, bytes: block.bytes, key })
        }
        Err(reason) => {
            let raw = &text[symbols.at..block.body_end];
            Found::Refused(block.span, body::excuse(raw, reason))
        }
    }
}

/// A body that OpenSSL encrypted: blocks of the cipher that `DEK-Info` names.
fn legacy(bytes: &[u8], headers: Headers, opening: &Opening, text: &[u8]) -> Result<Key, Reason> {
    let info = headers.cipher.as_ref().ok_or(Reason::BadStructure)?.as_bytes();
    let comma = info.iter().position(|b| *b == b',').ok_or(Reason::BadStructure)?;
    let (name, vector) = (&info[..comma], &info[comma + 1..]);
    let known = name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-');
    if !known || !vector.iter().all(u8::is_ascii_hexdigit) || !matches!(vector.len(), 16 | 32) {
        return Err(Reason::BadStructure);
    }
    // The vector is as long as a block.
    if bytes.is_empty() || !bytes.len().is_multiple_of(vector.len() / 2) {
        return Err(Reason::Truncated);
    }
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    let kind = ["RSA", "EC", "DSA"].into_iter().find(|k| opening.has_word(text, k.as_bytes()));
    let format = match kind {
        Some("RSA") => "pkcs1",
        Some("EC") => "sec1",
        Some("DSA") => "dsa",
        _ => "pem",
    };
    let kind = kind.unwrap_or("unknown").to_ascii_lowercase();
    Ok(Key::new(format, &kind).encrypted(&format!("{name}, md5 1 round")))
}

/// Bodies that are not DER: Nebula's bare keys, and the JSON that cosign wraps
/// its encrypted keys in.
fn other(bytes: &[u8], opening: &Opening, text: &[u8]) -> Option<Key> {
    let has = |word: &[u8]| opening.has_word(text, word);
    if bytes.starts_with(b"{\"kdf\":") && bytes.ends_with(b"}") {
        return Some(Key::new("cosign", "unknown").encrypted("nacl/secretbox, scrypt"));
    }
    if has(b"NEBULA") {
        let (kind, len) = match (has(b"X25519"), has(b"ED25519")) {
            (true, _) => ("x25519", 32),
            (_, true) => ("ed25519", 64),
            _ => return None,
        };
        return (bytes.len() == len && !crate::placeholder::is_regular(bytes))
            .then(|| Key::new("nebula", kind));
    }
    None
}

/// Reads the block at an anchor of `private-key`.
fn extract(window: &Window<'_>, out: &mut Extraction<'_>) {
    let Some(opening) = Opening::before(window.bytes, window.hit()) else { return };
    if !opening.has_word(window.bytes, b"OPENSSH") {
        push(window, read(window.bytes, &opening), out);
    }
}

fn relate(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    claim::settle(leak, neighbours, is_closed(leak, neighbours), |b| asn1::read(b).ok());
}

/// Whether the block of `leak` has its closing line.
pub(super) fn is_closed(leak: &Leak, neighbours: &Neighbours<'_>) -> bool {
    memchr::memmem::rfind(neighbours.passage.slice(leak.span.clone()), CLOSING).is_some()
}

/// Turns what was read into a candidate.
pub(super) fn push(window: &Window<'_>, found: Found<Parsed>, out: &mut Extraction<'_>) {
    match found {
        Found::Nothing => {}
        Found::Refused(span, reason) => out.push(key::refused(window, span, reason)),
        Found::Block(mut parsed) => {
            nearby::judge(window, &parsed.span, &mut parsed.key);
            if parsed.key.facts.encrypted().is_none() {
                parsed.key.facts.add(Fact::Encrypted(false));
            }
            out.push(parsed.key.candidate(window, parsed.span, parsed.bytes));
        }
    }
}

/// `private-key`.
pub(super) fn detector() -> Detector {
    const TAGS: &[Text] = &[text("private-key"), text("pem")];
    const ANCHORS: &[Anchor] = &[
        Anchor::exact("PRIVATE KEY-----"),
        Anchor::exact("PRIVATE%20KEY-----"),
        Anchor::exact("PRIVATE+KEY-----"),
    ];
    Detector {
        id: text("private-key"),
        title: text("private key"),
        provider: text("PEM"),
        tags: Borrowed(TAGS),
        trigger: Trigger::Anchor(Borrowed(ANCHORS)),
        reach: REACH,
        shape: Shape::Parser(extract),
        companions: Borrowed(&[]),
        relate: Some(relate),
        severity: Severity::High,
        remedy: text(
            "Make a new key pair. Reissue the certificates that hold the old public key and \
             revoke them; delete the key pair in EC2 and its line in every authorized_keys; \
             for CloudFront remove the public key from its key group.",
        ),
        opt_in: false,
        examples: Examples {
            reported: Borrowed(REPORTED),
            refuted: Borrowed(REFUTED),
            unmatched: Borrowed(UNMATCHED),
        },
    }
}

/// Made for this list with OpenSSL.
const REPORTED: &[Text] = &[
    text(include_str!("examples/rsa.pem")),
    text(include_str!("examples/rsa.p8")),
    text(include_str!("examples/rsa.legacy")),
    text(include_str!("examples/ec256.pem")),
    text(include_str!("examples/ec256.p8")),
    text(include_str!("examples/ec256.enc")),
    text(include_str!("examples/ed25519.p8")),
    text(include_str!("examples/dsa.pem")),
    text(include_str!("examples/rsa_json.txt")),
    text(include_str!("examples/rsa_yaml.txt")),
    text(include_str!("examples/rsa_env.txt")),
    text(include_str!("examples/rsa_java.txt")),
    text(include_str!("examples/rsa_xml.txt")),
    text(include_str!("examples/rsa_form.txt")),
    text(include_str!("examples/rsa_spaces.txt")),
    text(include_str!("examples/rsa_patch.txt")),
    // No closing line, but the body says how long it is.
    text(include_str!("examples/rsa_open.txt")),
];

const REFUTED: &[(Text, Reason)] = &[
    (text(include_str!("examples/rsa_cut.txt")), Reason::Truncated),
    (text(include_str!("examples/rsa_dots.txt")), Reason::Truncated),
    (text(include_str!("examples/rsa_mixed.txt")), Reason::MismatchedLabels),
    (text(include_str!("examples/rsa_altered.txt")), Reason::InconsistentKey),
    (text(include_str!("examples/rfc8410.txt")), Reason::PublicTestKey),
    (text(include_str!("examples/rfc9500_p256.txt")), Reason::PublicTestKey),
    (text(include_str!("examples/words.txt")), Reason::Placeholder),
    (text(include_str!("examples/template.txt")), Reason::Placeholder),
];

/// Code that looks for keys, and what is no private key.
const UNMATCHED: &[Text] = &[
    text("if data.startswith('-----BEGIN RSA PRIVATE KEY-----'):\n    return load(data)\n"),
    text("-----BEGIN (RSA|EC) PRIVATE KEY-----[a-zA-Z0-9+/=]+-----END \\1 PRIVATE KEY-----"),
    text("LABELS = [\"-----BEGIN PRIVATE KEY-----\", \"-----END PRIVATE KEY-----\"]"),
    text("-----END RSA PRIVATE KEY-----\n"),
    text(include_str!("examples/rsa.pub.pem")),
    text(include_str!("examples/rsa.crt")),
    text(include_str!("examples/ssh_ed")),
];

/// A 16384-bit RSA key takes 13 KiB in PEM and, with an escape or an
/// indentation on every line, less than twice that. Before the anchor stand
/// the opening line and what is [`nearby`].
pub(super) const REACH: Reach = Reach::new(4096, 32 * 1024);
