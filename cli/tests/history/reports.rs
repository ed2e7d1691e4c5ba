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

/// A pair that can be the name of a file and of a ref, and its secret.
fn name(seed: u64) -> (String, String) {
    let mut draw = Draw::new(seed);
    loop {
        let pair = secret::aws_pair(&mut draw);
        if !pair.value.contains(&b'/') {
            let text = pair.text.to_uppercase().replace(" = ", "=").replace('\n', ",");
            let value = String::from_utf8(pair.value).unwrap();
            return (text.replace(&value.to_uppercase(), &value), value);
        }
    }
}

#[test]
fn secrets_in_names_are_masked() {
    let directory = tempfile::tempdir().unwrap();
    let made = Repository::init(&directory.path().join("repo"));
    let [(file, a), (branch, b), (tag, c), (link, d)] = [64, 65, 66, 67].map(name);
    let [leak, message] = [68, 69].map(|seed| secret::aws_pair(&mut Draw::new(seed)));
    let path = format!("tests/{file}.txt");
    made.commit(&path, &leak.text, "Begin");
    made.git(["branch", &branch]);
    made.git(["tag", "-a", "-m", &message.text, &tag]);
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere", made.path.join(&link)).unwrap();
    let secrets = [&a, &b, &c, &d];
    for (verb, named) in [(&["git", "-v"][..], &[&a, &b, &c][..]), (&["dir", "-v"], &[&a, &d])] {
        for format in ["text", "json", "jsonl", "sarif"] {
            let args = [verb, &["--format", format]].concat();
            let ran = run(&made.path, &args);
            assert_eq!(ran.code, Some(1), "{}", ran.err);
            let told = ran.out + &ran.err;
            for secret in secrets {
                assert!(!told.contains(&secret[4..]), "{args:?}: {told}");
            }
            assert!(told.contains("********.txt"), "{args:?}: {told}");
            let ran = run(&made.path, &[&args[..], &["--reveal"]].concat());
            let told = ran.out + &ran.err;
            for secret in named {
                let encoded = secret.replace('+', "%2B");
                let is_shown = told.contains(*secret) || told.contains(&encoded);
                // Text names the first refs only; what links lead to nowhere all formats.
                assert!(is_shown, "{args:?}: {told}");
            }
        }
    }

    // What goes by the path goes by the true one, as does what is remembered.
    let of = |args: &[&str]| {
        let mut records = git(&made.path, args).records();
        records.retain(|record| record["path"].as_str().unwrap().starts_with("tests/"));
        assert_eq!(records.len(), 1);
        records.remove(0)
    };
    let (masked, revealed) = (of(&[]), of(&["--reveal"]));
    for field in ["id", "fingerprint", "severity"] {
        assert_eq!(masked[field], revealed[field]);
    }
    assert_eq!(revealed["path"], *path);
    for _ in 0..3 {
        assert_eq!(of(&["--state", "../state"]), masked);
        let state = std::fs::read(directory.path().join("state")).unwrap();
        for secret in secrets {
            assert!(!state.windows(secret.len()).any(|w| w == secret.as_bytes()));
        }
    }
}
