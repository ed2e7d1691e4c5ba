//! Containers of every format: alone, in each other, damaged, and without end.

use std::fs;
use std::io::Write as _;

use tempfile::TempDir;

use super::*;
use crate::input::files::WalkOptions;
use crate::ledger::Ledger;
use crate::run::object::Outer;
use crate::run::samples::{Found, Numbers, generated, scanner, whole};
use crate::run::{Progress, Target, scan_stream, scan_targets};

const LEAK: &str = "one\ntwo\nKEYIDabcdefghijkl\n";

/// Compresses in one format.
type Compress = fn(&[u8]) -> Vec<u8>;

/// Each format of compressed data, with the suffix of its files.
const COMPRESSED: [(&str, Compress); 9] = [
    ("gz", |data| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }),
    ("zlib", |data| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }),
    ("zst", |data| zstd::encode_all(data, 1).unwrap()),
    ("bz2", |data| {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }),
    ("xz", |data| {
        let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 0);
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }),
    ("lzma", |data| {
        let options = liblzma::stream::LzmaOptions::new_preset(0).unwrap();
        let stream = liblzma::stream::Stream::new_lzma_encoder(&options).unwrap();
        let mut encoder = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }),
    ("lz4", |data| {
        let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }),
    ("sz", |data| {
        let mut encoder = snap::write::FrameEncoder::new(Vec::new());
        encoder.write_all(data).unwrap();
        encoder.into_inner().unwrap()
    }),
    ("br", |data| {
        let mut out = Vec::new();
        let mut encoder = brotli::CompressorWriter::new(&mut out, 4096, 1, 18);
        encoder.write_all(data).unwrap();
        drop(encoder);
        out
    }),
];

