//! However an object is read and divided, the findings are those of the whole.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::ops::ControlFlow;
use std::sync::atomic::AtomicU64;

use super::*;
use crate::input::live::Ready;
use crate::run::samples::{Numbers, Rendered, generated, rendered, scanner, whole};
use crate::scanner::{EventId, StreamEvent};

fn divided(scanner: &Scanner, object: &[u8], chunk: usize, threads: usize) -> Vec<String> {
    let mut sink = Rendered::default();
    let read = AtomicU64::new(0);
    let outcome = scan_divided(
        scanner,
        Ready(Cursor::new(object)),
        Division { chunk, alone: chunk as u64, threads, patience: None },
        &mut Scratch::new(),
        &mut sink,
        &|bytes| {
            read.fetch_add(bytes, Ordering::Relaxed);
        },
    );
    assert!(matches!(outcome, Outcome::Complete(n) if n == object.len() as u64), "{outcome:?}");
    assert_eq!(read.into_inner(), object.len() as u64);
    sink.0
}

/// Yields pieces of changing length.
struct Pieces<'a>(&'a [u8], Numbers);

impl Read for Pieces<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = self.1.below(9000).max(1) as usize;
        let len = len.min(out.len());
        self.0.read(&mut out[..len])
    }
}

fn windowed(scanner: &Scanner, object: &[u8], seed: u64) -> Vec<String> {
    let mut sink = Rendered::default();
    let mut reader = Pieces(object, Numbers(seed));
    let outcome = scanner.scan_reader(&mut reader, &mut Scratch::new(), &mut sink);
    assert!(matches!(outcome, Outcome::Complete(n) if n == object.len() as u64));
    sink.0
}

#[test]
fn every_division_finds_what_the_whole_has() {
    let scanner = scanner();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for round in 0..24 {
        let gap = [2, 30, 400][round % 3];
        let object = generated(&mut numbers, 60_000, gap);
        let expected = whole(&scanner, &object);
        assert!(!expected.is_empty());
        for (chunk, threads) in [(37, 1), (1000, 3), (4096, 2), (7919, 4), (200_000, 2)] {
            let found = divided(&scanner, &object, chunk, threads);
            assert_eq!(found, expected, "round {round}, chunks of {chunk}");
        }
        assert_eq!(windowed(&scanner, &object, round as u64 + 1), expected, "round {round}");
    }
}

#[test]
fn every_cut_through_a_pair_and_a_block_is_seamless() {
    let scanner = scanner();
    let object = "é\nKEYIDabcdefghijkl é\nSECRET=abcdefghijklmnopqrstuvwx é <<<BEGIN é END>>> z";
    let expected = whole(&scanner, object.as_bytes());
    assert_eq!(expected.len(), 2, "{expected:#?}");
    for chunk in 1..object.len() {
        assert_eq!(divided(&scanner, object.as_bytes(), chunk, 2), expected, "chunks of {chunk}");
    }
}

#[test]
fn clusters_that_are_cut_are_cut_alike() {
    let scanner = scanner();
    let mut object = Vec::new();
    let mut numbers = Numbers(7);
    // Thousands of candidates without a gap, then few over a long way.
    for i in 0..5000 {
        object.extend(format!("tok_{i:030} KEYID{i:012} secret={i:024}\n").bytes());
        object.resize(object.len() + numbers.below(60) as usize, b'.');
    }
    for i in 0..300 {
        object.extend(format!("\nKEYID{i:012}\n").bytes());
        object.resize(object.len() + 3000 + numbers.below(900) as usize, b'.');
    }
    let expected = whole(&scanner, &object);
    assert!(expected.len() > 10_000);
    for (chunk, threads) in [(30_000, 3), (100_000, 2)] {
        assert!(divided(&scanner, &object, chunk, threads) == expected, "chunks of {chunk}");
    }
    assert!(windowed(&scanner, &object, 5) == expected);
}

#[test]
fn an_error_ends_the_object_after_what_was_read() {
    struct Broken(u32);
    impl Read for Broken {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            self.0 += 1;
            let text: &[u8] = match self.0 {
                1..=100 => b"KEYIDabcdefghijkl ",
                _ => return Err(io::Error::other("broken")),
            };
            out[..text.len()].copy_from_slice(text);
            Ok(text.len())
        }
    }
    let scanner = scanner();
    for threads in [1, 3] {
        let mut sink = Rendered::default();
        let division = Division { chunk: 64, alone: 64, threads, patience: None };
        let (reader, scratch) = (Ready(Broken(0)), &mut Scratch::new());
        let outcome = scan_divided(&scanner, reader, division, scratch, &mut sink, &|_| {});
        assert!(matches!(outcome, Outcome::Failed(1800, _)), "{outcome:?}");
        assert_eq!(sink.0.len(), 100);
    }
}

#[test]
fn the_sink_ends_the_scan() {
    struct Once(u32);
    impl StreamSink for Once {
        fn event(&mut self, _: StreamEvent) -> ControlFlow<()> {
            self.0 += 1;
            ControlFlow::Break(())
        }
    }
    let scanner = scanner();
    let mut sink = Once(0);
    let division = Division { chunk: 4096, alone: 0, threads: 4, patience: None };
    let endless = io::Read::chain(&b"KEYIDabcdefghijkl "[..], io::repeat(b' '));
    let (reader, scratch) = (Ready(endless), &mut Scratch::new());
    let outcome = scan_divided(&scanner, reader, division, scratch, &mut sink, &|_| {});
    assert!(matches!(outcome, Outcome::Stopped), "{outcome:?}");
    assert_eq!(sink.0, 1);
}

