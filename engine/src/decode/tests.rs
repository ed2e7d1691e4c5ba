//! Leaks in every encoding, alone and in pairs.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use super::*;
use crate::Scanner;
use crate::finding::Finding;

/// A key pair as the documentation of a format would have it: made for this test.
const ID: &str = "AKIAVX4KZTQ2HJWNCO5M";
const SECRET: &str = "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";

fn pair() -> String {
    format!("aws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n")
}

fn scanner() -> Scanner {
    Scanner::builder().now(leaksieve_detectors::Timestamp(1_750_000_000)).build().unwrap()
}

fn base64(bytes: &[u8]) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0u32, |bits, b| bits << 8 | u32::from(*b));
        let bits = bits << (8 * (3 - three.len()));
        for digit in 0..4 {
            let value = bits >> (18 - 6 * digit) & 63;
            text.push(if digit <= three.len() { alphabet[value as usize] as char } else { '=' });
        }
    }
    text
}

fn each(bytes: &[u8], write: impl Fn(&mut String, u8)) -> String {
    let mut text = String::new();
    bytes.iter().for_each(|b| write(&mut text, *b));
    text
}

/// An encoding: its name, how it writes, and the chain that it is reported with.
type Encoder = (&'static str, fn(&[u8]) -> Vec<u8>, &'static [Coding]);

/// Writes a text so that it can stand in another.
const ENCODERS: &[Encoder] = &[
    ("base64", |b| base64(b).into_bytes(), &[Coding::Base64]),
    (
        "URL-safe, unpadded",
        |b| base64(b).replace('+', "-").replace('/', "_").replace('=', "").into_bytes(),
        &[Coding::Base64],
    ),
    (
        "wrapped",
        |b| {
            let text = base64(b);
            let lines: Vec<&[u8]> = text.as_bytes().chunks(76).collect();
            lines.join(&b"\n"[..])
        },
        &[Coding::Base64],
    ),
    (
        "wrapped oddly and indented",
        |b| {
            let text = base64(b);
            let lines: Vec<&[u8]> = text.as_bytes().chunks(37).collect();
            lines.join(&b"\r\n    "[..])
        },
        &[Coding::Base64],
    ),
    ("behind a prefix", |b| [b"prefix/", base64(b).as_bytes()].concat(), &[Coding::Base64]),
    ("hex", |b| each(b, |t, b| write!(t, "{b:02x}").unwrap()).into_bytes(), &[Coding::Hex]),
    (
        "upper-case hex behind 0x",
        |b| each(b, |t, b| write!(t, "{b:02X}").unwrap()).replacen("", "0x", 1).into_bytes(),
        &[Coding::Hex],
    ),
    (
        "percent",
        |b| each(b, |t, b| write!(t, "%{b:02X}").unwrap()).into_bytes(),
        &[Coding::Percent],
    ),
    ("JSON", |b| each(b, |t, b| write!(t, "\\u{b:04x}").unwrap()).into_bytes(), &[Coding::Escapes]),
    (
        "bytes",
        |b| each(b, |t, b| write!(t, "\\x{b:02x}").unwrap()).into_bytes(),
        &[Coding::Escapes],
    ),
    ("HTML", |b| each(b, |t, b| write!(t, "&#{b};").unwrap()).into_bytes(), &[Coding::Html]),
    (
        "UTF-16",
        |b| {
            [&[0xff; 3][..], &b.iter().flat_map(|b| [*b, 0]).collect::<Vec<u8>>(), &[0xfe; 3]]
                .concat()
        },
        &[Coding::Utf16],
    ),
    (
        "UTF-16, big end first",
        |b| {
            [&[0xff; 3][..], &b.iter().flat_map(|b| [0, *b]).collect::<Vec<u8>>(), &[0xfe; 3]]
                .concat()
        },
        &[Coding::Utf16],
    ),
    (
        "UTF-32",
        |b| {
            [&[0xff; 3][..], &b.iter().flat_map(|b| [*b, 0, 0, 0]).collect::<Vec<u8>>(), &[0xfe; 3]]
                .concat()
        },
        &[Coding::Utf32],
    ),
    (
        "gzip in base64",
        |b| {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
            gzip.write_all(b).unwrap();
            base64(&gzip.finish().unwrap()).into_bytes()
        },
        &[Coding::Base64, Coding::Gzip],
    ),
    (
        "zlib in base64",
        |b| {
            let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
            zlib.write_all(b).unwrap();
            base64(&zlib.finish().unwrap()).into_bytes()
        },
        &[Coding::Base64, Coding::Zlib],
    ),
];

