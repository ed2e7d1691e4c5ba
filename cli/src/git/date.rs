//! Times as people write them for git.

use leaksieve::detectors::Timestamp;

/// Seconds since 1970 of a time: RFC 3339, a day, `@` and a number of seconds,
/// or how long ago it is. A day without a time of day begins at midnight in UTC.
pub(crate) fn seconds(text: &str, now: i64) -> Option<i64> {
    let text = text.trim();
    if let Some(number) = text.strip_prefix('@') {
        return number.parse().ok();
    }
    if let Some(time) = rfc3339(text) {
        return Some(time);
    }
    match text {
        "now" => return Some(now),
        "today" => return Some(now - now.rem_euclid(DAY)),
        "yesterday" => return Some(now - DAY),
        _ => {}
    }
    // `2 weeks ago`, `2.weeks.ago`, `2 weeks`.
    let mut words = text.split(|c: char| c == '.' || c.is_whitespace()).filter(|w| !w.is_empty());
    let count: i64 = match words.next()? {
        "a" | "an" | "one" => 1,
        number => number.parse().ok().filter(|n| *n >= 0)?,
    };
    let unit = words.next()?;
    let unit = match unit.strip_suffix('s').unwrap_or(unit) {
        "second" => 1,
        "minute" => 60,
        "hour" => 3600,
        "day" => DAY,
        "week" => 7 * DAY,
        "month" => 30 * DAY,
        "year" => 365 * DAY,
        _ => return None,
    };
    match (words.next(), words.next()) {
        (None | Some("ago"), None) => now.checked_sub(count.checked_mul(unit)?),
        _ => None,
    }
}

const DAY: i64 = 86_400;

/// RFC 3339, with a space for the `T` and with parts left out at the end.
fn rfc3339(text: &str) -> Option<i64> {
    let text = text.replacen(' ', "T", 1).replace(" ", "");
    let spelled = [
        text.clone(),
        format!("{text}Z"),
        format!("{text}:00Z"),
        format!("{text}T00:00:00Z"),
        // As `git log` shows it: +0200.
        text.len()
            .checked_sub(2)
            .filter(|at| text.is_char_boundary(*at))
            .map_or_else(String::new, |at| format!("{}:{}", &text[..at], &text[at..])),
    ];
    spelled.iter().find_map(|text| Timestamp::parse_rfc3339(text)).map(|time| time.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_git_reads_them() {
        let at = 1_750_000_000;
        let of = |text| seconds(text, at);
        assert_eq!(of("2025-06-15T12:00:00Z"), Some(1_749_988_800));
        assert_eq!(of("2025-06-15 14:00:00 +0200"), Some(1_749_988_800));
        assert_eq!(of("2025-06-15T14:00:00+02:00"), Some(1_749_988_800));
        assert_eq!(of("2025-06-15 12:00"), Some(1_749_988_800));
        assert_eq!(of("2025-06-15"), Some(1_749_945_600));
        assert_eq!(of("@17"), Some(17));
        assert_eq!(of("2 weeks ago"), Some(at - 14 * DAY));
        assert_eq!(of("1.day.ago"), Some(at - DAY));
        assert_eq!(of("a year ago"), Some(at - 365 * DAY));
        assert_eq!(of("yesterday"), Some(at - DAY));
        for text in [
            "",
            "soon",
            "2",
            "-1 days ago",
            "2 weeks hence",
            "2025-13-01",
            "99999999999999999 years",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
