//! AWS Signature Version 4 in a query string.
//!
//! Presigned URLs, RDS and EKS tokens and short-lived Bedrock keys are all the
//! same thing: a query whose parameters say who signed what, when and for how
//! long. This module takes such a query apart, however it is written down
//! ([`crate::url::writing`]), and says where it contradicts itself. It does not look
//! for queries and does not recompute signatures.
//!
//! Sources: Amazon S3 API Reference, "Authenticating Requests: Using Query
//! Parameters"; IAM User Guide, "Create a signed AWS API request" (SigV4A).

use std::ops::Range;

use crate::aws::account::{self, KeyBody};
use crate::aws::session_token;
use crate::clock::Timestamp;
use crate::evidence::{Reason, Verdict};
use crate::fact::{Fact, Facts};
use crate::placeholder;
use crate::relate::{Leak, Neighbours};
use crate::url::located::{Located, Parameter};
use crate::url::writing::{Writing, percent_decoded};

/// The longest validity that any service grants: seven days.
const MAX_EXPIRES: u64 = 604_800;

/// When the first service with SigV4 opened, 2012-01-01.
const FIRST: Timestamp = Timestamp(1_325_376_000);

/// The signing algorithm of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// `AWS4-HMAC-SHA256`.
    Hmac,
    /// `AWS4-ECDSA-P256-SHA256`, SigV4A: the scope names no region.
    Ecdsa,
}

/// A query signed with SigV4, taken apart. Values are decoded; ranges are
/// places in the text that was read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Presign {
    /// `X-Amz-Algorithm`.
    pub(crate) algorithm: Algorithm,
    /// The access key id in `X-Amz-Credential`.
    pub(crate) key_id: Box<str>,
    /// Where the access key id stands.
    pub(crate) key_id_at: Range<usize>,
    /// The date in the scope, `yyyymmdd`.
    pub(crate) scope_date: Box<str>,
    /// The region in the scope; in SigV4A `X-Amz-Region-Set`, unless it is `*`.
    pub(crate) region: Option<Box<str>>,
    /// The service in the scope.
    pub(crate) service: Box<str>,
    /// `X-Amz-Date`, as written.
    pub(crate) date: Box<str>,
    /// `X-Amz-Expires`, in seconds: 0 if it is no number, the greatest if it is too
    /// great for one; `None` if it is missing.
    pub(crate) expires: Option<u64>,
    /// `X-Amz-SignedHeaders`, separated by `;`.
    pub(crate) signed_headers: Box<str>,
    /// `X-Amz-Signature`.
    pub(crate) signature: Box<str>,
    /// Where the signature stands.
    pub(crate) signature_at: Range<usize>,
    /// `X-Amz-Security-Token`.
    pub(crate) session_token: Option<Box<[u8]>>,
    /// Where the session token stands.
    pub(crate) session_token_at: Range<usize>,
    /// `Action`.
    pub(crate) action: Option<Box<str>>,
    /// `DBUser`, or `User` in tokens for caches.
    pub(crate) user: Option<Box<str>>,
    /// Where the query ends.
    pub(crate) end: usize,
}

impl Presign {
    /// Reads the query whose first parameter starts at `from`. The parameters
    /// may stand in any order and their names in any case.
    ///
    /// `None` if it is not signed with SigV4: algorithm, credential, date or
    /// signature is missing, or the credential has no scope. What a query may
    /// not say is told by [`Presign::contradiction`]. Linear.
    pub(crate) fn read(text: &[u8], from: usize, writing: Writing) -> Option<Self> {
        Self::of(&Located::of_query(text, from, writing))
    }

