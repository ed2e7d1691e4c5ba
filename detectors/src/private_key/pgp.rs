//! OpenPGP secret keys in ASCII armor: RFC 4880, RFC 9580 (version 6), and the
//! additions of GnuPG (`doc/DETAILS`).

use sha1::{Digest, Sha1};
use sha2::Sha256;
use std::borrow::Cow::Borrowed;

use super::claim;
use super::elliptic;
use super::key::{Dsa, Key, Rsa};
use super::pem::{self, Found, Opening, Parsed};
use super::wire::Reader;
use crate::clock::Timestamp;
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Text, Trigger, text};
use crate::encoding::base64;
use crate::evidence::{Evidence, Reason};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::relate::{Leak, Neighbours};

const FORMAT: &str = "openpgp";

/// Packet types (RFC 4880 §4.3).
const SECRET_KEY: u8 = 5;
const PUBLIC_KEY: u8 = 6;
const SECRET_SUBKEY: u8 = 7;
const USER_ID: u8 = 13;

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|b| b[0])
    }

    fn uint16(&mut self) -> Option<u16> {
        self.take(2).map(|b| u16::from(b[0]) << 8 | u16::from(b[1]))
    }

    /// A multiprecision integer (RFC 4880 §3.2): a length in bits, then as many
    /// bytes as these need.
    fn mpi(&mut self) -> Option<&'a [u8]> {
        let bits = usize::from(self.uint16()?);
        self.take(bits.div_ceil(8))
    }

    /// A string with a length of one byte.
    fn short_string(&mut self) -> Option<&'a [u8]> {
        let len = usize::from(self.byte()?);
        self.take(len)
    }

    /// The next packet: its type and its body. Bodies in pieces, which keys
    /// never have, are not read.
    fn packet(&mut self) -> Option<(u8, &'a [u8])> {
        let head = self.byte()?;
        if head & 0x80 == 0 {
            return None;
        }
        let (kind, len) = if head & 0x40 != 0 {
            let first = self.byte()?;
            let len = match first {
                0..=191 => u32::from(first),
                192..=223 => (u32::from(first) - 192) * 256 + u32::from(self.byte()?) + 192,
                255 => self.uint32()?,
                _ => return None,
            };
            (head & 0x3f, len)
        } else {
            let len = match head & 3 {
                0 => u32::from(self.byte()?),
                1 => u32::from(self.uint16()?),
                2 => self.uint32()?,
                _ => return None,
            };
            (head >> 2 & 0x0f, len)
        };
        Some((kind, self.take(usize::try_from(len).ok()?)?))
    }
}

/// The public numbers of a key, as far as they are used here.
enum Public<'a> {
    Rsa { n: &'a [u8], e: &'a [u8] },
    Dsa { p: &'a [u8], q: &'a [u8], g: &'a [u8], y: &'a [u8] },
    Other { number: &'a [u8] },
}

/// The object identifier of Ed25519 in OpenPGP.
const ED25519: &[u8] = b"\x2b\x06\x01\x04\x01\xda\x47\x0f\x01";

/// Reads the public numbers of an algorithm (RFC 9580 §5.5.5) and names it.
fn public<'a>(reader: &mut Reader<'a>, algorithm: u8) -> Option<(&'static str, Public<'a>)> {
    Some(match algorithm {
        1..=3 => {
            let (n, e) = (reader.mpi()?, reader.mpi()?);
            ("rsa", Public::Rsa { n, e })
        }
        16 | 20 => {
            reader.mpi()?;
            reader.mpi()?;
            ("elgamal", Public::Other { number: reader.mpi()? })
        }
        17 => {
            let (p, q, g, y) = (reader.mpi()?, reader.mpi()?, reader.mpi()?, reader.mpi()?);
            ("dsa", Public::Dsa { p, q, g, y })
        }
        18 | 19 | 22 => {
            let oid = reader.short_string()?;
            let number = reader.mpi()?;
            if algorithm == 18 {
                reader.short_string()?;
            }
            let name = match algorithm {
                22 if oid == ED25519 => "ed25519",
                22 => "eddsa",
                _ => "ec",
            };
            (name, Public::Other { number })
        }
        25 => ("x25519", Public::Other { number: reader.take(32)? }),
        26 => ("x448", Public::Other { number: reader.take(56)? }),
        27 => ("ed25519", Public::Other { number: reader.take(32)? }),
        28 => ("ed448", Public::Other { number: reader.take(57)? }),
        _ => return None,
    })
}

