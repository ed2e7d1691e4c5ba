//! Token URLs of content delivery networks, where their form is certain: Akamai's
//! (`exp=…~acl=…~hmac=…`) and, on its own hosts, Bunny's.
//!
//! Sources: Akamai TechDocs, "Token authentication" and the EdgeAuth token
//! libraries (fields divided by `~`); Bunny documentation, "Token authentication"
//! (SHA-256 in URL-safe base64, `expires` in seconds). Cookies and queries are
//! read; tokens in the path are not. `token=` on other hosts can be anything.

use std::borrow::Cow::Borrowed;

use super::query::{Query, base64_fault, between_anchors, hex_fault, moment, verdict};
use crate::candidate::Candidate;
use crate::clock::Timestamp;
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::{Evidence, Reason};
use crate::extract::{Extraction, Window};
use crate::fact::{Access, Fact};
use crate::grade::Severity;
use crate::url::located::Parameter;

pub(super) static CDN: Detector = Detector {
    id: text("cdn-token-url"),
    title: text("CDN token URL"),
    provider: text("Akamai, Bunny"),
    tags: Borrowed(&[text("akamai"), text("bunny"), text("cdn"), text("signed-url")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::exact("~hmac"),
        Anchor::exact("~acl"),
        Anchor::exact(".b-cdn.net"),
    ])),
    reach: Reach::new(3072, 3072),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::Low,
    remedy: text(
        "A token ends at its expiry. Before that, rotate the token key of the property (Akamai: \
         Auth Token 2.0 verification, with the old key as transition key; Bunny: the pull zone's \
         security settings).",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(
                "https://media.acme.io/vod/master.m3u8?hdnts=st=1749988000~exp=1893456000~acl=/*\
                 ~hmac=7e40bd93a8165fc2e9d30b748f61a5ce92d7043b1f86ea5cd7904e2b63a8f1c5",
            ),
            text(
                "Cookie: hdntl=exp=1893456000~acl=%2f*~data=hdntl~hmac=\
                 7e40bd93a8165fc2e9d30b748f61a5ce92d7043b1f86ea5cd7904e2b63a8f1c5",
            ),
            text(
                "https://acme.b-cdn.net/v/1.mp4?token=u8qNyX0c0mVYkF2kq4pYd2v1V0cS7oQfVbJvGZrWn1U\
                 &expires=1893456000",
            ),
        ]),
        refuted: Borrowed(&[(
            text("https://media.acme.io/m.m3u8?hdnts=exp=1893456000~acl=/*~hmac=<hmac>"),
            Reason::Placeholder,
        )]),
        unmatched: Borrowed(&[
            text("https://acme.b-cdn.net/v/1.mp4?width=100"),
            text("fields: exp~acl~hmac"),
            text("https://acme.io/v?token=u8qNyX0c0mVYkF2kq4pYd2v1V0cS7oQfVbJvGZrWn1U&expires=9"),
        ]),
    },
};

/// What Akamai's libraries call the parameter or cookie.
const NAMES: [&str; 5] = ["hdnts", "hdnea", "hdntl", "__token__", "akamai_token"];

/// How far behind its name a token's fields stand, at most.
const APART: usize = 512;

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let candidate = match window.bytes[window.hit_start] {
        b'~' => akamai(window),
        _ => Query::behind_host(window, "token").and_then(|query| bunny(&query)),
    };
    if let Some(candidate) = candidate {
        out.push(candidate);
    }
}

