//! SES SMTP passwords (§1.7), derived from a secret access key.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The password of today: a version byte 4 and a chain of HMACs bound to a region.
pub(crate) fn password(secret: &str, region: &str) -> String {
    let mut key = format!("AWS4{secret}").into_bytes();
    for message in ["11111111", region, "ses", "aws4_request", "SendRawEmail"] {
        key = hmac(&key, message);
    }
    encode(4, &key)
}

/// The password made before 2019: a version byte 2 and one HMAC, no region.
pub(crate) fn old_password(secret: &str) -> String {
    encode(2, &hmac(secret.as_bytes(), "SendRawEmail"))
}

fn hmac(key: &[u8], message: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn encode(version: u8, signature: &[u8]) -> String {
    let mut bytes = vec![version];
    bytes.extend_from_slice(signature);
    STANDARD.encode(bytes)
}
