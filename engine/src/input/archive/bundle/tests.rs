use std::path::Path;

use tempfile::TempDir;

use super::super::Format;
use super::super::collected::{Collected, collect};
use crate::input::git::testing::git;
use crate::ledger::SkipKind;

/// Twelve versions of a file and a tag, so that there are deltas.
fn repository() -> TempDir {
    let dir = TempDir::new().expect("a directory");
    let at = dir.path();
    git(at, &["init", "-q", "-b", "main"]);
    std::fs::create_dir(at.join("src")).expect("it is made");
    for version in 0..12 {
        let text: String = (0..400).map(|n| format!("line {n} {}\n", n * 7)).collect();
        let text = text.replace("line 100 ", &format!("version {version} "));
        std::fs::write(at.join("src/a b.txt"), text).expect("it is written");
        git(at, &["add", "."]);
        git(at, &["commit", "-q", "-m", &format!("commit {version}")]);
    }
    git(at, &["tag", "-a", "-m", "a tag", "v1"]);
    dir
}

fn bundle(at: &Path, version: &str, what: &str) -> Vec<u8> {
    git(at, &["bundle", "create", "-q", version, "x.bundle", what]);
    std::fs::read(at.join("x.bundle")).expect("it is there")
}

fn contains(collected: &Collected, needle: &str) -> Vec<String> {
    let has = |content: &[u8]| memchr::memmem::find(content, needle.as_bytes()).is_some();
    let found = collected.members.iter().filter(|(_, content, _)| has(content));
    found.map(|(name, _, _)| name.clone()).collect()
}

#[test]
fn every_object_is_a_member_under_its_path() {
    let dir = repository();
    for version in ["--version=2", "--version=3"] {
        let bytes = bundle(dir.path(), version, "--all");
        assert!(super::is(&bytes[..super::super::HEAD]));
        let (collected, result) = collect(Format::Bundle, &bytes);
        assert!(result.is_ok());
        for version in 0..12 {
            let id = git(dir.path(), &["rev-parse", &format!("main~{}:src/a b.txt", 11 - version)]);
            let blob = contains(&collected, &format!("version {version} "));
            assert_eq!(blob, [format!("{}/src/a b.txt", &id[..12])]);
            let id = git(dir.path(), &["rev-parse", &format!("main~{}", 11 - version)]);
            assert_eq!(contains(&collected, &format!("\n\ncommit {version}\n")), [id]);
        }
        assert_eq!(contains(&collected, "a tag").len(), 1);
        assert_eq!(contains(&collected, "refs/heads/main"), ["(header)"]);
        // The header, 12 versions, 12 commits, a tag.
        assert_eq!((collected.members.len(), collected.refused.len()), (26, 0));
    }
}

#[test]
fn what_is_made_from_absent_objects_is_told() {
    let dir = repository();
    let bytes = bundle(dir.path(), "--version=2", "main~3..main");
    let (collected, result) = collect(Format::Bundle, &bytes);
    assert!(result.is_ok());
    assert_eq!(contains(&collected, "\n\ncommit 11\n").len(), 1);
    let [(name, kind, detail)] = &*collected.refused else { panic!("{:?}", collected.refused) };
    assert_eq!((&**name, *kind), ("", SkipKind::MissingObject));
    assert!(detail.contains("made from what it does not hold"), "{detail}");
}

#[test]
fn deltas_that_name_their_bases_by_id_are_made() {
    let dir = repository();
    git(dir.path(), &["config", "repack.useDeltaBaseOffset", "false"]);
    git(dir.path(), &["repack", "-adfq"]);
    let packs = dir.path().join(".git/objects/pack");
    let pack = std::fs::read_dir(packs).expect("packs").flatten().map(|entry| entry.path());
    let pack = pack.into_iter().find(|path| path.extension().is_some_and(|e| e == "pack"));
    let pack = std::fs::read(pack.expect("a pack")).expect("it is read");
    let id = git(dir.path(), &["rev-parse", "main"]);
    let bytes = [format!("# v2 git bundle\n{id} refs/heads/main\n\n").as_bytes(), &pack].concat();
    let (collected, result) = collect(Format::Bundle, &bytes);
    assert!(result.is_ok());
    assert_eq!((collected.members.len(), collected.refused.len()), (26, 0));
}

#[test]
fn damage_is_told_and_what_is_whole_is_handed_on() {
    let dir = repository();
    let bytes = bundle(dir.path(), "--version=2", "--all");
    let (whole, _) = collect(Format::Bundle, &bytes);
    for at in (0..bytes.len()).step_by(41) {
        let (collected, result) = collect(Format::Bundle, &bytes[..at]);
        assert!(collected.members.len() <= whole.members.len());
        assert_eq!(result.map_err(|(kind, _)| kind), Err(SkipKind::DamagedArchive));
        let mut flipped = bytes.clone();
        flipped[at] ^= 16;
        let _ = collect(Format::Bundle, &flipped);
    }
    let other = "# v3 git bundle\n@object-format=sha256\n\nPACK";
    let (_, result) = collect(Format::Bundle, other.as_bytes());
    assert_eq!(result.map_err(|(kind, _)| kind), Err(SkipKind::UnsupportedArchive));
    for text in ["# v2 git bundle\nis the first line\n", "# v1\n", "# v2 git bundle"] {
        assert!(!super::is(text.as_bytes()), "{text}");
    }
}

/// The header of an entry whose data has so many bytes.
fn header(kind: u8, mut size: usize) -> Vec<u8> {
    let mut bytes = vec![kind << 4 | (size & 15) as u8];
    size >>= 4;
    while size > 0 {
        *bytes.last_mut().expect("one") |= 0x80;
        bytes.push((size & 127) as u8);
        size >>= 7;
    }
    bytes
}

fn zlib(data: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(data).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}

#[test]
fn a_long_chain_of_large_objects_takes_little_memory() {
    // A megabyte of one letter, and again and again all of it but its last byte.
    let size = 1usize << 20;
    let number = |n: usize| [n as u8 & 127 | 128, (n >> 7) as u8 & 127 | 128, (n >> 14) as u8];
    let mut delta = [number(size), number(size)].concat();
    delta.push(0xf0);
    delta.extend(&((size - 1) as u32).to_le_bytes()[..3]);
    delta.extend(b"\x01b");
    let mut bundle = format!("# v2 git bundle\n{} refs/heads/a\n\n", "0".repeat(40)).into_bytes();
    bundle.extend(b"PACK\0\0\0\x02");
    bundle.extend(101u32.to_be_bytes());
    let mut last = [header(3, size), zlib(&vec![b'a'; size])].concat();
    for _ in 0..100 {
        let distance = match last.len() {
            near @ 0..0x80 => vec![near as u8],
            far => vec![0x80 | ((far >> 7) - 1) as u8, (far & 127) as u8],
        };
        bundle.extend(&last);
        last = [header(6, delta.len()), distance, zlib(&delta)].concat();
    }
    bundle.extend(&last);
    bundle.extend([0; 20]);
    let (collected, result) = collect(Format::Bundle, &bundle);
    assert!(result.is_ok());
    assert_eq!(collected.members.len(), 102);
    assert_eq!(collected.refused, []);
}
