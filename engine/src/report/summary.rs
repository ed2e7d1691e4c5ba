//! The account of a scan, for people.

use std::io::{self, Write};

use super::text::{Paint, Style};
use super::{Summary, safe};
use crate::ledger::{HistoryAccount, Skip, SkipKind};

/// Skips that are named when nobody asked for all of them.
const NAMED: usize = 20;

/// Writes what was found, what was scanned, what was left out by rule and what
/// could not be scanned.
///
/// # Errors
///
/// If writing fails.
pub fn write_summary(out: &mut dyn Write, summary: &Summary<'_>, style: &Style) -> io::Result<()> {
    let paint = Paint::new(style);
    let findings = summary.findings();
    let found = if findings == 0 && summary.is_incomplete() {
        "no leaks found in what was scanned".to_owned()
    } else if findings == 0
        && summary.ledger.history.is_some_and(|h| h.is_empty())
        && summary.ledger.objects == 0
    {
        "nothing to scan: no commit was chosen".to_owned()
    } else if findings == 0 {
        paint.good("no leaks found")
    } else {
        let by_severity: Vec<String> = summary
            .by_severity()
            .map(|(s, n)| paint.severity(s, &format!("{} {}", grouped(n), s.name())))
            .collect();
        let places = if summary.places > findings {
            format!(" in {}", counted(summary.places, "place", "places"))
        } else {
            String::new()
        };
        format!("{}{places}: {}", counted(findings, "leak", "leaks"), by_severity.join(", "))
    };
    write!(out, "{found}")?;
    if summary.below > 0 {
        write!(out, " ({} below the minimum severity)", grouped(summary.below))?;
    }
    if summary.refuted > 0 {
        write!(out, " ({} refuted)", grouped(summary.refuted))?;
    }
    writeln!(out)?;
    for (severity, count) in summary.unlisted.by_severity() {
        let findings = if count == 1 { "finding is" } else { "findings are" };
        let line = format!("{} more {} {findings} not listed", grouped(count), severity.name());
        writeln!(out, "{}", paint.bad(&line))?;
    }
    if summary.unlisted.refuted() > 0 {
        writeln!(out, "{} more refuted are not listed", grouped(summary.unlisted.refuted()))?;
    }

    let ledger = summary.ledger;
    let seconds = summary.elapsed.as_secs_f64();
    write!(
        out,
        "scanned {}, {} in {}",
        counted(ledger.objects, "object", "objects"),
        bytes(ledger.bytes),
        duration(seconds),
    )?;
    // Over less than a megabyte the speed is that of starting up.
    if ledger.bytes >= 1_000_000 && seconds > 0.0 {
        write!(out, " ({:.2} GB/s)", ledger.bytes as f64 / seconds / 1e9)?;
    }
    writeln!(out)?;
    if let Some(account) = &ledger.history {
        writeln!(out, "{}", history(account, style.verbose))?;
    }

    let list = |incomplete: bool| -> Vec<String> {
        ledger
            .counts()
            .filter(|(kind, _)| kind.is_incomplete() == incomplete)
            .map(|(kind, n)| {
                let accepted =
                    if incomplete && summary.accepted.contains(&kind) { " (accepted)" } else { "" };
                format!("{} {}{accepted}", grouped(n), kind.name())
            })
            .collect()
    };
    let skipped = list(false);
    if !skipped.is_empty() {
        writeln!(out, "left out by rule: {}", skipped.join(", "))?;
    }
    let missing = list(true);
    if !missing.is_empty() {
        let line = format!("NOT SCANNED: {}", missing.join(", "));
        let line = if summary.is_incomplete() { paint.bad(&line) } else { line };
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// What was read of git histories.
fn history(account: &HistoryAccount, verbose: bool) -> String {
    let mut text = format!("history: {}", counted(account.commits, "commit", "commits"));
    if account.tags > 0 {
        text.push_str(&format!(", {}", counted(account.tags, "tag", "tags")));
    }
    let blobs = counted(account.blobs, "blob", "blobs");
    text.push_str(&format!(", {blobs} ({})", bytes(account.blob_bytes)));
    if account.known > 0 {
        let known = counted(account.known, "object", "objects");
        text.push_str(&format!(", {known} known from an earlier run"));
    }
    if verbose && account.blobs > 0 {
        text.push_str(&format!(
            ", {} of them searched; {:.1} % fell back on a search of the whole",
            bytes(account.searched_bytes),
            account.whole_share() * 100.0
        ));
    }
    if account.absent > 0 {
        let absent = counted(account.absent, "object is", "objects are");
        text.push_str(&format!("; partial clone: {absent} absent"));
    }
    if account.cut > 0 {
        let cut = counted(account.cut, "commit", "commits");
        text.push_str(&format!("; shallow clone: what came before {cut} is not there"));
    }
    text
}

/// Writes a line for everything that was not scanned: what was asked for
/// always, at most twenty unless the style is verbose; what the rules leave out
/// only if it is.
///
/// # Errors
///
/// If writing fails.
pub fn write_skips(
    out: &mut dyn Write,
    prefix: &str,
    summary: &Summary<'_>,
    style: &Style,
) -> io::Result<()> {
    let limit = if style.verbose { usize::MAX } else { NAMED };
    let missing = summary.skips(|s| s.kind.is_incomplete(), limit);
    for skip in &missing {
        writeln!(out, "{prefix}{}: {}", safe(&skip.origin.name()), what_happened(skip))?;
    }
    let shown = missing.len() as u64;
    let all: u64 = summary.ledger.counts().filter(|(k, _)| k.is_incomplete()).map(|(_, n)| n).sum();
    if all > shown {
        let more = grouped(all - shown);
        let hint = if style.verbose { "" } else { " (-v names them)" };
        writeln!(out, "{prefix}… and {more} more that could not be scanned{hint}")?;
    }
    if style.verbose {
        for skip in summary.skips(|s| !s.kind.is_incomplete(), usize::MAX) {
            writeln!(out, "{prefix}{}: left out: {}", safe(&skip.origin.name()), skip.kind.name())?;
        }
    }
    Ok(())
}

/// What happened, as a fragment after the path.
fn what_happened(skip: &Skip) -> String {
    let what = match skip.kind {
        SkipKind::NoPermission => "no permission to read it",
        SkipKind::Vanished => "it vanished during the scan",
        SkipKind::Shrunk => "it became shorter while it was read",
        SkipKind::ReadFailed => "reading failed",
        SkipKind::TooLarge => "it is larger than the limit",
        SkipKind::SpecialFile => "neither a file nor a directory",
        SkipKind::MissingObject => "the repository does not have it",
        SkipKind::DamagedObject => "it is damaged",
        SkipKind::DamagedPack => "the pack is damaged",
        SkipKind::PartialClone => "a partial clone",
        other => other.name(),
    };
    // What the system said adds nothing where the kind says it all.
    match (skip.kind, skip.detail.as_str()) {
        (SkipKind::NoPermission | SkipKind::Vanished, _) | (_, "") => {
            format!("not scanned: {what}")
        }
        (_, detail) => format!("not scanned: {what}: {}", safe(detail)),
    }
}

fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

/// A number with commas: `1,234,567`.
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of bytes in decimal units: `104.2 MB`.
fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if n < 1000 {
        return counted(n, "byte", "bytes");
    }
    let mut value = n as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

fn duration(seconds: f64) -> String {
    if seconds < 0.001 {
        format!("{:.0} µs", seconds * 1e6)
    } else if seconds < 1.0 {
        format!("{:.0} ms", seconds * 1e3)
    } else if seconds < 120.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{:.0} min {:.0} s", (seconds / 60.0).floor(), seconds % 60.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(bytes(999_960), "1.0 MB");
        assert_eq!(bytes(104_150_000), "104.2 MB");
        assert_eq!(duration(0.0042), "4 ms");
        assert_eq!(duration(150.0), "2 min 30 s");
    }
}
