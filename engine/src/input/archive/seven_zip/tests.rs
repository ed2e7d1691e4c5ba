use std::io::Cursor;
use std::ops::ControlFlow;

use sevenz_rust2::encoder_options::{AesEncoderOptions, Lzma2Options};
use sevenz_rust2::{
    ArchiveEntry, ArchiveWriter, EncoderConfiguration, EncoderMethod, Password, SourceReader,
};

use super::super::collected::{Collected, collect, collect_to};
use super::super::{Format, HEAD};
use super::bytes::Bytes;
use super::crc_of;
use crate::ledger::SkipKind;

fn text(lines: usize) -> Vec<u8> {
    (0..lines).flat_map(|n| format!("line {n} of {}\n", n * n).into_bytes()).collect()
}

type Writer = ArchiveWriter<Cursor<Vec<u8>>>;

fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new(Cursor::new(Vec::new())).expect("it begins");
    write(&mut writer);
    writer.finish().expect("it ends").into_inner()
}

/// Three files in one block, a file and a directory without content, and one in a block
/// of its own.
fn archive(methods: Vec<EncoderConfiguration>) -> Vec<u8> {
    written(|writer| {
        writer.set_content_methods(methods);
        let names = ["dir/a.txt", "dir/b.txt", "\u{fc}\u{1f511}.txt"];
        let entries = names.map(ArchiveEntry::new_file).to_vec();
        let contents = [100, 2000, 1].map(|n| SourceReader::new(Cursor::new(text(n)))).into();
        writer.push_archive_entries(entries, contents).expect("they are written");
        let nothing = None::<Cursor<Vec<u8>>>;
        let directory = ArchiveEntry::new_directory("dir");
        writer.push_archive_entry(directory, nothing).expect("it is written");
        let empty = ArchiveEntry::new_file("empty");
        writer.push_archive_entry(empty, Some(Cursor::new(Vec::new()))).expect("it is written");
        let alone = ArchiveEntry::new_file("alone");
        writer.push_archive_entry(alone, Some(Cursor::new(text(10)))).expect("it is written");
    })
}