    /// Reads a URL's query as [`Presign::read`] does.
    pub(crate) fn of(url: &Located) -> Option<Self> {
        let mut parameters = Parameters::default();
        for (name, value) in url.parameters() {
            parameters.put(name, value);
        }
        let text_of = |value: &Option<Parameter<'_>>| value.as_ref().map(Parameter::text);

        let algorithm = match &*parameters.algorithm?.decoded() {
            b"AWS4-HMAC-SHA256" => Algorithm::Hmac,
            b"AWS4-ECDSA-P256-SHA256" => Algorithm::Ecdsa,
            _ => return None,
        };
        let credential_at = parameters.credential?;
        let mut credential = credential_at.text();
        if !credential.contains('/') {
            credential = credential_at.twice_decoded();
        }
        let mut scope = credential.rsplitn(5, '/');
        let (terminator, service) = (scope.next()?, scope.next()?);
        let region = match algorithm {
            Algorithm::Hmac => Some(scope.next()?),
            Algorithm::Ecdsa => None,
        };
        let (scope_date, key_id) = (scope.next()?, scope.next()?);
        if terminator != "aws4_request" {
            return None;
        }
        let region_set = text_of(&parameters.region_set).filter(|set| &**set != "*");
        let key_id_at = if credential_at.raw.starts_with(key_id.as_bytes()) {
            credential_at.head(key_id.len())
        } else {
            credential_at.range.clone()
        };
        let signature = parameters.signature?;
        let len = signature_len(signature.raw);
        let session_token = parameters.session_token;
        Some(Self {
            algorithm,
            key_id: key_id.into(),
            key_id_at,
            scope_date: scope_date.into(),
            region: region.map(Into::into).or(region_set),
            service: service.into(),
            date: text_of(&parameters.date)?,
            expires: parameters.expires.map(|e| seconds(&e.decoded())),
            signed_headers: text_of(&parameters.signed_headers).unwrap_or_default(),
            signature: String::from_utf8_lossy(&percent_decoded(&signature.raw[..len])).into(),
            signature_at: signature.head(len),
            session_token_at: session_token.as_ref().map_or(0..0, |t| t.range.clone()),
            session_token: session_token.map(|t| t.twice_decoded().as_bytes().into()),
            action: text_of(&parameters.action),
            user: text_of(&parameters.user),
            end: url.span().end,
        })
    }

    /// Reads a query that stands plainly in decoded text, behind its `?`.
    pub(crate) fn of_url(url: &[u8]) -> Option<Self> {
        let from = memchr::memchr(b'?', url)? + 1;
        Self::read(url, from, Writing::PLAIN)
    }

    /// When it was signed.
    pub(crate) fn signed_at(&self) -> Option<Timestamp> {
        Timestamp::parse_basic(&self.date)
    }

    /// When it stops working: `X-Amz-Expires` after it was signed, but at most
    /// `limit` seconds, and with the session that signed it at the latest.
    pub(crate) fn expires_at(&self, limit: u64) -> Option<Timestamp> {
        let seconds = self.expires.unwrap_or(limit).min(limit);
        let own = self.signed_at()?.plus(i64::try_from(seconds).ok()?);
        let session = self.session().and_then(|facts| facts.expires_at());
        Some(session.map_or(own, |session| session.min(own)))
    }

    /// What its session token says, if there is one of AWS.
    pub(crate) fn session(&self) -> Option<Facts> {
        session_token::parse(self.session_token.as_deref()?).ok()
    }

    /// Whether the header is among the signed ones.
    pub(crate) fn signs(&self, header: &str) -> bool {
        self.signed_headers.split(';').any(|h| h.eq_ignore_ascii_case(header))
    }

    /// Whether it is of no use: signed with a temporary key, but without that
    /// key's session token.
    pub(crate) fn lacks_token(&self) -> bool {
        self.key_id.starts_with("ASIA") && self.session_token.as_ref().is_none_or(|t| t.is_empty())
    }

    fn key_body(&self) -> Option<KeyBody> {
        let body = self.key_id.strip_prefix("AKIA").or(self.key_id.strip_prefix("ASIA"))?;
        account::decode(body.as_bytes())
    }

