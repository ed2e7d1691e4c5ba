//! What AWS signs for others to use: URLs of Signature Version 4 and 2, upload
//! forms (§3.1, §3.2), CloudFront's URLs and cookies (§3.3).
//!
//! Where a shared secret signs, the signatures are the true ones; CloudFront's are
//! random bytes, as nobody can check them without the public key.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::wire;
use crate::{draw::Draw, escape::percent_encoded};

fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes every key");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

fn hmac_sha1_base64(key: &str, message: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("HMAC takes every key");
    mac.update(message.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn scoped_key(secret: &str, date: &str, region: &str, service: &str) -> Vec<u8> {
    [date, region, service, "aws4_request"]
        .iter()
        .fold(format!("AWS4{secret}").into_bytes(), |key, part| hmac_sha256(&key, part.as_bytes()))
}

/// Whoever signs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signer<'a> {
    pub(crate) key_id: &'a str,
    pub(crate) secret: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) region: &'a str,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) host: &'a str,
    /// The path, not encoded.
    pub(crate) path: &'a str,
    pub(crate) service: &'a str,
    /// `20250102T030405Z`
    pub(crate) at: &'a str,
    pub(crate) seconds: u64,
    /// Further parameters.
    pub(crate) more: &'a [(&'a str, &'a str)],
}

fn encoded_path(path: &str) -> String {
    path.split('/').map(percent_encoded).collect::<Vec<_>>().join("/")
}

/// The path and query of a URL of version 4. Parameters come in the order of SDKs,
/// sorted, or in no order; some write the slashes of the credential as they are.
pub(crate) fn sigv4(draw: &mut Draw, signer: Signer<'_>, request: Request<'_>) -> String {
    let Signer { key_id, secret, token, region } = signer;
    let Request { method, host, path, service, at, seconds, more } = request;
    let date = &at[..8];
    let scope = format!("{date}/{region}/{service}/aws4_request");
    let mut pairs = vec![
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA256".to_owned()),
        ("X-Amz-Credential", format!("{key_id}/{scope}")),
        ("X-Amz-Date", at.to_owned()),
        ("X-Amz-Expires", seconds.to_string()),
    ];
    pairs.extend(token.map(|token| ("X-Amz-Security-Token", token.to_owned())));
    pairs.push(("X-Amz-SignedHeaders", "host".into()));
    pairs.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    let path = encoded_path(path);
    let mut sorted: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", percent_encoded(name), percent_encoded(value)))
        .collect();
    sorted.sort();
    let payload =
        if service == "s3" { "UNSIGNED-PAYLOAD".to_owned() } else { hex(&Sha256::digest(b"")) };
    let canonical =
        format!("{method}\n{path}\n{}\nhost:{host}\n\nhost\n{payload}", sorted.join("&"));
    let digest = hex(&Sha256::digest(canonical));
    let to_sign = format!("AWS4-HMAC-SHA256\n{at}\n{scope}\n{digest}");
    let key = scoped_key(secret, date, region, service);
    pairs.push(("X-Amz-Signature", hex(&hmac_sha256(&key, to_sign.as_bytes()))));
    match draw.below(4) {
        0 => pairs.sort(),
        1 => draw.shuffle(&mut pairs),
        _ => {}
    }
    let slashes = draw.chance(0.15);
    let query: Vec<_> = pairs
        .iter()
        .map(|(name, value)| {
            let value = percent_encoded(value);
            let open = slashes && *name == "X-Amz-Credential";
            format!("{name}={}", if open { value.replace("%2F", "/") } else { value })
        })
        .collect();
    format!("{path}?{}", query.join("&"))
}

/// A URL of version 4A, whose signature is an ECDSA one of nobody's key.
pub(crate) fn sigv4a(draw: &mut Draw, key_id: &str, at: &str, seconds: u64, path: &str) -> String {
    let credential = percent_encoded(&format!("{key_id}/{}/s3/aws4_request", &at[..8]));
    let signature = hex(&wire::ecdsa_signature(draw, 32));
    let host = draw.word(b"abcdefghijklmnopqrstuvwxyz234567", 13);
    format!(
        "https://{host}.mrap.accesspoint.s3-global.amazonaws.com{}?X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256\
         &X-Amz-Credential={credential}&X-Amz-Date={at}&X-Amz-Expires={seconds}&X-Amz-Region-Set=%2A\
         &X-Amz-SignedHeaders=host&X-Amz-Signature={signature}",
        encoded_path(path)
    )
}

