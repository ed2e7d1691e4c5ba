//! The findings of a history do not depend on how its objects are kept, nor on how
//! they are read, and are what the git program and the scanner tell object by object.
#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::OnceLock;

use leaksieve::Scanner;
use leaksieve::run::history::GitOptions;
use leaksieve_tests::expected::{self, Places, difference, scan};
use leaksieve_tests::history::History;
use leaksieve_tests::layout::{Layout, import};
use leaksieve_tests::oracle;
use leaksieve_tests::repository::Repository;
use tempfile::TempDir;

struct Source {
    directory: TempDir,
    repository: Repository,
    expected: Places,
    /// Blobs and commits.
    objects: (u64, u64),
}

fn scanner() -> &'static Scanner {
    static SCANNER: OnceLock<Scanner> = OnceLock::new();
    SCANNER.get_or_init(Scanner::new)
}

fn make(seed: u64, format: &str) -> Source {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("source");
    let (repository, _) = import(&History::standard(seed), &path, format);
    let objects = oracle::objects(&repository);
    let seen = oracle::findings(scanner(), &objects);
    let expected = expected::from(&repository, &objects, &seen);
    let count = |kind: &str| objects.values().filter(|o| o.kind == kind).count() as u64;
    let objects = (count("blob"), count("commit"));
    Source { directory, repository, expected, objects }
}

fn source() -> &'static Source {
    static SOURCE: OnceLock<Source> = OnceLock::new();
    SOURCE.get_or_init(|| make(11, "sha1"))
}

/// Scans a repository in both ways and holds both to what is expected.
fn check(expected: &Places, objects: (u64, u64), repository: &Repository, what: &str) {
    for whole in [false, true] {
        let options = GitOptions::new().whole_objects(whole);
        let scan = scan(scanner(), std::slice::from_ref(&repository.path), &options).unwrap();
        let differs = difference(expected, &scan.places());
        assert!(differs.is_empty(), "{what}, whole objects {whole}: {differs}");
        assert!(!scan.ledger.is_incomplete(&[]), "{what}: {:?}", scan.ledger.skips());
        let history = scan.ledger.history.as_ref().unwrap();
        assert_eq!((history.blobs, history.commits), objects, "{what}");
        if !whole && history.whole_bytes > 0 {
            assert!(history.whole_bytes < history.blob_bytes / 2, "{what}: {history:?}");
        }
    }
}

fn layouts(layouts: &[Layout]) {
    let source = source();
    for layout in layouts {
        let path = source.directory.path().join(format!("{layout:?}"));
        let made = layout.make(&source.repository, &path);
        let expected = match layout {
            // It has other refs.
            Layout::WorkTree => &expected::places(scanner(), &made),
            _ => &source.expected,
        };
        check(expected, source.objects, &made, &format!("{layout:?}"));
    }
}

#[test]
fn packs_and_loose_objects() {
    assert!(source().expected.len() > 100, "{}", source().expected.len());
    layouts(&Layout::ALL[..6]);
}

#[test]
fn indexes_and_alternates() {
    layouts(&Layout::ALL[6..]);
}

#[test]
fn every_plant_is_found_at_the_commit_that_brought_it() {
    let history = History::standard(12);
    let directory = tempfile::tempdir().unwrap();
    let (repository, ids) = import(&history, &directory.path().join("source"), "sha1");
    let places = scan(scanner(), &[repository.path], &GitOptions::new()).unwrap().places();
    for plant in &history.plants {
        let key = expected::Key {
            detector: plant.secret.detector.to_owned(),
            digest: oracle::digest(&plant.secret.value),
            path: String::from_utf8_lossy(&plant.path).into_owned(),
        };
        let Some(place) = places.get(&key) else { panic!("{}: not found", plant.name) };
        assert_eq!(place.commit, ids[plant.commit], "{}", plant.name);
        assert_eq!(place.at_head, plant.at_head, "{}", plant.name);
    }
}

#[test]
fn ids_of_sha256() {
    let source = make(13, "sha256");
    check(&source.expected, source.objects, &source.repository, "SHA-256");
    let loose = source.repository.copy(&source.directory.path().join("loose"));
    let pack = loose.files("pack").pop().unwrap();
    let content = std::fs::read(&pack).unwrap();
    std::fs::rename(&pack, pack.with_extension("away")).unwrap();
    std::fs::remove_file(pack.with_extension("idx")).unwrap();
    loose.git_with(["unpack-objects", "-q"], &content);
    check(&source.expected, source.objects, &loose, "SHA-256, loose");
}

#[test]
fn other_seeds() {
    for seed in 14..16 {
        let source = make(seed, "sha1");
        check(&source.expected, source.objects, &source.repository, &format!("seed {seed}"));
    }
}

#[test]
fn two_repositories_that_share_objects_are_scanned_once() {
    let source = source();
    let other = source.directory.path().join("again");
    let other = source.repository.copy(&other);
    let paths = [source.repository.path.clone(), other.path.clone()];
    let scan = scan(scanner(), &paths, &GitOptions::new()).unwrap();
    assert_eq!(scan.ledger.history.as_ref().unwrap().blobs, source.objects.0);
    let differs = difference(&source.expected, &scan.places());
    // Of each place there is one in each repository.
    assert!(differs.contains("offsets") || differs.is_empty(), "{differs}");
}

#[test]
fn provenance_is_what_git_log_finds() {
    let source = source();
    let path = [source.repository.path.clone()];
    let places = scan(scanner(), &path, &GitOptions::new()).unwrap().places();
    let mut compared = 0;
    for (key, place) in places.iter().step_by(places.len() / 60) {
        let brought = oracle::brought_by(&source.repository, &place.object).unwrap();
        let path = String::from_utf8_lossy(&brought.1).into_owned();
        assert_eq!((&brought.0, &path), (&place.commit, &key.path), "{}", place.object);
        compared += 1;
    }
    assert!(compared >= 50);
}
