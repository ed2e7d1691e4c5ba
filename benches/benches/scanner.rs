//! The whole scan: anchors, candidates, relation, findings; from a slice and
//! from a reader, with every back end over every haystack.
//!
//! `cargo bench -p leaksieve-benches --bench scanner`
//!
//! A scan that does not give the haystack's expected number of findings fails
//! the bench.

use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput};
use leaksieve::{Backend, Finding, Outcome, Scanner, Scratch};
use leaksieve_benches::haystack::{NOW, load_all};

fn scan(scanner: &Scanner, text: &[u8], scratch: &mut Scratch) -> usize {
    let mut found = 0;
    let mut sink = |finding: Finding| {
        black_box(finding);
        found += 1;
        ControlFlow::Continue(())
    };
    // The sink never ends a scan.
    let _ = scanner.scan(text, scratch, &mut sink);
    found
}

fn read(scanner: &Scanner, mut text: &[u8], scratch: &mut Scratch) -> usize {
    let mut found = 0;
    let mut sink = |finding: Finding| {
        black_box(finding);
        found += 1;
        ControlFlow::Continue(())
    };
    let outcome = scanner.scan_reader(&mut text, scratch, &mut sink);
    assert!(matches!(outcome, Outcome::Complete(_)), "a slice can be read to its end");
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
    let mut scratch = Scratch::new();
    for (haystack, text) in load_all() {
        let expected = haystack.expected(&text, |text| scan(portable, text, &mut scratch));
        let mut group = criterion.benchmark_group(format!("scanner/{}", haystack.name));
        group.throughput(Throughput::Bytes(text.len() as u64));
        for scanner in &scanners {
            let id = BenchmarkId::new("slice", scanner.backend());
            group.bench_with_input(id, &text, |b, text| {
                assert_eq!(scan(scanner, text, &mut scratch), expected, "findings");
                b.iter(|| scan(scanner, black_box(text), &mut scratch));
            });
        }
        let fastest = &scanners[0];
        let id = BenchmarkId::new("reader", fastest.backend());
        group.bench_with_input(id, &text, |b, text| {
            assert_eq!(read(fastest, text, &mut scratch), expected, "findings");
            b.iter(|| read(fastest, black_box(text), &mut scratch));
        });
        group.finish();
    }
    criterion.final_summary();
}
