//! Encoders against published vectors and against readers of their own, and that values
//! stand where they are said to.

use std::io::Read;

use ::base64::{
    Engine, alphabet,
    engine::{
        DecodePaddingMode,
        general_purpose::{GeneralPurpose, GeneralPurposeConfig},
    },
};

use super::*;

fn encoded(name: &str, content: &[u8]) -> Encoded {
    let (_, encoder) = ENCODERS.iter().find(|(other, _)| *other == name).expect("a name");
    encoder.encode(content).expect("it can be encoded")
}

fn text(name: &str, content: &str) -> String {
    String::from_utf8(encoded(name, content.as_bytes()).bytes).expect("text")
}

#[test]
fn base64_and_hex_have_the_vectors_of_rfc_4648() {
    let vectors = [
        ("", "", ""),
        ("f", "Zg==", "66"),
        ("fo", "Zm8=", "666F"),
        ("foo", "Zm9v", "666F6F"),
        ("foob", "Zm9vYg==", "666F6F62"),
        ("fooba", "Zm9vYmE=", "666F6F6261"),
        ("foobar", "Zm9vYmFy", "666F6F626172"),
    ];
    for (plain, base64, hex) in vectors {
        assert_eq!(text("base64", plain), base64);
        assert_eq!(text("base64-url", plain), base64);
        assert_eq!(text("base64-unpadded", plain), base64.trim_end_matches('='));
        assert_eq!(text("hex-upper", plain), hex);
        assert_eq!(text("hex", plain), hex.to_lowercase());
    }
    // The two characters in which the alphabets differ, 62 and 63.
    assert_eq!(encoded("base64", b"\xfb\xff").bytes, b"+/8=");
    assert_eq!(encoded("base64-url", b"\xfb\xff").bytes, b"-_8=");
}

#[test]
fn escapes_have_the_examples_of_their_standards() {
    // RFC 3986, section 2.5.
    assert_eq!(text("percent", "A\u{c0}\u{30a2} ~"), "A%C3%80%E3%82%A2%20~");
    assert_eq!(text("percent-all", "A~"), "%41%7E");
    // RFC 8259, section 7.
    assert_eq!(text("json", "a/\u{1d11e}"), "a\\u002f\\ud834\\udd1e");
    assert_eq!(text("json-all", "a/"), "\\u0061\\u002f");
    assert_eq!(text("bytes", "A\n\u{c0}"), "\\x41\\x0a\\xc3\\x80");
    assert_eq!(text("entities", "A&\u{1d11e}"), "&#65;&#38;&#119070;");
    assert_eq!(text("entities-hex", "A&\u{1d11e}"), "&#x41;&#x26;&#x1d11e;");
    // RFC 2781, section 5.
    let example = "\u{12345}=Ra".as_bytes();
    let big = b"\xd8\x08\xdf\x45\0\x3d\0\x52\0\x61";
    assert_eq!(encoded("utf16be", example).bytes, big);
    assert_eq!(encoded("utf16le", example).bytes, b"\x08\xd8\x45\xdf\x3d\0\x52\0\x61\0");
    assert_eq!(encoded("utf32le", &example[..4]).bytes, b"\x45\x23\x01\0");
}

#[test]
fn quoted_printable_keeps_to_rfc_2045() {
    assert_eq!(
        text("quoted-printable", "a=b \nc\t\r\nd\re\u{e9} "),
        "a=3Db=20\nc=09\r\nd=0De=C3=A9=20"
    );
    for length in 70..160 {
        for unit in ["x", "=", "\u{e9}"] {
            let plain = format!("{}\n{}", unit.repeat(length), unit.repeat(length));
            let written = text("quoted-printable", &plain);
            assert!(written.lines().all(|line| line.len() <= 76), "{written}");
            // Soft breaks stand only where a line would get too long.
            let soft = written.lines().filter(|line| line.ends_with('=')).count();
            assert_eq!(soft > 0, length * text("quoted-printable", unit).len() > 76, "{written}");
            assert_eq!(decoded("quoted-printable", written.as_bytes()), plain.as_bytes());
        }
    }
}

