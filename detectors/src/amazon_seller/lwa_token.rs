//! Tokens of Login with Amazon: refresh tokens, access tokens, and the restricted
//! data tokens of the Selling Partner API.
//!
//! A token is `Atzr|` (refresh) or `Atza|` (access) and base64url text of some
//! hundred characters. What it decodes to begins `23 01 01 20` and 32 bytes in
//! today's tokens, and `21 01 01`, a length and a DSA signature in DER in older
//! ones (decoded from samples). What follows is encrypted. Restricted data tokens
//! begin `Atz.sprdt|`; their inside is unknown.
//!
//! A refresh token holds until the seller takes the application's access away; an
//! access token and a restricted one for an hour. Nothing in either tells when it
//! was made.
//!
//! Sources: Login with Amazon documentation, "Access token", "Refresh token"; the
//! Selling Partner API documentation, "Tokens API".

use std::borrow::Cow::Borrowed;
use std::ops::Range;

use super::{context, lwa};
use crate::assignment::name_before;
use crate::candidate::{Candidate, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::base64::{self, is_url_safe};
use crate::encoding::escaped::ends_with_escape;
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::placeholder;
use crate::relate::{Leak, Neighbours};
use crate::url::writing::{Plain, Writing};
use crate::verify::{der, statistics::statistics};

/// The most characters of a token, by the documentation, with some to spare.
const MAX: usize = 2304;

/// Fewest characters behind the bar; access tokens have 350 at least, by the
/// documentation.
const MIN: usize = 300;

/// Fewest characters of a restricted data token, whose length nobody states.
const RESTRICTED_MIN: usize = 120;

/// The longest token, with the line breaks of quoted-printable in it.
const REACH: Reach = Reach::new(160, 2688);

pub(super) static REFRESH: Detector = Detector {
    id: text("amazon-lwa-refresh-token"),
    title: text("Login with Amazon refresh token"),
    provider: text("Login with Amazon"),
    tags: Borrowed(&[text("amazon"), text("seller"), text("oauth"), text("token")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::exact("Atzr"),
        Anchor::exact("IwEB"),
        Anchor::exact("IQEB"),
    ])),
    reach: REACH,
    shape: Shape::Parser(parse_refresh),
    companions: Borrowed(&[]),
    relate: Some(describe),
    severity: Severity::High,
    remedy: text(
        "Have the seller disable the application's access (Seller Central, Apps and Services, \
         Manage Your Apps) and authorise it anew; for a private application repeat the \
         self-authorisation. Rotate the client secret as well: with it the token opens orders and \
         the buyers' addresses.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("examples/refresh_token.txt")),
            text(include_str!("examples/refresh_token_old.txt")),
            text(include_str!("examples/refresh_token_quoted.txt")),
        ]),
        refuted: Borrowed(&[
            (text("Atzr|IQEBLzAtAhRPpMJxdwVz2Nn6f2y-tpJX2DeXEXAMPLE"), Reason::Documentation),
            (text("refresh_token=Atzr|xxxxxxxxxxxxxxxxxxxxxxxxxx"), Reason::Placeholder),
            (text("Atzr|IwEBIG9sdW1lc29mdGhpbmdzdGhhdHdlcmVjdXQ..."), Reason::Truncated),
        ]),
        unmatched: Borrowed(&[
            text("tokens that begin Atzr| are refresh tokens"),
            text("IwEBIG9sdW1lc29mdGhpbmdzdGhhdHdlcmVjdXQ"),
            text("refresh_token = Atzr|..."),
        ]),
    },
};

pub(super) static ACCESS: Detector = Detector {
    id: text("amazon-lwa-access-token"),
    title: text("Login with Amazon access token"),
    provider: text("Login with Amazon"),
    tags: Borrowed(&[
        text("amazon"),
        text("seller"),
        text("oauth"),
        text("token"),
        text("temporary"),
    ]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::exact("Atza"),
        Anchor::exact("Atz.sprdt"),
        Anchor::exact("IwEB"),
        Anchor::exact("IQEB"),
    ])),
    reach: REACH,
    shape: Shape::Parser(parse_access),
    companions: Borrowed(&[]),
    relate: Some(describe),
    severity: Severity::Low,
    remedy: text(
        "It holds for an hour and cannot be called back. Find out what published it: it will \
         publish the next ones too, and perhaps the refresh token and client secret that it was \
         made with.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("examples/access_token.txt")),
            text(include_str!("examples/restricted_token.txt")),
        ]),
        refuted: Borrowed(&[(
            text("Atza|IQEBLjAsAhRmHjNgHpi0U-Dme37rR6CuUpSREXAMPLE"),
            Reason::Documentation,
        )]),
        unmatched: Borrowed(&[
            text("x-amz-access-token: Atza|..."),
            text("if token.startswith('Atza|'):"),
        ]),
    },
};

