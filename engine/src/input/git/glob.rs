//! Patterns of refs and paths.

/// Whether a text is of a pattern in which `*` stands for any bytes, slashes too,
/// `?` for one and `[…]` for one of some.
pub(crate) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    // Behind the last star, and where its text ends.
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        let step = match pattern.get(p) {
            Some(b'*') => {
                retry = Some((p + 1, t));
                p += 1;
                continue;
            }
            Some(b'?') => Some(1),
            Some(b'[') => class(&pattern[p..], text[t]),
            Some(b'\\') if p + 1 < pattern.len() => (pattern[p + 1] == text[t]).then_some(2),
            Some(b) => (*b == text[t]).then_some(1),
            None => None,
        };
        match (step, retry) {
            (Some(step), _) => {
                p += step;
                t += 1;
            }
            (None, Some((behind, end))) => {
                retry = Some((behind, end + 1));
                (p, t) = (behind, end + 1);
            }
            (None, None) => return false,
        }
    }
    pattern[p..].iter().all(|b| *b == b'*')
}

/// How long the class is that a pattern begins with, if the byte is in it.
fn class(pattern: &[u8], byte: u8) -> Option<usize> {
    let negated = matches!(pattern.get(1), Some(b'!' | b'^'));
    let first = 1 + usize::from(negated);
    let mut at = first;
    let mut found = false;
    loop {
        let low = *pattern.get(at)?;
        if low == b']' && at > first {
            return (found != negated).then_some(at + 1);
        }
        match (pattern.get(at + 1), pattern.get(at + 2)) {
            (Some(b'-'), Some(high)) if *high != b']' => {
                found |= (low..=*high).contains(&byte);
                at += 3;
            }
            _ => {
                found |= low == byte;
                at += 1;
            }
        }
    }
}

/// Whether a text has bytes that mean something in patterns.
pub(crate) fn is_pattern(text: &[u8]) -> bool {
    text.iter().any(|b| b"*?[\\".contains(b))
}

/// Whether a path is one of these, is under one, or is of one as a pattern. No
/// patterns take every path.
pub(crate) fn takes_path(patterns: &[Vec<u8>], path: &[u8]) -> bool {
    patterns.is_empty()
        || patterns.iter().any(|pattern| {
            let pattern = trimmed(pattern);
            is_under(path, pattern) || is_pattern(pattern) && matches(pattern, path)
        })
}

/// Whether a path under this directory may be taken.
pub(crate) fn enters(patterns: &[Vec<u8>], directory: &[u8]) -> bool {
    patterns.is_empty()
        || patterns.iter().any(|pattern| {
            let pattern = trimmed(pattern);
            is_pattern(pattern) || is_under(directory, pattern) || is_under(pattern, directory)
        })
}

/// Without the `./` and `/` that people write around paths; `.` is the root.
fn trimmed(pattern: &[u8]) -> &[u8] {
    let mut pattern = pattern;
    while let Some(rest) = pattern.strip_prefix(b"./") {
        pattern = rest;
    }
    let pattern = pattern.strip_suffix(b"/").unwrap_or(pattern);
    if pattern == b"." { b"" } else { pattern }
}

fn is_under(path: &[u8], directory: &[u8]) -> bool {
    let Some(rest) = path.strip_prefix(directory) else { return false };
    directory.is_empty() || rest.is_empty() || rest[0] == b'/'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, is) in [
            ("refs/heads/*", "refs/heads/a/b", true),
            ("refs/heads/rel-?", "refs/heads/rel-1", true),
            ("*[!a-c]", "xa", false),
            ("*[!a-c]", "xd", true),
            ("[]x]", "]", true),
            ("[a", "a", false),
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
            ("**", "", true),
            ("", "a", false),
            (&"*a".repeat(30), &"a".repeat(29), false),
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), is, "{pattern} {text}");
        }
        // Many stars cost no more than one.
        assert!(!matches(&b"*a".repeat(1000), &b"a".repeat(999)));
    }

    #[test]
    fn paths() {
        let patterns = [b"src/".to_vec(), b"./docs/a".to_vec(), b"*.key".to_vec()];
        for (path, is) in [
            ("src/x/y", true),
            ("src", true),
            ("srcs", false),
            ("docs/a", true),
            ("docs/b", false),
            ("deep/er.key", true),
        ] {
            assert_eq!(takes_path(&patterns, path.as_bytes()), is, "{path}");
        }
        assert!(enters(&patterns[..2], b"docs") && !enters(&patterns[..2], b"doc"));
        assert!(takes_path(&[b".".to_vec()], b"a") && takes_path(&[], b"a"));
    }
}
