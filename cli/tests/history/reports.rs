//! What is told of a place in a history.

use leaksieve_tests::draw::Draw;
use leaksieve_tests::history::History;
use leaksieve_tests::layout::import;
use leaksieve_tests::repository::Repository;
use leaksieve_tests::secret;

use crate::program::{command, git, run};

#[test]
fn no_report_holds_a_secret_or_a_terminal_escape() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("repo");
    let history = History::standard(61);
    import(&history, &path, "sha1");
    for format in ["text", "json", "jsonl", "sarif"] {
        let ran = run(&path, &["git", "-v", "--format", format]);
        assert_eq!(ran.code, Some(1), "{}", ran.err);
        for text in [&ran.out, &ran.err] {
            assert!(!text.contains('\x1b'), "{format}: an escape");
            for plant in &history.plants {
                if let Ok(value) = std::str::from_utf8(&plant.secret.value) {
                    assert!(!text.contains(value), "{format}: {} is shown", plant.name);
                }
            }
        }
    }
}

#[test]
fn repositories_are_named_where_there_are_several() {
    let directory = tempfile::tempdir().unwrap();
    let mut draw = Draw::new(62);
    let leak = secret::aws_pair(&mut draw).text;
    for name in ["one", "two"] {
        Repository::init(&directory.path().join(name)).commit("a.env", &leak, "Begin");
    }
    let ran = git(directory.path(), &["one", "two"]);
    let records = ran.records();
    assert_eq!(records.len(), 1, "{}", ran.out);
    let text = records[0].to_string();
    assert!(text.contains("one/a.env") && text.contains("two/a.env"), "{text}");
}

#[test]
fn the_environment_says_where_the_repository_is() {
    let directory = tempfile::tempdir().unwrap();
    let made = Repository::init(&directory.path().join("tree"));
    made.commit("a.env", secret::aws_pair(&mut Draw::new(63)).text, "Begin");
    let elsewhere = directory.path().join("elsewhere");
    std::fs::rename(&made.git_dir, &elsewhere).unwrap();
    let mut told = command(directory.path(), &["git"]);
    told.env("GIT_DIR", &elsewhere).env("GIT_WORK_TREE", &made.path);
    assert_eq!(told.output().unwrap().status.code(), Some(1));
    assert_eq!(run(directory.path(), &["git"]).code, Some(2));
}
