//! Elliptic-curve keys: which curves there are and how long their numbers are.

use super::key::Key;
use super::published;
use super::wire;
use crate::evidence::Reason;
use crate::fact::Fact;

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
    },
    Curve { name: "P-384", ssh: Some("nistp384"), oid: b"\x2b\x81\x04\x00\x22", bits: 384 },
    Curve { name: "P-521", ssh: Some("nistp521"), oid: b"\x2b\x81\x04\x00\x23", bits: 521 },
    Curve { name: "secp256k1", ssh: None, oid: b"\x2b\x81\x04\x00\x0a", bits: 256 },
    Curve { name: "P-224", ssh: None, oid: b"\x2b\x81\x04\x00\x21", bits: 224 },
    Curve { name: "P-192", ssh: None, oid: b"\x2a\x86\x48\xce\x3d\x03\x01\x01", bits: 192 },
    Curve {
        name: "brainpoolP256r1",
        ssh: None,
        oid: b"\x2b\x24\x03\x03\x02\x08\x01\x01\x07",
        bits: 256,
    },
    Curve {
        name: "brainpoolP384r1",
        ssh: None,
        oid: b"\x2b\x24\x03\x03\x02\x08\x01\x01\x0b",
        bits: 384,
    },
    Curve {
        name: "brainpoolP512r1",
        ssh: None,
        oid: b"\x2b\x24\x03\x03\x02\x08\x01\x01\x0d",
        bits: 512,
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
    /// Judges the numbers by their lengths.
    pub(super) fn judge(&self, format: &'static str) -> Result<Key, Reason> {
        let start = self.secret.iter().position(|b| *b != 0).ok_or(Reason::InconsistentKey)?;
        published::check(&self.secret[start..])?;
        let mut key = Key::new(format, "ec");
        if let Some(curve) = self.curve {
            if self.secret.len() - start > curve.bytes() {
                return Err(Reason::WrongLength);
            }
            key = key.with(Fact::Variant(curve.name)).with(Fact::Bits(curve.bits));
        }
        let Some(point) = self.point else { return Ok(key) };
        let x = match point {
            [0x04, rest @ ..] if rest.len() % 2 == 0 => &rest[..rest.len() / 2],
            [0x02 | 0x03, rest @ ..] => rest,
            _ => return Err(Reason::BadStructure),
        };
        if self.curve.is_some_and(|c| c.bytes() != x.len()) {
            return Err(Reason::WrongLength);
        }
        key = key.with_public(x);
        if let (Some(Curve { ssh: Some(name), .. }), 0x04) = (self.curve, point[0]) {
            let mut blob = Vec::with_capacity(point.len() + 40);
            wire::put_string(&mut blob, format!("ecdsa-sha2-{name}").as_bytes());
            wire::put_string(&mut blob, name.as_bytes());
            wire::put_string(&mut blob, point);
            key = key.with_fingerprint(&blob);
        }
        Ok(key)
    }
}