fn within(encoded: &[u8]) -> Vec<u8> {
    [b"{\"note\": \"some text\", \"value\": \"", encoded, b"\", \"more\": 1}\n"].concat()
}

fn chain(finding: &Finding) -> Vec<&'static str> {
    finding.decoded().iter().map(|coding| coding.name()).collect()
}

#[track_caller]
fn the_pair<'f>(findings: &'f [Finding], name: &str) -> &'f Finding {
    let of_pair: Vec<&Finding> =
        findings.iter().filter(|f| f.detector().id == "aws-access-key").collect();
    let [finding] = of_pair[..] else { panic!("{name}: {findings:?}") };
    assert_eq!(finding.secret(), SECRET.as_bytes(), "{name}");
    assert!(finding.is_complete(), "{name}: {finding:?}");
    finding
}

#[test]
fn a_pair_is_found_in_every_encoding() {
    let scanner = scanner();
    for (name, encode, codings) in ENCODERS {
        let encoded = encode(pair().as_bytes());
        let text = within(&encoded);
        let findings = scanner.find_all(&text);
        let finding = the_pair(&findings, name);
        assert_eq!(finding.decoded(), *codings, "{name}");
        let at = finding.range();
        let run = text.windows(encoded.len()).position(|w| w == encoded).unwrap() as u64;
        assert!(run <= at.start && at.end <= run + encoded.len() as u64, "{name}: {at:?}");
    }
}

#[test]
fn the_range_is_that_of_the_secret() {
    let scanner = scanner();
    for (name, encode, codings) in ENCODERS {
        if codings.len() > 1 || name.contains("wrapped") {
            continue;
        }
        let text = within(&encode(pair().as_bytes()));
        let findings = scanner.find_all(&text);
        let at = the_pair(&findings, name).range();
        let encoded = &text[at.start as usize..at.end as usize];
        let mut said = Vec::new();
        match codings[0] {
            // The first and the last digit may be shared with what is beside.
            Coding::Base64 => {
                assert!((54..=56).contains(&encoded.len()), "{name}: {}", encoded.len());
                continue;
            }
            Coding::Hex => symbols::hex(encoded, &mut said),
            // Whole characters, whichever byte comes first.
            Coding::Utf16 | Coding::Utf32 => {
                let bytes = encoded.len() / SECRET.len();
                assert_eq!(encoded.len() % SECRET.len(), 0, "{name}");
                for unit in encoded.chunks(bytes) {
                    let place = if name.contains("big") { bytes - 1 } else { 0 };
                    said.push(unit[place]);
                }
            }
            _ => {
                let mut rest = 0;
                while rest < encoded.len() {
                    let escape = escape::Escape::read(encoded, rest).unwrap();
                    said.extend_from_slice(escape.text());
                    rest += escape.len;
                }
            }
        }
        assert_eq!(said, SECRET.as_bytes(), "{name}");
    }
}

#[test]
fn a_pair_is_found_in_every_two_encodings() {
    let scanner = scanner();
    for (inner, encode, inner_codings) in ENCODERS {
        for (outer, wrap, outer_codings) in ENCODERS {
            // Twice two bytes a character are four.
            if inner.starts_with("UTF") && outer.starts_with("UTF") {
                continue;
            }
            let name = format!("{inner} in {outer}");
            let text = within(&wrap(&within(&encode(pair().as_bytes()))));
            let findings = scanner.find_all(&text);
            let finding = the_pair(&findings, &name);
            let codings: Vec<Coding> =
                outer_codings.iter().chain(*inner_codings).copied().collect();
            assert_eq!(finding.decoded(), codings, "{name}");
        }
    }
}

#[test]
fn five_layers_and_no_more() {
    let mut text = pair();
    for _ in 0..5 {
        text = base64(text.as_bytes());
    }
    assert_eq!(the_pair(&scanner().find_all(text.as_bytes()), "five").decoded().len(), 5);
    let six = base64(text.as_bytes());
    assert!(scanner().find_all(six.as_bytes()).is_empty());
    let deeper = Scanner::builder().max_decode_depth(6).build().unwrap();
    assert_eq!(the_pair(&deeper.find_all(six.as_bytes()), "six").decoded().len(), 6);
    let plain = Scanner::builder().max_decode_depth(0).build().unwrap();
    assert!(plain.find_all(text.as_bytes()).is_empty());
}

