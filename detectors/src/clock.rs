//! Points in time, as credentials state them.
//!
//! Nothing here reads the machine's clock: the time of a scan is an input, so
//! a scan can be repeated.

use std::fmt;

use time::format_description::well_known::Rfc3339;
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

/// Seconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Reads an RFC 3339 time such as `2023-11-14T22:13:20Z`; the seconds may
    /// carry a fraction, which is dropped.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        OffsetDateTime::parse(text.trim(), &Rfc3339).ok().map(|t| Self(t.unix_timestamp()))
    }

    /// Reads the basic form of SigV4, `20130524T000000Z`.
    pub fn parse_basic(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 16 || bytes[8] != b'T' || bytes[15] != b'Z' {
            return None;
        }
        let number = |range: std::ops::Range<usize>| -> Option<u16> {
            let digits = &bytes[range];
            if !digits.iter().all(u8::is_ascii_digit) {
                return None;
            }
            Some(digits.iter().fold(0, |n, d| n * 10 + u16::from(d - b'0')))
        };
        let month = Month::try_from(u8::try_from(number(4..6)?).ok()?).ok()?;
        let date =
            Date::from_calendar_date(i32::from(number(0..4)?), month, number(6..8)? as u8).ok()?;
        let time =
            Time::from_hms(number(9..11)? as u8, number(11..13)? as u8, number(13..15)? as u8)
                .ok()?;
        Some(Self(PrimitiveDateTime::new(date, time).assume_utc().unix_timestamp()))
    }

    /// This time plus so many seconds.
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match OffsetDateTime::from_unix_timestamp(self.0).ok().and_then(|t| t.format(&Rfc3339).ok())
        {
            Some(text) => f.write_str(&text),
            None => write!(f, "@{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_agree() {
        let t = Timestamp::parse_rfc3339("2013-05-24T00:00:00Z").unwrap();
        assert_eq!(Timestamp::parse_basic("20130524T000000Z"), Some(t));
        assert_eq!(t.to_string(), "2013-05-24T00:00:00Z");
        assert_eq!(Timestamp::parse_basic("20130230T000000Z"), None);
        assert_eq!(Timestamp::parse_basic("2013052xT000000Z"), None);
    }
}
