//! PEM private keys of every label but OpenSSH's own (RFC 7468, RFC 1421, RFC 5208,
//! RFC 8018), and the PEM texts that are no private keys.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    der,
    dsa::DsaParameters,
    elliptic::{self, Curve, EcKey},
    rsa::{RsaPool, RsaSize},
};
use crate::draw::Draw;

/// Armours bytes, 64 characters a line, with a line end after the last line.
pub(crate) fn armour(label: &str, headers: &str, bytes: &[u8], width: usize) -> String {
    let body = STANDARD.encode(bytes);
    let mut out = format!("-----BEGIN {label}-----\n{headers}");
    wrap(&mut out, &body, width);
    out + &format!("-----END {label}-----\n")
}

/// Appends base64 text in lines of a width.
pub(crate) fn wrap(out: &mut String, body: &str, width: usize) {
    let mut rest = body;
    while !rest.is_empty() {
        let (line, next) = rest.split_at(width.min(rest.len()));
        out.push_str(line);
        out.push('\n');
        rest = next;
    }
}

/// The makings of private keys that are dear to make anew.
#[derive(Debug)]
pub(crate) struct KeyRing {
    pub(crate) rsa: RsaPool,
    pub(crate) dsa: DsaParameters,
}

impl KeyRing {
    /// A ring that follows from its stream.
    pub(crate) fn new(mut draw: Draw) -> Self {
        let dsa = DsaParameters::new(&mut draw);
        Self { dsa, rsa: RsaPool::new(draw) }
    }
}

/// The kinds of PEM private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PemKind {
    Rsa1024,
    Rsa2048,
    EcP256,
    EcP384,
    EcK256,
    EcWithParameters,
    Pkcs8Rsa,
    Pkcs8Ec,
    Pkcs8Ed25519,
    Pkcs8X25519,
    Dsa,
    EncryptedPkcs8,
    EncryptedRsa,
    EncryptedEc,
}

impl PemKind {
    /// All of them.
    pub(crate) const ALL: [Self; 14] = [
        Self::Rsa1024,
        Self::Rsa2048,
        Self::EcP256,
        Self::EcP384,
        Self::EcK256,
        Self::EcWithParameters,
        Self::Pkcs8Rsa,
        Self::Pkcs8Ec,
        Self::Pkcs8Ed25519,
        Self::Pkcs8X25519,
        Self::Dsa,
        Self::EncryptedPkcs8,
        Self::EncryptedRsa,
        Self::EncryptedEc,
    ];
}

/// Text that may stand before the key, and the key from BEGIN to END.
#[derive(Clone, Debug)]
pub(crate) struct PemKey {
    pub(crate) before: String,
    pub(crate) block: String,
}

/// A new private key.
pub(crate) fn private_key(draw: &mut Draw, ring: &mut KeyRing, kind: PemKind) -> PemKey {
    let width = if draw.chance(0.06) { 76 } else { 64 };
    let mut before = String::new();
    let block = match kind {
        PemKind::Rsa1024 => {
            armour("RSA PRIVATE KEY", "", &ring.rsa.key(RsaSize::Small).pkcs1(), width)
        }
        PemKind::Rsa2048 => {
            armour("RSA PRIVATE KEY", "", &ring.rsa.key(RsaSize::Usual).pkcs1(), width)
        }
        PemKind::EcP256 => ec(draw, Curve::P256, width),
        PemKind::EcP384 => ec(draw, Curve::P384, width),
        PemKind::EcK256 => ec(draw, Curve::K256, width),
        PemKind::EcWithParameters => {
            before = armour("EC PARAMETERS", "", &Curve::P256.oid(), 64);
            ec(draw, Curve::P256, width)
        }
        PemKind::Pkcs8Rsa => {
            let algorithm = [der::oid(&[1, 2, 840, 113549, 1, 1, 1]), der::null()];
            let key = ring.rsa.key(RsaSize::Usual).pkcs1();
            armour("PRIVATE KEY", "", &pkcs8(&algorithm, &key), width)
        }
        PemKind::Pkcs8Ec => {
            let curve = *draw.pick(&[Curve::P256, Curve::P384]);
            let key = EcKey::new(draw, curve).sec1(false);
            let algorithm = [der::oid(&[1, 2, 840, 10045, 2, 1]), curve.oid()];
            armour("PRIVATE KEY", "", &pkcs8(&algorithm, &key), width)
        }
        PemKind::Pkcs8Ed25519 => {
            let (seed, _) = elliptic::ed25519(draw);
            let key = pkcs8(&[der::oid(&[1, 3, 101, 112])], &der::octets(&seed));
            armour("PRIVATE KEY", "", &key, width)
        }
        PemKind::Pkcs8X25519 => {
            let key = pkcs8(&[der::oid(&[1, 3, 101, 110])], &der::octets(&draw.array::<32>()));
            armour("PRIVATE KEY", "", &key, width)
        }
        PemKind::Dsa => armour("DSA PRIVATE KEY", "", &ring.dsa.key(draw), width),
        PemKind::EncryptedPkcs8 => {
            armour("ENCRYPTED PRIVATE KEY", "", &encrypted_pkcs8(draw), width)
        }
        PemKind::EncryptedRsa => encrypted(draw, "RSA PRIVATE KEY", 1192, width),
        PemKind::EncryptedEc => encrypted(draw, "EC PRIVATE KEY", 128, width),
    };
    PemKey { before, block: block.trim_end().to_owned() }
}

