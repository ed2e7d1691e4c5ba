//! The token cache of IAM Identity Center (AWS SSO).
//!
//! `~/.aws/sso/cache/*.json` holds, in one flat object, an access token
//! (`aoa…`, in old files an encrypted JWT), often a refresh token (`aor…`) and
//! the secret of the client that the CLI registered (a JWT signed with a key
//! called `key-<digits>`), with `startUrl`, `region` and the times at which they
//! end. New tokens have two parts, `<opaque>:<signature>`, the signature in DER.
//! All this is observed; the names are botocore's (`tokens.py`,
//! `utils.py: SSOTokenFetcher`).
//!
//! One object is one leak: the access token, or what of the others there is;
//! the rest are its parts.
//!
//! An access token also stands by itself: behind `--access-token` in commands
//! of `aws sso`, in the header `x-amz-sso_bearer_token` or as a bearer token.
//! All names are read through the escapes around them.

use std::borrow::Cow::{self, Borrowed};
use std::ops::Range;

use super::endpoint::{self, boxed};
use super::region;
use crate::candidate::{Candidate, Part, Role};
use crate::clock::Timestamp;
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::base64;
use crate::encoding::escaped::{self, ends_with_escape};
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::placeholder::{self, contains};
use crate::verify::{json, jwt};

/// How far the members of an object are looked for: a client secret has some
/// 2,000 characters, a token some 700.
const REACH: u32 = 5120;

/// Fewest and most characters of a token.
const LEN: std::ops::RangeInclusive<usize> = 64..=4096;

/// The members that hold secrets, the one that leads first; in the order of the
/// anchors.
const SECRETS: [(&str, Role); 3] = [
    ("accessToken", Role::AccessToken),
    ("refreshToken", Role::RefreshToken),
    ("clientSecret", Role::ClientSecret),
];

/// The option of a command line that takes an access token.
const OPTION: &str = "access-token";

/// The most places where a member's name is looked at.
const MENTIONS: usize = 16;

/// How far before an access token its name is looked for.
const NAME_REACH: usize = 64;

pub(super) static TOKEN: Detector = Detector {
    id: text("aws-sso-token"),
    title: text("AWS IAM Identity Center token"),
    provider: text("AWS"),
    tags: Borrowed(&[text("aws"), text("oauth")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::exact(SECRETS[0].0),
        Anchor::exact(SECRETS[1].0),
        Anchor::exact(SECRETS[2].0),
        Anchor::exact(OPTION),
        // How access tokens begin, as far as is known.
        Anchor::exact("aoaal-"),
        Anchor::exact("aoaAAAAA"),
    ])),
    reach: Reach::new(REACH, REACH),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::High,
    remedy: text(
        "End the user's sessions in the IAM Identity Center console (Users, the user, Active \
         sessions), which also ends refresh tokens; the user himself runs `aws sso logout`. Role \
         credentials that were got with the token stay valid up to twelve hours: revoke the \
         sessions of the roles too, and keep ~/.aws out of images and backups.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(include_str!("examples/sso_cache.txt")),
            text(include_str!("examples/sso_command.txt")),
            text(include_str!("examples/sso_command_json.txt")),
            text(include_str!("examples/sso_header.txt")),
            text(include_str!("examples/sso_html.txt")),
            text(include_str!("examples/sso_client.txt")),
            text(include_str!("examples/sso_refresh.txt")),
            text(include_str!("examples/sso_old.txt")),
        ]),
        refuted: Borrowed(&[(
            text(
                "{\"accessToken\": \"aoal-EXAMPLE0123456789abcdefEXAMPLE0123456789abcdefEXAMPLE0123456789\", \
                 \"startUrl\": \"https://my-sso.awsapps.com/start\"}",
            ),
            Reason::Documentation,
        )]),
        unmatched: Borrowed(&[
            text("{\"accessToken\": \"abc\", \"refreshToken\": \"aorta\"}"),
            text("const accessToken = await getAccessToken();"),
            text("aws sso list-accounts --region us-east-2 --access-token aoaal-TOKEN"),
            // No signature, no name.
            text(
                "data: aoaAAAAAGsVBLsWUd6l9C7SDer0n_h8DK2k81RWROYjqf2RgY7dtwzlW8N-SbP-3bf9V4aitFEKGnQdW",
            ),
            // No token of Identity Center.
            text(
                "vault login --access-token \
                 hvs-GsVBLsWUd6l9C7SDer0n_h8DK2k81RWROYjqf2RgY7dtwzlW8N-SbP-3bf9V4aitFEKGnQdW",
            ),
            text(
                "{\"accessToken\": \"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbGljZSJ9.\
                 Wx6uhCFIZoZp-ANih6KvHj0KLF__QLgi-aq74spBL0l\"}",
            ),
            text(
                "clientSecret: eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbGljZSJ9.\
                 Wx6uhCFIZoZp-ANih6KvHj0KLF__QLgi-aq74spBL0l",
            ),
        ]),
    },
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let text = window.bytes;
    let number = usize::from(window.anchor);
    if number >= SECRETS.len() {
        out_of_object(window, out);
        return;
    }
    let Some(value) = secret_after(text, window.hit(), number) else { return };
    let object = object(text, &value);
    let Some(secret) = Secret::read(text, &object, number, value) else { return };
    // One that leads stands in the object: this is a part of it.
    let leader = |n: usize| member(text, &object, n).is_some_and(|s| s.refusal.is_none());
    if (0..number).any(leader) {
        return;
    }
    out.push(candidate(window, &object, secret, Some(window.hit())));
}

