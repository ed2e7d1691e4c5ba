//! Private keys in the containers that people store them in.
//!
//! A detector a container: [`pem`] for everything in PEM that holds DER, then
//! OpenSSH, PuTTY, OpenPGP and SSH2. All of them read the text through
//! one reader, which takes off what the surrounding format puts on, and take
//! nothing for a key that does not parse to its last byte; where the numbers of
//! a key are in the open they are held against each other.
//!
//! Whether a passphrase is weak is not tried.

mod asn1;
mod body;
mod elliptic;
mod encryption;
mod key;
mod nearby;
mod openssh;
pub mod pem;
mod pgp;
mod published;
mod putty;
mod ssh2;
#[cfg(test)]
mod tests;
mod text;
mod wire;

pub use key::Key;

use crate::detector::Detector;

/// The detectors of this family, in the order in which they are listed.
pub(crate) fn detectors() -> Vec<Detector> {
    vec![pem::detector(), openssh::detector(), putty::detector(), pgp::detector(), ssh2::detector()]
}
