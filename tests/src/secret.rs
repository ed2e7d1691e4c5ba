//! Values to plant, drawn at random.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::draw::Draw;

const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const ALNUM: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A value, and the text that it is planted in.
#[derive(Clone)]
pub struct Secret {
    /// The detector that reports it.
    pub detector: &'static str,
    /// Lines without a line end after the last.
    pub text: String,
    /// What the finding must hold.
    pub value: Vec<u8>,
}

/// A key id of AWS and its secret, on two lines.
pub fn aws_pair(draw: &mut Draw) -> Secret {
    // One bit set, 40 bits of account, 39 random.
    let account = 10_000_000_000 + draw.bits() % 900_000_000_000;
    let bits = 1_u128 << 79 | u128::from(account) << 39 | u128::from(draw.bits() >> 25);
    let body = (0..16).rev().map(|i| char::from(BASE32[(bits >> (5 * i)) as usize & 31]));
    let id: String = "AKIA".chars().chain(body).collect();
    let value = STANDARD.encode(draw.bytes(30));
    let text = format!("aws_access_key_id = {id}\naws_secret_access_key = {value}");
    Secret { detector: "aws-access-key", text, value: value.into() }
}

/// A connection string with a password.
pub fn database_uri(draw: &mut Draw) -> Secret {
    let value = draw.word(ALNUM, 20);
    let (user, host) = (draw.word(LOWER, 6), draw.word(LOWER, 9));
    let text = format!("postgres://{user}:{value}@{host}.prod.acme-corp.net:5432/orders");
    Secret { detector: "database-uri", text, value: value.into() }
}

/// An Ed25519 key in PKCS #8. The finding's value is what the armour holds.
pub fn private_key(draw: &mut Draw) -> Secret {
    // RFC 8410: version 0, the algorithm 1.3.101.112, an octet string in one.
    let head = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];
    let value = [&head[..], &draw.bytes(32)].concat();
    let body = STANDARD.encode(&value);
    let text = format!("-----BEGIN {0}-----\n{body}\n-----END {0}-----", "PRIVATE KEY");
    Secret { detector: "private-key", text, value }
}

/// An address that Amazon S3 serves without asking, signed for a week.
pub fn presigned_url(draw: &mut Draw) -> Secret {
    let id = aws_pair(draw).text[20..40].to_owned();
    let value = draw.word(b"0123456789abcdef", 64);
    let bucket = draw.word(LOWER, 10);
    let text = format!(
        "https://{bucket}.s3.eu-central-1.amazonaws.com/backup.tar.gz?X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential={id}%2F20260720%2Feu-central-1%2Fs3%2Faws4_request\
         &X-Amz-Date=20260720T101500Z&X-Amz-Expires=604800&X-Amz-SignedHeaders=host\
         &X-Amz-Signature={value}"
    );
    Secret { detector: "aws-presigned-url", text, value: value.into() }
}

/// One of the above.
pub fn any(draw: &mut Draw) -> Secret {
    let make: [fn(&mut Draw) -> Secret; 4] = [aws_pair, database_uri, private_key, presigned_url];
    draw.pick(&make)(draw)
}
