//! What is heard of a stream while it goes on, and what is left of it.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::sandbox::{Ran, Sandbox, pair};

fn spawn(box_: &Sandbox, args: &[&str]) -> Child {
    let mut command = box_.command(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn next(lines: &mut impl BufRead) -> Value {
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap()
}

#[test]
fn a_slow_stream_is_told_of_line_by_line() {
    let box_ = Sandbox::new();
    let leak = pair(1);
    let mut child = spawn(&box_, &["stdin", "-f", "jsonl"]);
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    writeln!(input, "id {}", leak.id).unwrap();
    let found = next(&mut output);
    assert_eq!(
        (&found["event"], &found["detector"]),
        (&"found".into(), &"aws-access-key-id".into())
    );
    writeln!(input, "secret key {}", leak.secret).unwrap();
    let amended = next(&mut output);
    assert_eq!((&amended["event"], &amended["id"]), (&"amended".into(), &found["id"]));
    assert_eq!(amended["detector"], "aws-access-key");
    for _ in 0..3 {
        // Far apart, so that they are no parts of each other.
        input.write_all("a line of no interest\n".repeat(1000).as_bytes()).unwrap();
        input.write_all(leak.env().as_bytes()).unwrap();
    }
    drop(input);
    let again = next(&mut output);
    assert_eq!((&again["event"], &again["id"]), (&"again".into(), &found["id"]));
    assert_eq!((&again["count"], &again["line"]), (&4.into(), &3008.into()));
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn whoever_stops_reading_ends_the_scan() {
    let box_ = Sandbox::new();
    let mut child = spawn(&box_, &["stdin", "-q"]);
    let mut input = child.stdin.take().unwrap();
    drop(child.stdout.take());
    let start = Instant::now();
    let mut seed = 0;
    while child.try_wait().unwrap().is_none() {
        assert!(start.elapsed() < Duration::from_secs(60), "it still reads");
        seed += 1;
        // It ends in the middle of this.
        let _ = writeln!(input, "{}", pair(seed).env());
        std::thread::sleep(Duration::from_millis(5));
    }
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""));
}

#[test]
fn a_filter_replaces_secrets_and_nothing_else() {
    let box_ = Sandbox::new();
    let leak = pair(2);
    let text = format!("a\r\n\u{e9}\0{}\n{} no newline", leak.env(), "x".repeat(70_000));
    let ran = box_.feed(&["filter", "--report", "report.jsonl"], text.as_bytes());
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    assert!(!ran.out.contains(&leak.secret));
    let marker = ran.out.split("SECRET_ACCESS_KEY=").nth(1).unwrap().lines().next().unwrap();
    assert!(
        marker.starts_with("[leaksieve:aws-access-key:b3:") && marker.ends_with(']'),
        "{marker}"
    );
    assert_eq!(ran.out.replace(marker, &leak.secret), text);
    let report: Value =
        serde_json::from_str(box_.read("report.jsonl").lines().next().unwrap()).unwrap();
    assert_eq!(
        marker,
        format!("[leaksieve:aws-access-key:{}]", report["fingerprint"].as_str().unwrap())
    );
    let ran = box_.feed(&["filter", "--exit-code", "1"], text.as_bytes());
    assert_eq!(ran.code, Some(1));
    assert_eq!(box_.feed(&["filter", "--exit-code", "1"], b"nothing").code, Some(0));
}

#[test]
fn a_filter_passes_lines_on_while_the_stream_pauses() {
    let box_ = Sandbox::new();
    let mut child = spawn(&box_, &["filter", "-q"]);
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    for line in ["one\n", "redis://x:vT7Pj2xLq9WzR4aK@db.shopfabrik.dev:6379/0\n", "two\n"] {
        input.write_all(line.as_bytes()).unwrap();
        let mut passed = String::new();
        output.read_line(&mut passed).unwrap();
        assert_eq!(passed.contains("[leaksieve:database-uri:"), line.contains("redis"), "{passed}");
        assert!(!passed.contains("vT7Pj2xLq9WzR4aK"));
    }
    // Whoever reads no more ends it quietly.
    drop(output);
    while input.write_all(b"three\n").is_ok() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
}

#[test]
fn a_filter_that_cannot_write_its_report_says_so() {
    let box_ = Sandbox::new();
    let ran = box_.feed(&["filter", "--report", "no/such/place"], b"text");
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("no/such/place"), "{}", ran.err);
    if cfg!(target_os = "linux") {
        let leak = pair(3).env();
        let ran = box_.feed(&["filter", "--report", "/dev/full"], leak.as_bytes());
        assert_eq!(ran.code, Some(2));
        assert!(ran.err.contains("/dev/full") && ran.out.contains("[leaksieve:"), "{ran:#?}");
    }
}

#[test]
fn numbers_of_a_pipe_are_told() {
    let box_ = Sandbox::new();
    let leak = pair(4).env();
    let text = format!("{leak}nothing\n");
    for verb in ["filter", "stdin"] {
        box_.feed(&[verb, "-q", "--metrics", "metrics"], text.as_bytes());
        let told = box_.read("metrics");
        for number in [
            format!("leaksieve_bytes_total {}", text.len()),
            "leaksieve_findings_total{detector=\"aws-access-key\"} 1".to_owned(),
        ] {
            assert!(told.lines().any(|line| line == number), "{verb}: {told}");
        }
        let is_told = told.contains(&format!("\nleaksieve_lines_total {}\n", text.lines().count()));
        assert_eq!(is_told, verb == "filter", "{told}");
    }
    let mut child = spawn(&box_, &["filter", "-q", "--metrics", "in/no/such/place"]);
    drop(child.stdin.take());
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(0));
    assert_eq!(ran.err.matches("in/no/such/place").count(), 1, "{}", ran.err);
}

#[test]
fn the_limits_of_a_filter_are_told() {
    let ran = Sandbox::new().run(&["filter", "--explain-limits"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.out.contains("private-key") && !ran.out.contains("database-uri"), "{}", ran.out);
}
