//! Reading around an assignment: the name before a value, the value after a
//! name.
//!
//! Values stand behind their names in many ways: `name = value`,
//! `"name": "value"`, `<name>value</name>`, `name` in one cell and the value in
//! the next, `{"name": "…", "value": "…"}`. What they share is that little but
//! punctuation and a few known words stands between the two.

use std::ops::Range;

use crate::encoding::escaped::control_sequence;

/// Whether the byte can be inside a name.
pub const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// The name that holds the bytes at `hit`: widened to both sides over
/// [`is_name`] bytes, at most 64 each.
pub fn name_around(text: &[u8], hit: Range<usize>) -> Range<usize> {
    let before = text[..hit.start].iter().rev().take(64).take_while(|b| is_name(**b)).count();
    let after = text[hit.end..].iter().take(64).take_while(|b| is_name(**b)).count();
    behind_escape(text, hit.start - before, hit.start)..hit.end + after
}

/// Where a name begins that was read from `start` on: behind the letter of an
/// escape such as `\n`, if one stands there before `end`.
fn behind_escape(text: &[u8], start: usize, end: usize) -> usize {
    let escape = start > 0
        && start < end
        && text[start - 1] == b'\\'
        && matches!(text[start], b'n' | b'r' | b't');
    start + usize::from(escape)
}

/// The name that the value at `at` is assigned to, if an assignment sign stands
/// between them: `name = "value`, `"name": "value`, `name => 'value`,
/// `<name>value`. Looks back over at most 100 bytes of one line.
pub fn name_before(text: &[u8], at: usize) -> Option<Range<usize>> {
    let floor = at.saturating_sub(100);
    let mut end = at;
    let mut assigned = false;
    while end > floor && !is_name(text[end - 1]) {
        match text[end - 1] {
            b'\n' => return None,
            b'=' | b':' | b'>' => assigned = true,
            b' ' | b'\t' | b'"' | b'\'' | b'`' | b'\\' | b'(' | b'[' | b']' | b'$' | b'{' => {}
            _ => return None,
        }
        end -= 1;
    }
    if !assigned {
        return None;
    }
    let start = end - text[floor..end].iter().rev().take_while(|b| is_name(**b)).count();
    let start = behind_escape(text, start, end);
    (start < end).then_some(start..end)
}

/// Words that stand between a name and its value without being either.
const FILLERS: &[&[u8]] = &[
    b"amp",
    b"apos",
    b"as",
    b"br",
    b"byte",
    b"char",
    b"code",
    b"config",
    b"const",
    b"data",
    b"dd",
    b"default",
    b"div",
    b"dt",
    b"equals",
    b"for",
    b"getenv",
    b"gt",
    b"is",
    b"key",
    b"li",
    b"lt",
    b"name",
    b"nbsp",
    b"new",
    b"nsstring",
    b"option",
    b"or",
    b"outputvalue",
    b"p",
    b"parametervalue",
    b"password",
    b"pre",
    b"quot",
    b"r",
    b"n",
    b"s",
    b"secret",
    b"set",
    b"span",
    b"str",
    b"string",
    b"strong",
    b"t",
    b"td",
    b"text",
    b"th",
    b"the",
    b"to",
    b"tr",
    b"type",
    b"u",
    b"val",
    b"value",
    b"var",
    b"was",
    b"xsd",
];

/// Whether a value goes on at `at` behind what looks like a filler word:
/// `t/4CLy…` is a value, `<br/>` is not.
fn continues(text: &[u8], at: usize) -> bool {
    match text.get(at) {
        Some(b'+' | b'%') => true,
        Some(b'/') => text.get(at + 1).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'+'),
        _ => false,
    }
}

