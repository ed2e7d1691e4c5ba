//! Hooks: installing, running and removing them.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};

use crate::repository::Repository;
use crate::sandbox::{Ran, pair};

impl Repository {
    fn hook(&self, name: &str, text: &str) {
        self.write(&format!(".git/hooks/{name}"), text);
        let path = self.sandbox.path(&format!(".git/hooks/{name}"));
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn exists(&self, name: &str) -> bool {
        self.sandbox.path(name).symlink_metadata().is_ok()
    }

    fn ok(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!(ran.code, Some(0), "{args:?}: {ran:#?}");
        ran.out
    }
}

const INSTALL: &[&str] = &["hook", "install"];
const UNINSTALL: &[&str] = &["hook", "uninstall"];

#[test]
fn a_commit_with_a_leak_is_stopped() {
    let repository = Repository::new(&[]);
    repository.stage("leak.env", "nothing\n");
    repository.commit();
    repository.ok(INSTALL);
    let commit =
        |args: &[&str]| Ran::of(repository.try_git(&[&["commit", "-q", "-m", "x"], args].concat()));
    repository.stage("clean", "nothing\n");
    let ran = commit(&[]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{ran:#?}");
    // Git keeps what it commits in an index of its own for some of these.
    repository.write("leak.env", pair(1).env());
    for args in [&["-a"][..], &["leak.env"], &["-i", "leak.env"]] {
        let ran = commit(args);
        assert_eq!(ran.code, Some(1), "{args:?}: {ran:#?}");
        assert!(ran.out.contains("aws-access-key") || ran.err.contains("aws-access-key"));
    }
    repository.git(&["worktree", "add", "-q", "linked"]);
    repository.write("linked/leak.env", pair(1).env());
    let ran = repository.try_git(&["-C", "linked", "commit", "-q", "-a", "-m", "x"]);
    assert_eq!(ran.status.code(), Some(1));
    repository.ok(UNINSTALL);
    assert_eq!(commit(&["-a"]).code, Some(0));
}

#[test]
fn a_hook_that_is_there_runs_first_and_comes_back() {
    let repository = Repository::new(&[]);
    let theirs = "#!/bin/sh\necho theirs >>ran\nexit ${THEIRS:-0}";
    repository.hook("pre-commit", theirs);
    for _ in 0..2 {
        repository.ok(INSTALL);
    }
    let path = ".git/hooks/pre-commit";
    let mode = fs::metadata(repository.sandbox.path(path)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
    repository.stage("leak.env", pair(1).env());
    assert_eq!(repository.try_git(&["commit", "-q", "-m", "x"]).status.code(), Some(1));
    assert_eq!(repository.sandbox.read("ran"), "theirs\n");
    repository.hook("pre-commit.before-leaksieve", &theirs.replace("THEIRS:-0", "NONE:-7"));
    let mut hook = Command::new("sh");
    hook.arg(path);
    assert_eq!(repository.within(hook).output().unwrap().status.code(), Some(7));
    repository.hook("pre-commit.before-leaksieve", theirs);
    repository.ok(UNINSTALL);
    assert_eq!(repository.sandbox.read(path), theirs);
    assert!(!repository.exists(".git/hooks/pre-commit.before-leaksieve"));

    // A link is kept as one, even one to nothing.
    fs::remove_file(repository.sandbox.path(path)).unwrap();
    symlink("../../no-such-hook", repository.sandbox.path(path)).unwrap();
    repository.ok(INSTALL);
    repository.ok(UNINSTALL);
    let target = fs::read_link(repository.sandbox.path(path)).unwrap();
    assert_eq!(target.to_str(), Some("../../no-such-hook"));
}

#[test]
fn a_hook_that_git_did_not_run_is_told() {
    let repository = Repository::new(&[]);
    let [plain, kept] =
        ["pre-commit", "pre-commit.before-leaksieve"].map(|n| format!(".git/hooks/{n}"));
    repository.write(&plain, "#!/bin/sh\nexit 1\n");
    let out = repository.ok(INSTALL);
    assert!(out.contains("not executable") && !out.contains("runs first"), "{out}");
    assert!(repository.exists(&kept));
    repository.stage("a", "x");
    assert!(repository.try_git(&["commit", "-q", "-m", "x"]).status.success());
}

#[test]
fn what_somebody_wrote_is_left_alone() {
    let repository = Repository::new(&[]);
    repository.ok(INSTALL);
    let path = ".git/hooks/pre-commit";
    let edited = repository.sandbox.read(path) + "echo more\n";
    repository.hook("pre-commit", &edited);
    for args in [INSTALL, UNINSTALL] {
        let ran = repository.run(args);
        assert_eq!(ran.code, Some(2), "{ran:#?}");
        assert!(ran.err.contains("edited"), "{ran:#?}");
        assert_eq!(repository.sandbox.read(path), edited);
    }
    // Somebody else's hook, and no place to keep it.
    repository.hook("pre-commit", "#!/bin/sh\n");
    repository.hook("pre-commit.before-leaksieve", "#!/bin/sh\n: older\n");
    assert_eq!(repository.run(INSTALL).code, Some(2));
    repository.ok(UNINSTALL);
    assert_eq!(repository.sandbox.read(path), "#!/bin/sh\n");
}

#[test]
fn hooks_go_where_git_looks_for_them() {
    let repository = Repository::new(&[]);
    repository.stage("a", "x");
    repository.commit();
    repository.git(&["worktree", "add", "-q", "linked"]);
    repository.ok(&["hook", "install", "--repo", "linked", "--pre-push"]);
    assert!(
        repository.exists(".git/hooks/pre-push") && !repository.exists(".git/hooks/pre-commit")
    );
    repository.git(&["config", "core.hooksPath", "my hooks"]);
    fs::create_dir(repository.sandbox.path("sub")).unwrap();
    let out = repository.ok(&["hook", "install", "--repo", "sub"]);
    assert!(out.contains("core.hooksPath"), "{out}");
    assert!(repository.exists("my hooks/pre-commit") && !repository.exists("sub/my hooks"));
    repository.git(&["init", "-q", "--bare", "bare.git"]);
    repository.ok(&["hook", "install", "--repo", "bare.git", "--pre-receive"]);
    assert!(repository.exists("bare.git/hooks/pre-receive"));
    let outside = tempfile::tempdir().unwrap();
    let ran = repository.run(&["hook", "install", "--repo", outside.path().to_str().unwrap()]);
    assert_eq!(ran.code, Some(2), "{ran:#?}");
    assert!(ran.err.contains("not a git repository"), "{ran:#?}");
}

/// What pre-commit 4.7 does: it keeps the hook that it finds as `.legacy`, and runs it
/// before its own, but refuses to be run by it.
#[test]
fn pre_commit_and_ours_in_any_order() {
    const THEIRS: &str = "#!/bin/sh\n# File generated by pre-commit: https://pre-commit.com\n\
        [ -z \"$PRE_COMMIT_RUNNING_LEGACY\" ] || exit 1\necho theirs >>ran\n\
        legacy=.git/hooks/pre-commit.legacy\n[ -x $legacy ] || exit 0\n\
        PRE_COMMIT_RUNNING_LEGACY=1 exec $legacy\n";
    let install_theirs = |repository: &Repository| {
        let path = repository.sandbox.path(".git/hooks/pre-commit");
        if fs::read_to_string(&path).is_ok_and(|text| text != THEIRS) {
            fs::rename(&path, path.with_extension("legacy")).unwrap();
        }
        repository.hook("pre-commit", THEIRS);
    };
    let commit = |repository: &Repository, content: &str| {
        repository.stage("a.env", content);
        Ran::of(repository.try_git(&["commit", "-q", "-m", "x"])).code
    };
    for ours_first in [true, false] {
        let repository = Repository::new(&[]);
        for round in 0..4 {
            if (round % 2 == 0) == ours_first {
                repository.ok(INSTALL);
            } else {
                install_theirs(&repository);
            }
            let env = pair(round + 1).env();
            let stopped = commit(&repository, &env);
            assert_eq!(stopped, Some(i32::from(ours_first || round > 0)), "{ours_first} {round}");
            let passed = commit(&repository, &format!("nothing {round}\n"));
            assert_eq!(passed, Some(0), "{ours_first} {round}");
            assert_eq!(repository.exists("ran"), !ours_first || round > 0);
        }
        let ran = repository.run(UNINSTALL);
        assert_eq!(ran.code, Some(0), "{ran:#?}");
        assert_eq!(ran.out.contains("run by pre-commit"), ours_first, "{ran:#?}");
    }
}

#[test]
fn a_hook_without_the_program_stops_everything() {
    let repository = Repository::new(&[]);
    let program = repository.sandbox.path("it's bin/leaksieve");
    fs::create_dir(program.parent().unwrap()).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_leaksieve"), &program).unwrap();
    let installed = repository.within(Command::new(&program)).args(INSTALL).output().unwrap();
    assert!(installed.status.success());
    repository.stage("a", "x");
    assert!(repository.try_git(&["commit", "-q", "-m", "x"]).status.success());
    fs::remove_file(&program).unwrap();
    repository.stage("a", "y");
    let ran = Ran::of(repository.try_git(&["commit", "-q", "-m", "x"]));
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    assert!(ran.err.contains("nothing was scanned"), "{ran:#?}");
}

#[test]
fn the_hook_before_reads_the_same_input() {
    let repository = Repository::new(&[]);
    repository.hook("pre-push", "#!/bin/sh\ncat >got\necho \"$@\" >>got\n");
    repository.ok(&["hook", "install", "--pre-push"]);
    // Nothing is pushed but a deletion, so there is nothing to scan.
    let input = format!("(delete) {} refs/heads/x {}\n\n", "0".repeat(40), "1".repeat(40));
    let mut hook = Command::new("sh");
    hook.args([".git/hooks/pre-push", "origin", "file:///x"]);
    let mut hook = repository.within(hook).stdin(Stdio::piped()).spawn().unwrap();
    hook.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    hook.wait().unwrap();
    assert_eq!(repository.sandbox.read("got"), format!("{input}origin file:///x\n"));
}

/// What a ref names need not be a commit.
#[test]
fn a_push_of_tags_trees_and_files_is_scanned() {
    let repository = Repository::new(&[]);
    repository.git(&["init", "-q", "--bare", "server.git"]);
    repository.git(&["remote", "add", "origin", "server.git"]);
    repository.stage("a", "x");
    repository.commit();
    repository.git(&["push", "-q", "origin", "main"]);
    repository.ok(&["hook", "install", "--pre-push"]);
    repository.ok(&["hook", "install", "--pre-receive", "--repo", "server.git"]);
    let push = |args: &[&str]| Ran::of(repository.try_git(&[&["push", "-q"], args].concat()));
    repository.stage("clean/x", "nothing\n");
    repository.git(&["tag", "clean-tree", &repository.git(&["write-tree", "--prefix=clean/"])]);
    repository.stage("dir/leak.env", pair(3).env());
    repository.stage("dir/more.env", pair(4).env());
    repository.git(&["tag", "blob", &repository.git(&["rev-parse", ":dir/leak.env"])]);
    repository.git(&["tag", "tree", &repository.git(&["write-tree"])]);
    repository.git(&["tag", "-a", "-m", "x", "tag-of-tree", "tree"]);
    repository.git(&["tag", "-a", "-m", &pair(5).env(), "message", "clean-tree"]);
    repository.git(&["-c", "advice.nestedTag=false", "tag", "-am", "x", "outer", "message"]);
    for (tag, places) in [
        ("blob", &["<object "][..]),
        ("tree", &["dir/leak.env:2", "dir/more.env:2"]),
        ("tag-of-tree", &["dir/leak.env:2", "dir/more.env:2"]),
        ("message", &["<tag message>"]),
        ("outer", &["<tag message>"]),
    ] {
        for args in [&[][..], &["--no-verify"]] {
            let ran = push(&[args, &["origin", &format!("refs/tags/{tag}")]].concat());
            assert_eq!(ran.code, Some(1), "{tag}: {ran:#?}");
            let told = ran.out + &ran.err;
            for place in places {
                assert!(told.contains(place), "{tag} {place}: {told}");
            }
        }
    }
    // What is there already stops nobody, under whatever name.
    assert_eq!(push(&["origin", "refs/tags/clean-tree"]).code, Some(0));
    repository.git(&["tag", "part", "tree:dir"]);
    fs::remove_file(repository.sandbox.path("server.git/hooks/pre-receive")).unwrap();
    assert_eq!(push(&["--no-verify", "origin", "refs/tags/tree"]).code, Some(0));
    repository.ok(&["hook", "install", "--pre-receive", "--repo", "server.git"]);
    for tag in ["part", "blob"] {
        let ran = push(&["--no-verify", "origin", &format!("refs/tags/{tag}")]);
        assert_eq!(ran.code, Some(0), "{tag}: {ran:#?}");
    }
}

#[test]
fn a_push_is_judged_by_what_the_other_side_lacks() {
    let repository = Repository::new(&[]);
    repository.git(&["init", "-q", "--bare", "server.git"]);
    repository.git(&["remote", "add", "origin", "server.git"]);
    repository.stage("old.env", pair(1).env());
    repository.commit();
    repository.git(&["push", "-q", "origin", "main"]);
    repository.ok(&["hook", "install", "--pre-push"]);
    repository.ok(&["hook", "install", "--pre-receive", "--repo", "server.git"]);
    let push = |args: &[&str]| Ran::of(repository.try_git(&[&["push", "-q"], args].concat()));
    let passes = |args: &[&str]| {
        let ran = push(args);
        assert_eq!(ran.code, Some(0), "{args:?}: {ran:#?}");
    };
    // What is there already stops nobody.
    repository.stage("a", "x");
    repository.commit();
    passes(&["origin", "main", "main:new"]);
    passes(&["origin", ":new"]);
    repository.stage("leak.env", pair(2).env());
    repository.commit();
    repository.git(&["rm", "-q", "leak.env"]);
    repository.commit();
    for args in [&["origin", "main"][..], &["origin", "main:new"], &["server.git", "main:new"]] {
        let ran = push(args);
        assert_eq!(ran.code, Some(1), "{args:?}: {ran:#?}");
        assert!(ran.out.contains("leak.env:2"), "{args:?}: {ran:#?}");
        // Of a remote without a name it is not known what it has.
        assert_eq!(ran.out.contains("old.env"), args[0] != "origin", "{args:?}: {ran:#?}");
    }
    let ran = push(&["--no-verify", "origin", "main:new"]);
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    assert!(ran.err.contains("leak.env:2") && !ran.err.contains("old.env"), "{ran:#?}");
    passes(&["--no-verify", "origin", "main~2:refs/heads/newer"]);
}