/// An access token that is no member of that name: an argument of a command, or
/// one that is known by itself.
fn out_of_object(window: &Window<'_>, out: &mut Extraction<'_>) {
    let text = window.bytes;
    let is_option = usize::from(window.anchor) == SECRETS.len();
    let value =
        if is_option { argument_after(text, window.hit()) } else { bare(text, window.hit_start) };
    let Some(value) = value else { return };
    // Nothing but what stands on its line belongs to it.
    let object = object(text, &value);
    let line = memchr::memrchr(b'\n', window.before()).map_or(0, |i| i + 1);
    let end = memchr::memchr(b'\n', &text[value.end..]).map_or(text.len(), |i| value.end + i);
    let object = object.start.max(line)..object.end.min(end);
    let Some(secret) = Secret::read(text, &object, 0, value) else { return };
    // Without a name only the signature tells.
    if !is_option && !secret.parsed {
        return;
    }
    let name = is_option.then(|| window.hit());
    let mut candidate = candidate(window, &object, secret, name);
    if is_option {
        let command = &text[object.start..window.hit_start];
        if candidate.verdict == Verdict::Neutral && contains(command, b"aws sso") {
            candidate.verdict = Verdict::Supported;
        }
        if let Some(region) = region_option(&text[object]) {
            candidate.facts.add(Fact::Region(boxed(region)));
        }
    }
    out.push(candidate);
}

/// The token at `start`, unless a name before it has it read.
fn bare(text: &[u8], start: usize) -> Option<Range<usize>> {
    let before = &text[..start];
    if before.last().is_some_and(|b| is_token(*b) && !b"=:/".contains(b))
        && !ends_with_escape(before)
    {
        return None;
    }
    let near = start.saturating_sub(NAME_REACH);
    let named = |name: &str, read: fn(&[u8], Range<usize>) -> Option<usize>| {
        let at = near + memchr::memmem::rfind(&before[near..], name.as_bytes())?;
        read(text, at..at + name.len()).filter(|value| *value == start)
    };
    if named(SECRETS[0].0, start_after).or_else(|| named(OPTION, argument_start)).is_some() {
        return None;
    }
    let end = end_of_secret(text, start, 0)?;
    Some(without_stop(text, start..end))
}

/// The token that the option of this name takes.
fn argument_after(text: &[u8], name: Range<usize>) -> Option<Range<usize>> {
    let start = argument_start(text, name)?;
    let end = end_of_secret(text, start, 0)?;
    Some(without_stop(text, start..end))
}

