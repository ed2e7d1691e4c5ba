use std::io::{Cursor, Write};
use std::ops::ControlFlow;

use ::zip::CompressionMethod;
use ::zip::write::{SimpleFileOptions, ZipWriter};

use super::super::collected::{Collected, collect, collect_to};
use super::super::{Content, Format, unpack};
use crate::ledger::SkipKind;

/// A member as it stands in an archive, right or wrong.
#[derive(Clone)]
struct Member {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    crc: u32,
    packed: Vec<u8>,
    size: u32,
    extra: Vec<u8>,
    comment: Vec<u8>,
}

fn stored(name: &str, content: &[u8]) -> Member {
    let mut crc = flate2::Crc::new();
    crc.update(content);
    Member {
        name: name.into(),
        flags: 0,
        method: 0,
        crc: crc.sum(),
        packed: content.to_vec(),
        size: content.len() as u32,
        extra: Vec::new(),
        comment: Vec::new(),
    }
}

fn deflated(name: &str, content: &[u8]) -> Member {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).expect("memory takes all");
    let packed = encoder.finish().expect("memory takes all");
    Member { method: 8, packed, ..stored(name, content) }
}

/// The fields that both headers have.
fn fields(member: &Member) -> Vec<u8> {
    let mut bytes = Vec::new();
    for field in [member.flags, member.method, 0, 0x5821] {
        bytes.extend(field.to_le_bytes());
    }
    for field in [member.crc, member.packed.len() as u32, member.size] {
        bytes.extend(field.to_le_bytes());
    }
    for text in [&member.name, &member.extra] {
        bytes.extend((text.len() as u16).to_le_bytes());
    }
    bytes
}

fn local(member: &Member) -> Vec<u8> {
    [b"PK\x03\x04\x14\0", &*fields(member), &member.name, &member.extra, &member.packed].concat()
}

fn listed(member: &Member, offset: usize) -> Vec<u8> {
    let mut bytes = [b"PK\x01\x02\x14\x03\x14\0", &*fields(member)].concat();
    bytes.extend((member.comment.len() as u16).to_le_bytes());
    bytes.extend([0; 8]);
    bytes.extend((offset as u32).to_le_bytes());
    [&*bytes, &member.name, &member.extra, &member.comment].concat()
}

fn end(entries: usize, size: usize, offset: usize, comment: &[u8]) -> Vec<u8> {
    let mut bytes = b"PK\x05\x06\0\0\0\0".to_vec();
    bytes.extend((entries as u16).to_le_bytes().repeat(2));
    bytes.extend((size as u32).to_le_bytes());
    bytes.extend((offset as u32).to_le_bytes());
    bytes.extend((comment.len() as u16).to_le_bytes());
    [&*bytes, comment].concat()
}

fn archive(members: &[Member]) -> Vec<u8> {
    archive_of(members, &vec![true; members.len()], b"")
}

/// An archive that lists only some of its members.
fn archive_of(members: &[Member], listing: &[bool], comment: &[u8]) -> Vec<u8> {
    let (mut data, mut directory, mut count) = (Vec::new(), Vec::new(), 0);
    for (member, is_listed) in members.iter().zip(listing) {
        if *is_listed {
            directory.extend(listed(member, data.len()));
            count += 1;
        }
        data.extend(local(member));
    }
    let end = end(count, directory.len(), data.len(), comment);
    [data, directory, end].concat()
}

fn read(bytes: &[u8]) -> Collected {
    let (collected, result) = collect(Format::Zip, bytes);
    assert_eq!(result, Ok(ControlFlow::Continue(())));
    collected
}

fn text(lines: usize) -> Vec<u8> {
    (0..lines).flat_map(|n| format!("line {n} of {}\n", n * n).into_bytes()).collect()
}

