//! What is staged, and what is not.

use crate::repository::Repository;
use crate::sandbox::pair;

const STAGED: &[&str] = &["git", "--staged"];
const UNSTAGED: &[&str] = &["git", "--unstaged"];

#[test]
fn files_are_judged_whole_and_reported_where_they_are_new() {
    let repository = Repository::new(&[]);
    let (old, new) = (pair(1), pair(2));
    repository.stage("old.env", old.env());
    repository.stage("half.env", format!("AWS_ACCESS_KEY_ID={}\n", new.id));
    // Nothing is committed yet, so all of it is new.
    assert_eq!(repository.places(STAGED), ["half.env:1", "old.env:2"]);
    repository.commit();
    assert!(repository.places(STAGED).is_empty());

    // The other half makes a pair of what was there before.
    let whole = new.env();
    repository.stage("half.env", &whole);
    repository.stage("old.env", format!("# a word about it\n{}# and another\n", old.env()));
    assert_eq!(repository.places(STAGED), ["half.env:2"]);
    repository.git(&["mv", "old.env", "renamed.env"]);
    assert_eq!(repository.places(STAGED), ["half.env:2"]);
    repository.stage("renamed.env", format!("{}# and a third\n", old.env()));
    assert_eq!(repository.places(STAGED), ["half.env:2"]);

    // What stands in the file is not what is staged, nor the other way round.
    repository.write("half.env", "");
    assert_eq!(repository.places(STAGED), ["half.env:2"]);
    assert!(repository.places(UNSTAGED).is_empty());
    repository.git(&["add", "half.env"]);
    repository.write("half.env", &whole);
    assert!(repository.places(STAGED).is_empty());
    assert_eq!(repository.places(UNSTAGED), ["half.env:2"]);
}

#[test]
fn what_is_not_staged_includes_what_nobody_ignores() {
    let repository = Repository::new(&[]);
    repository.stage(".gitignore", "*.log\n/out/\n");
    repository.write("kept.log", "nothing\n");
    repository.git(&["add", "-f", "kept.log"]);
    repository.commit();
    repository.write("kept.log", pair(3).env());
    for name in ["x.log", "out/y.env", "deep/er/.env"] {
        repository.write(name, pair(1).env());
    }
    repository.write("announced.env", pair(2).env());
    repository.git(&["add", "-N", "announced.env"]);
    assert!(repository.places(STAGED).is_empty());
    assert_eq!(repository.places(UNSTAGED), ["announced.env:2", "deep/er/.env:2", "kept.log:2"]);
}

#[test]
fn lines_of_wide_text_and_of_binary_files() {
    let repository = Repository::new(&[]);
    let wide = |text: &str| -> Vec<u8> {
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    };
    let env = pair(1).env();
    repository.stage("wide.env", wide(&env));
    repository.stage("binary", [b"\0\0\0", env.as_bytes()].concat());
    assert_eq!(repository.places(STAGED).len(), 1, "the same secret at two places");
    repository.commit();
    repository.stage("wide.env", wide(&format!("{env}more\n")));
    assert!(repository.places(STAGED).is_empty());
    // As for git, a binary file that changed is new.
    repository.stage("binary", [b"\0\0\0", env.as_bytes(), b"\0"].concat());
    assert_eq!(repository.places(STAGED), ["binary:2"]);
}

#[test]
fn what_cannot_be_scanned_is_no_clean_result() {
    let repository = Repository::new(&[]);
    repository.git(&["init", "-q", "--bare", "bare.git"]);
    let outside = tempfile::tempdir().unwrap();
    let outside = outside.path().to_str().unwrap();
    for args in [
        &["git", "--staged", outside][..],
        &["git", "--unstaged", outside],
        &["git", "--staged", "no/such/place"],
        &["git", "--staged", "bare.git"],
        &["git", "--unstaged", "bare.git"],
        &["git", "--staged", "--unstaged"],
        &["git", "--staged", "--range", "A..B"],
        &["git", "--staged", "--since", "yesterday"],
        &["git", "--staged", "--all-objects"],
        &["git", "--staged", "--state", "s"],
        &["git", "--pre-push=origin", "--staged"],
        &["git", "--pre-push", "--pre-receive"],
        &["git", "--all-objects", "--branch", "x"],
        &["git", "--log-opts=--all", "--since", "yesterday"],
        &["git", "--log-opts=--grep=x"],
        &["git", "--since", "soon"],
        &["git", "--branch", "no-such-branch"],
        &["git", "--range", "no-such..HEAD"],
    ] {
        let ran = repository.run(args);
        assert_eq!(ran.code, Some(2), "{args:?}: {ran:#?}");
        assert_eq!(ran.out, "", "{args:?}");
    }
    // One that is staged and not there, or is no file's content.
    let tree = repository.git(&["write-tree"]);
    for (id, kind) in [("1".repeat(40), "missing-object"), (tree, "damaged-object")] {
        let entry = format!("100644,{id},gone.env");
        repository.git(&["update-index", "--add", "--cacheinfo", &entry]);
        let ran = repository.run(&["git", "--staged"]);
        assert_eq!(ran.code, Some(3), "{ran:#?}");
        assert!(ran.err.contains("gone.env: not scanned") && ran.err.contains(kind), "{ran:#?}");
    }
    repository.write(".git/index", "DIRC, but damaged after that");
    let ran = repository.run(&["git", "--staged"]);
    assert_eq!(ran.code, Some(2), "{ran:#?}");
    assert!(ran.err.contains("index is damaged"), "{ran:#?}");
}