#[test]
fn lines_of_base64_have_their_length() {
    for (name, columns) in [("base64-76", 76), ("base64-64", 64)] {
        for length in [0, 1, 47, 48, 49, 57, 58, 200] {
            let written = text(name, &"x".repeat(length));
            let lines: Vec<_> = written.lines().collect();
            let (last, full) = lines.split_last().unwrap_or((&"", &[]));
            assert!(full.iter().all(|line| line.len() == columns) && last.len() <= columns);
            assert_eq!(written.replace('\n', ""), text("base64", &"x".repeat(length)));
        }
    }
}

/// A text with characters of every length, and both kinds of line ends.
const SAMPLE: &str = "key = \"ab/c+\u{e9}\"\r\n# \u{30a2}\u{1d11e} = & ? % \\ \n\tlast=1 line that is long enough to be broken somewhere, whatever breaks it\n";

fn whole() -> Range<usize> {
    0..SAMPLE.len()
}

/// Reads what an encoder wrote, by other means than the encoder's.
fn decoded(name: &str, bytes: &[u8]) -> Vec<u8> {
    let ascii = || std::str::from_utf8(bytes).expect("text");
    let digits = |text: &str| u8::from_str_radix(text, 16).expect("digits");
    let json = |text: &str| -> String {
        serde_json::from_str(&format!("\"{text}\"")).expect("a JSON string")
    };
    match name {
        _ if name.starts_with("base64") => {
            let alphabet =
                if name == "base64-url" { alphabet::URL_SAFE } else { alphabet::STANDARD };
            let config = GeneralPurposeConfig::new()
                .with_decode_padding_mode(DecodePaddingMode::Indifferent);
            let joined: String = ascii().split('\n').collect();
            GeneralPurpose::new(&alphabet, config).decode(joined).expect("base64")
        }
        _ if name.starts_with("hex") => ascii()
            .as_bytes()
            .chunks(2)
            .map(|two| digits(std::str::from_utf8(two).unwrap()))
            .collect(),
        "percent" | "percent-all" | "quoted-printable" => {
            let sign = if name == "quoted-printable" { '=' } else { '%' };
            let joined: String = ascii().split(&format!("{sign}\n")).collect();
            let mut parts = joined.split(sign);
            let mut out = parts.next().unwrap_or_default().as_bytes().to_vec();
            for part in parts {
                let (two, rest) = part.split_at(2);
                out.push(digits(two));
                out.extend(rest.as_bytes());
            }
            out
        }
        "json" | "json-all" => json(ascii()).into_bytes(),
        // The characters of Latin-1 are its bytes.
        "bytes" => json(&ascii().replace("\\x", "\\u00")).chars().map(|c| c as u8).collect(),
        "entities" | "entities-hex" => {
            let (mark, radix) = if name == "entities" { ("&#", 10) } else { ("&#x", 16) };
            let numbers = ascii().split_terminator(';');
            let read = |text: &str| u32::from_str_radix(text.strip_prefix(mark)?, radix).ok();
            let read = |text| read(text).and_then(char::from_u32).expect("a reference");
            numbers.map(read).collect::<String>().into_bytes()
        }
        "utf16le" | "utf16be" => {
            let read = if name == "utf16le" { u16::from_le_bytes } else { u16::from_be_bytes };
            let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|two| read(*two)).collect();
            String::from_utf16(&units).expect("UTF-16").into_bytes()
        }
        "utf32le" => {
            let units = bytes.as_chunks::<4>().0.iter().map(|four| u32::from_le_bytes(*four));
            units.map(|unit| char::from_u32(unit).expect("a character")).collect::<String>().into()
        }
        "gzip" | "zlib" => {
            let mut out = Vec::new();
            let read = match name {
                "gzip" => flate2::read::GzDecoder::new(bytes).read_to_end(&mut out),
                _ => flate2::read::ZlibDecoder::new(bytes).read_to_end(&mut out),
            };
            read.expect("compressed bytes");
            out
        }
        _ => panic!("no reader of {name}"),
    }
}

