//! The command line of the corpus: generates trees and wraps them, scores reports, fills
//! files, writes logs.

mod command;

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand, ValueEnum};
use command::Failure;
use leaksieve_corpus::{Kind, Options, Tree, fill};
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
    /// Print recall and precision of a report; exits 1 below the least share, or if
    /// something is lost against a plain tree.
    Score(command::score::Arguments),
    /// Write a tree once more, its files encoded and packed, with their labels.
    Wrap(command::wrap::Arguments),
    /// Write a log of any size with few plants to standard output.
    Log(command::log::Arguments),
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

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Generate { seed, out, plants, decoys_per_plant, now, encoded } => {
            generate(Options { seed, plants, decoys_per_plant, now, encoded }, &out).map(|()| true)
        }
        Command::Score(arguments) => command::score::run(&arguments),
        Command::Wrap(arguments) => command::wrap::run(&arguments).map(|()| true),
        Command::Log(arguments) => command::log::run(&arguments).map(|()| true),
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

fn write_fill(path: &Path, seed: u64, kind: FillKind, bytes: u64) -> Result<(), Failure> {
    let file = fs::File::create(path).map_err(Failure::with(path))?;
    let mut out = BufWriter::with_capacity(1 << 20, file);
    fill(&mut out, seed, kind.into(), bytes).map_err(Failure::with(path))?;
    out.flush().map_err(Failure::with(path))
}