fn akamai(window: &Window<'_>) -> Option<Candidate> {
    // Fields follow each other: what comes next is a name and a sign.
    let next = window.after().first()?;
    if !matches!(next, b'=' | b'%' | b'\\' | b'&' | b' ') {
        return None;
    }
    let range = between_anchors(window);
    let start = range.start.max(window.hit_start.saturating_sub(APART));
    let before = &window.bytes[start..window.hit_start];
    // `data=hdntl~` is no name.
    let is_name = |at: &usize, name: &str| {
        matches!(before.get(at + name.len()), Some(b'=' | b'%' | b'\\' | b'&'))
    };
    let name = NAMES
        .iter()
        .filter_map(|name| {
            memchr::memmem::rfind_iter(before, name.as_bytes()).find(|at| is_name(at, name))
        })
        .max()
        .map(|at| start + at);
    let at = name.unwrap_or(window.hit_start + 1);
    // A cookie has no other parameters.
    let query = Query::within(window, range.clone(), at)
        .filter(|query| token(query).is_some())
        .or_else(|| Query::from(window, range, name?))?;
    let (value, fields) = token(&query)?;
    let field = |name: &str| {
        fields.split('~').find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
    };
    let expires = field("exp")?.parse::<i64>().ok();
    let mac = field("hmac")?;
    let scope = field("acl").or_else(|| field("url"));
    let fault = hex_fault(mac, &[64, 40, 32])
        .or_else(|| expires.and_then(moment).is_none().then_some(Reason::ImpossibleTime));
    let mut candidate = query.candidate_of(value);
    candidate.verdict = verdict(fault);
    let starts = field("st").and_then(|s| s.parse().ok()).and_then(moment);
    tell(&mut candidate, "akamai", starts, expires.and_then(moment));
    if let Some(scope) = scope {
        candidate.facts.add(Fact::Permissions(scope.into()));
    }
    Some(candidate)
}

/// The parameter that is a token of Akamai's, and its value.
fn token<'q>(query: &'q Query<'_>) -> Option<(Parameter<'q>, Box<str>)> {
    query.url().parameters().find_map(|(name, _)| {
        let value = query.parameter(std::str::from_utf8(name).ok()?)?;
        let text = value.twice_decoded();
        (text.contains("~hmac=") && text.contains("exp=")).then_some((value, text))
    })
}

fn bunny(query: &Query<'_>) -> Option<Candidate> {
    if !query.url().host().ends_with(".b-cdn.net") {
        return None;
    }
    let (token, expires) = (query.text("token")?, query.number("expires")?);
    let mut candidate = query.candidate("token")?;
    // Newer tokens name their hash; MD5 in base64 has 16 bytes.
    let bare = token.strip_prefix("HS256-").unwrap_or(&token);
    candidate.verdict = verdict(
        base64_fault(bare, &[32, 16])
            .or_else(|| moment(expires).is_none().then_some(Reason::ImpossibleTime)),
    );
    tell(&mut candidate, "bunny", None, moment(expires));
    let object = query.object();
    if !object.is_empty() {
        candidate.facts.add(Fact::Object(object));
    }
    Some(candidate)
}

fn tell(
    candidate: &mut Candidate,
    variant: &'static str,
    starts: Option<Timestamp>,
    expires: Option<Timestamp>,
) {
    candidate.evidence.push(Evidence::Parsed);
    candidate.facts.add(Fact::Variant(variant));
    candidate.facts.add(Fact::Access(Access::Read));
    if let Some(time) = starts {
        candidate.facts.add(Fact::CreatedAt(time));
    }
    if let Some(time) = expires {
        candidate.facts.add(Fact::ExpiresAt(time));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;
    use crate::relate::{Context, Leak};

    fn leaks(text: &str, now: i64) -> Vec<Leak> {
        reference::scan(std::slice::from_ref(&CDN), text.as_bytes(), &Context::at(Timestamp(now)))
    }

    #[test]
    fn it_is_live_until_the_second_of_its_expiry() {
        for text in CDN.examples.reported.iter() {
            assert_eq!(leaks(text, 1_893_455_999)[0].severity, Severity::Low);
            assert_eq!(leaks(text, 1_893_456_000)[0].severity, Severity::Info);
        }
    }

    #[test]
    fn cut_and_changed_text_is_no_trouble() {
        for text in CDN.examples.reported.iter() {
            for end in 0..text.len() {
                let _ = leaks(&text[..end], 0);
            }
        }
        let _ = leaks(&"~hmac=~acl=.b-cdn.net?token=1&expires=".repeat(200), 0);
    }
}
