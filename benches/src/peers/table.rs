//! The table of a comparison.

use std::fmt::Write;
use std::time::Duration;

use crate::measure::Measurement;

/// What the table says of a tool.
pub(crate) struct Row<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// What it says of itself, if it says anything.
    pub(crate) version: String,
    /// Its runs.
    pub(crate) measured: &'a Measurement,
    /// Findings in its last report, if it makes any.
    pub(crate) findings: Option<usize>,
    /// Bytes that there were to scan.
    pub(crate) bytes: u64,
    /// Wall time of leaksieve.
    pub(crate) ours: Option<Duration>,
}

const HEAD: [&str; 9] =
    ["tool", "version", "wall s", "× ours", "cpu s", "GB/s", "peak MB", "anon MB", "findings"];

/// The rows as a table that is readable as text and as Markdown.
pub(crate) fn render(rows: &[Row<'_>]) -> String {
    let mut lines = vec![HEAD.map(str::to_owned)];
    lines.extend(rows.iter().map(cells));
    let widths: Vec<usize> = (0..HEAD.len())
        .map(|column| lines.iter().map(|l| l[column].chars().count()).max().unwrap_or(0))
        .collect();
    let mut out = String::new();
    for (number, line) in lines.iter().enumerate() {
        for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
            let _ = match column {
                0 | 1 => write!(out, "| {cell:width$} "),
                _ => write!(out, "| {cell:>width$} "),
            };
        }
        out.push_str("|\n");
        if number == 0 {
            for (column, width) in widths.iter().enumerate() {
                let end = if column < 2 { '-' } else { ':' };
                let _ = write!(out, "|{}{end}", "-".repeat(width + 1));
            }
            out.push_str("|\n");
        }
    }
    out
}

fn cells(row: &Row<'_>) -> [String; 9] {
    let number = |value: Option<f64>, digits: usize| {
        value.map_or_else(|| "–".to_owned(), |v| format!("{v:.digits$}"))
    };
    let wall = row.measured.wall().map(|d| d.as_secs_f64());
    let ratio = wall.zip(row.ours).map(|(w, ours)| w / ours.as_secs_f64());
    [
        row.name.to_owned(),
        row.version.clone(),
        if row.measured.gave_up() { "too long".to_owned() } else { number(wall, 3) },
        number(ratio, if ratio.is_some_and(|r| r >= 100.0) { 0 } else { 1 }),
        number(row.measured.cpu().map(|d| d.as_secs_f64()), 3),
        number(wall.map(|w| row.bytes as f64 / 1e9 / w), 3),
        number(row.measured.peak_bytes().map(|b| b as f64 / 1e6), 0),
        number(row.measured.anonymous_bytes().map(|b| b as f64 / 1e6), 0),
        row.findings.filter(|_| wall.is_some()).map_or_else(|| "–".to_owned(), |n| n.to_string()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Usage;

    #[test]
    fn columns_line_up_and_ratios_are_to_ours() {
        let (mut ours, mut theirs) = (Measurement::default(), Measurement::default());
        let usage = |milliseconds| Usage {
            wall: Duration::from_millis(milliseconds),
            cpu: Duration::from_millis(milliseconds),
            peak_bytes: 12_000_000,
            anonymous_bytes: None,
        };
        ours.add(Some(usage(10)), true);
        theirs.add(Some(usage(400)), true);
        let row = |name, measured, findings| Row {
            name,
            version: "1.2".to_owned(),
            measured,
            findings,
            bytes: 100_000_000,
            ours: Some(Duration::from_millis(10)),
        };
        let table = render(&[row("ours", &ours, Some(3)), row("theirs", &theirs, None)]);
        let lines: Vec<&str> = table.lines().collect();
        let bars = |line: &str| -> Vec<usize> {
            line.chars().enumerate().filter(|(_, c)| *c == '|').map(|(i, _)| i).collect()
        };
        assert!(lines.iter().all(|l| bars(l) == bars(lines[0])), "{table}");
        assert!(lines[2].contains("10.000") && lines[3].contains(" 40.0 "), "{table}");
    }
}
