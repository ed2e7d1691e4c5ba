//! A label's range, read back through the file's encoding and the escapes,
//! must be the value that was planted.

use super::TREE;
use crate::{
    File,
    draw::Draw,
    encoding::{self, Encoding},
    escape::Escape,
    host::Host,
    marked::Marked,
    template::{self, Slots},
    wrap::Wrap,
};

#[test]
fn ranges_decode_to_the_planted_values() {
    for file in TREE.iter() {
        assert_eq!(file.labels.len(), file.proofs.len());
        for (label, proof) in file.labels.iter().zip(&file.proofs) {
            let range = label.offset as usize..(label.offset + label.length) as usize;
            let mut text = decoded(&file.bytes[range.clone()], proof.encoding);
            for escape in proof.escapes.iter().rev() {
                text = unescaped(&text, escape);
            }
            assert_eq!(text, proof.value, "{} {}", label.path, label.container);
            assert_eq!(label.line, line(file, range.start, proof.encoding), "{}", label.path);
        }
    }
}

#[test]
fn every_encoding_and_line_end_keeps_its_marks() {
    let encodings = [
        Encoding::Utf8,
        Encoding::Utf8Bom,
        Encoding::Utf16Le,
        Encoding::Utf16Be,
        Encoding::Utf16LeNoBom,
        Encoding::Utf16BeNoBom,
        Encoding::Latin1,
        Encoding::Binary,
    ];
    let mut draw = Draw::new(4, 9);
    let mut slots = Slots::default();
    slots.plant("key", "private-key", "one\ntwo\nthree");
    for encoding in encodings {
        for crlf in [false, true] {
            let text = "\u{e9}\n\n  «key»\nrest";
            let text = template::render(&mut draw, text, &slots, "test");
            let stored = encoding::store(&mut draw, text, encoding, crlf);
            let [(mark, _)] = &stored.marks[..] else { panic!("one mark") };
            let ends = if crlf { "\r\n" } else { "\n" };
            let expected = format!("one{ends}two{ends}three");
            assert_eq!(decoded(&stored.bytes[mark.range.clone()], encoding), expected);
        }
    }
}

#[test]
fn escapes_write_what_their_readers_read() {
    let text = "a/b+c=\"d\" & <e>\\ é\nf";
    let escapes = [
        Escape::Json,
        Escape::JsonSlash,
        Escape::JsonUnicode,
        Escape::Percent,
        Escape::QuotedPrintable,
        Escape::Markdown,
        Escape::ScriptHex,
        Escape::Boxed { width: 60 },
    ];
    for escape in escapes {
        assert_eq!(unescaped(&escape.apply(text), &escape), text, "{escape:?}");
    }
    assert_eq!(Escape::Percent.apply("a/b+="), "a%2Fb%2B%3D");
    assert_eq!(Escape::JsonUnicode.apply("a&b=c"), "a\\u0026b\\u003dc");
    assert_eq!(Escape::Xml.apply("a&<\"b\">"), "a&amp;&lt;&quot;b&quot;&gt;");
}

/// What every chain of escapes must carry a label through.
const CHAINS: &[&str] = &[
    "qp",
    "md",
    "hexjs",
    "box",
    "box60",
    "box100",
    "xml|xml",
    "pct|pct",
    "json|json",
    "json|qp",
    "qp|json",
    "xml|qp",
    "md|qp",
    "pct|box60",
    "hexjs|json",
];

#[test]
fn chains_carry_their_labels_through_every_column() {
    let value = "k_1*~=&\"é/+\\x26<'>%".repeat(12);
    let mut slots = Slots::default();
    slots.plant("key", "private-key", value.as_str());
    for chain in CHAINS {
        for column in 0..130 {
            let text = format!("first\n{}«key|{chain}» rest", "│".repeat(column));
            let marked = template::render(&mut Draw::new(4, 9), &text, &slots, "test");
            let again = template::render(&mut Draw::new(4, 9), &text, &slots, "test");
            assert_eq!(marked.text, again.text);
            let [mark] = &marked.marks[..] else { panic!("one mark") };
            let found = &marked.text[mark.range.clone()];
            assert!(!found.starts_with(['=', '\n']) && !found.starts_with(" │"), "{found}");
            assert!(found.starts_with('k') && marked.text[mark.range.end..].starts_with(" rest"));
            let read =
                mark.escapes.iter().rev().fold(found.to_owned(), |text, e| unescaped(&text, e));
            assert_eq!(read, value, "{chain} at {column}");
        }
    }
}

