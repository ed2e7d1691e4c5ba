//! What was learned about one private key, whatever it was written in.

use std::ops::Range;

use hmac::digest::Digest;
use sha2::Sha256;

use super::published;
use super::wire;
use crate::candidate::{Candidate, Role};
use crate::encoding::base64;
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::Window;
use crate::fact::{Fact, Facts};
use crate::verify::natural::Natural;

/// A private key that was read to its last byte.
#[derive(Debug, Clone)]
pub struct Key {
    /// How sure it is that this is a working key.
    pub verdict: Verdict,
    /// Why.
    pub evidence: Vec<Evidence>,
    /// What is known about it.
    pub facts: Facts,
    /// A number that only its public half has: modulus, point, `y`.
    pub public: Option<Vec<u8>>,
}

impl Key {
    /// A key of this container format and algorithm whose structure fits.
    pub(super) fn new(format: &'static str, kind: &str) -> Self {
        let facts = [Fact::KeyFormat(format), Fact::KeyType(kind.into())].into_iter().collect();
        Self { verdict: Verdict::Supported, evidence: vec![Evidence::Parsed], facts, public: None }
    }

    /// Adds a fact.
    pub(super) fn with(mut self, fact: Fact) -> Self {
        self.facts.add(fact);
        self
    }

    /// Says that nobody but who knows a passphrase can use it, and what
    /// protects it.
    pub(super) fn encrypted(self, cipher: &str) -> Self {
        self.with(Fact::Encrypted(true)).with(Fact::Cipher(cipher.into()))
    }

    /// Proven: `evidence` ties its parts together.
    pub(super) fn proven(mut self, evidence: Evidence) -> Self {
        self.verdict = Verdict::Proven;
        self.evidence.push(evidence);
        self
    }

    /// Keeps the number that its public half has too.
    pub(super) fn with_public(mut self, number: &[u8]) -> Self {
        // Shorter ones turn up by chance.
        if number.len() >= 16 {
            self.public = Some(number.to_vec());
        }
        self
    }

    /// Adds the fingerprint that `ssh-keygen -l` shows: of the public half as
    /// the SSH protocol writes it.
    pub(super) fn with_fingerprint(self, blob: &[u8]) -> Self {
        let digest = base64::encode(&Sha256::digest(blob));
        let text = format!("SHA256:{}", digest.trim_end_matches('='));
        self.with(Fact::PublicKeyFingerprint(text.into()))
    }

    /// The candidate for this key. `decoded` is its canonical form.
    pub(super) fn candidate(
        self,
        window: &Window<'_>,
        span: Range<usize>,
        decoded: Vec<u8>,
    ) -> Candidate {
        let mut candidate = Candidate::new(Role::Whole, window.range(span));
        candidate.decoded = Some(decoded.into());
        candidate.verdict = self.verdict;
        candidate.evidence = self.evidence;
        candidate.facts = self.facts;
        candidate
    }
}

/// The candidate for a text that looks like a key and is none.
pub(super) fn refused(window: &Window<'_>, span: Range<usize>, reason: Reason) -> Candidate {
    let mut candidate = Candidate::new(Role::Whole, window.range(span));
    candidate.verdict = Verdict::Refuted(reason);
    candidate
}

/// The numbers of an RSA key, big-endian without leading zeros. A number that
/// the container does not have, or has as zero, is empty.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rsa<'a> {
    /// Modulus.
    pub(super) n: &'a [u8],
    /// Public exponent.
    pub(super) e: &'a [u8],
    /// First prime.
    pub(super) p: &'a [u8],
    /// Second prime.
    pub(super) q: &'a [u8],
    /// `d` modulo `p - 1`.
    pub(super) dp: &'a [u8],
    /// Primes after the second.
    pub(super) more: &'a [&'a [u8]],
}