#[test]
fn what_another_writer_writes_is_read() {
    let methods = [
        CompressionMethod::Stored,
        CompressionMethod::Deflated,
        CompressionMethod::Bzip2,
        CompressionMethod::Zstd,
        CompressionMethod::Xz,
    ];
    for large in [false, true] {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let mut expected = Vec::new();
        for (n, method) in methods.into_iter().enumerate() {
            let options = SimpleFileOptions::default().compression_method(method).large_file(large);
            for lines in [0, 1, 20_000] {
                let name = format!("dir/{n}-{lines}.txt");
                writer.start_file(&*name, options).expect("it starts");
                writer.write_all(&text(lines)).expect("it is written");
                expected.push((name, text(lines)));
            }
        }
        writer.add_directory("dir/", SimpleFileOptions::default()).expect("it is added");
        let options = SimpleFileOptions::default();
        writer.add_symlink("link", "dir/target", options).expect("it is added");
        expected.push(("link".to_owned(), b"dir/target".to_vec()));
        let bytes = writer.finish().expect("it ends").into_inner();
        assert_eq!(Format::of(&bytes[..512], b""), Some(Format::Zip));
        let collected = read(&bytes);
        let expected: Vec<_> = expected.iter().map(|(n, c)| (&**n, &**c)).collect();
        assert!(collected.whole() == expected);
    }
}

#[test]
fn what_a_writer_without_seeking_writes_is_read() {
    let mut writer = ZipWriter::new_stream(Vec::new());
    let options = SimpleFileOptions::default();
    for name in ["one", "two"] {
        writer.start_file(name, options).expect("it starts");
        writer.write_all(&text(100)).expect("it is written");
    }
    let bytes = writer.finish().expect("it ends").into_inner();
    assert!(read(&bytes).whole() == [("one", &*text(100)), ("two", &*text(100))]);
    // What the headers before the members do not say, deflate itself does.
    let directory = memchr::memmem::find(&bytes, b"PK\x01\x02").expect("it has one");
    let (collected, result) = collect(Format::Zip, &bytes[..directory]);
    assert!(collected.whole() == [("one", &*text(100)), ("two", &*text(100))]);
    assert_eq!(result.unwrap_err().0, SkipKind::DamagedArchive);
}

#[test]
fn lzma_is_read_with_a_known_end_and_a_marked_one() {
    let content = text(1000);
    let options = liblzma::stream::LzmaOptions::new_preset(6).expect("there is a preset");
    let stream = liblzma::stream::Stream::new_lzma_encoder(&options).expect("it is made");
    let mut encoder = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
    encoder.write_all(&content).expect("memory takes all");
    // Its header: properties and a size, which is not stated here.
    let file = encoder.finish().expect("memory takes all");
    let packed = [&[9, 20, 5, 0], &file[..5], &file[13..]].concat();
    for flags in [0, 2] {
        let member = Member { method: 14, flags, packed: packed.clone(), ..stored("a", &content) };
        assert!(read(&archive(&[member])).whole() == [("a", &*content)]);
    }
}

#[test]
fn an_archive_without_members_is_one() {
    let bytes = archive(&[]);
    assert_eq!(Format::of(&bytes, b""), Some(Format::Zip));
    assert!(read(&bytes).whole().is_empty());
    let bytes = archive_of(&[], &[], b"a comment");
    assert!(read(&bytes).whole() == [("(comment)", &b"a comment"[..])]);
}

#[test]
fn text_is_no_archive() {
    for text in ["PK", "PK is a postal code", "PK\x03\x04", "PK\x03\x04 and so on and on and on"] {
        assert_eq!(Format::of(text.as_bytes(), b"a.zip"), None, "{text}");
    }
    assert_eq!(Format::of(&local(&stored("a", b""))[..31], b""), Some(Format::Zip));
}

#[test]
fn names_are_utf_8_or_of_ms_dos() {
    let mut crc = flate2::Crc::new();
    crc.update(b"\x81.txt");
    let name = "\u{fc}\u{2713}.txt";
    let extra = [&b"up"[..], &[5 + 9, 0, 1], &crc.sum().to_le_bytes(), name.as_bytes()].concat();
    assert_eq!(name.len(), 9);
    let dos = Member { name: b"\x81\x9b.txt".to_vec(), ..stored("", b"1") };
    let with_extra = Member { name: b"\x81.txt".to_vec(), extra, ..stored("", b"2") };
    let flagged = Member { flags: 1 << 11, ..stored("\u{fc}", b"3") };
    let unflagged = stored("\u{e9}", b"4");
    let bad = ["../../etc/passwd", "/etc/passwd", "C:\\x", "a", "a"];
    let mut members = vec![dos, with_extra, flagged, unflagged];
    members.extend(bad.map(|name| stored(name, b"5")));
    let collected = read(&archive(&members));
    let names: Vec<_> = collected.whole().into_iter().map(|(name, _)| name).collect();
    let expected = ["\u{fc}\u{a2}.txt", name, "\u{fc}", "\u{e9}"];
    assert_eq!(names, [&expected[..], &bad].concat());
}

