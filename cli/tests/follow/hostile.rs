//! What goes wrong around it, and what logs hold that no program should log.

use std::process::Command;
use std::time::Duration;

use leaksieve_tests::draw::Draw;

use crate::logs::{Leak, connection};
use crate::program::{Ended, Place};

/// Runs what is to end by itself, and does.
fn run(place: &Place, args: &[&str]) -> (Ended, String) {
    let program = place.follow(args);
    let ended = program.end();
    (ended, place.read("err"))
}

fn leak(seed: u64) -> Leak {
    connection(&mut Draw::new(seed))
}

#[test]
fn a_damaged_checkpoint_is_told_and_left_as_it_is() {
    let place = Place::new();
    place.write("app.log", format!("{}\n", leak(1).entries[0]));
    let args = ["app.log", "--from-start", "--checkpoint=where/it/was", "--report=report.jsonl"];
    std::fs::create_dir_all(place.path("where/it")).unwrap();
    let program = place.follow(&args);
    place.await_text("report.jsonl", "\n");
    assert_eq!(program.stop(), Ended::with(1));
    let report = place.read("report.jsonl");
    let whole = place.read("where/it/was").into_bytes();
    let (mut flipped, mut last) = (whole.clone(), whole.clone());
    flipped[whole.len() / 3] ^= 1;
    *last.last_mut().unwrap() = b' ';
    let half = whole[..whole.len() / 2].to_vec();
    let twice = [&whole[..], &whole].concat();
    for damaged in [Vec::new(), half, flipped, last, twice, b"\n".to_vec(), vec![0; 4096]] {
        place.write("where/it/was", &damaged);
        place.write("err", "");
        let (ended, said) = run(&place, &args);
        assert_eq!(ended, Ended::with(2), "{said}");
        let (message, hint) = said.trim_end().split_once('\n').unwrap();
        assert!(message.starts_with("leaksieve: where/it/was is no checkpoint"), "{said}");
        assert!(hint.starts_with("  hint: "), "{said}");
        assert_eq!(std::fs::read(place.path("where/it/was")).unwrap(), damaged);
        assert_eq!(place.read("report.jsonl"), report);
    }
    place.write("where/it/was", &whole);
    place.write("err", "");
    let program = place.follow(&[&args[..], &["--metrics=metrics"]].concat());
    place.await_text("metrics", "leaksieve_followed_files 1\n");
    assert_eq!(program.stop(), Ended::with(0));
    assert_eq!(place.read("report.jsonl"), report);
}

#[test]
fn a_checkpoint_that_cannot_be_is_told_at_once() {
    let place = Place::new();
    place.write("app.log", "a line\n");
    std::fs::create_dir(place.path("directory")).unwrap();
    for checkpoint in ["no/such/place", "app.log/below", "directory"] {
        place.write("err", "");
        let (ended, said) = run(&place, &["app.log", "--checkpoint", checkpoint]);
        assert_eq!(ended, Ended::with(2), "{checkpoint}: {said}");
        assert!(said.starts_with(&format!("leaksieve: {checkpoint}")), "{said}");
    }
}

#[test]
fn a_report_that_cannot_be_written_is_told() {
    let place = Place::new();
    place.write("app.log", format!("{}\n", leak(2).entries[0]));
    for report in ["no/such/place", "."] {
        place.write("err", "");
        let (ended, said) = run(&place, &["app.log", "--from-start", "--report", report]);
        assert_eq!(ended, Ended::with(2), "{report}: {said}");
        assert!(said.starts_with(&format!("leaksieve: {report}: ")), "{said}");
    }
    if cfg!(target_os = "linux") {
        for args in [&["--checkpoint=checkpoint"][..], &[]] {
            place.write("err", "");
            let full = ["app.log", "--from-start", "--report=/dev/full"];
            let (ended, said) = run(&place, &[&full[..], args].concat());
            assert_eq!(ended, Ended::with(2), "{said}");
            assert!(said.contains("/dev/full: no space left on device\n  hint: "), "{said}");
            assert!(!said.contains("panicked"), "{said}");
        }
        // What was not told is not taken for told.
        let args = ["app.log", "--from-start", "--checkpoint=checkpoint", "--report=report.jsonl"];
        let program = place.follow(&args);
        place.await_text("report.jsonl", &leak(2).token);
        assert_eq!(program.stop(), Ended::with(1));
    }
}

#[test]
fn what_is_no_file_is_named_and_the_rest_followed() {
    let place = Place::new();
    std::fs::create_dir(place.path("directory.log")).unwrap();
    assert!(Command::new("mkfifo").arg(place.path("pipe.log")).status().unwrap().success());
    place.write("app.log", "a line\n");
    let paths = ["directory.log", "pipe.log", "app.log", "/dev/zero"];
    let program = place.follow(&[&paths[..], &["--metrics=metrics", "-q"]].concat());
    place.await_text("metrics", "leaksieve_followed_files 1\n");
    assert_eq!(program.stop(), Ended::with(3));
    let said = place.read("err");
    for path in ["directory.log", "pipe.log", "/dev/zero"] {
        assert!(said.contains(&format!("leaksieve: {path}: ")), "{said}");
    }
    assert_eq!(said.lines().count(), 3, "{said}");
}

