//! Client secrets of Entra applications: forty characters with `8Q~` behind the
//! first three, the last three a checksum of the others.
//!
//! Older ones (`7Q~`, 37 characters) have no checksum and are not read.

use std::borrow::Cow::Borrowed;

use super::reading::character;
use crate::candidate::{Candidate, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::escaped::ends_with_escape;
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::placeholder;
use crate::verify::marvin32::{CLIENT_SECRET_BODY, client_secret_tail};

/// Characters of a secret.
const CHARS: usize = 40;

pub(super) static SECRET: Detector = Detector {
    id: text("azure-client-secret"),
    title: text("Entra application client secret"),
    provider: text("Azure"),
    tags: Borrowed(&[text("azure")]),
    trigger: Trigger::Anchor(Borrowed(ANCHORS)),
    reach: Reach::new(16, 192),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::High,
    remedy: text(
        "Delete it under Entra ID, App registrations, the application, Certificates & secrets (or \
         `az ad app credential delete --id APP --key-id KEY`), then look at the application's \
         sign-in log and its permissions. Prefer a federated credential or a certificate.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("../examples/azure_client_secret.txt")),
            text(include_str!("../examples/azure_client_secret_url.txt")),
        ]),
        refuted: Borrowed(&[
            (text("secret = zzz8Q~zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzblP\n"), Reason::NotRandom),
            (
                text(include_str!("../examples/azure_client_secret_checksum.txt")),
                Reason::ChecksumFailed,
            ),
        ]),
        unmatched: Borrowed(&[
            text("abc8Q~short"),
            text("8Q~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~"),
        ]),
    },
};

/// The mark is three characters long and an anchor at least four, so there is one
/// for each character that may follow it, and for each escape.
const ANCHORS: &[Anchor] = &[
    Anchor::exact("8Q~a"),
    Anchor::exact("8Q~b"),
    Anchor::exact("8Q~c"),
    Anchor::exact("8Q~d"),
    Anchor::exact("8Q~e"),
    Anchor::exact("8Q~f"),
    Anchor::exact("8Q~g"),
    Anchor::exact("8Q~h"),
    Anchor::exact("8Q~i"),
    Anchor::exact("8Q~j"),
    Anchor::exact("8Q~k"),
    Anchor::exact("8Q~l"),
    Anchor::exact("8Q~m"),
    Anchor::exact("8Q~n"),
    Anchor::exact("8Q~o"),
    Anchor::exact("8Q~p"),
    Anchor::exact("8Q~q"),
    Anchor::exact("8Q~r"),
    Anchor::exact("8Q~s"),
    Anchor::exact("8Q~t"),
    Anchor::exact("8Q~u"),
    Anchor::exact("8Q~v"),
    Anchor::exact("8Q~w"),
    Anchor::exact("8Q~x"),
    Anchor::exact("8Q~y"),
    Anchor::exact("8Q~z"),
    Anchor::exact("8Q~A"),
    Anchor::exact("8Q~B"),
    Anchor::exact("8Q~C"),
    Anchor::exact("8Q~D"),
    Anchor::exact("8Q~E"),
    Anchor::exact("8Q~F"),
    Anchor::exact("8Q~G"),
    Anchor::exact("8Q~H"),
    Anchor::exact("8Q~I"),
    Anchor::exact("8Q~J"),
    Anchor::exact("8Q~K"),
    Anchor::exact("8Q~L"),
    Anchor::exact("8Q~M"),
    Anchor::exact("8Q~N"),
    Anchor::exact("8Q~O"),
    Anchor::exact("8Q~P"),
    Anchor::exact("8Q~Q"),
    Anchor::exact("8Q~R"),
    Anchor::exact("8Q~S"),
    Anchor::exact("8Q~T"),
    Anchor::exact("8Q~U"),
    Anchor::exact("8Q~V"),
    Anchor::exact("8Q~W"),
    Anchor::exact("8Q~X"),
    Anchor::exact("8Q~Y"),
    Anchor::exact("8Q~Z"),
    Anchor::exact("8Q~1"),
    Anchor::exact("8Q~2"),
    Anchor::exact("8Q~3"),
    Anchor::exact("8Q~4"),
    Anchor::exact("8Q~5"),
    Anchor::exact("8Q~6"),
    Anchor::exact("8Q~7"),
    Anchor::exact("8Q~8"),
    Anchor::exact("8Q~9"),
    Anchor::exact("8Q~0"),
    Anchor::exact("8Q~."),
    Anchor::exact("8Q~-"),
    Anchor::exact("8Q~_"),
    Anchor::exact("8Q~~"),
    Anchor::exact("8Q~="),
    Anchor::exact("8Q~\\"),
    Anchor::any_case("8q%7e"),
    Anchor::exact("8Q\\~"),
    Anchor::any_case("8q\\u007e"),
    Anchor::exact("8Q&#126;"),
];

const fn is_member(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~')
}

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let text = window.bytes;
    if !window.before().last().is_some_and(|b| is_member(*b) || *b == b'\n') {
        return;
    }
    // The three characters before the mark may be written as escapes; the checksum
    // tells where they begin.
    let mut plain = None;
    for back in 3..=12 {
        let Some(start) = window.hit_start.checked_sub(back) else { break };
        let Some((value, end)) = read(text, start, window.hit_start) else { continue };
        let Ok(body) = <&[u8; CLIENT_SECRET_BODY]>::try_from(&value[..CLIENT_SECRET_BODY]) else {
            return;
        };
        if value[CLIENT_SECRET_BODY..] == client_secret_tail(body) {
            return push(window, out, &value, start..end, true);
        }
        if back == 3 {
            plain = Some((value, start..end));
        }
    }
    let Some((value, range)) = plain else { return };
    let before = &text[..range.start];
    let joined = before.last().is_some_and(|b| is_member(*b)) && !ends_with_escape(before);
    let goes_on = text.get(range.end).is_some_and(|b| is_member(*b));
    if !joined && !goes_on {
        push(window, out, &value, range, false);
    }
}

/// The forty characters from `start` on, the fourth of them at `mark`, and their
/// end.
fn read(text: &[u8], start: usize, mark: usize) -> Option<(Vec<u8>, usize)> {
    let mut value = Vec::with_capacity(CHARS);
    let mut at = start;
    while value.len() < CHARS {
        if value.len() == 3 && at != mark {
            return None;
        }
        let (byte, next) = character(text, at)?;
        if !is_member(byte) {
            return None;
        }
        value.push(byte);
        at = next;
    }
    value[3..].starts_with(b"8Q~").then_some((value, at))
}

fn push(
    window: &Window<'_>,
    out: &mut Extraction<'_>,
    value: &[u8],
    range: std::ops::Range<usize>,
    checksum: bool,
) {
    let mut candidate = Candidate::new(Role::ClientSecret, window.range(range.clone()));
    if window.bytes[range] != *value {
        candidate.decoded = Some(value.into());
    }
    candidate.verdict = match placeholder::refusal(&value[6..CLIENT_SECRET_BODY]) {
        Some(reason) => Verdict::Refuted(reason),
        None if checksum => Verdict::Proven,
        None => Verdict::Refuted(Reason::ChecksumFailed),
    };
    candidate.evidence.push(if checksum { Evidence::Checksum } else { Evidence::Prefix });
    candidate.facts.add(Fact::Service("Microsoft Entra ID".into()));
    out.push(candidate);
}