fn ec(draw: &mut Draw, curve: Curve, width: usize) -> String {
    armour("EC PRIVATE KEY", "", &EcKey::new(draw, curve).sec1(true), width)
}

fn pkcs8(algorithm: &[Vec<u8>], key: &[u8]) -> Vec<u8> {
    der::sequence(&[der::small(0), der::sequence(algorithm), der::octets(key)])
}

/// PBES2 with PBKDF2 and AES-256-CBC, as OpenSSL writes it; random ciphertext.
fn encrypted_pkcs8(draw: &mut Draw) -> Vec<u8> {
    let derivation = der::sequence(&[
        der::oid(&[1, 2, 840, 113549, 1, 5, 12]),
        der::sequence(&[
            der::octets(&draw.array::<8>()),
            der::small(2048),
            der::sequence(&[der::oid(&[1, 2, 840, 113549, 2, 9]), der::null()]),
        ]),
    ]);
    let cipher = der::sequence(&[
        der::oid(&[2, 16, 840, 1, 101, 3, 4, 1, 42]),
        der::octets(&draw.array::<16>()),
    ]);
    let scheme = der::sequence(&[
        der::oid(&[1, 2, 840, 113549, 1, 5, 13]),
        der::sequence(&[derivation, cipher]),
    ]);
    let size = *draw.pick(&[144, 192, 1232]);
    der::sequence(&[scheme, der::octets(&draw.bytes(size))])
}

fn encrypted(draw: &mut Draw, label: &str, size: usize, width: usize) -> String {
    let (cipher, block) =
        *draw.pick(&[("AES-128-CBC", 16), ("AES-256-CBC", 16), ("DES-EDE3-CBC", 8)]);
    let vector = draw.hex(block * 2).to_uppercase();
    let headers = format!("Proc-Type: 4,ENCRYPTED\nDEK-Info: {cipher},{vector}\n\n");
    armour(label, &headers, &draw.bytes(size.next_multiple_of(16)), width)
}

/// A certificate in its shape; nothing in it is signed.
pub(crate) fn certificate(draw: &mut Draw, ring: &mut KeyRing) -> String {
    let name = der::sequence(&[der::element(
        0x31,
        &der::sequence(&[der::oid(&[2, 5, 4, 3]), der::element(0x0c, b"internal-ca")]),
    )]);
    let signature = || der::sequence(&[der::oid(&[1, 2, 840, 113549, 1, 1, 11]), der::null()]);
    let body = der::sequence(&[
        der::element(0xa0, &der::small(2)),
        der::integer(&draw.array::<16>()),
        signature(),
        name.clone(),
        der::sequence(&[
            der::element(0x17, b"240101000000Z"),
            der::element(0x17, b"340101000000Z"),
        ]),
        name,
        ring.rsa.key(RsaSize::Small).public(),
    ]);
    let whole = der::sequence(&[body, signature(), der::bits(&draw.bytes(256))]);
    armour("CERTIFICATE", "", &whole, 64).trim_end().to_owned()
}

/// A public key.
pub(crate) fn public_key(ring: &mut KeyRing) -> String {
    let key = ring.rsa.key(RsaSize::Small).public();
    armour("PUBLIC KEY", "", &key, 64).trim_end().to_owned()
}
