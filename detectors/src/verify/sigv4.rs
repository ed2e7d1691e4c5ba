//! AWS Signature Version 4: the signing key, what presigned requests sign with
//! it, and the SES passwords made with it.
//!
//! Sources: AWS General Reference, "Create a signed AWS API request"; Amazon
//! SES Developer Guide, "Obtaining SES SMTP credentials by converting existing
//! AWS credentials".

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::encoding::base64;

/// HMAC-SHA256 of `message` under `key`.
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mac) => mac.chain_update(message).finalize().into_bytes().into(),
        // HMAC takes keys of every length.
        Err(_) => [0; 32],
    }
}

/// The key that signs requests of one day (`yyyymmdd`) to one service in one
/// region.
pub fn signing_key(secret: &[u8], date: &[u8], region: &[u8], service: &[u8]) -> [u8; 32] {
    DateKey::new(secret, date).scoped(region, service)
}

/// The first step of [`signing_key`], to share it between regions.
#[derive(Debug, Clone, Copy)]
pub struct DateKey([u8; 32]);

impl DateKey {
    /// The key of a secret on one day, `yyyymmdd`.
    pub fn new(secret: &[u8], date: &[u8]) -> Self {
        let mut key = Vec::with_capacity(4 + secret.len());
        key.extend_from_slice(b"AWS4");
        key.extend_from_slice(secret);
        Self(hmac_sha256(&key, date))
    }

    /// The signing key for one service in one region.
    pub fn scoped(&self, region: &[u8], service: &[u8]) -> [u8; 32] {
        let region = hmac_sha256(&self.0, region);
        let service = hmac_sha256(&region, service);
        hmac_sha256(&service, b"aws4_request")
    }
}

/// The hash that stands for a body that is not signed, as in Amazon S3.
pub const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";
/// The SHA-256 of an empty body.
pub const EMPTY_PAYLOAD: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A presigned request that signs no header but `host`.
#[derive(Clone, Copy)]
pub struct PresignedRequest<'a> {
    /// Host, with the port where it is not that of the scheme.
    pub host: &'a str,
    /// Path, as the canonical request has it.
    pub path: &'a [u8],
    /// Names and values of the query without the signature, decoded.
    pub query: &'a [(Vec<u8>, Vec<u8>)],
    /// What stands for the hash of the body.
    pub payload: &'a str,
}

/// Shows its host, never its query.
impl std::fmt::Debug for PresignedRequest<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PresignedRequest").field("host", &self.host).finish_non_exhaustive()
    }
}

impl PresignedRequest<'_> {
    /// What is signed for one method. `date` is that of `X-Amz-Date`, `scope` what
    /// follows the key id in the credential; `algorithm` names both the algorithm
    /// and the family, as `AWS4-HMAC-SHA256` does.
    pub fn string_to_sign(
        &self,
        method: &str,
        algorithm: &str,
        date: &str,
        scope: &str,
    ) -> Vec<u8> {
        let mut pairs: Vec<(Vec<u8>, Vec<u8>)> =
            self.query.iter().map(|(name, value)| (encoded(name), encoded(value))).collect();
        pairs.sort_unstable();
        let mut request = format!("{method}\n").into_bytes();
        request.extend_from_slice(self.path);
        request.push(b'\n');
        for (i, (name, value)) in pairs.iter().enumerate() {
            if i > 0 {
                request.push(b'&');
            }
            request.extend_from_slice(name);
            request.push(b'=');
            request.extend_from_slice(value);
        }
        let Self { host, payload, .. } = self;
        request.extend_from_slice(format!("\nhost:{host}\n\nhost\n{payload}").as_bytes());
        let digest = hex(&Sha256::digest(&request));
        format!("{algorithm}\n{date}\n{scope}\n{digest}").into_bytes()
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
pub fn encoded(text: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = Vec::with_capacity(text.len() + 16);
    for byte in text {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(*byte);
        } else {
            let (high, low) = (usize::from(byte >> 4), usize::from(byte & 15));
            out.extend([b'%', DIGITS[high], DIGITS[low]]);
        }
    }
    out
}

