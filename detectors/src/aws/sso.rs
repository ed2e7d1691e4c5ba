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

use super::endpoint::boxed;
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
    let Some(value) = value_after(text, window.hit()) else { return };
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
    let named = |name: &str, read: fn(&[u8], Range<usize>) -> Option<Range<usize>>| {
        let at = near + memchr::memmem::rfind(&before[near..], name.as_bytes())?;
        read(text, at..at + name.len()).filter(|value| value.start == start)
    };
    if named(SECRETS[0].0, value_after).or_else(|| named(OPTION, argument_after)).is_some() {
        return None;
    }
    Some(start..end_of_value(text, start)).map(|value| without_stop(text, value))
}

/// The value of the option whose name this is, in quotes or not, the next
/// argument or behind an equals sign.
fn argument_after(text: &[u8], name: Range<usize>) -> Option<Range<usize>> {
    let before = &text[..name.start];
    if before.last().is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
        && !ends_with_escape(before)
    {
        return None;
    }
    let start = skip(text, name.end, |b| b" \t\r\n\\\"':=,".contains(&b));
    let end = end_of_value(text, start);
    (start > name.end && end > start).then(|| without_stop(text, start..end))
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
        candidate.facts.add(Fact::Url(boxed(&url)));
    }
    if let Some(region) = field("region") {
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
        let prefix: &[u8] = match number {
            0 => b"aoa",
            1 => b"aor",
            _ => b"eyJ",
        };
        // Cheap tests first: the names stand all over web code.
        let encrypted = number == 0 && token.starts_with(b"eyJ");
        if !(token.starts_with(prefix) || encrypted) || !LEN.contains(&token.len()) {
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

/// The secret of the member with this number.
fn member(text: &[u8], object: &Range<usize>, number: usize) -> Option<Secret> {
    let value = field(text, object, SECRETS[number].0)?;
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
    memchr::memmem::find_iter(&text[object.clone()], name.as_bytes())
        .find_map(|at| {
            let start = object.start + at;
            value_after(text, start..start + name.len())
        })
        // At the window's end it may be cut.
        .filter(|value| value.end <= object.end && value.end < text.len())
}

/// The value behind a whole name and a colon or equals sign, in quotes or not,
/// the quotes and all else escaped or not.
fn value_after(text: &[u8], name: Range<usize>) -> Option<Range<usize>> {
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
    let end = end_of_value(text, start);
    (colons == 1 && end > start).then_some(start..end)
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
    fn times_of_old_files() {
        assert_eq!(time(b"2020-06-01T00:00:00UTC"), time(b"2020-06-01T00:00:00Z"));
        assert_eq!(time(b"soon"), None);
    }
}
