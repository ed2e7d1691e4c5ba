//! Naming a secret without telling it.
//!
//! A fingerprint is made of the detector's id and the decoded secret, and of
//! nothing else: it survives a rename, a rebase, a shifted line and another
//! way of writing the same value. It stands in reports, baselines and filtered
//! logs, so nobody may be able to guess a secret from it at speed. A key that a
//! machine drew at random cannot be guessed; a password that a person chose
//! can, unless each guess is costly. Hence two forms:
//!
//! - `b3:` and 32 hexadecimal digits: BLAKE3 in its key-derivation mode, for
//!   secrets that look drawn at random;
//! - `a2:` and 32 hexadecimal digits: Argon2id, for all others.
//!
//! **These rules never change.** A change would orphan every baseline; a better
//! rule needs a third form. For this reason nothing here uses the statistics
//! that detectors tune, nor floating-point numbers.

use std::fmt;

use argon2::{Algorithm, Argon2, Block, Params, Version};

/// Domain separation of the two uses of BLAKE3.
const FINGERPRINT: &str = "leaksieve fingerprint v1";
const SALT: &str = "leaksieve fingerprint salt v1";

/// Argon2id with 8 MiB, one pass and one lane: about 4 ms a secret, a million
/// times what BLAKE3 takes. Less than what OWASP recommends for stored passwords
/// (19 MiB, two passes), because a scan of an organisation meets tens of
/// thousands of passwords and must not take hours over their names.
const MEMORY_KIB: u32 = 8 * 1024;
const PASSES: u32 = 1;
const LANES: u32 = 1;

/// Bytes of a fingerprint: enough that two secrets never meet by chance.
const LEN: usize = 16;

/// The name of a secret in reports and baselines.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(Box<str>);

/// The memory of the costly function: 8 MiB once it has been used.
#[derive(Default)]
pub(crate) struct Memory(Vec<Block>);

impl Fingerprint {
    /// The fingerprint of a secret that a detector found. The same for both on
    /// every machine and in every release.
    ///
    /// Costs a microsecond for a random key, some 4 ms and 8 MiB for a
    /// password.
    pub fn new(detector: &str, secret: &[u8]) -> Self {
        Self::with_memory(detector, secret, &mut Memory::default())
    }

    /// Like [`Fingerprint::new`], with memory that is used again and again.
    pub(crate) fn with_memory(detector: &str, secret: &[u8], memory: &mut Memory) -> Self {
        let (form, digest) = if is_guessable(secret) {
            ("a2", costly(detector, secret, memory))
        } else {
            ("b3", cheap(detector, secret))
        };
        Self(format!("{form}:{}", hex(&digest)).into())
    }

    /// Whether the fingerprint of this secret is the costly one.
    pub(crate) fn is_costly(secret: &[u8]) -> bool {
        is_guessable(secret)
    }

    /// The fingerprint of an identifier that is shown in full anyway.
    pub(crate) fn of_identifier(detector: &str, identifier: &[u8]) -> Self {
        Self(format!("b3:{}", hex(&cheap(detector, identifier))).into())
    }

    /// The fingerprint that this text spells, as [`Fingerprint::as_str`] gives it.
    pub fn from_text(text: &str) -> Option<Self> {
        let (form, digest) = text.split_once(':')?;
        let is_digit = |b: u8| b.is_ascii_digit() || matches!(b, b'a'..=b'f');
        let is_one =
            matches!(form, "b3" | "a2") && digest.len() == 2 * LEN && digest.bytes().all(is_digit);
        is_one.then(|| Self(text.into()))
    }

