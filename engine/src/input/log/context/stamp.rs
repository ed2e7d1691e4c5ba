//! Times at the beginning of lines, as loggers write them.

use std::ops::Range;

/// A time at the beginning of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) kind: Kind,
    /// The time, without brackets.
    pub(super) time: Range<usize>,
    /// What follows begins here.
    pub(super) behind: usize,
}

/// How a time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The year first.
    Iso,
    /// The month first, by its name.
    Syslog,
    /// Kubernetes' own: a letter for the level, month and day.
    Klog,
}

const MONTHS: [&[u8]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];
const DAYS: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];

/// The time that a text begins with.
pub(super) fn leading(text: &[u8]) -> Option<Stamp> {
    let bracket = text.first() == Some(&b'[');
    let start = usize::from(bracket);
    let body = &text[start..];
    let (kind, from, length) = iso(body)
        .map(|length| (Kind::Iso, 0, length))
        .or_else(|| syslog(body).map(|length| (Kind::Syslog, 0, length)))
        .or_else(|| klog(body).map(|length| (Kind::Klog, 1, length)))?;
    let mut behind = start + length;
    if bracket && text.get(behind) == Some(&b']') {
        behind += 1;
    }
    // Digits that go on are some other number.
    if text.get(behind).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    Some(Stamp { kind, time: start + from..start + length, behind })
}

/// The time of the common log format, in brackets; it stands behind hosts and users.
pub(super) fn common_log(text: &[u8]) -> Option<Range<usize>> {
    memchr::memchr_iter(b'[', text).map(|open| open + 1).find_map(|start| {
        let body = &text[start..];
        let month = MONTHS.iter().any(|month| body.get(3..6) == Some(month));
        let fits = month
            && is(body, b"00/")
            && is(&body[6..], b"/0000:00:00:00 ")
            && matches!(body.get(21), Some(b'+' | b'-'))
            && is(&body[22..], b"0000]");
        fits.then_some(start..start + 26)
    })
}

/// Whether a text begins like this, where a zero stands for any digit.
fn is(text: &[u8], form: &[u8]) -> bool {
    text.len() >= form.len()
        && text.iter().zip(form).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            _ => byte == form,
        })
}

fn iso(text: &[u8]) -> Option<usize> {
    if !(is(text, b"0000-00-00") || is(text, b"0000/00/00")) {
        return None;
    }
    if !matches!(text.get(10), Some(b'T' | b't' | b' ' | b'_')) {
        return None;
    }
    let clock = 11 + clock(&text[11..])?;
    Some(clock + zone(&text[clock..]))
}

/// Hours, minutes, and what may follow of seconds.
fn clock(text: &[u8]) -> Option<usize> {
    if !is(text, b"00:00") {
        return None;
    }
    let mut length = 5;
    if is(&text[length..], b":00") {
        length += 3;
        if is(&text[length..], b".0") || is(&text[length..], b",0") {
            length += 1;
            length += text[length..].iter().take_while(|b| b.is_ascii_digit()).count();
        }
    }
    Some(length)
}

/// The length of a zone, which may be missing, or stand behind a space.
fn zone(text: &[u8]) -> usize {
    let space = usize::from(text.first() == Some(&b' '));
    let zone = &text[space..];
    match zone {
        [b'Z' | b'z', ..] if space == 0 => 1,
        [b'+' | b'-', rest @ ..] if is(rest, b"00:00") => space + 6,
        [b'+' | b'-', rest @ ..] if is(rest, b"0000") => space + 5,
        _ if zone.starts_with(b"UTC") || zone.starts_with(b"GMT") => space + 3,
        _ => 0,
    }
}

fn syslog(text: &[u8]) -> Option<usize> {
    let day = DAYS.iter().any(|day| text.starts_with(day)) && text.get(3) == Some(&b' ');
    let month = if day { 4 } else { 0 };
    let rest = text.get(month..)?;
    let known = MONTHS.iter().any(|month| rest.starts_with(month));
    if !known || !(is(&rest[3..], b" 00 ") || is(&rest[3..], b"  0 ")) {
        return None;
    }
    let start = month + 7;
    let mut length = start + clock(&text[start..])?;
    if day && is(&text[length..], b" 0000") {
        length += 5;
    }
    Some(length)
}

fn klog(text: &[u8]) -> Option<usize> {
    let (level, rest) = text.split_first()?;
    let fits = matches!(level, b'I' | b'W' | b'E' | b'F') && is(rest, b"0000 00:00:00.000000");
    fits.then(|| 1 + 5 + clock(&rest[5..]).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(Kind, &str, &str)> {
        leading(text.as_bytes()).map(|s| (s.kind, &text[s.time], &text[s.behind..]))
    }

    #[test]
    fn times_that_lines_begin_with_are_read() {
        for (text, kind, time, rest) in [
            ("2026-11-23T08:00:00.123Z x", Kind::Iso, "2026-11-23T08:00:00.123Z", " x"),
            ("[2026-11-23 08:00:00,123] x", Kind::Iso, "2026-11-23 08:00:00,123", " x"),
            ("2026/11/23 08:00:00 [error]", Kind::Iso, "2026/11/23 08:00:00", " [error]"),
            ("2026-11-23 08:00 +01:00 x", Kind::Iso, "2026-11-23 08:00 +01:00", " x"),
            ("2026-11-23T08:00:00+0000 h", Kind::Iso, "2026-11-23T08:00:00+0000", " h"),
            ("Nov  3 08:00:00 h", Kind::Syslog, "Nov  3 08:00:00", " h"),
            ("[Mon Nov 23 08:00:00.1 2026] x", Kind::Syslog, "Mon Nov 23 08:00:00.1 2026", " x"),
            ("W1123 08:00:00.000001  7 x", Kind::Klog, "1123 08:00:00.000001", "  7 x"),
        ] {
            assert_eq!(read(text), Some((kind, time, rest)));
        }
        for other in [
            "",
            "[",
            "2026-11-23",
            "2026-11-23T8:00",
            "20261-11-23",
            "Nov",
            "Mon",
            "I1123",
            "Mar x",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
        let long = "[Mon Nov 23 08:00:00.123 2026]";
        for cut in 0..long.len() {
            assert!(read(&long[..cut]).is_none_or(|(_, time, _)| long[1..].starts_with(time)));
        }
    }

    #[test]
    fn the_time_of_an_access_is_found() {
        let text = b"1.2.3.4 - [x] [23/Nov/2026:08:00:00 +0000] \"GET /\"";
        let time = common_log(text).map(|time| &text[time]);
        assert_eq!(time, Some(&b"23/Nov/2026:08:00:00 +0000"[..]));
        assert!((0..42).all(|cut| common_log(&text[..cut]).is_none()));
    }
}