#[test]
fn broken_lines_keep_to_their_width() {
    let mut slots = Slots::default();
    slots.plant("key", "private-key", "ab=é".repeat(100));
    let lines = |text: &str| -> Vec<String> {
        let text = template::render(&mut Draw::new(4, 9), text, &slots, "test").text;
        text.lines().map(Into::into).collect()
    };
    let mail = lines("Token: «key|qp»");
    assert!(mail.len() > 10 && mail.iter().all(|line| line.is_ascii() && line.len() <= 76));
    assert!(mail[..mail.len() - 1].iter().all(|line| line.ends_with('=') && line.len() > 70));
    let framed = lines("│ token: «key|box60» │");
    assert!(framed.iter().all(|line| line.starts_with("│ ") && line.ends_with(" │")));
    let widths: Vec<_> = framed.iter().map(|line| line.chars().count()).collect();
    assert!(widths.len() > 5 && widths[..widths.len() - 1].iter().all(|&width| width == 64));
    // White space may not end a line, and what is one character is one break.
    let text = Marked::plain("a \nb").escaped(&Escape::QuotedPrintable).text;
    assert_eq!(text, "a =\n\nb");
}

#[test]
fn twice_escaped_values_look_as_they_do_in_the_wild() {
    let mut slots = Slots::default();
    slots.set("key", "a&b=c_d");
    let written = |text| template::render(&mut Draw::new(4, 9), text, &slots, "").text;
    assert_eq!(written("«key|xml|xml»"), "a&amp;amp;b=c_d");
    assert_eq!(written("«key|pct|pct»"), "a%2526b%253Dc_d");
    assert_eq!(written("«key|hexjs»"), "a\\x26b\\x3dc_d");
    assert_eq!(written("«key|md»"), "a&b=c\\_d");
    assert_eq!(written("«key|qp»"), "a&b=3Dc_d");
    slots.set("key", "\"");
    let written = |text| template::render(&mut Draw::new(4, 9), text, &slots, "").text;
    assert_eq!(written("«key|json|json»"), "\\\\\\\"");
}

#[test]
fn mails_in_quoted_printable_come_to_who_asks() {
    let asked = &[Wrap::QuotedPrintableMail];
    for host in Host::ALL {
        for multiline in [false, true] {
            let usual = Wrap::of(host, multiline, &[]);
            assert!(!usual.contains(&asked[0]));
            let more = Wrap::of(host, multiline, asked);
            assert_eq!(more.contains(&asked[0]), usual.contains(&Wrap::Mail), "{host:?}");
        }
    }
}

#[test]
fn mails_in_quoted_printable_hold_their_values() {
    let mut draw = Draw::new(4, 9);
    let mut slots = Slots::default();
    let value = "AB=c/é+".repeat(40);
    slots.plant("key", "private-key", value.as_str());
    for column in 0..100 {
        let text = format!("{}«key»\n", "x".repeat(column));
        let piece = template::render(&mut draw, &text, &slots, "env/test");
        let mail = Wrap::QuotedPrintableMail.around(&mut draw, piece);
        let [mark] = &mail.marks[..] else { panic!("one mark") };
        let found = &mail.text[mark.range.clone()];
        assert!(found.starts_with('A') && found.contains("=\n"), "{found}");
        assert_eq!(unescaped(found, &mark.escapes[0]), value);
        assert_eq!(mark.container, "env/test+mail-quoted-printable");
        let (header, body) = mail.text.split_once("\n\n").expect("a body");
        assert!(header.ends_with("\nContent-Transfer-Encoding: quoted-printable"));
        assert!(body.lines().all(|line| line.is_ascii() && line.len() <= 76), "{body}");
        assert!(unescaped(body, &mark.escapes[0]).contains(&value));
    }
}

