//! The follower against real files: what is written must be handed on, once.

mod harness;
mod random;
mod restart;
mod rotation;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::{Duration, Instant};

use super::{End, Start};
use crate::ledger::SkipKind;
use harness::{Scene, options};

#[test]
fn what_is_appended_is_handed_on() {
    let mut scene = Scene::empty();
    scene.append("app.log", "old\n");
    scene.follow(&["app.log"], options());
    scene.turns();
    assert_eq!(scene.text(), "");
    scene.append("app.log", "one\n");
    scene.until_text("one\n");
    scene.append("app.log", "two\n");
    scene.until_text("one\ntwo\n");
    assert_eq!(scene.told.records[0].offset, 4);
    assert_eq!(scene.follower().lag(), 0);
    scene.stop();
    assert_eq!(scene.told.ends(), [Some(End::Stopped)]);
}

#[test]
fn existing_files_are_read_from_their_beginning_if_wanted() {
    let mut scene = Scene::empty();
    scene.append("app.log", "old\n");
    scene.follow(&["app.log"], options().start(Start::Beginning));
    scene.until_text("old\n");
}

#[test]
fn a_write_is_handed_on_at_once() {
    let mut scene = Scene::empty();
    scene.append("app.log", "");
    scene.follow(&["app.log"], options());
    scene.turns();
    let mut longest = Duration::ZERO;
    for i in 0..10 {
        let line = format!("line {i}\n");
        scene.append("app.log", &line);
        let written = Instant::now();
        scene.until(|told| told.text().ends_with(&line));
        longest = longest.max(written.elapsed());
    }
    // Far below the interval at which everything is looked at.
    assert!(longest < Duration::from_millis(500), "{longest:?}");
}

#[test]
fn without_the_systems_help_everything_is_looked_at() {
    let mut scene = Scene::empty();
    scene.follow(&["*.log"], options().watches(false).poll(Duration::from_millis(10)));
    scene.turns();
    scene.append("app.log", "one\n");
    scene.until_text("one\n");
    scene.rename("app.log", "app.log.1");
    scene.append("app.log", "two\n");
    scene.until_text("one\ntwo\n");
}

#[test]
fn files_and_directories_may_appear_later() {
    let mut scene = Scene::empty();
    scene.follow(&["a/b/app.log", "c/**/*.log", "d/*/x.log"], options());
    scene.turns();
    fs::create_dir_all(scene.path("a/b")).unwrap();
    scene.append("a/b/app.log", "one\n");
    scene.until_text("one\n");
    fs::create_dir_all(scene.path("c/d/e")).unwrap();
    scene.append("c/d/e/other.log", "two\n");
    scene.until_text("one\ntwo\n");
    fs::create_dir_all(scene.path("d/1")).unwrap();
    scene.append("d/1/x.log", "three\n");
    scene.until_text("one\ntwo\nthree\n");
    // The directory as a whole is replaced.
    scene.rename("a/b", "a/old");
    fs::create_dir_all(scene.path("a/b")).unwrap();
    scene.append("a/b/app.log", "four\n");
    scene.until_text("one\ntwo\nthree\nfour\n");
    scene.append("a/b/app.log", "five\n");
    scene.until_text("one\ntwo\nthree\nfour\nfive\n");
}

#[test]
fn globs_find_new_files() {
    let mut scene = Scene::empty();
    scene.append("old.log", "old\n");
    scene.follow(&["*.log"], options());
    scene.turns();
    for name in ["a.log", "b.log", "c.txt", ".hidden.log"] {
        scene.append(name, &format!("{name}\n"));
    }
    scene.until(|told| told.records.len() == 3 && told.text().len() == 12);
    scene.append("old.log", "more\n");
    scene.until(|told| told.text().contains("more\n"));
    let mut paths: Vec<_> = scene.told.records.iter().map(|r| r.path.clone()).collect();
    paths.sort();
    assert_eq!(paths, ["a.log", "b.log", "old.log"].map(|name| scene.path(name)));
}

#[test]
fn a_removed_file_ends_and_may_come_again() {
    let mut scene = Scene::empty();
    scene.append("app.log", "one\n");
    scene.follow(&["app.log"], options().start(Start::Beginning));
    scene.until_text("one\n");
    fs::remove_file(scene.path("app.log")).unwrap();
    scene.until(|told| told.ends() == [Some(End::Removed)]);
    scene.append("app.log", "two\n");
    scene.until_text("one\ntwo\n");
    assert_eq!(scene.told.ends(), [Some(End::Removed), None]);
}