#[test]
fn comments_are_members() {
    let member = Member { comment: b"of a member".to_vec(), ..stored("a", b"1") };
    let bytes = archive_of(&[member], &[true], b"of the archive");
    let expected =
        [("a", &b"1"[..]), ("a (comment)", b"of a member"), ("(comment)", b"of the archive")];
    assert!(read(&bytes).whole() == expected);
}

#[test]
fn a_comment_that_looks_like_an_end_is_a_comment() {
    let comment = end(3, 400, 17, b"");
    let bytes = archive_of(&[stored("a", b"1")], &[true], &comment);
    assert!(read(&bytes).whole() == [("a", &b"1"[..]), ("(comment)", &comment)]);
}

#[test]
fn encrypted_members_and_unknown_methods_are_refused_and_others_read() {
    let members = [
        Member { flags: 1, ..deflated("encrypted", b"1") },
        Member { method: 99, flags: 1, ..stored("aes", b"2") },
        Member { method: 6, ..stored("imploded", b"3") },
        Member { method: 1234, ..stored("odd", b"4") },
        stored("read", b"5"),
    ];
    let collected = read(&archive(&members));
    let refused: Vec<_> = collected.refused.iter().map(|(n, kind, _)| (&**n, *kind)).collect();
    let expected = [
        ("encrypted", SkipKind::EncryptedMember),
        ("aes", SkipKind::EncryptedMember),
        ("imploded", SkipKind::UnsupportedArchive),
        ("odd", SkipKind::UnsupportedArchive),
    ];
    assert_eq!(refused, expected);
    assert_eq!(collected.refused[2].2, "compressed by method 6 (implode), which is not read");
    assert_eq!(collected.members, [("read".to_owned(), b"5".to_vec(), None)]);
}

#[test]
fn damaged_members_end_with_an_error_and_others_are_read() {
    let mut cut = deflated("cut", &text(1000));
    cut.packed.truncate(100);
    let mut garbled = deflated("garbled", &text(1000));
    garbled.packed[100..140].fill(0xff);
    let sum = Member { crc: 1, ..stored("sum", b"1") };
    let longer = Member { size: 1 << 31, ..deflated("longer", b"22") };
    let shorter = Member { size: 1, ..deflated("shorter", b"333") };
    let lzma = Member { method: 14, ..stored("lzma", b"no properties") };
    let last = stored("last", b"4");
    let collected = read(&archive(&[cut, garbled, sum, longer, shorter, lzma, last]));
    let ends: Vec<_> =
        collected.members.iter().map(|(n, c, e)| (&**n, c.len(), e.as_deref())).collect();
    assert_eq!(ends[0].0, "cut");
    assert!(ends[0].1 > 0 && ends[0].2.is_some_and(|e| e.contains("cut off")), "{:?}", ends[0]);
    assert!(ends[1].0 == "garbled" && ends[1].2.is_some());
    let size = Some("its size is not the one that is stated");
    assert_eq!(ends[2], ("sum", 1, Some("its checksum is wrong")));
    assert_eq!(ends[3..5], [("longer", 2, size), ("shorter", 3, size)]);
    assert_eq!(ends[5..], [("last", 1, None)]);
    assert_eq!(collected.refused[0].0, "lzma");
}