    /// The account in the key id; `None` if it is one of the first generation
    /// or not from AWS.
    pub(crate) fn account(&self) -> Option<u64> {
        match self.key_body()? {
            KeyBody::New(account) => Some(account),
            _ => None,
        }
    }

    /// What it says of itself. `limit` is the longest validity, in seconds, that
    /// its service grants.
    pub(crate) fn facts(&self, limit: u64) -> Facts {
        let mut facts = Facts::default();
        facts.add(Fact::KeyId(self.key_id.clone()));
        if let Some(account) = self.account() {
            facts.add(Fact::Account(account));
        }
        if let Some(region) = &self.region {
            facts.add(Fact::Region(region.clone()));
        }
        if let Some(time) = self.signed_at() {
            facts.add(Fact::CreatedAt(time));
        }
        if let Some(time) = self.expires_at(limit) {
            facts.add(Fact::ExpiresAt(time));
        }
        facts
    }

    /// How far it is to be believed, by itself: not at all if it contradicts
    /// itself, little if it cannot be used.
    pub(crate) fn verdict(&self) -> Verdict {
        match self.contradiction() {
            Some(reason) => Verdict::Refuted(reason),
            None if self.lacks_token() => Verdict::Doubtful,
            // Two dates that agree, a scope and 256 bits in hexadecimal.
            None => Verdict::Proven,
        }
    }

    /// What the query may not say, if it does: a documentation key, an account
    /// that cannot be, dates that differ, a signature that is none. Services of
    /// AWS only; clones of S3 have other key ids but no other rules.
    pub(crate) fn contradiction(&self) -> Option<Reason> {
        if let Some(reason) = placeholder::refusal(self.key_id.as_bytes()) {
            return Some(reason);
        }
        match self.key_body() {
            Some(KeyBody::Impossible) => return Some(Reason::ImpossibleAccount),
            Some(KeyBody::New(account)) if account::is_documentation(account) => {
                return Some(Reason::FakeAccount);
            }
            _ => {}
        }
        let Some(signed_at) = self.signed_at() else { return Some(Reason::ImpossibleTime) };
        let same_day = self.scope_date.len() == 8 && self.date.starts_with(&*self.scope_date);
        if signed_at < FIRST || !same_day {
            return Some(Reason::ImpossibleTime);
        }
        if !self.signs("host") {
            return Some(Reason::BadStructure);
        }
        if self.expires.is_some_and(|e| e == 0 || e > MAX_EXPIRES) {
            return Some(Reason::ImpossibleTime);
        }
        self.signature_fault()
    }

    fn signature_fault(&self) -> Option<Reason> {
        let signature = self.signature.as_bytes();
        let hex = signature.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        // SigV4A: a DER signature of 70 to 72 bytes, now and then less.
        let lengths = match self.algorithm {
            Algorithm::Hmac => 64..=64,
            Algorithm::Ecdsa => 132..=144,
        };
        if placeholder::is_regular(signature) {
            return Some(Reason::NotRandom);
        }
        if !hex {
            return Some(Reason::WrongAlphabet);
        }
        if signature.len() < *lengths.start() {
            return Some(Reason::Truncated);
        }
        if self.algorithm == Algorithm::Ecdsa && !signature.starts_with(b"30") {
            return Some(Reason::BadStructure);
        }
        (signature.len() > *lengths.end()).then_some(Reason::WrongLength)
    }
}

/// Doubts what claims to be signed more than a day after the scan: clocks differ
/// by minutes, time zones by hours.
pub(crate) fn doubt_future(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    const DAY: i64 = 86_400;
    if leak.facts.created_at().is_some_and(|t| t > neighbours.context.now.plus(DAY)) {
        leak.verdict = leak.verdict.min(Verdict::Doubtful);
    }
}

