//! JAAS configurations of Kafka clients and brokers: a login module, `required`,
//! and the user's name and password as options in quotes.
//!
//! `sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required
//! username="…" password="…";`, also over several lines. Where the user is
//! `$ConnectionString` the password is an Azure connection string, which is
//! [`super::azure`]'s.
//!
//! Sources: Apache Kafka documentation, "Authentication using SASL"; Java,
//! `javax.security.auth.login.Configuration`.

use std::borrow::Cow::Borrowed;
use std::ops::Range;

use super::connection_string::literal::{Literal, Sign, Writing};
use super::connection_string::{Finding, judge, servers};
use super::kind;
use super::server::Connection;
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::Reason;
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::placeholder::contains;

/// How far behind the module its options stand.
const AFTER: usize = 1024;

/// How far around the module the brokers are looked for.
const BEFORE: usize = 1024;

pub(super) static CONFIGURATION: Detector = Detector {
    id: text("kafka-jaas"),
    title: text("Kafka SASL credentials in a JAAS configuration"),
    provider: text("Apache Kafka"),
    tags: Borrowed(&[text("database"), text("kafka")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::exact("LoginModule"),
        // Cut by a soft break of quoted-printable.
        Anchor::exact("security.plain."),
        Anchor::exact("security.scram."),
    ])),
    reach: Reach::new(BEFORE as u32, AFTER as u32),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::High,
    remedy: text(
        "Delete the user or change its password (`kafka-configs --alter --delete-config \
         SCRAM-SHA-512 --entity-type users --entity-name USER`; Confluent Cloud: API keys, delete), \
         then look at what its ACLs let it read and write.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("examples/jaas_properties.txt")),
            text(include_str!("examples/jaas_json.txt")),
            text(include_str!("examples/jaas_file.txt")),
        ]),
        refuted: Borrowed(&[(
            text(
                "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
                 username=\"alice\" password=\"${KAFKA_PASSWORD}\";",
            ),
            Reason::Placeholder,
        )]),
        unmatched: Borrowed(&[
            text("class LdapLoginModule implements LoginModule {}"),
            text("Krb5LoginModule required useKeyTab=true keyTab=\"/etc/k\" principal=\"a@B\";"),
        ]),
    },
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let after = window.after();
    // The next module has options of its own.
    let hit = &window.bytes[window.hit()];
    let end = memchr::memmem::find(after, hit).unwrap_or(after.len());
    let after = &after[..end];
    let text = &window.bytes[..window.hit_end + end];
    let Some(found) = memchr::memmem::find(after, b"required")
        .filter(|n| *n < 48)
        .or_else(|| memchr::memmem::find(after, b"username").filter(|n| *n < 160))
    else {
        return;
    };
    let from = window.hit_end + found;
    let Some((password, value)) = option(text, from, b"password") else { return };
    if value.is_empty() || password.is_empty() {
        return;
    }
    let user = option(text, from, b"username");
    let name = user.as_ref().and_then(|(_, v)| String::from_utf8(v.clone()).ok());
    if contains(&value, b"SharedAccessKey") {
        return;
    }
    let mut connection =
        Connection { kind: Some(kind::KAFKA), user: name, ..Connection::default() };
    connection.servers = brokers(window.bytes, window.hit_start);
    let verdict = judge(&value, &connection);
    let finding = Finding {
        span: window.hit_start..password.end,
        password,
        value: &value,
        user: user.map(|(range, _)| range),
        connection,
        verdict,
    };
    let mut candidate = finding.candidate(window);
    candidate.facts.add(Fact::Variant(
        if contains(&after[..after.len().min(64)], b"Scram") || before_is_scram(window) {
            "scram"
        } else {
            "plain"
        },
    ));
    out.push(candidate);
}

fn before_is_scram(window: &Window<'_>) -> bool {
    window.before().ends_with(b"Scram") || window.bytes[window.hit()].ends_with(b"scram.")
}