#[test]
fn values_are_judged_with_their_names() {
    let scanner = scanner();
    for (id, secret) in [
        (base64(ID.as_bytes()), base64(SECRET.as_bytes())),
        (ID.to_owned(), base64(SECRET.as_bytes())),
        (base64(ID.as_bytes()), SECRET.to_owned()),
    ] {
        let manifest = format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: backup\ntype: Opaque\ndata:\n  \
             AWS_ACCESS_KEY_ID: {id}\n  AWS_SECRET_ACCESS_KEY: {secret}\n"
        );
        let findings = scanner.find_all(manifest.as_bytes());
        assert_eq!(findings.len(), 1, "{findings:?} in {manifest}");
        let finding = the_pair(&findings, &manifest);
        assert_eq!(finding.location().line, 8);
        assert_eq!(chain(finding), ["base64"]);
        let line = finding.excerpt().masked().text;
        assert!(!line.contains(&secret[..12]) || !secret.starts_with("cTd"), "{line}");
    }
}

#[test]
fn short_values_of_manifests() {
    let password = "kV9#mQ2x";
    let manifest = |kind: &str| {
        format!(
            "kind: {kind}\ndata:\n  DB_HOST: {}\n  DB_USER: {}\n  DB_PASSWORD: {}\n",
            base64(b"db1.shop-prod.internal"),
            base64(b"shop"),
            base64(password.as_bytes())
        )
    };
    let findings = scanner().find_all(manifest("Secret").as_bytes());
    assert!(
        findings.iter().any(|f| f.secret() == password.as_bytes()),
        "{findings:?} in {}",
        manifest("Secret")
    );
    let findings = scanner().find_all(manifest("ConfigMap").as_bytes());
    assert!(!findings.iter().any(|f| f.secret() == password.as_bytes()), "{findings:?}");
}

#[test]
fn tokens_that_something_interrupts() {
    let scanner = scanner();
    let cut = |at: usize, with: &str, quote: &str| {
        let (a, b) = ID.split_at(at);
        let (c, d) = SECRET.split_at(SECRET.len() - at);
        format!(
            "access_key_id = {quote}{a}{with}{b}{quote}\nsecret_access_key = {quote}{c}{with}{d}{quote}\n"
        )
    };
    for (with, quote, coding) in [
        ("\" + \"", "\"", "joined"),
        ("' .\n      '", "'", "joined"),
        ("\"\n    \"", "\"", "joined"),
        ("\" & _\n  \"", "\"", "joined"),
        ("\\\n", "", "joined"),
        ("\x1b[31m", "", "markup"),
        ("\x1b[01;31m\x1b[K", "", "markup"),
        ("\u{200b}", "", "markup"),
        ("\u{2060}", "\"", "markup"),
        ("\u{ad}", "", "markup"),
    ] {
        for at in [2, 4, 7] {
            let text = cut(at, with, quote);
            let findings = scanner.find_all(text.as_bytes());
            let finding = the_pair(&findings, &text);
            assert!(chain(finding).contains(&coding), "{text}: {:?}", chain(finding));
        }
    }
}

#[test]
fn quoted_printable_lines() {
    let body = format!(
        "The settings for the shop are as we said, aws_access_key_id =3D {}=\n{} and\nthe other one is aws_secret_access_key =3D {SECRET}=20\n",
        &ID[..5],
        &ID[5..],
    );
    let findings = scanner().find_all(body.as_bytes());
    let finding = the_pair(&findings, &body);
    assert_eq!(finding.secret(), SECRET.as_bytes());
}

#[test]
fn one_secret_in_three_forms_is_one_secret() {
    let url = "postgres://shop:kV9mQ2xPl7@db1.shop-prod.internal:5432/shop";
    let text = format!(
        "{url}\n\n{}\n\n{}\n",
        base64(url.as_bytes()),
        each(url.as_bytes(), |t, b| write!(t, "%{b:02x}").unwrap())
    );
    let findings = scanner().find_all(text.as_bytes());
    assert_eq!(findings.len(), 3, "{findings:?}");
    assert!(findings.iter().all(|f| f.secret() == b"kV9mQ2xPl7"), "{findings:?}");
    let lines: Vec<u64> = findings.iter().map(|f| f.location().line).collect();
    assert_eq!(lines, [1, 3, 5]);
}

