//! How soon something is told, and to whom.

use std::time::{Duration, Instant};

use leaksieve_tests::draw::Draw;

use crate::logs::{connection, pair};
use crate::program::{Ended, Place};

/// A tenth of it would do on a machine that does nothing else.
const SOON: Duration = Duration::from_secs(5);

#[test]
fn what_is_written_is_told_at_once() {
    let (place, mut draw) = (Place::new(), Draw::new(1));
    place.write("app.log", "a line that was there\n");
    let (program, mut heard) = place.heard(&["app.log", "-f", "jsonl", "--from-start", "-q"]);
    // Only one that has begun can be prompt.
    let first = connection(&mut draw);
    place.append("app.log", format!("{}\n", first.entries[0]));
    assert!(heard.next().unwrap().to_string().contains(&first.token));
    let mut slowest = Duration::ZERO;
    for _ in 0..8 {
        let leak = connection(&mut draw);
        let written = Instant::now();
        place.append("app.log", format!("{}\n", leak.entries[0]));
        let event = heard.next().unwrap();
        slowest = slowest.max(written.elapsed());
        assert_eq!((&event["event"], &event["path"]), (&"found".into(), &"app.log".into()));
        assert!(event.to_string().contains(&leak.token), "{event}");
    }
    assert!(slowest < SOON, "{slowest:?}");
    println!("the slowest came after {slowest:?}");
    assert_eq!(program.stop(), Ended::with(1));
    assert_eq!(heard.next(), None);
    assert_eq!(place.read("err"), "");
}

#[test]
fn a_leak_is_told_of_again_when_its_other_half_comes() {
    let (place, mut draw) = (Place::new(), Draw::new(2));
    let leak = pair(&mut draw);
    let (id, rest) = leak.entries.split_first().unwrap();
    let (program, mut heard) = place.heard(&["app.log", "-f", "jsonl", "-q", "--metrics=metrics"]);
    // What is there before is not read.
    place.await_text("metrics", "leaksieve_followed_files 0\n");
    place.append("app.log", format!("{id}\n"));
    let found = heard.next().unwrap();
    assert_eq!(
        (&found["event"], &found["detector"]),
        (&"found".into(), &"aws-access-key-id".into())
    );
    place.append("app.log", format!("{}\n", rest.join("\n")));
    let amended = heard.next().unwrap();
    assert_eq!((&amended["event"], &amended["id"]), (&"amended".into(), &found["id"]));
    assert_eq!(amended["detector"], leak.detector);
    assert_eq!(program.stop(), Ended::with(1));
}

#[test]
fn what_was_there_is_not_told_unless_it_is_asked_for() {
    let (place, mut draw) = (Place::new(), Draw::new(3));
    let (old, new) = (connection(&mut draw), connection(&mut draw));
    place.write("app.log", format!("{}\n", old.entries[0]));
    let (program, mut heard) = place.heard(&["app.log", "-f", "jsonl", "--metrics=metrics"]);
    place.await_text("metrics", "leaksieve_followed_files 1\n");
    place.append("app.log", format!("{}\n", new.entries[0]));
    let event = heard.next().unwrap();
    assert!(event.to_string().contains(&new.token), "{event}");
    assert_eq!(event["line"], 2);
    assert_eq!(program.stop(), Ended::with(1));
    assert_eq!(heard.next(), None);
    let said = place.read("err");
    assert!(said.starts_with("leaksieve: 1 secret in 1 lines, "), "{said}");
}

#[test]
fn whoever_reads_no_more_ends_it_quietly() {
    let (place, mut draw) = (Place::new(), Draw::new(4));
    place.write("app.log", format!("{}\n", connection(&mut draw).entries[0]));
    let args = ["app.log", "-f", "jsonl", "--from-start", "--checkpoint=checkpoint", "-q"];
    let (program, mut heard) = place.heard(&args);
    assert!(heard.next().is_some());
    drop(heard);
    place.append("app.log", format!("{}\n", connection(&mut draw).entries[0]));
    assert_eq!(program.end(), Ended::with(1));
    assert_eq!(place.read("err"), "");
}

#[test]
fn what_is_rotated_and_packed_within_a_moment_is_read_once() {
    let place = Place::new();
    place.write("app.log", "one\n");
    let program = place.follow(&["app.log", "--from-start", "--metrics=metrics"]);
    place.await_text("metrics", "leaksieve_lines_total 1\n");
    for (number, line) in [(1, "two\n"), (2, "three\n")] {
        let rotated = format!("app.log.{number}");
        std::fs::rename(place.path("app.log"), place.path(&rotated)).unwrap();
        place.write("app.log", line);
        let gzip = std::process::Command::new("gzip").arg(place.path(&rotated)).status();
        assert!(gzip.unwrap().success());
    }
    place.await_text("metrics", "leaksieve_lines_total 3\n");
    assert_eq!(program.stop(), Ended::with(0));
    assert!(place.read("err").contains("in 3 lines"), "{}", place.read("err"));
}
