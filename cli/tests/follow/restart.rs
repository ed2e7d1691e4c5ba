//! Restarts: after an end in good order, and after none.

use std::process::Command;

use leaksieve_tests::draw::Draw;
use serde_json::Value;

use crate::logs::{Leak, connection, encoded, pair};
use crate::program::{Ended, Following, Place, events, found, until};

const ARGS: [&str; 6] = [
    "app.log",
    "--from-start",
    "--checkpoint=checkpoint",
    "--report=report.jsonl",
    "--metrics=metrics",
    "-q",
];

/// Follows, and waits until it has begun to.
fn follow(place: &Place) -> Following {
    // What an earlier run told says nothing of this one.
    let _ = std::fs::remove_file(place.path("metrics"));
    let program = place.follow(&ARGS);
    place.await_text("metrics", "leaksieve_followed_files ");
    program
}

/// Appends leaks, far apart.
fn append(place: &Place, leaks: &[Leak]) {
    for leak in leaks {
        let text = leak.entries.join("\n");
        place.append("app.log", format!("{}{text}\n", "nothing to see here\n".repeat(1000)));
    }
}

fn leaks(draw: &mut Draw, count: usize) -> Vec<Leak> {
    (0..count)
        .map(|number| match number % 3 {
            0 => pair(draw),
            1 => connection(draw),
            _ => encoded(draw),
        })
        .collect()
}

fn await_told(place: &Place, leaks: &[Leak]) {
    for leak in leaks {
        until(&format!("the leak `{}`", leak.token), || {
            let events = place.events("report.jsonl");
            let of_it = |event: &&Value| event.to_string().contains(&leak.token);
            events.iter().filter(of_it).any(|event| event["detector"] == leak.detector)
        });
    }
}

/// Waits until a restart would not read again what is told by now.
fn await_kept(place: &Place) {
    let report = place.read("report.jsonl").len() as u64;
    until("a checkpoint of the report", || {
        let checkpoint = place.read("checkpoint");
        let first = checkpoint.lines().next().unwrap_or_default();
        let kept: Value = serde_json::from_str(first).unwrap_or_default();
        kept["report"]["len"].as_u64().is_some_and(|len| len >= report)
    });
}

/// Every leak is told once, and nothing else is.
fn assert_told_once(place: &Place, leaks: &[&[Leak]]) {
    let report = place.read("report.jsonl");
    assert!(report.ends_with('\n'), "{report}");
    let events = events(&report);
    let leaks: Vec<&Leak> = leaks.iter().copied().flatten().collect();
    for leak in &leaks {
        let of_it = |event: &&Value| event.to_string().contains(&leak.token);
        let of_it: Vec<Value> = events.iter().filter(of_it).cloned().collect();
        assert_eq!(found(&of_it).len(), 1, "{}: {report}", leak.token);
        assert_eq!(of_it.last().unwrap()["detector"], leak.detector, "{report}");
    }
    assert_eq!(found(&events).len(), leaks.len(), "{report}");
}

#[test]
fn a_restart_without_new_text_tells_nothing() {
    let (place, mut draw) = (Place::new(), Draw::new(1));
    let leaks = leaks(&mut draw, 6);
    append(&place, &leaks);
    let program = follow(&place);
    await_told(&place, &leaks);
    assert_eq!(program.stop(), Ended::with(1));
    let report = place.read("report.jsonl");
    assert_told_once(&place, &[&leaks]);
    for _ in 0..2 {
        let program = follow(&place);
        // It tells of this run, in which nothing was found.
        assert_eq!(program.stop(), Ended::with(0));
        assert_eq!(place.read("report.jsonl"), report);
    }
    assert_eq!(place.read("err"), "");
}

#[test]
fn what_is_rotated_between_two_runs_is_told_once() {
    let (place, mut draw) = (Place::new(), Draw::new(2));
    let (first, second) = (leaks(&mut draw, 3), leaks(&mut draw, 3));
    append(&place, &first);
    let program = follow(&place);
    await_told(&place, &first);
    assert_eq!(program.stop(), Ended::with(1));
    append(&place, &second[..1]);
    std::fs::rename(place.path("app.log"), place.path("app.log.1")).unwrap();
    append(&place, &second[1..]);
    let program = follow(&place);
    await_told(&place, &second);
    assert_eq!(program.stop(), Ended::with(1));
    assert_told_once(&place, &[&first, &second]);
    assert_eq!(place.read("err"), "");
}

#[test]
fn a_kill_between_report_and_checkpoint_tells_nothing_twice() {
    let (place, mut draw) = (Place::new(), Draw::new(3));
    let (first, second) = (leaks(&mut draw, 3), leaks(&mut draw, 4));
    append(&place, &first);
    let program = follow(&place);
    await_told(&place, &first);
    await_kept(&place);
    let older = place.read("checkpoint");
    append(&place, &second);
    await_told(&place, &second);
    await_kept(&place);
    program.kill();
    // Half a line, as if it had been killed while it wrote.
    place.append("report.jsonl", "{\"schema\":\"leaksieve/1\",\"event\":\"fou");
    place.write("checkpoint", older);
    let program = follow(&place);
    await_told(&place, &second);
    assert_eq!(program.stop(), Ended::with(1));
    assert_told_once(&place, &[&first, &second]);
    assert_eq!(place.read("err"), "");
}

