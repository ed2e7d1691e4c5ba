//! Where output goes, and in which form.

use std::io::Read;
use std::process::Stdio;

use serde_json::Value;

use crate::sandbox::{Sandbox, pair};

fn planted() -> Sandbox {
    let box_ = Sandbox::new();
    box_.write("a/leak.env", pair(1).env());
    box_.write("b/copy of it#.env", format!("\n\n{}", pair(1).env()));
    box_.write("c/other.env", pair(2).env());
    box_
}

#[test]
fn every_format_parses_and_tells_the_same() {
    let box_ = planted();
    let json: Value = serde_json::from_str(&box_.run(&["scan", ".", "-f", "json"]).out).unwrap();
    assert_eq!(json["schema"], "leaksieve/1");
    assert_eq!(json["summary"]["findings"], 2);
    assert_eq!(json["summary"]["places"], 3);
    assert_eq!(json["summary"]["complete"], true);
    let records = json["findings"].as_array().unwrap();

    let lines = box_.run(&["scan", ".", "-f", "jsonl"]).out;
    let lines: Vec<Value> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(&lines, records);

    let first = &records[0];
    for (key, expected) in [
        ("schema", Value::from("leaksieve/1")),
        ("detector", "aws-access-key".into()),
        ("severity", "critical".into()),
        ("path", "a/leak.env".into()),
        ("line", 2.into()),
        ("column", 23.into()),
        ("byte_column", 23.into()),
        ("end_line", 2.into()),
        ("end_column", 63.into()),
        ("length", 40.into()),
        ("place_count", 2.into()),
    ] {
        assert_eq!(first[key], expected, "{key} of {first:#}");
    }
    assert_eq!(first["facts"]["account_id"], "609629065308");
    assert_eq!(first["parts"][0]["role"], "key-id");
    assert_eq!(first["parts"][0]["value"], pair(1).id.as_str());
    assert_eq!(first["places"][0]["path"], "b/copy of it#.env");
    assert_eq!(first["places"][0]["line"], 4);
    assert!(first["fingerprint"].as_str().unwrap().starts_with("b3:"));
    assert_eq!(first["id"].as_str().unwrap().len(), 16);

    let sarif: Value = serde_json::from_str(&box_.run(&["scan", ".", "-f", "sarif"]).out).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    let result = &results[0];
    let rule = result["ruleIndex"].as_u64().unwrap() as usize;
    assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
    assert_eq!(result["partialFingerprints"]["leaksieve/v1"], first["fingerprint"]);
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a/leak.env");
    assert_eq!(place["region"]["byteOffset"], first["offset"]);
    let related = result["relatedLocations"].as_array().unwrap();
    let uri = &related.last().unwrap()["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(uri, "b/copy%20of%20it%23.env");

    let text = box_.run(&["scan", "."]);
    assert!(text.out.contains("CRITICAL  AWS access key pair"), "{}", text.out);
    assert!(text.out.contains("also in"), "{}", text.out);
    assert!(text.err.contains("2 leaks in 3 places: 2 critical"), "{}", text.err);
    assert!(text.out.lines().all(|l| l.chars().count() <= 80), "{}", text.out);
}

#[test]
fn output_is_the_same_in_every_run() {
    let box_ = planted();
    let first = box_.run(&["scan", ".", "-f", "jsonl"]).out;
    for threads in ["1", "2", "7"] {
        assert_eq!(box_.run(&["scan", ".", "-f", "jsonl", "--threads", threads]).out, first);
    }
    for backend in ["portable", "avx2", "avx512", "neon"] {
        let ran = box_.run(&["scan", ".", "-f", "jsonl", "--backend", backend]);
        match ran.code {
            Some(1) => assert_eq!(ran.out, first, "{backend}"),
            _ => assert!(ran.err.contains("not available on this processor"), "{ran:#?}"),
        }
    }
}

#[test]
fn a_report_goes_where_and_how_its_name_says() {
    let box_ = planted();
    for (name, start) in [
        ("r.json", "{\"schema\""),
        ("r.jsonl", "{\"schema\""),
        ("r.sarif", "{\"$schema\""),
        ("r.txt", "CRITICAL"),
    ] {
        let ran = box_.run(&["scan", "a", "-r", name]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{name}: {ran:#?}");
        assert!(box_.read(name).starts_with(start), "{name}: {}", box_.read(name));
    }
    // A format that was named counts for more than the file's name.
    box_.run(&["scan", "a", "-r", "r.json", "-f", "text"]);
    assert!(box_.read("r.json").starts_with("CRITICAL"));
    let ran = box_.run(&["scan", "a", "-r", "-", "-f", "jsonl"]);
    assert!(ran.out.starts_with("{\"schema\""));
    let left: Vec<_> = std::fs::read_dir(&box_).unwrap().flatten().map(|e| e.file_name()).collect();
    assert_eq!(left.len(), 7, "{left:?}");
}

#[test]
fn a_failed_run_leaves_the_last_report() {
    let box_ = planted();
    box_.write("r.json", "last");
    assert_eq!(box_.run(&["scan", "no-such", "-r", "r.json"]).code, Some(2));
    assert_eq!(box_.read("r.json"), "last");
}

#[test]
fn a_closed_pipe_ends_quietly_with_the_right_code() {
    let box_ = Sandbox::new();
    let many: String = (0..2000).map(|seed| pair(seed).env() + &"\n".repeat(30)).collect();
    box_.write("many.env", many);
    for format in ["text", "json", "jsonl", "sarif"] {
        let mut command = box_.command(&["scan", "many.env", "-q", "-f", format]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        out.read_exact(&mut [0; 10]).unwrap();
        drop(out);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{format}: {output:?}");
        assert!(output.stderr.is_empty(), "{format}: {output:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    let box_ = planted();
    for format in ["text", "json", "jsonl", "sarif"] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = box_.command(&["scan", ".", "-f", format]).stdout(full).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{format}: {err}");
        assert!(err.contains("standard output: no space left on device"), "{format}: {err}");

        let ran = box_.run(&["scan", ".", "-f", format, "-r", "/dev/full"]);
        assert_eq!(ran.code, Some(2), "{format}: {ran:#?}");
        assert!(ran.err.contains("/dev/full: no space left"), "{format}: {ran:#?}");
    }
    // What is no file is written to, not replaced.
    assert_eq!(box_.run(&["scan", ".", "-r", "/dev/null"]).code, Some(1));
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let box_ = planted();
    let colours = |args: &[&str], no_color: bool| {
        let mut command = box_.command(&[&["scan", "a"], args].concat());
        if no_color {
            command.env("NO_COLOR", "1");
        }
        let output = command.output().unwrap();
        (output.stdout.contains(&0x1b), output.stderr.contains(&0x1b))
    };
    assert_eq!(colours(&[], false), (false, false));
    assert_eq!(colours(&["--color", "always"], false), (true, true));
    assert_eq!(colours(&["--color", "always"], true), (true, true));
    assert_eq!(colours(&["--color", "always", "--no-color"], false), (false, false));
    assert!(!colours(&["--color", "always", "-f", "json"], false).0);
}

#[test]
fn quiet_says_only_what_was_found() {
    let box_ = planted();
    let ran = box_.run(&["scan", ".", "-q"]);
    assert!(ran.out.starts_with("CRITICAL") && ran.err.is_empty(), "{ran:#?}");
}