fn contents() -> [(&'static str, Vec<u8>); 5] {
    [
        ("dir/a.txt", text(100)),
        ("dir/b.txt", text(2000)),
        ("\u{fc}\u{1f511}.txt", text(1)),
        ("empty", Vec::new()),
        ("alone", text(10)),
    ]
}

fn assert_whole(bytes: &[u8]) {
    let (collected, result) = collect(Format::SevenZip, bytes);
    assert_eq!(result, Ok(ControlFlow::Continue(())));
    let mut members = collected.whole();
    members.sort_unstable();
    let mut expected = contents();
    expected.sort_unstable();
    assert!(members.iter().map(|(n, c)| (*n, c.to_vec())).eq(expected));
}

/// An archive of this directory, and of these bytes before it.
fn with_directory(packed: &[u8], directory: &[u8]) -> Vec<u8> {
    let mut fields = Vec::new();
    fields.extend((packed.len() as u64).to_le_bytes());
    fields.extend((directory.len() as u64).to_le_bytes());
    fields.extend(crc_of(directory).to_le_bytes());
    let sum = crc_of(&fields).to_le_bytes();
    [b"7z\xbc\xaf\x27\x1c\0\x04", &sum[..], &fields, packed, directory].concat()
}

/// The directory of files `a`, `b`, … of one byte each, packed by one method.
fn directory_of(files: u8, method: &[u8], properties: &[u8]) -> Vec<u8> {
    directory_with(files, method, properties, &[])
}

/// The same with checksums of the files.
fn directory_with(files: u8, method: &[u8], properties: &[u8], sums: &[u32]) -> Vec<u8> {
    let mut bytes = vec![1, 4, 6, 0, 1, 9, files, 0];
    let flags = 0x20 | method.len() as u8;
    bytes.extend([7, 0x0b, 1, 0, 1, flags]);
    bytes.extend(method);
    bytes.push(properties.len() as u8);
    bytes.extend(properties);
    bytes.extend([0x0c, files, 0, 8, 0x0d, files, 9]);
    bytes.extend(std::iter::repeat_n(1, usize::from(files) - 1));
    if !sums.is_empty() {
        bytes.extend([0x0a, 1]);
        bytes.extend(sums.iter().flat_map(|sum| sum.to_le_bytes()));
    }
    bytes.extend([0, 0, 5, files, 0x11, 1 + 4 * files, 0]);
    bytes.extend((0..files).flat_map(|n| [b'a' + n, 0, 0, 0]));
    bytes.extend([0, 0]);
    bytes
}

#[test]
fn what_another_writer_writes_is_read() {
    let methods = [
        vec![EncoderMethod::LZMA],
        vec![EncoderMethod::LZMA2],
        vec![EncoderMethod::BZIP2],
        vec![EncoderMethod::BCJ_X86_FILTER, EncoderMethod::LZMA],
        vec![EncoderMethod::DELTA_FILTER, EncoderMethod::LZMA2],
    ];
    for methods in methods {
        let bytes = archive(methods.into_iter().map(EncoderConfiguration::new).collect());
        assert_eq!(Format::of(&bytes[..HEAD], b""), Some(Format::SevenZip));
        assert_whole(&bytes);
    }
}

#[test]
fn an_archive_without_members_is_one() {
    let bytes = written(|_| {});
    let (collected, result) = collect(Format::SevenZip, &bytes);
    assert!(result.is_ok() && collected.whole().is_empty());
    let (collected, result) = collect(Format::SevenZip, &with_directory(b"", b""));
    assert!(result.is_ok() && collected.whole().is_empty());
}

#[test]
fn text_is_no_archive() {
    assert_eq!(Format::of(b"7z is a program, and this is text of many bytes", b"a.7z"), None);
    assert_eq!(Format::of(b"7z\xbc\xaf\x27\x1c\0\x04", b""), None);
}

#[test]
fn rar_is_refused() {
    for bytes in [&b"Rar!\x1a\x07\x00 and so on"[..], b"Rar!\x1a\x07\x01\x00 and so on"] {
        assert_eq!(Format::of(bytes, b""), Some(Format::Rar));
        let (_, result) = collect(Format::Rar, bytes);
        assert_eq!(result.unwrap_err().0, SkipKind::UnsupportedArchive);
    }
    assert_eq!(Format::of(b"Rar! is a word", b"a.rar"), None);
}

#[test]
fn encrypted_files_are_refused() {
    let aes = || AesEncoderOptions::new(Password::from("password")).into();
    let bytes = archive(vec![aes(), Lzma2Options::default().into()]);
    let (collected, result) = collect(Format::SevenZip, &bytes);
    match result {
        // Without names: the writer encrypts them too, if not told otherwise.
        Err((kind, _)) => assert_eq!(kind, SkipKind::EncryptedMember),
        Ok(_) => panic!("names are encrypted"),
    }
    assert!(collected.members.is_empty());
    let bytes = written(|writer| {
        writer.set_content_methods(vec![aes(), Lzma2Options::default().into()]);
        writer.set_encrypt_header(false);
        for name in ["a", "b"] {
            let entry = ArchiveEntry::new_file(name);
            writer.push_archive_entry(entry, Some(Cursor::new(text(3)))).expect("it is written");
        }
    });
    let (collected, result) = collect(Format::SevenZip, &bytes);
    assert!(result.is_ok());
    let refused: Vec<_> = collected.refused.iter().map(|(n, kind, _)| (&**n, *kind)).collect();
    let expected = ["a", "b"].map(|name| (name, SkipKind::EncryptedMember));
    assert_eq!(refused, expected);
}

#[test]
fn numbers_are_as_long_as_their_first_byte_says() {
    let cases: [(&[u8], u64); 6] = [
        (&[0x7f], 0x7f),
        (&[0x80, 0x80], 0x80),
        (&[0xbf, 0xff], 0x3fff),
        (&[0xc1, 0x34, 0x12], 0x1_1234),
        (&[0xfe, 1, 2, 3, 4, 5, 6, 7], 0x07_0605_0403_0201),
        (&[0xff, 1, 2, 3, 4, 5, 6, 7, 8], 0x0807_0605_0403_0201),
    ];
    for (bytes, number) in cases {
        let mut rest = Bytes(bytes);
        assert_eq!((rest.number(), rest.0), (Some(number), &[][..]), "{bytes:x?}");
        assert_eq!(Bytes(&bytes[..bytes.len() - 1]).number(), None);
    }
}

#[test]
fn a_damaged_block_ends_its_files_and_no_others() {
    let lzma2 = || Lzma2Options::default().into();
    let mut bytes = archive(vec![lzma2()]);
    // The first block is packed right behind the first header.
    bytes[HEAD..HEAD + 200].fill(0x55);
    let (collected, result) = collect(Format::SevenZip, &bytes);
    assert!(result.is_ok());
    assert_eq!(collected.members.len() + collected.refused.len(), 5);
    assert!(collected.members.iter().any(|(_, _, error)| error.is_some()));
    assert!(collected.refused.iter().all(|(_, kind, _)| *kind == SkipKind::DamagedArchive));
    let alone = collected.members.iter().find(|(name, ..)| name == "alone");
    assert_eq!(alone, Some(&("alone".to_owned(), text(10), None)));
}

#[test]
fn a_wrong_checksum_is_told_of_its_file_alone() {
    let sums = [crc_of(b"x"), crc_of(b"x"), crc_of(b"z")];
    let bytes = with_directory(b"xyz", &directory_with(3, &[0], &[], &sums));
    let (collected, result) = collect(Format::SevenZip, &bytes);
    assert!(result.is_ok() && collected.refused.is_empty());
    let expected = [
        ("a".to_owned(), b"x".to_vec(), None),
        ("b".to_owned(), b"y".to_vec(), Some("its checksum is wrong".to_owned())),
        ("c".to_owned(), b"z".to_vec(), None),
    ];
    assert_eq!(collected.members, expected);
}

#[test]
fn an_archive_that_is_cut_off_is_damaged() {
    let bytes = archive(vec![EncoderMethod::LZMA2.into()]);
    for cut in 0..bytes.len() {
        let (collected, result) = collect(Format::SevenZip, &bytes[..cut]);
        assert_eq!(result.map_err(|(kind, _)| kind), Err(SkipKind::DamagedArchive), "{cut}");
        assert!(collected.members.is_empty());
    }
}

#[test]
fn what_is_not_read_is_unpacked_all_the_same() {
    let bytes = archive(vec![EncoderMethod::LZMA2.into()]);
    let mut collected = Collected { unread: true, ..Collected::default() };
    assert!(collect_to(Format::SevenZip, &bytes, &mut collected).is_ok());
    assert_eq!((collected.members.len(), collected.refused.len()), (5, 0));
    let mut collected = Collected { enough: Some(2), ..Collected::default() };
    let result = collect_to(Format::SevenZip, &bytes, &mut collected);
    assert_eq!(result, Ok(ControlFlow::Break(())));
    assert_eq!(collected.members.len(), 2);
}

#[test]
fn directories_are_read_as_they_are() {
    let bytes = with_directory(b"xyz", &directory_of(3, &[0], &[]));
    let (collected, result) = collect(Format::SevenZip, &bytes);
    assert!(result.is_ok());
    assert_eq!(collected.whole(), [("a", &b"x"[..]), ("b", b"y"), ("c", b"z")]);
    // Less than is stated.
    let (collected, result) =
        collect(Format::SevenZip, &with_directory(b"", &directory_of(1, &[0], &[])));
    assert!(result.is_ok());
    assert!(collected.members[0].2.is_none(), "the directory is what stands there");
}

#[test]
fn methods_that_are_not_read_and_large_dictionaries_are_refused() {
    let lzma = |dictionary: u32| [&[0x5d][..], &dictionary.to_le_bytes()].concat();
    let cases: [(&[u8], &[u8], SkipKind); 4] = [
        (&[0x77, 0x77], &[], SkipKind::UnsupportedArchive),
        (&[3, 4, 1], &[6, 1, 0, 0, 8], SkipKind::ArchiveLimit),
        (&[3, 4, 1], &[6], SkipKind::DamagedArchive),
        (&[0x21], &[41], SkipKind::DamagedArchive),
    ];
    for (method, properties, kind) in cases {
        let bytes = with_directory(b"xy", &directory_of(2, method, properties));
        let (collected, result) = collect(Format::SevenZip, &bytes);
        assert!(result.is_ok());
        let refused: Vec<_> = collected.refused.iter().map(|(n, kind, _)| (&**n, *kind)).collect();
        assert_eq!(refused, [("a", kind), ("b", kind)], "{method:x?}");
    }
    // A dictionary need not be larger than what is unpacked with it.
    let directory = directory_of(1, &[3, 1, 1], &lzma(u32::MAX));
    let (collected, _) = collect(Format::SevenZip, &with_directory(b"x", &directory));
    assert!(collected.refused.is_empty() && collected.members[0].2.is_some());
    // Of a file of a gigabyte it may well be needed.
    let mut directory = directory_of(1, &[3, 1, 1], &lzma(129 << 20));
    let at = memchr::memmem::find(&directory, &[0x0c, 1, 0]).expect("it is there") + 1;
    directory.splice(at..at + 1, [0xf0, 0, 0, 0, 0x40]);
    let (collected, _) = collect(Format::SevenZip, &with_directory(b"x", &directory));
    assert_eq!(collected.refused[0].1, SkipKind::ArchiveLimit);
}

#[test]
fn lying_directories_are_damaged_and_ask_for_nothing() {
    let whole = directory_of(3, &[0], &[]);
    for at in 0..whole.len() {
        for lie in [0x7f, 0xff, 0xfe, 0] {
            let mut directory = whole.clone();
            directory[at] = lie;
            let _ = collect(Format::SevenZip, &with_directory(b"xyz", &directory));
        }
        let (_, result) = collect(Format::SevenZip, &with_directory(b"xyz", &whole[..at]));
        // Nothing but the end of it can be missing.
        assert!(result.is_err() || at == 0, "{at}");
    }
    let endless = [1, 5, 0xff, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0];
    let (_, result) = collect(Format::SevenZip, &with_directory(b"", &endless));
    assert_eq!(result.unwrap_err().0, SkipKind::DamagedArchive);
}

#[test]
fn what_is_compressed_twice_is_refused() {
    // Deflate upon deflate: a row of them would be a lot of work for few bytes.
    let directory = [
        &[1, 4, 6, 0, 1, 9, 1, 0, 7, 0x0b, 1, 0][..],
        &[2, 3, 4, 1, 8, 3, 4, 1, 8, 0, 1],
        &[0x0c, 1, 1, 0, 0, 5, 1, 0x11, 5, 0, b'a', 0, 0, 0, 0, 0],
    ]
    .concat();
    let (collected, result) = collect(Format::SevenZip, &with_directory(b"x", &directory));
    assert!(result.is_ok());
    let refused: Vec<_> = collected.refused.iter().map(|(n, kind, _)| (&**n, *kind)).collect();
    assert_eq!(refused, [("a", SkipKind::UnsupportedArchive)]);
}

#[test]
fn a_block_whose_coders_go_round_is_damaged() {
    // Two coders whose outputs are each other's inputs, and a third that nothing needs.
    let coders = [3, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0];
    let directory = [
        &[1, 4, 6, 0, 1, 9, 1, 0, 7, 0x0b, 1, 0][..],
        &coders,
        &[0x0c, 1, 1, 1, 0, 0, 5, 1, 0x11, 5, 0, b'a', 0, 0, 0, 0, 0],
    ]
    .concat();
    let (collected, _) = collect(Format::SevenZip, &with_directory(b"x", &directory));
    assert!(collected.members.iter().all(|(_, content, _)| content.len() <= 1));
}
