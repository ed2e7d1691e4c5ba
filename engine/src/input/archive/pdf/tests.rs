use std::io::Write;

use super::super::Format;
use super::super::collected::{Collected, collect};
use crate::ledger::SkipKind;

fn flate(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}

/// A document of these streams, each with its dictionary.
fn document(streams: &[(&str, &[u8])], trailer: &str) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    for (number, (dictionary, stream)) in streams.iter().enumerate() {
        bytes.extend(format!("{} 0 obj\n<<{dictionary}>>\nstream\r\n", number + 1).as_bytes());
        bytes.extend(*stream);
        bytes.extend(b"\nendstream\nendobj\n");
    }
    bytes.extend(format!("trailer\n<<{trailer}>>\nstartxref\n0\n%%EOF\n").as_bytes());
    bytes
}

fn read(bytes: &[u8]) -> Collected {
    assert_eq!(Format::of(bytes, b""), Some(Format::Pdf));
    let (collected, result) = collect(Format::Pdf, bytes);
    assert!(result.is_ok());
    collected
}

#[test]
fn streams_are_members_and_their_text_is_put_together() {
    let page = b"BT /F1 9 Tf [(first)-3(half)] TJ ET";
    let hex: String = flate(b"hex").iter().map(|byte| format!("{byte:02x}")).collect();
    let length = format!("/Length {}/Filter/FlateDecode", flate(page).len());
    let document = document(
        &[
            (&length, &flate(page)),
            ("/Length 9 0 R/Filter[/ASCIIHexDecode/FlateDecode]", format!("{hex}>").as_bytes()),
            ("/Filter/FlateDecode/Type/ObjStm/N 1/First 4", &flate(b"1 0 (string)")),
            ("", page),
            ("/Filter/DCTDecode/Subtype/Image", b"\xff\xd8"),
            ("/Type/XRef/Filter/FlateDecode", &flate(b"\0\x01\x02")),
            ("/Filter 9 0 R", &flate(b"elsewhere")),
            ("/Length 3/Filter/FlateDecode", &flate(b"a wrong length")),
        ],
        "/Root 1 0 R",
    );
    assert_eq!(
        read(&document).whole(),
        [
            ("object 1", &page[..]),
            ("object 1 (text)", b"firsthalf"),
            ("object 2", b"hex"),
            ("object 3", b"1 0 (string)"),
            ("object 4 (text)", b"firsthalf"),
            ("object 7", b"elsewhere"),
            ("object 8", b"a wrong length"),
        ]
    );
}

#[test]
fn large_documents_are_read_in_pieces() {
    let mut numbers = crate::run::samples::Numbers(9);
    let noise: Vec<u8> = (0..300_000).map(|_| numbers.below(256) as u8).collect();
    let noise = flate(&noise);
    let small = flate(b"(sm) Tj (all) Tj");
    let dictionary = "/Filter/FlateDecode";
    for shift in 0..40 {
        let padding = format!("{dictionary}/Pad({})", "x".repeat(shift));
        let streams = [(&*padding, &*noise), (dictionary, &*small), (dictionary, &*noise)];
        let collected = read(&document(&streams, ""));
        let names: Vec<&str> = collected.whole().iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["object 1", "object 2", "object 2 (text)", "object 3"]);
    }
}

#[test]
fn what_cannot_be_read_is_told() {
    let encrypted = document(&[("/Filter/FlateDecode", &flate(b"x"))], "/Encrypt 9 0 R");
    let (collected, result) = collect(Format::Pdf, &encrypted);
    assert_eq!(result, Err((SkipKind::EncryptedMember, String::new())));
    assert!(collected.members.is_empty());

    let lzw = document(&[("/Filter/LZWDecode", b"\x80"), ("/Filter/Fl", &flate(b"next"))], "");
    let collected = read(&lzw);
    let [(name, SkipKind::UnsupportedArchive, detail)] = &*collected.refused else { panic!() };
    assert!(name == "object 1" && detail.contains("LZWDecode"));
    assert_eq!(collected.members.len(), 1);

    let mut cut = flate(&b"a text that is cut off ".repeat(9));
    cut.truncate(cut.len() - 9);
    let collected = read(&document(&[("/Filter/FlateDecode", &cut)], ""));
    assert!(collected.members[0].2.is_some());
}

#[test]
fn no_bytes_are_too_strange() {
    let page = b"BT [(first)-3(half)] TJ ET";
    let whole = document(&[("/Filter/FlateDecode", &flate(page)), ("", page)], "/Encrypt no");
    for at in 0..whole.len() {
        let _ = collect(Format::Pdf, &whole[..at]);
        let mut flipped = whole.clone();
        flipped[at] ^= 4;
        let _ = collect(Format::Pdf, &flipped);
    }
    assert_eq!(Format::of(b"%PDF is a format", b""), None);
}