/// Where the value begins that belongs to the name ending at `from`: the start
/// of the first run of value bytes that is no filler word. `is_value` tells
/// which bytes a value may have. At most `max` bytes and two line ends are
/// crossed; `None` if there is nothing that looks like a value.
pub fn value_after(
    text: &[u8],
    from: usize,
    max: usize,
    is_value: impl Fn(u8) -> bool,
) -> Option<usize> {
    let end = text.len().min(from.saturating_add(max));
    let (mut at, mut line_ends) = (from, 0);
    while at < end {
        let byte = text[at];
        if byte == b'\n' {
            line_ends += 1;
            if line_ends > 2 {
                return None;
            }
        }
        if let Some(len) = control_sequence(&text[at..]) {
            at += len;
            continue;
        }
        // An escaped line end or tab is white space.
        if byte == b'\\' && matches!(text.get(at + 1), Some(b'n' | b'r' | b't' | b'"' | b'\'')) {
            line_ends += usize::from(text[at + 1] == b'n');
            if line_ends > 2 {
                return None;
            }
            at += 2;
            continue;
        }
        if !is_value(byte) || !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'%'))
        {
            at += 1;
            continue;
        }
        let run = text[at..].iter().take(64).take_while(|b| b.is_ascii_alphanumeric()).count();
        if run == 0 {
            // A slash or a percent sign at the start: a closing tag, a comment,
            // or the first character of a value.
            let next = text.get(at + 1).copied().unwrap_or(b' ');
            let previous = at.checked_sub(1).map_or(b' ', |i| text[i]);
            let comment = next == b'/' && previous.is_ascii_whitespace();
            if byte == b'/' && (comment || matches!(next, b'*' | b'>') || previous == b'<') {
                at += 1 + usize::from(comment);
                continue;
            }
            return Some(at);
        }
        let word = &text[at..at + run];
        let filler = run <= 16
            && FILLERS.iter().any(|f| f.eq_ignore_ascii_case(word))
            && !continues(text, at + run);
        if !filler {
            return Some(at);
        }
        at += run;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<&str> {
        let from = text.find("KEY").unwrap() + 3;
        value_after(text.as_bytes(), from, 120, |b| b.is_ascii_alphanumeric() || b == b'/')
            .map(|at| &text[at..])
    }

    #[test]
    fn values_are_found_behind_their_names() {
        for text in [
            "KEY=v1",
            "KEY = 'v1",
            "\"KEY\": \"v1",
            "\\\"KEY\\\":\\\"v1",
            "KEY => \"v1",
            "<KEY>v1",
            "<td>KEY</td><td>v1",
            "name: KEY\n  value: v1",
            "KEY: String = \"v1",
            "KEY is v1",
            "KEY\\nv1",
            "<name>KEY</name>\n<value>v1",
            "KEY, v1",
            "KEY:\n  v1",
            "KEY=\x1b[33mv1",
            "KEY\x1b[0m: \\u001b[1;33mv1",
        ] {
            assert_eq!(value(text), Some("v1"), "{text}");
        }
        assert_eq!(value("KEY=\n\n\nv1"), None);
        assert_eq!(value("KEY"), None);
        assert_eq!(value("KEY=/v1"), Some("/v1"));
        assert_eq!(value("{'KEY': 't/v1"), Some("t/v1"));
        assert_eq!(value("KEY=//v1"), Some("//v1"));
        assert_eq!(value("KEY= // v1"), Some("v1"));
        assert_eq!(value("KEY<br/>v1"), Some("v1"));
    }

    #[test]
    fn names_before_values() {
        for (text, name) in [
            ("KEY_ID = \"V", Some("KEY_ID")),
            ("\"keyId\": \"V", Some("keyId")),
            ("\\\"keyId\\\":\\\"V", Some("keyId")),
            ("'key.id' => 'V", Some("key.id")),
            ("os.environ[\"KEY\"] = 'V", Some("KEY")),
            ("<KeyId>V", Some("KeyId")),
            ("\\\\nkey.id=V", Some("key.id")),
            ("a\\rname: V", Some("name")),
            ("bob,V", None),
            ("use V", None),
            ("key:\nV", None),
        ] {
            let at = text.rfind('V').unwrap();
            let found = name_before(text.as_bytes(), at).map(|r| &text[r]);
            assert_eq!(found, name, "{text}");
        }
    }

    #[test]
    fn names_are_widened() {
        let text = b"x PROD_SECRET_KEY=";
        assert_eq!(name_around(text, 7..13), 2..17);
        assert_eq!(name_around(b"x\\nAPP_SECRET=", 7..13), 3..13);
        assert_eq!(name_around(b"x\\nsecret=", 3..9), 3..9);
    }
}
