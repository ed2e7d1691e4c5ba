//! Console passwords in the file that IAM offers for download when a user is
//! made.
//!
//! `credentials.csv` has the header `User name,Password,Access key ID,Secret
//! access key,Console login link` or, without keys, `User name,Password,Console
//! sign-in URL` (observed). A row is known by the link at its end; the access
//! key in it is found by its own detector. People also send the three in lines
//! of their own, `Password: …` near the link.

use std::borrow::Cow::Borrowed;
use std::ops::Range;

use super::{account, endpoint};
use crate::candidate::{Candidate, Part, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;

/// The longest row before its link: a user name, a password of 128 characters,
/// a key pair, and quotes.
const BEFORE: u32 = 400;

/// How far behind the link a line may name the password.
const AFTER: u32 = 160;

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
    reach: Reach::new(BEFORE, AFTER),
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
    opt_in: false,
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
            text(
                "Hi Greg,\nhttps://731846205917.signin.aws.amazon.com/console\nUser name: greg\n\
                 Password: tN5&vYq2pLs8\n",
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
            text("https://acme.signin.aws.amazon.com/console\npassword: ask helpdesk\n"),
            text("password policy: https://acme.signin.aws.amazon.com/console\n"),
            text("frank,[hidden by HR],https://acme.signin.aws.amazon.com/console"),
        ]),
    },
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let Some(link) = Link::before(window.bytes, window.hit_start) else { return };
    let Some(login) = row(window, &link).or_else(|| lines(window, &link)) else { return };
    let text = window.bytes;
    let secret = unquoted(&text[login.password.clone()]);
    let owner = account::parse(&text[link.label]);
    let mut candidate = Candidate::new(Role::Password, window.range(login.password.clone()));
    candidate.verdict = if owner.is_some_and(account::is_documentation) {
        Verdict::Refuted(Reason::FakeAccount)
    } else if is_placeholder(&secret) {
        Verdict::Refuted(Reason::Placeholder)
    } else {
        login.verdict
    };
    candidate.evidence.push(Evidence::NamedService);
    if let Some(url) = endpoint::host_and_path(&text[link.start..window.hit_end]) {
        candidate.facts.add(Fact::Url(url));
    }
    if let Some(owner) = owner {
        candidate.facts.add(Fact::Account(owner));
    }
    if let Some(user) = login.user {
        candidate.facts.add(Fact::User(endpoint::boxed(&text[user.clone()])));
        let range = window.range(user);
        candidate.span.start = candidate.span.start.min(range.start);
        candidate.span.end = candidate.span.end.max(range.end);
        candidate.parts.push(Part { role: Role::UserName, range, decoded: None });
    }
    if secret.len() != login.password.len() {
        candidate.decoded = Some(secret.into());
    }
    out.push(candidate);
}

/// A user name and a password.
struct Login {
    user: Option<Range<usize>>,
    password: Range<usize>,
    verdict: Verdict,
}

fn is_user(name: &[u8]) -> bool {
    let fits = |b: &u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(b);
    (1..=64).contains(&name.len()) && name.iter().all(fits)
}

fn is_password(secret: &[u8]) -> bool {
    PASSWORD.contains(&secret.len()) && secret.iter().all(u8::is_ascii_graphic)
}

/// Reads the row that ends with the link.
fn row(window: &Window<'_>, link: &Link) -> Option<Login> {
    let text = window.bytes;
    let before = &text[..link.start];
    let real = memchr::memrchr(b'\n', before).map(|i| i + 1);
    let escaped = memchr::memmem::rfind(before, b"\\n").map(|i| i + 2);
    let start = match real.max(escaped) {
        Some(start) => start,
        // The row began before the window.
        None if window.hit_start == BEFORE as usize => return None,
        None => 0,
    };
    let start = start + if before[start..].starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let (delimiter, row) = before[start..].split_last()?;
    if !b",;\t|".contains(delimiter) {
        return None;
    }
    let mut cells = Cells { text, at: start, end: start + row.len(), delimiter: *delimiter };
    let (user, password) = (cells.next()?, cells.next()?);
    let fits = match cells.next() {
        None => true,
        Some(id) => cells.count() == 1 && (id.is_empty() || text[id].starts_with(b"AKIA")),
    };
    (fits && is_user(&text[user.clone()]) && is_password(&unquoted(&text[password.clone()])))
        .then_some(Login { user: Some(user), password, verdict: Verdict::Supported })
}

