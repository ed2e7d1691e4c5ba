//! Natural numbers of bounded size, for checking that the numbers of a key
//! belong together.
//!
//! Schoolbook algorithms, not constant in time: nothing here protects a secret,
//! the secrets have leaked already. Multiplication and remainder are quadratic
//! in the length, [`Natural::pow_mod`] is cubic; [`Natural::MAX_BYTES`] bounds
//! both.

use std::cmp::Ordering;

/// A natural number of at most [`Natural::MAX_BYTES`] bytes when it is read;
/// products are longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Natural {
    /// Least significant limb first; the last one is not zero.
    limbs: Vec<u64>,
}

impl Natural {
    /// The longest number that is read: 16384 bits, the largest RSA modulus
    /// that OpenSSL uses.
    pub const MAX_BYTES: usize = 2048;

    /// Reads a big-endian number; leading zeros are allowed. `None` if it is
    /// longer than [`Natural::MAX_BYTES`].
    pub fn from_be(bytes: &[u8]) -> Option<Self> {
        let start = bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len());
        let digits = &bytes[start..];
        if digits.len() > Self::MAX_BYTES {
            return None;
        }
        let limbs = digits
            .rchunks(8)
            .map(|chunk| chunk.iter().fold(0, |n, b| n << 8 | u64::from(*b)))
            .collect();
        Some(Self { limbs })
    }

    /// The number as big-endian bytes without leading zeros.
    pub fn to_be(&self) -> Vec<u8> {
        let bytes = self.limbs.iter().rev().flat_map(|l| l.to_be_bytes());
        bytes.skip_while(|b| *b == 0).collect()
    }

    fn trimmed(mut limbs: Vec<u64>) -> Self {
        while limbs.last() == Some(&0) {
            limbs.pop();
        }
        Self { limbs }
    }

    /// One.
    pub fn one() -> Self {
        Self { limbs: vec![1] }
    }

    /// Whether it is 0.
    pub fn is_zero(&self) -> bool {
        self.limbs.is_empty()
    }

    /// Whether it is 1.
    pub fn is_one(&self) -> bool {
        self.limbs == [1]
    }

    /// Whether it is odd.
    pub fn is_odd(&self) -> bool {
        self.limbs.first().is_some_and(|l| l & 1 == 1)
    }

    /// The number of bits without leading zeros.
    pub fn bits(&self) -> u32 {
        let top = self.limbs.last().map_or(0, |l| 64 - l.leading_zeros());
        (self.limbs.len().saturating_sub(1) as u32) * 64 + top
    }

    /// The product.
    pub fn mul(&self, other: &Self) -> Self {
        let mut out = vec![0u64; self.limbs.len() + other.limbs.len()];
        for (i, a) in self.limbs.iter().enumerate() {
            let mut carry = 0;
            for (o, b) in out[i..].iter_mut().zip(&other.limbs) {
                let sum = u128::from(*a) * u128::from(*b) + u128::from(*o) + carry;
                *o = sum as u64;
                carry = sum >> 64;
            }
            out[i + other.limbs.len()] = carry as u64;
        }
        Self::trimmed(out)
    }

    /// The number before this one; `None` for zero.
    pub fn predecessor(&self) -> Option<Self> {
        if self.is_zero() {
            return None;
        }
        let mut limbs = self.limbs.clone();
        for limb in &mut limbs {
            let (less, borrowed) = limb.overflowing_sub(1);
            *limb = less;
            if !borrowed {
                break;
            }
        }
        Some(Self::trimmed(limbs))
    }

    /// The remainder of the division by `modulus`; `None` if that is zero.
    /// Knuth, The Art of Computer Programming, volume 2, §4.3.1, algorithm D.
    pub fn rem(&self, modulus: &Self) -> Option<Self> {
        let top = *modulus.limbs.last()?;
        if *self < *modulus {
            return Some(self.clone());
        }
        let shift = top.leading_zeros();
        let divisor = shifted(&modulus.limbs, shift);
        let mut rest = shifted(&self.limbs, shift);
        rest.push(0);
        let n = modulus.limbs.len();
        let divisor = &divisor[..n];
        let high = u128::from(divisor[n - 1]);
        let next = if n > 1 { u128::from(divisor[n - 2]) } else { 0 };
        for j in (0..rest.len() - n).rev() {
            let third = if n > 1 { rest[j + n - 2] } else { 0 };
            let head = u128::from(rest[j + n]) << 64 | u128::from(rest[j + n - 1]);
            let (mut guess, mut left) = (head / high, head % high);
            while guess >> 64 != 0 || guess * next > (left << 64 | u128::from(third)) {
                guess -= 1;
                left += high;
                if left >> 64 != 0 {
                    break;
                }
            }
            let slice = &mut rest[j..=j + n];
            if subtract_product(slice, divisor, guess as u64) {
                add(slice, divisor);
            }
        }
        rest.truncate(n);
        for i in 0..n {
            let above = rest.get(i + 1).copied().unwrap_or(0);
            rest[i] = if shift == 0 { rest[i] } else { rest[i] >> shift | above << (64 - shift) };
        }
        Some(Self::trimmed(rest))
    }

    /// `self` to the power of `exponent`, modulo an odd `modulus` above 1, by
    /// Montgomery multiplication; `None` for any other modulus.
    pub fn pow_mod(&self, exponent: &Self, modulus: &Self) -> Option<Self> {
        if !modulus.is_odd() || modulus.is_one() {
            return None;
        }
        let n = modulus.limbs.len();
        let negated = inverse_limb(modulus.limbs[0]).wrapping_neg();
        // R and the base times R, modulo the modulus.
        let to_form = |value: &Self| {
            let mut limbs = vec![0; n];
            limbs.extend_from_slice(&value.limbs);
            let mut form = Self::trimmed(limbs).rem(modulus)?.limbs;
            form.resize(n, 0);
            Some(form)
        };
        let base = to_form(self)?;
        let mut power = to_form(&Self::one())?;
        let mut scratch = vec![0; n + 2];
        for i in (0..exponent.bits()).rev() {
            power = montgomery(&power, &power, &modulus.limbs, negated, &mut scratch);
            if exponent.limbs[(i / 64) as usize] >> (i % 64) & 1 == 1 {
                power = montgomery(&power, &base, &modulus.limbs, negated, &mut scratch);
            }
        }
        let mut one = vec![0; n];
        one[0] = 1;
        Some(Self::trimmed(montgomery(&power, &one, &modulus.limbs, negated, &mut scratch)))
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_len = self.limbs.len().cmp(&other.limbs.len());
        by_len.then_with(|| self.limbs.iter().rev().cmp(other.limbs.iter().rev()))
    }
}

