//! Private keys that are printed in standards and shipped with tools, so that
//! everybody has them.
//!
//! Only the start of the SHA-256 of one number is kept for each: the modulus of
//! an RSA key, the secret number of any other. One entry refuses a key in every
//! container.

use hmac::digest::Digest;
use sha2::Sha256;

use crate::evidence::Reason;

/// The first eight bytes of SHA-256 over each number, computed from the
/// published keys; where they are published stands above each.
const KEYS: &[[u8; 8]] = &[
    // RFC 9500 §2.1: testRSA2048.
    0xd524_6bc3_7754_1fb7_u64.to_be_bytes(),
    // RFC 9500 §2.3: testECCP256.
    0xfc3e_599c_9777_8c11_u64.to_be_bytes(),
    // RFC 9500 §2.3: testECCP384.
    0x3a7b_b156_6fa2_8150_u64.to_be_bytes(),
    // RFC 9500 §2.3: testECCP521.
    0x4c56_005a_ecea_f780_u64.to_be_bytes(),
    // RFC 8032 §7.1, test 1; RFC 8037 §A.1.
    0x644d_50ab_6486_4c20_u64.to_be_bytes(),
    // RFC 8032 §7.1, test 2.
    0x3d2d_9682_cdba_5296_u64.to_be_bytes(),
    // RFC 8032 §7.1, test 3.
    0xd8ec_a0cc_a720_d33b_u64.to_be_bytes(),
    // RFC 7748 §6.1: Alice.
    0xc9cc_bbf1_2f7c_2cf4_u64.to_be_bytes(),
    // RFC 7748 §6.1: Bob.
    0xff40_0ceb_ff8d_d000_u64.to_be_bytes(),
    // The key of jwt.io's RS256 example, in the tests of many JWT libraries.
    0x2da8_a492_573f_9cd4_u64.to_be_bytes(),
    // RFC 8410 §10.3.
    0x8ed5_1c84_38ac_3806_u64.to_be_bytes(),
    // Vagrant, keys/vagrant.key.rsa: the insecure key of all base boxes.
    0x4fd9_973c_9cc2_06ef_u64.to_be_bytes(),
    // Vagrant, keys/vagrant.key.ed25519.
    0x0c35_b8be_6e40_95eb_u64.to_be_bytes(),
];

/// Refuses a number that belongs to a published key.
pub(super) fn check(number: &[u8]) -> Result<(), Reason> {
    let digest = Sha256::digest(number);
    if KEYS.iter().any(|start| digest.starts_with(start)) {
        Err(Reason::PublicTestKey)
    } else {
        Ok(())
    }
}
