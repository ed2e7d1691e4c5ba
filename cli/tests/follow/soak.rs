//! Logs that are written, rotated and packed at random, and a program that is killed at
//! random while it follows them.

use std::collections::BTreeSet;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use leaksieve_tests::draw::Draw;
use serde_json::Value;

use crate::logs::{Form, Leak, Log, Rotations, connection, encoded, pair, pause};
use crate::program::{Ended, Following, Place, events, until};

/// How long it takes without `LEAKSIEVE_SOAK`, in seconds.
const SECONDS: u64 = 15;

/// What happens is decided by this without `LEAKSIEVE_SOAK` and `LEAKSIEVE_SOAK_SEED`.
const SEED: u64 = 20_261_123;

const ARGS: [&str; 9] = [
    "logs/app.log",
    "logs/event*.log",
    "logs/0.log",
    "logs/web.log",
    "--from-start",
    "--checkpoint",
    "checkpoint",
    "--report",
    "report.jsonl",
];

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|value| value.parse().unwrap())
}

struct Soak {
    seed: u64,
    place: Place,
    draw: Draw,
    logs: Vec<Log>,
    planted: Vec<Leak>,
    program: Option<Following>,
    /// How often it was killed.
    kills: u64,
    done: Vec<String>,
}

impl Soak {
    fn new(seed: u64) -> Self {
        let place = Place::new();
        std::fs::create_dir(place.path("logs")).unwrap();
        let log =
            |name: &str, form, rotations| Log::new(place.path("logs").join(name), form, rotations);
        let logs = vec![
            log("app.log", Form::Plain, Rotations::Numbered),
            log("events.log", Form::Json, Rotations::Inserted),
            log("0.log", Form::Cri, Rotations::Dated),
            log("web.log", Form::Plain, Rotations::Dated),
        ];
        Self {
            seed,
            place,
            draw: Draw::new(seed),
            logs,
            planted: Vec::new(),
            program: None,
            kills: 0,
            done: Vec::new(),
        }
    }

    fn run(&mut self, time: Duration) {
        // Before there is a checkpoint, rotations are taken for old ones.
        for at in 0..self.logs.len() {
            self.drain(at);
        }
        let start = Instant::now();
        while start.elapsed() < time {
            let at = self.draw.below(self.logs.len());
            match self.draw.below(200) {
                0..110 => {
                    let entries = self.draw.below(40);
                    self.logs[at].chat(&mut self.draw, entries);
                }
                110..140 => self.plant(at),
                140..170 => pause(&mut self.draw, 40),
                170..178 => {
                    self.done.push(format!("rotate {at}"));
                    self.logs[at].rotate();
                }
                178..186 => {
                    self.done.push(format!("pack {at}"));
                    self.logs[at].pack(&mut self.draw);
                }
                186 => {
                    self.drain(at);
                    self.done.push(format!("copy and truncate {at}"));
                    self.logs[at].copy_and_truncate();
                }
                187 => {
                    self.drain(at);
                    self.done.push(format!("remove {at}"));
                    self.logs[at].remove();
                }
                188..191 => self.kill(),
                _ => self.start(),
            }
        }
        // What it exits with tells of this run.
        self.plant(0);
        self.start();
        let place = &self.place;
        for leak in &self.planted {
            until(&format!("the leak `{}`", leak.token), || {
                let report = place.read("report.jsonl");
                events(&report).iter().any(|event| event.to_string().contains(&leak.token))
            });
        }
    }

    fn start(&mut self) {
        if self.program.is_none() {
            self.done.push("start".to_owned());
            self.program = Some(self.place.follow(&ARGS));
        }
    }

    fn kill(&mut self) {
        let Some(program) = self.program.take() else { return };
        if self.draw.below(4) == 0 {
            let ended = program.stop();
            self.done.push(format!("stop: {ended:?}"));
        } else {
            self.done.push("kill".to_owned());
            program.kill();
            self.kills += 1;
        }
    }

    fn plant(&mut self, at: usize) {
        let leak = match self.draw.below(3) {
            0 => pair(&mut self.draw),
            1 => connection(&mut self.draw),
            _ => encoded(&mut self.draw),
        };
        self.done.push(format!("plant {} in {at}", leak.token));
        self.logs[at].make_room(&mut self.draw);
        for entry in &leak.entries {
            self.logs[at].write(&mut self.draw, entry);
            // Much may happen between its two halves.
            match self.draw.below(24) {
                0..4 => pause(&mut self.draw, 80),
                4 => self.kill(),
                5..7 => self.start(),
                _ => {}
            }
        }
        self.planted.push(leak);
    }

