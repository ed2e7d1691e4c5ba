//! PuTTY's private keys, versions 2 and 3: "PPK file format" in PuTTY's manual,
//! appendix C.
//!
//! The file has a checksum over everything in it, keyed by the passphrase, so a
//! key without one is proven by it.

use hmac::{Hmac, Mac};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use std::borrow::Cow::Borrowed;

use super::claim;
use super::elliptic::{self, Scalar};
use super::key::{Dsa, Key, Rsa};
use super::openssh;
use super::pem::{self, Found, Parsed};
use super::published;
use super::text::{Symbol, Symbols, Word};
use super::wire::{self, Reader};
use crate::detector::{Anchor, Detector, Examples, Shape, Text, Trigger, text};
use crate::encoding::base64;
use crate::evidence::{Evidence, Reason};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::relate::{Leak, Neighbours};

const ANCHOR: &str = "PuTTY-User-Key-File-";

/// The most lines of a part: a 16384-bit RSA key has 128.
const MOST_LINES: u32 = 256;

/// What a file says of itself.
struct File {
    version: u8,
    algorithm: Word,
    encryption: Word,
    comment: Vec<u8>,
    derivation: Option<String>,
    public: Vec<u8>,
    private: Vec<u8>,
    mac: Word,
}

/// Reads the name of a field and the colon after it.
fn field(symbols: &mut Symbols<'_>, name: &[u8]) -> Option<()> {
    symbols.skip_separators();
    let mut ahead = *symbols;
    for due in name.iter().chain(b":") {
        if ahead.next() != Some(Symbol::Byte(*due)) {
            return None;
        }
    }
    *symbols = ahead;
    Some(())
}

fn number(word: &Word) -> Option<u32> {
    std::str::from_utf8(word.as_bytes()).ok()?.parse().ok()
}

/// Reads a comment: to the end of the line, or to the next field if the lines
/// were joined.
fn comment(symbols: &mut Symbols<'_>, quoted: bool) -> Vec<u8> {
    let mut comment = Vec::new();
    if symbols.peek() == Some(Symbol::Space) {
        symbols.next();
    }
    while comment.len() < 1024 && !symbols.rest().starts_with(b"Public-Lines") {
        let before = *symbols;
        match symbols.next() {
            Some(Symbol::Byte(byte)) => comment.push(byte),
            Some(Symbol::Space) => comment.push(b' '),
            Some(Symbol::Quote) if !quoted => comment.push(symbols.text[before.at]),
            Some(Symbol::Quote) => {
                *symbols = before;
                break;
            }
            Some(Symbol::LineEnd) | None => break,
        }
    }
    if symbols.rest().starts_with(b"Public-Lines") {
        comment.truncate(comment.trim_ascii_end().len());
    }
    comment
}

/// Reads as many lines of base64 as the field before them says.
fn lines(symbols: &mut Symbols<'_>) -> Option<Vec<u8>> {
    let count = number(&Word::read(symbols))?;
    if count > MOST_LINES {
        return None;
    }
    let mut text = Vec::with_capacity(64 * count as usize);
    for _ in 0..count {
        symbols.skip_separators();
        let line = Word::read(symbols);
        if line.as_bytes().is_empty() {
            return None;
        }
        text.extend_from_slice(line.as_bytes());
    }
    base64::decode(&text)
}

impl File {
    /// Reads the file after its version and algorithm.
    fn read(symbols: &mut Symbols<'_>, version: u8, algorithm: Word, quoted: bool) -> Option<Self> {
        let encryption = Word::read(symbols);
        field(symbols, b"Comment")?;
        let comment = comment(symbols, quoted);
        field(symbols, b"Public-Lines")?;
        let public = lines(symbols)?;
        let derivation = match field(symbols, b"Key-Derivation") {
            Some(()) => Some(derivation(symbols)?),
            None => None,
        };
        field(symbols, b"Private-Lines")?;
        let private = lines(symbols)?;
        field(symbols, b"Private-MAC")?;
        let mac = Word::read_while(symbols, |b| b.is_ascii_hexdigit());
        Some(Self { version, algorithm, encryption, comment, derivation, public, private, mac })
    }

    /// Whether the checksum fits an empty passphrase.
    fn checksum_fits(&self) -> bool {
        let mut data = Vec::with_capacity(self.public.len() + self.private.len() + 128);
        for part in [
            self.algorithm.as_bytes(),
            self.encryption.as_bytes(),
            &self.comment,
            &self.public,
            &self.private,
        ] {
            wire::put_string(&mut data, part);
        }
        let digest = if self.version == 2 {
            let key = Sha1::digest(b"putty-private-key-file-mac-key");
            Hmac::<Sha1>::new_from_slice(&key)
                .map(|mac| hex(&mac.chain_update(&data).finalize().into_bytes()))
        } else {
            Hmac::<Sha256>::new_from_slice(b"")
                .map(|mac| hex(&mac.chain_update(&data).finalize().into_bytes()))
        };
        digest.is_ok_and(|hex| self.mac.as_bytes().eq_ignore_ascii_case(hex.as_bytes()))
    }