/// Reads `Password: …` in the lines around the link, as people send them.
fn lines(window: &Window<'_>, link: &Link) -> Option<Login> {
    let text = window.bytes;
    let value = |name: &str| {
        let found = |places: Range<usize>| {
            text[places.clone()]
                .windows(name.len())
                .enumerate()
                .filter(|(_, w)| w.eq_ignore_ascii_case(name.as_bytes()))
                .find_map(|(i, _)| labelled(text, places.start + i + name.len()))
        };
        found(window.hit_end..text.len()).or_else(|| found(0..link.start))
    };
    let password = value("password")?;
    if password.end == text.len() && window.after().len() == AFTER as usize {
        // It goes on behind the window.
        return None;
    }
    let secret = &text[password.clone()];
    let classes: [fn(&u8) -> bool; 4] = [
        u8::is_ascii_uppercase,
        u8::is_ascii_lowercase,
        u8::is_ascii_digit,
        u8::is_ascii_punctuation,
    ];
    let mixed = classes.iter().filter(|class| secret.iter().any(class)).count() >= 3;
    if secret.len() < 8 || !is_password(secret) || !mixed {
        return None;
    }
    let user = value("user name").or_else(|| value("username"));
    let user = user.filter(|user| is_user(&text[user.clone()]));
    Some(Login { user, password, verdict: Verdict::Neutral })
}

/// The word behind a label that ends at `at`: behind a colon or an equals sign,
/// in the same line.
fn labelled(text: &[u8], at: usize) -> Option<Range<usize>> {
    let mut marks = 0;
    let gap = text[at..]
        .iter()
        .take(8)
        .take_while(|b| {
            marks += usize::from(matches!(b, b':' | b'='));
            b" \t:=*\"'`".contains(b)
        })
        .count();
    let start = at + gap;
    let len =
        text[start..].iter().take_while(|b| b.is_ascii_graphic() && !b"\"'`<,".contains(b)).count();
    (marks == 1 && len > 0).then_some(start..start + len)
}

/// Masks, templates and fillers. Passwords are chosen by people too, so what is
/// merely regular is still one.
fn is_placeholder(password: &[u8]) -> bool {
    let letters = password.iter().filter(|b| b.is_ascii_alphanumeric()).count();
    letters == 0
        || password.iter().all(|b| *b == password[0])
        || [(&b"<"[..], &b">"[..]), (b"[", b"]"), (b"${", b"}"), (b"{{", b"}}")]
            .iter()
            .any(|(open, close)| password.starts_with(open) && password.ends_with(close))
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

    fn found(text: &str) -> Candidate {
        let all =
            crate::reference::candidates(std::slice::from_ref(&PASSWORD_ROW), text.as_bytes());
        assert_eq!(all.len(), 1, "{text}");
        all.into_iter().next().unwrap()
    }

    #[test]
    fn rows_and_lines_name_user_and_account() {
        for text in [
            "alice,vR7)kQ2!mZ,,,https://402913857264.signin.aws.amazon.com/console",
            "h1,h2\nalice,vR7)kQ2!mZ,AKIAV3T4JR3YLDABZIHR,x,https://402913857264.signin.aws.amazon.com/console",
            "\"alice\",\"vR7)kQ2!mZ\",\"https://402913857264.signin.aws.amazon.com/console\"",
            "\"h1,h2\\r\\nalice,vR7)kQ2!mZ,https://402913857264.signin.aws.amazon.com/console\\r\\n\"",
            "*User name:* alice\n*Password:* vR7)kQ2!mZ\nhttps://402913857264.signin.aws.amazon.com/console",
        ] {
            let one = found(text);
            let value = &text[one.value.start as usize..one.value.end as usize];
            assert_eq!(value, "vR7)kQ2!mZ", "{text}");
            let user = &one.parts[0].range;
            assert_eq!(&text[user.start as usize..user.end as usize], "alice");
            assert_eq!(one.facts.account(), Some(402_913_857_264));
        }
    }

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