#[test]
fn a_worker_that_panics_does_not_leave_the_others_waiting() {
    struct Panics(u32);
    impl Read for Panics {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            self.0 += 1;
            assert!(self.0 < 50, "a reader that panics");
            out.fill(b' ');
            Ok(out.len())
        }
    }
    let scanner = scanner();
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let division = Division { chunk: 4096, alone: 4096, threads: 4, patience: None };
        let mut sink = Rendered::default();
        let (reader, scratch) = (Ready(Panics(0)), &mut Scratch::new());
        scan_divided(&scanner, reader, division, scratch, &mut sink, &|_| {})
    }));
    assert!(result.is_err());
}

#[test]
fn memory_is_flat_however_long_the_object_or_its_lines() {
    let scanner = scanner();
    let division = Division::new(2);
    let (give_back, empty) = crossbeam_channel::bounded(8);
    let mut sink = Rendered::default();
    let scan = Scan {
        scanner: &scanner,
        // One line, and half of a pair that never ends.
        source: Mutex::new(Source::new(
            Ready(io::Read::chain(&b"KEYIDabcdefghijkl "[..], io::repeat(b'x').take(1 << 30))),
            &scanner,
            division,
        )),
        in_order: Mutex::new(InOrder::new(&scanner, &mut sink)),
        empty,
        give_back,
        over: AtomicBool::new(false),
        read: &|_| {},
    };
    scan.put_back(Chunk::default());
    scan.put_back(Chunk::default());
    std::thread::scope(|scope| {
        scope.spawn(|| scan.work(&mut Scratch::new(), u64::MAX));
        scan.work(&mut Scratch::new(), u64::MAX);
    });
    let held: usize = scan.empty.try_iter().map(|chunk| chunk.bytes.capacity()).sum();
    assert!(held < 2 * 2 * division.chunk, "{held}");
    let in_order = scan.in_order.into_inner().unwrap();
    assert!(in_order.held.capacity() < 2 * division.chunk);
    drop(in_order);
    assert_eq!(sink.0.len(), 1);
}

/// Lines that somebody writes one after the other, each once the last one has been heard of.
struct Typed<'a> {
    lines: std::vec::IntoIter<&'a [u8]>,
    is_quiet: bool,
}

impl Read for Typed<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.is_quiet = true;
        let line = self.lines.next().unwrap_or_default();
        out[..line.len()].copy_from_slice(line);
        Ok(line.len())
    }
}

impl Live for Typed<'_> {
    fn wait(&mut self, timeout: Duration) -> bool {
        if self.is_quiet {
            std::thread::sleep(timeout);
        }
        !std::mem::take(&mut self.is_quiet)
    }
}

/// What is known of a stream, and what was heard of it so far.
#[derive(Default)]
struct Heard {
    known: BTreeMap<EventId, String>,
    early: u64,
    certain: u64,
}

impl StreamSink for Heard {
    fn event(&mut self, event: StreamEvent) -> ControlFlow<()> {
        let id = event.id();
        match event {
            StreamEvent::Certain(_, finding) => {
                self.certain += 1;
                self.known.insert(id, rendered(&finding));
            }
            StreamEvent::Early(_, finding) => {
                self.early += 1;
                self.known.insert(id, rendered(&finding));
            }
            StreamEvent::Withdrawn(_) => {
                assert!(self.known.remove(&id).is_some(), "{id:?}");
            }
        }
        ControlFlow::Continue(())
    }
}

#[test]
fn a_quiet_stream_is_heard_of_early_and_ends_as_the_whole() {
    let scanner = scanner();
    let mut numbers = Numbers(11);
    for (round, gap) in [2, 30, 400].into_iter().enumerate() {
        let mut object = generated(&mut numbers, 9_000, gap);
        // The pieces end with lines.
        object.iter_mut().step_by(90).for_each(|byte| *byte = b'\n');
        let expected = whole(&scanner, &object);
        for (chunk, threads) in [(100, 1), (4096, 3)] {
            let lines: Vec<&[u8]> = object.chunks(90).collect();
            let reader = Typed { lines: lines.into_iter(), is_quiet: false };
            let mut heard = Heard::default();
            let patience = Some(Duration::from_micros(200));
            let division = Division { chunk, alone: chunk as u64, threads, patience };
            let scratch = &mut Scratch::new();
            let outcome = scan_divided(&scanner, reader, division, scratch, &mut heard, &|_| {});
            assert!(matches!(outcome, Outcome::Complete(n) if n == object.len() as u64));
            let mut known: Vec<String> = heard.known.into_values().collect();
            let mut expected = expected.clone();
            known.sort();
            expected.sort();
            assert_eq!(known, expected, "round {round}, chunks of {chunk}");
            assert_eq!(heard.certain, expected.len() as u64);
            assert!(heard.early >= expected.len() as u64 / 2, "{} of {}", heard.early, known.len());
        }
    }
}