#[test]
fn what_hooks_are_told_what_gitleaks_users_write_and_where_paths_begin() {
    let repository = Repository::new(&[]);
    repository.stage("leak.env", pair(1).env());
    let ran = repository.run(&["git", "--pre-commit", "--staged", "--redact", "-v"]);
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    std::fs::create_dir(repository.sandbox.path("sub")).unwrap();
    assert_eq!(repository.places(&["git", "--staged", "sub/.."]), ["sub/../leak.env:2"]);
    assert_eq!(repository.places(&["git", "--staged", "."]), ["leak.env:2"]);
    // Another index counts where git says so, and not for repositories by name.
    let with = |args: &[&str]| {
        let command = repository.sandbox.command(args);
        let mut command = repository.within(command);
        command.env("GIT_INDEX_FILE", "no-such-index").env("GIT_DIR", ".git");
        command.output().unwrap().status.code()
    };
    assert_eq!(with(&["git", "--staged"]), Some(0));
    assert_eq!(with(&["git", "--staged", "."]), Some(1));
}

#[cfg(unix)]
#[test]
fn nothing_that_a_repository_names_is_run() {
    use std::os::unix::fs::{PermissionsExt, chown};
    let repository = Repository::new(&[]);
    let marker = repository.sandbox.path("marker");
    let path = repository.sandbox.write("run-me", format!("#!/bin/sh\n: >{}\n", marker.display()));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let program = path.to_str().unwrap();
    repository.stage("leak.env", "nothing\n");
    repository.commit();
    repository.stage("leak.env", pair(1).env());
    repository.write("other.env", pair(2).env());
    repository.write(".gitattributes", "* filter=f diff=d merge=m text=auto ident\n");
    repository.write("more.config", format!("[core]\n\tfsmonitor = {program}\n"));
    let mut config = repository.sandbox.read(".git/config");
    for (section, names) in [
        (
            "core",
            &["fsmonitor", "sshCommand", "pager", "editor", "gitProxy", "alternateRefsCommand"][..],
        ),
        ("diff", &["external"]),
        ("diff \"d\"", &["textconv", "command"]),
        ("filter \"f\"", &["clean", "smudge", "process"]),
        ("credential", &["helper"]),
        ("gpg", &["program"]),
        ("uploadpack", &["packObjectsHook"]),
    ] {
        config.push_str(&format!("[{section}]\n"));
        for name in names {
            config.push_str(&format!("\t{name} = {program}\n"));
        }
    }
    config.push_str("[include]\n\tpath = ../more.config\n[extensions]\n\tpartialClone = origin\n");
    config.push_str("[remote \"origin\"]\n\turl = ext::sh -c run-me\n\tpromisor = true\n");
    repository.write(".git/config", config);
    for hook in ["post-index-change", "reference-transaction", "pre-commit"] {
        std::fs::copy(&path, repository.sandbox.path(&format!(".git/hooks/{hook}"))).unwrap();
    }
    // Whoever owns it, if that can be tried here.
    for path in ["", ".git", ".git/config"] {
        let _ = chown(repository.sandbox.path(path), Some(12_345), Some(12_345));
    }
    assert_eq!(repository.places(STAGED), ["leak.env:2"]);
    let unstaged = repository.places(UNSTAGED);
    assert!(unstaged.contains(&"other.env:2".to_owned()), "{unstaged:?}");
    assert!(!marker.exists());
    // The trap works.
    assert!(std::process::Command::new(&path).status().unwrap().success() && marker.exists());
}

#[test]
fn repositories_of_sha_256_and_linked_work_trees() {
    let repository = Repository::new(&["--object-format=sha256"]);
    repository.stage("a", "nothing\n");
    repository.commit();
    repository.git(&["worktree", "add", "-q", "linked"]);
    repository.stage("leak.env", pair(1).env());
    assert_eq!(repository.places(STAGED), ["leak.env:2"]);
    assert!(repository.places(&["git", "--staged", "linked"]).is_empty());
    repository.write("linked/b.env", pair(2).env());
    repository.git(&["-C", "linked", "add", "b.env"]);
    assert_eq!(repository.places(&["git", "--staged", "linked"]), ["linked/b.env:2"]);
}
