//! What is in a repository, asked of the git program, object by object.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use leaksieve::Scanner;
use leaksieve::input::decoded;

use crate::repository::Repository;

/// An object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// `blob`, `tree`, `commit` or `tag`.
    pub kind: String,
    /// Its content.
    pub content: Vec<u8>,
}

/// A finding in a blob, without the secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seen {
    /// The blob's id.
    pub object: String,
    /// The detector.
    pub detector: String,
    /// Where it stands in the blob as it is stored.
    pub offset: u64,
    /// How long it is there.
    pub length: u64,
    /// A hash of the value.
    pub digest: u64,
    /// How sure it is.
    pub verdict: String,
}

/// Every object that git knows in a repository, by id.
pub fn objects(repository: &Repository) -> BTreeMap<String, Object> {
    let arguments = ["cat-file", "--batch-all-objects", "--unordered", "--batch", "--buffer"];
    let text = repository.git(arguments);
    let mut rest = &text[..];
    let mut found = BTreeMap::new();
    while let Some(end) = rest.iter().position(|b| *b == b'\n') {
        let head = std::str::from_utf8(&rest[..end]).unwrap();
        let mut words = head.split(' ');
        let (id, kind) = (words.next().unwrap(), words.next().unwrap());
        let size: usize = words.next().unwrap().parse().unwrap();
        let content = rest[end + 1..][..size].to_vec();
        found.insert(id.to_owned(), Object { kind: kind.to_owned(), content });
        rest = &rest[end + 1 + size + 1..];
    }
    found
}

/// All findings in the blobs of a repository.
pub fn findings(scanner: &Scanner, objects: &BTreeMap<String, Object>) -> BTreeSet<Seen> {
    let blobs = objects.iter().filter(|(_, o)| o.kind == "blob");
    blobs.flat_map(|(id, object)| in_blob(scanner, id, &object.content)).collect()
}

/// The findings in one blob.
pub fn in_blob(scanner: &Scanner, id: &str, content: &[u8]) -> Vec<Seen> {
    let findings = scanner.find_all(&decoded(content));
    let seen = findings.iter().map(|finding| Seen {
        object: id.to_owned(),
        detector: finding.detector().id.to_string(),
        offset: finding.range().start,
        length: finding.range().end - finding.range().start,
        digest: digest(finding.secret()),
        verdict: format!("{:?}", finding.verdict()),
    });
    seen.collect()
}

/// A number that stands for a value.
pub fn digest(value: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The commit that first had each blob, parents before children and then the
/// oldest, and its path there: by `git log -m`, all at once.
pub fn brought(repository: &Repository) -> BTreeMap<String, (String, Vec<u8>)> {
    let mut found = BTreeMap::new();
    for (commit, blob, path) in log(repository, &[]) {
        found.entry(blob).or_insert((commit, path));
    }
    found
}

/// The same for one blob, by `git log -m --find-object`.
pub fn brought_by(repository: &Repository, blob: &str) -> Option<(String, Vec<u8>)> {
    let brought = log(repository, &[&format!("--find-object={blob}")]);
    brought.into_iter().find(|(_, id, _)| id == blob).map(|(commit, _, path)| (commit, path))
}

/// The commits of all refs with the blobs that they bring in and their paths.
fn log(repository: &Repository, more: &[&str]) -> Vec<(String, String, Vec<u8>)> {
    let arguments = [
        "log",
        "--all",
        "-m",
        "--date-order",
        "--reverse",
        "--raw",
        "-z",
        "-r",
        "--root",
        "--no-abbrev",
        "--no-renames",
        "--format=%x01%H",
    ];
    let text = repository.git_with(arguments.iter().chain(more), b"");
    let mut found = Vec::new();
    for entry in text.split(|b| *b == 1).skip(1) {
        let mut fields = entry.split(|b| *b == 0).filter(|f| !f.is_empty());
        let word = |field: &[u8]| String::from_utf8_lossy(field).trim().to_owned();
        let commit = fields.next().map(word).unwrap();
        while let (Some(head), Some(path)) = (fields.next(), fields.next()) {
            let head = word(head);
            let blob = head.split(' ').nth(3).unwrap_or_default();
            if head.starts_with(':') && blob.bytes().any(|b| b != b'0') {
                found.push((commit.clone(), blob.to_owned(), path.to_vec()));
            }
        }
    }
    found
}
