//! Telling what a scan saw at a place.
//!
//! The line itself is not shown: what the detectors do not recognise on it may
//! be the very secret that the user wonders about.

use std::ffi::{OsStr, OsString};
use std::fmt::Write;
use std::ops::Range;
use std::path::PathBuf;

use leaksieve::{Explained, Scanner, Trace, mask};
use serde_json::{Value, json};

use crate::args::{ExplainArgs, ListFormatArg};
use crate::destination::print;
use crate::failure::{Failure, reason};
use crate::rules::pretty;

/// A larger file is not read for an explanation.
const LARGEST: u64 = 1 << 30;

/// Explains a line of a file, or a whole file.
pub(crate) fn run(args: &ExplainArgs) -> Result<(), Failure> {
    let (path, line) = place(&args.place);
    if path.as_os_str() == "-" {
        return Err(Failure::new("explain reads a file, not standard input").hint(
            "`leaksieve scan -` scans standard input; save it to a file to explain a line of it",
        ));
    }
    let shown = path.display().to_string();
    let failed = |error: std::io::Error| Failure::new(format!("{shown}: {}", reason(&error)));
    let about = std::fs::metadata(&path).map_err(|error| {
        let failure = failed(error);
        if line.is_none() { failure.hint("the place is written path:line") } else { failure }
    })?;
    if !about.is_file() {
        return Err(Failure::new(format!("{shown}: not a regular file")));
    }
    if about.len() > LARGEST {
        return Err(Failure::new(format!("{shown}: larger than a gigabyte"))
            .hint("cut out the part to explain and name that"));
    }
    let bytes = std::fs::read(&path).map_err(failed)?;
    let text = leaksieve::input::decoded(&bytes);
    let range = match line {
        None => 0..text.len() as u64,
        Some(number) => line_range(&text, number).ok_or_else(|| {
            let lines = counted_lines(&text);
            Failure::new(format!("{shown}: there is no line {number}"))
                .hint(format!("it has {lines}"))
        })?,
    };
    let mut builder = Scanner::builder();
    if let Some(now) = args.now {
        builder = builder.now(now);
    }
    let scanner = builder.build().map_err(|error| Failure::new(error.to_string()))?;
    let trace = scanner.trace(&text, range);
    let text = match args.format {
        ListFormatArg::Text => for_people(&shown, line, &trace),
        ListFormatArg::Json => pretty(&document(&shown, line, &trace)),
    };
    print(text.as_bytes())
}

/// Splits `path:line` and `path:line:column`, as reports and editors write
/// them. A file that has such a name is taken as it is.
fn place(text: &OsStr) -> (PathBuf, Option<u64>) {
    let whole = PathBuf::from(text);
    if whole.exists() {
        return (whole, None);
    }
    let Some((head, last)) = split_number(text) else { return (whole, None) };
    match split_number(&head) {
        Some((path, line)) if !PathBuf::from(&head).exists() => (path.into(), Some(line)),
        _ => (head.into(), Some(last)),
    }
}

/// Splits a number and the colon before it from the end of a name.
fn split_number(text: &OsStr) -> Option<(OsString, u64)> {
    let bytes = text.as_encoded_bytes();
    let digits = bytes.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let head = bytes[..bytes.len() - digits].strip_suffix(b":")?;
    let number = std::str::from_utf8(&bytes[bytes.len() - digits..]).ok()?.parse().ok()?;
    if head.is_empty() {
        return None;
    }
    #[cfg(unix)]
    let head = std::os::unix::ffi::OsStrExt::from_bytes(head);
    #[cfg(not(unix))]
    let head: &OsStr = OsStr::new(std::str::from_utf8(head).ok()?);
    let head: &OsStr = head;
    Some((head.to_owned(), number))
}

/// The bytes of a line, counted from 1, without its end.
fn line_range(text: &[u8], number: u64) -> Option<Range<u64>> {
    let mut start = 0u64;
    for (line, bytes) in (1u64..).zip(text.split(|b| *b == b'\n')) {
        let end = start + bytes.len() as u64;
        if line == number {
            return (start < text.len() as u64).then_some(start..end);
        }
        start = end + 1;
    }
    None
}

