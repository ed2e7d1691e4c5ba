//! Console passwords in the file that IAM offers for download when a user is
//! made.
//!
//! `credentials.csv` has the header `User name,Password,Access key ID,Secret
//! access key,Console login link` or, without keys, `User name,Password,Console
//! sign-in URL` (observed). A row is known by the link at its end; the access
//! key in it is found by its own detector.

use std::borrow::Cow::Borrowed;
use std::ops::Range;

use super::{account, endpoint};
use crate::candidate::{Candidate, Part, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::placeholder;

/// The longest row before its link: a user name, a password of 128 characters,
/// a key pair, and quotes.
const BEFORE: u32 = 400;

/// The lengths that a password policy may allow (IAM User Guide, "Account
/// password policy").
const PASSWORD: std::ops::RangeInclusive<usize> = 6..=128;

pub(super) static PASSWORD_ROW: Detector = Detector {
    id: text("aws-console-password"),
    title: text("AWS console password"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("password")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::exact(".signin.aws.amazon.com/console"),
        Anchor::exact(".signin.amazonaws.cn/console"),
        Anchor::exact(".signin.amazonaws-us-gov.com/console"),
    ])),
    reach: Reach::new(BEFORE, 1),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::High,
    remedy: text(
        "Set a new password in the IAM console (Users, the user, Security credentials, Manage \
         console access) or with `aws iam update-login-profile --user-name USER \
         --password-reset-required --password NEW`, delete the access key in the same row, require \
         MFA, and look for ConsoleLogin events of the user in CloudTrail.",
    ),
    examples: Examples {
        reported: Borrowed(&[
            text(
                "\u{feff}User name,Password,Access key ID,Secret access key,Console login link\r\n\
                 alice,vR7)kQ2!mZ|x9Tb,,,https://402913857264.signin.aws.amazon.com/console\r\n",
            ),
            text(
                "User name,Password,Console sign-in URL\n\
                 \"bob@acme\",\"q8,Z\"\"w{4LdN1h\",https://acme-prod.signin.aws.amazon.com/console\n",
            ),
            text("carol;Hx4#pW9$eT2u;https://731846205917.signin.aws.amazon.com/console\n"),
        ]),
        refuted: Borrowed(&[
            (
                text("dave,************,https://402913857264.signin.aws.amazon.com/console\n"),
                Reason::Placeholder,
            ),
            (
                text("dave,<password>,https://402913857264.signin.aws.amazon.com/console\n"),
                Reason::Placeholder,
            ),
            (
                text("erin,vR7)kQ2!mZ|x9Tb,https://123456789012.signin.aws.amazon.com/console\n"),
                Reason::FakeAccount,
            ),
        ]),
        unmatched: Borrowed(&[
            text("User name,Password\nalice,,,,https://402913857264.signin.aws.amazon.com/console"),
            text("Sign in at https://402913857264.signin.aws.amazon.com/console"),
            text("Well, please log in, https://acme.signin.aws.amazon.com/console"),
            text("frank,[hidden by HR],https://acme.signin.aws.amazon.com/console"),
        ]),
    },
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let text = window.bytes;
    let Some(link) = Link::before(text, window.hit_start) else { return };
    let start = memchr::memrchr(b'\n', &text[..link.start]).map_or(0, |i| i + 1);
    let start = start + if text[start..].starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let Some((delimiter, row)) = text[start.min(link.start)..link.start].split_last() else {
        return;
    };
    if !b",;\t|".contains(delimiter) {
        return;
    }
    let mut cells = Cells { text, at: start, end: start + row.len(), delimiter: *delimiter };
    let (Some(user), Some(password)) = (cells.next(), cells.next()) else { return };
    let (key_id, rest) = (cells.next(), cells.count());
    let key_row = match &key_id {
        None => true,
        Some(id) => rest == 1 && (id.is_empty() || text[id.clone()].starts_with(b"AKIA")),
    };
    let is_user = |b: &u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(b);
    let name = &text[user.clone()];
    let secret = unquoted(&text[password.clone()]);
    if !key_row
        || !(1..=64).contains(&name.len())
        || !name.iter().all(is_user)
        || !PASSWORD.contains(&secret.len())
        || !secret.iter().all(u8::is_ascii_graphic)
    {
        return;
    }
    let mut candidate = Candidate::new(Role::Password, window.range(password.clone()));
    candidate.span = window.range(user.start..window.hit_end);
    candidate.parts.push(Part {
        role: Role::UserName,
        range: window.range(user.clone()),
        decoded: None,
    });
    candidate.evidence.push(Evidence::NamedService);
    candidate.facts.add(Fact::User(endpoint::boxed(name)));
    candidate.facts.add(Fact::Url(endpoint::boxed(&text[link.start..window.hit_end])));
    let owner = endpoint::account(&text[link.label]);
    if let Some(owner) = owner {
        candidate.evidence.push(Evidence::AccountNearby);
        candidate.facts.add(Fact::Account(owner));
    }
    candidate.verdict = if owner.is_some_and(account::is_documentation) {
        Verdict::Refuted(Reason::FakeAccount)
    } else if is_placeholder(&secret) {
        Verdict::Refuted(Reason::Placeholder)
    } else {
        Verdict::Supported
    };
    if secret.len() != password.len() {
        candidate.decoded = Some(secret.into());
    }
    out.push(candidate);
}

