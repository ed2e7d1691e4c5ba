//! The search for anchors alone: every back end over every haystack.
//!
//! `cargo bench -p leaksieve-benches --bench prefilter`
//!
//! A back end that finds other anchors than the portable one fails the bench;
//! the portable one is held against a naive search in the engine's tests.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput};
use leaksieve::prefilter::Hit;
use leaksieve::{Backend, Scanner};
use leaksieve_benches::haystack::{NOW, load_all};

/// The most that the scanner searches at once; see `Scratch`.
const STEP: usize = 256 * 1024;

fn search(scanner: &Scanner, text: &[u8], hits: &mut Vec<Hit>) -> usize {
    let mut found = 0;
    for from in (0..text.len()).step_by(STEP) {
        hits.clear();
        scanner.prefilter().find(text, from..text.len().min(from + STEP), hits);
        found += hits.len();
    }
    found
}

fn main() {
    let mut criterion = Criterion::default()
        .measurement_time(Duration::from_secs(2))
        .warm_up_time(Duration::from_millis(500))
        .sample_size(20)
        .configure_from_args();
    let scanners: Vec<Scanner> = Backend::available()
        // The matching core; what is encoded has costs of its own.
        .filter_map(|b| Scanner::builder().now(NOW).max_decode_depth(0).backend(b).build().ok())
        .collect();
    let portable = scanners.last().expect("the portable back end is always there");
    let mut hits = Vec::new();
    for (haystack, text) in load_all() {
        let expected = search(portable, &text, &mut hits);
        let mut group = criterion.benchmark_group(format!("prefilter/{}", haystack.name));
        group.throughput(Throughput::Bytes(text.len() as u64));
        for scanner in &scanners {
            let id = BenchmarkId::from_parameter(scanner.backend());
            group.bench_with_input(id, &text, |b, text| {
                assert_eq!(search(scanner, text, &mut hits), expected, "anchors found");
                b.iter(|| search(scanner, black_box(text), &mut hits));
            });
        }
        group.finish();
    }
    criterion.final_summary();
}