/// An option's value between quotes, whatever writes these, and where it stands.
fn option(text: &[u8], from: usize, name: &[u8]) -> Option<(Range<usize>, Vec<u8>)> {
    let at = memchr::memmem::find(text.get(from..)?, name)? + from + name.len();
    let (sign, len) = Sign::read(&text[at..])?;
    let start = at + len;
    let start = start + text[start..].iter().take(2).take_while(|b| **b == b' ').count();
    // A quote, plain or written as an escape, perhaps with backslashes before it.
    let slashes = text[start..].iter().take(7).take_while(|b| **b == b'\\').count();
    let len = [&b"\""[..], b"'", b"&quot;", b"&#34;", b"u0022", b"%22", b"&amp;quot;"]
        .iter()
        .find(|q| text[start + slashes..].starts_with(q))
        .map(|q| slashes + q.len())?;
    let writing = Writing::quoted(&text[start..start + len], sign);
    let literal = Literal::read(text, start + len, writing);
    let end = literal.bytes.len();
    // A quote that nothing closes is none.
    let range = literal.place(0..end);
    if !text[range.end..].starts_with(&text[start..start + len]) || end > 512 {
        return None;
    }
    Some((range, literal.bytes))
}

/// The brokers that `bootstrap.servers` names nearby.
fn brokers(text: &[u8], hit: usize) -> Vec<super::server::Server> {
    let name = b"bootstrap";
    let after = memchr::memmem::find(&text[hit..], name).map(|n| hit + n);
    let Some(at) = memchr::memmem::rfind(&text[..hit], name).or(after) else { return Vec::new() };
    let rest = &text[at + name.len()..];
    let Some(rest) = rest.get(1..).filter(|r| r.to_ascii_lowercase().starts_with(b"servers"))
    else {
        return Vec::new();
    };
    let rest = &rest[7..];
    let is_sign = |b: &&u8| matches!(b, b'=' | b':' | b' ' | b'"' | b'\'' | b',' | b'\\' | b'>');
    let skip = rest.iter().take(12).take_while(is_sign).count();
    let is_list = |b: &&u8| {
        b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b',' | b'[' | b']')
    };
    let list: Vec<u8> = rest[skip..].iter().take(512).take_while(is_list).copied().collect();
    String::from_utf8(list).map(|l| servers::read(l.trim_end_matches(','))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    const MODULE: &str = "org.apache.kafka.common.security.scram.ScramLoginModule required ";

    #[test]
    fn quotes_are_written_in_many_ways() {
        for options in [
            r#"username="svc" password="q8\"Zr;x";"#,
            r#"username=\"svc\" password=\"q8\\\"Zr;x\";"#,
            "username=&quot;svc&quot; password=&quot;q8\\&quot;Zr;x&quot;;",
            "username='svc' password='q8\"Zr;x';",
            "\\\n  username=\"svc\" \\\n  password=\"q8\\\"Zr;x\";",
            "username\\=\"svc\" password\\=\"q8\\\"Zr;x\";",
            "username=3D\"svc\" password=3D\"q8\\\"Z=\nr;x\";",
        ] {
            let text = format!("bootstrap.servers=k1.fernhill.io:9093\njaas={MODULE}{options}\n");
            let found =
                reference::candidates(std::slice::from_ref(&CONFIGURATION), text.as_bytes());
            let places: std::collections::BTreeSet<_> =
                found.iter().map(|c| (c.value.start, c.value.end)).collect();
            assert_eq!(places.len(), 1, "{text}");
            let raw = &text.as_bytes()[found[0].value.start as usize..found[0].value.end as usize];
            let value = found[0].decoded.as_deref().unwrap_or(raw);
            assert_eq!(String::from_utf8_lossy(value), "q8\"Zr;x", "{text}");
            for fact in [
                Fact::User("svc".into()),
                Fact::Host("k1.fernhill.io".into()),
                Fact::Port(9093),
                Fact::Variant("scram"),
            ] {
                assert!(found[0].facts.iter().any(|f| *f == fact), "{fact:?} {text}");
            }
        }
    }

    #[test]
    fn cut_and_changed_text_is_no_trouble() {
        let text = format!("{MODULE}username=\"svc\" password=\\\"q8\\\";");
        for end in 0..text.len() {
            let cut = &text.as_bytes()[..end];
            reference::candidates(std::slice::from_ref(&CONFIGURATION), cut);
            for byte in [b'\\', b'&', b'"', 0xff, b'='] {
                let mut changed = text.clone().into_bytes();
                changed[end] = byte;
                reference::candidates(std::slice::from_ref(&CONFIGURATION), &changed);
            }
        }
    }
}