/// Where the value starts of the option whose name this is, in quotes or not, the
/// next argument or behind an equals sign.
fn argument_start(text: &[u8], name: Range<usize>) -> Option<usize> {
    let before = &text[..name.start];
    if before.last().is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
        && !ends_with_escape(before)
    {
        return None;
    }
    let start = skip(text, name.end, |b| b" \t\r\n\\\"':=,".contains(&b));
    (start > name.end && starts_value(text, start)).then_some(start)
}

/// A full stop or colon behind a token belongs to the sentence.
fn without_stop(text: &[u8], mut value: Range<usize>) -> Range<usize> {
    while text[value.clone()].last().is_some_and(|b| b".:\\".contains(b)) {
        value.end -= 1;
    }
    value
}

/// The region that the command on this line names.
fn region_option(line: &[u8]) -> Option<&[u8]> {
    let at = memchr::memmem::find(line, b"--region")? + "--region".len();
    let start = skip(line, at, |b| b" \\\"'=,".contains(&b));
    let is_region = |b: &&u8| b.is_ascii_lowercase() || b.is_ascii_digit() || **b == b'-';
    let len = line[start..].iter().take(24).take_while(is_region).count();
    Some(&line[start..start + len]).filter(|region| region::is_region(region))
}

/// The leak that a secret with this name leads, of the object around it.
fn candidate(
    window: &Window<'_>,
    object: &Range<usize>,
    secret: Secret,
    name: Option<Range<usize>>,
) -> Candidate {
    let text = window.bytes;
    let mut candidate =
        Candidate::new(SECRETS[secret.number].1, window.range(secret.value.clone()));
    candidate.decoded = decoded(&text[secret.value.clone()]);
    if let Some(name) = name {
        candidate.name = Some(window.range(name));
        candidate.evidence.push(Evidence::KeyName);
    }
    candidate.evidence.push(Evidence::Prefix);
    if secret.parsed {
        candidate.evidence.push(Evidence::Parsed);
    }
    let field = |name| field(text, object, name).map(|r| unescaped(&text[r]));
    candidate.verdict = match secret.refusal {
        Some(reason) => Verdict::Refuted(reason),
        None if secret.parsed => Verdict::Proven,
        None if names_portal(text, object) => Verdict::Supported,
        None if field("expiresAt").is_some() => Verdict::Supported,
        None => Verdict::Neutral,
    };
    if let Some(url) = field("startUrl") {
        candidate.evidence.push(Evidence::NamedService);
        // Its end tells whether what stands before it is the name of a host.
        let end = self::field(text, object, "startUrl").map_or(0, |r| r.end);
        let next = escaped::character(&text[end..]).map(|c| c.0);
        if let Some(url) = endpoint::host_and_path(&url).filter(|_| next != Some(b'@')) {
            candidate.facts.add(Fact::Url(url));
        }
    }
    if let Some(region) = field("region").filter(|region| region::is_region(region)) {
        candidate.facts.add(Fact::Region(boxed(&region)));
    }
    let mut renewable = [false; SECRETS.len()];
    for (number, renewable) in renewable.iter_mut().enumerate().skip(secret.number + 1) {
        if let Some(other) = member(text, object, number) {
            *renewable = true;
            candidate.parts.push(part(window, SECRETS[number].1, other.value));
        }
    }
    if let Some(id) = self::field(text, object, "clientId") {
        candidate.parts.push(part(window, Role::ClientId, id));
    }
    candidate.parts.sort_by_key(|p| p.range.start);
    for part in &candidate.parts {
        candidate.span.start = candidate.span.start.min(part.range.start);
        candidate.span.end = candidate.span.end.max(part.range.end);
    }
    // With a refresh token and its client the access token is renewed for as
    // long as the client is registered.
    let ends = if renewable[1] && renewable[2] {
        field("registrationExpiresAt").or(field("expiresAt"))
    } else if secret.number == 1 {
        field("registrationExpiresAt")
    } else {
        field("expiresAt")
    };
    if let Some(time) = ends.and_then(|t| time(&t)) {
        candidate.facts.add(Fact::ExpiresAt(time));
    }
    candidate
}

