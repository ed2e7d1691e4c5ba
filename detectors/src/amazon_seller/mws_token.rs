//! MWS auth tokens: what a seller gives a developer so that he may call
//! Marketplace Web Service for him.
//!
//! A token is `amzn.mws.` and 32 hexadecimal digits grouped like a UUID. It is
//! none: in published samples the digits for version and variant are random, so
//! they are not looked at. The service was switched off after 31 March 2024; a
//! token tells who worked for which seller and often stands beside keys that
//! still live.
//!
//! The detector also reads what tells its neighbours that they are a seller's
//! ([`context`]), so that there is one reader of it.

use std::borrow::Cow::Borrowed;

use super::context;
use crate::assignment::name_before;
use crate::candidate::{Candidate, Role};
use crate::detector::{Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::escaped::ends_with_escape;
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::placeholder;
use crate::relate::{Leak, Neighbours};
use crate::url::writing::{Plain, Writing};

const PREFIX: &[u8] = b"amzn.mws.";

/// Characters behind the prefix: five groups and four hyphens.
const BODY: usize = 36;

/// How the token of the MWS documentation begins; its end varies.
const DOCUMENTED: &[u8] = b"4ea38b7b-f563-7709-4bae-";

pub(super) static TOKEN: Detector = Detector {
    id: text("amazon-mws-auth-token"),
    title: text("Amazon MWS auth token"),
    provider: text("Amazon Marketplace Web Service"),
    tags: Borrowed(&[text("amazon"), text("seller"), text("token")]),
    trigger: Trigger::Anchor(context::ANCHORS),
    reach: Reach::new(160, 192),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: Some(describe),
    severity: Severity::Low,
    remedy: text(
        "Marketplace Web Service answers no more since 31 March 2024. In Seller Central (Apps and \
         Services, Manage Your Apps) see whether the developer still has access through the \
         Selling Partner API, and disable it if he should not. Look beside the token for AWS keys \
         and Login with Amazon secrets: those may still work.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text("MWS_AUTH_TOKEN=amzn.mws.9ab61f0e-52c7-e0d3-8c4f-7d2be6a0951c"),
            text(
                "Seller ID: A2K9PX4QW7MZ3T\nMWS Auth Token: amzn.mws.d05c92aa-1e7f-fd8d-03b6-48c1f7e92b60\n",
            ),
            text(
                "&MWSAuthToken=amzn.mws.31f7c0d8-9e42-b5a6-e045-0c8d17b2f96e&SellerId=A2K9PX4QW7MZ3T",
            ),
            text("the token is amz=\r\nn.mws.31f7c0d8-9e42-b5a6-e0=\r\n45-0c8d17b2f96e."),
        ]),
        refuted: Borrowed(&[
            (
                text("MWSAuthToken=amzn.mws.4ea38b7b-f563-7709-4bae-87aeaEXAMPLE"),
                Reason::Documentation,
            ),
            (text("amzn.mws.xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"), Reason::Placeholder),
            (text("amzn.mws.9ab61f0e-leaf-e0d3-8c4f-7d2be6a0951c"), Reason::WrongAlphabet),
            (text("amzn.mws.00000000-0000-0000-0000-000000000000"), Reason::NotRandom),
        ]),
        unmatched: Borrowed(&[
            text("amzn.mws.9ab61f0e-52c7-e0d3-8c4f"),
            text("amzn.mws.9ab61f0e-52c7-e0d3-8c4f-7d2be6a0951c0"),
            text("see amzn.mws. in the documentation"),
            text("MWS_SELLER_ID=A2K9PX4QW7MZ3T https://mws.amazonservices.com"),
        ]),
    },
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    context::read(window, out);
    let text = window.bytes;
    match window.anchor {
        0 => {
            // The next byte, which a soft break or a box may push away.
            if text.get(window.hit_end).is_some_and(|b| b".= \xe2|".contains(b)) {
                read(window, window.hit_start, out);
            } else if text[window.hit_end..].starts_with(b"1.") {
                read_application(window, out);
            }
        }
        // `mws.` of a token that a line break keeps from beginning as it should.
        2 => {
            let before = &text[..window.hit_start];
            let broken = memchr::memchr(b'\n', &before[before.len().saturating_sub(12)..]);
            if broken.is_some()
                && let Some(start) = (window.hit_start.saturating_sub(24)..window.hit_start)
                    .rev()
                    .find(|at| text[*at] == b'a' && writes_prefix(text, *at))
            {
                read(window, start, out);
            }
        }
        _ => {}
    }
}

fn writes_prefix(text: &[u8], at: usize) -> bool {
    Plain::read(&text[..text.len().min(at + 48)], at, Writing::QUOTED_PRINTABLE)
        .bytes
        .starts_with(PREFIX)
}