#[test]
fn links_are_followed_and_two_names_are_one_stream() {
    let mut scene = Scene::empty();
    fs::create_dir_all(scene.path("pods/x")).unwrap();
    fs::create_dir_all(scene.path("links")).unwrap();
    scene.append("pods/x/0.log", "one\n");
    symlink(scene.path("pods/x/0.log"), scene.path("middle.link")).unwrap();
    symlink(scene.path("middle.link"), scene.path("links/x.log")).unwrap();
    symlink(scene.path("pods/x/0.log"), scene.path("links/y.log")).unwrap();
    scene.follow(&["links/*.log"], options().start(Start::Beginning));
    scene.until_text("one\n");
    scene.append("pods/x/0.log", "two\n");
    scene.until_text("one\ntwo\n");
    assert_eq!(scene.told.records.len(), 1);
    assert_eq!(scene.told.records[0].path, scene.path("links/x.log"));
    // Rotated as the kubelet does, where the file really stands.
    scene.rename("pods/x/0.log", "pods/x/0.log.20261123-080000");
    scene.append("pods/x/0.log", "three\n");
    scene.until_text("one\ntwo\nthree\n");
    // The link leads elsewhere.
    scene.append("pods/x/1.log", "four\n");
    fs::remove_file(scene.path("links/x.log")).unwrap();
    fs::remove_file(scene.path("links/y.log")).unwrap();
    symlink(scene.path("pods/x/1.log"), scene.path("links/x.log")).unwrap();
    scene.until_text("one\ntwo\nthree\nfour\n");
}

#[test]
fn what_is_no_file_holds_nothing_up() {
    let mut scene = Scene::empty();
    scene.append("app.log", "one\n");
    scene.follow(&["app.log", "dir.log", "sock.log"], options().start(Start::Beginning));
    fs::create_dir(scene.path("dir.log")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(scene.path("sock.log")).unwrap();
    scene.until_text("one\n");
    fs::remove_file(scene.path("app.log")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(scene.path("app.log")).status();
    assert!(made.unwrap().success());
    scene.until(|told| told.skipped.len() == 3);
    scene.turns();
    let special: Vec<_> = scene.told.skipped.iter().map(|(_, kind)| *kind).collect();
    assert_eq!(special, [SkipKind::SpecialFile; 3]);
    scene.until(|told| told.ends() == [Some(End::Rotated)]);
    fs::remove_file(scene.path("app.log")).unwrap();
    scene.append("app.log", "two\n");
    scene.until_text("one\ntwo\n");
}

#[test]
fn what_may_not_be_read_is_told_once() {
    let mut scene = Scene::empty();
    scene.append("app.log", "one\n");
    let allow = |scene: &Scene, mode| {
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(scene.path("app.log"), permissions).unwrap();
    };
    allow(&scene, 0);
    if fs::File::open(scene.path("app.log")).is_ok() {
        // Whoever may read everything cannot try this.
        return;
    }
    scene.follow(&["app.log"], options().start(Start::Beginning));
    scene.turns();
    scene.turns();
    let path = scene.path("app.log");
    assert_eq!(scene.told.skipped, [(path, SkipKind::NoPermission)]);
    allow(&scene, 0o644);
    scene.until_text("one\n");
}

#[test]
fn no_more_is_read_in_a_turn_than_is_allowed() {
    let mut scene = Scene::empty();
    scene.append("a.log", &"a".repeat(10_000));
    scene.append("b.log", "b\n");
    let options = options().start(Start::Beginning).read_at_once(1000);
    scene.follow(&["*.log"], options);
    scene.turn(Duration::from_millis(100));
    assert_eq!(scene.told.text().len(), 1002);
    assert_eq!(scene.follower().lag(), 9000);
    scene.until(|told| told.text().len() == 10_002);
}

#[test]
fn waking_ends_a_turn() {
    let mut scene = Scene::empty();
    scene.follow(&["app.log"], options());
    scene.turns();
    let waker = scene.follower().waker();
    let thread = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(30));
        waker.wake();
    });
    let began = Instant::now();
    scene.turn(Duration::from_secs(60));
    assert!(began.elapsed() < Duration::from_secs(30));
    thread.join().unwrap();
}

#[test]
fn few_handles_are_enough() {
    let mut scene = Scene::empty();
    let names: Vec<String> = (0..40).map(|i| format!("{i:02}.log")).collect();
    for name in &names {
        scene.append(name, "x");
    }
    scene.follow(&["*.log"], options().handles(4));
    scene.turns();
    for round in 0..3 {
        for name in &names {
            scene.append(name, &format!("{name} {round}\n"));
        }
        let lines = names.len() * (round + 1);
        scene.until(|told| told.text().lines().count() == lines);
    }
    let follower = scene.follower();
    assert!(follower.handles <= 4 + 1, "{}", follower.handles);
    // Rotated while they are closed.
    for name in &names {
        scene.append(name, "last\n");
        scene.rename(name, &format!("{name}.1"));
        scene.append(name, "first\n");
    }
    scene.until(|told| {
        told.text().matches("last\n").count() == 40 && told.text().matches("first\n").count() == 40
    });
    assert_eq!(scene.told.skipped, []);
}

#[test]
fn idle_files_cost_nothing() {
    let mut scene = Scene::empty();
    for i in 0..1000 {
        scene.append(&format!("{i}.log"), "x\n");
    }
    scene.follow(&["*.log"], options());
    scene.turns();
    let began = Instant::now();
    assert!(!scene.turn(Duration::from_millis(300)));
    assert!(began.elapsed() >= Duration::from_millis(290));
}
