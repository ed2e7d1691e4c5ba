//! RSA keys that are right in every number, made cheaply.
//!
//! A few primes give many keys: every two of a pool of `n` primes make a
//! modulus of its own, so a thousand distinct keys cost some fifty primes.
//! Keys that share primes would be broken in the world; here no scanner can
//! see it.

use std::collections::VecDeque;

use num_bigint_dig::{BigUint, ModInverse, RandPrime};

use super::der;
use crate::draw::Draw;

/// The public exponent of all keys.
const EXPONENT: u32 = 65_537;

/// The numbers of one key, big-endian.
#[derive(Clone, Debug)]
pub(crate) struct RsaKey {
    pub(crate) modulus: Vec<u8>,
    pub(crate) exponent: Vec<u8>,
    pub(crate) private: Vec<u8>,
    pub(crate) prime1: Vec<u8>,
    pub(crate) prime2: Vec<u8>,
    exponent1: Vec<u8>,
    exponent2: Vec<u8>,
    /// The inverse of the second prime modulo the first.
    pub(crate) coefficient: Vec<u8>,
    /// The inverse of the first prime modulo the second, as OpenPGP keeps it.
    pub(crate) pgp_coefficient: Vec<u8>,
}

impl RsaKey {
    fn from_primes(p: &BigUint, q: &BigUint) -> Option<Self> {
        let exponent = BigUint::from(EXPONENT);
        let p1 = p - 1_u32;
        let q1 = q - 1_u32;
        let private = exponent.clone().mod_inverse(&p1 * &q1)?.to_biguint()?;
        let coefficient = q.clone().mod_inverse(p)?.to_biguint()?;
        let pgp_coefficient = p.clone().mod_inverse(q)?.to_biguint()?;
        Some(Self {
            modulus: (p * q).to_bytes_be(),
            exponent: exponent.to_bytes_be(),
            exponent1: (&private % &p1).to_bytes_be(),
            exponent2: (&private % &q1).to_bytes_be(),
            private: private.to_bytes_be(),
            prime1: p.to_bytes_be(),
            prime2: q.to_bytes_be(),
            coefficient: coefficient.to_bytes_be(),
            pgp_coefficient: pgp_coefficient.to_bytes_be(),
        })
    }

    /// The DER of an `RSAPrivateKey` (RFC 8017 A.1.2).
    pub(crate) fn pkcs1(&self) -> Vec<u8> {
        der::sequence(&[
            der::small(0),
            der::integer(&self.modulus),
            der::integer(&self.exponent),
            der::integer(&self.private),
            der::integer(&self.prime1),
            der::integer(&self.prime2),
            der::integer(&self.exponent1),
            der::integer(&self.exponent2),
            der::integer(&self.coefficient),
        ])
    }

    /// The DER of a `SubjectPublicKeyInfo`.
    pub(crate) fn public(&self) -> Vec<u8> {
        let key = der::sequence(&[der::integer(&self.modulus), der::integer(&self.exponent)]);
        let algorithm = der::sequence(&[der::oid(&[1, 2, 840, 113549, 1, 1, 1]), der::null()]);
        der::sequence(&[algorithm, der::bits(&key)])
    }
}

/// The sizes of key that the pools hold, in bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RsaSize {
    /// 1024 bits, old and still about.
    Small,
    /// 2048 bits.
    Usual,
}

/// Pools of primes, filled as keys are asked for.
#[derive(Debug)]
pub(crate) struct RsaPool {
    draw: Draw,
    small: Primes,
    usual: Primes,
}

#[derive(Debug)]
struct Primes {
    bits: usize,
    primes: Vec<BigUint>,
    /// Pairs not used yet.
    pairs: VecDeque<(usize, usize)>,
}

impl RsaPool {
    /// An empty pool that makes its primes from the given stream.
    pub(crate) fn new(draw: Draw) -> Self {
        let primes = |bits| Primes { bits, primes: Vec::new(), pairs: VecDeque::new() };
        Self { draw, small: primes(512), usual: primes(1024) }
    }

    /// A key that this pool has not given before.
    pub(crate) fn key(&mut self, size: RsaSize) -> RsaKey {
        let pool = match size {
            RsaSize::Small => &mut self.small,
            RsaSize::Usual => &mut self.usual,
        };
        loop {
            while let Some((one, other)) = pool.pairs.pop_front() {
                if let Some(key) = RsaKey::from_primes(&pool.primes[one], &pool.primes[other]) {
                    return key;
                }
            }
            // The top two bits of a prime are set, so that a product has all its bits.
            let prime = self.draw.gen_prime(pool.bits);
            if !pool.primes.contains(&prime) && &prime % EXPONENT != BigUint::from(1_u32) {
                let last = pool.primes.len();
                pool.primes.push(prime);
                pool.pairs.extend((0..last).map(|other| (last, other)));
            }
        }
    }
}
