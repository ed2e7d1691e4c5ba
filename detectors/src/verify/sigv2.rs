//! AWS Signature Version 2, as Amazon S3 takes it in queries and forms.
//!
//! Source: Amazon S3 User Guide, "Signing and authenticating REST requests (AWS
//! signature version 2)", "Query string request authentication alternative".

use hmac::{Hmac, Mac};
use sha1::Sha1;

/// HMAC-SHA1 of `message` under `key`.
pub fn hmac_sha1(key: &[u8], message: &[u8]) -> [u8; 20] {
    match Hmac::<Sha1>::new_from_slice(key) {
        Ok(mac) => mac.chain_update(message).finalize().into_bytes().into(),
        // HMAC takes keys of every length.
        Err(_) => [0; 20],
    }
}

/// What a signed query of Amazon S3 signs: the method, the time at which it
/// expires, the session token if there is one, and the resource: bucket, path and
/// subresources.
pub fn string_to_sign(
    method: &str,
    expires: &str,
    token: Option<&[u8]>,
    resource: &[u8],
) -> Vec<u8> {
    let mut message = format!("{method}\n\n\n{expires}\n").into_bytes();
    if let Some(token) = token {
        message.extend_from_slice(b"x-amz-security-token:");
        message.extend_from_slice(token);
        message.push(b'\n');
    }
    message.extend_from_slice(resource);
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::base64;

    #[test]
    fn signed_query_of_the_documentation() {
        let message = string_to_sign("GET", "1175139620", None, b"/johnsmith/photos/puppy.jpg");
        let mac = hmac_sha1(b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", &message);
        assert_eq!(base64::encode(&mac), "NpgCjnDzrM+WFzoENXmpNDUsSn8=");
    }
}
