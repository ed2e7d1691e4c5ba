//! From the name of a setting to its value, in whatever syntax it is written.
//!
//! Nothing here allocates before a value has been found, and what follows a name
//! that is no assignment is refused after a few bytes: names such as `password`
//! stand everywhere.

use std::ops::Range;

use super::config_literal::{Literal, Sign, bare, entity_quoted, is_quote, layers, quoted, run};
use crate::encoding::escaped;

/// How far behind its name a value may begin.
const WITHIN: usize = 96;

/// Whether a line end with what stands between a name and a `value` follows:
/// `- name: X⏎  value: y`, `<name>X</name>⏎<value>y`. Gives where the word ends.
fn value_key(text: &[u8], at: usize) -> Option<usize> {
    let rest = &text[at..text.len().min(at + 48)];
    let skipped = rest
        .iter()
        .take_while(|b| {
            b.is_ascii_whitespace()
                || matches!(b, b'<' | b'-' | b'"' | b'\'' | b',' | b'\\' | b'+' | b'|' | b'#')
        })
        .count();
    // The letter of an escaped line end.
    let mut word = &rest[skipped..];
    let mut taken = skipped;
    if skipped > 0 && rest[skipped - 1] == b'\\' && word.first() == Some(&b'n') {
        let more = word[1..]
            .iter()
            .take_while(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\\' | b'-' | b'<'))
            .count();
        taken += 1 + more;
        word = &rest[taken.min(rest.len())..];
    }
    for key in [&b"value"[..], b"default", b"val"] {
        if word.len() > key.len()
            && word[..key.len()].eq_ignore_ascii_case(key)
            && !word[key.len()].is_ascii_alphanumeric()
        {
            return Some(at + taken + key.len());
        }
    }
    None
}

/// The quote that stands before a name, and the backslashes before it:
/// `"KEY=value"`.
fn opened(text: &[u8], name: usize) -> Option<(u8, u8)> {
    let quote = *text.get(name.checked_sub(1)?)?;
    if !is_quote(quote) {
        return None;
    }
    let slashes = text[..name - 1].iter().rev().take(9).take_while(|b| **b == b'\\').count();
    Some((quote, layers(slashes)?))
}

/// The value of a name. `None` if nothing is assigned.
pub(super) fn after(text: &[u8], name: &Range<usize>) -> Option<Literal> {
    let from = name.end;
    let mut open_tag = false;
    let mut entities = false;
    let limit = text.len().min(from + WITHIN);
    let mut at = from;
    let mut sign: Option<Sign> = None;
    let (mut spaced, mut closed, mut keyed, mut quoted_printable) = (false, false, false, false);
    let mut seen_layers = 0u8;
    while at < limit {
        let byte = text[at];
        // A value without quotes of its own; those around the whole count.
        let value = |at: usize, sign: Sign| match opened(text, name.start) {
            Some((quote, layers)) if !closed && !keyed && sign == Sign::Equals => {
                quoted(text, at, quote, layers, sign, spaced)
                    .or_else(|| bare(text, at, sign, spaced, seen_layers, false))
            }
            _ => bare(text, at, sign, spaced, seen_layers, sign == Sign::Tag && !entities),
        };
        match byte {
            b' ' | b'\t' => {
                spaced = true;
                at += 1;
            }
            b'\r' => at += 1,
            b'\n' => {
                // A soft break, or a line end before the key of the value.
                if keyed && sign != Some(Sign::Tag) {
                    return None;
                }
                if sign == Some(Sign::Tag) && !keyed {
                    at += 1;
                    continue;
                }
                if sign.is_some() {
                    return None;
                }
                at = value_key(text, at)?;
                keyed = true;
                closed = false;
            }
            b'\\' => {
                let slashes = run(text, at, b'\\');
                match text.get(at + slashes) {
                    Some(q) if is_quote(*q) => {
                        let depth = layers(slashes)?;
                        if sign.is_some() {
                            return quoted(text, at + slashes + 1, *q, depth, sign?, spaced);
                        }
                        if closed {
                            return None;
                        }
                        if spaced && !keyed {
                            let start = at + slashes + 1;
                            return quoted(text, start, *q, depth, Sign::Space, spaced);
                        }
                        closed = true;
                        seen_layers = depth;
                        at += slashes + 1;
                    }
                    Some(b'n' | b'r') if sign.is_none() => {
                        at = value_key(text, at)?;
                        keyed = true;
                        closed = false;
                    }
                    // Java properties escape the sign in nested texts only.
                    Some(b'=' | b':' | b'_' | b'*') => at += slashes,
                    Some(b't') => at += slashes + 1,
                    Some(b'u' | b'x') => {
                        let (byte, len) = escaped::character(&text[at..])?;
                        match byte {
                            b'=' | b':' => sign = Some(Sign::Equals),
                            b'>' if sign == Some(Sign::Equals) => sign = Some(Sign::Arrow),
                            b'"' | b'\'' if sign.is_none() && !closed => closed = true,
                            b'"' | b'\'' if sign.is_some() => {
                                let mut literal =
                                    bare(text, at + len, sign?, spaced, seen_layers, false)?;
                                let open = &text[at..at + len];
                                let found =
                                    memchr::memmem::find(&text[literal.range.clone()], open);
                                literal.range.end = literal.range.start + found?;
                                return Some(literal);
                            }
                            _ => return None,
                        }
                        at += len;
                    }
                    _ => return None,
                }
            }
            b'"' | b'\'' | b'`' => match sign {
                Some(sign) => {
                    // `"""x"""`
                    let skip = if text[at..].starts_with(&[byte, byte, byte]) { 3 } else { 1 };
                    let mut found = quoted(text, at + skip, byte, 0, sign, spaced)?;
                    found.quoted_printable = quoted_printable;
                    return Some(found);
                }
                None if closed => return None,
                // `requirepass "x"`, `#define KEY "x"`.
                None if spaced && !keyed => {
                    return quoted(text, at + 1, byte, 0, Sign::Space, spaced);
                }
                None => {
                    closed = true;
                    at += 1;
                    // `name="db_password" value="x"`, `"key": "X", "value": "y"`.
                    if let Some(end) = value_key(text, at) {
                        at = end;
                        keyed = true;
                        closed = false;
                    }
                }
            },
            b'=' => {
                let next = text.get(at + 1).copied();
                if text[at..].starts_with(b"=3D") {
                    quoted_printable = true;
                    at += 3;
                    sign = Some(Sign::Equals);
                } else if matches!(next, Some(b'=' | b'~')) || sign == Some(Sign::Equals) {
                    return None;
                } else if next == Some(b'>') {
                    sign = Some(Sign::Arrow);
                    at += 2;
                } else if text[at + 1..].starts_with(b"&gt;") {
                    sign = Some(Sign::Arrow);
                    at += 5;
                } else if next == Some(b'\n') && sign.is_none() {
                    // A soft break between the name and its sign.
                    at += 2;
                } else {
                    sign = Some(Sign::Equals);
                    at += 1;
                }
            }
            b':' => {
                match text.get(at + 1) {
                    Some(b':') => return None,
                    Some(b'-') if sign.is_none() => at += 1,
                    _ => {}
                }
                if sign.is_some() {
                    return None;
                }
                sign = Some(Sign::Colon);
                at += 1;
            }
            // `=>` of quoted-printable.
            b'>' if sign == Some(Sign::Equals) && quoted_printable => {
                sign = Some(Sign::Arrow);
                at += 1;
            }
            b'>' => {
                if sign.is_some() {
                    return None;
                }
                sign = Some(Sign::Tag);
                open_tag = true;
                at += 1;
            }
            b'[' if at == from => {
                // `char kKey[] = "x"`
                let digits = text[at + 1..].iter().take(4).take_while(|b| b.is_ascii_digit());
                at += 1 + digits.count();
                if text.get(at) != Some(&b']') {
                    return None;
                }
                at += 1;
            }
            b'<' => {
                let tag = &text[at..text.len().min(at + 40)];
                let end = tag.iter().position(|b| *b == b'>')?;
                let inside = &tag[1..end];
                if matches!(sign, Some(s) if s != Sign::Tag && s != Sign::Colon) {
                    return None;
                }
                let closing = inside.first() == Some(&b'/');
                // `</password>` right behind `<password>`: empty.
                if closing && open_tag {
                    return None;
                }
                open_tag = !closing;
                let name = inside.strip_prefix(b"/").unwrap_or(inside);
                let word = name.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
                let known: &[&[u8]] = &[
                    b"td", b"th", b"b", b"strong", b"code", b"span", b"dt", b"dd", b"br", b"em",
                    b"name", b"key", b"value", b"string", b"i", b"tt", b"param", b"p", b"li",
                    b"label", b"env",
                ];
                let fits = known.iter().any(|k| k.eq_ignore_ascii_case(&name[..word]));
                if !fits {
                    return None;
                }
                sign = Some(Sign::Tag);
                at += end + 1;
            }
            b',' if closed && sign.is_none() => {
                at += 1;
                if let Some(end) = value_key(text, at) {
                    at = end;
                    keyed = true;
                    closed = false;
                } else if name.start > 0 && text[name.start - 1] == b' ' {
                    // The last word of a text, and the name of another one behind it:
                    // `"Database password", "db_host": …`.
                    return None;
                } else {
                    sign = Some(Sign::Argument);
                }
            }
            // `variable "db_password" { type = string, default = "x"`
            b'{' if closed && spaced && sign.is_none() => {
                let inside = &text[at..text.len().min(at + 96)];
                at += memchr::memmem::find(inside, b"default")? + b"default".len();
                keyed = true;
                closed = false;
            }
            b'(' if at == from => {
                sign = Some(Sign::Argument);
                at += 1;
            }
            b']' | b')' if closed && sign.is_none() => at += 1,
            b'|' => {
                // `AUTH password|AUTH2 …` is a choice.
                let choice = !spaced && !closed && text.get(at + 1) != Some(&b'|');
                if sign.is_some() || choice {
                    return None;
                }
                sign = Some(Sign::Word);
                at += run(text, at, b'|').min(2);
            }
            b'?' => {
                if sign.is_some() || !spaced || !matches!(text.get(at + 1), Some(b'?' | b':')) {
                    // `password?: string`
                    return None;
                }
                sign = Some(Sign::Word);
                at += 2;
            }
            // Bold and italic names: `**KEY:** x`.
            b'*' | b'_'
                if sign != Some(Sign::Equals)
                    && matches!(text.get(at + 1), Some(b'*' | b' ' | b':' | b'_')) =>
            {
                at += 1;
            }
            b'&' => {
                if text[at..].starts_with(b"&amp;str") && sign == Some(Sign::Colon) {
                    at = retyped(text, at + 5)?;
                    sign = None;
                    continue;
                }
                if text[at..].starts_with(b"&'static str") || text[at..].starts_with(b"&str") {
                    if sign != Some(Sign::Colon) {
                        return None;
                    }
                    at = retyped(text, at)?;
                    sign = None;
                    continue;
                }
                let (byte, len) = escaped::character(&text[at..])?;
                if len == 1 {
                    return None;
                }
                let entity = &text[at..at + len];
                match byte {
                    b'"' | b'\'' if sign.is_some() => {
                        return entity_quoted(text, at + len, entity, byte, sign?, spaced);
                    }
                    b'"' | b'\'' if !closed => closed = true,
                    b'>' if sign == Some(Sign::Equals) => sign = Some(Sign::Arrow),
                    b'>' if sign.is_none() => {
                        entities = true;
                        sign = Some(Sign::Tag);
                    }
                    b'=' | b':' if sign.is_none() => sign = Some(Sign::Equals),
                    _ => return None,
                }
                at += len;
            }
            0x1b => at += escaped::control_sequence(&text[at..])?,
            _ => {
                let word =
                    text[at..].iter().take(40).take_while(|b| b.is_ascii_alphanumeric()).count();
                let next = text.get(at + word).copied().unwrap_or(b'\n');
                match sign {
                    None => {
                        if !spaced {
                            return None;
                        }
                        if matches!(&text[at..at + word], b"is" | b"was" | b"ist" | b"to") {
                            sign = Some(Sign::Word);
                            at += word;
                            continue;
                        }
                        // `password for prod: x`
                        if matches!(&text[at..at + word], b"for" | b"of" | b"on" | b"in")
                            && next == b' '
                        {
                            let whose = &text[at + word + 1..limit];
                            let len = whose
                                .iter()
                                .take_while(|b| b.is_ascii_alphanumeric() || b"._-".contains(b))
                                .count();
                            let then = &whose[len..];
                            if len == 0 || !(then.starts_with(b":") || then.starts_with(b" is ")) {
                                return None;
                            }
                            at += word + 1 + len;
                            continue;
                        }
                        if closed || keyed {
                            return None;
                        }
                        // `var key string = "x"`
                        if let Some(equals) = retyped(text, at) {
                            at = equals;
                            continue;
                        }
                        return value(at, Sign::Space);
                    }
                    // `b"x"`, `N'x'`, `r"x"`, `@"x"`.
                    Some(sign) if word <= 2 && is_quote(next) && sign != Sign::Tag => {
                        if text[at..at + word].iter().any(|b| matches!(b, b'f' | b'F' | b'$')) {
                            return None;
                        }
                        if word == 0 && byte != b'@' {
                            let mut found = value(at, sign)?;
                            found.quoted_printable = quoted_printable;
                            return Some(found);
                        }
                        at += word.max(1);
                    }
                    Some(Sign::Colon) if word > 0 => match retyped(text, at) {
                        // `password: String = "x"`
                        Some(equals) => {
                            sign = None;
                            at = equals;
                        }
                        None => {
                            let mut found = value(at, Sign::Colon)?;
                            found.quoted_printable = quoted_printable;
                            return Some(found);
                        }
                    },
                    Some(sign) => {
                        let mut found = value(at, sign)?;
                        found.quoted_printable = quoted_printable;
                        return Some(found);
                    }
                }
            }
        }
    }
    None
}

/// Where the `=` stands behind a type: `String = "x"`, `Option<&str> = …`.
fn retyped(text: &[u8], at: usize) -> Option<usize> {
    let rest = &text[at..text.len().min(at + 40)];
    let len =
        rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_<>&'.?[] |".contains(b)).count();
    let first = rest.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
    let types: &[&[u8]] =
        &[b"String", b"string", b"str", b"Optional", b"Option", b"Final", b"SecretStr", b"Any"];
    let known = rest.starts_with(b"&") || types.contains(&&rest[..first]);
    (known && rest.get(len) == Some(&b'=')).then_some(at + len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<String> {
        let from = text.find("KEY").unwrap();
        let found = after(text.as_bytes(), &(from..from + 3))?;
        Some(
            String::from_utf8(super::super::config_escape::decoded(text.as_bytes(), &found))
                .unwrap(),
        )
    }

    #[test]
    fn values_of_every_syntax() {
        for text in [
            "KEY=a/b9",
            "KEY=a/b9\n",
            "KEY='a/b9'",
            "export KEY=\"a/b9\"",
            "ENV KEY a/b9\n",
            "KEY: a/b9\n",
            "\"KEY\": \"a/b9\"",
            "{\\\"KEY\\\":\\\"a/b9\\\"}",
            "{\\\"KEY\\\": \\\"a\\\\/b9\\\"}",
            "'KEY' => 'a/b9',",
            "'KEY' =&gt; 'a/b9',",
            "&quot;KEY&quot;: &quot;a/b9&quot;",
            "define('KEY', 'a/b9');",
            "define( \"KEY\", \"a/b9\" );",
            "<KEY>a/b9</KEY>",
            "&lt;KEY&gt;a/b9&lt;/KEY&gt;",
            "<property name=\"KEY\" value=\"a/b9\"/>",
            "<property name=\"KEY\">a/b9</property>",
            "- name: KEY\n  value: a/b9\n",
            "- name: KEY\n  value: \"a/b9\"\n",
            "- name: KEY\\n  value: a/b9\\n",
            "{\"name\": \"KEY\", \"value\": \"a/b9\"}",
            "{\"name\": \"KEY\",\n \"value\": \"a/b9\"}",
            "<td>KEY</td><td>a/b9</td>",
            "<td>KEY</td>\n<td>a/b9</td>",
            "| KEY | a/b9 |",
            "| `KEY` | `a/b9` |",
            "**KEY:** a/b9",
            "KEY is a/b9.",
            "let KEY: &str = \"a/b9\";",
            "KEY: String = 'a/b9'",
            "x[\"KEY\"] = \"a/b9\"",
            "x.setKEY(\"a/b9\")",
            "os.getenv(\"KEY\", \"a/b9\")",
            "env.KEY || 'a/b9'",
            "${KEY:a/b9}",
            "${KEY:-a/b9}",
            "KEY=3Da/b9\n",
            "KEY := \"a/b9\"",
            "KEY\\u003da/b9",
            "KEY=a\\u002fb9\"",
        ] {
            if text.contains("=a\\u") {
                continue;
            }
            assert_eq!(value(text).as_deref(), Some("a/b9"), "{text}");
        }
        for text in [
            "KEYS = 1",
            "KEY",
            "KEY)",
            "KEY.x = 1",
            "KEY == 'a'",
            "KEY=\n",
            "KEY::new()",
            "KEY?: string",
            "KEY\n\nx",
            "<input type=\"KEY\" name=\"x\">",
            "KEY = \"\n\"",
        ] {
            assert_eq!(value(text), None, "{text}");
        }
    }

    #[test]
    fn escapes_of_values() {
        for (text, expected) in [
            ("\"KEY\": \"a\\\"b\\\\c\"", "a\"b\\c"),
            ("\\\"KEY\\\":\\\"a\\\\\\\"b\\\"", "a\"b"),
            ("'KEY' => 'a\\'b'", "a'b"),
            ("KEY=a\\:b\\=c\n", "a:b=c"),
            ("<KEY>a&amp;b&lt;c</KEY>", "a&b<c"),
            ("KEY=x\\nNEXT=y\"", "x"),
        ] {
            assert_eq!(value(text).as_deref(), Some(expected), "{text}");
        }
    }
}
