//! Messages and mailboxes, written here.

use super::super::drained::{Drained, drained};
use super::super::{Content, Format, unpack};

const NESTED: &str = "\
Received: from mail.example ([192.0.2.1])
\tby mx.example; Fri, 8 Jul 2011 12:08:34 +0000
From: a@example.com
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=\"outer; 1\"

A preamble.
--outer; 1
Content-Type: multipart/alternative; boundary=outer

--outer
Content-Type: text/plain
Content-Transfer-Encoding: quoted-printable

pass=3Dword, =
on one line
--outer
Content-Type: text/html

plain =3D
--outer--
An epilogue.
--outer
--outer; 1
Content-Type: application/octet-stream; name=\"ignored.bin\"
Content-Transfer-Encoding: BASE64
Content-Transfer-Encoding: 7bit
Content-Disposition: attachment;
 filename=\"../keys.txt\"

c2VjcmV0
IGtleQ==

--outer; 1
Content-Type: message/rfc822

Subject: forwarded
Content-Transfer-Encoding: base64

Zm9yd2FyZGVk
--outer; 1--
Behind all parts.
";

fn member(name: &str, content: &str) -> (String, Vec<u8>) {
    (name.to_owned(), content.into())
}

fn members() -> Vec<(String, Vec<u8>)> {
    vec![
        member("part 1", "pass=word, on one line\n"),
        member("../keys.txt", "secret key"),
        member("part 4", "forwarded"),
    ]
}

#[test]
fn only_what_is_encoded_is_a_member() {
    assert_eq!(drained(NESTED.as_bytes()), (members(), None));
    let mut dos = members();
    dos[0].1 = b"pass=word, on one line\r\n".to_vec();
    assert_eq!(drained(NESTED.replace('\n', "\r\n").as_bytes()), (dos, None));
}

#[test]
fn mailboxes_hold_messages_one_behind_the_other() {
    let mut mailbox = String::new();
    // A message that is cut off is ended by the next.
    let cut = NESTED.find("c2Vj").unwrap();
    for message in [NESTED, &NESTED[..cut], NESTED] {
        mailbox += "From a@example.com Fri Jul  8 12:08:34 2011\n>From quoted\n";
        mailbox += message;
        mailbox += "\n";
    }
    let named = |number: u32| {
        let name =
            move |(name, content): (String, _)| (format!("message {number}/{name}"), content);
        members().into_iter().map(name)
    };
    let mut all: Vec<_> = named(1).chain(named(2).take(2)).chain(named(3)).collect();
    all[4].1.clear();
    assert_eq!(drained(mailbox.as_bytes()), (all, None));
}

#[test]
fn a_message_that_is_cut_off_gives_what_is_there() {
    for (behind, last) in [
        ("boundary=outer\n", None),
        ("pass=3Dwo", Some(member("part 1", "pass=wo"))),
        ("c2VjcmV", Some(member("../keys.txt", "secre"))),
        ("Zm9yd2Fy", Some(member("part 4", "forwar"))),
    ] {
        let len = NESTED.find(behind).unwrap() + behind.len();
        let (mut read, end) = drained(&NESTED.as_bytes()[..len]);
        assert_eq!((read.pop(), end), (last, None), "{behind}");
    }
}

#[test]
fn lines_may_be_of_any_length() {
    let encoded = "QUFB".repeat(100_000);
    let message = format!("Message-ID: <1>\ncontent-transfer-encoding: base64\n\n{encoded}");
    assert_eq!(drained(message.as_bytes()), (vec![member("part 1", &"AAA".repeat(100_000))], None));
    let folded = "X-Long: ".to_owned() + &"a b\n ".repeat(50_000);
    let message = message.replacen("content", &(folded + "\ncontent"), 1);
    let (read, _) = drained(message.as_bytes());
    assert_eq!((read.len(), read[0].1.len()), (1, 300_000));
}

#[test]
fn parts_are_told_apart_up_to_a_depth() {
    let mut message = "MIME-Version: 1.0\n".to_owned();
    for depth in 0..20 {
        message += &format!("Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n");
    }
    message += "\n--b3\nContent-Transfer-Encoding: base64\n\nZm9v\n";
    let mut all = Drained::default();
    let end = unpack(Format::Mail, Content::Stream(&mut message.as_bytes()), &mut all);
    assert!(end.is_ok());
    assert_eq!(all.refused, ["parts more than 16 deep"]);
    assert_eq!(all.members, [member("part 1", "foo")]);
}

#[test]
fn mail_is_told_by_what_it_begins_with() {
    for text in [
        "Return-Path: <a@example.com>\n",
        "From: a\nTo: b\nSubject: c\n\nText\n",
        "Content-Type: multipart/mixed; boundary=\"==\"\n\n",
        "From a@example.com Fri Jul  8 12:08:34 2011\nReceived: from b\n",
        "From - Fri Jul 18 12:08 2011 +0000\nX: y\n",
    ] {
        assert_eq!(Format::of(text.as_bytes(), b""), Some(Format::Mail), "{text}");
    }
    for text in [
        "",
        "from: a\nto: b\n",
        "subject: only\ndate: this\nkey: value\n",
        "# a comment\nMessage-ID: 1\n",
        "key = value\nMIME-Version: 1.0\n",
        "\nReceived: from b\n",
        " Received: from b\n",
        "From here on\nReceived: from b\n",
        "From a@example.com Fri Jul  8 12:08:34 2011\nand no header",
        "GET / HTTP/1.1\r\nContent-Type: multipart/mixed\r\n",
        "HTTP/1.1 200 OK\r\nDate: x\r\n",
        "FROM debian:12\nRUN true\n",
    ] {
        assert_eq!(Format::of(text.as_bytes(), b""), None, "{text}");
    }
    assert!(Format::Mail.is_text() && !Format::Tar.is_text());
}