#[test]
fn all_that_is_compressed_in_one_run_is_told() {
    let text = format!(
        "{}\n[other]\npassword = x\nurl = postgres://a:kV9mQ2xPl7@db1.shop-prod.internal/a\n\n\n\
         url = postgres://b:pW4nT8zRk3@db2.shop-prod.internal/b\n",
        pair()
    );
    let encode = ENCODERS.iter().find(|(name, ..)| *name == "gzip in base64").unwrap().1;
    let findings = scanner().find_all(&within(&encode(text.as_bytes())));
    assert_eq!(findings.len(), 3, "{findings:?}");
}

#[test]
fn escapes_within_what_is_encoded() {
    let scanner = scanner();
    let text = format!("aws_access_key_id={ID}\naws_secret_access_key={SECRET}\n#???>>>\n");
    let encoded = base64(text.as_bytes());
    let percent = encoded.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    the_pair(&scanner.find_all(format!("q={percent}&x=1").as_bytes()), "in a query");
    let bytea = each(text.as_bytes(), |t, b| write!(t, "{b:02x}").unwrap());
    the_pair(&scanner.find_all(format!("1\t\\x{bytea}\t2\n").as_bytes()), "bytea");
}

#[test]
fn what_is_plain_is_told_as_plain() {
    let scanner = scanner();
    let off = Scanner::builder()
        .now(leaksieve_detectors::Timestamp(1_750_000_000))
        .max_decode_depth(0)
        .build()
        .unwrap();
    let mut told = 0;
    for detector in scanner.detectors() {
        for text in &*detector.examples.reported {
            let plain = |f: &Finding| (f.detector().id.to_string(), f.range(), f.verdict());
            let with: Vec<_> = scanner.find_all(text.as_bytes()).iter().map(plain).collect();
            let without: Vec<_> = off.find_all(text.as_bytes()).iter().map(plain).collect();
            told += without.len();
            assert_eq!(with, without, "{}: {text}", detector.id);
        }
    }
    assert!(told > 200);
}

#[test]
fn signed_urls_are_none_of_open_objects() {
    let scanner = Scanner::builder()
        .now(leaksieve_detectors::Timestamp(1_750_000_000))
        .detectors(leaksieve_detectors::builtin())
        .build()
        .unwrap();
    let open = |text: &str| {
        let findings = scanner.find_all(text.as_bytes());
        findings.iter().filter(|f| &*f.detector().id == "public-object-url").count()
    };
    let host = "https://shopmedia.blob.core.windows.net/invoices";
    // A year, and no space in quoted-printable, however much of that stands nearby.
    let signed = format!("{host}/a.pdf?sv=2022-11-02&sr=b&sig=REDACTED");
    assert_eq!(open(&format!("id=3D7\n{signed}\n")), 0);
    // A space that was percent-encoded, and a line that was wrapped.
    let signed = format!("{host}/=\nmay%20a.pdf?sv=3D2022-11-02&sr=3Db&sig=3DREDACTED");
    assert_eq!(open(&format!("id=3D7\nthe_invoice=3D{signed}\n")), 0);
    assert_eq!(open(&format!("id=3D7\n{host}/a.pdf\n")), 1);
}

#[test]
fn what_is_decoded_is_explained() {
    let text = format!("config: {}\n", base64(pair().as_bytes()));
    let trace = scanner().trace(text.as_bytes(), 0..text.len() as u64);
    assert_eq!(trace.candidates.len(), 1, "{:?}", trace.candidates);
    let told = &trace.candidates[0];
    assert_eq!(&*told.decoded, [Coding::Base64]);
    assert_eq!(told.outcome, "reported as aws-access-key (critical)");
    assert!(!told.masked.contains(SECRET));
    let text = format!("config: {}\n", base64(b"AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\n"));
    let trace = scanner().trace(text.as_bytes(), 0..text.len() as u64);
    assert!(trace.candidates[0].outcome.contains("documentation"), "{:?}", trace.candidates);
}