fn part(window: &Window<'_>, role: Role, value: Range<usize>) -> Part {
    let decoded = decoded(&window.bytes[value.clone()]);
    Part { role, range: window.range(value), decoded }
}

/// A value without its escapes.
fn unescaped(value: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr3(b'\\', b'&', b'%', value).is_none() {
        return Cow::Borrowed(value);
    }
    let mut plain = Vec::with_capacity(value.len());
    escaped::read_run(value, |_| true, value.len(), &mut plain);
    Cow::Owned(plain)
}

fn decoded(value: &[u8]) -> Option<Box<[u8]>> {
    match unescaped(value) {
        Cow::Owned(value) => Some(value.into()),
        Cow::Borrowed(_) => None,
    }
}

/// A token or client secret of the kind that Identity Center makes.
#[derive(Debug)]
struct Secret {
    /// Its place in [`SECRETS`].
    number: usize,
    value: Range<usize>,
    /// Whether its structure parsed.
    parsed: bool,
    /// Why it is none after all.
    refusal: Option<Reason>,
}

impl Secret {
    /// Judges the value of the member with this number.
    fn read(
        text: &[u8],
        object: &Range<usize>,
        number: usize,
        value: Range<usize>,
    ) -> Option<Self> {
        let token = &*unescaped(&text[value.clone()]);
        let encrypted = number == 0 && token.starts_with(b"eyJ");
        if !is_head(token, number) || !LEN.contains(&token.len()) {
            return None;
        }
        let parsed = if token.starts_with(b"eyJ") {
            let jwt = jwt::read(token)?;
            let registered = jwt.parts == 3 && client_marks(&jwt) > 0;
            // An access token of old is encrypted to AWS and says nothing.
            let opaque = encrypted && jwt.parts == 5;
            let known = registered || (opaque && names_portal(text, object));
            if !known {
                return None;
            }
            registered && client_marks(&jwt) == 2
        } else {
            match memchr::memchr(b':', token) {
                Some(colon) => {
                    let signature = base64::decode(&token[colon + 1..])?;
                    if !is_signature(&signature) {
                        return None;
                    }
                    true
                }
                None => false,
            }
        };
        // Words turn up by chance in long tokens; fillers show at the start.
        let refusal = if contains(token, b"EXAMPLE") {
            Some(Reason::Documentation)
        } else {
            placeholder::refusal(&token[..100.min(token.len())])
        };
        Some(Self { number, value, parsed, refusal })
    }
}

/// How much in a JWT speaks for the registration of a client: that it is signed
/// with a key named `key-<digits>`, that its claims are one string.
fn client_marks(jwt: &jwt::Jwt) -> usize {
    let numbered = json::text(&jwt.header, "kid")
        .and_then(|kid| kid.strip_prefix(b"key-"))
        .is_some_and(|n| !n.is_empty() && n.iter().all(u8::is_ascii_digit));
    let serialized =
        json::text(&jwt.second, "serialized").is_some_and(|claims| contains(claims, b"clientId"));
    usize::from(numbered) + usize::from(serialized)
}

/// Whether the object names an access portal.
fn names_portal(text: &[u8], object: &Range<usize>) -> bool {
    field(text, object, "startUrl").is_some_and(|url| {
        let url = unescaped(&text[url]);
        contains(&url, b".awsapps.")
            || contains(&url, b".amazonaws.")
            || contains(&url, b".app.aws")
    })
}

/// Whether the bytes are a DER sequence of two integers and nothing else.
fn is_signature(der: &[u8]) -> bool {
    let integer = |der: &[u8]| -> Option<usize> {
        let [0x02, len, rest @ ..] = der else { return None };
        let len = usize::from(*len);
        (len > 0 && len < 0x80 && len <= rest.len()).then_some(2 + len)
    };
    let [0x30, len, body @ ..] = der else { return false };
    usize::from(*len) == body.len()
        && *len < 0x80
        && integer(body).is_some_and(|first| integer(&body[first..]) == Some(body.len() - first))
}

