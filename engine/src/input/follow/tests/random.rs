//! A writer that rotates at random, and a follower that is stopped and killed at random.

use std::fs::{self, File};
use std::time::Duration;

use super::super::Start;
use super::harness::{Scene, options};

/// A generator of numbers that are random enough (splitmix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

const ROTATIONS: u32 = 40;

/// Makes room for a new rotation; nothing is thrown away.
fn shift(scene: &Scene) {
    for at in (1..=ROTATIONS).rev() {
        for end in ["", ".gz"] {
            let from = format!("app.log.{at}{end}");
            if scene.path(&from).exists() {
                scene.rename(&from, &format!("app.log.{}{end}", at + 1));
            }
        }
    }
}

fn run(seed: u64, pattern: &str) {
    let mut chance = Chance(seed);
    let mut scene = Scene::empty();
    let options = options()
        .start(Start::Beginning)
        .poll(Duration::ZERO)
        .watches(false)
        .grace(Duration::from_millis(2))
        .read_at_once(200 + chance.below(5000));
    scene.append("app.log", "begin\n");
    scene.follow(&[pattern], options);
    // What was rotated before the first run is not read.
    scene.turn(Duration::ZERO);
    let mut lines = 0_u64;
    let mut follows = true;
    let mut pieces = Vec::new();
    for _ in 0..ROTATIONS {
        for _ in 0..chance.below(4) {
            let mut added = String::new();
            for _ in 0..chance.below(60) {
                let padding = "x".repeat(usize::try_from(chance.below(40)).unwrap());
                added.push_str(&format!("line {lines} {padding}\n"));
                lines += 1;
            }
            scene.append("app.log", &added);
            if follows && chance.below(2) == 0 {
                scene.turn(Duration::ZERO);
            }
        }
        let exists = scene.path("app.log").exists();
        match chance.below(5) {
            0 if exists => {
                shift(&scene);
                scene.rename("app.log", "app.log.1");
            }
            1 if exists => {
                shift(&scene);
                scene.gzip("app.log", "app.log.1.gz");
            }
            2 if exists => {
                shift(&scene);
                fs::copy(scene.path("app.log"), scene.path("app.log.1")).unwrap();
                if follows && chance.below(2) == 0 {
                    scene.turn(Duration::ZERO);
                }
                let file = File::options().write(true).open(scene.path("app.log")).unwrap();
                file.set_len(0).unwrap();
            }
            3 if scene.path("app.log.2").exists() => {
                scene.gzip("app.log.2", "app.log.2.gz");
            }
            _ => {}
        }
        match chance.below(6) {
            0 if follows => {
                let reads_on = chance.below(2) == 0;
                scene.pause(reads_on);
                // What was read of a line is asked for once more.
                scene.told.cut_to_lines();
                follows = false;
            }
            1 | 2 if !follows => {
                pieces.extend(scene.told.pieces());
                scene.go_on();
                follows = true;
            }
            3.. if follows => {
                scene.turn(Duration::ZERO);
            }
            _ => {}
        }
    }
    if !follows {
        pieces.extend(scene.told.pieces());
        scene.go_on();
    }
    scene.append("app.log", "end\n");
    let mut quiet = 0;
    while quiet < 8 {
        let is_idle = !scene.turn(Duration::ZERO) && scene.follower().ready.is_empty();
        quiet = if is_idle { quiet + 1 } else { 0 };
        if is_idle {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    pieces.extend(scene.told.pieces());
    let text = String::from_utf8(joined(pieces)).unwrap();
    let mut found = vec![0_u32; usize::try_from(lines).unwrap()];
    for line in text.lines().filter(|line| !matches!(*line, "begin" | "end")) {
        let number = line.strip_prefix("line ").and_then(|rest| rest.split(' ').next());
        let Some(Ok(number)) = number.map(str::parse::<usize>) else {
            panic!("seed {seed} {pattern}: {line:?}");
        };
        found[number] += 1;
    }
    let missing: Vec<_> = (0..found.len()).filter(|n| found[*n] == 0).collect();
    let twice: Vec<_> = (0..found.len()).filter(|n| found[*n] > 1).collect();
    assert!(
        missing.is_empty() && twice.is_empty(),
        "seed {seed} {pattern}: missing {missing:?}, twice {twice:?}, skipped {:?}",
        scene.told.skipped
    );
}

/// Puts pieces together: what goes on within a line belongs to the piece that ends there.
fn joined(pieces: Vec<(u64, Vec<u8>)>) -> Vec<u8> {
    let mut whole: Vec<(u64, Vec<u8>)> = Vec::new();
    for (offset, piece) in pieces {
        let before = whole.iter_mut().find(|(begin, text)| {
            let ends_here = begin + text.len() as u64 == offset;
            ends_here && text.last().is_some_and(|last| *last != b'\n')
        });
        match before {
            Some((_, text)) => text.extend(piece),
            None => whole.push((offset, piece)),
        }
    }
    whole.into_iter().flat_map(|(_, text)| text).collect()
}

#[test]
fn every_line_is_handed_on_once() {
    for seed in 0..30 {
        run(seed, "app.log");
    }
}

#[test]
fn every_line_is_handed_on_once_if_rotations_are_meant_too() {
    for seed in 1000..1030 {
        run(seed, "*");
    }
}
