//! What must never end in "no leaks" without more.

use std::fs;
use std::path::Path;

use leaksieve_tests::draw::Draw;
use leaksieve_tests::repository::Repository;
use leaksieve_tests::secret;

use crate::program::{git, run};

fn leak(seed: u64) -> String {
    secret::aws_pair(&mut Draw::new(seed)).text
}

fn object(repository: &Repository, revision: &str) -> std::path::PathBuf {
    let id = repository.ask(["rev-parse", revision]);
    let id = id.trim();
    repository.git_dir.join("objects").join(&id[..2]).join(&id[2..])
}

/// A leak that was brought in and taken out again.
fn removed(path: &Path, seed: u64) -> Repository {
    let repository = Repository::init(path);
    repository.commit("a.env", leak(seed), "Add");
    repository.commit("a.env", "nothing\n", "Remove");
    repository
}

#[test]
fn a_shallow_clone_does_not_cut_the_history_of_another_repository() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    removed(&at("whole"), 61);
    let origin = format!("file://{}", at("whole").display());
    Repository::cloned(&at("shallow"), ["--depth", "1"], &origin);
    assert_eq!(git(directory.path(), &["shallow"]).code, Some(0));
    for args in [["whole", "shallow"], ["shallow", "whole"]] {
        for more in [&[][..], &["--all-objects"]] {
            let ran = git(directory.path(), &[&args[..], more].concat());
            assert_eq!((ran.code, ran.records().len()), (Some(1), 1), "{args:?} {}", ran.err);
        }
    }
}

#[test]
fn what_a_repository_lacks_is_told_each_time() {
    let directory = tempfile::tempdir().unwrap();
    for (name, packed) in [("loose", false), ("packed", true)] {
        let made = Repository::init(&directory.path().join(name));
        made.write("b.txt", "more\n");
        made.commit("a.txt", "nothing\n", "Begin");
        if packed {
            // All but one blob.
            let ids = made.ask(["rev-parse", "HEAD", "HEAD^{tree}", "HEAD:a.txt"]);
            let prefix = made.git_dir.join("objects/pack/pack");
            let list = directory.path().join("list");
            fs::write(&list, ids).unwrap();
            let packed = std::process::Command::new("git")
                .args(["pack-objects", "-q"])
                .arg(prefix)
                .current_dir(&made.path)
                .stdin(fs::File::open(list).unwrap())
                .output()
                .unwrap();
            assert!(packed.status.success());
            made.git(["prune-packed"]);
        }
        fs::remove_file(object(&made, "HEAD:b.txt")).unwrap();
        let state = format!("{name}.state");
        for round in 0..3 {
            let ran = git(directory.path(), &[name, "--state", &state]);
            assert_eq!(ran.code, Some(3), "{name} {round}: {}", ran.err);
        }
    }
}

#[test]
fn a_leak_that_cannot_be_read_again_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let made = Repository::init(&directory.path().join("repo"));
    made.commit("a.env", leak(62), "Add");
    let state = ["--state", "../state"];
    assert_eq!(git(&made.path, &state).code, Some(1));
    let file = object(&made, "HEAD:a.env");
    fs::remove_file(&file).unwrap();
    fs::write(&file, "no object").unwrap();
    made.git(["commit", "--quiet", "--allow-empty", "-m", "More"]);
    for round in 0..3 {
        let ran = git(&made.path, &state);
        assert_eq!(ran.code, Some(3), "{round}: {}", ran.err);
    }
}

#[test]
fn tags_of_tags_are_read_however_many() {
    let directory = tempfile::tempdir().unwrap();
    let made = Repository::init(&directory.path().join("repo"));
    made.commit("a.txt", "nothing\n", "Begin");
    made.git(["tag", "-a", "-m", &leak(63), "t0"]);
    for i in 1..12 {
        let (name, of) = (format!("t{i}"), format!("t{}", i - 1));
        made.git(["-c", "advice.nestedTag=false", "tag", "-a", "-m", "outer", &name, &of]);
        made.git(["tag", "-d", &of]);
    }
    let ran = git(&made.path, &[]);
    assert_eq!(ran.code, Some(1));
    // All tags are of the commit, and the ref that is left leads to them.
    let place = &ran.records()[0];
    assert_eq!(place["path"], "<tag t0>");
    assert_eq!(place["commit"], *made.ask(["rev-parse", "HEAD"]));
    assert_eq!(place["refs"], serde_json::json!(["refs/tags/t11"]));
    let top = made.ask(["rev-parse", "t11"]);
    let range = ["--range", &format!("main..{}", top.trim())];
    assert_eq!(git(&made.path, &range).code, Some(1));
}

/// Git ignores broken refs, and what only they lead to.
#[test]
fn refs_that_say_nothing_are_told() {
    let directory = tempfile::tempdir().unwrap();
    let made = Repository::init(&directory.path().join("repo"));
    made.commit("a.txt", "nothing\n", "Begin");
    made.git(["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone"]);
    let state = ["--state", "../state"];
    // A link to what is not there is no damage.
    for args in [&[][..], &["--log-opts=--all"], &state, &state] {
        assert_eq!(git(&made.path, args).code, Some(0), "{args:?}");
    }
    let none = "1".repeat(40);
    for (name, content) in [("garbage", "what is this\n"), ("empty", ""), ("none", &none)] {
        let path = made.git_dir.join("refs/heads").join(name);
        fs::write(&path, content).unwrap();
        for args in [&[][..], &["--all-objects"], &state, &state, &["--log-opts=--branches"]] {
            let ran = git(&made.path, args);
            assert_eq!(ran.code, Some(3), "{name} {args:?}: {}", ran.err);
            let told = if name == "none" { &none } else { name };
            assert!(ran.err.contains(told), "{name} {args:?}: {}", ran.err);
        }
        // Nobody asked for it.
        assert_eq!(git(&made.path, &["--range", "main"]).code, Some(0), "{name}");
        fs::remove_file(path).unwrap();
    }
    fs::write(made.git_dir.join("refs/odd"), "").unwrap();
    assert_eq!(git(&made.path, &[]).code, Some(0));
    assert_eq!(git(&made.path, &["--all-objects"]).code, Some(3));
}

#[test]
fn a_repository_that_cannot_be_opened_is_told_by_scan() {
    let directory = tempfile::tempdir().unwrap();
    let made = removed(&directory.path().join("repo"), 64);
    assert_eq!(run(directory.path(), &["scan", "repo"]).code, Some(1));
    fs::write(made.git_dir.join("HEAD"), "").unwrap();
    let ran = run(directory.path(), &["scan", "repo"]);
    assert_eq!(ran.code, Some(3), "{}", ran.err);
}

#[test]
fn a_file_below_many_directories_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let made = Repository::init(&directory.path().join("repo"));
    let (path, leak) = ("d/".repeat(600) + "a.env", leak(65));
    let stream = format!(
        "commit refs/heads/main\ncommitter a <a@b.c> 1700000000 +0000\ndata 1\nc\n\
         M 100644 inline {path}\ndata {}\n{leak}\n",
        leak.len()
    );
    made.git_with(["fast-import", "--quiet"], stream.as_bytes());
    assert_eq!(git(&made.path, &[]).code, Some(1));
    // Not followed so far, and told.
    assert_eq!(git(&made.path, &["--range", "main"]).code, Some(3));
}
