//! Elliptic curves, for checking that a public point belongs to a secret
//! number.
//!
//! One addition formula a curve shape, complete, so that there are no special
//! cases; nothing is constant in time, because the secrets have leaked already.
//! A point of P-256 takes a few hundred microseconds.

use sha2::{Digest, Sha512};

/// A number below 2 to the power of `64 * N`, least significant limb first.
type Element<const N: usize> = [u64; N];

/// Arithmetic modulo a prime of `N` limbs, on numbers in Montgomery's form.
struct Field<const N: usize> {
    p: Element<N>,
    /// Minus the inverse of `p` modulo 2⁶⁴.
    negated: u64,
    /// R² modulo `p`.
    square: Element<N>,
}

/// Reads a big-endian number; digits that do not fit are dropped.
fn element<const N: usize>(bytes: &[u8]) -> Element<N> {
    let mut out = [0; N];
    for (limb, chunk) in out.iter_mut().zip(bytes.rchunks(8)) {
        *limb = chunk.iter().fold(0, |n, b| n << 8 | u64::from(*b));
    }
    out
}

/// Reads hexadecimal digits, of which the constants here are made.
fn constant<const N: usize>(digits: &str) -> Element<N> {
    let mut out = [0; N];
    for (limb, chunk) in out.iter_mut().zip(digits.as_bytes().rchunks(16)) {
        *limb = chunk
            .iter()
            .fold(0, |n, d| n << 4 | u64::from(char::from(*d).to_digit(16).unwrap_or(0)));
    }
    out
}

/// A number of one limb.
fn small<const N: usize>(value: u64) -> Element<N> {
    let mut out = [0; N];
    out[0] = value;
    out
}

fn less<const N: usize>(a: &Element<N>, b: &Element<N>) -> bool {
    a.iter().rev().lt(b.iter().rev())
}

/// `a - b`, and whether it borrowed.
#[inline]
fn subtract<const N: usize>(a: &Element<N>, b: &Element<N>) -> (Element<N>, bool) {
    let (mut out, mut borrow) = ([0; N], false);
    for i in 0..N {
        let (less, first) = a[i].overflowing_sub(b[i]);
        let (less, second) = less.overflowing_sub(u64::from(borrow));
        out[i] = less;
        borrow = first | second;
    }
    (out, borrow)
}

/// `a + b`, and whether there is a carry.
#[inline]
fn plus<const N: usize>(a: &Element<N>, b: &Element<N>) -> (Element<N>, bool) {
    let (mut out, mut carry) = ([0; N], false);
    for i in 0..N {
        let (more, first) = a[i].overflowing_add(b[i]);
        let (more, second) = more.overflowing_add(u64::from(carry));
        out[i] = more;
        carry = first | second;
    }
    (out, carry)
}

impl<const N: usize> Field<N> {
    fn new(p: Element<N>) -> Self {
        // Newton's iteration, as in `natural`.
        let mut inverse = p[0].wrapping_mul(3) ^ 2;
        for _ in 0..4 {
            inverse = inverse.wrapping_mul(2u64.wrapping_sub(p[0].wrapping_mul(inverse)));
        }
        let mut field = Self { p, negated: inverse.wrapping_neg(), square: [0; N] };
        // 2 to the power of twice the bits of R, by doubling.
        let mut power = small(1);
        for _ in 0..128 * N {
            power = field.add(&power, &power);
        }
        field.square = power;
        field
    }

    #[inline]
    fn add(&self, a: &Element<N>, b: &Element<N>) -> Element<N> {
        let (sum, carry) = plus(a, b);
        let (reduced, borrow) = subtract(&sum, &self.p);
        if carry || !borrow { reduced } else { sum }
    }

    #[inline]
    fn sub(&self, a: &Element<N>, b: &Element<N>) -> Element<N> {
        let (difference, borrow) = subtract(a, b);
        if borrow { plus(&difference, &self.p).0 } else { difference }
    }

