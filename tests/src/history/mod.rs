//! Histories: commits with their changes, what is planted in them, and how they
//! are written into a repository by `git fast-import`.

mod small;
mod standard;
mod text;
mod tracks;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;

use crate::repository::{EPOCH, Repository};
use crate::secret::Secret;

pub use text::{Churn, Lines};

/// A history, parents before children.
#[derive(Default)]
pub struct History {
    /// The commits; the last one of a branch is its tip.
    pub commits: Vec<Commit>,
    /// Where values are planted in files.
    pub plants: Vec<Plant>,
}

/// A commit.
#[derive(Default, Clone)]
pub struct Commit {
    /// The branch that it extends, without `refs/heads/`.
    pub branch: String,
    /// Indexes of its parents.
    pub parents: Vec<usize>,
    /// Its message.
    pub message: String,
    /// What it does to files, as against its first parent.
    pub changes: Vec<(Vec<u8>, Change)>,
}

/// What a commit does to a path.
#[derive(Clone)]
pub enum Change {
    /// It is a file with this content.
    File(Vec<u8>),
    /// It is an executable file.
    Program(Vec<u8>),
    /// It is a link to this.
    Link(Vec<u8>),
    /// It is a submodule at this commit.
    Module(String),
    /// It is gone.
    Gone,
    /// What was there has this path now.
    Moved(Vec<u8>),
}

/// A value in a file of a history.
#[derive(Clone)]
pub struct Plant {
    /// What is tried.
    pub name: &'static str,
    /// The value and its detector.
    pub secret: Secret,
    /// The path of the file when the value came.
    pub path: Vec<u8>,
    /// The commit that brought it, an index.
    pub commit: usize,
    /// Whether it still stands in the last commit of `main`.
    pub at_head: bool,
}

/// The ids of a history's commits, by their indexes.
pub type Ids = Vec<String>;

impl History {
    /// Adds the next commit of a branch and returns its index.
    pub fn commit(&mut self, commit: Commit) -> usize {
        self.commits.push(commit);
        self.commits.len() - 1
    }

    /// Writes the history into an empty repository, as one pack.
    pub fn import(&self, repository: &Repository) -> Ids {
        let marks = repository.git_dir.join("marks");
        let export = format!("--export-marks={}", marks.display());
        let arguments =
            ["-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", "--force", &export];
        repository.git_with(arguments, &self.stream());
        let text = fs::read_to_string(&marks).unwrap();
        fs::remove_file(marks).unwrap();
        let ids: BTreeMap<usize, String> = text
            .lines()
            .filter_map(|line| {
                let (mark, id) = line.strip_prefix(':')?.split_once(' ')?;
                Some((mark.parse().ok()?, id.to_owned()))
            })
            .collect();
        ids.into_values().collect()
    }

    /// The input of `git fast-import`.
    fn stream(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for (index, commit) in self.commits.iter().enumerate() {
            let date = EPOCH + 3600 * index as i64;
            write!(
                out,
                "commit refs/heads/{}\nmark :{}\n\
                 author Ada Author <ada@acme-corp.net> {date} +0130\n\
                 committer Carl Committer <carl@acme-corp.net> {date} -0700\ndata {}\n{}\n",
                commit.branch,
                index + 1,
                commit.message.len(),
                commit.message,
            )
            .unwrap();
            for (number, parent) in commit.parents.iter().enumerate() {
                let word = if number == 0 { "from" } else { "merge" };
                writeln!(out, "{word} :{}", parent + 1).unwrap();
            }
            for (path, change) in &commit.changes {
                let path = quoted(path);
                match change {
                    Change::File(content) => inline(&mut out, "100644", &path, content),
                    Change::Program(content) => inline(&mut out, "100755", &path, content),
                    Change::Link(content) => inline(&mut out, "120000", &path, content),
                    Change::Module(id) => writeln!(out, "M 160000 {id} {path}").unwrap(),
                    Change::Gone => writeln!(out, "D {path}").unwrap(),
                    Change::Moved(to) => writeln!(out, "R {path} {}", quoted(to)).unwrap(),
                }
            }
            out.push(b'\n');
        }
        out
    }
}

fn inline(out: &mut Vec<u8>, mode: &str, path: &str, content: &[u8]) {
    write!(out, "M {mode} inline {path}\ndata {}\n", content.len()).unwrap();
    out.extend_from_slice(content);
    out.push(b'\n');
}

/// A path as `git fast-import` reads it whatever is in it.
fn quoted(path: &[u8]) -> String {
    let escaped: String = path
        .iter()
        .map(|b| match b {
            b'"' | b'\\' => format!("\\{}", char::from(*b)),
            0x20..=0x7e => char::from(*b).to_string(),
            _ => format!("\\{b:03o}"),
        })
        .collect();
    format!("\"{escaped}\"")
}
