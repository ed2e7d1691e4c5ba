//! Keys as OpenSSH has written them since 2014: `PROTOCOL.key` in its source.

use super::claim;
use super::elliptic::{self, Scalar};
use super::key::{Dsa, Key, Rsa};
use super::pem::{self, Found, Opening, Parsed};
use super::wire::{self, Reader};
use crate::detector::{Anchor, Detector, Examples, Shape, Text, Trigger, text};
use crate::evidence::{Evidence, Reason};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::relate::{Leak, Neighbours};
use std::borrow::Cow::Borrowed;

const MAGIC: &[u8] = b"openssh-key-v1\0";

/// Ciphers with the block length that the private section is padded to and the
/// length of the authentication tag after it (`cipher.c` of OpenSSH).
const CIPHERS: &[(&str, usize, usize)] = &[
    ("none", 8, 0),
    ("3des-cbc", 8, 0),
    ("blowfish-cbc", 8, 0),
    ("aes128-cbc", 16, 0),
    ("aes192-cbc", 16, 0),
    ("aes256-cbc", 16, 0),
    ("rijndael-cbc@lysator.liu.se", 16, 0),
    ("aes128-ctr", 16, 0),
    ("aes192-ctr", 16, 0),
    ("aes256-ctr", 16, 0),
    ("aes128-gcm@openssh.com", 16, 16),
    ("aes256-gcm@openssh.com", 16, 16),
    ("chacha20-poly1305@openssh.com", 8, 16),
];

/// Reads the block that `opening` opens.
pub(super) fn read(text: &[u8], opening: &Opening) -> Found<Parsed> {
    let mut symbols = opening.symbols(text);
    symbols.skip_separators();
    let block = match pem::block(text, opening, symbols, |_| None) {
        Found::Block(block) => block,
        Found::Nothing => return Found::Nothing,
        Found::Refused(span, reason) => return Found::Refused(span, reason),
    };
    match container(&block.bytes) {
        Ok(key) => Found::Block(Parsed { span: block.span, bytes: block.bytes, key }),
        Err(reason) => {
            let raw = &text[symbols.at..block.body_end];
            Found::Refused(block.span, super::body::excuse(raw, reason))
        }
    }
}

/// Reads the body of a block.
fn container(bytes: &[u8]) -> Result<Key, Reason> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(Reason::BadStructure)?;
    let mut reader = Reader::new(rest);
    // Every field says how long it is, so a field that is missing was cut off.
    let cut = Reason::Truncated;
    let cipher = reader.name().ok_or(cut)?;
    let derivation = reader.name().ok_or(cut)?;
    let options = reader.string().ok_or(cut)?;
    let count = reader.uint32().ok_or(cut)?;
    let public = reader.string().ok_or(cut)?;
    let private = reader.string().ok_or(cut)?;
    let (_, block, tag) =
        CIPHERS.iter().find(|(name, ..)| *name == cipher).ok_or(Reason::BadStructure)?;
    // "It is currently limited to one key."
    if count != 1 {
        return Err(Reason::BadStructure);
    }
    if reader.rest().len() != *tag {
        return Err(if reader.rest().len() < *tag { cut } else { Reason::BadStructure });
    }
    if private.is_empty() || private.len() % block != 0 {
        return Err(Reason::WrongLength);
    }
    let kind = Reader::new(public).name().ok_or(Reason::BadStructure)?;
    if cipher == "none" {
        return section(private, public, kind);
    }
    let mut options = Reader::new(options);
    let rounds = options.string().and_then(|_salt| options.uint32()).ok_or(Reason::BadStructure)?;
    let mut key = Key::new("openssh", short_kind(kind)).with_fingerprint(public);
    if let Some(number) = Reader::new(public).public_number() {
        key = key.with_public(number);
    }
    Ok(key.encrypted(&format!("{cipher}, {derivation} {rounds} rounds")))
}

/// Reads the private section of an unencrypted key.
fn section(private: &[u8], public: &[u8], kind: &str) -> Result<Key, Reason> {
    let bad = Reason::BadStructure;
    let mut reader = Reader::new(private);
    if reader.uint32().ok_or(bad)? != reader.uint32().ok_or(bad)? {
        return Err(Reason::InconsistentKey);
    }
    if reader.name() != Some(kind) {
        return Err(Reason::InconsistentKey);
    }
    let key = fields(&mut reader, public, kind)?;
    let comment = reader.string().ok_or(bad)?;
    // Padding counts up from 1.
    if !reader.rest().iter().zip(1u8..).all(|(found, due)| *found == due) {
        return Err(Reason::InconsistentKey);
    }
    Ok(match wire::printable(comment) {
        Some(comment) if !comment.is_empty() => key.with(Fact::Comment(comment.into())),
        _ => key,
    })
}

