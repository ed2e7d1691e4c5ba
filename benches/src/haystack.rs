//! The texts that the benches search.
//!
//! # Bias
//!
//! - Generated texts are made of templates over a small vocabulary: their
//!   letters come in fewer combinations than those of real text, so a search
//!   may do better or worse on them. `dependencies` and the text of
//!   `LEAKSIEVE_BENCH_TEXT` are real; believe those first.
//! - The texts are larger than a second-level cache and smaller than most
//!   third-level ones, and are in memory: reading files is no part of it.
//! - `planted` holds far more leaks than any real text. It shows what leaks
//!   cost, not how fast a scan is.

use std::fs;
use std::path::{Path, PathBuf};

use leaksieve::detectors::relate::Context;
use leaksieve::detectors::{Timestamp, builtin, reference};
use leaksieve_corpus::{Kind, Options, Tree, fill};

/// The clock of all benches, so that expiry is judged alike on every day: the
/// corpus's own.
pub const NOW: Timestamp = Timestamp(1_767_225_600);

/// The environment variable that names a file of one's own to measure on.
pub const TEXT: &str = "LEAKSIEVE_BENCH_TEXT";

const MEGABYTE: usize = 1_000_000;

/// A text to search, not loaded yet.
#[derive(Debug, Clone, Copy)]
pub struct Haystack {
    /// The name in reports.
    pub name: &'static str,
    /// What it is, for a reader of the figures.
    pub kind: &'static str,
    /// Where it comes from.
    pub origin: Origin,
    /// Its size in bytes; shorter if the origin holds less.
    pub bytes: usize,
    /// What must be found in it.
    pub findings: Expected,
}

/// Where a text comes from.
#[derive(Debug, Clone, Copy)]
pub enum Origin {
    /// Ordinary text without plants, from the corpus generator with this seed.
    Filled(Kind, u64),
    /// The files of a labelled tree, one after the other, with this seed and so
    /// many plants of each kind.
    Planted(u64, usize),
    /// The Rust sources of this workspace's dependencies, as cargo unpacked
    /// them. They follow from `Cargo.lock`.
    Dependencies,
    /// The file that [`TEXT`] names.
    Environment,
}

/// How many findings a scan must give.
#[derive(Debug, Clone, Copy)]
pub enum Expected {
    /// So many.
    Exactly(usize),
    /// As many as the reference scanner gives.
    AsReference,
    /// As many as the portable back end gives: the text may be too large for
    /// the reference scanner.
    AsPortable,
}

/// All haystacks.
pub const ALL: [Haystack; 11] = [
    Haystack {
        name: "dependencies",
        kind: "real Rust sources",
        origin: Origin::Dependencies,
        bytes: 16 * MEGABYTE,
        findings: Expected::AsPortable,
    },
    Haystack {
        name: "text",
        kind: "a file of your own",
        origin: Origin::Environment,
        bytes: 256 * MEGABYTE,
        findings: Expected::AsPortable,
    },
    Haystack {
        name: "source",
        kind: "source text in nine languages",
        origin: Origin::Filled(Kind::Source, 1),
        bytes: 8 * MEGABYTE,
        findings: Expected::Exactly(0),
    },
    Haystack {
        name: "json-log",
        kind: "a log of JSON lines",
        origin: Origin::Filled(Kind::JsonLog, 2),
        bytes: 8 * MEGABYTE,
        findings: Expected::Exactly(0),
    },
    Haystack {
        name: "access-log",
        kind: "a web server's log",
        origin: Origin::Filled(Kind::AccessLog, 3),
        bytes: 8 * MEGABYTE,
        findings: Expected::Exactly(0),
    },
    Haystack {
        name: "base64",
        kind: "base64 in lines of 76",
        origin: Origin::Filled(Kind::Base64, 4),
        bytes: 8 * MEGABYTE,
        findings: Expected::Exactly(0),
    },
    Haystack {
        name: "minified",
        kind: "minified JavaScript on one line",
        origin: Origin::Filled(Kind::Minified, 5),
        bytes: 8 * MEGABYTE,
        findings: Expected::Exactly(0),
    },
    Haystack {
        name: "html",
        kind: "web pages",
        origin: Origin::Filled(Kind::Html, 7),
        bytes: 8 * MEGABYTE,
        findings: Expected::Exactly(0),
    },
    Haystack {
        name: "urls",
        kind: "nothing but URLs",
        origin: Origin::Filled(Kind::Urls, 8),
        bytes: 8 * MEGABYTE,
        findings: Expected::Exactly(0),
    },
    Haystack {
        name: "marks",
        kind: "marks of URLs and assignments, nothing between them",
        origin: Origin::Filled(Kind::Marks, 9),
        bytes: MEGABYTE,
        findings: Expected::AsPortable,
    },
    Haystack {
        name: "planted",
        kind: "leaks of every kind among decoys",
        origin: Origin::Planted(6, 10),
        bytes: MEGABYTE,
        findings: Expected::AsReference,
    },
];

