//! What a person reads: each leak with its line, what it is, why it is
//! believed and what to do about it.

use std::collections::HashSet;
use std::io::{self, Write};

use leaksieve_detectors::{FactValue, Severity};
use unicode_width::UnicodeWidthChar;

use super::summary::grouped;
use super::{Disclosure, LiveReport, Report, Scan, Summary, chain, safe};
use crate::finding::ShownLine;
use crate::input::Origin;
use crate::policy::{Occurrence, Record, Sightings, Told, Withdrawn};

/// How text looks. The library asks no terminal; whoever has one says.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Whether to use ANSI colours.
    pub color: bool,
    /// Columns to fill; at least 40 are taken.
    pub width: usize,
    /// Whether to show everything: all places, fingerprints, all that was
    /// skipped.
    pub verbose: bool,
}

impl Default for Style {
    /// No colours, 80 columns, not verbose.
    fn default() -> Self {
        Self { color: false, width: 80, verbose: false }
    }
}

/// Other places that are named unless the style is verbose.
const PLACES: usize = 4;

/// Columns of a path that are shown: trees of git know no bound.
const LONGEST_PATH: usize = 4096;

/// Widest column of labels.
const LABEL: usize = 14;

/// Writes records for people. The summary is not part of it: see
/// [`super::write_summary`].
#[derive(Debug)]
pub struct TextReport<W> {
    out: W,
    disclosure: Disclosure,
    style: Style,
    /// Detectors whose remedy has been told.
    told: HashSet<String>,
}

impl<W: Write> TextReport<W> {
    /// A report that is written to `out`.
    pub fn new(out: W, disclosure: Disclosure, style: Style) -> Self {
        Self { out, disclosure, style, told: HashSet::new() }
    }

    fn width(&self) -> usize {
        self.style.width.max(40)
    }

    fn line(&mut self, record: &Record) -> io::Result<()> {
        let paint = Paint::new(&self.style);
        let number = record.first().location.line.to_string();
        let margin = 4 + number.len() + 3;
        let shown = self.disclosure.line(record.finding());
        let shown = fitted(&shown, self.width().saturating_sub(margin));
        let mark = shown.mark.clone();
        let (head, rest) = shown.text.split_at(mark.start);
        let (marked, tail) = rest.split_at(mark.end - mark.start);
        let bar = paint.dim("|");
        let severity = record.severity();
        writeln!(
            self.out,
            "    {} {bar} {head}{}{tail}",
            paint.dim(&number),
            paint.severity(severity, marked)
        )?;
        let carets = "^".repeat(columns(marked).max(1));
        writeln!(
            self.out,
            "    {:len$} {bar} {:at$}{}",
            "",
            "",
            paint.severity(severity, &carets),
            len = number.len(),
            at = columns(head),
        )
    }

    fn rows(&self, record: &Record) -> Vec<(String, String)> {
        let finding = record.finding();
        #[cfg(feature = "git")]
        let mut rows =
            super::history::rows(self.disclosure.origin(record.first()), self.style.verbose);
        #[cfg(not(feature = "git"))]
        let mut rows = Vec::new();
        for part in finding.parts() {
            let line = part.location().line;
            let value = safe(&self.disclosure.part(part));
            let value = if line == record.first().location.line {
                value
            } else {
                format!("{value}  (line {line})")
            };
            rows.push((part.role().name().replace('-', " "), value));
        }
        if let Some(chain) = chain(finding.decoded()) {
            rows.push(("decoded".to_owned(), chain));
        }
        for (name, value) in record.log().iter().flat_map(|log| log.fields()) {
            let name = if name == "timestamp" { "logged" } else { name };
            rows.push((name.to_owned(), safe(value)));
        }
        // An identifier that stands above as a part, or in the line, says
        // nothing new as a fact.
        let told: Vec<&[u8]> = finding
            .parts()
            .iter()
            .map(crate::finding::FindingPart::value)
            .chain([finding.secret()])
            .collect();
        for fact in record.facts().iter() {
            if matches!(fact.value(), FactValue::Text(text) if told.contains(&text.as_bytes())) {
                continue;
            }
            let value = match fact.value() {
                FactValue::Text(text) => safe(&text),
                FactValue::Number(number) => number.to_string(),
                FactValue::Flag(flag) => if flag { "yes" } else { "no" }.to_owned(),
                FactValue::Time(time) => time.to_string(),
            };
            rows.push((fact.name().replace('_', " "), value));
        }
        let reason = record.reason();
        let verdict = record.verdict().name();
        let why =
            if reason.is_empty() { verdict.to_owned() } else { format!("{verdict}: {reason}") };
        rows.push(("why".to_owned(), why));
        rows
    }

