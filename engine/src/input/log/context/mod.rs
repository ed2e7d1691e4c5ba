//! What a log says of where an entry came from.
//!
//! Here is found which bytes are the entry; what lines say is read in [`line`], names of
//! fields are known to [`found`], names of files to [`path`].

mod found;
mod line;
mod path;
mod stamp;

use std::fmt;
use std::ops::Range;
use std::path::Path;

use found::Found;

use super::export::{self, Reading};

/// How far an entry is looked for to both sides.
const WINDOW: usize = 16 << 10;

/// So many lines back may stand the line with the time of a message of several lines.
const LINES: usize = 128;

/// The longest value, in bytes.
const LONGEST: usize = 128;

/// Where an entry of a log came from, as far as the log says it.
///
/// Values are as written, but no longer than 128 bytes and without control characters. They
/// are what anybody wrote and may hold a secret: whoever shows them masks them.
///
/// ```
/// use leaksieve::input::log::LogContext;
///
/// let text = b"Nov 23 08:00:00 web-1 sshd[812]: accepted hunter2\n";
/// let context = LogContext::of(text, 42);
/// assert_eq!(context.timestamp.as_deref(), Some("Nov 23 08:00:00"));
/// assert_eq!(context.host.as_deref(), Some("web-1"));
/// assert_eq!(context.process.as_deref(), Some("sshd[812]"));
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogContext {
    /// When it was written.
    pub timestamp: Option<Box<str>>,
    /// The systemd unit, or the tag of syslog.
    pub unit: Option<Box<str>>,
    /// The machine.
    pub host: Option<Box<str>>,
    /// The Kubernetes pod.
    pub pod: Option<Box<str>>,
    /// Its namespace.
    pub namespace: Option<Box<str>>,
    /// The container: its name, or its id if there is no name.
    pub container: Option<Box<str>>,
    /// How grave it is.
    pub level: Option<Box<str>>,
    /// The process: its name, its number, or `name[number]`.
    pub process: Option<Box<str>>,
}

impl LogContext {
    /// What the entry around the byte at `at` says. The entry is looked for in 16 KiB to
    /// both sides.
    pub fn of(text: &[u8], at: usize) -> Self {
        let view = View::of(text, at);
        let mut found = Found::default();
        if view.read_entry(&mut found) {
            return found.context();
        }
        match view.begun {
            true => line::read(view.line(), &mut found),
            false => line::read_end(view.line(), &mut found),
        }
        if found.has_time() || found.is_record || !view.begun {
            return found.context();
        }
        // A line of a message: the first line with a time begins it.
        for earlier in view.earlier() {
            let mut before = Found::default();
            line::read(earlier, &mut before);
            if before.has_time() {
                let mut context = found.context();
                context.merge(&before.context());
                return context;
            }
        }
        found.context()
    }

    /// What the name of a log file of Kubernetes or Docker says.
    ///
    /// ```
    /// use leaksieve::input::log::LogContext;
    ///
    /// let path = "/var/log/pods/shop_cart-7d9f-x2_0b6a4f0e-1f2a-4d3b-9c51-8a7e6d5c4b3a/web/0.log";
    /// let context = LogContext::of_path(path.as_ref());
    /// assert_eq!(context.pod.as_deref(), Some("cart-7d9f-x2"));
    /// assert_eq!(context.container.as_deref(), Some("web"));
    /// ```
    pub fn of_path(path: &Path) -> Self {
        path::context(path)
    }

    /// Takes from `other` what is not known yet.
    pub fn merge(&mut self, other: &Self) {
        let Self { timestamp, unit, host, pod, namespace, container, level, process } = self;
        let pairs = [
            (timestamp, &other.timestamp),
            (unit, &other.unit),
            (host, &other.host),
            (pod, &other.pod),
            (namespace, &other.namespace),
            (container, &other.container),
            (level, &other.level),
            (process, &other.process),
        ];
        for (own, other) in pairs {
            if own.is_none() {
                own.clone_from(other);
            }
        }
    }