    /// Judges what was read.
    fn judge(&self) -> Result<Key, Reason> {
        let kind = Reader::new(&self.public).name().ok_or(Reason::BadStructure)?;
        if kind.as_bytes() != self.algorithm.as_bytes() {
            return Err(Reason::InconsistentKey);
        }
        let mac_len = if self.version == 2 { 40 } else { 64 };
        let mac = self.mac.as_bytes();
        if mac.len() < mac_len {
            return Err(Reason::Truncated);
        }
        if mac.len() > mac_len || !mac.iter().all(u8::is_ascii_hexdigit) {
            return Err(Reason::BadStructure);
        }
        let key = if self.encryption.as_bytes() == b"none" {
            self.plain(kind)?
        } else {
            let cipher = wire::printable(self.encryption.as_bytes()).unwrap_or("unknown");
            if self.private.is_empty() || !self.private.len().is_multiple_of(16) {
                return Err(Reason::WrongLength);
            }
            let derived = match &self.derivation {
                Some(derivation) => format!("{cipher}, {derivation}"),
                None => format!("{cipher}, sha1"),
            };
            let key = Key::new(FORMAT, openssh::short_kind(kind)).encrypted(&derived);
            match Reader::new(&self.public).public_number() {
                Some(number) => key.with_public(number),
                None => return Err(Reason::BadStructure),
            }
        };
        let key = key.with_fingerprint(&self.public);
        Ok(match wire::printable(&self.comment) {
            Some(comment) if !comment.is_empty() => key.with(Fact::Comment(comment.into())),
            _ => key,
        })
    }

    /// Judges an unencrypted key: by its checksum, and by its numbers if
    /// somebody edited the comment.
    fn plain(&self, kind: &str) -> Result<Key, Reason> {
        let key = numbers(&self.public, &self.private, kind).ok_or(Reason::BadStructure)??;
        if self.checksum_fits() { Ok(key.proven(Evidence::Checksum)) } else { key.doubted() }
    }
}

/// Reads public and private part; `None` if they do not parse.
fn numbers(public: &[u8], private: &[u8], kind: &str) -> Option<Result<Key, Reason>> {
    let (mut outer, mut inner) = (Reader::new(public), Reader::new(private));
    outer.string()?;
    Some(match kind {
        "ssh-rsa" => {
            let (e, n) = (outer.mpint()?, outer.mpint()?);
            let (_d, p, q, _inverse) =
                (inner.mpint()?, inner.mpint()?, inner.mpint()?, inner.mpint()?);
            Rsa { n, e, p, q, ..Rsa::default() }.judge(FORMAT)
        }
        "ssh-dss" => {
            let (p, q, g, y) = (outer.mpint()?, outer.mpint()?, outer.mpint()?, outer.mpint()?);
            Dsa { p, q, g, y: Some(y), x: inner.mpint()? }.judge(FORMAT)
        }
        "ssh-ed25519" => {
            let (point, seed) = (outer.string()?, inner.string()?);
            elliptic::ed25519(FORMAT, seed, Some(point))
        }
        "ssh-ed448" => {
            let (point, seed) = (outer.string()?, inner.string()?);
            let judged = published::check(seed);
            judged.map(|()| Key::new(FORMAT, openssh::short_kind(kind)).with_public(point))
        }
        _ if kind.starts_with("ecdsa-sha2-") => {
            let curve = elliptic::by_ssh_name(outer.name()?);
            let point = Some(outer.string()?);
            Scalar { curve, secret: inner.mpint()?, point }.judge(FORMAT)
        }
        _ => return None,
    })
}
/// Reads the public part and the private one after it, which are the decoded
/// value of a candidate.
fn both(bytes: &[u8]) -> Option<Key> {
    let mut reader = Reader::new(bytes);
    let kind = reader.name()?;
    let fields = match kind {
        "ssh-rsa" => 2,
        "ssh-dss" => 4,
        "ssh-ed25519" | "ssh-ed448" => 1,
        _ => 2,
    };
    for _ in 0..fields {
        reader.string()?;
    }
    let (public, private) = bytes.split_at(bytes.len() - reader.rest().len());
    numbers(public, private, kind)?.ok()
}

fn relate(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    claim::settle(leak, neighbours, true, both);
}