impl Rsa<'_> {
    /// Judges the numbers: the primes multiply to the modulus, and the
    /// exponents are inverse to each other.
    pub(super) fn judge(&self, format: &'static str) -> Result<Key, Reason> {
        published::check(self.n)?;
        let number = |digits| Natural::from_be(digits).ok_or(Reason::BadStructure);
        let n = number(self.n)?;
        if !n.is_odd() || self.e.is_empty() {
            return Err(Reason::InconsistentKey);
        }
        let mut blob = Vec::with_capacity(self.n.len() + self.e.len() + 32);
        wire::put_string(&mut blob, b"ssh-rsa");
        wire::put_mpint(&mut blob, self.e);
        wire::put_mpint(&mut blob, self.n);
        let key = Key::new(format, "rsa")
            .with(Fact::Bits(n.bits()))
            .with_public(self.n)
            .with_fingerprint(&blob);
        if self.p.is_empty() || self.q.is_empty() {
            // Some libraries leave the primes out and write zeros.
            return Ok(key);
        }
        // A product is as long as its factors together, or a bit shorter.
        let factors =
            self.p.len() + self.q.len() + self.more.iter().map(|m| m.len()).sum::<usize>();
        if factors > self.n.len() + 1 + self.more.len() || self.e.len() > self.n.len() {
            return Err(Reason::InconsistentKey);
        }
        let (p, q) = (number(self.p)?, number(self.q)?);
        let mut product = p.mul(&q);
        for prime in self.more {
            product = product.mul(&number(prime)?);
        }
        if product != n || p.is_one() || q.is_one() {
            return Err(Reason::InconsistentKey);
        }
        if !self.dp.is_empty() {
            let inverse = number(self.e)?.mul(&number(self.dp)?);
            let fits = p.predecessor().and_then(|order| inverse.rem(&order));
            if !fits.is_some_and(|one| one.is_one()) {
                // The primes alone rebuild the key, so it is not refused.
                return Ok(key);
            }
        }
        Ok(key.proven(Evidence::KeyConsistent))
    }
}

/// The numbers of a DSA key, big-endian without leading zeros.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dsa<'a> {
    /// Prime modulus.
    pub(super) p: &'a [u8],
    /// Prime order of the group.
    pub(super) q: &'a [u8],
    /// Generator.
    pub(super) g: &'a [u8],
    /// Public number, if the container has it.
    pub(super) y: Option<&'a [u8]>,
    /// Secret number.
    pub(super) x: &'a [u8],
}

/// The longest modulus and order (FIPS 186-4 §4.2); they bound the time that it
/// takes to raise `g` to the power of `x`.
const DSA_BYTES: (usize, usize) = (384, 32);

impl Dsa<'_> {
    /// Judges the numbers: `q` divides `p - 1`, and `y` is `g` to the power of
    /// `x` modulo `p`.
    pub(super) fn judge(&self, format: &'static str) -> Result<Key, Reason> {
        published::check(self.x)?;
        if self.p.len() > DSA_BYTES.0 || self.q.len() > DSA_BYTES.1 {
            return Err(Reason::BadStructure);
        }
        let number = |digits| Natural::from_be(digits).ok_or(Reason::BadStructure);
        let (p, q, g, x) = (number(self.p)?, number(self.q)?, number(self.g)?, number(self.x)?);
        let order = p.predecessor().ok_or(Reason::InconsistentKey)?;
        if q.is_zero() || q.is_one() || x.is_zero() || x >= q {
            return Err(Reason::InconsistentKey);
        }
        if !order.rem(&q).is_some_and(|rest| rest.is_zero()) {
            return Err(Reason::InconsistentKey);
        }
        let y = g.pow_mod(&x, &p).ok_or(Reason::InconsistentKey)?.to_be();
        if self.y.is_some_and(|stated| stated != y) {
            return Err(Reason::InconsistentKey);
        }
        let mut blob = Vec::with_capacity(self.p.len() * 3 + 64);
        wire::put_string(&mut blob, b"ssh-dss");
        for digits in [self.p, self.q, self.g, &y] {
            wire::put_mpint(&mut blob, digits);
        }
        Ok(Key::new(format, "dsa")
            .with(Fact::Bits(p.bits()))
            .with_public(&y)
            .with_fingerprint(&blob)
            .proven(Evidence::KeyConsistent))
    }
}
