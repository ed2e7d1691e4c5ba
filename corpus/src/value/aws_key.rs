//! AWS access key ids, account numbers and secret access keys (§1.1–1.3).

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::draw::{BASE32, Draw};

/// Account numbers of documentation and emulators (§1.2); never drawn.
pub(crate) const DOCUMENTATION_ACCOUNTS: [u64; 9] = [
    0,
    111_111_111_111,
    111_122_223_333,
    123_456_789_012,
    210_987_654_321,
    222_222_222_222,
    444_455_556_666,
    555_555_555_555,
    999_999_999_999,
];

/// Draws an account number that no documentation uses.
pub(crate) fn account(draw: &mut Draw) -> u64 {
    loop {
        // Account numbers with many leading zeros exist but are rare.
        let account = draw.within(10_000_000_000..=999_999_999_998);
        if !DOCUMENTATION_ACCOUNTS.contains(&account) {
            return account;
        }
    }
}

/// An id of the new generation: one bit set, 40 bits of account, 39 random.
pub(crate) fn key_id(draw: &mut Draw, prefix: &str, account: u64) -> String {
    let random = draw.within(0..=(1 << 39) - 1);
    let bits = (1_u128 << 79) | (u128::from(account) << 39) | u128::from(random);
    let body = (0..16).rev().map(|index| {
        let five = (bits >> (5 * index)) & 31;
        char::from(BASE32[five as usize])
    });
    prefix.chars().chain(body).collect()
}

/// An id of the old generation, which holds no account.
pub(crate) fn old_key_id(draw: &mut Draw, prefix: &str) -> String {
    let first = *draw.pick(b"IJ");
    format!("{prefix}{}{}", char::from(first), draw.word(BASE32, 15))
}

/// An id whose account is beyond any twelve digits; no such id can exist.
pub(crate) fn impossible_key_id(draw: &mut Draw, prefix: &str) -> String {
    let account = draw.within(1_000_000_000_000..=(1 << 40) - 1);
    key_id(draw, prefix, account)
}

/// A secret access key: thirty random bytes in base64, whatever they look like.
pub(crate) fn secret(draw: &mut Draw) -> String {
    STANDARD.encode(draw.array::<30>())
}
