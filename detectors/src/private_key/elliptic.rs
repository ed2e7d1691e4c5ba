//! Elliptic-curve keys: which curves there are, and whether a point belongs to
//! its secret number.

use super::key::Key;
use super::published;
use super::wire;
use crate::evidence::{Evidence, Reason};
use crate::fact::Fact;
use crate::verify::curve::{self, Weierstrass};

/// A curve that keys are made on.
#[derive(Debug)]
pub(super) struct Curve {
    /// Its usual name.
    pub(super) name: &'static str,
    /// Its name in SSH (RFC 5656 §10.1), if it has one.
    pub(super) ssh: Option<&'static str>,
    /// The content octets of its object identifier.
    pub(super) oid: &'static [u8],
    /// Bits of its field and, for these curves, of its order.
    pub(super) bits: u32,
    /// Its numbers.
    pub(super) numbers: Option<&'static Weierstrass>,
}

impl Curve {
    /// Bytes of a coordinate and of a secret number.
    pub(super) const fn bytes(&self) -> usize {
        self.bits.div_ceil(8) as usize
    }
}

/// The curves that are told by name: SEC 2 (secp, and NIST's names for them)
/// and RFC 5639 (Brainpool).
const CURVES: &[Curve] = &[
    Curve {
        name: "P-256",
        ssh: Some("nistp256"),
        oid: b"\x2a\x86\x48\xce\x3d\x03\x01\x07",
        bits: 256,
        numbers: Some(&curve::P_256),
    },
    Curve {
        name: "P-384",
        ssh: Some("nistp384"),
        oid: b"\x2b\x81\x04\x00\x22",
        bits: 384,
        numbers: Some(&curve::P_384),
    },
    Curve {
        name: "P-521",
        ssh: Some("nistp521"),
        oid: b"\x2b\x81\x04\x00\x23",
        bits: 521,
        numbers: Some(&curve::P_521),
    },
    Curve {
        name: "secp256k1",
        ssh: None,
        oid: b"\x2b\x81\x04\x00\x0a",
        bits: 256,
        numbers: Some(&curve::SECP256K1),
    },
    Curve {
        name: "P-224",
        ssh: None,
        oid: b"\x2b\x81\x04\x00\x21",
        bits: 224,
        numbers: Some(&curve::P_224),
    },
    Curve {
        name: "P-192",
        ssh: None,
        oid: b"\x2a\x86\x48\xce\x3d\x03\x01\x01",
        bits: 192,
        numbers: None,
    },
    Curve {
        name: "brainpoolP256r1",
        ssh: None,
        oid: b"\x2b\x24\x03\x03\x02\x08\x01\x01\x07",
        bits: 256,
        numbers: Some(&curve::BRAINPOOL_P256R1),
    },
    Curve {
        name: "brainpoolP384r1",
        ssh: None,
        oid: b"\x2b\x24\x03\x03\x02\x08\x01\x01\x0b",
        bits: 384,
        numbers: Some(&curve::BRAINPOOL_P384R1),
    },
    Curve {
        name: "brainpoolP512r1",
        ssh: None,
        oid: b"\x2b\x24\x03\x03\x02\x08\x01\x01\x0d",
        bits: 512,
        numbers: Some(&curve::BRAINPOOL_P512R1),
    },
];

/// The curve with this object identifier.
pub(super) fn by_oid(oid: &[u8]) -> Option<&'static Curve> {
    CURVES.iter().find(|c| c.oid == oid)
}

/// The curve with this name in SSH.
pub(super) fn by_ssh_name(name: &str) -> Option<&'static Curve> {
    CURVES.iter().find(|c| c.ssh == Some(name))
}

/// A secret number on a curve and the point that belongs to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scalar<'a> {
    /// The curve; `None` if it is not one of the known ones.
    pub(super) curve: Option<&'static Curve>,
    /// The secret number, big-endian.
    pub(super) secret: &'a [u8],
    /// The point as SEC 1 §2.3.3 writes it, if the container has it.
    pub(super) point: Option<&'a [u8]>,
}

