//! What is remembered from run to run.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use leaksieve_tests::draw::Draw;
use leaksieve_tests::history::History;
use leaksieve_tests::layout::import;
use leaksieve_tests::repository::Repository;
use leaksieve_tests::secret;

use crate::program::{command, git, run};

#[test]
fn a_rerun_tells_what_a_full_run_tells() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("repo");
    let (source, _) = import(&History::small(41, 6, 12), &path, "sha1");
    let state = ["--state", "../state"];
    let full = git(&path, &[]).outcome();
    assert!(full.0 == Some(1) && full.1.len() >= 6, "{full:?}");
    for _ in 0..3 {
        assert_eq!(git(&path, &state).outcome(), full);
    }

    // More comes; some of it is a leak.
    let work = Repository::cloned(&directory.path().join("work"), [], path.to_str().unwrap());
    let leak = secret::aws_pair(&mut Draw::new(42)).text;
    work.commit("new.env", &leak, "Add");
    work.commit("new.env", "nothing\n", "Remove");
    work.git(["push", "--quiet", "origin", "main"]);
    let more = git(&path, &[]).outcome();
    assert!(more.1.len() > full.1.len());
    assert_eq!(git(&path, &state).outcome(), more);
    // Packed anew, and with a branch that is gone.
    source.git(["repack", "-adq"]);
    assert_eq!(git(&path, &state).outcome(), more);

    // Other detectors make another state.
    let only = ["--enable-rule", "database-uri"];
    let fresh = git(&path, &only).outcome();
    assert_eq!(git(&path, &[&state[..], &only].concat()).outcome(), fresh);
    assert_eq!(git(&path, &state).outcome(), more);

    // Cut off or damaged at any place, it costs time and no finding.
    let file = directory.path().join("state");
    let content = fs::read(&file).unwrap();
    let mut draw = Draw::new(43);
    for round in 0..16 {
        let mut damaged = content.clone();
        let at = draw.below(content.len());
        match round % 2 {
            0 => damaged.truncate(at),
            _ => damaged[at] ^= 1 << draw.below(8),
        }
        fs::write(&file, damaged).unwrap();
        assert_eq!(git(&path, &state).outcome(), more, "byte {at} of {}", content.len());
    }
}

#[test]
fn a_run_that_was_killed_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("repo");
    import(&History::standard(44), &path, "sha1");
    let full = git(&path, &[]).outcome();
    for milliseconds in [5, 15, 30, 60, 120] {
        let state = ["git", "--format", "jsonl", "--state", "../state"];
        let mut started = command(&path, &state);
        let mut child = started.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_millis(milliseconds));
        let _ = child.kill();
        child.wait().unwrap();
    }
    assert_eq!(git(&path, &["--state", "../state"]).outcome(), full);
}

#[test]
fn where_nothing_is_new_all_is_known_loose_trees_too() {
    let directory = tempfile::tempdir().unwrap();
    let repository = Repository::init(&directory.path().join("repo"));
    let leak = secret::aws_pair(&mut Draw::new(45)).text;
    repository.commit("a/b.env", &leak, "Add");
    repository.git(["repack", "-adq"]);
    repository.commit("a/c.txt", "more\n", "More");
    let (loose, packs) = repository.counts();
    assert!(loose >= 4 && packs == 1);
    let known = || {
        let args = ["git", "--format", "json", "--state", "../state"];
        let ran = run(&directory.path().join("repo"), &args);
        let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        told["summary"]["history"]["known"].as_u64().unwrap()
    };
    assert_eq!(known(), 0);
    // Trees among them: a repository that is worked with always has some.
    let all = repository.ask(["rev-list", "--all", "--objects"]).lines().count() as u64;
    assert_eq!(known(), all);
}

/// A token from the future, by a clock that may be wrong, is told at once and again
/// once its time has come.
#[test]
fn what_time_changes_is_told_when_it_changes() {
    let directory = tempfile::tempdir().unwrap();
    let made = Repository::init(&directory.path().join("repo"));
    let token = include_str!("../../../detectors/src/aws/examples/session-token-33.txt");
    made.commit("a.env", token, "Add");
    let mut verdicts = Vec::new();
    for now in ["2019-01-01T00:00:00Z", "2019-01-01T00:00:00Z", "2100-01-01T00:00:00Z"] {
        let full = git(&made.path, &["--now", now, "--fail-on", "info"]);
        let state = ["--state", "../state", "--now", now, "--fail-on", "info"];
        assert_eq!(git(&made.path, &state).outcome(), full.outcome());
        assert_eq!(full.code, Some(1));
        verdicts.push(full.records()[0]["verdict"].as_str().unwrap().to_owned());
    }
    assert_eq!(verdicts, ["doubtful", "doubtful", "proven"]);
}

#[test]
fn scan_takes_what_is_about_histories() {
    let directory = tempfile::tempdir().unwrap();
    let made = Repository::init(&directory.path().join("repo"));
    made.commit("a.env", secret::aws_pair(&mut Draw::new(46)).text, "Add");
    made.commit("a.env", "nothing\n", "Remove");
    made.git(["checkout", "--quiet", "--orphan", "other"]);
    made.commit("a.env", "nothing\n", "Begin anew");
    made.git(["branch", "-D", "main"]);
    let scan = |args: &[&str]| {
        run(directory.path(), &[&["scan", "repo", "--format", "json"], args].concat())
    };
    let known = |ran: &crate::program::Ran| {
        let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        told["summary"]["history"]["known"].as_u64().unwrap()
    };
    assert_eq!(scan(&[]).code, Some(0));
    assert_eq!(scan(&["--all-objects", "--no-submodules"]).code, Some(1));
    let state = ["--all-objects", "--state", "state"];
    for round in 0..3 {
        let ran = scan(&state);
        assert_eq!((ran.code, known(&ran) > 0), (Some(1), round > 0), "{}", ran.err);
    }
    std::fs::create_dir(directory.path().join("plain")).unwrap();
    for args in [&["--state", "other"][..], &["--all-objects"], &["--no-submodules"]] {
        for target in ["plain", "-", "repo/a.env"] {
            let ran = run(directory.path(), &[&["scan", target], args].concat());
            assert_eq!(ran.code, Some(2), "{target} {args:?}: {}", ran.err);
            assert!(ran.err.contains(args[0]), "{}", ran.err);
        }
    }
    assert!(!directory.path().join("other").exists());
}