/// `limbs` shifted left by fewer than 64 bits, one limb longer.
fn shifted(limbs: &[u64], shift: u32) -> Vec<u64> {
    let mut out = Vec::with_capacity(limbs.len() + 2);
    let mut carry = 0;
    for limb in limbs {
        out.push(limb << shift | carry);
        carry = if shift == 0 { 0 } else { limb >> (64 - shift) };
    }
    out.push(carry);
    out
}

/// `from -= by * factor`, `from` one limb longer than `by`; whether it borrowed.
fn subtract_product(from: &mut [u64], by: &[u64], factor: u64) -> bool {
    let (mut carry, mut borrow) = (0u128, false);
    for (i, limb) in from.iter_mut().enumerate() {
        let product = u128::from(by.get(i).copied().unwrap_or(0)) * u128::from(factor) + carry;
        carry = product >> 64;
        let (less, first) = limb.overflowing_sub(product as u64);
        let (less, second) = less.overflowing_sub(u64::from(borrow));
        *limb = less;
        borrow = first || second;
    }
    borrow
}

/// `to += by`, `to` one limb longer than `by`; a carry out is dropped.
fn add(to: &mut [u64], by: &[u64]) {
    let mut carry = 0u128;
    for (i, limb) in to.iter_mut().enumerate() {
        let sum = u128::from(*limb) + u128::from(by.get(i).copied().unwrap_or(0)) + carry;
        *limb = sum as u64;
        carry = sum >> 64;
    }
}