    /// Waits until all that stands in a log is told, and remembered as told: who kills the
    /// program after that makes it read nothing again that may be gone.
    fn drain(&mut self, at: usize) {
        self.start();
        let leak = connection(&mut self.draw);
        self.done.push(format!("drain {at} by {}", leak.token));
        self.logs[at].make_room(&mut self.draw);
        self.logs[at].write(&mut self.draw, &leak.entries[0]);
        let place = &self.place;
        until(&format!("`{}` in report and checkpoint", leak.token), || {
            let report = place.read("report.jsonl");
            let Some(told) = report.find(&leak.token) else { return false };
            let checkpoint = place.read("checkpoint");
            let kept = checkpoint.lines().next().unwrap_or_default();
            let kept: Value = serde_json::from_str(kept).unwrap_or_default();
            kept["report"]["len"].as_u64().is_some_and(|len| len > told as u64)
        });
        self.planted.push(leak);
    }

    /// Says what is wrong with the report.
    fn wrong(&self, ended: &Ended) -> Vec<String> {
        let mut wrong = Vec::new();
        let report = self.place.read("report.jsonl");
        if *ended != Ended::with(1) {
            wrong.push(format!("it ended with {ended:?}"));
        }
        if !report.ends_with('\n') {
            wrong.push("the last line of the report is cut".to_owned());
        }
        let mut told = Vec::new();
        for line in report.lines() {
            match serde_json::from_str::<Value>(line) {
                Ok(event) => told.push((event, line)),
                Err(error) => wrong.push(format!("a line of the report: {error}: {line}")),
            }
        }
        let mut ids = BTreeSet::new();
        for (event, line) in &told {
            if event["event"] == "found" && !ids.insert(event["id"].to_string()) {
                wrong.push(format!("found twice by its id: {line}"));
            }
        }
        for leak in &self.planted {
            let of_it: Vec<&Value> = told
                .iter()
                .filter(|(_, line)| line.contains(&leak.token))
                .map(|(event, _)| event)
                .collect();
            let found: Vec<&&Value> = of_it.iter().filter(|e| e["event"] == "found").collect();
            let is_one = match found[..] {
                [found] => of_it.iter().all(|event| event["id"] == found["id"]),
                _ => false,
            };
            let last = of_it.last().map(|event| &event["detector"]);
            if !is_one || last.is_none_or(|last| last != leak.detector) {
                wrong.push(format!("of the {} `{}`: {of_it:#?}", leak.detector, leak.token));
            }
        }
        if ids.len() != self.planted.len() {
            wrong.push(format!("{} leaks, but {} found", self.planted.len(), ids.len()));
        }
        wrong
    }
}

#[test]
fn every_leak_is_told_once_whatever_happens() {
    let seconds = number("LEAKSIEVE_SOAK");
    let seed = number("LEAKSIEVE_SOAK_SEED").unwrap_or_else(|| match seconds {
        // Who has the time wants to see something new.
        Some(_) => SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64,
        None => SEED,
    });
    let mut soak = Soak::new(seed);
    soak.run(Duration::from_secs(seconds.unwrap_or(SECONDS)));
    let ended = soak.program.take().unwrap().stop();
    let wrong = soak.wrong(&ended);
    println!("{} leaks, {} kills, seed {seed}", soak.planted.len(), soak.kills);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Tells what led there if the test fails.
impl Drop for Soak {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Self { seed, done, place, .. } = self;
            eprintln!("--- done:\n{}", done.join("\n"));
            for name in ["err", "checkpoint", "report.jsonl"] {
                let text = std::fs::read(place.path(name)).unwrap_or_default();
                eprintln!("--- {name}:\n{}", String::from_utf8_lossy(&text));
            }
            if let Ok(listed) = std::fs::read_dir(place.path("logs")) {
                let names: Vec<_> = listed.flatten().map(|entry| entry.file_name()).collect();
                eprintln!("--- logs: {names:?}");
            }
            eprintln!("--- LEAKSIEVE_SOAK_SEED={seed}");
        }
    }
}