/// A path with each of its segments [encoded].
pub fn encoded_path(path: &[u8]) -> Vec<u8> {
    if path.is_empty() {
        return b"/".to_vec();
    }
    path.split(|b| *b == b'/').map(encoded).collect::<Vec<_>>().join(&b'/')
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The date in the scope of every SES SMTP password.
const SES_DATE: &[u8] = b"11111111";
/// The message that SES SMTP passwords sign.
const SES_MESSAGE: &[u8] = b"SendRawEmail";
/// First byte of a password since January 2019.
pub const SES_V4: u8 = 0x04;
/// First byte of an older password.
pub const SES_V2: u8 = 0x02;

/// The 33 bytes of an SES SMTP password of the second version, which holds in
/// all regions.
pub fn ses_password_v2(secret: &[u8]) -> [u8; 33] {
    versioned(SES_V2, hmac_sha256(secret, SES_MESSAGE))
}

/// Makes SES SMTP passwords of the fourth version from one secret.
#[derive(Debug, Clone, Copy)]
pub struct SesPasswords(DateKey);

impl SesPasswords {
    /// Passwords of this secret access key.
    pub fn of(secret: &[u8]) -> Self {
        Self(DateKey::new(secret, SES_DATE))
    }

    /// The 33 bytes of the password in a region.
    pub fn in_region(&self, region: &str) -> [u8; 33] {
        versioned(SES_V4, hmac_sha256(&self.0.scoped(region.as_bytes(), b"ses"), SES_MESSAGE))
    }
}

fn versioned(version: u8, mac: [u8; 32]) -> [u8; 33] {
    let mut bytes = [version; 33];
    bytes[1..].copy_from_slice(&mac);
    bytes
}

/// An SES SMTP password as it is written.
pub fn ses_text(password: &[u8; 33]) -> String {
    base64::encode(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pair of the AWS documentation.
    const SECRET: &[u8] = b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    #[test]
    fn presigned_url_of_the_documentation() {
        // Amazon S3 API Reference, "Authenticating Requests: Using Query
        // Parameters".
        let to_sign = b"AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n\
            3bfa292879f6447bbcda7001decf97f4a54dc650c8942174ae0a9121cf58ad04";
        let mac = hmac_sha256(&signing_key(SECRET, b"20130524", b"us-east-1", b"s3"), to_sign);
        let hex: String = mac.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    }

    #[test]
    fn the_string_to_sign_is_that_of_the_documentation() {
        let pair = |name: &str, value: &str| (name.as_bytes().to_vec(), value.as_bytes().to_vec());
        let query = [
            pair("X-Amz-SignedHeaders", "host"),
            pair("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            pair("X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"),
            pair("X-Amz-Date", "20130524T000000Z"),
            pair("X-Amz-Expires", "86400"),
        ];
        let request = PresignedRequest {
            host: "examplebucket.s3.amazonaws.com",
            path: &encoded_path(b"/test.txt"),
            query: &query,
            payload: UNSIGNED_PAYLOAD,
        };
        let scope = "20130524/us-east-1/s3/aws4_request";
        let to_sign = request.string_to_sign("GET", "AWS4-HMAC-SHA256", "20130524T000000Z", scope);
        assert!(
            to_sign.ends_with(b"3bfa292879f6447bbcda7001decf97f4a54dc650c8942174ae0a9121cf58ad04")
        );
        assert_eq!(hex(&Sha256::digest(b"")), EMPTY_PAYLOAD);
    }

    #[test]
    fn ses_passwords() {
        let v4 = SesPasswords::of(SECRET);
        for (region, password) in [
            ("us-east-1", "BLBM/9hSUELfq8Gw+rU1YcBjkOxGbhT2XG763xVLGWL9"),
            ("us-west-2", "BF2PynzbSCAjX08zhZZnP/kW+T9P5zs/1Er0pi5vTEmd"),
            ("eu-west-1", "BMW5RDrXmmVs0lV7GpI4oLkHXpZ4stDsk6q91z1g38Pk"),
        ] {
            assert_eq!(ses_text(&v4.in_region(region)), password);
        }
        assert_eq!(
            ses_text(&ses_password_v2(SECRET)),
            "An60U4ZD3sd4fg+FvXUjayOipTt8LO4rUUmhpdX6ctDy"
        );
    }
}
