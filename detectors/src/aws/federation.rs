//! Sign-in tokens of the AWS federation endpoint.
//!
//! `getSigninToken` gives a long opaque token, which logs a browser into the
//! console when it is put into a URL within 15 minutes (IAM User Guide, "Enable
//! custom identity broker access to the AWS console"). It says nothing of
//! itself, not even its age; hence the low severity.

use std::borrow::Cow::Borrowed;

use crate::candidate::{Candidate, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::escaped;
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::grade::Severity;
use crate::placeholder;
use crate::verify::words::word_bits;

/// Bits from which the start of a token is words.
const WORDS: f64 = 12.0;

/// The name of the parameter and of the member.
const NAME: &str = "SigninToken";

/// Fewest characters of a token, well below what was seen.
const MIN_LEN: usize = 100;

/// The most white space on each side of a colon.
const SPACE: usize = 64;

pub(super) static TOKEN: Detector = Detector {
    id: text("aws-federation-token"),
    title: text("AWS console federation sign-in token"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws")]),
    trigger: Trigger::Anchor(Borrowed(&[Anchor::exact(NAME)])),
    // Tokens have some 700 to 2,000 characters.
    reach: Reach::new(1, 4096),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::Low,
    remedy: text(
        "It can be redeemed for 15 minutes; the console session that it opens lasts up to twelve \
         hours. If it may have been used, revoke the sessions of the role it was made with (IAM \
         console, Roles, the role, Revoke sessions), and keep sign-in URLs out of logs and chats.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(
                "https://signin.aws.amazon.com/federation?Action=login&Issuer=acme&Destination=\
                 https%3A%2F%2Fconsole.aws.amazon.com%2F&SigninToken=\
                 kRu3OL1wud5apytYieF6W0QiAEx_vSbAAlCf_QZ9fHkW60GP0M2igpHQGw3tZ7aEavxN88Ws4RzkGxEa\
                 nOIO1bKl2m3NmGOtZytRaQr6KpPOel3EzyH0SvZSaDTCGj7pYOlOSQZQSzRXxlb8bqgv",
            ),
            text(
                "{\"text\": \"signinUrl = https\\\\://signin.aws.amazon.com/federation?Action\\\\=login\
                 &SigninToken\\\\=\
                 kRu3OL1wud5apytYieF6W0QiAEx_vSbAAlCf_QZ9fHkW60GP0M2igpHQGw3tZ7aEavxN88Ws4RzkGxEa\
                 nOIO1bKl2m3NmGOtZytRaQr6KpPOel3EzyH0SvZSaDTCGj7pYOlOSQZQSzRXxlb8bqgv\"}",
            ),
            text(
                "<pre>{&quot;SigninToken&quot;: &quot;\
                 kRu3OL1wud5apytYieF6W0QiAEx_vSbAAlCf_QZ9fHkW60GP0M2igpHQGw3tZ7aEavxN88Ws4RzkGxEa\
                 nOIO1bKl2m3NmGOtZytRaQr6KpPOel3EzyH0SvZSaDTCGj7pYOlOSQZQSzRXxlb8bqgv&quot;}</pre>",
            ),
            text(
                "{\"SigninToken\":\"Wx6uhCFIZoZp-ANih6KvHj0KLF__QLgi-aq74spBL0lVSuUdpMn5GO4m57eaPRoxP4tz\
                 S9KFzF5r2jhlcWJPGY1p7bKY7FdIUXdgqfRPzKWdQqRPIod1xzVAiVcd9SDP2vt5h8G6\"}",
            ),
        ]),
        refuted: Borrowed(&[(
            text(
                "SigninToken=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
                 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            ),
            Reason::Placeholder,
        )]),
        unmatched: Borrowed(&[
            text("&SigninToken=<token from getSigninToken>"),
            text("&SigninToken=VCQgs5qZZt3Q6fn8Tr5EXAMPLE"),
            text("Action=getSigninToken&SessionDuration=1800&SessionType=json"),
        ]),
    },
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let after = window.after();
    let Some(skipped) = separator(after) else { return };
    let tail = &after[skipped..];
    // A token does not hold its own name. Ending there keeps the reading of a
    // text that repeats the name linear.
    let tail = &tail[..memchr::memmem::find(tail, NAME.as_bytes()).unwrap_or(tail.len())];
    let secret = &tail[..tail.iter().take_while(|b| is_token(**b)).count()];
    if secret.len() < MIN_LEN {
        return;
    }
    let start = window.hit_end + skipped;
    let end = start + secret.len();
    let mut found = Candidate::new(Role::Whole, window.range(window.hit_start..end));
    found.value = window.range(start..end);
    found.verdict = match refusal(secret) {
        Some(reason) => Verdict::Refuted(reason),
        None if matches!(window.before().last(), Some(b'&' | b'"' | b';')) => Verdict::Supported,
        None => Verdict::Neutral,
    };
    if !found.is_refuted() {
        found.evidence.push(Evidence::KeyName);
    }
    out.push(found);
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_+/.%=-".contains(&byte)
}

/// The length of what stands between the name and the token: an equals sign, or
/// quotes around a colon; escaped once more in Java properties and again in JSON.
fn separator(text: &[u8]) -> Option<usize> {
    if let Some((b'=', len)) = escaped::character(text) {
        return Some(len);
    }
    let space =
        |at: usize| text[at..].iter().take(SPACE).take_while(|b| b.is_ascii_whitespace()).count();
    let mut at = quote(text)?;
    at += space(at);
    at += usize::from(text.get(at) == Some(&b':'));
    if text[at - 1] != b':' {
        return None;
    }
    at += space(at);
    Some(at + quote(&text[at..])?)
}

/// The length of a quote, written plainly, behind backslashes or as an entity.
fn quote(text: &[u8]) -> Option<usize> {
    if let Some((b'"' | b'\'', len)) = escaped::character(text) {
        return Some(len);
    }
    let slashes = text.iter().take(8).take_while(|b| **b == b'\\').count();
    matches!(text.get(slashes), Some(b'"' | b'\'')).then_some(slashes + 1)
}

fn refusal(secret: &[u8]) -> Option<Reason> {
    if placeholder::contains(secret, b"EXAMPLE") {
        return Some(Reason::Documentation);
    }
    // Among thousands of random characters a word such as `your_` turns up by
    // chance; a filler shows at the start.
    let head = &secret[..MIN_LEN];
    placeholder::refusal(head).or((word_bits(head) > WORDS).then_some(Reason::Words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators() {
        for text in [
            "=",
            "\\=",
            "\\\\=",
            "%3D",
            "%3d",
            "\\u003d",
            "\\\\u003D",
            "&#61;",
            "&#x3d;",
            "\":\"",
            "\" : \"",
            "\\\":\\\"",
            "':'",
            "&quot;: &quot;",
            "&#34;:&#39;",
        ] {
            assert_eq!(separator(text.as_bytes()), Some(text.len()), "{text}");
        }
        for text in ["", " ", ":", "\"", "\"\"", "\":", "\": x", "&", "\\"] {
            assert_eq!(separator(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_token_ends_before_its_own_name() {
        let text = format!("SigninToken={}", "SigninToken=".repeat(400));
        let found = crate::reference::candidates(std::slice::from_ref(&TOKEN), text.as_bytes());
        assert!(found.is_empty());
    }
}
