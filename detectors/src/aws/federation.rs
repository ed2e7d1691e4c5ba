//! Sign-in tokens of the AWS federation endpoint.
//!
//! `getSigninToken` gives a long opaque token, which logs a browser into the
//! console when it is put into a URL within 15 minutes (IAM User Guide, "Enable
//! custom identity broker access to the AWS console"). It says nothing of
//! itself, not even its age; hence the low severity.

use std::borrow::Cow::Borrowed;

use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::{Evidence, Inspection, Reason, Verdict};
use crate::extract::Match;
use crate::grade::Severity;
use crate::pattern::Pattern;
use crate::placeholder;
use crate::verify::words::word_bits;

/// Bits from which the start of a token is words.
const WORDS: f64 = 12.0;

pub(super) static TOKEN: Detector = Detector {
    id: text("aws-federation-token"),
    title: text("AWS console federation sign-in token"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws")]),
    trigger: Trigger::Anchor(Borrowed(&[Anchor::exact("SigninToken")])),
    // Tokens have some 700 to 2,000 characters.
    reach: Reach::new(1, 4096),
    shape: Shape::Regex {
        pattern: Pattern::new(
            // Escaped once more in Java properties and again in JSON.
            concat!(
                r"SigninToken(?:\\*=|%3[Dd]|\\+u003[Dd]|&#(?:61|x3[Dd]);",
                r#"|(?:\\*["']|&quot;|&#3[49];)\s*:\s*(?:\\*["']|&quot;|&#3[49];))"#,
                r"(?P<secret>[A-Za-z0-9_+/.%=-]{100,})",
            ),
        ),
        inspect,
    },
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::Low,
    remedy: text(
        "It can be redeemed for 15 minutes; the console session that it opens lasts up to twelve \
         hours. If it may have been used, revoke the sessions of the role it was made with (IAM \
         console, Roles, the role, Revoke sessions), and keep sign-in URLs out of logs and chats.",
    ),
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

fn inspect(found: &Match<'_>) -> Inspection {
    let secret = found.secret();
    // Among thousands of random characters a word such as `your_` turns up by
    // chance; a filler shows at the start.
    let head = &secret[..100.min(secret.len())];
    if placeholder::contains(secret, b"EXAMPLE") {
        return Inspection::refuted(Reason::Documentation);
    }
    if let Some(reason) = placeholder::refusal(head) {
        return Inspection::refuted(reason);
    }
    if word_bits(head) > WORDS {
        return Inspection::refuted(Reason::Words);
    }
    let mut inspection = Inspection::of(Verdict::Neutral);
    inspection.evidence.push(Evidence::KeyName);
    let before = &found.window.bytes[..found.span.start];
    if before.ends_with(b"&") || before.ends_with(b"\"") || before.ends_with(b";") {
        inspection.verdict = Verdict::Supported;
    }
    inspection
}
