//! Signatures of object stores' URLs other than S3's own: Google's HMAC keys and
//! the older string that Google, Alibaba, Huawei and others took over from S3.
//!
//! Sources: Google Cloud documentation, "Canonical requests", "Signatures" and
//! "V2 signing process"; Huawei OBS API Reference, "Authentication of Signature in
//! a URL"; Alibaba OSS API Reference, "Add signatures to a URL" (V1).

use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::sigv4::hmac_sha256;
use crate::encoding::base64;

/// The canonical request of a URL that signs its host alone and no payload.
/// `parameters` are as the URL has them, percent-encoded; `signature` is the name,
/// in lower case, of the one that is not signed.
pub fn canonical_request(
    method: &str,
    path: &[u8],
    parameters: &[(&[u8], &[u8])],
    signature: &str,
    host: &str,
) -> Vec<u8> {
    let mut parameters: Vec<_> = parameters
        .iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case(signature.as_bytes()))
        .collect();
    parameters.sort();
    let query: Vec<Vec<u8>> =
        parameters.iter().map(|(name, value)| [*name, b"=", *value].concat()).collect();
    [
        method.as_bytes(),
        b"\n",
        path,
        b"\n",
        &query.join(&b'&'),
        b"\nhost:",
        host.as_bytes(),
        b"\n\nhost\nUNSIGNED-PAYLOAD",
    ]
    .concat()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The signature of a canonical request by a Google HMAC key. `scope` is
/// `date/location/storage/goog4_request`; `None` if it is not.
pub fn google_v4(secret: &[u8], date: &str, scope: &str, request: &[u8]) -> Option<String> {
    let mut words = scope.split('/');
    let (day, location, service) = (words.next()?, words.next()?, words.next()?);
    let mut key = hmac_sha256(&[b"GOOG4", secret].concat(), day.as_bytes());
    for word in [location, service, words.next()?] {
        key = hmac_sha256(&key, word.as_bytes());
    }
    let digest = hex(&Sha256::digest(request));
    let text = format!("GOOG4-HMAC-SHA256\n{date}\n{scope}\n{digest}");
    Some(hex(&hmac_sha256(&key, text.as_bytes())))
}

/// The signature, in base64, of a URL without further headers by the older
/// method: HMAC-SHA1 over method, expiry and resource.
pub fn signature_v2(secret: &[u8], method: &str, expires: &str, resource: &str) -> String {
    let text = format!("{method}\n\n\n{expires}\n{resource}");
    match Hmac::<Sha1>::new_from_slice(secret) {
        Ok(mac) => base64::encode(&mac.chain_update(text.as_bytes()).finalize().into_bytes()),
        // HMAC takes keys of every length.
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Signatures made for this test with Python's `hmac`.
    #[test]
    fn a_google_url_is_rebuilt() {
        let parameters: [(&[u8], &[u8]); 6] = [
            (b"X-Goog-Signature", b"x"),
            (b"X-Goog-Algorithm", b"GOOG4-HMAC-SHA256"),
            (b"X-Goog-SignedHeaders", b"host"),
            (b"X-Goog-Credential", b"GOOG1E%2F20250615%2Fauto%2Fstorage%2Fgoog4_request"),
            (b"X-Goog-Date", b"20250615T120000Z"),
            (b"X-Goog-Expires", b"3600"),
        ];
        let request = canonical_request(
            "GET",
            b"/acme/a.txt",
            &parameters,
            "x-goog-signature",
            "storage.googleapis.com",
        );
        let text = "GET\n/acme/a.txt\nX-Goog-Algorithm=GOOG4-HMAC-SHA256&X-Goog-Credential=\
            GOOG1E%2F20250615%2Fauto%2Fstorage%2Fgoog4_request&X-Goog-Date=20250615T120000Z&\
            X-Goog-Expires=3600&X-Goog-SignedHeaders=host\nhost:storage.googleapis.com\n\nhost\n\
            UNSIGNED-PAYLOAD";
        assert_eq!(String::from_utf8(request.clone()).unwrap(), text);
        let made = google_v4(
            b"bGoa+V7g/yqDXvKRqq+JTFn4uQZbPiQJo4pf9RzJ",
            "20250615T120000Z",
            "20250615/auto/storage/goog4_request",
            &request,
        );
        assert_eq!(
            made.unwrap(),
            "5dd7c07639c4707f29941c1aa27b4b51d5c92aa08f6b1f82f936e0580e414607"
        );
    }

    /// The signature in the S3 developer guide's "Query String Request
    /// Authentication Alternative".
    #[test]
    fn the_older_string_is_that_of_s3() {
        let made = signature_v2(
            b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "GET",
            "1175139620",
            "/johnsmith/photos/puppy.jpg",
        );
        assert_eq!(made, "NpgCjnDzrM+WFzoENXmpNDUsSn8=");
    }
}