const FORMAT: &str = "ppk";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Reads the parameters of Argon2, of which the salt is not kept.
fn derivation(symbols: &mut Symbols<'_>) -> Option<String> {
    let name = Word::read(symbols);
    let name = wire::printable(name.as_bytes())?.to_ascii_lowercase();
    let mut parameter = |name: &[u8]| {
        field(symbols, name)?;
        number(&Word::read(symbols))
    };
    let memory = parameter(b"Argon2-Memory")?;
    let passes = parameter(b"Argon2-Passes")?;
    let lanes = parameter(b"Argon2-Parallelism")?;
    field(symbols, b"Argon2-Salt")?;
    Word::read(symbols);
    Some(format!("{name} m={memory} t={passes} p={lanes}"))
}

/// Reads the file whose first line has the anchor at `hit`.
fn read(text: &[u8], start: usize) -> Found<Parsed> {
    let at = start + ANCHOR.len();
    let mut symbols = Symbols::new(text, start, at, false);
    let version = match (symbols.next(), symbols.next()) {
        (Some(Symbol::Byte(b'2')), Some(Symbol::Byte(b':'))) => 2,
        (Some(Symbol::Byte(b'3')), Some(Symbol::Byte(b':'))) => 3,
        _ => return Found::Nothing,
    };
    if symbols.rest().starts_with(b"+") {
        symbols = Symbols::new(text, start, symbols.at, true);
    }
    let algorithm = Word::read(&mut symbols);
    let name = algorithm.as_bytes();
    if name.is_empty() || field(&mut symbols, b"Encryption").is_none() {
        return Found::Nothing;
    }
    let quoted = start.checked_sub(1).is_some_and(|i| matches!(text[i], b'"' | b'\'' | b'`'));
    let Some(file) = File::read(&mut symbols, version, algorithm, quoted) else {
        return Found::Refused(start..symbols.at.max(at), Reason::Truncated);
    };
    let span = start..symbols.at;
    match file.judge() {
        Ok(key) => {
            let mut bytes = file.public;
            bytes.extend(file.private);
            Found::Block(Parsed { span, bytes, key })
        }
        Err(reason) => Found::Refused(span, reason),
    }
}

/// Reads the first PuTTY key file in a text, in any of the dresses that the
/// detector knows.
///
/// `None` if the text holds no such file, or only mentions its first line.
///
/// # Errors
///
/// Why the file is no key.
///
/// ```
/// use leaksieve_detectors::Reason;
/// use leaksieve_detectors::private_key::putty;
///
/// let cut = b"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: build\n";
/// assert_eq!(putty::parse(cut).unwrap().unwrap_err(), Reason::Truncated);
/// assert!(putty::parse(b"no key").is_none());
/// ```
pub fn parse(text: &[u8]) -> Option<Result<Parsed, Reason>> {
    memchr::memmem::find_iter(text, ANCHOR).find_map(|at| read(text, at).result())
}

fn extract(window: &Window<'_>, out: &mut Extraction<'_>) {
    pem::push(window, read(window.bytes, window.hit_start), out);
}

/// `putty-private-key`.
pub(super) fn detector() -> Detector {
    const TAGS: &[Text] = &[text("private-key"), text("ssh")];
    const ANCHORS: &[Anchor] = &[Anchor::exact(ANCHOR)];
    Detector {
        id: text("putty-private-key"),
        title: text("PuTTY private key"),
        provider: text("PuTTY"),
        tags: Borrowed(TAGS),
        trigger: Trigger::Anchor(Borrowed(ANCHORS)),
        reach: pem::REACH,
        shape: Shape::Parser(extract),
        companions: Borrowed(&[]),
        relate: Some(relate),
        severity: Severity::High,
        remedy: text(
            "Make a new key with PuTTYgen. Remove the old public key from every authorized_keys \
             file and account it was added to; its fingerprint tells which one it is.",
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
    text(include_str!("examples/ssh_ed.2.ppk")),
    text(include_str!("examples/ssh_ed.3.ppk")),
    text(include_str!("examples/ssh_rsa.2.ppk")),
    text(include_str!("examples/ssh_rsa.3.ppk")),
    text(include_str!("examples/ssh_ec.3.ppk")),
    text(include_str!("examples/ssh_ed_enc.2.ppk")),
    text(include_str!("examples/ssh_ed_enc.3.ppk")),
];

const REFUTED: &[(Text, Reason)] = &[
    (text(include_str!("examples/ppk_cut.txt")), Reason::Truncated),
    (text(include_str!("examples/ppk_altered.txt")), Reason::InconsistentKey),
];

const UNMATCHED: &[Text] = &[
    text("if line.startswith('PuTTY-User-Key-File-2'):\n    return 'ppk'\n"),
    text("PuTTY-User-Key-File-%d: %s\nEncryption: %s\n"),
    text("PuTTY-User-Key-File-1: ssh-rsa\n"),
];