/// Reads the fields of a key up to its comment and holds them against the
/// public half.
fn fields(reader: &mut Reader<'_>, public: &[u8], kind: &str) -> Result<Key, Reason> {
    let bad = Reason::BadStructure;
    let mut outer = Reader::new(public);
    outer.string().ok_or(bad)?;
    let agree = |a: &[u8], b: Option<&[u8]>| {
        if b == Some(a) { Ok(()) } else { Err(Reason::InconsistentKey) }
    };
    let key = match kind {
        "ssh-ed25519" => {
            let point = reader.string().ok_or(bad)?;
            let secret = reader.string().ok_or(bad)?;
            agree(point, outer.string())?;
            // The seed, then the point again.
            let (seed, again) = secret.split_at_checked(32).ok_or(Reason::WrongLength)?;
            agree(point, Some(again))?;
            elliptic::ed25519("openssh", seed, Some(point))?
        }
        "ssh-rsa" => {
            let mut next = || reader.mpint().ok_or(bad);
            let (n, e, _d, _inverse, p, q) = (next()?, next()?, next()?, next()?, next()?, next()?);
            agree(e, outer.mpint())?;
            agree(n, outer.mpint())?;
            Rsa { n, e, p, q, ..Rsa::default() }.judge("openssh")?
        }
        "ssh-dss" => {
            let mut next = || reader.mpint().ok_or(bad);
            let (p, q, g, y, x) = (next()?, next()?, next()?, next()?, next()?);
            for number in [p, q, g, y] {
                agree(number, outer.mpint())?;
            }
            Dsa { p, q, g, y: Some(y), x }.judge("openssh")?
        }
        _ if kind.starts_with("ecdsa-sha2-") => {
            let curve = reader.name().ok_or(bad)?;
            let point = reader.string().ok_or(bad)?;
            let secret = reader.mpint().ok_or(bad)?;
            agree(curve.as_bytes(), outer.string())?;
            agree(point, outer.string())?;
            let curve = elliptic::by_ssh_name(curve);
            let key = Scalar { curve, secret, point: Some(point) }.judge("openssh")?;
            // Of a curve that is not known here, both mentions agree.
            if key.claims.is_empty() { key.proven(Evidence::KeyConsistent) } else { key }
        }
        // Keys that live in a token: the file holds only a handle.
        _ if kind.starts_with("sk-") => return Err(Reason::NoSecret),
        _ => return Err(bad),
    };
    Ok(key.with_fingerprint(public))
}

/// The algorithm's name in facts.
pub(super) fn short_kind(kind: &str) -> &str {
    match kind {
        "ssh-rsa" => "rsa",
        "ssh-dss" => "dsa",
        "ssh-ed25519" => "ed25519",
        "ssh-ed448" => "ed448",
        _ if kind.starts_with("ecdsa-sha2-") => "ec",
        _ => "unknown",
    }
}

impl<'a> Reader<'a> {
    /// The number that only this public key has, from its SSH form.
    pub(super) fn public_number(mut self) -> Option<&'a [u8]> {
        match self.name()? {
            "ssh-rsa" => {
                self.mpint()?;
                self.mpint()
            }
            "ssh-dss" => {
                for _ in 0..3 {
                    self.mpint()?;
                }
                self.mpint()
            }
            "ssh-ed25519" | "ssh-ed448" => self.string(),
            _ => {
                self.string()?;
                self.string()?.get(1..33)
            }
        }
    }
}

fn extract(window: &Window<'_>, out: &mut Extraction<'_>) {
    if let Some(opening) = Opening::before(window.bytes, window.hit()) {
        pem::push(window, read(window.bytes, &opening), out);
    }
}

fn relate(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    claim::settle(leak, neighbours, pem::is_closed(leak, neighbours), |b| container(b).ok());
}

/// `openssh-private-key`.
pub(super) fn detector() -> Detector {
    const TAGS: &[Text] = &[text("private-key"), text("ssh")];
    const ANCHORS: &[Anchor] = &[
        Anchor::exact("OPENSSH PRIVATE KEY-----"),
        Anchor::exact("OPENSSH%20PRIVATE%20KEY-----"),
        Anchor::exact("OPENSSH+PRIVATE+KEY-----"),
    ];
    Detector {
        id: text("openssh-private-key"),
        title: text("OpenSSH private key"),
        provider: text("OpenSSH"),
        tags: Borrowed(TAGS),
        trigger: Trigger::Anchor(Borrowed(ANCHORS)),
        reach: pem::REACH,
        shape: Shape::Parser(extract),
        companions: Borrowed(&[]),
        relate: Some(relate),
        severity: Severity::High,
        remedy: text(
            "Make a new key with ssh-keygen. Remove the old public key from every \
             authorized_keys file and from the accounts (GitHub, GitLab, cloud consoles) it was \
             added to; its fingerprint tells which one it is.",
        ),
        opt_in: false,
        examples: Examples {
            reported: Borrowed(REPORTED),
            refuted: Borrowed(REFUTED),
            unmatched: Borrowed(UNMATCHED),
        },
    }
}

/// Made for this list with `ssh-keygen`.
const REPORTED: &[Text] = &[
    text(include_str!("examples/ssh_ed")),
    text(include_str!("examples/ssh_ed_enc")),
    text(include_str!("examples/ssh_ec")),
    text(include_str!("examples/ssh_rsa")),
    text(include_str!("examples/ssh_json.txt")),
];

const REFUTED: &[(Text, Reason)] = &[
    (text(include_str!("examples/ssh_cut.txt")), Reason::Truncated),
    (text(include_str!("examples/ssh_dots.txt")), Reason::Truncated),
    (text(include_str!("examples/ssh_words.txt")), Reason::Placeholder),
];

const UNMATCHED: &[Text] = &[
    text("grep -q 'BEGIN OPENSSH PRIVATE KEY' ~/.ssh/id_rsa"),
    text("if '-----BEGIN OPENSSH PRIVATE KEY-----' in text: convert(text)\n"),
    text("-----END OPENSSH PRIVATE KEY-----\n"),
    text(include_str!("examples/ssh_ed.pub")),
    text(include_str!("examples/rsa.pem")),
];