fn counted_lines(text: &[u8]) -> String {
    let ends = text.iter().filter(|b| **b == b'\n').count();
    let lines = ends + usize::from(text.last().is_some_and(|b| *b != b'\n'));
    format!("{lines} {}", if lines == 1 { "line" } else { "lines" })
}

fn for_people(path: &str, line: Option<u64>, trace: &Trace) -> String {
    let mut text = mask::visible(path.as_bytes());
    if let Some(line) = line {
        let _ = write!(text, ":{line}");
    }
    text.push('\n');
    if trace.anchors.is_empty() && trace.candidates.is_empty() {
        text.push_str(
            "no detector's anchor stands here, so nothing was looked at\n\
             (`leaksieve rules show ID` lists a detector's anchors)\n",
        );
        return text;
    }
    text.push_str("anchors seen\n");
    for anchor in &trace.anchors {
        let at = anchor.location;
        let place = format!("{}:{}", at.line, at.column);
        let literal = mask::visible(anchor.literal.as_bytes());
        let _ = writeln!(text, "  {place:8}  {literal:?} of {}", anchor.detectors.join(", "));
    }
    if trace.anchors.is_empty() {
        text.push_str("  none on this line; the candidates were read from around it\n");
    }
    text.push_str("candidates\n");
    for candidate in &trace.candidates {
        let at = candidate.location;
        let place = format!("{}:{}", at.line, at.column);
        let _ = writeln!(
            text,
            "  {place:8}  {} {}  [{}]",
            candidate.role.name(),
            shortened(&candidate.masked.clone()),
            candidate.detectors.join(", ")
        );
        if !candidate.decoded.is_empty() {
            let _ = writeln!(text, "            decoded from {}", chain(candidate).join(" > "));
        }
        let _ = writeln!(text, "            {}: {}", candidate.verdict.name(), candidate.outcome);
    }
    if trace.candidates.is_empty() {
        text.push_str("  none: what stands around the anchors has not the form of a credential\n");
    }
    text
}

/// How a candidate is encoded, the outermost layer first.
fn chain(candidate: &Explained) -> Vec<&'static str> {
    candidate.decoded.iter().map(|coding| coding.name()).collect()
}

/// A value that fits a line.
fn shortened(value: &str) -> String {
    const WIDTH: usize = 60;
    if value.chars().count() <= WIDTH {
        return value.to_owned();
    }
    value.chars().take(WIDTH - 1).chain(['…']).collect()
}

fn document(path: &str, line: Option<u64>, trace: &Trace) -> Value {
    let anchors: Vec<Value> = trace
        .anchors
        .iter()
        .map(|anchor| {
            json!({
                "literal": anchor.literal,
                "line": anchor.location.line,
                "column": anchor.location.column,
                "offset": anchor.location.offset,
                "detectors": anchor.detectors,
            })
        })
        .collect();
    let candidates: Vec<Value> = trace
        .candidates
        .iter()
        .map(|candidate| {
            json!({
                "detectors": candidate.detectors,
                "role": candidate.role.name(),
                "value": candidate.masked.clone(),
                "line": candidate.location.line,
                "column": candidate.location.column,
                "offset": candidate.location.offset,
                "length": candidate.location.length,
                "verdict": candidate.verdict.name(),
                "outcome": candidate.outcome,
                "decoded": chain(candidate),
            })
        })
        .collect();
    json!({ "path": path, "line": line, "anchors": anchors, "candidates": candidates })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        for (text, path, line) in [
            ("no/such.env:12", "no/such.env", Some(12)),
            ("no/such.env:12:7", "no/such.env", Some(12)),
            ("no/such.env", "no/such.env", None),
            ("no/such:x", "no/such:x", None),
            (":3", ":3", None),
        ] {
            assert_eq!(place(OsStr::new(text)), (PathBuf::from(path), line), "{text}");
        }
    }

    #[test]
    fn lines() {
        assert_eq!(line_range(b"ab\ncd\n", 2), Some(3..5));
        assert_eq!(line_range(b"ab\ncd\n", 3), None);
        assert_eq!(line_range(b"", 1), None);
        assert_eq!(counted_lines(b"ab\ncd"), "2 lines");
    }
}