/// The query of a URL of version 2.
pub(crate) fn sigv2(
    draw: &mut Draw,
    signer: Signer<'_>,
    bucket: &str,
    path: &str,
    expires: i64,
) -> String {
    let path = encoded_path(path);
    let token = signer.token.map(|t| format!("x-amz-security-token:{t}\n")).unwrap_or_default();
    let to_sign = format!("GET\n\n\n{expires}\n{token}/{bucket}{path}");
    let signature = percent_encoded(&hmac_sha1_base64(signer.secret, &to_sign));
    let mut pairs = vec![
        format!("AWSAccessKeyId={}", signer.key_id),
        format!("Expires={expires}"),
        format!("Signature={signature}"),
    ];
    pairs.extend(signer.token.map(|t| format!("x-amz-security-token={}", percent_encoded(t))));
    if draw.chance(0.5) {
        draw.shuffle(&mut pairs);
    }
    pairs.join("&")
}

/// A form's policy and the signature of its base64.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) policy: String,
    pub(crate) signature: String,
}

/// A form of version 4 or, without a date, of version 2.
pub(crate) fn post_form(
    draw: &mut Draw,
    signer: Signer<'_>,
    bucket: &str,
    expiration: &str,
    at: Option<&str>,
) -> Form {
    let (colon, comma) = if draw.chance(0.5) { (": ", ", ") } else { (":", ",") };
    let mut conditions = vec![format!("{{\"bucket\"{colon}\"{bucket}\"}}")];
    let prefix = draw.pick(&["", "uploads/", "user/"]);
    conditions.push(format!("[\"starts-with\"{comma}\"$key\"{comma}\"{prefix}\"]"));
    if draw.chance(0.5) {
        conditions.push(format!("{{\"acl\"{colon}\"private\"}}"));
    }
    if draw.chance(0.5) {
        conditions.push(format!("[\"content-length-range\"{comma}0{comma}10485760]"));
    }
    if let Some(at) = at {
        let scope = format!("{}/{}/s3/aws4_request", &at[..8], signer.region);
        conditions.push(format!("{{\"x-amz-algorithm\"{colon}\"AWS4-HMAC-SHA256\"}}"));
        conditions.push(format!("{{\"x-amz-credential\"{colon}\"{}/{scope}\"}}", signer.key_id));
        conditions.push(format!("{{\"x-amz-date\"{colon}\"{at}\"}}"));
    }
    if let Some(token) = signer.token {
        conditions.push(format!("{{\"x-amz-security-token\"{colon}\"{token}\"}}"));
    }
    let conditions = format!("\"conditions\"{colon}[{}]", conditions.join(comma));
    let expiration = format!("\"expiration\"{colon}\"{expiration}\"");
    let json = if draw.chance(0.8) {
        format!("{{{expiration}{comma}{conditions}}}")
    } else {
        format!("{{{conditions}{comma}{expiration}}}")
    };
    let policy = STANDARD.encode(json);
    let signature = match at {
        Some(at) => {
            let key = scoped_key(signer.secret, &at[..8], signer.region, "s3");
            hex(&hmac_sha256(&key, policy.as_bytes()))
        }
        None => hmac_sha1_base64(signer.secret, &policy),
    };
    Form { policy, signature }
}

/// What CloudFront takes.
#[derive(Clone, Debug)]
pub(crate) struct CloudFront {
    /// In its base64; none where the canned policy is meant.
    pub(crate) policy: Option<String>,
    pub(crate) expires: i64,
    pub(crate) signature: String,
    pub(crate) key_pair_id: String,
}

/// CloudFront's base64.
fn cloudfront_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes).replace('+', "-").replace('=', "_").replace('/', "~")
}

/// A signature of CloudFront for a resource until some moment.
pub(crate) fn cloudfront(
    draw: &mut Draw,
    resource: &str,
    expires: i64,
    custom: bool,
) -> CloudFront {
    let address = if draw.chance(0.3) {
        format!(",\"IpAddress\":{{\"AWS:SourceIp\":\"81.2.{}.0/24\"}}", draw.below(256))
    } else {
        String::new()
    };
    let policy = custom.then(|| {
        cloudfront_base64(
            format!(
                "{{\"Statement\":[{{\"Resource\":\"{resource}\",\"Condition\":{{\"DateLessThan\":\
                 {{\"AWS:EpochTime\":{expires}}}{address}}}}}]}}"
            )
            .as_bytes(),
        )
    });
    let signature = match draw.below(5) {
        0 => draw.bytes(128),
        1 => wire::ecdsa_signature(draw, 32),
        _ => draw.bytes(256),
    };
    let key_pair_id = if draw.chance(0.4) {
        format!("APKA{}", draw.word(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16))
    } else {
        format!("K{}", draw.word(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 13))
    };
    CloudFront { policy, expires, signature: cloudfront_base64(&signature), key_pair_id }
}

impl CloudFront {
    /// The query of a URL.
    pub(crate) fn query(&self) -> String {
        let grant = match &self.policy {
            Some(policy) => format!("Policy={policy}"),
            None => format!("Expires={}", self.expires),
        };
        format!("{grant}&Signature={}&Key-Pair-Id={}", self.signature, self.key_pair_id)
    }
}