#[test]
fn ranges_decode_to_the_values() {
    for (name, _) in ENCODERS.iter().filter(|(name, _)| !name.starts_with("base64")) {
        let encoded = encoded(name, SAMPLE.as_bytes());
        assert_eq!(decoded(name, &encoded.bytes), SAMPLE.as_bytes(), "{name}");
        if matches!(*name, "gzip" | "zlib") {
            assert_eq!(encoded.range(&(3..9)), 0..encoded.bytes.len());
            continue;
        }
        let bounds: Vec<usize> =
            SAMPLE.char_indices().map(|(at, _)| at).chain([SAMPLE.len()]).collect();
        for (number, &start) in bounds.iter().enumerate() {
            for &end in &bounds[number + 1..] {
                let range = encoded.range(&(start..end));
                let found = decoded(name, &encoded.bytes[range.clone()]);
                assert_eq!(found, &SAMPLE.as_bytes()[start..end], "{name} {range:?}");
            }
        }
    }
}

/// Whatever is changed in the range changes the value, and nothing else does.
#[test]
fn ranges_in_base64_are_what_values_depend_on() {
    const STANDARD: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const URL_SAFE: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (name, _) in ENCODERS.iter().filter(|(name, _)| name.starts_with("base64")) {
        let letters = if *name == "base64-url" { URL_SAFE } else { STANDARD };
        let encoded = encoded(name, SAMPLE.as_bytes());
        assert_eq!(decoded(name, &encoded.bytes), SAMPLE.as_bytes(), "{name}");
        for value in [0..1, 1..3, 4..5, 7..40, 50..60, 56..59, 100..SAMPLE.len()] {
            let range = encoded.range(&value);
            for at in 0..encoded.bytes.len() {
                let Some(six) = letters.iter().position(|b| *b == encoded.bytes[at]) else {
                    continue;
                };
                let mut changed = encoded.bytes.clone();
                changed[at] = letters[six ^ 0x3f];
                if at + 4 >= changed.len() && changed.len() % 4 != 1 && changed.ends_with(b"=") {
                    // The last bits of a group that is not full may not be set.
                    continue;
                }
                let differs =
                    decoded(name, &changed)[value.clone()] != SAMPLE.as_bytes()[value.clone()];
                assert_eq!(differs, range.contains(&at), "{name} {value:?} {range:?} {at}");
            }
        }
    }
}

#[test]
fn chains_decode_from_the_outside_and_keep_their_values() {
    let value = SAMPLE.find("ab/c+").expect("the value");
    let value = value..value + 5;
    let draw = |number| Draw::new(number, 9);
    for (number, chain) in Chain::all().into_iter().enumerate() {
        if chain.insertion.is_some() {
            continue;
        }
        let values = [whole(), value.clone()];
        let mut rewritten = None;
        for seed in 0..8 {
            let mut draw = draw(number as u64 * 8 + seed);
            let new =
                chain.rewrite("a.py", SAMPLE.as_bytes(), &values, None, &mut draw).expect("text");
            let [(run, true), (at, true)] = &new.values[..] else { panic!("two values") };
            let mut content = new.bytes[run.clone()].to_vec();
            for name in chain.names() {
                content = decoded(name, &content);
            }
            assert_eq!(content, SAMPLE.as_bytes(), "{chain}");
            assert!(run.start <= at.start && at.end <= run.end && !at.is_empty(), "{chain}");
            let is_whole = chain.names().iter().any(|name| matches!(*name, "gzip" | "zlib"));
            assert_eq!(run == at, is_whole, "{chain}");
            let run = run.clone();
            rewritten = Some((new, run));
        }
        let (new, run) = rewritten.expect("a file");
        let run = &new.bytes[run];
        match chain.to_string().as_str() {
            "base64+gzip" => assert!(run.starts_with(b"H4sI")),
            "base64+zlib" => assert!(run.starts_with(b"eJ")),
            "base64+utf16le" => {
                assert!(run.starts_with(b"awBlAHkA"));
                assert!(String::from_utf8_lossy(&new.bytes).contains("powershell"));
            }
            "hex-bytea" => assert!(String::from_utf8_lossy(&new.bytes).contains("\\x6b6579")),
            "hex-0x" => assert!(String::from_utf8_lossy(&new.bytes).contains("0x6B6579")),
            _ => {}
        }
        let same = chain.rewrite(
            "a.py",
            SAMPLE.as_bytes(),
            &values,
            None,
            &mut draw(number as u64 * 8 + 7),
        );
        assert_eq!(same.expect("text").bytes, new.bytes);
    }
}