#[test]
fn sizes_beyond_the_end_are_no_more_than_lies() {
    let lying = Member { size: u32::MAX - 1, ..stored("a", b"content") };
    let mut bytes = archive(&[lying]);
    let directory = memchr::memmem::find(&bytes, b"PK\x01\x02").expect("it has one");
    bytes[directory + 20..][..4].copy_from_slice(&(u32::MAX - 1).to_le_bytes());
    let collected = read(&bytes);
    let (name, content, error) = &collected.members[0];
    // All that stands in the file, and then the end of it.
    assert!(name == "a" && content.starts_with(b"contentPK\x01\x02"));
    assert_eq!(error.as_deref(), Some("the archive ends within it"));
    // An offset beyond it.
    bytes[directory + 42..][..4].copy_from_slice(&(u32::MAX - 1).to_le_bytes());
    let (collected, _) = collect(Format::Zip, &bytes);
    assert_eq!(collected.refused[0].1, SkipKind::DamagedArchive);
}

#[test]
fn directories_are_no_members() {
    let members =
        [stored("a/", b""), deflated("b/", b""), stored("c/", b"content"), stored("d", b"")];
    let bytes = archive_of(&members, &[true; 4], b"");
    let expected: [(&str, &[u8]); 2] = [("c/", b"content"), ("d", b"")];
    assert!(read(&bytes).whole() == expected);
    let bytes = archive_of(&members, &[false; 4], b"");
    assert!(read(&bytes).whole() == expected);
}

#[test]
fn members_that_overlap_are_each_read() {
    let member = deflated("a", &text(10));
    let data = local(&member);
    let directory = [listed(&member, 0), listed(&member, 0), listed(&member, 0)].concat();
    let bytes = [&*data, &directory, &end(3, directory.len(), data.len(), b"")].concat();
    let text = text(10);
    assert!(read(&bytes).whole() == [("a", &*text), ("a", &*text), ("a", &*text)]);
}

#[test]
fn an_archive_behind_a_program_is_read() {
    let bytes = [b"#!/bin/sh\nexec java -jar \"$0\"\n", &*archive(&[deflated("a", b"1")])].concat();
    assert!(read(&bytes).whole() == [("a", &b"1"[..])]);
}

#[test]
fn members_that_are_not_listed_are_read_too() {
    let members = [
        stored("first", b"1"),
        deflated("hidden", &text(100)),
        stored("second", b"22"),
        stored("hidden too", b"333"),
        stored("third", b"4"),
        Member { flags: 1 << 3, ..deflated("hidden again", b"5") },
        Member { flags: 1 << 3, crc: 0, size: 0, ..stored("and again", b"6") },
    ];
    let bytes = archive_of(&members, &[true, false, true, false, true, false, false], b"");
    let text = text(100);
    let expected: [(&str, &[u8]); 7] = [
        ("first", b"1"),
        ("second", b"22"),
        ("third", b"4"),
        ("hidden", &text),
        ("hidden too", b"333"),
        ("hidden again", b"5"),
        ("and again", b"6"),
    ];
    assert!(read(&bytes).whole() == expected);
}

#[test]
fn a_size_that_cannot_be_right_hides_nothing() {
    let members = [stored("lying", b"1"), deflated("hidden", &text(10)), stored("listed", b"3")];
    let mut bytes = archive_of(&members, &[false, false, true], b"");
    bytes[18..22].copy_from_slice(&1_000_000_u32.to_le_bytes());
    let collected = read(&bytes);
    let hidden = ("hidden".to_owned(), text(10), None);
    assert_eq!(collected.members[1].0, "lying");
    assert!(collected.members[1].2.is_some() && collected.members[2] == hidden);
}

#[test]
fn an_archive_that_is_cut_off_is_read_until_there() {
    let bytes = archive(&[stored("a", b"1"), deflated("b", &text(1000)), stored("c", b"3")]);
    for cut in 0..bytes.len() {
        let (collected, result) = collect(Format::Zip, &bytes[..cut]);
        assert_eq!(result.unwrap_err().0, SkipKind::DamagedArchive, "{cut}");
        let whole = collected.members.iter().filter(|m| m.2.is_none()).count();
        assert!(collected.refused.is_empty() && collected.members.len() <= 3);
        if cut > bytes.len() - 22 {
            assert_eq!(whole, 3);
        }
    }
}

