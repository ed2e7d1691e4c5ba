//! Exit codes and failures.

use crate::sandbox::{Ran, Sandbox, pair};

#[test]
fn codes_tell_findings_from_nothing_from_incompleteness() {
    let box_ = Sandbox::new();
    let leak = pair(1);
    box_.write("leak.env", leak.env());
    box_.write("clean.txt", "nothing\n");
    box_.write("id.txt", &leak.id);
    box_.write("tests/leak.env", leak.env());
    std::fs::File::create(box_.path("large.bin")).unwrap().set_len(2_000_001).unwrap();
    let limit = ["--max-target-megabytes", "2"];
    for (args, code) in [
        (&["scan", "clean.txt"][..], 0),
        (&["scan", "leak.env"], 1),
        (&["scan", "."], 1),
        (&["dir"], 1),
        // An id alone is information.
        (&["scan", "id.txt"], 0),
        (&["scan", "id.txt", "--fail-on", "info"], 1),
        (&["scan", "leak.env", "--fail-on", "critical"], 1),
        // A place among tests is a step lower.
        (&["scan", "tests/leak.env", "--fail-on", "critical"], 0),
        (&["scan", "tests/leak.env", "--fail-on", "high"], 1),
        (&["scan", "leak.env", "--exit-code", "0"], 0),
        (&["scan", "leak.env", "--exit-code", "77"], 77),
        (&["scan", "leak.env", "--disable-rule", "aws-*"], 0),
        (&["scan", "leak.env", "--enable-rule", "aws-access-key"], 1),
        (&["scan", "leak.env", "--enable-rule", "aws-eks-*"], 0),
        (&["scan", "large.bin"], 0),
        (&["scan", "large.bin", "clean.txt", limit[0], limit[1]], 3),
        (&["scan", "large.bin", limit[0], limit[1], "--accept-incomplete", "too-large"], 0),
        (&["scan", "large.bin", limit[0], limit[1], "--accept-incomplete", "vanished"], 3),
        // A finding counts for more than what is missing.
        (&["scan", "large.bin", "leak.env", limit[0], limit[1]], 1),
        (&["scan", "large.bin", "leak.env", limit[0], limit[1], "--exit-code", "9"], 9),
        // One path that is not there does not keep the others from being scanned.
        (&["scan", "clean.txt", "no-such"], 3),
        (&["scan", "no-such", "leak.env"], 1),
        (&["scan", "clean.txt", "no-such", "--accept-incomplete", "no-such-path"], 0),
        (&["scan", "no-such", "nor-such"], 2),
        (&["dir", "no-such"], 2),
        (&["scan", "leak.env", "--enable-rule", "aws-acess-key"], 2),
        (&["scan", "leak.env", "--fail-on", "terrible"], 2),
        (&["scan", "leak.env", "--now", "yesterday"], 2),
        (&["scan", "leak.env", "--backend", "abacus"], 2),
        (&["scan", "leak.env", "--threads", "0"], 2),
        (&["scan", "leak.env", "--canary-account", "12"], 2),
        (&["scan", "leak.env", "-r", "report.xml"], 2),
        (&["scan", "leak.env", "-r", "no/such/report.json"], 2),
        (&["scan", "leak.env", "-r", "tests"], 2),
        (&["scan", "-", "-"], 2),
        (&["scan"], 2),
        (&["scna", "."], 2),
        (&[], 2),
        (&["--help"], 0),
        (&["--version"], 0),
    ] {
        let ran = box_.run(args);
        assert_eq!(ran.code, Some(code), "{args:?}: {ran:#?}");
    }
}

#[test]
fn gitleaks_spellings_are_understood() {
    let box_ = Sandbox::new();
    box_.write("leak.env", pair(1).env());
    for args in [
        "dir . --no-banner --no-color -v --redact --report-format json --report-path -",
        "dir leak.env --redact=80 -f sarif -r out.sarif --exit-code 1 --max-target-megabytes 5",
        "--no-banner --no-color directory --report-format=jsonl",
    ] {
        let args: Vec<&str> = args.split(' ').collect();
        let ran = box_.run(&args);
        assert_eq!(ran.code, Some(1), "{args:?}: {ran:#?}");
    }
}

