//! The command line of the corpus: generates trees, scores reports, fills files.

use std::{
    fmt, fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand, ValueEnum};
use leaksieve_corpus::{Fault, Kind, Options, Scores, Tree, fill, read_labels, read_report, score};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Makes labelled trees with planted leaks, and scores reports on them.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write a tree and its labels.
    Generate {
        /// The number that everything follows from.
        #[arg(long)]
        seed: u64,
        /// The directory that gets `tree/` and `labels.jsonl`.
        #[arg(long)]
        out: PathBuf,
        /// Plants of each detector.
        #[arg(long, default_value_t = 100)]
        plants: usize,
        /// Decoys for each plant.
        #[arg(long, default_value_t = 3)]
        decoys_per_plant: usize,
        /// The clock of the corpus.
        #[arg(long, default_value = "2026-01-01T00:00:00Z", value_parser = moment)]
        now: OffsetDateTime,
        /// Plant values in base64 too, as Kubernetes manifests hold them.
        #[arg(long)]
        encoded: bool,
    },
    /// Print recall and precision of a report; exits 1 below the least share.
    Score {
        /// The labels that `generate` wrote.
        #[arg(long)]
        labels: PathBuf,
        /// The report, in JSON lines.
        #[arg(long)]
        report: PathBuf,
        /// What stands before the paths of the report; `tree/` beside the
        /// labels if not given.
        #[arg(long)]
        root: Option<PathBuf>,
        /// The least recall and precision of every detector.
        #[arg(long, default_value_t = 0.995)]
        min: f64,
        /// How many misses and false findings to list.
        #[arg(long, default_value_t = 0)]
        show: usize,
    },
    /// Write a big file of ordinary text without plants.
    Fill {
        /// The size of the file.
        #[arg(long)]
        bytes: u64,
        /// The file.
        #[arg(long)]
        out: PathBuf,
        /// What it holds.
        #[arg(long, value_enum)]
        kind: FillKind,
        /// The number that everything follows from.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum FillKind {
    Source,
    JsonLog,
    AccessLog,
    Base64,
    Minified,
    /// Web pages
    Html,
    /// URLs, one a line
    Urls,
    /// Marks of URLs and assignments with nothing between them
    Marks,
}

impl From<FillKind> for Kind {
    fn from(kind: FillKind) -> Self {
        match kind {
            FillKind::Source => Self::Source,
            FillKind::JsonLog => Self::JsonLog,
            FillKind::AccessLog => Self::AccessLog,
            FillKind::Base64 => Self::Base64,
            FillKind::Minified => Self::Minified,
            FillKind::Html => Self::Html,
            FillKind::Urls => Self::Urls,
            FillKind::Marks => Self::Marks,
        }
    }
}

fn moment(text: &str) -> Result<OffsetDateTime, time::error::Parse> {
    OffsetDateTime::parse(text, &Rfc3339)
}

/// What went wrong, and with which file.
#[derive(Debug)]
struct Failure(String);

impl Failure {
    fn with<E: fmt::Display>(path: &Path) -> impl FnOnce(E) -> Self {
        move |error| Self(format!("{}: {error}", path.display()))
    }
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Generate { seed, out, plants, decoys_per_plant, now, encoded } => {
            generate(Options { seed, plants, decoys_per_plant, now, encoded }, &out).map(|()| true)
        }
        Command::Score { labels, report, root, min, show } => {
            run_score(&labels, &report, root, min, show)
        }
        Command::Fill { bytes, out, kind, seed } => {
            write_fill(&out, seed, kind, bytes).map(|()| true)
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(Failure(message)) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

fn generate(options: Options, out: &Path) -> Result<(), Failure> {
    let root = out.join("tree");
    if root.exists() {
        return Err(Failure(format!("{} exists already", root.display())));
    }
    fs::create_dir_all(&root).map_err(Failure::with(&root))?;
    let labels_path = out.join("labels.jsonl");
    let labels = fs::File::create(&labels_path).map_err(Failure::with(&labels_path))?;
    let mut labels = BufWriter::new(labels);
    let (mut files, mut bytes) = (0_usize, 0_usize);
    let mut tree = Tree::new(options);
    for file in &mut tree {
        let path = root.join(&file.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(Failure::with(parent))?;
        }
        fs::write(&path, &file.bytes).map_err(Failure::with(&path))?;
        for label in &file.labels {
            let line = serde_json::to_string(label).map_err(Failure::with(&labels_path))?;
            writeln!(labels, "{line}").map_err(Failure::with(&labels_path))?;
        }
        files += 1;
        bytes += file.bytes.len();
    }
    labels.flush().map_err(Failure::with(&labels_path))?;
    let print = |out: &mut dyn Write| -> io::Result<()> {
        writeln!(out, "{files} files, {bytes} bytes, {} decoys", tree.decoys())?;
        for (detector, plants) in tree.counts() {
            writeln!(out, "{plants:8} {detector}")?;
        }
        Ok(())
    };
    print(&mut io::stdout().lock()).map_err(Failure::with(Path::new("standard output")))
}

fn run_score(
    labels_path: &Path,
    report_path: &Path,
    root: Option<PathBuf>,
    min: f64,
    show: usize,
) -> Result<bool, Failure> {
    let labels = fs::read_to_string(labels_path).map_err(Failure::with(labels_path))?;
    let labels = read_labels(&labels).map_err(Failure::with(labels_path))?;
    let report = fs::read_to_string(report_path).map_err(Failure::with(report_path))?;
    let records = read_report(&report).map_err(Failure::with(report_path))?;
    let root = root.unwrap_or_else(|| labels_path.with_file_name("tree"));
    let scores = score(&labels, &records, &root.to_string_lossy());
    print_scores(&mut io::stdout().lock(), &scores, min, show)
        .map_err(Failure::with(Path::new("standard output")))?;
    Ok(scores.reach(min))
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

fn write_fill(path: &Path, seed: u64, kind: FillKind, bytes: u64) -> Result<(), Failure> {
    let file = fs::File::create(path).map_err(Failure::with(path))?;
    let mut out = BufWriter::with_capacity(1 << 20, file);
    fill(&mut out, seed, kind.into(), bytes).map_err(Failure::with(path))?;
    out.flush().map_err(Failure::with(path))
}