#[test]
fn a_damaged_directory_is_told() {
    let bytes = archive(&[stored("a", b"1"), stored("b", b"2"), stored("c", b"3")]);
    let second = memchr::memmem::find_iter(&bytes, b"PK\x01\x02").nth(1).expect("there are three");
    let mut damaged = bytes.clone();
    damaged[second] = 0;
    let (collected, result) = collect(Format::Zip, &damaged);
    assert_eq!(result, Err((SkipKind::DamagedArchive, "its directory is damaged".to_owned())));
    let names: Vec<_> = collected.whole().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a", "b", "c"]);
    // Another number of members than it lists.
    let mut damaged = bytes.clone();
    let at = damaged.len() - 12;
    damaged[at] = 2;
    let (collected, result) = collect(Format::Zip, &damaged);
    assert_eq!(collected.whole().len(), 3);
    assert_eq!(result.unwrap_err().0, SkipKind::DamagedArchive);
}

#[test]
fn the_taker_ends_the_reading() {
    let members = [stored("a", b"1"), Member { flags: 1, ..stored("b", b"2") }, stored("c", b"3")];
    let bytes = archive_of(&members, &[true, true, false], b"comment");
    for enough in 1..5 {
        let mut collected = Collected { enough: Some(enough), ..Collected::default() };
        let result = collect_to(Format::Zip, &bytes, &mut collected);
        assert_eq!(result, Ok(ControlFlow::Break(())));
        assert_eq!(collected.members.len() + collected.refused.len(), enough);
    }
}

#[test]
fn what_is_not_read_is_skipped() {
    let bytes = archive(&[deflated("a", &text(100)), deflated("b", &text(100))]);
    let mut collected = Collected { unread: true, ..Collected::default() };
    assert!(collect_to(Format::Zip, &bytes, &mut collected).is_ok());
    assert_eq!(collected.members.len(), 2);
}

#[test]
fn an_archive_in_an_archive_is_content() {
    let inner = archive(&[deflated("a", b"1")]);
    let outer = archive(&[stored("inner.zip", &inner), deflated("again.zip", &inner)]);
    assert!(read(&outer).whole() == [("inner.zip", &*inner), ("again.zip", &inner)]);
}

#[test]
fn a_hundred_thousand_members_take_no_time() {
    let members: Vec<_> = (0..100_000).map(|n| stored(&format!("{n}"), b"")).collect();
    let (mut data, mut directory) = (Vec::new(), Vec::new());
    // In an order in which none is near the one before it.
    for n in 0..members.len() {
        let member = &members[n * 7_919 % members.len()];
        directory.extend(listed(member, data.len()));
        data.extend(local(member));
    }
    let end = end(members.len(), directory.len(), data.len(), b"");
    let bytes = [data, directory, end].concat();
    assert_eq!(read(&bytes).members.len(), 100_000);
}

#[test]
fn a_stream_is_refused() {
    let mut bytes: &[u8] = &archive(&[]);
    let result = unpack(Format::Zip, Content::Stream(&mut bytes), &mut Collected::default());
    assert!(result.is_err_and(|why| why.kind == SkipKind::ArchiveLimit));
}

#[test]
fn an_archive_at_the_end_of_a_program_is_known_by_its_directory() {
    let zip = archive(&[stored("a", b"one"), deflated("b", &text(90))]);
    let program = |file: &[u8]| super::program(&mut Cursor::new(file)).expect("it is read");
    let stub = b"#!/bin/sh\nexec unzip -p \"$0\"\n";
    assert_eq!(program(&[stub, &*zip].concat()), Some(stub.len() as u64));
    // With offsets that count the program.
    let members = [stored("a", b"one")];
    let body = local(&members[0]);
    let list = listed(&members[0], stub.len());
    let tail = end(1, list.len(), stub.len() + body.len(), b"");
    assert_eq!(program(&[stub, &*body, &list, &tail].concat()), Some(stub.len() as u64));
    // No program before it, nothing in it, or not there at all.
    assert_eq!(program(&zip), None);
    assert_eq!(program(&[stub, &*archive(&[])].concat()), None);
    assert_eq!(program(stub), None);
    assert_eq!(program(b""), None);
    for cut in 1..zip.len() {
        let _ = program(&[stub, &zip[cut..]].concat());
        assert_eq!(program(&[stub, &zip[..cut]].concat()), None, "{cut}");
    }
}