    /// The fingerprint's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a secret may have been chosen by a person.
///
/// It is taken to be random if it has at least 64 bytes, or at least 20 of
/// which every third changes the class (capital, small, digit, other) of the
/// one before. Random base64 changes at three places in five and random
/// hexadecimal at every second; `Summer2024!Vacation` at one in four. A random
/// key that falls below costs 4 ms and nothing else.
fn is_guessable(secret: &[u8]) -> bool {
    fn class(byte: u8) -> u8 {
        match byte {
            b'A'..=b'Z' => 0,
            b'a'..=b'z' => 1,
            b'0'..=b'9' => 2,
            _ => 3,
        }
    }
    if secret.len() >= 64 {
        return false;
    }
    let changes = secret.windows(2).filter(|two| class(two[0]) != class(two[1])).count();
    secret.len() < 20 || changes * 3 < secret.len()
}

fn cheap(detector: &str, secret: &[u8]) -> [u8; LEN] {
    let mut hasher = blake3::Hasher::new_derive_key(FINGERPRINT);
    // The length keeps `ab` + `c` apart from `a` + `bc`.
    hasher.update(&(detector.len() as u64).to_le_bytes());
    hasher.update(detector.as_bytes());
    hasher.update(secret);
    let mut digest = [0; LEN];
    hasher.finalize_xof().fill(&mut digest);
    digest
}

/// The salt is fixed for each detector: a random one would give one secret many
/// fingerprints. What it still does is to make a table of guesses useless for
/// any other detector and any other program.
fn costly(detector: &str, secret: &[u8], memory: &mut Memory) -> [u8; LEN] {
    let salt = blake3::derive_key(SALT, detector.as_bytes());
    let mut digest = [0; LEN];
    memory.0.resize(MEMORY_KIB as usize, Block::default());
    let hashed = Params::new(MEMORY_KIB, PASSES, LANES, Some(LEN)).and_then(|params| {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
            secret,
            &salt[..LEN],
            &mut digest,
            &mut memory.0,
        )
    });
    // Argon2 refuses only parameters out of bounds, and these are constants.
    debug_assert!(hashed.is_ok());
    digest
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]])
        .map(char::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"9drTJvcXLB89EXRL9Fm5HmvzJ4dN1qkP3WnYbZ2c";

    /// These values stand in people's baselines. They were computed with other
    /// implementations of BLAKE3 and Argon2 (Python `blake3`, `argon2-cffi`).
    #[test]
    fn fingerprints_never_change() {
        assert_eq!(
            Fingerprint::new("aws-secret-key", KEY).as_str(),
            "b3:ccdb04310f595ff9ce9c3c8cf216350b"
        );
        assert_eq!(
            Fingerprint::new("database-url", b"hunter2").as_str(),
            "a2:0b2b1bcebfce080fae0cc016971a7e22"
        );
    }

    #[test]
    fn text_there_and_back() {
        let print = Fingerprint::new("aws-secret-key", KEY);
        assert_eq!(Fingerprint::from_text(print.as_str()), Some(print));
        for no in ["", "b3", "b3:", "b3:ccdb04310f595ff9ce9c3c8cf216350", "b4:", "a2:\u{e9}"] {
            assert_eq!(Fingerprint::from_text(no), None);
        }
        assert_eq!(Fingerprint::from_text(&format!("c3:{}", "0".repeat(32))), None);
        assert_eq!(Fingerprint::from_text(&format!("b3:{}", "A".repeat(32))), None);
    }

    #[test]
    fn detectors_and_secrets_are_kept_apart() {
        let key = Fingerprint::new("aws-secret-key", KEY);
        assert_eq!(key, Fingerprint::new("aws-secret-key", KEY));
        assert_ne!(key, Fingerprint::new("aws-secret-ke", &[b"y", KEY].concat()));
        assert_ne!(key, Fingerprint::new("aws-secret-key", &KEY[1..]));
    }

    #[test]
    fn what_a_person_may_have_chosen_is_costly_to_guess() {
        for weak in ["", "hunter2", "Summer2024!Vacation", "correct horse battery staple"] {
            assert!(is_guessable(weak.as_bytes()), "{weak}");
        }
        assert!(is_guessable(b"SummerVacation2024!InTuscany"));
        for strong in [
            KEY,
            b"d41d8cd98f00b204e9800998ecf8427e",
            b"5b582697-9d4e-1c2f-8a7b-0123456789ab",
            &[b'x'; 64],
        ] {
            assert!(!is_guessable(strong), "{}", String::from_utf8_lossy(strong));
        }
    }
}