fn parse_refresh(window: &Window<'_>, out: &mut Extraction<'_>) {
    parse(window, b"Atzr", window.anchor == 0, out);
}

fn parse_access(window: &Window<'_>, out: &mut Extraction<'_>) {
    match window.anchor {
        1 => read(window, window.hit_start, b"Atz.sprdt", out),
        at => parse(window, b"Atza", at == 0, out),
    }
}

/// Reads the token at its beginning, or at the beginning of its body where a line
/// break stands in front of that.
fn parse(window: &Window<'_>, prefix: &[u8], at_start: bool, out: &mut Extraction<'_>) {
    if at_start {
        return read(window, window.hit_start, prefix, out);
    }
    let text = window.bytes;
    let head = window.hit_start.saturating_sub(24)..window.hit_start;
    // The bar, plain or escaped, stands before the body.
    if !text[head.clone()].last().is_some_and(|b| b"|Cc;\n ".contains(b))
        || memchr::memchr(b'\n', &text[head.clone()]).is_none()
    {
        return;
    }
    let start = head.rev().find(|at| text[*at] == b'A' && !text[*at..].starts_with(prefix));
    if let Some(start) = start {
        read(window, start, prefix, out);
    }
}

/// Reads the bar behind a prefix, however it is written.
fn bar(text: &[u8], at: usize) -> Option<usize> {
    const WRITINGS: &[&[u8]] =
        &[b"%257C", b"%257c", b"%7C", b"%7c", b"&verbar;", b"&vert;", b"\\|"];
    let rest = text.get(at..)?;
    if let Some(written) = WRITINGS.iter().find(|w| rest.starts_with(w)) {
        return Some(at + written.len());
    }
    // `|`, `=7C`, `\u007c`, `\x7c`, `&#124;`
    match Writing::QUOTED_PRINTABLE.character(text, at)? {
        (b'|', next) => Some(next),
        _ => None,
    }
}

/// Reads a token that begins at `start`.
fn read(window: &Window<'_>, start: usize, prefix: &[u8], out: &mut Extraction<'_>) {
    let text = window.bytes;
    let before = &text[..start];
    if before.last().is_some_and(|b| is_url_safe(*b)) && !ends_with_escape(before) {
        return;
    }
    let mut at = start;
    for letter in prefix {
        match Writing::QUOTED_PRINTABLE.character(text, at) {
            Some((byte, next)) if byte == *letter => at = next,
            _ => return,
        }
    }
    let Some(body_start) = bar(text, at) else { return };
    let restricted = prefix.contains(&b'.');
    let class: fn(u8) -> bool =
        if restricted { |b| is_url_safe(b) || matches!(b, b'+' | b'/') } else { is_url_safe };
    let mut body = Plain::default();
    body.extend_while(text, body_start, Writing::QUOTED_PRINTABLE, class);
    if body.bytes.len() < 16 || body.bytes.len() > MAX {
        return;
    }
    let place = start..body.place(0..body.bytes.len()).end;
    let role = if prefix == b"Atzr" { Role::RefreshToken } else { Role::AccessToken };
    let mut found = Candidate::new(role, window.range(place.clone()));
    let value = [prefix, b"|", &body.bytes].concat();
    if text.get(place.clone()) != Some(value.as_slice()) {
        found.decoded = Some(value.into());
    }
    found.verdict = if restricted { judge_restricted(&body.bytes) } else { judge(&body.bytes) };
    if !found.is_refuted() {
        found.name = name_before(text, place.start).map(|n: Range<usize>| window.range(n));
        found.evidence.push(Evidence::Prefix);
        if !restricted {
            found.evidence.push(Evidence::Parsed);
        }
        found.facts.add(Fact::Service(lwa::LWA.into()));
        if role == Role::RefreshToken {
            found.facts.add(Fact::Unlimited(true));
        } else if restricted {
            found.facts.add(Fact::Variant("restricted-data-token"));
        }
    }
    out.push(found);
}