    /// Montgomery's product: `a * b / R`.
    #[inline]
    fn mul(&self, a: &Element<N>, b: &Element<N>) -> Element<N> {
        let mut t = [0u64; N];
        let mut top = 0u64;
        for digit in a {
            let mut carry = 0u128;
            for i in 0..N {
                let sum = u128::from(*digit) * u128::from(b[i]) + u128::from(t[i]) + carry;
                t[i] = sum as u64;
                carry = sum >> 64;
            }
            let sum = u128::from(top) + carry;
            let (low, high) = (sum as u64, (sum >> 64) as u64);
            let factor = t[0].wrapping_mul(self.negated);
            let mut carry = (u128::from(factor) * u128::from(self.p[0]) + u128::from(t[0])) >> 64;
            for i in 1..N {
                let sum = u128::from(factor) * u128::from(self.p[i]) + u128::from(t[i]) + carry;
                t[i - 1] = sum as u64;
                carry = sum >> 64;
            }
            let sum = u128::from(low) + carry;
            t[N - 1] = sum as u64;
            top = high + (sum >> 64) as u64;
        }
        let (reduced, borrow) = subtract(&t, &self.p);
        if top != 0 || !borrow { reduced } else { t }
    }

    fn enter(&self, value: &Element<N>) -> Element<N> {
        self.mul(value, &self.square)
    }

    fn leave(&self, value: &Element<N>) -> Element<N> {
        self.mul(value, &small(1))
    }

    /// The inverse, by Fermat's theorem; zero for zero.
    fn invert(&self, value: &Element<N>) -> Element<N> {
        let exponent = subtract(&self.p, &small(2)).0;
        let mut power = self.enter(&small(1));
        for i in (0..64 * N).rev() {
            power = self.mul(&power, &power);
            if exponent[i / 64] >> (i % 64) & 1 == 1 {
                power = self.mul(&power, value);
            }
        }
        power
    }

    /// The number as `len` big-endian bytes.
    fn write(&self, value: &Element<N>, len: usize, out: &mut Vec<u8>) {
        let plain = self.leave(value);
        let bytes = plain.iter().rev().flat_map(|l| l.to_be_bytes());
        out.extend(bytes.skip(8 * N - len));
    }
}

/// A point in projective coordinates.
#[derive(Clone, Copy)]
struct Point<const N: usize> {
    x: Element<N>,
    y: Element<N>,
    z: Element<N>,
}

/// Adds `base` as often as `scalar` says, four bits at a time from the top.
fn multiply<const N: usize>(
    base: Point<N>,
    zero: Point<N>,
    scalar: &Element<N>,
    add: impl Fn(&Point<N>, &Point<N>) -> Point<N>,
) -> Point<N> {
    let mut multiples = [zero; 16];
    for i in 1..16 {
        multiples[i] = add(&multiples[i - 1], &base);
    }
    let mut sum = zero;
    let digits = scalar.iter().rposition(|l| *l != 0).map_or(0, |i| 16 * (i + 1));
    for i in (0..digits).rev() {
        for _ in 0..4 {
            sum = add(&sum, &sum);
        }
        let digit = scalar[i / 16] >> (4 * (i % 16)) & 15;
        if digit != 0 {
            sum = add(&sum, &multiples[digit as usize]);
        }
    }
    sum
}

/// A curve `y² = x³ + ax + b` of prime order, in hexadecimal digits, all of the
/// length of a coordinate.
#[derive(Debug, Clone, Copy)]
pub struct Weierstrass {
    /// The prime of the field.
    pub p: &'static str,
    /// The coefficient of `x`.
    pub a: &'static str,
    /// The constant.
    pub b: &'static str,
    /// The number of points.
    pub order: &'static str,
    /// The generator.
    pub x: &'static str,
    /// The generator.
    pub y: &'static str,
}