/// Whether the secret with this number may begin so.
fn is_head(token: &[u8], number: usize) -> bool {
    let head: &[u8] = match number {
        0 => b"aoa",
        1 => b"aor",
        _ => b"eyJ",
    };
    token.starts_with(head) || (number == 0 && token.starts_with(b"eyJ"))
}

/// The end of the secret with this number, if one may start at `start`.
///
/// The names and the starts stand all over web code, so only what begins like a
/// secret is read to its end. A secret holds no second start of its own, nor a
/// name: reading ends there, which keeps it linear in a text that repeats them.
fn end_of_secret(text: &[u8], start: usize, number: usize) -> Option<usize> {
    let (mut head, mut at) = ([0; 8], start);
    for byte in &mut head {
        let (plain, len) = escaped::character(&text[at..])?;
        (*byte, at) = (plain, at + len);
    }
    if !is_head(&head, number) {
        return None;
    }
    let mut end = text.len();
    for literal in [SECRETS[number].0.as_bytes(), OPTION.as_bytes(), b"aoaal-", b"aoaAAAAA"] {
        if let Some(next) = memchr::memmem::find(&text[at..end], literal) {
            end = at + next;
        }
    }
    let end = (end - at >= LEN.start() - head.len()).then_some(end)?;
    Some(end_of_value(&text[..end], start))
}

/// The secret with this number behind its name.
fn secret_after(text: &[u8], name: Range<usize>, number: usize) -> Option<Range<usize>> {
    let start = start_after(text, name)?;
    Some(start..end_of_secret(text, start, number)?)
}

/// The secret of the member with this number.
fn member(text: &[u8], object: &Range<usize>, number: usize) -> Option<Secret> {
    let start = field_start(text, object, SECRETS[number].0)?;
    let value = start..end_of_secret(text, start, number)?;
    if !is_whole(text, object, &value) {
        return None;
    }
    Secret::read(text, object, number, value)
}

/// The flat object around a value: from the last brace before to the first
/// behind.
fn object(text: &[u8], value: &Range<usize>) -> Range<usize> {
    let start = memchr::memrchr2(b'{', b'}', &text[..value.start]).map_or(0, |i| i + 1);
    let end = memchr::memchr2(b'{', b'}', &text[value.end..]);
    start..end.map_or(text.len(), |i| value.end + i)
}

/// The value of the first member of that name in an object.
fn field(text: &[u8], object: &Range<usize>, name: &str) -> Option<Range<usize>> {
    let start = field_start(text, object, name)?;
    Some(start..end_of_value(text, start)).filter(|value| is_whole(text, object, value))
}

/// Where the value of the first member of that name starts.
fn field_start(text: &[u8], object: &Range<usize>, name: &str) -> Option<usize> {
    memchr::memmem::find_iter(&text[object.clone()], name.as_bytes()).take(MENTIONS).find_map(
        |at| {
            let start = object.start + at;
            start_after(text, start..start + name.len())
        },
    )
}

/// Whether a value ends in its object. At the window's end it may be cut.
fn is_whole(text: &[u8], object: &Range<usize>, value: &Range<usize>) -> bool {
    value.end <= object.end && value.end < text.len()
}

/// Where the value starts behind a whole name and a colon or equals sign, in quotes
/// or not, the quotes and all else escaped or not.
fn start_after(text: &[u8], name: Range<usize>) -> Option<usize> {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'$');
    let before = &text[..name.start];
    if before.last().is_some_and(|b| is_word(*b)) && !ends_with_escape(before) {
        return None;
    }
    let mut colons = 0;
    let start = skip(text, name.end, |b| {
        colons += usize::from(matches!(b, b':' | b'='));
        b" \t\r\n\\\"':=".contains(&b)
    });
    (colons == 1 && starts_value(text, start)).then_some(start)
}