#[test]
fn failures_name_the_path_and_say_what_to_do() {
    let box_ = Sandbox::new();
    box_.write("leak.env", pair(1).env());
    for (args, expected) in [
        (&["scan", "no-such.txt"][..], "no-such.txt"),
        (&["scan", "leak.env", "--enable-rule", "awz"], "hint: `leaksieve rules`"),
        (&["scan", "leak.env", "-r", "report.xml"], "--format"),
        (&["explain", "no-such:3"], "no-such"),
        (&["explain", "-"], "hint: `leaksieve scan -`"),
        (&["dir", "-"], "hint: use `leaksieve stdin`"),
        (&["explain", "leak.env:30"], "it has 2 lines"),
        (&["rules", "show", "access-key"], "aws-access-key"),
        (&["scan", "leak.env", "--now", "x"], "RFC 3339"),
    ] {
        let ran = box_.run(args);
        assert_eq!(ran.code, Some(2), "{args:?}: {ran:#?}");
        assert!(ran.err.contains(expected), "{args:?}: {ran:#?}");
        assert_eq!(ran.out, "", "{args:?}");
    }
}

#[test]
fn a_path_that_does_not_exist_is_named_beside_what_was_found() {
    let box_ = Sandbox::new();
    box_.write("leak.env", pair(1).env());
    let ran = box_.run(&["scan", "no-such.env", "leak.env", "-f", "json"]);
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    assert!(ran.err.contains("no-such.env: not scanned: "), "{ran:#?}");
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(json["summary"]["findings"], 1);
    assert_eq!(json["summary"]["skipped"]["no-such-path"], 1);
    let ran = box_.run(&["scan", "no-such.env", "nor-such.env"]);
    assert_eq!(ran.code, Some(2), "{ran:#?}");
    assert!(ran.err.contains("no-such.env, nor-such.env"), "{ran:#?}");
}

#[test]
fn what_was_not_scanned_is_named_and_counted() {
    let box_ = Sandbox::new();
    for number in 0..30 {
        let file = std::fs::File::create(box_.path(&format!("large-{number:02}"))).unwrap();
        file.set_len(1_000_001).unwrap();
    }
    let args = ["scan", ".", "--max-target-megabytes", "1"];
    let named = |ran: &Ran| ran.err.matches("not scanned: ").count();
    let ran = box_.run(&args);
    assert_eq!(ran.code, Some(3), "{ran:#?}");
    assert_eq!(named(&ran), 20, "{ran:#?}");
    assert!(ran.err.contains("10 more"), "{ran:#?}");
    assert!(ran.err.contains("NOT SCANNED: 30 too-large"), "{ran:#?}");
    let all = box_.run(&[&args[..], &["-v"]].concat());
    assert_eq!(named(&all), 30, "{all:#?}");
    let json = box_.run(&[&args[..], &["-q", "-f", "json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["summary"]["complete"], false);
    assert_eq!(json["summary"]["skipped"]["too-large"], 30);
    assert_eq!(json["summary"]["not_scanned"].as_array().unwrap().len(), 30);
}

#[cfg(unix)]
#[test]
fn unreadable_files_do_not_end_the_scan() {
    use std::os::unix::fs::PermissionsExt;
    let box_ = Sandbox::new();
    let secret = box_.write("a-secret", "x");
    box_.write("leak.env", pair(1).env());
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::File::open(&secret).is_ok() {
        // The superuser reads everything.
        return;
    }
    let ran = box_.run(&["scan", "."]);
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    assert!(ran.err.contains("a-secret: not scanned: no permission"), "{ran:#?}");
    let ran = box_.run(&["scan", "a-secret"]);
    assert_eq!(ran.code, Some(3), "{ran:#?}");
}
