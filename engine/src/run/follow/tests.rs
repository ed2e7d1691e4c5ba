//! What is told of followed files, and what of it after a restart.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::input::follow::{SEEN, Start};
use crate::policy::hex;

/// Between two looks at the files.
const POLL: Duration = Duration::from_millis(10);

const NOW: Timestamp = Timestamp(1_750_000_000);

/// Writes down what is told.
#[derive(Default)]
struct Heard {
    told: Vec<String>,
    skipped: Vec<SkipKind>,
}

impl FollowSink for Heard {
    fn tell(&mut self, told: &Told) -> ControlFlow<()> {
        self.told.push(match told {
            Told::Found(record) | Told::Amended(record) => {
                let event = if matches!(told, Told::Found(_)) { "found" } else { "amended" };
                let (at, log) = (record.first().location, record.log());
                let fields = log.iter().flat_map(|log| log.fields());
                let log: Vec<String> = fields.map(|(n, v)| format!("{n}={v}")).collect();
                let detector = &record.detector().id;
                format!("{event} {detector} {}:{} {}", at.line, at.column, log.join(" "))
            }
            Told::Withdrawn(withdrawn) => format!("withdrawn {}", withdrawn.line),
            Told::Again(sightings) => format!("again {} {}", sightings.detector, sightings.count),
        });
        ControlFlow::Continue(())
    }

    fn skipped(&mut self, skip: Skip) {
        self.skipped.push(skip.kind);
    }
}

fn scanner() -> Scanner {
    Scanner::builder().now(NOW).build().unwrap()
}

fn follow(path: &Path, checkpoint: Option<Checkpoint>) -> Follow {
    let options = FollowOptions::new().start(Start::Beginning).watches(false).poll(POLL);
    let live = Live::new(Some(scanner()));
    Follow::new(scanner(), &[path.to_owned()], options, live, checkpoint).unwrap()
}

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// Lets everything be told that is there.
fn settle(follow: &mut Follow, heard: &mut Heard) {
    let mut quiet = 0;
    while quiet < 10 {
        let before = follow.account().bytes;
        assert!(follow.turn(POLL, NOW, heard).is_continue());
        let waits = follow.state.tails.values().any(|tail| tail.waited().is_some());
        quiet = if waits || follow.account().bytes != before { 0 } else { quiet + 1 };
    }
}

const ID: &str = "aws_access_key_id = AKIAVX4KZTQ2HJWNCO5M\n";
const KEY: &str = "aws_secret_access_key = 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\n";

#[test]
fn a_pair_is_told_as_it_comes_and_not_again_after_a_restart() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("app.log");
    append(&path, ID);
    let (mut first, mut heard) = (follow(&path, None), Heard::default());
    settle(&mut first, &mut heard);
    append(&path, KEY);
    settle(&mut first, &mut heard);
    assert_eq!(heard.told, ["found aws-access-key-id 1:21 ", "amended aws-access-key 2:25 "]);
    // So much follows that it is certain.
    append(&path, &"nothing of interest\n".repeat(40_000));
    settle(&mut first, &mut heard);
    let checkpoint = Checkpoint::from_bytes(&first.checkpoint().to_bytes()).unwrap();
    assert_eq!(checkpoint, first.checkpoint());
    let mut second = follow(&path, Some(checkpoint));
    let mut again = Heard::default();
    append(&path, "redis://x:vT7Pj2xLq9WzR4aK@db.shopfabrik.dev:6379/0\n");
    settle(&mut second, &mut again);
    assert_eq!(again.told, ["found database-uri 40003:11 "]);
    let read = second.account().bytes;
    assert!(read < 400_000, "{read} bytes were read again");
    assert_eq!(first.account().bytes, fs::metadata(&path).unwrap().len() - 52);
    assert_eq!(first.account().lines, 40_002);
    assert_eq!(first.account().findings["aws-access-key"], 1);
}

#[test]
fn a_secret_that_a_runtime_cut_is_told_where_it_stands() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("web-1_shop_web-0123abcd.log");
    append(
        &path,
        "2026-11-23T08:00:00.1Z stdout F hello\n\
         2026-11-23T08:00:00.2Z stdout P url redis://x:vT7Pj2xL\n\
         2026-11-23T08:00:00.3Z stdout F q9WzR4aK@db.shopfabrik.dev:6379/0\n",
    );
    let (mut follow, mut heard) = (follow(&path, None), Heard::default());
    settle(&mut follow, &mut heard);
    assert_eq!(heard.told.len(), 1, "{:?}", heard.told);
    let told = &heard.told[0];
    assert!(told.starts_with("found database-uri 2:47 timestamp=2026-11-23T08:00:00.2Z"), "{told}");
    assert!(follow.stop(NOW, &mut heard).is_continue());
    assert_eq!(heard.told.len(), 1, "{:?}", heard.told);
}

#[test]
fn idle_files_cost_little() {
    let directory = TempDir::new().unwrap();
    let line = "2026-11-23 08:00:00 INFO request handled in 12 ms\n".repeat(2000);
    for number in 0..50 {
        append(&directory.path().join(format!("{number}.log")), &line);
    }
    let (mut follow, mut heard) = (follow(&directory.path().join("*.log"), None), Heard::default());
    settle(&mut follow, &mut heard);
    assert_eq!(follow.account().lines, 100_000);
    assert!(follow.memory() < 50 * (32 << 10), "{}", follow.memory());
}

#[test]
fn a_sink_that_ends_the_turn_loses_nothing() {
    struct Full;
    impl FollowSink for Full {
        fn tell(&mut self, _: &Told) -> ControlFlow<()> {
            ControlFlow::Break(())
        }
        fn skipped(&mut self, _: Skip) {}
    }
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("app.log");
    append(&path, &format!("{ID}{KEY}"));
    let mut first = follow(&path, None);
    let before = first.checkpoint();
    let mut flow = ControlFlow::Continue(());
    while flow.is_continue() {
        flow = first.turn(Duration::from_millis(5), NOW, &mut Full);
    }
    let (mut second, mut heard) = (follow(&path, Some(before)), Heard::default());
    settle(&mut second, &mut heard);
    assert_eq!(heard.told, ["found aws-access-key 2:25 "]);
}

#[test]
fn half_a_checkpoint_is_none() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("app.log");
    append(&path, ID);
    let (mut follow, mut heard) = (follow(&path, None), Heard::default());
    settle(&mut follow, &mut heard);
    let mut checkpoint = follow.checkpoint();
    checkpoint.report = Some(ReportMark { device: 1, inode: u64::MAX, len: 17 });
    // No Unicode.
    let path = PathBuf::from(std::ffi::OsString::from_vec(b"\xff.log".to_vec()));
    let identity = checkpoint.positions[0].identity;
    checkpoint.patterns.push(path.clone());
    checkpoint.finished.push(Finished { path, identity, offset: SEEN, is_whole: false });
    let bytes = checkpoint.to_bytes();
    assert_eq!(Checkpoint::from_bytes(&bytes), Ok(checkpoint));
    for len in 0..bytes.len() {
        assert_eq!(Checkpoint::from_bytes(&bytes[..len]), Err(CheckpointError::Damaged), "{len}");
    }
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert_eq!(Checkpoint::from_bytes(&changed), Err(CheckpointError::Damaged), "{at}");
    }
    let body = b"{\"schema\":\"leaksieve-follow/2\"}";
    let hash = hex(blake3::hash(body).as_bytes());
    let other = [&body[..], b"\nblake3 ", hash.as_bytes(), b"\n"].concat();
    assert_eq!(Checkpoint::from_bytes(&other), Err(CheckpointError::OtherVersion));
}