#[test]
fn what_is_put_into_values_can_be_taken_out() {
    let content =
        "a = \"AKIA\u{e9}0123\"; b = 'x' # \"no\u{30a2}ne\"\nkey: |\n  line one\n  line two\n";
    let place = |text: &str| {
        let start = content.find(text).expect("the text");
        start..start + text.len()
    };
    let values = [
        place("AKIA\u{e9}0123"),
        place("A\u{e9}0"),
        place("no\u{30a2}ne"),
        place("line one\n  line two"),
        place("b"),
    ];
    let taken_out = |name: &str, text: &str| match name {
        "zero-width" => text.replace(['\u{200b}', '\u{2060}', '\u{ad}'], ""),
        "split" => text.replace("\" + \"", ""),
        _ => {
            let mut parts = text.split("\x1b[");
            let first = parts.next().unwrap_or_default().to_owned();
            let rest = parts.map(|part| part.split_once(['m', 'K']).expect("an end").1);
            rest.fold(first, |all, part| all + part)
        }
    };
    for (name, _) in INSERTIONS {
        let chain: Chain = name.parse().expect("a chain");
        for seed in 0..50 {
            let mut draw = Draw::new(seed, 9);
            let new =
                chain.rewrite("a.js", content.as_bytes(), &values, None, &mut draw).expect("text");
            let text = std::str::from_utf8(&new.bytes).expect("text");
            assert_ne!(text, content);
            assert_eq!(taken_out(name, text), content, "{name}");
            for (value, (range, is_encoded)) in values.iter().zip(&new.values) {
                let found = &text[range.clone()];
                assert_eq!(taken_out(name, found), content[value.clone()], "{name}");
                let is_in_literal =
                    value.end < content.find('\n').expect("a line") && value.len() > 1;
                let expected = if name == "split" { is_in_literal } else { value.len() > 1 };
                assert_eq!(*is_encoded, expected, "{name} {found}");
            }
            assert_ne!(text[new.values[0].0.clone()], content[values[0].clone()], "{name}");
        }
    }
    let split: Chain = "split".parse().expect("a chain");
    let none = split.rewrite("a.yaml", content.as_bytes(), &values, None, &mut Draw::new(1, 9));
    assert!(none.is_none(), "no language that joins literals");
}

#[test]
fn escapes_in_literals_are_not_torn() {
    let content = "u = \"\\u0026\\/a\\nb\"\n";
    let value = 5..content.len() - 2;
    let chain: Chain = "split".parse().expect("a chain");
    for seed in 0..20 {
        let new = chain.rewrite(
            "a.js",
            content.as_bytes(),
            std::slice::from_ref(&value),
            None,
            &mut Draw::new(seed, 9),
        );
        if let Some(new) = new {
            let text = String::from_utf8(new.bytes).expect("text");
            assert!(["\\u0026", "\\/", "\\n"].iter().all(|escape| text.contains(escape)), "{text}");
        }
    }
}