/// The number of seconds that a value begins with: 0 if a word goes on behind its
/// digits or it has none, the greatest if they are too many.
fn seconds(value: &[u8]) -> u64 {
    let digits = value.iter().take_while(|b| b.is_ascii_digit()).count();
    // In a sentence, or behind a quote that is percent-encoded, something follows.
    let ends = value.get(digits).is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'.');
    if digits == 0 || !ends {
        return 0;
    }
    let digit = |sum: u64, b: &u8| sum.saturating_mul(10).saturating_add(u64::from(b - b'0'));
    value[..digits].iter().fold(0, digit)
}

/// How many characters of a signature's value are the signature: what follows one
/// in a sentence or behind a quote that is percent-encoded is none of it.
fn signature_len(raw: &[u8]) -> usize {
    let digits = raw.iter().take_while(|b| b.is_ascii_hexdigit()).count();
    let ends = raw.get(digits).is_some_and(|b| !b.is_ascii_alphanumeric());
    if ends && (digits == 64 || (132..=144).contains(&digits)) { digits } else { raw.len() }
}

/// The values of the known parameters; the first of a name counts.
#[derive(Default)]
struct Parameters<'u> {
    algorithm: Option<Parameter<'u>>,
    credential: Option<Parameter<'u>>,
    date: Option<Parameter<'u>>,
    expires: Option<Parameter<'u>>,
    signed_headers: Option<Parameter<'u>>,
    signature: Option<Parameter<'u>>,
    session_token: Option<Parameter<'u>>,
    region_set: Option<Parameter<'u>>,
    action: Option<Parameter<'u>>,
    user: Option<Parameter<'u>>,
}

