//! What a key says of itself that is dear to recompute: that its public half
//! belongs to its secret.
//!
//! A point of a curve takes some hundred microseconds, a thousand times what
//! reading the key takes, so extraction only writes the claim down. Relation
//! reads the key again and checks its claims as long as the object's budget
//! lasts; the keys after that stay [`Verdict::Supported`].

use std::fmt;

use super::elliptic::{self, Curve};
use super::key::{self, Key};
use crate::evidence::{Evidence, Reason, Verdict};
use crate::relate::{Leak, Neighbours};
use crate::verify::curve;
use crate::verify::natural::Natural;

/// A public half that follows from the secret.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Claim {
    /// A point: the generator, as often as the secret number says.
    Point {
        /// The curve, of which the numbers are known.
        curve: &'static Curve,
        /// The secret number.
        secret: Box<[u8]>,
        /// The point as SEC 1 §2.3.3 writes it, if the container has it.
        stated: Option<Box<[u8]>>,
    },
    /// An Ed25519 key.
    Ed25519 {
        /// The seed.
        seed: [u8; 32],
        /// The public key, if the container has it.
        stated: Option<Box<[u8]>>,
    },
    /// A DSA key: `g` to the power of `x` modulo `p`.
    Dsa {
        /// `p`, `q`, `g`.
        group: [Box<[u8]>; 3],
        /// `y`, if the container has it.
        stated: Option<Box<[u8]>>,
        /// The secret number, below `q`.
        secret: Box<[u8]>,
    },
}

/// Names the kind, never the secret.
impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Point { curve, .. } => write!(f, "Claim({})", curve.name),
            Self::Ed25519 { .. } => f.write_str("Claim(ed25519)"),
            Self::Dsa { .. } => f.write_str("Claim(dsa)"),
        }
    }
}

/// A claim that holds.
struct Held {
    /// Whether the container stated the public half, so that there was
    /// something to hold it against.
    stated: bool,
    /// The public half as the SSH protocol writes it, if it has a form for it
    /// and the container did not have it in this form.
    blob: Option<Vec<u8>>,
}

impl Claim {
    /// What checking it takes from the object's budget of 4096, so that some
    /// dozens of keys are checked: 64 of P-256 or Ed25519 (measured: 15 ms in
    /// all), 32 of P-384, 24 of P-521 (45 ms, the dearest).
    fn cost(&self) -> u32 {
        match self {
            Self::Ed25519 { .. } => 64,
            Self::Point { curve, .. } => match curve.bits {
                0..=256 => 64,
                257..=384 => 128,
                _ => 168,
            },
            // The exponents are alike; a product is quadratic in the length.
            Self::Dsa { group: [p, ..], .. } => (p.len() * p.len() / 512).max(16) as u32,
        }
    }

    /// Recomputes the public half; `None` if another one is stated.
    fn check(&self) -> Option<Held> {
        match self {
            Self::Point { curve, secret, stated } => {
                let point = curve.numbers?.public(secret)?;
                match stated.as_deref() {
                    Some(stated) if !elliptic::same_point(stated, &point) => None,
                    Some(stated) if *stated == *point => Some(Held { stated: true, blob: None }),
                    _ => Some(Held { stated: stated.is_some(), blob: curve.ssh_blob(&point) }),
                }
            }
            Self::Ed25519 { seed, stated } => {
                let public = curve::ed25519_public(seed);
                match stated {
                    Some(stated) if **stated != public => None,
                    Some(_) => Some(Held { stated: true, blob: None }),
                    None => {
                        Some(Held { stated: false, blob: Some(elliptic::ed25519_blob(&public)) })
                    }
                }
            }
            Self::Dsa { group: [p, q, g], stated, secret } => {
                let number = |digits: &[u8]| Natural::from_be(digits);
                let y = number(g)?.pow_mod(&number(secret)?, &number(p)?)?.to_be();
                match stated {
                    Some(stated) if **stated != *y => None,
                    Some(_) => Some(Held { stated: true, blob: None }),
                    None => Some(Held { stated: false, blob: Some(key::dsa_blob([p, q, g, &y])) }),
                }
            }
        }
    }
}

/// Checks the claims of the key in `leak`, which `read` reads again from its
/// decoded value. A key that is not `whole` is never more than supported.
///
/// A key whose checksum is wrong ([`Verdict::Neutral`], with claims) is
/// believed only if its numbers prove it.
pub(super) fn settle(
    leak: &mut Leak,
    neighbours: &Neighbours<'_>,
    whole: bool,
    read: impl Fn(&[u8]) -> Option<Key>,
) {
    if leak.facts.encrypted() == Some(true) {
        return;
    }
    let Some(key) = leak.decoded.as_deref().and_then(read) else { return };
    if key.claims.is_empty() {
        return;
    }
    let mut proven = false;
    let mut all = true;
    for claim in &key.claims {
        if !neighbours.budget.take(claim.cost()) {
            all = false;
            break;
        }
        let Some(held) = claim.check() else {
            leak.verdict = Verdict::Refuted(Reason::InconsistentKey);
            return;
        };
        proven |= held.stated;
        if let Some(blob) = held.blob {
            leak.facts.add(key::fingerprint(&blob));
        }
    }
    if proven {
        leak.note(Evidence::KeyConsistent);
    }
    match leak.verdict {
        Verdict::Neutral if !(proven && all) => {
            leak.verdict = Verdict::Refuted(Reason::ChecksumFailed);
        }
        _ if proven && whole => leak.verdict = Verdict::Proven,
        _ => {}
    }
}