#[test]
fn what_makes_no_sense_is_left_out() {
    let rewrite = |name: &str, content: &[u8]| {
        let chain: Chain = name.parse().expect("a chain");
        let value = std::iter::once(0..2).collect::<Vec<_>>();
        chain.rewrite("a.txt", content, &value, None, &mut Draw::new(1, 9)).is_some()
    };
    for (name, latin1) in [("base64", true), ("percent", true), ("json", false), ("ansi", false)] {
        assert!(rewrite(name, b"text"), "{name}");
        assert!(!rewrite(name, b"t\0e\0x\0t\0"), "{name}");
        assert!(!rewrite(name, b"\xff\xfet\0"), "{name}");
        assert_eq!(rewrite(name, b"caf\xe9"), latin1, "{name}");
    }
}

#[test]
fn chains_that_cannot_be_are_refused() {
    let error = |name: &str| name.parse::<Chain>().expect_err("no chain").to_string();
    assert!(error("base63").contains("no encoding is called `base63`"));
    assert!(error("").contains("base64-url"));
    assert!(error("gzip").contains("base64+gzip"));
    assert!(error("ansi+base64").contains("only stand last"));
    for chain in Chain::all() {
        assert_eq!(chain.to_string().parse::<Chain>().expect("a chain"), chain);
    }
    assert_eq!(Chain::all().len(), ENCODERS.len() - 2 + INSERTIONS.len() + CHAINS.len());
    let of_lines: Vec<_> = Chain::all_of_lines().iter().map(Chain::to_string).collect();
    assert_eq!(of_lines.len(), Chain::all().len() - 6);
    assert!(!of_lines.iter().any(|name| name.contains("manifest") || name.contains("0x")));
}

#[test]
fn only_the_lines_of_values_are_encoded() {
    let content = "one\ntwo VALUE\r\nthree\nfour\nfive\nOTHER six\nseven";
    let place = |text: &str| {
        let start = content.find(text).expect("the text");
        start..start + text.len()
    };
    let values = [place("OTHER"), place("VALUE"), place("VAL")];
    let rewrite = |name: &str, lines: usize| {
        let chain: Chain = name.parse().expect("a chain");
        let mut draw = Draw::new(1, 9);
        let new =
            chain.rewrite("a", content.as_bytes(), &values, Some(lines), &mut draw).expect("text");
        for (value, (range, _)) in values.iter().zip(&new.values) {
            let found = decoded(name, &new.bytes[range.clone()]);
            assert_eq!(found, &content.as_bytes()[value.clone()], "{name} {lines}");
        }
        String::from_utf8(new.bytes).expect("text")
    };
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let (value, other) = (hex("two VALUE"), hex("OTHER six"));
    let expected = format!("one\n{value}\r\nthree\nfour\nfive\n{other}\nseven");
    assert_eq!(rewrite("hex", 0), expected);
    let (value, other) = (hex("one\ntwo VALUE\r\nthree"), hex("five\nOTHER six\nseven"));
    assert_eq!(rewrite("hex", 1), format!("{value}\nfour\n{other}"));
    assert_eq!(rewrite("hex", 2), hex(content));
    assert_eq!(rewrite("percent-all", 9).len(), 3 * content.len());
    let chain: Chain = "base64+gzip".parse().expect("a chain");
    let new = chain.rewrite("a", content.as_bytes(), &values, Some(0), &mut Draw::new(1, 9));
    let new = new.expect("text");
    assert!(new.bytes.starts_with(b"one\nH4sI"));
    assert_eq!(new.values[1], new.values[2]);
    assert!(new.bytes[new.values[1].0.end..].starts_with(b"\r\nthree\n"));
    let none = chain.rewrite("a", content.as_bytes(), &[], Some(0), &mut Draw::new(1, 9));
    assert!(none.is_none(), "nothing to encode");
}
