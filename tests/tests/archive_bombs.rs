//! Containers that were made to cost whoever unpacks them: what they may take is bounded,
//! they are named, and what stands beside them is found.
#![allow(missing_docs, clippy::unwrap_used)]

use std::fs;
use std::io::{Read, Write};
use std::sync::Mutex;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use leaksieve::Scanner;
use leaksieve::input::archive::Limits;
use leaksieve::input::files::WalkOptions;
use leaksieve::ledger::{Ledger, SkipKind};
use leaksieve::run::{Located, Progress, Target, scan_targets};
use leaksieve_tests::draw::Draw;
use leaksieve_tests::secret::aws_pair;
use tempfile::TempDir;

/// Names of what was found and of what was not scanned, below the file's, and the ledger.
struct Scanned {
    found: Vec<String>,
    skips: Vec<(String, SkipKind)>,
    ledger: Ledger,
}

fn scan_with(name: &str, content: &[u8], limits: Limits) -> Scanned {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join(name);
    fs::write(&file, content).unwrap();
    let found = Mutex::new(Vec::new());
    let below = |name: String| {
        let start = name.find('!').map_or(name.len(), |at| at + 1);
        name[start..].to_owned()
    };
    let take = |located: Located| found.lock().unwrap().push(below(located.origin.name()));
    let scanner = Scanner::builder().build().unwrap();
    let options = WalkOptions::new().threads(2).archives(limits);
    let progress = Progress::default();
    let ledger = scan_targets(&scanner, &[Target::Path(file)], &options, &progress, &take).unwrap();
    let skips = ledger.skips().iter().map(|s| (below(s.origin.name()), s.kind)).collect();
    let mut found = found.into_inner().unwrap();
    found.sort();
    Scanned { found, skips, ledger }
}

fn scan(name: &str, content: &[u8]) -> Scanned {
    scan_with(name, content, Limits::default())
}

fn leak() -> Vec<u8> {
    aws_pair(&mut Draw::new(8)).text.into_bytes()
}

fn gzip(content: impl Read) -> Vec<u8> {
    packed(content, GzEncoder::new(Vec::new(), Compression::best()))
}

fn packed(mut content: impl Read, mut encoder: GzEncoder<Vec<u8>>) -> Vec<u8> {
    std::io::copy(&mut content, &mut encoder).unwrap();
    encoder.finish().unwrap()
}