    fn places(&self, record: &Record) -> Option<String> {
        let others = record.others();
        if others.is_empty() {
            return None;
        }
        let limit = if self.style.verbose { others.len() } else { PLACES };
        let mut text: Vec<String> = others.iter().take(limit).map(|p| self.other(p)).collect();
        let rest = record.count() - 1 - text.len() as u64;
        if rest > 0 {
            text.push(format!("… and {} more", grouped(rest)));
        }
        Some(text.join("\n"))
    }

    #[cfg(feature = "git")]
    fn other(&self, other: &Occurrence) -> String {
        let origin = self.disclosure.origin(other);
        place(other, origin) + &decoded(other) + &super::history::suffix(origin, self.style.verbose)
    }

    #[cfg(not(feature = "git"))]
    fn other(&self, other: &Occurrence) -> String {
        place(other, self.disclosure.origin(other)) + &decoded(other)
    }
}

impl<W: Write> Report for TextReport<W> {
    fn begin(&mut self, _: &Scan<'_>) -> io::Result<()> {
        Ok(())
    }

    fn record(&mut self, record: &Record) -> io::Result<()> {
        let paint = Paint::new(&self.style);
        let detector = record.detector();
        let severity = if record.is_refuted() {
            paint.dim("REFUTED")
        } else {
            let name = record.severity().name().to_uppercase();
            paint.severity(record.severity(), &name)
        };
        let title = paint.bold(&detector.title);
        writeln!(self.out, "{severity}  {title}  {}", paint.dim(&format!("[{}]", detector.id)))?;
        let first = place(record.first(), self.disclosure.origin(record.first()));
        writeln!(self.out, "  {}", paint.path(&first))?;
        self.line(record)?;

        let mut rows = self.rows(record);
        if !record.is_refuted() {
            let first = self.told.insert(detector.id.to_string());
            // The same advice again and again would bury the findings.
            let fix = if first { detector.remedy.to_string() } else { "as above".to_owned() };
            rows.push(("fix".to_owned(), fix));
        }
        if let Some(places) = self.places(record) {
            rows.push(("also in".to_owned(), places));
        }
        if self.style.verbose {
            rows.push(("id".to_owned(), record.id().to_owned()));
            rows.push(("fingerprint".to_owned(), record.fingerprint().to_string()));
        }
        let label = rows.iter().map(|(name, _)| columns(name)).max().unwrap_or(0).min(LABEL);
        let indent = 2 + label + 2;
        for (name, value) in &rows {
            let mut lines = wrapped(value, self.width().saturating_sub(indent)).into_iter();
            let first = lines.next().unwrap_or_default();
            let name = paint.dim(&format!("{name:label$}"));
            writeln!(self.out, "  {name}  {first}")?;
            for line in lines {
                writeln!(self.out, "{:indent$}{line}", "")?;
            }
        }
        writeln!(self.out)
    }

    fn end(&mut self, _: &Summary<'_>) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W: Write> LiveReport for TextReport<W> {
    fn tell(&mut self, told: &Told) -> io::Result<()> {
        let paint = Paint::new(&self.style);
        match told {
            Told::Found(record) => self.record(record)?,
            Told::Amended(record) => {
                let before = "more is known of what was told before:";
                writeln!(self.out, "{}", paint.dim(before))?;
                self.record(record)?;
            }
            Told::Withdrawn(Withdrawn { path, line, .. }) => {
                let place = safe(path);
                let text = format!("{place}:{line} is no finding of its own any more");
                writeln!(self.out, "{}\n", paint.dim(&text))?;
            }
            Told::Again(Sightings { detector, count, last, path, line, .. }) => {
                let place = safe(path);
                let times = grouped(*count);
                let text =
                    format!("again  {detector}  {place}:{line}  ({times} times, last {last})");
                writeln!(self.out, "{text}\n")?;
            }
        }
        self.out.flush()
    }
}

fn decoded(place: &Occurrence) -> String {
    chain(&place.decoded).map_or_else(String::new, |chain| format!(" ({chain})"))
}

fn place(place: &Occurrence, origin: &Origin) -> String {
    let at = place.location;
    let name = safe(&origin.name());
    format!("{}:{}:{}", keep_tail(&name, LONGEST_PATH), at.line, at.column)
}

/// Colours, or none.
pub(super) struct Paint {
    color: bool,
}

impl Paint {
    pub(super) fn new(style: &Style) -> Self {
        Self { color: style.color }
    }

