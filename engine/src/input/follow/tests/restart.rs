//! What a next follower finds after the last one.

use std::fs::{self, File};
use std::time::Duration;

use super::super::{End, Start};
use super::harness::{Scene, options};
use crate::ledger::SkipKind;

/// A follower that has read `one` and is no more.
fn paused(pattern: &str, reads_on: bool) -> Scene {
    let mut scene = Scene::empty();
    scene.append("app.log", "one\n");
    scene.follow(&[pattern], options().start(Start::Beginning));
    scene.until_text("one\n");
    scene.pause(reads_on);
    scene
}

fn step() {
    // So that the order in which files were written shows.
    std::thread::sleep(Duration::from_millis(5));
}

#[test]
fn reading_goes_on_where_it_stopped() {
    for reads_on in [false, true] {
        let mut scene = paused("app.log", reads_on);
        scene.append("app.log", "two\n");
        scene.go_on();
        scene.until_text("two\n");
        assert_eq!(scene.told.records[0].offset, 4);
        scene.append("app.log", "three\n");
        scene.until_text("two\nthree\n");
    }
}

#[test]
fn reading_may_begin_earlier() {
    let mut scene = paused("app.log", true);
    scene.memory = scene.told.resumed();
    scene.memory[0].offset = 2;
    scene.told = Default::default();
    scene.go_on();
    scene.until_text("e\n");
}

#[test]
fn what_was_rotated_meanwhile_is_read() {
    for pattern in ["app.log", "*"] {
        let mut scene = paused(pattern, true);
        scene.append("app.log", "two\n");
        scene.rename("app.log", "app.log.1");
        step();
        scene.append("app.log", "three\n");
        step();
        scene.rename("app.log.1", "app.log.2");
        scene.rename("app.log", "app.log.1");
        scene.append("app.log", "four\n");
        scene.go_on();
        let text = "two\nthree\nfour\n";
        scene.until(|told| told.text().len() >= text.len());
        if pattern == "app.log" {
            assert_eq!(scene.text(), text);
        } else {
            let mut lines: Vec<_> = scene.text().lines().map(str::to_owned).collect();
            lines.sort();
            assert_eq!(lines, ["four", "three", "two"]);
        }
        scene.turns();
        assert_eq!(scene.text().len(), text.len());
        // Nothing of that is read once more.
        scene.pause(true);
        scene.go_on();
        scene.turns();
        assert_eq!(scene.text(), "");
        assert_eq!(scene.told.skipped, []);
    }
}

#[test]
fn what_was_compressed_meanwhile_is_read() {
    for pattern in ["app.log", "*"] {
        let mut scene = paused(pattern, true);
        scene.append("app.log", "two\n");
        scene.gzip("app.log", "app.log.1.gz");
        step();
        scene.append("app.log", "three\n");
        scene.go_on();
        scene.until(|told| told.text().len() >= 10);
        let mut lines: Vec<_> = scene.text().lines().map(str::to_owned).collect();
        lines.sort();
        assert_eq!(lines, ["three", "two"]);
        scene.turns();
        assert_eq!(scene.text().len(), 10);
        scene.pause(true);
        scene.rename("app.log.1.gz", "app.log.2.gz");
        scene.go_on();
        scene.turns();
        assert_eq!(scene.text(), "");
    }
}

#[test]
fn what_was_copied_and_truncated_meanwhile_is_read() {
    let mut scene = paused("app.log", true);
    scene.append("app.log", "two\n");
    fs::copy(scene.path("app.log"), scene.path("app.log.1")).unwrap();
    scene.write("app.log", b"three\n");
    scene.go_on();
    scene.until_text("two\nthree\n");
    scene.turns();
    assert_eq!(scene.text(), "two\nthree\n");
}

#[test]
fn what_was_truncated_meanwhile_begins_anew_and_is_told_as_lost() {
    let mut scene = paused("app.log", true);
    scene.write("app.log", b"2\n");
    scene.go_on();
    scene.until_text("2\n");
    assert_eq!(scene.told.ends(), [Some(End::Removed), None]);
    assert_eq!(scene.told.skipped, [(scene.path("app.log"), SkipKind::Vanished)]);
}

#[test]
fn what_was_rotated_before_the_first_run_is_never_read() {
    let mut scene = Scene::empty();
    scene.append("app.log.2", "old\n");
    scene.gzip("app.log.2", "app.log.2.gz");
    scene.append("app.log.1", "older\n");
    scene.append("app.log", "one\n");
    scene.follow(&["app.log"], options().start(Start::Beginning));
    scene.until_text("one\n");
    assert_eq!(scene.follower().finished().count(), 2);
    scene.rename("app.log.2.gz", "app.log.3.gz");
    scene.gzip("app.log.1", "app.log.2.gz");
    scene.rename("app.log", "app.log.1");
    scene.append("app.log", "two\n");
    scene.until_text("one\ntwo\n");
    scene.pause(false);
    scene.rename("app.log.3.gz", "app.log.4.gz");
    scene.append("app.log", "three\n");
    scene.go_on();
    scene.until_text("three\n");
    scene.turns();
    assert_eq!(scene.text(), "three\n");
}

#[test]
fn files_that_appeared_meanwhile_are_read_from_their_beginning() {
    let mut scene = Scene::empty();
    scene.append("a.log", "one\n");
    scene.follow(&["*.log"], options());
    scene.turns();
    scene.pause(true);
    scene.append("b.log", "two\n");
    scene.go_on();
    scene.until_text("two\n");
}

#[test]
fn a_file_that_is_gone_is_told() {
    let mut scene = paused("app.log", true);
    scene.remove("app.log");
    scene.go_on();
    scene.turns();
    assert_eq!(scene.told.ends(), [Some(End::Removed)]);
    assert_eq!(scene.told.skipped, [(scene.path("app.log"), SkipKind::Vanished)]);
    // It is not looked for for ever.
    scene.pause(true);
    scene.go_on();
    scene.turns();
    assert_eq!(scene.told.records.len(), 0);
}

#[test]
fn a_compressed_file_is_read_on_in_its_middle() {
    let mut scene = Scene::empty();
    let text = (0..5000).map(|i| format!("line {i}\n")).collect::<String>();
    scene.append("app.log", &text);
    scene.gzip("app.log", "app.log.gz");
    scene.follow(&["*.gz"], options().start(Start::Beginning).read_at_once(10_000));
    scene.turn(Duration::ZERO);
    let first = scene.text();
    assert!(!first.is_empty() && first.len() < text.len());
    scene.pause(false);
    scene.go_on();
    let rest = &text[first.len()..];
    scene.until_text(rest);
}

#[test]
fn a_write_in_the_grace_is_not_lost_over_a_restart() {
    let mut scene = Scene::empty();
    scene.append("app.log", "one\n");
    scene.follow(&["app.log"], options().start(Start::Beginning));
    scene.until_text("one\n");
    scene.rename("app.log", "app.log.1");
    scene.append("app.log", "two\n");
    scene.until(|told| told.ends() == [Some(End::Rotated), None]);
    scene.pause(true);
    let mut late = File::options().append(true).open(scene.path("app.log.1")).unwrap();
    std::io::Write::write_all(&mut late, b"late\n").unwrap();
    scene.go_on();
    scene.until_text("late\n");
}