#[test]
fn a_directory_that_may_not_be_read_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let closed = place.path("closed");
    std::fs::create_dir(&closed).unwrap();
    place.write("closed/app.log", "a line\n");
    place.write("app.log", "a line\n");
    std::fs::set_permissions(&closed, PermissionsExt::from_mode(0o000)).unwrap();
    let open = || std::fs::set_permissions(&closed, PermissionsExt::from_mode(0o755)).unwrap();
    if std::fs::read_dir(&closed).is_ok() {
        // Root may read everything.
        open();
        return;
    }
    let program = place.follow(&["closed/*.log", "closed/app.log", "app.log", "--metrics=metrics"]);
    place.await_text("metrics", "leaksieve_followed_files 1\n");
    let ended = program.stop();
    open();
    assert_eq!(ended, Ended::with(3));
    assert!(place.read("err").contains("leaksieve: closed"), "{}", place.read("err"));
}

#[test]
fn a_file_that_is_not_there_yet_is_waited_for() {
    let place = Place::new();
    let args = ["later/app.log", "*.late", "--report=report.jsonl", "--metrics=metrics"];
    let program = place.follow(&args);
    place.await_text("metrics", "leaksieve_followed_files 0\n");
    std::fs::create_dir(place.path("later")).unwrap();
    let (named, matched) = (leak(3), leak(4));
    place.write("later/app.log", format!("{}\n", named.entries[0]));
    place.write("a.late", format!("{}\n", matched.entries[0]));
    place.await_text("report.jsonl", &named.token);
    place.await_text("report.jsonl", &matched.token);
    assert_eq!(program.stop(), Ended::with(1));
    let said = place.read("err");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn who_is_asked_to_end_at_once_ends() {
    let place = Place::new();
    place.write("app.log", format!("{}\n", leak(5).entries[0]));
    let args = ["app.log", "--from-start", "--checkpoint=checkpoint", "--report=report.jsonl"];
    for wait in [0, 1, 3, 10, 30, 100, 300] {
        let program = place.follow(&args);
        std::thread::sleep(Duration::from_millis(wait));
        let ended = program.stop();
        // Nobody may listen yet.
        let is_fine = matches!(ended.code, Some(0 | 1)) || ended.signal == Some(15);
        assert!(is_fine, "after {wait} ms: {ended:?} {}", place.read("err"));
    }
    assert!(!place.read("err").contains("panicked"), "{}", place.read("err"));
    // Whatever was left of them.
    let program = place.follow(&[&args[..], &["--metrics=metrics"]].concat());
    place.await_text("metrics", "leaksieve_followed_files 1\n");
    place.await_text("report.jsonl", &leak(5).token);
    let ended = program.stop();
    assert!(matches!(ended.code, Some(0 | 1)), "{ended:?}");
    let report = place.read("report.jsonl");
    assert_eq!(report.matches("\"event\":\"found\"").count(), 1, "{report}");
}

/// Text of all kinds without a line end, and how much memory that takes.
#[cfg(target_os = "linux")]
#[test]
fn lines_without_end_take_bounded_memory() {
    const MIB: usize = 1 << 20;
    let place = Place::new();
    let args = ["app.log", "--from-start", "--report=report.jsonl", "--checkpoint=checkpoint"];
    let mut draw = Draw::new(6);
    let noise = draw.bytes(MIB);
    let base64 =
        draw.word(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", MIB);
    let kinds: [(&str, &[u8], &[u8]); 6] = [
        ("letters", b"", &[b'a'; 4096]),
        ("base64", b"", base64.as_bytes()),
        ("zeros", b"", &[0; 4096]),
        ("noise", b"", &noise),
        ("json", b"{\"msg\":\"first\"}\n{\"msg\":\"", b"all of it in one string "),
        ("cri", b"", b"2026-11-23T09:00:00.000000001Z stdout P never ended, never at all\n"),
    ];
    for (kind, head, body) in kinds {
        for name in ["app.log", "report.jsonl", "checkpoint", "err"] {
            let _ = std::fs::remove_file(place.path(name));
        }
        place.append("app.log", head);
        let program = place.follow(&args);
        let block = body.repeat(MIB / body.len());
        for _ in 0..64 {
            place.append("app.log", &block);
        }
        let leak = connection(&mut draw);
        place.append("app.log", format!("\n{}\n", leak.entries[0]));
        place.await_text("report.jsonl", &leak.token);
        let most = program.most_memory();
        println!("{kind}: {} MiB", most >> 20);
        assert!(most < MOST, "{kind}: {most} bytes");
        assert_eq!(program.stop(), Ended::with(1), "{kind}");
    }
}

/// With all that the program itself takes.
#[cfg(target_os = "linux")]
const MOST: u64 = 64 << 20;
