//! Repositories that want programs to be run, and codes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use leaksieve_tests::draw::Draw;
use leaksieve_tests::repository::Repository;
use leaksieve_tests::secret;

use crate::program::{git, run};

/// Settings that name a program or another file.
const SETTINGS: &[&str] = &[
    "core.fsmonitor",
    "core.pager",
    "core.editor",
    "core.sshCommand",
    "core.askPass",
    "core.gitProxy",
    "core.alternateRefsCommand",
    "credential.helper",
    "diff.external",
    "diff.trap.textconv",
    "diff.trap.command",
    "filter.trap.clean",
    "filter.trap.smudge",
    "filter.trap.process",
    "gpg.program",
    "interactive.diffFilter",
    "merge.trap.driver",
    "pager.log",
    "sequence.editor",
    "uploadpack.packObjectsHook",
];

#[test]
fn nothing_that_a_repository_names_is_run() {
    let directory = tempfile::tempdir().unwrap();
    let mark = directory.path().join("it-was-run");
    let trap = directory.path().join("trap");
    fs::write(&trap, format!("#!/bin/sh\necho \"$0 $*\" >> '{}'\ncat\n", mark.display())).unwrap();
    fs::set_permissions(&trap, fs::Permissions::from_mode(0o755)).unwrap();

    let git_ = Repository::init(&directory.path().join("repo"));
    let leak = secret::aws_pair(&mut Draw::new(1));
    git_.commit("a.env", &leak.text, "Begin");
    let staged = secret::database_uri(&mut Draw::new(3));
    git_.write("a.env", format!("{}\n{}\n", leak.text, staged.text));
    git_.git(["add", "a.env"]);
    let other = secret::aws_pair(&mut Draw::new(2));
    git_.write("a.env", format!("{}\n{}\n\n{}\n", leak.text, staged.text, other.text));
    git_.write(".gitattributes", "* filter=trap diff=trap merge=trap\n");
    for setting in SETTINGS {
        let config = git_.git_dir.join("config");
        let arguments = ["config", "--file", config.to_str().unwrap(), setting];
        git_.git([arguments[0], arguments[1], arguments[2], arguments[3], trap.to_str().unwrap()]);
    }
    let hooks = git_.git_dir.join("hooks");
    fs::create_dir_all(&hooks).unwrap();
    for name in [
        "pre-commit",
        "post-checkout",
        "post-index-change",
        "reference-transaction",
        "pre-auto-gc",
        "fsmonitor-watchman",
    ] {
        fs::copy(&trap, hooks.join(name)).unwrap();
    }
    let included = directory.path().join("included");
    fs::write(&included, format!("[core]\n\tfsmonitor = {}\n", trap.display())).unwrap();
    let config = git_.git_dir.join("config");
    let text = fs::read_to_string(&config).unwrap();
    let filters = "[filter \"trap\"]\n\trequired = true\n";
    fs::write(&config, format!("{text}{filters}[include]\n\tpath = {}\n", included.display()))
        .unwrap();

    for args in [
        &[][..],
        &["--all-objects"],
        &["--staged"],
        &["--unstaged"],
        &["--range", "HEAD"],
        &["--log-opts", "--all"],
    ] {
        let ran = git(&git_.path, args);
        assert_eq!(ran.code, Some(1), "{args:?}: {}", ran.err);
    }
    assert_eq!(run(&git_.path, &["scan", "."]).code, Some(1));
    let told = fs::read_to_string(&mark).unwrap_or_default();
    assert!(told.is_empty(), "{told}");
}

/// A repository with one file.
fn repository(path: &Path, text: &str) -> Repository {
    let made = Repository::init(path);
    made.commit("a.env", text, "Begin");
    made
}

#[test]
fn codes_tell_leaks_from_nothing_from_what_could_not_be_read() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let leak = secret::aws_pair(&mut Draw::new(2)).text;
    repository(&at("leak"), &leak);
    repository(&at("clean"), "nothing\n");
    fs::create_dir(at("none")).unwrap();
    for (name, text) in [("damaged", "nothing\n"), ("both", &leak)] {
        let made = repository(&at(name), text);
        let object = made.git_dir.join("objects/ab/cdefabcdefabcdefabcdefabcdefabcdefabcd");
        fs::create_dir_all(object.parent().unwrap()).unwrap();
        fs::write(object, "no object").unwrap();
    }
    for (args, code) in [
        (&["clean"][..], 0),
        (&["leak"], 1),
        (&["leak", "--exit-code", "0"], 0),
        (&["clean", "leak"], 1),
        (&["damaged"], 3),
        (&["damaged", "clean"], 3),
        (&["damaged", "--accept-incomplete", "damaged-object"], 0),
        (&["damaged", "--accept-incomplete", "missing-object"], 3),
        (&["both"], 1),
        (&["none"], 2),
        (&["nothing"], 2),
        (&["clean", "none"], 2),
        (&["leak", "--range", "no-such"], 2),
        (&["leak", "--log-opts=--graph"], 2),
        (&["leak", "--staged", "--all-objects"], 2),
    ] {
        let ran = git(directory.path(), args);
        assert_eq!(ran.code, Some(code), "{args:?}: {}{}", ran.out, ran.err);
        if code == 2 {
            assert!(!ran.err.is_empty() && !ran.err.contains("no leaks"), "{}", ran.err);
        }
    }
}