fn decoded(bytes: &[u8], encoding: Encoding) -> String {
    let units = |read: fn([u8; 2]) -> u16| -> String {
        let (pairs, rest) = bytes.as_chunks::<2>();
        assert!(rest.is_empty());
        String::from_utf16(&pairs.iter().map(|&pair| read(pair)).collect::<Vec<_>>())
            .expect("whole characters")
    };
    match encoding {
        Encoding::Utf8 | Encoding::Utf8Bom | Encoding::Binary => {
            String::from_utf8(bytes.to_vec()).expect("UTF-8")
        }
        Encoding::Latin1 => bytes.iter().map(|&byte| char::from(byte)).collect(),
        Encoding::Utf16Le | Encoding::Utf16LeNoBom => units(u16::from_le_bytes),
        Encoding::Utf16Be | Encoding::Utf16BeNoBom => units(u16::from_be_bytes),
    }
}

fn line(file: &File, offset: usize, encoding: Encoding) -> u64 {
    let before = &file.bytes[..offset];
    let ends = match encoding {
        Encoding::Utf16Le | Encoding::Utf16LeNoBom => {
            before.chunks(2).filter(|unit| *unit == [b'\n', 0]).count()
        }
        Encoding::Utf16Be | Encoding::Utf16BeNoBom => {
            before.chunks(2).filter(|unit| *unit == [0, b'\n']).count()
        }
        _ => before.iter().filter(|&&byte| byte == b'\n').count(),
    };
    ends as u64 + 1
}

/// Undoes an escape by other means than those that made it.
fn unescaped(text: &str, escape: &Escape) -> String {
    match escape {
        Escape::Json | Escape::JsonSlash | Escape::JsonUnicode | Escape::Notebook => {
            serde_json::from_str(&format!("\"{text}\"")).expect("a JSON string")
        }
        Escape::Percent => {
            let mut out = Vec::new();
            let mut rest = text.as_bytes();
            while let [first, tail @ ..] = rest {
                rest = tail;
                if *first == b'%' {
                    let digits = std::str::from_utf8(&rest[..2]).expect("digits");
                    out.push(u8::from_str_radix(digits, 16).expect("hexadecimal"));
                    rest = &rest[2..];
                } else {
                    out.push(*first);
                }
            }
            String::from_utf8(out).expect("UTF-8")
        }
        Escape::Xml => text
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&"),
        Escape::Properties => {
            text.replace("\\:", ":").replace("\\=", "=").replace("\\#", "#").replace("\\!", "!")
        }
        Escape::Newline => text.replace("\\n", "\n"),
        Escape::Prefix(prefix) => text.replace(&format!("\n{prefix}"), "\n"),
        Escape::Literals { joint, lead } => text.replace(&format!("{joint}\n{lead}"), "\n"),
        Escape::QuotedPrintable => {
            let joined: String = text.split("=\n").collect();
            let mut parts = joined.split('=');
            let mut out = parts.next().unwrap_or_default().as_bytes().to_vec();
            for part in parts {
                let (digits, rest) = part.split_at(2);
                out.push(u8::from_str_radix(digits, 16).expect("hexadecimal"));
                out.extend(rest.as_bytes());
            }
            String::from_utf8(out).expect("UTF-8")
        }
        Escape::Markdown => {
            let mut characters = text.chars();
            std::iter::from_fn(|| match characters.next()? {
                '\\' => characters.next(),
                other => Some(other),
            })
            .collect()
        }
        Escape::ScriptHex => {
            // Pairs of backslashes are no beginning of an escape.
            let parts = text.split("\\\\").map(|part| part.replace("\\x", "\\u00"));
            let json = parts.collect::<Vec<_>>().join("\\\\");
            serde_json::from_str(&format!("\"{json}\"")).expect("a JSON string")
        }
        Escape::Boxed { .. } => text.replace(" │\n│ ", "").replace("\n│ ", "\n"),
        Escape::Crlf => text.replace("\r\n", "\n"),
        Escape::Base64 => {
            let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text);
            String::from_utf8(bytes.expect("base64")).expect("UTF-8")
        }
    }
}