/// The inverse of an odd limb modulo 2⁶⁴. Each of Newton's steps doubles the
/// number of right bits; the start has five.
fn inverse_limb(odd: u64) -> u64 {
    let mut inverse = odd.wrapping_mul(3) ^ 2;
    for _ in 0..4 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse)));
    }
    inverse
}

/// `a * b / R` modulo `m`, R = 2⁶⁴ to the number of limbs (Koç, Acar and
/// Kaliski 1996, the CIOS method). All three have the same length.
fn montgomery(a: &[u64], b: &[u64], m: &[u64], negated: u64, t: &mut [u64]) -> Vec<u64> {
    let n = m.len();
    t.fill(0);
    for digit in a {
        let mut carry = 0u128;
        for (limb, b) in t.iter_mut().zip(b) {
            let sum = u128::from(*digit) * u128::from(*b) + u128::from(*limb) + carry;
            *limb = sum as u64;
            carry = sum >> 64;
        }
        let sum = u128::from(t[n]) + carry;
        t[n] = sum as u64;
        t[n + 1] = (sum >> 64) as u64;

        let factor = t[0].wrapping_mul(negated);
        let mut carry = (u128::from(factor) * u128::from(m[0]) + u128::from(t[0])) >> 64;
        for i in 1..n {
            let sum = u128::from(factor) * u128::from(m[i]) + u128::from(t[i]) + carry;
            t[i - 1] = sum as u64;
            carry = sum >> 64;
        }
        let sum = u128::from(t[n]) + carry;
        t[n - 1] = sum as u64;
        t[n] = t[n + 1] + (sum >> 64) as u64;
    }
    let over = t[n] != 0 || t[..n].iter().rev().ge(m.iter().rev());
    if over {
        subtract_product(&mut t[..=n], m, 1);
    }
    t[..n].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small(n: u128) -> Natural {
        Natural::from_be(&n.to_be_bytes()).unwrap()
    }

    #[test]
    fn agrees_with_machine_arithmetic() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        for _ in 0..2000 {
            let (a, b, c) = (next() >> (next() % 64), next() >> (next() % 64), next());
            let product = u128::from(a) * u128::from(b);
            assert_eq!(small(a.into()).mul(&small(b.into())), small(product));
            let wide = product << 1 | 1;
            let m = (u128::from(c) << 64 | u128::from(a)) >> (next() % 127) | 1;
            assert_eq!(small(wide).rem(&small(m)), Some(small(wide % m)));
        }
    }

    #[test]
    fn remainders_and_powers_hold_for_long_numbers() {
        // (a * m + r) mod m == r, with limbs of all ones, which make algorithm
        // D guess wrong.
        let m = Natural::from_be(&[0xff; 48]).unwrap();
        let a = Natural::from_be(&[0xff; 100]).unwrap();
        assert!(a.mul(&m).rem(&m).unwrap().is_zero());
        let odd =
            Natural::from_be(&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]).unwrap();
        assert!(odd.mul(&a).rem(&odd).unwrap().is_zero());
        // Fermat: 3^(p-1) = 1 modulo the prime 2^521 - 1.
        let mut bytes = vec![0x01];
        bytes.extend([0xff; 65]);
        let p = Natural::from_be(&bytes).unwrap();
        assert_eq!(p.bits(), 521);
        assert!(small(3).pow_mod(&p.predecessor().unwrap(), &p).unwrap().is_one());
        assert_eq!(small(3).pow_mod(&small(5), &small(7)), Some(small(5)));
        assert_eq!(small(3).pow_mod(&small(5), &small(8)), None);
    }

    #[test]
    fn edges() {
        assert_eq!(small(0).predecessor(), None);
        assert_eq!(small(1 << 64).predecessor(), Some(small(u128::from(u64::MAX))));
        assert_eq!(small(5).rem(&small(0)), None);
        assert!(small(0).mul(&small(5)).is_zero());
        assert_eq!(Natural::from_be(&[1; Natural::MAX_BYTES + 1]), None);
        assert_eq!(small(0x0102).to_be(), [1, 2]);
        assert_eq!((small(0).bits(), small(1).bits(), small(1 << 64).bits()), (0, 1, 65));
    }
}
