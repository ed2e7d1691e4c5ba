//! What decoding costs: the whole scan in memory with it and without, over every haystack
//! as it is and as one line of base64.
//!
//! `cargo bench -p leaksieve-benches --bench decoding`
//!
//! A back end that finds something else than the portable one fails the bench.

use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput};
use leaksieve::{Backend, Finding, Scanner, Scratch};
use leaksieve_benches::haystack::{NOW, load_all};
use leaksieve_detectors::encoding::base64;

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

/// A scanner with a back end; the best there is if none is named.
fn scanner(backend: Option<Backend>, depth: Option<usize>) -> Scanner {
    let mut builder = Scanner::builder().now(NOW);
    if let Some(backend) = backend {
        builder = builder.backend(backend);
    }
    if let Some(depth) = depth {
        builder = builder.max_decode_depth(depth);
    }
    builder.build().expect("the back end is there")
}

fn main() {
    let mut criterion = Criterion::default()
        .measurement_time(Duration::from_secs(2))
        .warm_up_time(Duration::from_millis(500))
        .sample_size(20)
        .configure_from_args();
    let scanners = [("without", scanner(None, Some(0))), ("with", scanner(None, None))];
    let portable = scanner(Some(Backend::Portable), None);
    let mut scratch = Scratch::new();
    for (haystack, text) in load_all() {
        let digits = base64::encode(&text).into_bytes();
        for (form, text) in [("plain", text), ("base64", digits)] {
            let expected = scan(&portable, &text, &mut scratch);
            let mut group = criterion.benchmark_group(format!("{form}/{}", haystack.name));
            group.throughput(Throughput::Bytes(text.len() as u64));
            for (name, scanner) in &scanners {
                let id = BenchmarkId::new(*name, scanner.backend());
                group.bench_with_input(id, &text, |b, text| {
                    if *name == "with" {
                        assert_eq!(scan(scanner, text, &mut scratch), expected, "findings");
                    }
                    b.iter(|| scan(scanner, black_box(text), &mut scratch));
                });
            }
            group.finish();
        }
    }
    criterion.final_summary();
}
