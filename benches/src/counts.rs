//! Says what the matching core does on a text, with each back end: anchors and
//! candidates per megabyte, time per candidate, throughput of the search and of
//! the whole scan.
//!
//! `cargo run --release -p leaksieve-benches --bin counts -- FILE…`
//!
//! One core, in memory; medians of alternating rounds.

use std::ops::ControlFlow;
use std::process::ExitCode;
use std::time::Instant;

use leaksieve::{Backend, Finding, Scanner, Scratch};

/// Rounds of each measurement.
const ROUNDS: usize = 9;

fn main() -> ExitCode {
    let files: Vec<_> = std::env::args_os().skip(1).collect();
    if files.is_empty() {
        eprintln!("usage: counts FILE…");
        return ExitCode::from(2);
    }
    for file in files {
        match std::fs::read(&file) {
            Ok(text) if !text.is_empty() => report(&file.to_string_lossy(), &text),
            Ok(_) => eprintln!("{}: empty", file.to_string_lossy()),
            Err(error) => {
                eprintln!("{}: {error}", file.to_string_lossy());
                return ExitCode::from(2);
            }
        }
    }
    ExitCode::SUCCESS
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

fn report(name: &str, text: &[u8]) {
    let megabytes = text.len() as f64 / 1e6;
    println!("{name}: {megabytes:.1} MB");
    println!(
        "  {:<9} {:>9} {:>9} {:>11} {:>11} {:>11} {:>9} {:>9}",
        "back end",
        "search",
        "scan",
        "passed/MB",
        "windows/MB",
        "anchors/MB",
        "cand./MB",
        "ns/anchor"
    );
    for backend in Backend::available() {
        let Ok(scanner) = Scanner::builder().max_decode_depth(0).backend(backend).build() else {
            continue;
        };
        let mut hits = Vec::new();
        let counts = scanner.prefilter().find_counting(text, 0..text.len(), &mut hits);
        let candidates = scanner.candidates(text).len();
        let mut scratch = Scratch::new();
        let (mut search, mut scan) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let start = Instant::now();
            for from in (0..text.len()).step_by(256 * 1024) {
                hits.clear();
                let to = text.len().min(from + 256 * 1024);
                scanner.prefilter().find(text, from..to, &mut hits);
            }
            search.push(start.elapsed().as_secs_f64());
            let start = Instant::now();
            let mut sink = |_: Finding| ControlFlow::Continue(());
            let _ = scanner.scan(text, &mut scratch, &mut sink);
            scan.push(start.elapsed().as_secs_f64());
        }
        let (search, scan) = (median(search), median(scan));
        println!(
            "  {:<9} {:>9.2} {:>9.2} {:>11.1} {:>11.1} {:>11.2} {:>9.2} {:>9.0}",
            backend.name(),
            megabytes / 1e3 / search,
            megabytes / 1e3 / scan,
            counts.passed as f64 / megabytes,
            counts.windows as f64 / megabytes,
            counts.hits as f64 / megabytes,
            candidates as f64 / megabytes,
            (scan - search).max(0.0) * 1e9 / counts.hits.max(1) as f64,
        );
    }
}