/// How the secret numbers of a packet are kept.
enum Secret<'a> {
    /// In the open: the numbers and what follows them.
    Plain(&'a [u8]),
    /// Under a passphrase, with this cipher.
    Encrypted(&'static str),
    /// Not here: on a card, or taken out.
    Elsewhere,
}

/// Names of symmetric ciphers (RFC 9580 §9.3).
fn cipher(id: u8) -> &'static str {
    match id {
        1 => "idea",
        2 => "3des",
        3 => "cast5",
        4 => "blowfish",
        7 => "aes128",
        8 => "aes192",
        9 => "aes256",
        10 => "twofish",
        11 => "camellia128",
        12 => "camellia192",
        13 => "camellia256",
        _ => "unknown",
    }
}

/// Reads the part after the public numbers (RFC 4880 §5.5.3).
fn secret<'a>(mut reader: Reader<'a>, version: u8) -> Option<Secret<'a>> {
    let usage = reader.byte()?;
    if usage == 0 {
        if version == 5 {
            // The length of what follows.
            reader.byte()?;
            reader.uint32()?;
        }
        return Some(Secret::Plain(reader.rest()));
    }
    if version >= 5 {
        // The length of the parameters that follow.
        reader.byte()?;
    }
    if !(253..=255).contains(&usage) {
        return Some(Secret::Encrypted(cipher(usage)));
    }
    let name = cipher(reader.byte()?);
    if usage == 253 {
        // The mode of authenticated encryption.
        reader.byte()?;
    }
    if version == 6 {
        reader.byte()?;
    }
    // GnuPG's own: `GNU` and a mode behind the hash.
    if reader.byte()? == 101 && reader.rest().get(1..4) == Some(b"GNU") {
        return Some(Secret::Elsewhere);
    }
    (reader.rest().len() >= 16).then_some(Secret::Encrypted(name))
}

/// One secret key or subkey.
struct SecretKey<'a> {
    kind: &'static str,
    created: u32,
    id: [u8; 8],
    public: Public<'a>,
    secret: Secret<'a>,
    version: u8,
}

impl<'a> SecretKey<'a> {
    fn read(body: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(body);
        let version = reader.byte()?;
        let created = reader.uint32()?;
        if !(2..=6).contains(&version) {
            return None;
        }
        if version < 4 {
            // Days that the key is valid for.
            reader.uint16()?;
        }
        let algorithm = reader.byte()?;
        if version >= 5 {
            reader.uint32()?;
        }
        let (kind, public) = public(&mut reader, algorithm)?;
        let public_len = body.len() - reader.rest().len();
        let id = key_id(version, &body[..public_len], &public);
        let secret = secret(reader, version)?;
        Some(Self { kind, created, id, public, secret, version })
    }

    /// Judges the numbers of a key that is not encrypted.
    fn judge(&self, rest: &[u8]) -> Result<Key, Reason> {
        let mut reader = Reader::new(rest);
        let bad = Reason::BadStructure;
        let key = match self.public {
            Public::Rsa { n, e } => {
                let mut next = || reader.mpi().ok_or(bad);
                let (_d, p, q, _inverse) = (next()?, next()?, next()?, next()?);
                Rsa { n, e, p, q, ..Rsa::default() }.judge(FORMAT)?
            }
            Public::Dsa { p, q, g, y } => {
                let x = reader.mpi().ok_or(bad)?;
                Dsa { p, q, g, y: Some(y), x }.judge(FORMAT)?
            }
            Public::Other { number: [0x40, point @ ..] } if self.kind == "ed25519" => {
                // A number like any other, without its leading zeros.
                let digits = reader.mpi().ok_or(bad)?;
                let mut seed = [0; 32];
                let start = 32usize.checked_sub(digits.len()).ok_or(bad)?;
                seed[start..].copy_from_slice(digits);
                elliptic::ed25519(FORMAT, &seed, Some(point))?
            }
            Public::Other { number } => {
                match self.kind {
                    "x25519" | "x448" | "ed448" => reader.take(number.len()),
                    "ed25519" if number.len() == 32 => reader.take(32),
                    _ => reader.mpi(),
                }
                .ok_or(bad)?;
                Key::new(FORMAT, self.kind).with_public(number)
            }
        };
        // The sum of all bytes of the numbers (RFC 4880 §5.5.3).
        let numbers = &rest[..rest.len() - reader.rest().len()];
        let sum = numbers.iter().fold(0u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
        let fits = match self.version {
            6 => reader.rest().is_empty(),
            _ => reader.uint16() == Some(sum) && reader.rest().is_empty(),
        };
        if fits { Ok(key) } else { key.doubted() }
    }
}

/// The id of a key: a piece of its fingerprint (RFC 9580 §5.5.4), before
/// version 4 of its modulus.
fn key_id(version: u8, body: &[u8], public: &Public<'_>) -> [u8; 8] {
    let mut id = [0; 8];
    let len = body.len() as u32;
    match version {
        4 => {
            let digest = Sha1::new()
                .chain_update([0x99])
                .chain_update((len as u16).to_be_bytes())
                .chain_update(body)
                .finalize();
            id.copy_from_slice(&digest[12..]);
        }
        5 | 6 => {
            let digest = Sha256::new()
                .chain_update([if version == 5 { 0x9a } else { 0x9b }])
                .chain_update(len.to_be_bytes())
                .chain_update(body)
                .finalize();
            id.copy_from_slice(&digest[..8]);
        }
        _ => {
            if let Public::Rsa { n, .. } = public
                && let Some(tail) = n.last_chunk()
            {
                id = *tail;
            }
        }
    }
    id
}

/// CRC-24 of RFC 4880 §6.1.
fn crc24(bytes: &[u8]) -> u32 {
    let mut crc = 0x00b7_04ce_u32;
    for byte in bytes {
        crc ^= u32::from(*byte) << 16;
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x0100_0000 != 0 {
                crc ^= 0x0186_4cfb;
            }
        }
    }
    crc & 0x00ff_ffff
}