    /// The names and values of what is known.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let Self { timestamp, unit, host, pod, namespace, container, level, process } = self;
        let fields = [
            ("timestamp", timestamp),
            ("unit", unit),
            ("host", host),
            ("pod", pod),
            ("namespace", namespace),
            ("container", container),
            ("level", level),
            ("process", process),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)))
    }

    /// The values of what is known, to be masked.
    #[cfg(feature = "report")]
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut Box<str>> {
        let Self { timestamp, unit, host, pod, namespace, container, level, process } = self;
        [timestamp, unit, host, pod, namespace, container, level, process].into_iter().flatten()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Only which values are known: they may hold secrets.
impl fmt::Debug for LogContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogContext ")?;
        f.debug_set().entries(self.fields().map(|(name, _)| name)).finish()
    }
}

/// The text around a byte.
struct View<'a> {
    text: &'a [u8],
    line: Range<usize>,
    /// Whether the line's beginning is there.
    begun: bool,
    /// Whether that of the whole text is.
    from_start: bool,
}

impl<'a> View<'a> {
    fn of(text: &'a [u8], at: usize) -> Self {
        let at = at.min(text.len());
        let first = at.saturating_sub(WINDOW);
        let text = &text[first..text.len().min(at + WINDOW)];
        let at = at - first;
        let start = memchr::memrchr(b'\n', &text[..at]).map(|end| end + 1);
        let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |end| at + end);
        let from_start = first == 0;
        let begun = start.is_some() || from_start;
        Self { text, line: start.unwrap_or(0)..end, begun, from_start }
    }

    fn line(&self) -> &'a [u8] {
        let line = &self.text[self.line.clone()];
        line.strip_suffix(b"\r").unwrap_or(line)
    }

    /// The lines before, the last first, as far as they are whole.
    fn earlier(&self) -> impl Iterator<Item = &'a [u8]> {
        let (text, from_start) = (self.text, self.from_start);
        let mut end = self.line.start;
        std::iter::from_fn(move || {
            let line = text[..end].strip_suffix(b"\n")?;
            let start = memchr::memrchr(b'\n', line).map(|end| end + 1);
            end = start.or(from_start.then_some(0))?;
            Some(&line[end..])
        })
        .take(LINES)
    }

    /// Reads the entry of the journal that the line is in, if it is in one.
    fn read_entry(&self, found: &mut Found) -> bool {
        let cursors = memchr::memmem::rfind_iter(&self.text[..self.line.end], export::FIRST);
        let at_lines = |at: &usize| *at == 0 || self.text[at - 1] == b'\n';
        let Some(start) = cursors.take(LINES).find(at_lines) else {
            return self.read_rest_of_entry(found);
        };
        let entry = &self.text[start..];
        match export::read(entry, &mut 0) {
            Reading::Whole(end) if start + end <= self.line.start => return false,
            Reading::Whole(end) => line::read_entry(&entry[..end], found),
            Reading::More => line::read_entry(entry, found),
            // A message that was put together is longer than what is written before it.
            Reading::Not(before) | Reading::TooLong(before) => {
                let between = &self.text[(start + before).min(self.line.start)..self.line.start];
                if memchr::memmem::find(between, b"\n\n").is_some() {
                    return false;
                }
                line::read_entry(&entry[..before], found);
                line::read_entry(&self.text[self.behind()..], found);
            }
        }
        true
    }

    /// Reads what is left of an entry whose beginning is too far away.
    fn read_rest_of_entry(&self, found: &mut Found) -> bool {
        let rest = &self.text[self.behind()..];
        let mut names = export::fields(rest).map(|(name, _)| name);
        // Lists of variables look alike, but have none of these.
        let journal = names.any(|name| matches!(name, b"_BOOT_ID" | b"_MACHINE_ID"));
        if journal {
            line::read_entry(rest, found);
        }
        journal
    }

    fn behind(&self) -> usize {
        (self.line.end + 1).min(self.text.len())
    }
}

/// A value as it may be shown.
fn shown(value: &[u8]) -> Option<Box<str>> {
    let value = value.trim_ascii();
    // A character that is cut in two is left out below, unless it is the first.
    let mut text = crate::mask::visible(&value[..value.len().min(LONGEST + 4)]);
    // What stands for a control character is longer than that.
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    let end = ends.take_while(|end| *end <= LONGEST).last().unwrap_or(0);
    text.truncate(end);
    (!matches!(&*text, "" | "-" | "null")).then(|| text.into())
}

#[cfg(test)]
mod tests;
