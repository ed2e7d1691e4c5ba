//! DSA keys over parameters made once a run.

use num_bigint_dig::{BigUint, RandBigInt, RandPrime, prime::probably_prime};

use super::der;
use crate::draw::Draw;

/// The shared parameters: a prime, a prime divisor of it less one, a generator.
#[derive(Debug)]
pub(crate) struct DsaParameters {
    prime: BigUint,
    divisor: BigUint,
    generator: BigUint,
}

impl DsaParameters {
    /// Finds parameters of 1024 and 160 bits.
    pub(crate) fn new(draw: &mut Draw) -> Self {
        let divisor = draw.gen_prime(160);
        loop {
            let start = draw.gen_biguint(1024 - 160);
            let high = (start | BigUint::from(1_u32)) << 1_usize;
            let prime = (high * &divisor) + 1_u32;
            if prime.bits() != 1024 || !probably_prime(&prime, 12) {
                continue;
            }
            let cofactor = (&prime - 1_u32) / &divisor;
            let generator = BigUint::from(2_u32).modpow(&cofactor, &prime);
            if generator > BigUint::from(1_u32) {
                return Self { prime, divisor, generator };
            }
        }
    }

    /// A new key in the traditional form of OpenSSL.
    pub(crate) fn key(&self, draw: &mut Draw) -> Vec<u8> {
        let private = draw.gen_biguint_below(&self.divisor);
        let public = self.generator.modpow(&private, &self.prime);
        der::sequence(&[
            der::small(0),
            der::integer(&self.prime.to_bytes_be()),
            der::integer(&self.divisor.to_bytes_be()),
            der::integer(&self.generator.to_bytes_be()),
            der::integer(&public.to_bytes_be()),
            der::integer(&private.to_bytes_be()),
        ])
    }
}
