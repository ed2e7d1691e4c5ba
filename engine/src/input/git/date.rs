//! Dates as people write them for `--since` and `--until`.

/// Which second of a day is meant if only the day is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayEdge {
    /// The first.
    Start,
    /// The last.
    End,
}

const DAY: i64 = 86_400;

/// Reads a date, as seconds since 1970: `2024-05-31`, RFC 3339, `@1717113600`,
/// `2.weeks.ago`, `3 days ago`, `yesterday`, `last month`. What has no zone is in
/// UTC; a day without a time means its edge. `None` for anything else.
pub fn parse_date(text: &str, now: i64, edge: DayEdge) -> Option<i64> {
    let text = text.trim().to_ascii_lowercase();
    if let Some(seconds) = text.strip_prefix('@') {
        return seconds.split(' ').next()?.parse().ok();
    }
    if text.len() >= 9 && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok();
    }
    relative(&text, now, edge).or_else(|| absolute(&text, edge))
}

fn on_edge(day: i64, edge: DayEdge) -> i64 {
    match edge {
        DayEdge::Start => day * DAY,
        DayEdge::End => day * DAY + DAY - 1,
    }
}

fn relative(text: &str, now: i64, edge: DayEdge) -> Option<i64> {
    let words: Vec<&str> = text.split([' ', '.', '_']).filter(|w| !w.is_empty()).collect();
    let today = now.div_euclid(DAY);
    match *words {
        ["now"] => Some(now),
        ["today"] => Some(on_edge(today, edge)),
        ["yesterday"] => Some(on_edge(today - 1, edge)),
        ["last", unit] => back(1, unit, now),
        [count, unit, "ago"] | [count, unit] => {
            let count = match count {
                "a" | "an" | "one" => 1,
                _ => count.parse().ok().filter(|n: &i64| (0..1 << 32).contains(n))?,
            };
            back(count, unit, now)
        }
        _ => None,
    }
}

fn back(count: i64, unit: &str, now: i64) -> Option<i64> {
    let seconds = match unit.strip_suffix('s').unwrap_or(unit) {
        "second" | "sec" => 1,
        "minute" | "min" => 60,
        "hour" => 3600,
        "day" => DAY,
        "week" => 7 * DAY,
        "month" => return months_back(count, now),
        "year" => return months_back(count.checked_mul(12)?, now),
        _ => return None,
    };
    now.checked_sub(count.checked_mul(seconds)?)
}

fn months_back(count: i64, now: i64) -> Option<i64> {
    let (year, month, day) = civil(now.div_euclid(DAY));
    let months = (year * 12 + month - 1).checked_sub(count)?;
    // The 31st of a shorter month is its last day.
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    let day = day.min(days_of(year, month));
    Some(days(year, month, day) * DAY + now.rem_euclid(DAY))
}

fn absolute(text: &str, edge: DayEdge) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let separator = *date.as_bytes().get(4)?;
    if !b"-/.".contains(&separator) || date.as_bytes()[7] != separator {
        return None;
    }
    let number = |from: usize, to: usize| digits(date.get(from..to)?);
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    if !(1..=12).contains(&month) || !(1..=days_of(year, month)).contains(&day) {
        return None;
    }
    let day = days(year, month, day);
    if rest.is_empty() {
        return Some(on_edge(day, edge));
    }
    let rest = rest.strip_prefix(['t', ' '])?;
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.');
    let (time, zone) = rest.split_at(end.unwrap_or(rest.len()));
    let time = time.split_once('.').map_or(time, |(time, _)| time);
    let mut parts = time.split(':').map(digits);
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    if hour > 23 || minute > 59 || second > 60 || parts.next().is_some() {
        return None;
    }
    Some(day * DAY + hour * 3600 + minute * 60 + second - zone_seconds(zone.trim())?)
}

fn zone_seconds(zone: &str) -> Option<i64> {
    if zone.is_empty() || zone == "z" || zone == "utc" {
        return Some(0);
    }
    let (sign, rest) = match zone.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let rest = rest.replace(':', "");
    let number = digits(&rest).filter(|_| rest.len() == 4)?;
    Some(sign * (number / 100 * 3600 + number % 100 * 60))
}

fn digits(text: &str) -> Option<i64> {
    let is_number = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

fn days_of(year: i64, month: i64) -> i64 {
    let (next_year, next) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    days(next_year, next, 1) - days(year, month, 1)
}

/// Days since 1970 of a date of the Gregorian calendar; years begin in March, so
/// that leap days are last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The inverse.
fn civil(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2024-03-31T12:30:00Z.
    const NOW: i64 = 1_711_888_200;

    fn start(text: &str) -> Option<i64> {
        parse_date(text, NOW, DayEdge::Start)
    }

    #[test]
    fn dates_of_all_forms() {
        // Values from `date -u -d … +%s`.
        for (text, seconds) in [
            ("2024-03-31", 1_711_843_200),
            ("2024-03-31T12:30:00Z", NOW),
            ("2024-03-31 12:30", NOW),
            ("2024-03-31T14:30:00.5+02:00", NOW),
            ("2024-03-31 07:00:00 -0530", NOW),
            ("@1711888200", NOW),
            ("@1711888200 +0100", NOW),
            ("1711888200", NOW),
            ("1969-12-31T23:59:59Z", -1),
            ("2000-02-29", 951_782_400),
            ("now", NOW),
            ("today", 1_711_843_200),
            ("yesterday", 1_711_756_800),
            ("2.weeks.ago", NOW - 14 * DAY),
            ("3 days ago", NOW - 3 * DAY),
            ("1 hour", NOW - 3600),
            ("last month", 1_709_209_800),
            ("1.year.ago", 1_680_265_800),
        ] {
            assert_eq!(start(text), Some(seconds), "{text}");
        }
        assert_eq!(parse_date("2024-03-31", NOW, DayEdge::End), Some(1_711_929_599));
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "",
            "soon",
            "2024-02-30",
            "2024-13-01",
            "2024-3-1",
            "2024-03-31T25:00",
            "99999999999 years ago",
            "2024-03-31X",
            "2024-03-31T1",
            "-1 days ago",
            "2024-03-31T12:30:00+2",
            "äöüäöüäöü",
        ] {
            assert_eq!(start(text), None, "{text}");
        }
    }
}