/// Reads a transferable secret key (RFC 4880 §11.2). Facts are those of the
/// primary key and the first user id.
fn packets(bytes: &[u8], checksum: Option<[u8; 4]>) -> Result<Key, Reason> {
    let mut reader = Reader::new(bytes);
    let mut primary = None;
    let mut plain: Option<Key> = None;
    let mut claims = Vec::new();
    let mut locked = None;
    let mut user = None;
    let mut first = true;
    while !reader.rest().is_empty() {
        let (kind, body) = reader.packet().ok_or(Reason::Truncated)?;
        match kind {
            SECRET_KEY | SECRET_SUBKEY => {
                let key = SecretKey::read(body).ok_or(Reason::BadStructure)?;
                match key.secret {
                    Secret::Plain(rest) => {
                        let mut judged = key.judge(rest)?;
                        claims.append(&mut judged.claims);
                        let better = |had: &Key| had.verdict.rank() < judged.verdict.rank();
                        if plain.as_ref().is_none_or(better) {
                            plain = Some(judged);
                        }
                    }
                    Secret::Encrypted(cipher) => locked = locked.or(Some(cipher)),
                    Secret::Elsewhere => {}
                }
                primary = primary.or(Some(key));
            }
            PUBLIC_KEY if first => return Err(Reason::NoSecret),
            USER_ID => user = user.or(std::str::from_utf8(body).ok()),
            _ if first => return Err(Reason::BadStructure),
            _ => {}
        }
        first = false;
    }
    let primary = primary.ok_or(Reason::BadStructure)?;
    let stated = checksum.and_then(|c| base64::decode(&c));
    let fits = stated.map(|c| c == crc24(bytes).to_be_bytes()[1..]);
    let mut key = Key::new(FORMAT, primary.kind);
    match (&plain, locked) {
        (Some(plain), _) => {
            key.verdict = plain.verdict;
            key.evidence.clone_from(&plain.evidence);
            key.public.clone_from(&plain.public);
            key.claims = claims;
        }
        (None, Some(cipher)) => key = key.encrypted(cipher),
        (None, None) => return Err(Reason::NoSecret),
    }
    match fits {
        Some(true) => key = key.proven(Evidence::Checksum),
        Some(false) => key = key.doubted()?,
        None => {}
    }
    let id: String = primary.id.iter().map(|b| format!("{b:02X}")).collect();
    key = key
        .with(Fact::KeyId(id.into()))
        .with(Fact::CreatedAt(Timestamp(i64::from(primary.created))));
    if let Public::Rsa { n, .. } | Public::Dsa { p: n, .. } = primary.public {
        let top = n.first().map_or(0, |b| b.leading_zeros());
        key = key.with(Fact::Bits(8 * n.len() as u32 - top));
    }
    Ok(match user {
        Some(user) if !user.is_empty() => key.with(Fact::User(user.into())),
        _ => key,
    })
}

fn read(text: &[u8], opening: &Opening) -> Found<Parsed> {
    let mut symbols = opening.symbols(text);
    pem::skip_headers(&mut symbols);
    let block = match pem::block(text, opening, symbols, |_| None) {
        Found::Block(block) => block,
        Found::Nothing => return Found::Nothing,
        Found::Refused(span, reason) => return Found::Refused(span, reason),
    };
    match packets(&block.bytes, block.checksum) {
        Ok(key) => Found::Block(Parsed { span: block.span, bytes: block.bytes, key }),
        Err(reason) => {
            let raw = &text[symbols.at..block.body_end];
            Found::Refused(block.span, super::body::excuse(raw, reason))
        }
    }
}