/// What a body says of itself.
fn judge(body: &[u8]) -> Verdict {
    // A long body may hold a marker by chance; its beginning hardly does.
    let head = &body[..body.len().min(64)];
    if let Some(reason) = placeholder::refusal(head) {
        return Verdict::Refuted(reason);
    }
    if body.ends_with(b"EXAMPLE") {
        return Verdict::Refuted(Reason::Documentation);
    }
    // Whole groups of four characters: what follows may be cut.
    let whole = &body[..body.len().min(128) / 4 * 4];
    let Some(bytes) = base64::decode(whole) else { return Verdict::Refuted(Reason::BadStructure) };
    let verdict = match bytes.as_slice() {
        [0x23, 1, 1, 0x20, ..] => Verdict::Supported,
        [0x21, 1, 1, len, rest @ ..] => {
            let signature = rest.get(..usize::from(*len)).unwrap_or(rest);
            if signature.len() == usize::from(*len) && is_dsa_signature(signature) {
                Verdict::Proven
            } else {
                Verdict::Refuted(Reason::BadStructure)
            }
        }
        _ => Verdict::Refuted(Reason::BadStructure),
    };
    if !matches!(verdict, Verdict::Refuted(_)) && (body.len() < MIN || body.len() % 4 == 1) {
        return Verdict::Refuted(Reason::Truncated);
    }
    verdict
}

/// Whether this is a DSA signature of numbers of 160 bits, and nothing more.
fn is_dsa_signature(bytes: &[u8]) -> bool {
    let mut reader = der::Reader::new(bytes);
    let Some(mut numbers) = reader.sequence() else { return false };
    let mut number = || numbers.expect(der::INTEGER).is_some_and(|n| (1..=21).contains(&n.len()));
    number() && number() && numbers.is_empty() && reader.is_empty()
}

fn judge_restricted(body: &[u8]) -> Verdict {
    if let Some(reason) = placeholder::refusal(&body[..body.len().min(64)]) {
        return Verdict::Refuted(reason);
    }
    let s = statistics(body);
    if body.len() < RESTRICTED_MIN {
        Verdict::Refuted(Reason::Truncated)
    } else if s.entropy < 4.5 {
        Verdict::Refuted(Reason::NotRandom)
    } else {
        Verdict::Supported
    }
}

fn describe(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    context::describe(leak, neighbours);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    /// The token of an example file, from its prefix on.
    fn token() -> &'static str {
        let text = include_str!("examples/refresh_token.txt").trim_end();
        &text[text.find("Atzr").unwrap()..]
    }

    #[test]
    fn every_writing_of_the_bar_reads_the_same() {
        let token = token();
        for bar in [
            "|", "%7C", "%7c", "%257C", "\\u007c", "\\u007C", "\\x7c", "&#124;", "&#x7C;", "=7C",
            "\\|", "=\n|", "|=\r\n",
        ] {
            let text = format!("refresh_token: \"{}\"", token.replacen('|', bar, 1));
            let found = reference::candidates(std::slice::from_ref(&REFRESH), text.as_bytes());
            assert_eq!(found.len(), 1, "{text}");
            let raw = &text[found[0].value.start as usize..found[0].value.end as usize];
            let value = found[0].decoded.as_deref().unwrap_or(raw.as_bytes());
            assert_eq!(value, token.as_bytes(), "{text}");
            assert_eq!(found[0].verdict, Verdict::Supported);
        }
    }

    #[test]
    fn a_soft_break_may_fall_anywhere() {
        let token = token();
        for at in 1..24 {
            let text = format!("is {}=\n{} ok", &token[..at], &token[at..]);
            let found = reference::candidates(std::slice::from_ref(&REFRESH), text.as_bytes());
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].decoded.as_deref(), Some(token.as_bytes()), "{text}");
        }
    }

    #[test]
    fn old_tokens_hold_a_signature() {
        let text = include_str!("examples/refresh_token_old.txt");
        let found = reference::candidates(std::slice::from_ref(&REFRESH), text.as_bytes());
        assert_eq!(found[0].verdict, Verdict::Proven);
    }

    #[test]
    fn cut_and_changed_text_is_no_trouble() {
        let token = token();
        for end in 0..token.len() {
            for detector in [&REFRESH, &ACCESS] {
                reference::candidates(std::slice::from_ref(detector), &token.as_bytes()[..end]);
                let mut text = token.as_bytes().to_vec();
                for byte in [b'=', b'\n', b'|', b'%', 0xe2] {
                    text[end] = byte;
                    reference::candidates(std::slice::from_ref(detector), &text);
                }
            }
        }
    }
}
