//! Keys over elliptic curves, with their public points computed.

use k256::elliptic_curve::sec1::ToEncodedPoint;

use super::der;
use crate::draw::Draw;

/// The curves that keys are made over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// secp256k1.
    K256,
}

impl Curve {
    /// The object identifier of the curve.
    pub(crate) fn oid(self) -> Vec<u8> {
        match self {
            Self::P256 => der::oid(&[1, 2, 840, 10045, 3, 1, 7]),
            Self::P384 => der::oid(&[1, 3, 132, 0, 34]),
            Self::K256 => der::oid(&[1, 3, 132, 0, 10]),
        }
    }
}

/// A private number and its uncompressed public point.
#[derive(Clone, Debug)]
pub(crate) struct EcKey {
    pub(crate) curve: Curve,
    pub(crate) scalar: Vec<u8>,
    pub(crate) point: Vec<u8>,
}

impl EcKey {
    /// A new key.
    pub(crate) fn new(draw: &mut Draw, curve: Curve) -> Self {
        let (scalar, point) = match curve {
            Curve::P256 => {
                let key = p256::SecretKey::random(draw);
                let point = key.public_key().to_encoded_point(false);
                (key.to_bytes().to_vec(), point.as_bytes().to_vec())
            }
            Curve::P384 => {
                let key = p384::SecretKey::random(draw);
                let point = key.public_key().to_encoded_point(false);
                (key.to_bytes().to_vec(), point.as_bytes().to_vec())
            }
            Curve::K256 => {
                let key = k256::SecretKey::random(draw);
                let point = key.public_key().to_encoded_point(false);
                (key.to_bytes().to_vec(), point.as_bytes().to_vec())
            }
        };
        Self { curve, scalar, point }
    }

    /// The DER of an `ECPrivateKey` (RFC 5915); PKCS #8 leaves the curve out.
    pub(crate) fn sec1(&self, with_curve: bool) -> Vec<u8> {
        let mut elements = vec![der::small(1), der::octets(&self.scalar)];
        if with_curve {
            elements.push(der::element(0xa0, &self.curve.oid()));
        }
        elements.push(der::element(0xa1, &der::bits(&self.point)));
        der::sequence(&elements)
    }
}

/// An Ed25519 seed and its public key.
pub(crate) fn ed25519(draw: &mut Draw) -> ([u8; 32], [u8; 32]) {
    let seed = draw.array();
    let public = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key();
    (seed, public.to_bytes())
}