/// Whether a character of a value stands at `at`.
fn starts_value(text: &[u8], at: usize) -> bool {
    escaped::character(&text[at..]).is_some_and(|(byte, _)| is_token(byte))
}

/// The end of the characters from `at` on that lie between a name and its value.
fn skip(text: &[u8], mut at: usize, mut is_between: impl FnMut(u8) -> bool) -> usize {
    for _ in 0..24 {
        match escaped::character(&text[at..]) {
            Some((byte, len)) if is_between(byte) => at += len,
            _ => break,
        }
    }
    at
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.:/+=~".contains(&byte)
}

/// The end of the value that starts at `start`. A longer one than any token is
/// cut off.
fn end_of_value(text: &[u8], start: usize) -> usize {
    let mut at = start;
    for _ in 0..=*LEN.end() {
        match escaped::character(&text[at..]) {
            Some((byte, len)) if is_token(byte) => at += len,
            _ => break,
        }
    }
    at
}

/// A time as the caches write it: RFC 3339, in old files with `UTC` for `Z`.
fn time(text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?;
    match text.strip_suffix("UTC") {
        Some(head) => Timestamp::parse_rfc3339(&format!("{head}Z")),
        None => Timestamp::parse_rfc3339(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    fn candidates(text: &str) -> Vec<Candidate> {
        reference::candidates(std::slice::from_ref(&TOKEN), text.as_bytes())
    }

    #[test]
    fn an_object_is_one_leak_with_all_its_parts() {
        let plain = include_str!("examples/sso_cache.txt");
        for text in [
            plain.to_owned(),
            plain.replace('/', "\\/"),
            plain.replace('"', "\\\""),
            plain.replace(", ", ",\n  "),
            plain.replace('"', "&quot;"),
            plain.replace('"', "&#34;"),
            plain.replace('"', "\\u0022"),
            plain.replace('"', "\\\\\\\"").replace('/', "\\\\/"),
            plain.replace('{', "{\\n ").replace(", ", ",\\n "),
            plain.replace('"', "'"),
            plain.replace('=', "\\u003d").replace('"', "\\\""),
            plain.replace('"', "%22").replace(':', "%3A").replace('/', "%2F"),
        ] {
            let found = candidates(&text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!((found[0].role, found[0].verdict), (Role::AccessToken, Verdict::Proven));
            let roles: Vec<Role> = found[0].parts.iter().map(|p| p.role).collect();
            assert_eq!(roles, [Role::ClientId, Role::ClientSecret, Role::RefreshToken]);
            assert_eq!(found[0].facts.region(), Some("eu-west-1"));
            let url = Fact::Url("https://acme-corp.awsapps.com/start".into());
            assert!(found[0].facts.iter().any(|f| *f == url), "{text}");
            // The end of the registration, not of the access token.
            let end = Timestamp::parse_rfc3339("2025-09-12T09:00:00Z");
            assert_eq!(found[0].facts.expires_at(), end);
        }
        let two = format!("[{plain},{plain}]");
        assert_eq!(candidates(&two).len(), 2);
    }

    #[test]
    fn what_stands_alone_is_a_leak_of_its_own() {
        for (text, role) in [
            (include_str!("examples/sso_client.txt"), Role::ClientSecret),
            (include_str!("examples/sso_refresh.txt"), Role::RefreshToken),
        ] {
            let found = candidates(text);
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].role, role);
        }
    }

    /// The access token of the example.
    fn token() -> &'static str {
        include_str!("examples/sso_cache.txt").split('"').nth(11).unwrap()
    }

    #[test]
    fn tokens_in_commands() {
        let (token, opaque) = (token(), token().split(':').next().unwrap());
        for other in [token, opaque, &token.replace("aoaAAAAAG", "aoaZYX")] {
            for text in [
                format!("aws sso list-accounts --region us-east-2 --access-token '{other}'"),
                format!("aws sso logout --access-token={other} --region=us-east-2\n"),
                format!("aws sso list-accounts --access-token \\\n  {other} --region us-east-2"),
                format!(
                    "[\"aws sso\", \"--region\", \"us-east-2\", \"--access-token\", \"{other}\"]"
                ),
                format!("{{\"m\":\"aws sso --region us-east-2 --access-token \\\"{other}\\\"\"}}"),
                format!("<td>aws sso --region us-east-2 --access-token &#39;{other}&#39;</td>"),
                format!("aws sso --region us-east-2 --access-token \\u0027{other}\\u0027"),
            ] {
                let found = candidates(&text);
                assert_eq!(found.len(), 1, "{text}");
                let value = found[0].value.start as usize..found[0].value.end as usize;
                assert_eq!(&text[value], other, "{text}");
                let proven = other.contains(':');
                let verdict = if proven { Verdict::Proven } else { Verdict::Supported };
                assert_eq!(found[0].verdict, verdict, "{text}");
                if !text.contains('\n') {
                    assert_eq!(found[0].facts.region(), Some("us-east-2"), "{text}");
                }
            }
        }
    }

    #[test]
    fn bare_tokens_need_their_signature() {
        let token = token();
        for text in [
            format!("Authorization: Bearer {token}\r\n"),
            format!("-H 'x-amz-sso_bearer_token:{token}'"),
            format!("?access_token={}&region=x", token.replace(':', "%3A")),
            format!("The token is {token}."),
        ] {
            let found = candidates(&text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].verdict, Verdict::Proven);
            let value = found[0].value.start as usize..found[0].value.end as usize;
            let value = found[0].decoded.as_deref().unwrap_or(text[value].as_bytes());
            assert_eq!(value, token.as_bytes());
            assert_eq!(candidates(&text.replace("MGQC", "MGQD")).len(), 0, "{text}");
        }
        assert_eq!(candidates(token.split(':').next().unwrap()).len(), 0);
        assert_eq!(candidates(&format!("x{token}")).len(), 0);
    }

    #[test]
    fn signatures_are_sequences_of_two_integers() {
        assert!(is_signature(&[0x30, 6, 2, 1, 5, 2, 1, 7]));
        for der in [&[][..], &[0x30], &[0x30, 0], &[0x30, 6, 2, 1, 5, 2, 2, 7], &[0x30, 3, 2, 1, 5]]
        {
            assert!(!is_signature(der), "{der:?}");
        }
    }

    #[test]
    fn facts_hold_no_secrets() {
        let plain = include_str!("examples/sso_cache.txt");
        let url = "https://acme-corp.awsapps.com/start";
        for (text, urls) in [
            (plain.to_owned(), 1),
            (plain.replace(url, "https://bob:hunter2@acme.awsapps.com/start"), 0),
            (plain.replace(url, "https://bob:1234@acme.awsapps.com/start"), 0),
            (plain.replace(url, "https://bob%40acme.awsapps.com/start"), 0),
            (plain.replace(url, "http://acme.awsapps.com/start"), 0),
            (plain.replace(url, "https://acme.awsapps.com/start?code=s3cr3t"), 1),
            (plain.replace(url, "https://acme.awsapps.com/start#/"), 1),
        ] {
            let found = candidates(&text);
            let all: Vec<_> = found[0].facts.iter().collect();
            assert_eq!(all.iter().filter(|f| matches!(f, Fact::Url(_))).count(), urls, "{text}");
            let shown = format!("{all:?}");
            assert!(!shown.contains("hunter2") && !shown.contains("s3cr3t"), "{shown}");
        }
        let found = candidates(&plain.replace("eu-west-1", "q7tGdPzXw3LmR9vKc2YhB5nJs8UeF1a"));
        assert_eq!(found[0].facts.region(), None);
    }

    #[test]
    fn times_of_old_files() {
        assert_eq!(time(b"2020-06-01T00:00:00UTC"), time(b"2020-06-01T00:00:00Z"));
        assert_eq!(time(b"soon"), None);
    }
}