impl Weierstrass {
    /// The public point of a secret number, big-endian, as SEC 1 §2.3.3 writes
    /// it uncompressed; `None` if the number is zero or not below the order.
    pub fn public(&self, secret: &[u8]) -> Option<Vec<u8>> {
        // A limb has sixteen digits.
        match self.p.len().div_ceil(16) {
            4 => self.point::<4>(secret),
            6 => self.point::<6>(secret),
            8 => self.point::<8>(secret),
            9 => self.point::<9>(secret),
            _ => None,
        }
    }

    fn point<const N: usize>(&self, secret: &[u8]) -> Option<Vec<u8>> {
        let start = secret.iter().position(|b| *b != 0)?;
        let secret = &secret[start..];
        let scalar: Element<N> = element(secret);
        if secret.len() > 8 * N || !less(&scalar, &constant(self.order)) {
            return None;
        }
        let field: Field<N> = Field::new(constant(self.p));
        let enter = |digits| field.enter(&constant(digits));
        let (a, b) = (enter(self.a), enter(self.b));
        let triple = field.add(&field.add(&b, &b), &b);
        let one = field.enter(&small(1));
        let base = Point { x: enter(self.x), y: enter(self.y), z: one };
        let zero = Point { x: [0; N], y: one, z: [0; N] };
        let point = multiply(base, zero, &scalar, |l, r| add(&field, &a, &triple, l, r));
        let inverse = field.invert(&point.z);
        let len = self.p.len() / 2;
        let mut out = Vec::with_capacity(1 + 2 * len);
        out.push(4);
        field.write(&field.mul(&point.x, &inverse), len, &mut out);
        field.write(&field.mul(&point.y, &inverse), len, &mut out);
        Some(out)
    }
}

/// Renes, Costello and Batina 2016, algorithm 1: complete for curves of odd
/// order. `triple` is three times the curve's constant.
fn add<const N: usize>(
    f: &Field<N>,
    a: &Element<N>,
    triple: &Element<N>,
    l: &Point<N>,
    r: &Point<N>,
) -> Point<N> {
    let t0 = f.mul(&l.x, &r.x);
    let t1 = f.mul(&l.y, &r.y);
    let t2 = f.mul(&l.z, &r.z);
    let cross =
        |a: &Element<N>, b: &Element<N>, c: &Element<N>, d: &Element<N>, both: &Element<N>| {
            f.sub(&f.mul(&f.add(a, b), &f.add(c, d)), both)
        };
    let t3 = cross(&l.x, &l.y, &r.x, &r.y, &f.add(&t0, &t1));
    let t4 = cross(&l.x, &l.z, &r.x, &r.z, &f.add(&t0, &t2));
    let t5 = cross(&l.y, &l.z, &r.y, &r.z, &f.add(&t1, &t2));
    let z = f.add(&f.mul(triple, &t2), &f.mul(a, &t4));
    let x = f.sub(&t1, &z);
    let z = f.add(&t1, &z);
    let y = f.mul(&x, &z);
    let t1 = f.add(&f.add(&t0, &t0), &t0);
    let t2 = f.mul(a, &t2);
    let t4 = f.mul(triple, &t4);
    let t1 = f.add(&t1, &t2);
    let t2 = f.mul(a, &f.sub(&t0, &t2));
    let t4 = f.add(&t4, &t2);
    Point {
        x: f.sub(&f.mul(&t3, &x), &f.mul(&t5, &t4)),
        y: f.add(&y, &f.mul(&t1, &t4)),
        z: f.add(&f.mul(&t5, &z), &f.mul(&t3, &t1)),
    }
}

