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
/// published keys; where they are published stands above each. A key whose
/// source cannot be named is not listed.
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
    // jwt.io's RS256 example: src/editor/default-tokens.js of
    // jsonwebtoken/jsonwebtoken.github.io.
    0x2da8_a492_573f_9cd4_u64.to_be_bytes(),
    // RFC 8410 §10.3.
    0x8ed5_1c84_38ac_3806_u64.to_be_bytes(),
    // hashicorp/vagrant, keys/vagrant: the insecure key of all base boxes.
    0x4fd9_973c_9cc2_06ef_u64.to_be_bytes(),
    // hashicorp/vagrant, keys/vagrant.key.ed25519.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_standards_print_are_listed() {
        for digits in [
            // RFC 9500 §2.3.
            "e6cb5bdd80aa45ae9c95e8c15476679ffec953c16851e711e743939589c64fc1",
            "e2563328dfabf68188606b91324281c1d58a4456431b09d510b35fecc9f307ca\
             1822846fa2671371a9a81bac0e35749d",
            "01d924dcca0a887f8d99767a37d874e637a12ccb477d6e08665356694d68b765\
             5e5069638fde7b45c854013dc77a35b18655b84c966a60220d40f91ed9f5145802ea",
            // RFC 8032 §7.1, tests 1 to 3.
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            // RFC 7748 §6.1.
            "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
            "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
            // RFC 8410 §10.3.
            "d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842",
        ] {
            let number: Vec<u8> = (0..digits.len())
                .step_by(2)
                .map(|i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap())
                .collect();
            assert_eq!(check(&number), Err(Reason::PublicTestKey), "{digits}");
            assert_eq!(check(&number[1..]), Ok(()));
        }
    }
}