impl Haystack {
    /// Makes or reads the text. `None` if this machine does not have it.
    ///
    /// # Panics
    ///
    /// If [`TEXT`] names a file that cannot be read.
    pub fn load(&self) -> Option<Vec<u8>> {
        let mut text = match self.origin {
            Origin::Filled(kind, seed) => {
                let mut text = Vec::with_capacity(self.bytes);
                fill(&mut text, seed, kind, self.bytes as u64).ok()?;
                text
            }
            Origin::Planted(seed, plants) => {
                let tree = Tree::new(Options { plants, ..Options::new(seed) });
                tree.flat_map(|file| [file.bytes, b"\n".to_vec()]).flatten().collect()
            }
            Origin::Dependencies => dependencies(self.bytes)?,
            Origin::Environment => {
                let path = std::env::var_os(TEXT)?;
                fs::read(&path).unwrap_or_else(|e| panic!("{TEXT}: {}: {e}", path.display()))
            }
        };
        text.truncate(self.bytes);
        (!text.is_empty()).then_some(text)
    }

    /// How many findings a scan of the loaded text must give; `portable` counts
    /// those of the portable back end.
    pub fn expected(&self, text: &[u8], portable: impl FnOnce(&[u8]) -> usize) -> usize {
        match self.findings {
            Expected::Exactly(n) => n,
            Expected::AsReference => {
                let detectors: Vec<_> = builtin().into_iter().filter(|d| !d.opt_in).collect();
                reference::scan(&detectors, text, &Context::at(NOW)).len()
            }
            Expected::AsPortable => portable(text),
        }
    }
}

/// All haystacks that this machine has, loaded one at a time.
pub fn load_all() -> impl Iterator<Item = (Haystack, Vec<u8>)> {
    ALL.into_iter().filter_map(|haystack| match haystack.load() {
        Some(text) => Some((haystack, text)),
        None => {
            eprintln!("{}: not on this machine, left out", haystack.name);
            None
        }
    })
}

/// The Rust sources of the packages that `Cargo.lock` names, in its order, up to
/// so many bytes.
fn dependencies(bytes: usize) -> Option<Vec<u8>> {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
    let lock = fs::read_to_string(lock).ok()?;
    let home = match std::env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => std::env::home_dir()?.join(".cargo"),
    };
    let registries: Vec<PathBuf> = sorted(&home.join("registry/src"));
    let mut text = Vec::with_capacity(bytes);
    let mut name = "";
    for line in lock.lines() {
        if let Some(value) = quoted(line, "name = ") {
            name = value;
        } else if let Some(version) = quoted(line, "version = ") {
            let package = format!("{name}-{version}");
            let found = registries.iter().map(|r| r.join(&package)).find(|p| p.is_dir());
            if let Some(directory) = found {
                append_sources(&directory, bytes, &mut text);
            }
        }
    }
    (!text.is_empty()).then_some(text)
}

fn quoted<'t>(line: &'t str, key: &str) -> Option<&'t str> {
    line.strip_prefix(key)?.trim_matches('"').into()
}

fn sorted(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|e| e.path()).collect();
    paths.sort();
    paths
}

/// Appends the Rust sources below a directory until there are so many bytes.
fn append_sources(directory: &Path, bytes: usize, text: &mut Vec<u8>) {
    for path in sorted(directory) {
        if text.len() >= bytes {
            return;
        }
        if path.is_dir() {
            append_sources(&path, bytes, text);
        } else if path.extension().is_some_and(|e| e == "rs") {
            text.extend(fs::read(&path).unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_haystack_is_the_same_twice() {
        let source = Haystack { bytes: 100_000, ..ALL[2] };
        assert_eq!(source.load(), source.load());
        assert_eq!(source.load().map(|t| t.len()), Some(100_000));
    }

    #[test]
    fn names_are_unique() {
        for (i, haystack) in ALL.iter().enumerate() {
            assert!(ALL[..i].iter().all(|other| other.name != haystack.name));
        }
    }
}
