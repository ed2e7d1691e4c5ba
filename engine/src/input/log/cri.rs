//! Lines as the Container Runtime Interface has them written: a time, a stream, a tag that
//! says whether the line goes on, and what the program wrote.
//!
//! ```text
//! 2026-11-23T08:00:00.000000000Z stdout P the first 16 KiB
//! 2026-11-23T08:00:00.000000001Z stdout F and the rest
//! ```

/// The longest prefix that is taken for one; a tag may go on behind a colon.
pub(super) const LONGEST: usize = 96;

/// What stands before the program's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prefix<'a> {
    /// As written.
    pub(super) time: &'a [u8],
    /// `stdout` or `stderr`.
    pub(super) stream: &'a [u8],
    /// Whether the line goes on in the next of its stream.
    pub(super) continued: bool,
    /// Its bytes, with the space behind it.
    pub(super) length: usize,
}

impl<'a> Prefix<'a> {
    /// The prefix at the beginning of a line.
    pub(super) fn of(line: &'a [u8]) -> Option<Self> {
        let line = &line[..line.len().min(LONGEST)];
        let mut spaces = memchr::memchr_iter(b' ', line);
        let (first, second) = (spaces.next()?, spaces.next()?);
        // Nothing may be written behind a tag at the end of a line.
        let third = spaces.next().unwrap_or(line.len());
        let (time, stream) = (&line[..first], &line[first + 1..second]);
        let tag = line[second + 1..third].trim_ascii_end();
        let continued = match tag {
            [b'P'] | [b'P', b':', ..] => true,
            [b'F'] | [b'F', b':', ..] => false,
            _ => return None,
        };
        let known = is_time(time) && matches!(stream, b"stdout" | b"stderr");
        let length = (third + 1).min(line.len());
        known.then_some(Self { time, stream, continued, length })
    }
}

/// Whether this is a time of RFC 3339 with the letter between date and time.
fn is_time(text: &[u8]) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00";
    let fits = |(byte, form): (&u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        _ => byte == form,
    };
    if text.len() <= FORM.len() || !text.iter().zip(FORM).all(fits) {
        return false;
    }
    let rest = &text[FORM.len()..];
    let fraction = match rest {
        [b'.', digits @ ..] => 1 + digits.iter().take_while(|b| b.is_ascii_digit()).count(),
        _ => 0,
    };
    match &rest[fraction..] {
        [b'Z'] => fraction != 1,
        [b'+' | b'-', h1, h2, b':', m1, m2] => {
            fraction != 1 && [h1, h2, m1, m2].iter().all(|b| b.is_ascii_digit())
        }
        _ => false,
    }
}

/// Whether what begins like this may yet become such a line.
pub(super) fn may_be(begun: &[u8]) -> bool {
    begun.len() < LONGEST
        && begun.iter().zip(b"0000-00-00T00:00:00").all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            _ => byte == form,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_read_and_others_are_not() {
        let prefix = |text: &'static str| {
            Prefix::of(text.as_bytes())
                .map(|p| (std::str::from_utf8(p.stream).unwrap(), p.continued, p.length))
        };
        assert_eq!(prefix("2026-11-23T08:00:00.1Z stdout F a b"), Some(("stdout", false, 32)));
        assert_eq!(prefix("2026-11-23T08:00:00+01:00 stderr P "), Some(("stderr", true, 35)));
        assert_eq!(prefix("2026-11-23T08:00:00Z stderr P:x y"), Some(("stderr", true, 32)));
        assert_eq!(prefix("2026-11-23T08:00:00Z stdout F"), Some(("stdout", false, 29)));
        for other in [
            "2026-11-23T08:00:00Z stdin F a",
            "2026-11-23T08:00:00Z stdout full",
            "2026-11-23 08:00:00Z stdout F a",
            "2026-11-23T08:00:00.Z stdout F a",
            "2026-11-23T08:00:00 stdout F a",
            "2026-11-23T08:00:00Z stdout",
            "",
        ] {
            assert_eq!(prefix(other), None, "{other}");
        }
    }

    #[test]
    fn what_has_only_begun_may_become_one() {
        let line = b"2026-11-23T08:00:00.123456789Z stdout F x";
        assert!((1..line.len()).all(|len| may_be(&line[..len])));
        assert!(!may_be(b"2026/11"));
        assert!(!may_be(&[b'1'; LONGEST]));
    }
}
