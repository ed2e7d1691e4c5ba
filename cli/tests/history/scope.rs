//! Which part of a history is scanned.

use std::collections::BTreeSet;

use leaksieve_tests::draw::Draw;
use leaksieve_tests::repository::Repository;
use leaksieve_tests::secret;
use serde_json::Value;

use crate::program::{Ran, git, run};

/// The paths of the places that were reported.
fn paths(ran: &Ran) -> BTreeSet<String> {
    let mut places = ran.records();
    let others: Vec<Value> =
        places.iter().flat_map(|r| r["places"].as_array().cloned().unwrap_or_default()).collect();
    places.extend(others);
    places.iter().filter_map(|place| Some(place["path"].as_str()?.to_owned())).collect()
}

fn set(paths: &[&str]) -> BTreeSet<String> {
    paths.iter().map(|path| (*path).to_owned()).collect()
}

#[test]
fn ranges_hold_what_their_commits_bring() {
    let directory = tempfile::tempdir().unwrap();
    let made = Repository::init(&directory.path().join("repo"));
    let mut draw = Draw::new(51);
    let mut leak = || secret::aws_pair(&mut draw).text;
    let first = leak();
    made.commit("one.env", &first, "One");
    made.git(["tag", "one"]);
    made.commit("two.env", leak(), "Two");
    made.commit("two.env", "gone\n", "Remove");
    // Nothing new: the file is touched, then moved.
    made.commit("one.env", format!("# touched\n{first}"), "Touch");
    made.git(["mv", "one.env", "moved.env"]);
    made.commit("c.txt", "c\n", "Move");
    made.git(["tag", "two"]);
    made.git(["checkout", "--quiet", "-b", "side", "one"]);
    made.commit("side.env", leak(), "Side");
    made.git(["checkout", "--quiet", "main"]);
    made.git(["merge", "--quiet", "--no-commit", "side"]);
    made.commit("merge.env", leak(), "Merge");

    let all = ["one.env", "two.env", "side.env", "merge.env"];
    for (args, expected) in [
        (&[][..], &all[..]),
        (&["--range", "one..two"], &["two.env"]),
        (&["--range", "two..main"], &["side.env", "merge.env"]),
        (&["--range", "one..side"], &["side.env"]),
        (&["--range", "main...side"], &["two.env", "merge.env"]),
        (&["--range", "one"], &["one.env"]),
        (&["--range", "main..one"], &[]),
        (&["--branch", "side"], &["one.env", "side.env"]),
        (&["--log-opts=--all"], &all),
        (&["--log-opts", "one..main --no-merges"], &["two.env", "side.env"]),
        (&["--log-opts", "one..main --first-parent"], &["two.env", "side.env", "merge.env"]),
        (&["--log-opts", "-- side.env"], &["side.env"]),
        (&["--since", "2100-01-01"], &[]),
    ] {
        let ran = git(&made.path, args);
        assert_eq!(paths(&ran), set(expected), "{args:?}: {}", ran.err);
        assert_eq!(ran.code, Some(i32::from(!expected.is_empty())), "{args:?}: {}", ran.err);
    }
}

#[test]
fn a_scan_of_a_repository_is_work_tree_and_history_each_finding_once() {
    let directory = tempfile::tempdir().unwrap();
    let made = Repository::init(&directory.path().join("repo"));
    let mut draw = Draw::new(52);
    let mut leak = || secret::aws_pair(&mut draw).text;
    let (kept, gone, new) = (leak(), leak(), leak());
    made.commit("kept.env", &kept, "One");
    made.commit("gone.env", &gone, "Two");
    made.git(["rm", "--quiet", "gone.env"]);
    made.commit("c.txt", "c\n", "Three");
    made.write("new.env", &new);
    let ran = run(&made.path, &["scan", ".", "--format", "jsonl"]);
    let records = ran.records();
    assert_eq!((ran.code, records.len()), (Some(1), 3), "{}{}", ran.out, ran.err);
    let detectors: BTreeSet<&str> = records.iter().filter_map(|r| r["detector"].as_str()).collect();
    assert_eq!(detectors, BTreeSet::from(["aws-access-key"]));
}