#[test]
fn a_leak_that_is_half_there_when_it_is_killed_is_told_whole() {
    let (place, mut draw) = (Place::new(), Draw::new(4));
    let leak = pair(&mut draw);
    let (id, rest) = leak.entries.split_first().unwrap();
    place.write("app.log", format!("first line\n{id}\n"));
    let program = follow(&place);
    place.await_text("report.jsonl", &leak.token);
    await_kept(&place);
    program.kill();
    place.append("app.log", format!("{}\n", rest.join("\n")));
    let program = follow(&place);
    let leaks = [leak];
    await_told(&place, &leaks);
    assert_eq!(program.stop(), Ended::with(1));
    assert_told_once(&place, &[&leaks]);
    let events = place.events("report.jsonl");
    assert_eq!(events.last().unwrap()["event"], "amended", "{events:#?}");
}

#[test]
fn without_its_checkpoint_a_report_is_still_not_told_twice() {
    let (place, mut draw) = (Place::new(), Draw::new(5));
    let (first, second) = (leaks(&mut draw, 3), leaks(&mut draw, 1));
    append(&place, &first);
    let program = follow(&place);
    await_told(&place, &first);
    await_kept(&place);
    program.kill();
    std::fs::remove_file(place.path("checkpoint")).unwrap();
    append(&place, &second);
    let program = follow(&place);
    await_told(&place, &second);
    assert_eq!(program.stop(), Ended::with(1));
    assert_told_once(&place, &[&first, &second]);
}

#[test]
fn what_was_rotated_is_not_told_again_where_no_report_says_that_it_was() {
    for is_copied in [false, true] {
        let (place, mut draw) = (Place::new(), Draw::new(8));
        let (old, new) = (connection(&mut draw), connection(&mut draw));
        let args = ["app.log", "--from-start", "--checkpoint=checkpoint", "-q", "-f", "jsonl"];
        let args = [&args[..], &["--metrics=metrics"]].concat();
        place.append("app.log", format!("{}\n", old.entries[0]));
        let program = place.follow(&args);
        place.await_text("out", &old.token);
        if is_copied {
            std::fs::copy(place.path("app.log"), place.path("app.log.1")).unwrap();
            place.write("app.log", "");
        } else {
            std::fs::rename(place.path("app.log"), place.path("app.log.1")).unwrap();
            place.write("app.log", "another\n");
        }
        let metric = if is_copied { "truncations" } else { "rotations" };
        place.await_text("metrics", &format!("leaksieve_{metric}_total 1\n"));
        place.await_text("checkpoint", "\"finished\":[{");
        program.kill();
        place.append("app.log", format!("{}\n", new.entries[0]));
        let program = place.follow(&args);
        place.await_text("out", &new.token);
        assert_eq!(program.stop(), Ended::with(1));
        let told = place.read("out");
        let of_old = told.lines().filter(|line| line.contains(&old.token));
        assert_eq!(of_old.count(), 1, "{told}");
    }
}

#[test]
fn what_appears_while_nothing_is_followed_is_read_from_its_beginning() {
    let (place, mut draw) = (Place::new(), Draw::new(9));
    let args = ["*.log", "--checkpoint=checkpoint", "--report=report.jsonl"];
    let program = place.follow(&args);
    place.await_text("checkpoint", "\n");
    program.kill();
    let leak = connection(&mut draw);
    place.append("app.log", format!("{}\n", leak.entries[0]));
    let program = place.follow(&args);
    place.await_text("report.jsonl", &leak.token);
    // Two that write one report would tell everything twice.
    let second = place.command(&args).output().unwrap();
    assert_eq!(second.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&second.stderr).contains("another process"));
    assert_eq!(program.stop(), Ended::with(1));
}

#[test]
fn two_files_that_had_one_name_are_not_taken_for_each_other() {
    let (place, mut draw) = (Place::new(), Draw::new(6));
    let (old, new) = (leaks(&mut draw, 1), connection(&mut draw));
    // So long that something is settled, and so short that it is read again as a whole.
    let rest = "nothing to see here\n".repeat(1200);
    place.write("app.log", format!("{}\n{rest}", old[0].entries.join("\n")));
    let program = follow(&place);
    await_told(&place, &old);
    std::fs::rename(place.path("app.log"), place.path("app.log.1")).unwrap();
    place.write("app.log", "the first line of another file\n");
    place.await_text("metrics", "leaksieve_followed_files 2\n");
    assert_eq!(program.stop(), Ended::with(1));
    // Now it is found again by what is in it, and after the other.
    let gzip = Command::new("gzip").arg(place.path("app.log.1")).status();
    assert!(gzip.unwrap().success());
    place.append("app.log", format!("{}\n", new.entries[0]));
    let program = follow(&place);
    let new = [new];
    await_told(&place, &new);
    assert_eq!(program.stop(), Ended::with(1));
    assert_told_once(&place, &[&old, &new]);
    assert_eq!(place.read("err"), "");
}

#[test]
fn a_secret_that_is_half_written_when_it_is_asked_to_end_is_told_once() {
    let (place, mut draw) = (Place::new(), Draw::new(7));
    for first in ["", "a first line\n"] {
        for name in ["app.log", "checkpoint", "report.jsonl"] {
            let _ = std::fs::remove_file(place.path(name));
        }
        let leak = connection(&mut draw);
        let (half, rest) = leak.entries[0].split_at(leak.entries[0].find('@').unwrap() - 5);
        place.write("app.log", format!("{first}{half}"));
        assert!(matches!(follow(&place).stop().code, Some(0 | 1)));
        place.append("app.log", format!("{rest}\n"));
        let program = follow(&place);
        await_told(&place, std::slice::from_ref(&leak));
        assert_eq!(program.stop(), Ended::with(1));
        assert_told_once(&place, &[&[leak]]);
    }
}