/// A tar archive of these members, as ustar.
fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, data) in members {
        header(&mut out, name, data.len(), b'0');
        out.extend_from_slice(data);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

fn header(out: &mut Vec<u8>, name: &str, size: usize, kind: u8) {
    let mut block = [0u8; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[100..107].copy_from_slice(b"0000644");
    block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    block[148..156].fill(b' ');
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    out.extend_from_slice(&block);
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    use ::zip::write::{SimpleFileOptions, ZipWriter};
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    for (number, (name, content)) in members.iter().enumerate() {
        let stored = options.compression_method(::zip::CompressionMethod::Stored);
        let options = if number % 10 == 0 { options } else { stored };
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// What a scan of one file came to: findings, and what was not scanned.
struct Scanned {
    found: Vec<(String, String)>,
    skips: Vec<(String, SkipKind)>,
    ledger: Ledger,
}

fn limits(limits: Limits) -> WalkOptions {
    WalkOptions::new().threads(2).archives(limits)
}

fn scan_with(name: &str, file: &[u8], options: &WalkOptions) -> Scanned {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join(name);
    fs::write(&path, file).unwrap();
    let (found, progress) = (Found::default(), Progress::default());
    let take = |located| found.take(located);
    let target = [Target::Path(path)];
    let ledger = scan_targets(&scanner(), &target, options, &progress, &take).unwrap();
    assert_eq!(progress.objects.into_inner(), ledger.objects);
    assert_eq!(progress.bytes.into_inner(), ledger.bytes);
    let root = format!("{}/", dir.path().display());
    let relative = |name: &str| name.strip_prefix(&root).unwrap_or(name).to_owned();
    let found = found.sorted().into_iter().map(|(n, finding)| (relative(&n), finding)).collect();
    let skips = ledger.skips().iter().map(|s| (relative(&s.origin.name()), s.kind)).collect();
    Scanned { found, skips, ledger }
}

fn scan(name: &str, file: &[u8]) -> Scanned {
    scan_with(name, file, &limits(Limits::default()))
}

fn names(scanned: &Scanned) -> Vec<&str> {
    scanned.found.iter().map(|(name, _)| &**name).collect()
}

#[test]
fn a_leak_is_found_in_every_format_in_every_other() {
    for (outer, compress_outer) in COMPRESSED {
        for (inner, compress_inner) in COMPRESSED {
            let inner_name = format!("deep/in.tar.{inner}");
            let inner_tar = compress_inner(&tar(&[("a/leak.txt", LEAK.as_bytes())]));
            let outer_tar = tar(&[("empty", b""), (&inner_name, &inner_tar), ("end", b"x")]);
            let name = format!("out.tar.{outer}");
            let scanned = scan(&name, &compress_outer(&outer_tar));
            assert_eq!(names(&scanned), [format!("{name}!{inner_name}!a/leak.txt")]);
            assert!(scanned.found[0].1.contains("line: 3"), "{}", scanned.found[0].1);
            assert_eq!(scanned.skips, []);
            assert_eq!(scanned.ledger.objects, 3);
        }
    }
}

#[test]
fn compressed_text_is_found_under_the_name_of_its_file() {
    for (suffix, compress) in COMPRESSED {
        let name = format!("log.{suffix}");
        let scanned = scan(&name, &compress(LEAK.as_bytes()));
        assert_eq!(names(&scanned), [&*name], "{suffix}");
        let twice = [compress(b"one\n"), compress(LEAK.as_bytes())].concat();
        let scanned = scan(&name, &twice);
        // Of zlib and brotli nothing says that more follows.
        let is_one = matches!(suffix, "zlib" | "br" | "lzma");
        assert_eq!(names(&scanned).len(), usize::from(!is_one), "{suffix}");
    }
}

#[test]
fn members_have_the_findings_of_plain_text() {
    let mut numbers = Numbers(7);
    for size in [2_000, 300_000, 3_000_000, 20_000_000] {
        let text = generated(&mut numbers, size, 400);
        let expected = whole(&scanner(), &text);
        assert!(!expected.is_empty());
        let archive = zstd::encode_all(&*tar(&[("first", b"x\n"), ("text", &text)]), 1).unwrap();
        let of_file = scan("x.tar.zst", &archive);
        let rendered = |found: &[(String, String)]| -> Vec<String> {
            found.iter().map(|(_, finding)| finding.clone()).collect()
        };
        let mut sorted = expected.clone();
        sorted.sort();
        let mut got = rendered(&of_file.found);
        got.sort();
        assert_eq!(got, sorted, "{size}");
        let found = Found::default();
        let options = limits(Limits::default());
        let take = |located| found.take(located);
        let progress = Progress::default();
        scan_stream(&scanner(), &*archive, "pipe", &options, &progress, &take);
        let mut piped = rendered(&found.sorted());
        piped.sort();
        assert_eq!(piped, sorted, "{size}");
    }
}

#[test]
fn members_are_the_same_on_any_number_of_threads() {
    let mut numbers = Numbers(21);
    // Small ones, empty ones, some that are no small ones, and containers amid them.
    let members: Vec<(String, Vec<u8>)> = (0..600)
        .map(|n| {
            let len = match n % 50 {
                0 => 0,
                7 => 400_000 + numbers.below(900_000) as usize,
                _ => numbers.below(20_000) as usize,
            };
            let content = generated(&mut numbers, len, 300);
            match n % 50 {
                9 => (format!("{n}.tar"), tar(&[("in", &content), ("more", LEAK.as_bytes())])),
                11 => (format!("{n}.zst"), zstd::encode_all(&*content, 1).unwrap()),
                13 => (format!("{n}.zst"), zstd::encode_all(&*content, 1).unwrap()[..9].to_vec()),
                _ => (n.to_string(), content),
            }
        })
        .collect();
    let borrowed: Vec<(&str, &[u8])> = members.iter().map(|(n, c)| (&**n, &**c)).collect();
    // What is not listed any more is read too.
    let left_out = {
        let (first, second) = borrowed.split_at(300);
        let (mut archive, all) = (zip(second), zip(first));
        // The first archive's directory is not the one that counts.
        archive.splice(0..0, all);
        archive
    };
    for (name, archive) in [("x", tar(&borrowed)), ("x", zip(&borrowed)), ("x", left_out)] {
        assert!(archive.len() as u64 > LARGE);
        let on = |threads: usize| {
            let options = WalkOptions::new().threads(threads).archives(Limits::default());
            scan_with(name, &archive, &options)
        };
        let alone = on(1);
        assert!(alone.found.len() > 1_000 && alone.skips.len() == 12, "{}", alone.skips.len());
        for threads in [2, 3, 8] {
            let divided = on(threads);
            assert_eq!(divided.found, alone.found, "{threads}");
            assert_eq!(divided.skips, alone.skips, "{threads}");
            assert_eq!(divided.ledger.objects, alone.ledger.objects);
            assert_eq!(divided.ledger.bytes, alone.ledger.bytes);
        }
    }
}

#[test]
fn what_a_limit_leaves_out_is_named_once() {
    let mut nested = LEAK.as_bytes().to_vec();
    for depth in 0..5 {
        nested = tar(&[(&format!("{depth}"), &nested), ("beside", LEAK.as_bytes())]);
    }
    let scanned = scan_with("x.tar", &nested, &limits(Limits::default().depth(3)));
    assert_eq!(names(&scanned), ["x.tar!4!3!beside", "x.tar!4!beside", "x.tar!beside"]);
    assert_eq!(scanned.skips, [("x.tar!4!3!2".to_owned(), SkipKind::ArchiveLimit)]);
    // Without any depth it is scanned as it stands.
    let scanned = scan_with("x.tar", &nested, &limits(Limits::default().depth(0)));
    assert_eq!(names(&scanned).len(), 6);
    assert_eq!(scanned.skips, []);

    let scanned = scan_with("x.tar", &nested, &limits(Limits::default().members(2)));
    assert_eq!(scanned.skips, [("x.tar!4!3".to_owned(), SkipKind::ArchiveLimit)]);

    let zeros = zstd::encode_all(&*vec![0; 3_000_000], 1).unwrap();
    let packed = tar(&[("zeros.zst", &zeros), ("beside", LEAK.as_bytes())]);
    let scanned = scan_with("x.tar", &packed, &limits(Limits::default().bytes(2_000_000)));
    assert_eq!(scanned.skips, [("x.tar!zeros.zst".to_owned(), SkipKind::ArchiveLimit)]);

    let zeros = zstd::encode_all(io::repeat(0).take(400 << 20), 1).unwrap();
    let scanned = scan("zeros.zst", &zeros);
    assert_eq!(scanned.skips, [("zeros.zst".to_owned(), SkipKind::ArchiveLimit)]);
    assert!(scanned.ledger.bytes < 400 << 20);
}

#[test]
fn memory_that_a_file_asks_for_is_not_given() {
    // A frame with a window of 256 MiB, and one block as it stands.
    let mut frame = b"\x28\xb5\x2f\xfd\x00\x90".to_vec();
    frame.extend_from_slice(&((LEAK.len() as u32) << 3 | 1).to_le_bytes()[..3]);
    frame.extend_from_slice(LEAK.as_bytes());
    let scanned = scan("x.zst", &frame);
    assert_eq!(scanned.skips, [("x.zst".to_owned(), SkipKind::ArchiveLimit)]);

    let (_, lzma) = COMPRESSED.into_iter().find(|(suffix, _)| *suffix == "lzma").unwrap();
    let mut file = lzma(LEAK.as_bytes());
    file[1..5].copy_from_slice(&(1u32 << 30).to_le_bytes());
    let scanned = scan("x.lzma", &file);
    assert_eq!(scanned.skips, [("x.lzma".to_owned(), SkipKind::ArchiveLimit)]);
}

#[test]
fn what_is_cut_or_flipped_is_named_and_what_is_whole_is_found() {
    let mut numbers = Numbers(3);
    let noise: Vec<u8> = (0..3000).map(|_| numbers.below(256) as u8).collect();
    let archive = tar(&[("leak", LEAK.as_bytes()), ("noise", &noise)]);
    for (suffix, compress) in COMPRESSED {
        let name = format!("x.tar.{suffix}");
        let whole = compress(&archive);
        for cut in (0..whole.len()).step_by(97) {
            let scanned = scan(&name, &whole[..cut]);
            // A beginning that is no container yet is scanned as what it is.
            let is_known = Format::of(&whole[..cut], name.as_bytes()).is_some();
            let is_named = scanned.skips.iter().all(|(_, kind)| *kind == SkipKind::DamagedArchive);
            assert!(is_named, "{suffix} {cut}: {:?}", scanned.skips);
            assert_eq!(is_known, !scanned.skips.is_empty(), "{suffix} cut at {cut}");
        }
        for _ in 0..40 {
            let mut flipped = whole.clone();
            flipped[numbers.below(whole.len() as u64) as usize] ^= 1 << numbers.below(8);
            let _ = scan(&name, &flipped);
        }
    }
}

#[test]
fn names_are_told_as_they_stand() {
    let mut archive = Vec::new();
    // GNU's long name, pax's, and names that lead elsewhere.
    let long = "d/".repeat(200);
    header(&mut archive, "././@LongLink", long.len() + 1, b'L');
    archive.extend_from_slice(format!("{long}\0").as_bytes());
    archive.resize(archive.len().next_multiple_of(512), 0);
    let mut add = |name: &str| {
        header(&mut archive, name, LEAK.len(), b'0');
        archive.extend_from_slice(LEAK.as_bytes());
        archive.resize(archive.len().next_multiple_of(512), 0);
    };
    add("short");
    add("../../etc/passwd");
    add("/absolute");
    add("twice");
    add("twice");
    let record = "20 path=from/pax.txt";
    header(&mut archive, "pax", 21, b'x');
    archive.extend_from_slice(format!("21{}\n", &record[2..]).as_bytes());
    archive.resize(archive.len().next_multiple_of(512), 0);
    header(&mut archive, "short", LEAK.len(), b'0');
    archive.extend_from_slice(LEAK.as_bytes());
    // The end is missing, as some programs leave it.
    let scanned = scan("x.tar", &archive);
    let mut expected = vec![
        "x.tar!../../etc/passwd".to_owned(),
        "x.tar!/absolute".to_owned(),
        format!("x.tar!{long}"),
        "x.tar!from/pax.txt".to_owned(),
        "x.tar!twice".to_owned(),
        "x.tar!twice".to_owned(),
    ];
    expected.sort();
    let mut got = names(&scanned);
    got.sort_unstable();
    assert_eq!(got, expected);
    assert_eq!(scanned.skips, []);
}

#[test]
fn a_program_and_the_archive_behind_it_are_scanned_once_each() {
    use ::zip::write::{SimpleFileOptions, ZipWriter};
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(::zip::CompressionMethod::Stored);
    zip.start_file("a/leak", stored).unwrap();
    zip.write_all(LEAK.as_bytes()).unwrap();
    let zip = zip.finish().unwrap().into_inner();
    // Read at once, in windows, and on all threads.
    for filler in [0, 400_000, 9_000_000] {
        for head in ["#!/bin/sh\n", "MZ", "\u{7f}ELF"] {
            let text = format!("{head}\nKEYIDabcdefghijkl\n{}", "x\n".repeat(filler / 2));
            let scanned = scan("run", &[text.as_bytes(), &zip].concat());
            assert_eq!(names(&scanned), ["run", "run!a/leak"], "{filler}");
            assert_eq!((scanned.skips.len(), scanned.ledger.objects), (0, 2));
        }
        // What is no program is text.
        let text = format!("KEYIDabcdefghijkl\n{}", "x\n".repeat(filler / 2));
        assert_eq!(names(&scan("run", &[text.as_bytes(), &zip].concat())), ["run", "run"]);
    }
}

#[test]
fn a_leak_that_a_page_sets_in_pieces_is_found() {
    let page = b"BT 72 700 Td [(KEYIDabc)-4(defg)12(hijkl)] TJ ET";
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(page).unwrap();
    let stream = encoder.finish().unwrap();
    let document = |padding: usize| {
        let comment = format!("%{}\nKEYIDabcdefghijkl\n", "x".repeat(padding));
        let object = format!("7 0 obj\n<</Filter/FlateDecode/Length {}>>stream\n", stream.len());
        let (head, end) = (b"%PDF-1.4\n", b"\nendstream endobj\n%%EOF\n");
        [&head[..], comment.as_bytes(), object.as_bytes(), &stream, end].concat()
    };
    // Read at once, in windows, on all threads, and as a member.
    for padding in [0, 400_000, 9_000_000] {
        let scanned = scan("x.pdf", &document(padding));
        assert_eq!(names(&scanned), ["x.pdf", "x.pdf!object 7 (text)"], "{padding}");
        assert_eq!((scanned.skips.len(), scanned.ledger.objects), (0, 3));
    }
    let scanned = scan("x.tar", &tar(&[("in.pdf", &document(0))]));
    assert_eq!(names(&scanned), ["x.tar!in.pdf", "x.tar!in.pdf!object 7 (text)"]);
}

#[cfg(feature = "git")]
#[test]
fn a_bundle_has_the_findings_of_its_repository() {
    use crate::input::git::testing::git;
    let dir = TempDir::new().unwrap();
    git(dir.path(), &["init", "-q", "-b", "main"]);
    fs::write(dir.path().join("leak.txt"), LEAK).unwrap();
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-q", "-m", "one"]);
    let blob = git(dir.path(), &["rev-parse", "HEAD:leak.txt"]);
    git(dir.path(), &["rm", "-q", "leak.txt"]);
    git(dir.path(), &["commit", "-q", "-m", "it was KEYIDabcdefghijkl"]);
    let commit = git(dir.path(), &["rev-parse", "HEAD"]);
    git(dir.path(), &["bundle", "create", "-q", "x.bundle", "main"]);
    let bundle = fs::read(dir.path().join("x.bundle")).unwrap();
    let scanned = scan("x.bundle", &bundle);
    let (blob, commit) =
        (format!("x.bundle!{}/leak.txt", &blob[..12]), format!("x.bundle!{commit}"));
    let mut expected = [&*blob, &*commit];
    expected.sort_unstable();
    assert_eq!(names(&scanned), expected);
    assert_eq!(scanned.skips, []);
}

#[test]
fn text_is_no_container() {
    let mut numbers = Numbers(11);
    for beginning in ["BZh91", "x^2 + y", "PK", "]\0\0", "\u{1f}", "x\u{1}y", "7z", "ustar"] {
        let text = format!("{beginning} {LEAK}");
        for name in ["x", "x.gz", "x.tar", "x.br"] {
            assert_eq!(Format::of(text.as_bytes(), name.as_bytes()), None, "{beginning} {name}");
        }
    }
    for _ in 0..200 {
        let text = generated(&mut numbers, 600, 5);
        assert_eq!(Format::of(&text, b"x"), None);
    }
}

/// Content that panics where it is read beyond its beginning, as a decoder's may.
struct Broken<'b>(&'b [u8]);

impl Read for Broken<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.0.read(out)? {
            0 if !out.is_empty() => panic!("a decoder's defect"),
            read => Ok(read),
        }
    }
}

/// A worker's findings and skips.
fn worked(work: impl FnOnce(&mut Worker<'_>)) -> (Vec<String>, Vec<(String, SkipKind, String)>) {
    let (found, progress) = (Found::default(), Progress::default());
    let (scanner, options) = (scanner(), limits(Limits::default()));
    let take = |located| found.take(located);
    let large = std::sync::Mutex::default();
    let run = super::super::object::Run {
        scanner: &scanner,
        options: &options,
        progress: &progress,
        found: &take,
        large,
    };
    let mut worker = Worker::new(&run);
    work(&mut worker);
    let ledger = worker.into_ledger();
    let skip = |s: &crate::ledger::Skip| (s.origin.name(), s.kind, s.detail.clone());
    let skips = ledger.skips().iter().map(skip).collect();
    (found.sorted().into_iter().map(|(name, _)| name).collect(), skips)
}

#[test]
fn a_decoder_that_panics_costs_its_container_and_no_more() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !crate::input::archive::is_guarded() {
            hook(panic);
        }
    }));
    let inner = tar(&[("leak", LEAK.as_bytes()), ("rest", &[b'x'; 3000])]);
    let outer = tar(&[("before", LEAK.as_bytes()), ("in.tar", &inner), ("after", b"y")]);
    let start = |needle: &[u8]| memchr::memmem::find(&outer, needle).unwrap();
    // In a header, and in a member that is scanned.
    for (end, at) in [(start(b"rest") + 100, "x!in.tar"), (start(b"xxx") + 100, "x!in.tar!rest")] {
        for divide in [false, true] {
            let (found, skips) = worked(|worker| {
                let mut content = Broken(&outer[..end]);
                let name = Name::of(Outer::Stream("x"));
                let content = Content::Stream(&mut content);
                let spent = Spent::of(1);
                let ended = worker.unpack(&name, Format::Tar, content, &spent, divide);
                assert!(matches!(ended, Ended::Unpacked));
                // It is fit for more.
                let next = Name::of(Outer::Stream("y"));
                assert!(matches!(worker.slice(&next, LEAK.as_bytes()), Ended::Complete));
            });
            assert_eq!(found, ["x!before", "x!in.tar!leak", "y"]);
            let [(name, kind, detail)] = &*skips else { panic!("{skips:?}") };
            assert_eq!((&**name, *kind), (at, SkipKind::DamagedArchive));
            assert!(!detail.contains("defect"), "{detail}");
        }
    }
}