fn zeros(bytes: u64) -> impl Read {
    std::io::repeat(0).take(bytes)
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// A tar archive. Of a member whose size is stated, that is stated.
fn tar(members: &[(&str, &[u8], Option<u64>)]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, content, stated) in members {
        let mut header = [0u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        let size = stated.unwrap_or(content.len() as u64);
        header[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
        header[148..156].fill(b' ');
        header[156] = b'0';
        header[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        archive.extend(header);
        archive.extend(*content);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive
}

/// The fields that both headers of a zip's member have, with the size that is stated.
fn fields(packed: &[u8], crc: u32, size: u32, name: &str) -> Vec<u8> {
    let mut bytes = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0];
    for field in [crc, packed.len() as u32, size] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.extend((name.len() as u16).to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

/// A zip with one content that all of its members are.
fn zip(names: &[String], content: &[u8], size: u32) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    let packed = encoder.finish().unwrap();
    let crc = crc(content);
    let local = [b"PK\x03\x04", &*fields(&packed, crc, size, "a"), b"a", &packed].concat();
    let mut directory = Vec::new();
    for name in names {
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(fields(&packed, crc, size, name));
        directory.extend([0; 14]);
        directory.extend(name.as_bytes());
    }
    let mut end = b"PK\x05\x06\0\0\0\0".to_vec();
    let count = (names.len() as u16).to_le_bytes();
    end.extend([count, count].concat());
    end.extend((directory.len() as u32).to_le_bytes());
    end.extend((local.len() as u32).to_le_bytes());
    end.extend([0, 0]);
    [local, directory, end].concat()
}

#[test]
fn members_that_are_all_the_same_bytes_count_each() {
    let names: Vec<String> = (0..2_000).map(|n| format!("{n:04}")).collect();
    let mut content = leak();
    content.extend(vec![b'\n'; 1_000_000]);
    let bomb = zip(&names, &content, content.len() as u32);
    assert!(bomb.len() < 200_000);
    // Two gigabytes; the ratio ends it.
    let scanned = scan_with("x.zip", &bomb, Limits::default().ratio(1_000));
    let [(_, SkipKind::ArchiveLimit)] = &*scanned.skips else { panic!("{:?}", scanned.skips) };
    assert!(scanned.ledger.bytes < 400_000_000, "{}", scanned.ledger.bytes);
    assert!(scanned.found.contains(&"0000".to_owned()));
}

#[test]
fn sizes_that_are_lies_are_told_and_what_is_there_is_found() {
    let leak = leak();
    for size in [1, u32::MAX - 1] {
        let scanned = scan("x.zip", &zip(&["a".to_owned()], &leak, size));
        assert_eq!(scanned.found, ["a"]);
        assert_eq!(scanned.skips, [("a".to_owned(), SkipKind::DamagedArchive)]);
    }
    for size in [1 << 20, (1 << 33) - 1] {
        let archive = tar(&[("before", &leak, None), ("lie", &leak, Some(size))]);
        let scanned = scan("x.tar", &archive);
        assert_eq!(scanned.found, ["before", "lie"]);
        assert_eq!(scanned.skips, [(String::new(), SkipKind::DamagedArchive)]);
    }
    let mut stated = gzip(&*leak);
    let at = stated.len() - 4;
    stated[at..].copy_from_slice(&u32::MAX.to_le_bytes());
    let scanned = scan("x.gz", &stated);
    assert_eq!((scanned.found.len(), scanned.skips.len()), (1, 1));
}

#[test]
fn a_hundred_thousand_members_of_nothing_end_at_the_limit() {
    let names: Vec<String> = (0..100_000).map(|n| format!("{n}")).collect();
    let members: Vec<(&str, &[u8], Option<u64>)> =
        names.iter().map(|name| (&**name, &b""[..], None)).collect();
    let bomb = gzip(&*tar(&members));
    let scanned = scan("x.tar.gz", &bomb);
    assert_eq!((scanned.skips.len(), scanned.ledger.objects), (0, 100_000));
    let scanned = scan_with("x.tar.gz", &bomb, Limits::default().members(5_000));
    assert_eq!(scanned.skips.len(), 1);
    assert_eq!(scanned.skips[0].1, SkipKind::ArchiveLimit);
    assert!(scanned.ledger.objects <= 5_000);
}

#[test]
fn what_is_packed_over_and_over_ends_at_the_depth() {
    let leak = leak();
    let mut bomb = leak.clone();
    for _ in 0..40 {
        bomb = gzip(&*bomb);
    }
    let scanned = scan("x.tar", &tar(&[("deep.gz", &bomb, None), ("beside", &leak, None)]));
    assert_eq!(scanned.found, ["beside"]);
    assert_eq!(scanned.skips, [("deep.gz".to_owned(), SkipKind::ArchiveLimit)]);
}

/// An archive that holds itself and nothing else: `r.zip` of Russ Cox's "Zip Files All The
/// Way Down" (research.swtch.com/zip, 2010).
const QUINE: &str = "\
     504b03041400000008000803643cf9f4896448010000b801000007000000722f722e7a6970002500daff\
     504b03041400000008000803643cf9f4896448010000b801000007000000722f722e7a6970002f00d0ff\
     002500daff504b03041400000008000803643cf9f4896448010000b801000007000000722f722e7a6970\
     002f00d0ffc2548e5739000500faffc2548e5739000500faff000500faff001400ebffc2548e57390005\
     00faff000500faff001400ebff428821c400001400ebff428821c400001400ebff428821c400001400eb\
     ff428821c400001400ebff428821c400000000ffff000000ffff003400cbff428821c400000000ffff00\
     0000ffff003400cbff42e8215e0f000000ffff0af066641261c015dce8a048bf48af2ab320c09b950dc4\
     6704425306060640000600f9ff6d010000000042e8215e0f000000ffff0af066641261c015dce8a048bf\
     48af2ab320c09b950dc46704425306060640000600f9ff6d0100000000504b0102140014000000080008\
     03643cf9f4896448010000b8010000070000000000000000000000000000000000722f722e7a6970504b\
     05060000000001000100350000006d0100000000";

#[test]
fn what_holds_itself_ends_at_the_depth() {
    let bytes: Vec<u8> = QUINE
        .as_bytes()
        .chunks_exact(2)
        .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap())
        .collect();
    let scanned = scan("r.zip", &bytes);
    let last = ["r/r.zip"; 8].join("!");
    assert_eq!(scanned.skips, [(last, SkipKind::ArchiveLimit)]);
    // Beside a leak, it costs nothing else.
    let scanned = scan("x.tar", &tar(&[("r.zip", &bytes, None), ("a", &leak(), None)]));
    assert_eq!(scanned.found, ["a"]);
    assert_eq!(scanned.skips.len(), 1);
}

#[test]
fn zeros_in_zeros_end_at_the_ratio() {
    // Ten gigabytes in some kilobytes.
    let inner = gzip(zeros(1 << 29));
    let names: Vec<String> = (0..20).map(|n| format!("{n}.gz")).collect();
    let members: Vec<(&str, &[u8], Option<u64>)> =
        names.iter().map(|name| (&**name, &*inner, None)).collect();
    let bomb = gzip(&*gzip(&*tar(&members)));
    assert!(bomb.len() < 50_000, "{}", bomb.len());
    let scanned = scan("x.gz", &bomb);
    let [(_, SkipKind::ArchiveLimit)] = &*scanned.skips else { panic!("{:?}", scanned.skips) };
    assert!(scanned.ledger.bytes < 300 << 20, "{}", scanned.ledger.bytes);
}

#[test]
fn a_dictionary_of_four_gigabytes_is_refused() {
    let leak = leak();
    let mut file = b"\xfd7zXZ\0\0\0".to_vec();
    file.extend(crc(&[0, 0]).to_le_bytes());
    // A block of LZMA2 with the largest dictionary, and in it what is not compressed.
    let header = [2, 0, 0x21, 1, 40, 0, 0, 0];
    file.extend(header);
    file.extend(crc(&header).to_le_bytes());
    file.push(1);
    file.extend((leak.len() as u16 - 1).to_be_bytes());
    file.extend(&leak);
    file.push(0);
    let archive = tar(&[("x.xz", &file, None), ("beside", &leak, None)]);
    let scanned = scan("x.tar", &archive);
    assert_eq!(scanned.found, ["beside"]);
    assert_eq!(scanned.skips, [("x.xz".to_owned(), SkipKind::ArchiveLimit)]);
}
