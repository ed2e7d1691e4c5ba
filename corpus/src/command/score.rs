//! `score`: recall and precision, and what is lost against a plain tree.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use leaksieve_corpus::{Fault, Label, Loss, Scores, Share, loss, read_labels, read_report, score};

use super::Failure;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The labels that `generate` or `wrap` wrote.
    #[arg(long)]
    labels: PathBuf,
    /// The report, in JSON lines.
    #[arg(long)]
    report: PathBuf,
    /// What stands before the paths of the report; `tree/` beside the
    /// labels if not given.
    #[arg(long)]
    root: Option<PathBuf>,
    /// The least recall and precision of every detector; 0.995 if not given.
    #[arg(long)]
    min: Option<f64>,
    /// How many misses and false findings to list.
    #[arg(long, default_value_t = 0)]
    show: usize,
    /// Labels and report of the plain tree that the scored one was wrapped from: what was
    /// found there and is not found here fails. `--min` then counts only if it is given.
    #[arg(long, num_args = 2, value_names = ["LABELS", "REPORT"])]
    against: Option<Vec<PathBuf>>,
}

/// The least recall and precision where none is asked for.
const MIN: f64 = 0.995;

/// Scores and prints; whether all is as it should be.
pub(crate) fn run(arguments: &Arguments) -> Result<bool, Failure> {
    let Arguments { labels, report, root, min, show, against } = arguments;
    let (labels, scores) = scored(labels, report, root.as_deref())?;
    let mut out = io::stdout().lock();
    let printed = |error| Failure::with(Path::new("standard output"))(error);
    let least = min.unwrap_or(MIN);
    print_scores(&mut out, &scores, least, *show).map_err(printed)?;
    let Some([plain_labels, plain_report]) = against.as_deref() else {
        return Ok(scores.reach(least));
    };
    let (plain_labels, plain) = scored(plain_labels, plain_report, None)?;
    let loss = loss((&plain_labels, &plain), (&labels, &scores));
    print_loss(&mut out, &loss, *show).map_err(printed)?;
    if loss.strangers > 0 {
        let count = loss.strangers;
        return Err(Failure(format!("{count} plants come from no label of the plain tree")));
    }
    if loss.all.lost.total == 0 {
        // A report of another tree looks like this, and so does a wrong root.
        return Err(Failure("the report of the plain tree has none of its plants".into()));
    }
    Ok(loss.lost.is_empty() && min.is_none_or(|least| scores.reach(least)))
}

fn scored(
    labels: &Path,
    report: &Path,
    root: Option<&Path>,
) -> Result<(Vec<Label>, Scores), Failure> {
    let text = fs::read_to_string(labels).map_err(Failure::with(labels))?;
    let read = read_labels(&text).map_err(Failure::with(labels))?;
    let text = fs::read_to_string(report).map_err(Failure::with(report))?;
    let records = read_report(&text).map_err(Failure::with(report))?;
    let root = root.map_or_else(|| labels.with_file_name("tree"), Path::to_path_buf);
    let scores = score(&read, &records, &root.to_string_lossy());
    Ok((read, scores))
}

fn print_scores(out: &mut dyn Write, scores: &Scores, min: f64, show: usize) -> io::Result<()> {
    const HEADS: [&str; 6] =
        ["detector", "plants", "found", "recall [95 %]", "records", "precision [95 %]"];
    let [detector, plants, found, recall, records, precision] = HEADS;
    writeln!(out, "{detector:28} {plants:>7} {found:>7}  {recall:27} {records:>7}  {precision}")?;
    for (detector, score) in &scores.detectors {
        let low = score.recall.value() < min || score.precision.value() < min;
        let note = match (score.labelled, low) {
            (false, _) => "  no labels",
            (true, true) => "  LOW",
            (true, false) => "",
        };
        writeln!(
            out,
            "{detector:28} {:7} {:7}  {} {:7}  {}{note}",
            score.recall.total,
            score.recall.hits,
            score.recall,
            score.precision.total,
            score.precision
        )?;
    }
    list(out, "missed", &scores.missed, show)?;
    list(out, "wrong", &scores.wrong, show)
}

fn print_loss(out: &mut dyn Write, loss: &Loss, show: usize) -> io::Result<()> {
    let line = |out: &mut dyn Write, name: &str, share: &Share| {
        let Share { recall, lost, moved } = share;
        let note = if lost.hits > 0 { "  LOSS" } else { "" };
        let (plants, found) = (recall.total, recall.hits);
        writeln!(
            out,
            "{name:40} {plants:7} {found:7}  {recall} {:7} {:7} {moved:7}{note}",
            lost.total, lost.hits
        )
    };
    let head = |out: &mut dyn Write, what: &str| {
        let recall = "recall [95 %]";
        writeln!(
            out,
            "\n{what:40} {:>7} {:>7}  {recall:27} {:>7} {:>7} {:>7}",
            "plants", "found", "plainly", "lost", "moved"
        )
    };
    head(out, "wrapped in")?;
    for (name, share) in &loss.wrappings {
        line(out, name, share)?;
    }
    head(out, "planted in")?;
    // Most containers lose nothing, which the sum says too.
    for (name, share) in loss.containers.iter().filter(|(_, share)| share.lost.hits > 0) {
        line(out, name, share)?;
    }
    line(out, "(all)", &loss.all)?;
    list(out, "lost", &loss.lost, show)
}

fn list(out: &mut dyn Write, what: &str, faults: &[Fault], show: usize) -> io::Result<()> {
    if show > 0 && !faults.is_empty() {
        writeln!(out, "\n{what}: {}", faults.len())?;
    }
    for fault in faults.iter().take(show) {
        let Fault { detector, path, line, offset, container } = fault;
        writeln!(out, "{detector}  {path}:{line} (byte {offset})  {container}")?;
    }
    Ok(())
}
