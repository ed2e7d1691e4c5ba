//! Looking up members in small JSON objects, such as the headers of tokens.
//!
//! No parser: the first `"key":` counts, at whatever depth it stands. That is
//! enough where the object was recognised by its first bytes, and it cannot
//! recurse, allocate or fail.

use memchr::memmem;

/// The value of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// A string, with its escapes.
    Text(&'a [u8]),
    /// A whole number; a fraction is dropped.
    Number(u64),
    /// Anything else, or a value that is cut off.
    Other,
}

/// The value of the first member called `key`, which holds no escapes. Linear.
pub fn member<'a>(json: &'a [u8], key: &str) -> Option<Value<'a>> {
    let mut from = 0;
    for at in memmem::find_iter(json, key.as_bytes()) {
        let end = at + key.len();
        if at < from || at == 0 || json[at - 1] != b'"' || json.get(end) != Some(&b'"') {
            continue;
        }
        from = end;
        let rest = json[end + 1..].trim_ascii_start();
        let Some((b':', rest)) = rest.split_first() else { continue };
        return Some(value(rest.trim_ascii_start()));
    }
    None
}

/// The text of the first member called `key`.
pub fn text<'a>(json: &'a [u8], key: &str) -> Option<&'a [u8]> {
    match member(json, key)? {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// The number of the first member called `key`.
pub fn number(json: &[u8], key: &str) -> Option<u64> {
    match member(json, key)? {
        Value::Number(number) => Some(number),
        _ => None,
    }
}

fn value(rest: &[u8]) -> Value<'_> {
    match rest.first() {
        Some(b'"') => {
            let body = &rest[1..];
            let mut at = 0;
            while let Some(byte) = body.get(at) {
                match byte {
                    b'"' => return Value::Text(&body[..at]),
                    b'\\' => at += 2,
                    _ => at += 1,
                }
            }
            Value::Other
        }
        Some(b'0'..=b'9') => rest
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .try_fold(0u64, |n, d| n.checked_mul(10)?.checked_add(u64::from(d - b'0')))
            .map_or(Value::Other, Value::Number),
        _ => Value::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_by_their_key() {
        let json = br#"{"a":"b\"c", "bc" : 12 ,"d":{"e":"f"},"g":null,"key":"h"}"#;
        assert_eq!(text(json, "a"), Some(&br#"b\"c"#[..]));
        assert_eq!(number(json, "bc"), Some(12));
        assert_eq!(text(json, "e"), Some(&b"f"[..]));
        assert_eq!(member(json, "g"), Some(Value::Other));
        assert_eq!(text(json, "key"), Some(&b"h"[..]));
        assert_eq!(member(json, "c"), None);
        assert_eq!(number(b"{\"n\":99999999999999999999999}", "n"), None);
    }

    #[test]
    fn cut_objects_are_no_trouble() {
        let json = br#"{"a":"b\"c", "bc" : 12 ,"d":{"e":"f"}}"#;
        for end in 0..json.len() {
            for key in ["a", "bc", "e"] {
                let _ = member(&json[..end], key);
            }
        }
    }
}