impl<'u> Parameters<'u> {
    fn put(&mut self, name: &[u8], value: Parameter<'u>) {
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        let slot = if is("X-Amz-Algorithm") {
            &mut self.algorithm
        } else if is("X-Amz-Credential") {
            &mut self.credential
        } else if is("X-Amz-Date") {
            &mut self.date
        } else if is("X-Amz-Expires") {
            &mut self.expires
        } else if is("X-Amz-SignedHeaders") {
            &mut self.signed_headers
        } else if is("X-Amz-Signature") {
            &mut self.signature
        } else if is("X-Amz-Security-Token") {
            &mut self.session_token
        } else if is("X-Amz-Region-Set") {
            &mut self.region_set
        } else if is("Action") {
            &mut self.action
        } else if is("DBUser") || is("User") {
            &mut self.user
        } else {
            return;
        };
        slot.get_or_insert(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the S3 API Reference.
    const QUERY: &str = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F\
        20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&\
        X-Amz-SignedHeaders=host&X-Amz-Signature=\
        aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

    fn percent(text: &str) -> String {
        text.bytes()
            .map(|b| match b {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                    char::from(b).to_string()
                }
                _ => format!("%{b:02X}"),
            })
            .collect()
    }

    fn read(text: &str) -> Option<Presign> {
        let from = text.find("X-Amz-Algorithm").unwrap();
        Presign::read(text.as_bytes(), from, Writing::of(text.as_bytes(), from)?)
    }

    /// The query in the writings of different texts.
    fn writings() -> Vec<String> {
        let soft: String = QUERY
            .replace('=', "=3D")
            .as_bytes()
            .chunks(70)
            .map(|line| format!("{}=\r\n", std::str::from_utf8(line).unwrap()))
            .collect();
        vec![
            QUERY.to_owned(),
            QUERY.replace('&', "&amp;"),
            QUERY.replace('&', "&amp;amp;"),
            QUERY.replace('&', "&#38;"),
            QUERY.replace('&', "\\u0026").replace('=', "\\u003d"),
            QUERY.replace("%2F", "/"),
            QUERY.replace("%2F", "%252F"),
            percent(QUERY),
            percent(&percent(QUERY)),
            percent(&QUERY.replace("%2F", "/")),
            soft,
        ]
    }

    #[test]
    fn every_writing_reads_the_same() {
        for query in writings() {
            for tail in ["", "\" next", "</a>", " and more", "."] {
                let text = format!("https://b.s3.amazonaws.com/k?{query}{tail}");
                let found = read(&text).unwrap_or_else(|| panic!("{text}"));
                assert_eq!(&*found.key_id, "AKIAIOSFODNN7EXAMPLE", "{text}");
                assert_eq!(&*found.scope_date, "20130524");
                assert_eq!(found.region.as_deref(), Some("us-east-1"));
                assert_eq!(&*found.service, "s3");
                assert_eq!(found.expires_at(MAX_EXPIRES), Some(Timestamp(1_369_440_000)));
                assert!(found.signs("host") && !found.signs("x-k8s-aws-id"));
                assert!(found.signature.ends_with("d404") && found.signature.len() == 64, "{text}");
                assert_eq!(found.contradiction(), Some(Reason::Documentation));
                if !query.contains("3D=") && !query.contains("=\r") {
                    assert_eq!(&text[found.signature_at.clone()], &*found.signature);
                }
            }
        }
    }

    #[test]
    fn contradictions_are_told() {
        let good = QUERY.replace("AKIAIOSFODNN7EXAMPLE", "AKIAIHRMJ5XTWQZKVDPA");
        assert_eq!(read(&good).unwrap().contradiction(), None);
        for (from, to, reason) in [
            ("Date=20130524", "Date=20130525", Reason::ImpossibleTime),
            ("Date=20130524T00", "Date=20130524T99", Reason::ImpossibleTime),
            ("Expires=86400", "Expires=604801", Reason::ImpossibleTime),
            ("Expires=86400", "Expires=0", Reason::ImpossibleTime),
            ("Expires=86400", "Expires=-1", Reason::ImpossibleTime),
            ("Expires=86400", "Expires=3600.0", Reason::ImpossibleTime),
            ("Expires=86400", "Expires=18446744073709551617", Reason::ImpossibleTime),
            ("=host", "=range", Reason::BadStructure),
            ("aeeed9bb", "AEEED9BB", Reason::WrongAlphabet),
            ("aeeed9bb", "", Reason::Truncated),
            ("aeeed9bb", "aeeed9bb00", Reason::WrongLength),
            ("AKIAIHRMJ5XTWQZKVDPA", "AKIARZPUZDIKGWMTBYQC", Reason::FakeAccount),
            ("AKIAIHRMJ5XTWQZKVDPA", "AKIA6777777777777777", Reason::NotRandom),
            ("AKIAIHRMJ5XTWQZKVDPA", "AKIA7XQ2MZTB6WKR5PCJ", Reason::ImpossibleAccount),
        ] {
            let text = good.replace(from, to);
            assert_eq!(read(&text).unwrap().contradiction(), Some(reason), "{text}");
        }
        let zeros = good.replace(&good[good.len() - 64..], &"0".repeat(64));
        assert_eq!(read(&zeros).unwrap().contradiction(), Some(Reason::NotRandom));
    }

    #[test]
    fn sigv4a_names_no_region() {
        let query = QUERY
            .replace("HMAC-SHA256", "ECDSA-P256-SHA256")
            .replace("us-east-1%2F", "")
            .replace("d404", &"d404".repeat(20));
        let found = read(&query).unwrap();
        assert_eq!((found.algorithm, found.region), (Algorithm::Ecdsa, None));
    }

    #[test]
    fn cut_and_changed_queries_are_no_trouble() {
        for query in writings() {
            for end in 0..query.len() {
                if let Some(writing) = Writing::of(&query.as_bytes()[..end], 0) {
                    let _ = Presign::read(&query.as_bytes()[..end], 0, writing);
                }
                let mut changed = query.clone().into_bytes();
                for byte in [b'%', b'\\', b'&', b'=', 0xff] {
                    changed[end] = byte;
                    if let Some(writing) = Writing::of(&changed, 0)
                        && let Some(found) = Presign::read(&changed, 0, writing)
                    {
                        let _ = found.contradiction();
                    }
                }
            }
        }
    }
}