impl Scalar<'_> {
    /// Judges the numbers: the point is the generator as often as the secret
    /// number says.
    pub(super) fn judge(&self, format: &'static str) -> Result<Key, Reason> {
        let start = self.secret.iter().position(|b| *b != 0).ok_or(Reason::InconsistentKey)?;
        published::check(&self.secret[start..])?;
        let mut key = Key::new(format, "ec");
        let Some(curve) = self.curve else {
            return match self.point.map(x_of) {
                Some(None) => Err(Reason::BadStructure),
                Some(Some(x)) => Ok(key.with_public(x)),
                None => Ok(key),
            };
        };
        if self.secret.len() - start > curve.bytes() {
            return Err(Reason::WrongLength);
        }
        key = key.with(Fact::Variant(curve.name)).with(Fact::Bits(curve.bits));
        let stated = match self.point {
            Some(point) => {
                let x = x_of(point).ok_or(Reason::BadStructure)?;
                if x.len() != curve.bytes() {
                    return Err(Reason::WrongLength);
                }
                Some(point)
            }
            None => None,
        };
        let computed = match curve.numbers {
            Some(numbers) => Some(numbers.public(self.secret).ok_or(Reason::InconsistentKey)?),
            None => None,
        };
        match (stated, &computed) {
            (Some(stated), Some(computed)) if !same_point(stated, computed) => {
                return Err(Reason::InconsistentKey);
            }
            (Some(_), Some(_)) => key = key.proven(Evidence::KeyConsistent),
            _ => {}
        }
        let Some(point) = computed.as_deref().or(stated) else { return Ok(key) };
        key = key.with_public(x_of(point).unwrap_or_default());
        if let (Some(name), [0x04, ..]) = (curve.ssh, point) {
            let mut blob = Vec::with_capacity(point.len() + 40);
            wire::put_string(&mut blob, format!("ecdsa-sha2-{name}").as_bytes());
            wire::put_string(&mut blob, name.as_bytes());
            wire::put_string(&mut blob, point);
            key = key.with_fingerprint(&blob);
        }
        Ok(key)
    }
}

/// The first coordinate of a point as SEC 1 §2.3.3 writes it.
fn x_of(point: &[u8]) -> Option<&[u8]> {
    match point {
        [0x04, rest @ ..] if rest.len().is_multiple_of(2) => Some(&rest[..rest.len() / 2]),
        [0x02 | 0x03, rest @ ..] => Some(rest),
        _ => None,
    }
}

/// Whether a point, compressed or not, is one that is not compressed.
fn same_point(point: &[u8], plain: &[u8]) -> bool {
    match point {
        [0x04, ..] => point == plain,
        [sign, ..] => {
            let odd = plain.last().is_some_and(|b| b & 1 == 1);
            x_of(point) == x_of(plain) && (*sign == 0x03) == odd
        }
        [] => false,
    }
}

/// Judges an Ed25519 key by its seed and the public key beside it.
pub(super) fn ed25519(
    format: &'static str,
    seed: &[u8],
    stated: Option<&[u8]>,
) -> Result<Key, Reason> {
    published::check(seed)?;
    let seed = seed.try_into().map_err(|_| Reason::WrongLength)?;
    let public = curve::ed25519_public(seed);
    let mut blob = Vec::with_capacity(64);
    wire::put_string(&mut blob, b"ssh-ed25519");
    wire::put_string(&mut blob, &public);
    let key = Key::new(format, "ed25519").with_public(&public).with_fingerprint(&blob);
    match stated {
        None => Ok(key),
        Some(stated) if stated == public => Ok(key.proven(Evidence::KeyConsistent)),
        Some(_) => Err(Reason::InconsistentKey),
    }
}
