//! The time of a log, in the forms in which loggers write it.

use time::{OffsetDateTime, UtcOffset};

use crate::draw::Draw;

/// A form of the time. Each has a fixed length, so that it can be written over another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `2026-11-23T08:00:00.123Z`
    Iso,
    /// `2026-11-23 08:00:00,123`
    Comma,
    /// `23/Nov/2026:08:00:00 +0000`
    Access,
    /// `Nov 23 08:00:00`
    Syslog,
}

impl Form {
    /// Bytes.
    pub(super) fn length(self) -> usize {
        match self {
            Self::Iso => 24,
            Self::Comma => 23,
            Self::Access => 26,
            Self::Syslog => 15,
        }
    }
}

/// A clock that is only turned forward.
#[derive(Debug)]
pub(super) struct Clock {
    second: OffsetDateTime,
    millisecond: u64,
    forms: [Vec<u8>; 4],
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Clock {
    /// A clock that shows some moment of 2025.
    pub(super) fn new(draw: &mut Draw) -> Self {
        let second = draw.within(1_735_689_600..=1_767_225_599) as i64;
        let second = OffsetDateTime::from_unix_timestamp(second);
        let second = second.unwrap_or(OffsetDateTime::UNIX_EPOCH).to_offset(UtcOffset::UTC);
        let mut clock = Self { second, millisecond: 0, forms: Default::default() };
        clock.write_seconds();
        clock.write_milliseconds();
        clock
    }

    /// Turns it forward by less than a second.
    pub(super) fn tick(&mut self, milliseconds: u64) {
        self.millisecond += milliseconds;
        if self.millisecond >= 1000 {
            self.millisecond -= 1000;
            self.second = self.second.saturating_add(time::Duration::SECOND);
            self.write_seconds();
        }
        self.write_milliseconds();
    }

    /// The time in this form.
    pub(super) fn shown(&self, form: Form) -> &[u8] {
        &self.forms[form as usize]
    }

    fn write_seconds(&mut self) {
        let now = self.second;
        let (year, month, day) = now.to_calendar_date();
        let (hour, minute, second) = now.to_hms();
        let name = MONTHS[usize::from(u8::from(month)) - 1];
        let month = u8::from(month);
        let clock = format!("{hour:02}:{minute:02}:{second:02}");
        self.forms = [
            format!("{year:04}-{month:02}-{day:02}T{clock}.000Z").into_bytes(),
            format!("{year:04}-{month:02}-{day:02} {clock},000").into_bytes(),
            format!("{day:02}/{name}/{year:04}:{clock} +0000").into_bytes(),
            format!("{name} {day:02} {clock}").into_bytes(),
        ];
    }

    fn write_milliseconds(&mut self) {
        let digit = |by: u64| b'0' + (self.millisecond / by % 10) as u8;
        let digits = [digit(100), digit(10), digit(1)];
        for form in [Form::Iso, Form::Comma] {
            self.forms[form as usize][20..23].copy_from_slice(&digits);
        }
    }
}
