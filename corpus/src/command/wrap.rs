//! `wrap`: a labelled tree once more, encoded and packed.

use std::{
    collections::HashMap,
    fmt, fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    str::FromStr,
};

use clap::Args;
use leaksieve_corpus::{Chain, Format, Label, Plain, Wrapping, read_labels};

use super::Failure;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The labels that `generate` wrote.
    #[arg(long)]
    labels: PathBuf,
    /// The tree; `tree/` beside the labels if not given.
    #[arg(long)]
    tree: Option<PathBuf>,
    /// The directory that gets `tree/` and `labels.jsonl`, with a directory in the tree for
    /// each way of storing its files.
    #[arg(long)]
    out: PathBuf,
    /// What files are packed into: `tar`, `tar.gz`, `zip`, …, or `all`; repeatable.
    #[arg(long)]
    format: Vec<String>,
    /// What files are encoded in before that: `base64`, `hex`, …, or `all`; `base64+gzip`
    /// is base64 of what was compressed. Repeatable.
    #[arg(long)]
    encoding: Vec<String>,
    /// Encode only the lines of labelled values, and so many before and behind them, where
    /// they stand.
    #[arg(long)]
    lines: Option<usize>,
    /// The number that every choice follows from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Writes the wrapped tree and its labels.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { labels, tree, out, format, encoding, lines, seed } = arguments;
    let wrappings = wrappings(format, encoding, *lines)?;
    let text = fs::read_to_string(labels).map_err(Failure::with(labels))?;
    let read = read_labels(&text).map_err(Failure::with(labels))?;
    let tree = tree.clone().unwrap_or_else(|| labels.with_file_name("tree"));
    let files = files(&tree, read)?;
    let root = out.join("tree");
    if root.exists() {
        return Err(Failure(format!("{} exists already", root.display())));
    }
    fs::create_dir_all(&root).map_err(Failure::with(&root))?;
    let labels_path = out.join("labels.jsonl");
    let new = fs::File::create(&labels_path).map_err(Failure::with(&labels_path))?;
    let mut new = BufWriter::new(new);
    for wrapping in wrappings {
        let (mut count, mut labels, mut left_out) = (0, 0, (0, 0));
        for project in files.chunk_by(|one, next| top(one) == top(next)) {
            let wrapped = wrapping.wrap(*seed, project).map_err(Failure::with(&root))?;
            for (path, bytes) in &wrapped.files {
                write(&root.join(path), bytes)?;
            }
            for label in &wrapped.labels {
                let line = serde_json::to_string(label).map_err(Failure::with(&labels_path))?;
                writeln!(new, "{line}").map_err(Failure::with(&labels_path))?;
            }
            count += wrapped.files.len();
            labels += wrapped.labels.len();
            left_out.0 += wrapped.left_out.0;
            left_out.1 += wrapped.left_out.1;
        }
        let name = wrapping.name();
        let rest = match left_out {
            (0, _) => String::new(),
            (files, labels) => format!("; left out: {files} files with {labels} labels"),
        };
        writeln!(io::stdout(), "{name:40} {count:6} files {labels:6} labels{rest}")
            .map_err(Failure::with(Path::new("standard output")))?;
    }
    new.flush().map_err(Failure::with(&labels_path))
}

/// The ways of storing files that were asked for: each encoding in each format.
fn wrappings(
    formats: &[String],
    encodings: &[String],
    lines: Option<usize>,
) -> Result<Vec<Wrapping>, Failure> {
    let all = if lines.is_some() { Chain::all_of_lines } else { Chain::all };
    let chains = named(encodings, all)?;
    let formats = named(formats, Format::all)?;
    let each = chains.into_iter().flat_map(|chain| {
        formats.iter().map(move |format| Wrapping { chain: chain.clone(), lines, format: *format })
    });
    Ok(each.collect())
}

/// What names stand for; nothing once where there are no names.
fn named<T>(names: &[String], all: impl Fn() -> Vec<T>) -> Result<Vec<Option<T>>, Failure>
where
    T: FromStr<Err: fmt::Display>,
{
    let mut out = Vec::new();
    for name in names {
        if name == "all" {
            out.extend(all().into_iter().map(Some));
        } else {
            out.push(Some(name.parse().map_err(|error: T::Err| Failure(error.to_string()))?));
        }
    }
    if out.is_empty() {
        out.push(None);
    }
    Ok(out)
}

/// The directory at the top that a file is in.
fn top(file: &Plain) -> &str {
    file.path.split_once('/').map_or("", |(top, _)| top)
}

/// The files of a tree by their paths, with their labels.
fn files(tree: &Path, labels: Vec<Label>) -> Result<Vec<Plain>, Failure> {
    let mut by_path: HashMap<String, Vec<Label>> = HashMap::new();
    for label in labels {
        by_path.entry(label.path.clone()).or_default().push(label);
    }
    let mut out = Vec::new();
    let mut open = vec![(tree.to_path_buf(), String::new())];
    while let Some((directory, name)) = open.pop() {
        for entry in fs::read_dir(&directory).map_err(Failure::with(&directory))? {
            let entry = entry.map_err(Failure::with(&directory))?;
            let own = entry.file_name();
            let own = own
                .to_str()
                .ok_or_else(|| Failure(format!("{}: not UTF-8", entry.path().display())))?;
            let path = if name.is_empty() { own.to_owned() } else { format!("{name}/{own}") };
            if entry.file_type().map_err(Failure::with(&entry.path()))?.is_dir() {
                open.push((entry.path(), path));
            } else {
                let bytes = fs::read(entry.path()).map_err(Failure::with(&entry.path()))?;
                let labels = by_path.remove(&path).unwrap_or_default();
                out.push(Plain { path, bytes, labels });
            }
        }
    }
    if let Some(path) = by_path.keys().min() {
        return Err(Failure(format!("{}: labelled, but not there", tree.join(path).display())));
    }
    // Those of a directory one behind the other, and every time in the same order.
    out.sort_by(|one, other| one.path.split('/').cmp(other.path.split('/')));
    Ok(out)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(Failure::with(parent))?;
    }
    fs::write(path, bytes).map_err(Failure::with(path))
}
