//! Tests of the whole generator: that it is a function of its seed, that its
//! labels point at what was planted, that the values are what they claim.

mod fixed;
mod formats;
mod labels;
mod scoring;

use std::sync::LazyLock;

use crate::{File, Kind, Options, Role, Tree, fill};

/// One tree for all tests that only read it: primes are dear.
pub(crate) static TREE: LazyLock<Vec<File>> =
    LazyLock::new(|| Tree::new(Options { plants: 6, encoded: true, ..Options::new(21) }).collect());

/// A tree small enough for a test and with every detector in it.
fn small_tree(seed: u64, plants: usize) -> Vec<File> {
    Tree::new(Options { plants, ..Options::new(seed) }).collect()
}

#[test]
fn the_same_seed_gives_the_same_tree() {
    let (one, same, other) = (small_tree(5, 1), small_tree(5, 1), small_tree(6, 1));
    let content = |files: &[File]| -> Vec<(String, Vec<u8>)> {
        files.iter().map(|file| (file.path.clone(), file.bytes.clone())).collect()
    };
    assert_eq!(content(&one), content(&same));
    assert!(one.iter().zip(&same).all(|(one, same)| one.labels == same.labels));
    assert_ne!(content(&one), content(&other));
}

#[test]
fn every_detector_gets_its_plants_and_the_tree_its_decoys() {
    let mut tree = Tree::new(Options { plants: 2, ..Options::new(9) });
    let labels: Vec<_> = tree.by_ref().flat_map(|file| file.labels).collect();
    for (detector, &count) in tree.counts() {
        assert!(count >= 2, "{detector} has {count}");
        let found =
            labels.iter().filter(|l| l.role == Role::Plant && l.detector == *detector).count();
        assert_eq!(found, count, "{detector}");
    }
    assert!(tree.decoys() >= 3 * tree.counts().values().sum::<usize>());
}

#[test]
fn paths_are_relative_and_their_own() {
    let mut paths: Vec<_> = TREE.iter().map(|file| file.path.to_lowercase()).collect();
    assert!(paths.iter().all(|path| !path.starts_with('/') && !path.contains(['\\', ':'])));
    let all = paths.len();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), all);
}

#[test]
fn a_filled_file_has_its_size_and_its_seed() {
    for kind in [Kind::Source, Kind::JsonLog, Kind::AccessLog, Kind::Base64, Kind::Minified] {
        let run = |seed| {
            let mut out = Vec::new();
            fill(&mut out, seed, kind, 100_001).expect("a vector takes all");
            out
        };
        assert_eq!(run(1).len(), 100_001);
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }
}