/// Reads a token that begins at `start`.
fn read(window: &Window<'_>, start: usize, out: &mut Extraction<'_>) {
    let text = window.bytes;
    let before = &text[..start];
    if before.last().is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
        && !ends_with_escape(before)
    {
        return;
    }
    let mut plain = Plain::default();
    let member = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    let end = text.len().min(start + 160);
    plain.extend_while(&text[..end], start, Writing::QUOTED_PRINTABLE, member);
    // A full stop behind a token belongs to the sentence.
    while plain.bytes.last() == Some(&b'.') {
        plain.pop();
    }
    let Some(body) = plain.bytes.strip_prefix(PREFIX) else { return };
    if body.len() != BODY || !is_grouped(body) {
        return;
    }
    let place = plain.place(0..plain.bytes.len());
    let mut found = Candidate::new(Role::Whole, window.range(place.clone()));
    if place.len() != plain.bytes.len() {
        found.decoded = Some(plain.bytes.as_slice().into());
    }
    let hex = |b: &u8| matches!(b, b'0'..=b'9' | b'a'..=b'f' | b'-');
    let digits: Vec<u8> = body.iter().copied().filter(|b| *b != b'-').collect();
    found.verdict = match placeholder::refusal(&digits) {
        Some(reason) => Verdict::Refuted(reason),
        None if body.starts_with(DOCUMENTED) => Verdict::Refuted(Reason::Documentation),
        None if !body.iter().all(hex) => Verdict::Refuted(Reason::WrongAlphabet),
        None => Verdict::Supported,
    };
    if !found.is_refuted() {
        found.name = name_before(text, start).map(|n| window.range(n));
        found.evidence.push(Evidence::Prefix);
        found.facts.add(Fact::Service(context::MWS.into()));
    }
    if !found.is_refuted() {
        context::push_service(window, place, context::MWS, out);
    }
    out.push(found);
}

/// Whether the hyphens stand where a UUID has them, and nowhere else.
fn is_grouped(body: &[u8]) -> bool {
    body.iter().enumerate().all(|(at, b)| match at {
        8 | 13 | 18 | 23 => *b == b'-',
        _ => b.is_ascii_alphanumeric(),
    })
}

/// `amzn1.sp.solution.<uuid>`, `amzn1.sellerapps.app.<uuid>`: an application of
/// the Selling Partner API. Clients of Login with Amazon are read by
/// [`super::lwa`].
fn read_application(window: &Window<'_>, out: &mut Extraction<'_>) {
    let rest = &window.bytes[window.hit_end + 2..];
    for kind in [&b"sp.solution."[..], b"sellerapps.app."] {
        if let Some(id) = rest.strip_prefix(kind).and_then(|id| id.get(..BODY))
            && is_grouped(id)
            && placeholder::refusal(id).is_none()
        {
            let end = window.hit_end + 2 + kind.len() + BODY;
            context::push_service(window, window.hit_start..end, context::SP_API, out);
        }
    }
}

fn describe(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    context::describe(leak, neighbours);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::reference;
    use crate::relate::Context;

    const VALUE: &str = "amzn.mws.9ab61f0e-52c7-e0d3-8c4f-7d2be6a0951c";

    fn scan(text: &str) -> Vec<Leak> {
        let context = Context::at(Timestamp(1_750_000_000));
        reference::scan(std::slice::from_ref(&TOKEN), text.as_bytes(), &context)
    }

    #[test]
    fn seller_and_marketplace_are_facts() {
        let text = format!(
            "Merchant ID: A2K9PX4QW7MZ3T\nMarketplaceId.Id.1=A1PA6795UKMFR9\ntoken: {VALUE}\n"
        );
        let found = scan(&text);
        assert_eq!(found.len(), 1);
        let facts: Vec<&Fact> = found[0].facts.iter().collect();
        assert!(facts.contains(&&Fact::SellerId("A2K9PX4QW7MZ3T".into())), "{facts:?}");
        assert!(facts.contains(&&Fact::Marketplace("DE".into())), "{facts:?}");
    }

    #[test]
    fn a_soft_break_may_fall_anywhere() {
        for at in 1..VALUE.len() {
            for joint in ["=\n", "=\r\n"] {
                let text = format!("token {}{joint}{} ok", &VALUE[..at], &VALUE[at..]);
                let found = scan(&text);
                assert_eq!(found.len(), 1, "{text}");
                assert_eq!(found[0].decoded.as_deref(), Some(VALUE.as_bytes()), "{text}");
            }
        }
    }

    #[test]
    fn cut_and_changed_text_is_no_trouble() {
        let text = format!("MWS_SELLER_ID=A2K9PX4QW7MZ3T;marketplace=A1PA6795UKMFR9;mws.{VALUE}");
        for end in 0..text.len() {
            scan(&text[..end]);
            for byte in [b'=', b'\n', b'.', b'|', 0xe2, 0xff] {
                let mut changed = text.clone().into_bytes();
                changed[end] = byte;
                let context = Context::at(Timestamp(1_750_000_000));
                reference::scan(std::slice::from_ref(&TOKEN), &changed, &context);
            }
        }
    }
}