    fn sgr(&self, code: &str, text: &str) -> String {
        if self.color && !text.is_empty() {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    pub(super) fn severity(&self, severity: Severity, text: &str) -> String {
        let code = match severity {
            Severity::Critical => "1;31",
            Severity::High => "31",
            Severity::Medium => "33",
            Severity::Low => "36",
            Severity::Info => "34",
        };
        self.sgr(code, text)
    }

    pub(super) fn good(&self, text: &str) -> String {
        self.sgr("32", text)
    }

    pub(super) fn bad(&self, text: &str) -> String {
        self.sgr("1;33", text)
    }

    fn bold(&self, text: &str) -> String {
        self.sgr("1", text)
    }

    fn dim(&self, text: &str) -> String {
        self.sgr("2", text)
    }

    fn path(&self, text: &str) -> String {
        self.sgr("35", text)
    }
}

/// Columns that a text takes on a terminal.
fn columns(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// The line without its indentation, cut so that the mark is seen and nothing
/// is wider than `width`.
fn fitted(line: &ShownLine, width: usize) -> ShownLine {
    let indentation = line.text.len() - line.text.trim_start().len();
    let cut = indentation.min(line.mark.start);
    let text = line.text[cut..].trim_end();
    let mark_start = (line.mark.start - cut).min(text.len());
    let mark_end = (line.mark.end.max(line.mark.start) - cut).clamp(mark_start, text.len());
    if columns(text) <= width {
        return ShownLine { text: text.to_owned(), mark: mark_start..mark_end };
    }
    let (head, rest) = text.split_at(mark_start);
    let (marked, tail) = rest.split_at(mark_end - mark_start);
    // The mark gets at most what leaves an ellipsis on both sides.
    let (marked, marked_cut) = keep_head(marked, width.saturating_sub(2));
    let left = width.saturating_sub(columns(&marked));
    let tail_wants = if marked_cut { 0 } else { columns(tail) };
    let head_gets = left - tail_wants.min(left / 3);
    let head = keep_tail(head, head_gets);
    let tail = if marked_cut {
        String::new()
    } else {
        keep_head(tail, left.saturating_sub(columns(&head))).0
    };
    let mark = head.len()..head.len() + marked.len();
    ShownLine { text: format!("{head}{marked}{tail}"), mark }
}

/// The beginning of a text, with an ellipsis if it does not fit.
pub(super) fn keep_head(text: &str, width: usize) -> (String, bool) {
    if columns(text) <= width {
        return (text.to_owned(), false);
    }
    let mut kept = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        kept.push(c);
    }
    if width > 0 {
        kept.push('…');
    }
    (kept, true)
}

/// The end of a text, with an ellipsis before it if it does not fit.
fn keep_tail(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut used = 1;
    let mut start = text.len();
    for (at, c) in text.char_indices().rev() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        start = at;
    }
    if width == 0 { String::new() } else { format!("…{}", &text[start..]) }
}

/// Breaks a text at spaces; keeps its own line breaks. A word that is too long
/// stays whole, so that paths and fingerprints can be copied.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            if !line.is_empty() && columns(&line) + 1 + columns(word) > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, mark: &str) -> ShownLine {
        let start = text.find(mark).unwrap();
        ShownLine { text: text.to_owned(), mark: start..start + mark.len() }
    }

    #[test]
    fn lines_are_cut_around_their_mark() {
        let line = shown("    key = abcd********; // end", "abcd********");
        let whole = fitted(&line, 60);
        assert_eq!(whole.text, "key = abcd********; // end");
        assert_eq!(&whole.text[whole.mark.clone()], "abcd********");

        let long = format!("{}abcd********{}", "héad ".repeat(40), " tail".repeat(40));
        for width in [6, 13, 14, 15, 20, 40, 79] {
            let cut = fitted(&shown(&long, "abcd********"), width);
            assert!(columns(&cut.text) <= width, "{width}: {cut:?}");
            assert!(cut.text[cut.mark.clone()].starts_with('a'), "{width}: {cut:?}");
        }
        let cut = fitted(&shown(&long, "abcd********"), 40);
        assert!(cut.text.starts_with('…') && cut.text.ends_with('…'), "{cut:?}");
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(columns("密钥=x"), 6);
        let cut = fitted(&shown("密钥密钥密钥密钥密钥=x", "x"), 9);
        assert!(columns(&cut.text) <= 9, "{cut:?}");
    }

    #[test]
    fn words_wrap() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("a\nb", 7), ["a", "b"]);
        assert_eq!(wrapped("unbreakable", 4), ["unbreakable"]);
    }
}
