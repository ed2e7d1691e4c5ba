//! JSON Web Tokens, as far as they can be read without a key (RFC 7519).

use crate::encoding::base64;

/// A token whose first part decodes to a JSON object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jwt {
    /// The header, decoded.
    pub header: Vec<u8>,
    /// The second part, decoded: the claims of a signed token.
    pub second: Vec<u8>,
    /// How many parts there are: three in a signed token, five in an encrypted
    /// one.
    pub parts: usize,
}

/// Takes a token apart. `None` if a part is no base64url, if the header is no
/// JSON object or if there are neither three nor five parts. Linear.
pub fn read(token: &[u8]) -> Option<Jwt> {
    let mut parts = token.split(|b| *b == b'.');
    let header = object(parts.next()?)?;
    let second = part(parts.next()?)?;
    let mut count = 2;
    for rest in parts {
        part(rest)?;
        count += 1;
    }
    (count == 3 || count == 5).then_some(Jwt { header, second, parts: count })
}

fn part(text: &[u8]) -> Option<Vec<u8>> {
    if !text.iter().copied().all(base64::is_url_safe) {
        return None;
    }
    base64::decode(text)
}

/// Decodes a part that holds a JSON object, such as the header.
pub fn object(text: &[u8]) -> Option<Vec<u8>> {
    part(text).filter(|json| json.first() == Some(&b'{') && json.last() == Some(&b'}'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::json;

    /// The example of RFC 7519 §3.1, one line.
    const TOKEN: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
        eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
        dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    #[test]
    fn the_example_of_the_standard() {
        let jwt = read(TOKEN.as_bytes()).unwrap();
        assert_eq!(json::text(&jwt.header, "alg"), Some(&b"HS256"[..]));
        assert_eq!(json::number(&jwt.second, "exp"), Some(1_300_819_380));
        assert_eq!(jwt.parts, 3);
    }

    #[test]
    fn what_is_no_token() {
        assert_eq!(read(b""), None);
        assert_eq!(read(b"e30.e30"), None);
        assert_eq!(read(b"e30.e30.a"), None);
        assert!(read(b"e30.e30.").is_some());
        assert_eq!(read(b"e30.e30.AAAA.AAAA"), None);
        for end in 0..TOKEN.len() {
            let _ = read(&TOKEN.as_bytes()[..end]);
        }
    }
}