/// Reads the first `-----BEGIN PGP PRIVATE KEY BLOCK-----` in a text, in any of
/// the dresses that the detector knows.
///
/// `None` if the text holds no such block, or only mentions its lines.
///
/// # Errors
///
/// Why the block is no key.
///
/// ```
/// use leaksieve_detectors::Reason;
/// use leaksieve_detectors::private_key::pgp;
///
/// let cut = b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlFgEawKwEhYJKwYBBAHaRw8BAQdApd8OQrGH...";
/// assert_eq!(pgp::parse(cut).unwrap().unwrap_err(), Reason::Truncated);
/// assert!(pgp::parse(b"no key").is_none());
/// ```
pub fn parse(text: &[u8]) -> Option<Result<Parsed, Reason>> {
    memchr::memmem::find_iter(text, b"KEY BLOCK-----").find_map(|at| {
        let opening = Opening::before(text, at..at + b"KEY BLOCK-----".len())?;
        read(text, &opening).result()
    })
}

fn extract(window: &Window<'_>, out: &mut Extraction<'_>) {
    if let Some(opening) = Opening::before(window.bytes, window.hit()) {
        pem::push(window, read(window.bytes, &opening), out);
    }
}

fn relate(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    let closed = pem::is_closed(leak, neighbours);
    claim::settle(leak, neighbours, closed, |bytes| packets(bytes, None).ok());
}

/// `pgp-private-key`.
pub(super) fn detector() -> Detector {
    const TAGS: &[Text] = &[text("private-key"), text("pgp")];
    const ANCHORS: &[Anchor] = &[
        Anchor::exact("PGP PRIVATE KEY BLOCK-----"),
        Anchor::exact("PGP%20PRIVATE%20KEY%20BLOCK-----"),
        Anchor::exact("PGP+PRIVATE+KEY+BLOCK-----"),
    ];
    Detector {
        id: text("pgp-private-key"),
        title: text("OpenPGP secret key"),
        provider: text("OpenPGP"),
        tags: Borrowed(TAGS),
        trigger: Trigger::Anchor(Borrowed(ANCHORS)),
        // Signatures and pictures of the owner stand in the block too.
        reach: Reach::new(4096, Reach::MAX),
        shape: Shape::Parser(extract),
        companions: Borrowed(&[]),
        relate: Some(relate),
        severity: Severity::High,
        remedy: text(
            "Publish the revocation certificate of the key on the key servers and wherever the \
             public key is listed, and make a new key. What was encrypted to it must be taken \
             as read.",
        ),
        opt_in: false,
        examples: Examples {
            reported: Borrowed(REPORTED),
            refuted: Borrowed(REFUTED),
            unmatched: Borrowed(UNMATCHED),
        },
    }
}

/// Made for this list with GnuPG.
const REPORTED: &[Text] = &[
    text(include_str!("examples/pgp_ed.asc")),
    text(include_str!("examples/pgp_rsa.asc")),
    text(include_str!("examples/pgp_enc.asc")),
    text(include_str!("examples/pgp_json.txt")),
    text(include_str!("examples/pgp_headers.txt")),
];

const REFUTED: &[(Text, Reason)] = &[
    (text(include_str!("examples/pgp_cut.txt")), Reason::Truncated),
    (text(include_str!("examples/pgp_altered.txt")), Reason::ChecksumFailed),
    // `gpg --export-secret-subkeys` of a key without subkeys: the secret of the
    // primary key was taken out.
    (text(include_str!("examples/pgp_stub.asc")), Reason::NoSecret),
];

const UNMATCHED: &[Text] = &[
    text("if \"-----BEGIN PGP PRIVATE KEY BLOCK-----\" in data:\n    load(data)\n"),
    text("-----END PGP PRIVATE KEY BLOCK-----\n"),
    text("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEawKw\n-----END PGP PUBLIC KEY BLOCK-----"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc24_of_nothing_and_of_a_known_text() {
        assert_eq!(crc24(b""), 0x00b7_04ce);
        // The catalogue of parametrised CRC algorithms, CRC-24/OPENPGP.
        assert_eq!(crc24(b"123456789"), 0x0021_cf02);
    }

    #[test]
    fn packet_lengths_of_rfc_4880() {
        // §4.2.3: 100, 1723, 100000.
        for (head, len) in [
            (&b"\xc5\x64"[..], 100),
            (b"\xc5\xc5\xfb", 1723),
            (b"\xc5\xff\x00\x01\x86\xa0", 100_000),
        ] {
            let mut bytes = head.to_vec();
            bytes.resize(head.len() + len, 0);
            assert_eq!(Reader::new(&bytes).packet().map(|(k, b)| (k, b.len())), Some((5, len)));
            bytes.pop();
            assert!(Reader::new(&bytes).packet().is_none());
        }
        assert!(Reader::new(b"\x14\x00").packet().is_none());
    }
}