/// Masks, templates and fillers. Passwords are chosen by people too, so what is
/// merely regular is still one.
fn is_placeholder(password: &[u8]) -> bool {
    let letters = password.iter().filter(|b| b.is_ascii_alphanumeric()).count();
    letters == 0
        || password.iter().all(|b| *b == password[0])
        || placeholder::is_template(password)
        || [&b"password"[..], b"redacted", b"changeme", b"placeholder"]
            .iter()
            .any(|word| password.eq_ignore_ascii_case(word))
}

/// The start of a sign-in link.
struct Link {
    /// Where it starts.
    start: usize,
    /// Where the account or its alias stands.
    label: Range<usize>,
}

impl Link {
    /// Reads `https://<label>` backwards from `end`, with a quote before it.
    fn before(text: &[u8], end: usize) -> Option<Self> {
        let label = text[..end]
            .iter()
            .rev()
            .take(64)
            .take_while(|b| b.is_ascii_alphanumeric() || **b == b'-')
            .count();
        let head = text[..end - label].strip_suffix(b"https://")?;
        let head = head.strip_suffix(b"\"").unwrap_or(head);
        (label > 0).then_some(Self { start: head.len(), label: end - label..end })
    }
}

/// The cells of a row, without their quotes.
struct Cells<'t> {
    text: &'t [u8],
    at: usize,
    end: usize,
    delimiter: u8,
}

impl Iterator for Cells<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        if self.at > self.end {
            return None;
        }
        let row = &self.text[self.at..self.end];
        let (cell, next) = if row.first() == Some(&b'"') {
            let mut close = 1;
            while close < row.len() && (row[close] != b'"' || row.get(close + 1) == Some(&b'"')) {
                close += if row[close] == b'"' { 2 } else { 1 };
            }
            let close = close.min(row.len());
            (1..close, close + 1)
        } else {
            let close = memchr::memchr(self.delimiter, row).unwrap_or(row.len());
            (0..close, close)
        };
        let cell = self.at + cell.start..self.at + cell.end;
        self.at += next + 1;
        Some(cell)
    }
}

/// A quoted cell with its doubled quotes undone.
fn unquoted(cell: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(cell.len());
    let mut quoted = false;
    for byte in cell {
        quoted = *byte == b'"' && !quoted;
        if !quoted {
            out.push(*byte);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_cut_at_delimiters_outside_quotes() {
        for (row, cells) in [
            ("a,b", vec!["a", "b"]),
            ("a,,b,", vec!["a", "", "b", ""]),
            ("\"a,b\",c", vec!["a,b", "c"]),
            ("\"a\"\"b\",\"\"", vec!["a\"\"b", ""]),
            ("\"a", vec!["a"]),
            ("", vec![""]),
        ] {
            let text = row.as_bytes();
            let found: Vec<&str> =
                Cells { text, at: 0, end: text.len(), delimiter: b',' }.map(|c| &row[c]).collect();
            assert_eq!(found, cells, "{row}");
        }
        assert_eq!(unquoted(b"q8,Z\"\"w"), b"q8,Z\"w");
    }
}