/// The public key of an Ed25519 seed (RFC 8032 §5.1.5).
pub fn ed25519_public(seed: &[u8; 32]) -> [u8; 32] {
    const P: &str = "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed";
    const D: &str = "52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3";
    const X: &str = "216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51a";
    const Y: &str = "6666666666666666666666666666666666666666666666666666666666666658";
    let digest = Sha512::digest(seed);
    let mut scalar = [0; 32];
    scalar.copy_from_slice(&digest[..32]);
    scalar[0] &= 0xf8;
    scalar[31] = scalar[31] & 0x7f | 0x40;
    scalar.reverse();
    let f: Field<4> = Field::new(constant(P));
    let d = f.enter(&constant(D));
    let one = f.enter(&small(1));
    let base = Point { x: f.enter(&constant(X)), y: f.enter(&constant(Y)), z: one };
    let zero = Point { x: [0; 4], y: one, z: one };
    // Bernstein, Birkner, Joye, Lange and Peters 2008, projective coordinates,
    // a = -1.
    let point = multiply(base, zero, &element(&scalar), |l, r| {
        let a = f.mul(&l.z, &r.z);
        let b = f.mul(&a, &a);
        let (c, y) = (f.mul(&l.x, &r.x), f.mul(&l.y, &r.y));
        let e = f.mul(&d, &f.mul(&c, &y));
        let (less, more) = (f.sub(&b, &e), f.add(&b, &e));
        let both = f.add(&c, &y);
        let cross = f.sub(&f.mul(&f.add(&l.x, &l.y), &f.add(&r.x, &r.y)), &both);
        Point {
            x: f.mul(&f.mul(&a, &less), &cross),
            y: f.mul(&f.mul(&a, &more), &both),
            z: f.mul(&less, &more),
        }
    });
    let inverse = f.invert(&point.z);
    let x = f.leave(&f.mul(&point.x, &inverse));
    let y = f.leave(&f.mul(&point.y, &inverse));
    let mut out = [0; 32];
    for (chunk, limb) in out.chunks_mut(8).zip(&y) {
        chunk.copy_from_slice(&limb.to_le_bytes());
    }
    out[31] |= (x[0] as u8 & 1) << 7;
    out
}

// SEC 2 version 2 and RFC 5639.

/// P-224.
pub const P_224: Weierstrass = Weierstrass {
    p: "ffffffffffffffffffffffffffffffff000000000000000000000001",
    a: "fffffffffffffffffffffffffffffffefffffffffffffffffffffffe",
    b: "b4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4",
    order: "ffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3d",
    x: "b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21",
    y: "bd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34",
};

/// P-256.
pub const P_256: Weierstrass = Weierstrass {
    p: "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
    a: "ffffffff00000001000000000000000000000000fffffffffffffffffffffffc",
    b: "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
    order: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    x: "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
    y: "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
};

/// P-384.
pub const P_384: Weierstrass = Weierstrass {
    p: "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
    a: "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000fffffffc",
    b: "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
    order: "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    x: "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
    y: "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
};

/// P-521.
pub const P_521: Weierstrass = Weierstrass {
    p: "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    a: "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc",
    b: "0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
    order: "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
    x: "00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66",
    y: "011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
};

/// secp256k1.
pub const SECP256K1: Weierstrass = Weierstrass {
    p: "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
    a: "0000000000000000000000000000000000000000000000000000000000000000",
    b: "0000000000000000000000000000000000000000000000000000000000000007",
    order: "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
    x: "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
    y: "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8",
};

/// brainpoolP256r1.
pub const BRAINPOOL_P256R1: Weierstrass = Weierstrass {
    p: "a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377",
    a: "7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9",
    b: "26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6",
    order: "a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7",
    x: "8bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262",
    y: "547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997",
};

/// brainpoolP384r1.
pub const BRAINPOOL_P384R1: Weierstrass = Weierstrass {
    p: "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729901d1a71874700133107ec53",
    a: "7bc382c63d8c150c3c72080ace05afa0c2bea28e4fb22787139165efba91f90f8aa5814a503ad4eb04a8c7dd22ce2826",
    b: "04a8c7dd22ce28268b39b55416f0447c2fb77de107dcd2a62e880ea53eeb62d57cb4390295dbc9943ab78696fa504c11",
    order: "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af6b7fc3103b883202e9046565",
    x: "1d1c64f068cf45ffa2a63a81b7c13f6b8847a3e77ef14fe3db7fcafe0cbd10e8e826e03436d646aaef87b2e247d4af1e",
    y: "8abe1d7520f9c2a45cb1eb8e95cfd55262b70b29feec5864e19c054ff99129280e4646217791811142820341263c5315",
};

