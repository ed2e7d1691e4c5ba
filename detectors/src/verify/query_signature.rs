//! AWS Signature Version 2 of query requests: every parameter is signed, sorted
//! by name, after the verb, the host and the path.
//!
//! It is what Marketplace Web Service, SimpleDB, SQS and EC2 of the first years
//! took. (S3 has a second version of its own that signs other things.)
//!
//! Sources: AWS General Reference, "Signature Version 2 signing process"; Amazon
//! MWS Developer Guide, "If you create your own client library".

use hmac::{Hmac, Mac};
use sha1::Sha1;

use crate::verify::sigv4::hmac_sha256;

/// `SignatureMethod` of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `HmacSHA1`: 20 bytes.
    Sha1,
    /// `HmacSHA256`: 32 bytes.
    Sha256,
}

impl Method {
    /// The method of that name.
    pub fn named(name: &[u8]) -> Option<Self> {
        match name {
            b"HmacSHA1" => Some(Self::Sha1),
            b"HmacSHA256" => Some(Self::Sha256),
            _ => None,
        }
    }

    /// Bytes of a signature.
    pub const fn len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// Never; a signature has bytes.
    pub const fn is_empty(self) -> bool {
        false
    }

    /// The signature of `message` under `secret`.
    pub fn sign(self, secret: &[u8], message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => hmac_sha256(secret, message).to_vec(),
            Self::Sha1 => match Hmac::<Sha1>::new_from_slice(secret) {
                Ok(mac) => mac.chain_update(message).finalize().into_bytes().to_vec(),
                // HMAC takes keys of every length.
                Err(_) => Vec::new(),
            },
        }
    }
}

/// What is signed: the parameters without `Signature`, decoded, in any order.
pub fn string_to_sign(
    verb: &str,
    host: &str,
    path: &str,
    parameters: &[(Vec<u8>, Vec<u8>)],
) -> Vec<u8> {
    let mut sorted: Vec<&(Vec<u8>, Vec<u8>)> = parameters.iter().collect();
    sorted.sort();
    let path = if path.is_empty() { "/" } else { path };
    let mut text = format!("{verb}\n{}\n{path}\n", host.to_ascii_lowercase()).into_bytes();
    for (at, (name, value)) in sorted.into_iter().enumerate() {
        if at > 0 {
            text.push(b'&');
        }
        encode(name, &mut text);
        text.push(b'=');
        encode(value, &mut text);
    }
    text
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
fn encode(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            out.push(*byte);
        } else {
            out.extend([b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::base64;

    #[test]
    fn the_example_of_the_general_reference() {
        // AWS General Reference, "Signature Version 2 signing process": the
        // DescribeJobFlows request.
        let parameters: Vec<(Vec<u8>, Vec<u8>)> = [
            ("Action", "DescribeJobFlows"),
            ("Version", "2009-03-31"),
            ("AWSAccessKeyId", "AKIAIOSFODNN7EXAMPLE"),
            ("SignatureVersion", "2"),
            ("SignatureMethod", "HmacSHA256"),
            ("Timestamp", "2011-10-03T15:19:30"),
        ]
        .map(|(n, v)| (n.into(), v.into()))
        .into();
        let text = string_to_sign("GET", "elasticmapreduce.amazonaws.com", "/", &parameters);
        assert_eq!(
            String::from_utf8_lossy(&text),
            "GET\nelasticmapreduce.amazonaws.com\n/\nAWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&\
             Action=DescribeJobFlows&SignatureMethod=HmacSHA256&SignatureVersion=2&\
             Timestamp=2011-10-03T15%3A19%3A30&Version=2009-03-31"
        );
        let secret = b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let signature = base64::encode(&Method::Sha256.sign(secret, &text));
        assert_eq!(signature, "i91nKc4PWAt0JJIdXwz9HxZCJDdiy6cf/Mj6vPxyYIs=");
    }

    #[test]
    fn sha1_is_that_of_rfc_2202() {
        // RFC 2202, HMAC-SHA-1, test case 2.
        let mac = Method::Sha1.sign(b"Jefe", b"what do ya want for nothing?");
        let hex: String = mac.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        assert_eq!(mac.len(), Method::Sha1.len());
    }
}