/// brainpoolP512r1.
pub const BRAINPOOL_P512R1: Weierstrass = Weierstrass {
    p: "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca703308717d4d9b009bc66842aecda12ae6a380e62881ff2f2d82c68528aa6056583a48f3",
    a: "7830a3318b603b89e2327145ac234cc594cbdd8d3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94ca",
    b: "3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94cadc083e67984050b75ebae5dd2809bd638016f723",
    order: "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870553e5c414ca92619418661197fac10471db1d381085ddaddb58796829ca90069",
    x: "81aee4bdd82ed9645a21322e9c4c6a9385ed9f70b5d916c1b43b62eef4d0098eff3b1f78e2d0d48d50d1687b93b97d5f7c6d5047406a5e688b352209bcb9f822",
    y: "7dde385d566332ecc0eabfa9cf7822fdf209f70024a57b1aa000c55b881f8111b2dcde494a5f485e5bca4bd88a2763aed1ca2b2fa8f0540678cd1e0f3ad80892",
};

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(digits: &str) -> Vec<u8> {
        (0..digits.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap())
            .collect()
    }

    #[test]
    fn generators_belong_to_one_and_minus_one() {
        for curve in [
            P_224,
            P_256,
            P_384,
            P_521,
            SECP256K1,
            BRAINPOOL_P256R1,
            BRAINPOOL_P384R1,
            BRAINPOOL_P512R1,
        ] {
            let point = [&[4][..], &bytes(curve.x), &bytes(curve.y)].concat();
            assert_eq!(curve.public(&[0, 1]), Some(point.clone()), "{curve:?}");
            let mut last = bytes(curve.order);
            assert_eq!(curve.public(&last), None);
            *last.last_mut().unwrap() -= 1;
            let opposite = curve.public(&last).unwrap();
            let len = curve.x.len() / 2;
            assert_eq!(opposite[..=len], point[..=len]);
            assert_ne!(opposite, point);
            assert_eq!(curve.public(&[0]), None);
            assert_eq!(curve.public(&[0xff; 100]), None);
        }
    }

    #[test]
    fn rfc_8032_keys() {
        for (seed, public) in [
            (
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            ),
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            ),
        ] {
            let seed: [u8; 32] = bytes(seed).try_into().unwrap();
            assert_eq!(ed25519_public(&seed).to_vec(), bytes(public));
        }
    }

    #[test]
    fn rfc_9500_keys() {
        for (curve, secret, x) in [
            (
                P_256,
                "e6cb5bdd80aa45ae9c95e8c15476679ffec953c16851e711e743939589c64fc1",
                "422548f88fb782ffb5eca3744452c72a1e558fbd6f73be5e48e93232cc45c5b1",
            ),
            (
                P_384,
                "e2563328dfabf68188606b91324281c1d58a4456431b09d510b35fecc9f307ca1822846fa2671371a9a81bac0e35749d",
                "5b0901b88523296eb919d50ffa1a9cb374bc4d409586282bfeca11b1d95adbb54734af570bf82b7228cf226bcf4c25dd",
            ),
            (
                P_521,
                "01d924dcca0a887f8d99767a37d874e637a12ccb477d6e08665356694d68b7655e5069638fde7b45c854013dc77a35b18655b84c966a60220d40f91ed9f5145802ea",
                "01d0fd7257a84c747f562575c07385dbebf2f52bea58083db82fdd1531d8aae3cc875ff02ff7fa2da260d8eb62d6d2f5d649278e321736a0628cbbb30308b6e618db",
            ),
        ] {
            let point = curve.public(&bytes(secret)).unwrap();
            assert_eq!(point[1..=x.len() / 2], bytes(x));
        }
    }
}
