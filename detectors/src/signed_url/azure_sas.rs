//! Shared access signatures of Azure Storage: of an account, of one service's
//! resource, and of a user's delegation.
//!
//! A whole URL and the bare query (as connection strings and settings hold it)
//! are the same leak. Sources: Microsoft Learn, "Create an account SAS", "Create a
//! service SAS", "Create a user delegation SAS" (parameters, times, letters of
//! permissions); Azure Storage naming rules.
//!
//! A signature is rebuilt from an account key nearby for accounts and services
//! ([`crate::verify::azure_sas`]); not for user delegation keys, which live for a
//! week and which nobody writes down, nor for a bare service SAS, which does not
//! say what it is for.

use std::borrow::Cow::Borrowed;

use super::query::{Query, base64_fault, begins_parameter, verdict};
use crate::candidate::{Candidate, Role};
use crate::clock::Timestamp;
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::{Access, Fact};
use crate::grade::Severity;
use crate::relate::{Leak, Neighbours};
use crate::verify::azure_sas::{self as signing, Service};

/// A URL with a long path, all percent-encoded, and the parameters of a user
/// delegation.
const REACH: Reach = Reach::new(4096, 4096);

/// `sig` as it is followed by `=` in every writing; the version, should a line end
/// in the middle of it, and the same in quoted-printable.
const ANCHORS: &[Anchor] = &[
    Anchor::exact("sig="),
    Anchor::exact("sig%"),
    Anchor::exact("sig\\"),
    Anchor::exact("sv=20"),
    Anchor::exact("sv=3D20"),
];

/// How far from `sig` the version stands, at most, in bytes: the parameters of a
/// user delegation between them, percent-encoded twice.
const APART: usize = 1024;

pub(super) static STORAGE: Detector = Detector {
    id: text("azure-storage-sas"),
    title: text("Azure Storage shared access signature"),
    provider: text("Microsoft Azure"),
    tags: Borrowed(&[text("azure"), text("signed-url"), text("storage")]),
    trigger: Trigger::Anchor(Borrowed(ANCHORS)),
    reach: REACH,
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: Some(relate),
    severity: Severity::Medium,
    remedy: text(
        "If it names a stored access policy (si), delete or change the policy on the container. \
         Otherwise rotate the account key that signed it (`az storage account keys renew`); for a \
         user delegation revoke the delegation keys (`az storage account revoke-delegation-keys`). \
         Then look through the storage logs for requests with this signature.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(
                "https://acmedata.blob.core.windows.net/backups/db.sql.gz?sv=2022-11-02&\
                 st=2025-06-01T00%3A00%3A00Z&se=2025-07-01T00%3A00%3A00Z&sr=b&sp=r&\
                 sig=u8qNyX0c0mVYkF2kq4pYd2v1V0cS7oQfVbJvGZrWn1U%3D\n",
            ),
            text(
                "AZURE_SAS=?sv=2021-06-08&ss=bfqt&srt=sco&sp=rwdlacupiytfx&\
                 se=2051-10-06T07:09:59Z&st=2021-10-05T23:09:59Z&spr=https&\
                 sig=1T%2BqWdyGkT2kqJXh0m5QvVbJvGZrWn9YkF2kq4pYd2s%3D",
            ),
            text(
                "<a href=\"https://shopfiles.dfs.core.windows.net/lake/q1?skoid=\
                 3f2504e0-4f89-41d3-9a0c-0305e82c3301&amp;sktid=9b2e7c64-0d1f-4c8a-8f37-\
                 52a1d06be913&amp;skt=2025-06-14T00%3A00%3A00Z&amp;ske=2025-06-20T00%3A00%3A00Z\
                 &amp;sks=b&amp;skv=2022-11-02&amp;sv=2022-11-02&amp;sr=d&amp;sdd=1&amp;sp=rl&amp;\
                 se=2025-06-19T00%3A00%3A00Z&amp;\
                 sig=Zk3pYd2v1V0cS7oQfVbJu8qNyX0c0mVYkF2kq4vGrWs%3D\">",
            ),
            text(
                "BlobEndpoint=https://acmedata.blob.core.windows.net/;SharedAccessSignature=\
                 sv=2022-11-02&ss=b&srt=sco&sp=rl&se=2026-01-01T00:00Z&sig=\
                 u8qNyX0c0mVYkF2kq4pYd2v1V0cS7oQfVbJvGZrWn1U%3D;EndpointSuffix=core.windows.net",
            ),
        ]),
        refuted: Borrowed(&[
            (
                text(
                    "https://myaccount.blob.core.windows.net/sascontainer/sasblob.txt?\
                     sv=2015-04-05&st=2015-04-29T22%3A18%3A26Z&se=2015-04-30T02%3A23%3A26Z&sr=b&\
                     sp=rw&sig=Z%2FRHIX5Xcg0Mq2rqI3OlWTjEg2tYkboXr1P9ZUXDtkk%3D",
                ),
                Reason::Documentation,
            ),
            (
                text(
                    "https://acmedata.blob.core.windows.net/c/b?sv=2022-11-02&se=2025-07-01&sr=b\
                     &sp=r&sig=<signature>",
                ),
                Reason::Placeholder,
            ),
            (
                text(
                    "?sv=2022-11-02&ss=b&srt=o&sp=r&se=2025-02-30T00:00:00Z&\
                     sig=u8qNyX0c0mVYkF2kq4pYd2v1V0cS7oQfVbJvGZrWn1U%3D",
                ),
                Reason::ImpossibleTime,
            ),
        ]),
        unmatched: Borrowed(&[
            text("let sig=sign(data);"),
            text("https://acmedata.blob.core.windows.net/c/b?sv=2022-11-02&se=2025-07-01&sr=b"),
            text("https://acme.io/x?sig=u8qNyX0c0mVYkF2kq4pYd2v1V0cS7oQfVbJvGZrWn1U%3D&sr=b"),
        ]),
    },
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    if let Some(candidate) = sighted(window).and_then(|query| Sas::read(&query)?.candidate(&query))
    {
        out.push(candidate);
    }
}

/// The query at an anchor, where its neighbourhood allows one.
fn sighted<'t>(window: &Window<'t>) -> Option<Query<'t>> {
    if !begins_parameter(window.bytes, window.hit_start) {
        return None;
    }
    if window.bytes[window.hit_start..].starts_with(b"sig") {
        let before = window.before();
        let before = &before[before.len().saturating_sub(APART)..];
        let after = &window.after()[..window.after().len().min(APART)];
        // The value comes at once, and the version is not far.
        let has = |text: &[u8]| memchr::memmem::find(text, b"sv").is_some();
        if !(has(before) || has(after)) {
            return None;
        }
    }
    Query::at_anchor(window)
}

/// What kind of signature it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Account,
    Service,
    UserDelegation,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Service => "service",
            Self::UserDelegation => "user-delegation",
        }
    }
}

/// A signature with its parameters.
struct Sas {
    kind: Kind,
    signature: Box<str>,
    version: Box<str>,
    permissions: Option<Box<str>>,
    starts: Option<Box<str>>,
    expires: Option<Box<str>>,
    policy: Option<Box<str>>,
    account: Option<Box<str>>,
    service: Option<Service>,
}

impl Sas {
    fn read(query: &Query<'_>) -> Option<Self> {
        let version = query.text("sv").filter(|v| is_date(v))?;
        let signature = query.text("sig")?;
        let has = |name| query.parameter(name).is_some_and(|p| !p.raw.is_empty());
        let (expires, policy) = (query.text("se"), query.text("si"));
        if expires.is_none() && policy.is_none() {
            return None;
        }
        let (account, service) = owner(query);
        let kind = if has("skoid") && has("sktid") {
            Kind::UserDelegation
        } else if has("ss") && has("srt") {
            Kind::Account
        } else if has("sr") || has("tn") || has("si") || service == Some(Service::Queue) {
            Kind::Service
        } else {
            return None;
        };
        Some(Self {
            kind,
            signature,
            version,
            permissions: query.text("sp"),
            starts: query.text("st"),
            expires,
            policy,
            account,
            service,
        })
    }

    fn candidate(&self, query: &Query<'_>) -> Option<Candidate> {
        let mut candidate = query.candidate("sig")?;
        candidate.verdict = verdict(self.fault(query));
        candidate.evidence.push(Evidence::Parsed);
        let facts = &mut candidate.facts;
        facts.add(Fact::Variant(self.kind.name()));
        if let Some(account) = &self.account {
            facts.add(Fact::Resource(account.clone()));
        }
        match (self.service, query.text("ss")) {
            (Some(service), _) => facts.add(Fact::Service(service.name().into())),
            (None, Some(letters)) => facts.add(Fact::Service(services(&letters).into())),
            (None, None) => {}
        }
        let path = query.object();
        let (container, object) = path.split_once('/').unwrap_or((&path, ""));
        if !container.is_empty() {
            facts.add(Fact::Bucket(container.into()));
        }
        if !object.is_empty() {
            facts.add(Fact::Object(object.into()));
        }
        if let Some(permissions) = self.permissions.as_ref().filter(|p| !p.is_empty()) {
            facts.add(Fact::Permissions(permissions.clone()));
            // All but reading and (in a file system) knowing that it is there.
            let reads = permissions.bytes().all(|b| b == b'r');
            facts.add(Fact::Access(if reads { Access::Read } else { Access::Write }));
        }
        if self.kind == Kind::UserDelegation {
            let (user, tenant) = (query.text("skoid")?, query.text("sktid")?);
            facts.add(Fact::Signer(format!("{user} of tenant {tenant}").into()));
        } else if let Some(policy) = &self.policy {
            facts.add(Fact::Signer(format!("policy {policy}").into()));
        }
        if let Some(time) = self.starts.as_deref().and_then(time) {
            facts.add(Fact::CreatedAt(time));
        }
        let key_expires = query.text("ske").as_deref().and_then(time);
        let expires = self.expires.as_deref().and_then(time);
        if let Some(time) = expires.into_iter().chain(key_expires).min() {
            facts.add(Fact::ExpiresAt(time));
        }
        Some(candidate)
    }

    /// What it may not say, if it does.
    fn fault(&self, query: &Query<'_>) -> Option<Reason> {
        if self.signature.as_bytes() == DOCUMENTATION_SIGNATURE
            || self.account.as_deref().is_some_and(|a| DOCUMENTATION_ACCOUNTS.contains(&a))
        {
            return Some(Reason::Documentation);
        }
        if self.account.as_deref() == Some("devstoreaccount1") {
            return Some(Reason::PublicTestKey);
        }
        if let Some(reason) = base64_fault(&self.signature, &[32]) {
            return Some(reason);
        }
        if time(&self.version).is_none_or(|t| t < FIRST_VERSION) {
            return Some(Reason::ImpossibleTime);
        }
        // Times that are there have to be times, and in their order.
        let ordered = |from: &Option<Box<str>>, to: &Option<Box<str>>| {
            let read = |text: &Option<Box<str>>| match text.as_deref().filter(|t| !t.is_empty()) {
                Some(text) => time(text).map(Some),
                None => Some(None),
            };
            let (Some(from), Some(to)) = (read(from), read(to)) else { return false };
            !matches!((from, to), (Some(from), Some(to)) if from >= to)
        };
        if !ordered(&self.starts, &self.expires) {
            return Some(Reason::ImpossibleTime);
        }
        if self.kind == Kind::UserDelegation {
            let (from, to) = (query.text("skt"), query.text("ske"));
            if !ordered(&from, &to) || !ordered(&from, &self.expires) {
                return Some(Reason::ImpossibleTime);
            }
        }
        let subset = |name: &str, letters: &str| {
            query.text(name).is_none_or(|value| value.chars().all(|c| letters.contains(c)))
        };
        let fits = subset("sp", "racwdxyltmeopiufkv")
            && (self.kind != Kind::Account || (subset("ss", "bfqt") && subset("srt", "sco")))
            && (self.kind == Kind::Account || subset("sr", "bcdfsv"))
            && (self.kind != Kind::UserDelegation
                || ["skoid", "sktid"].iter().all(|n| query.text(n).is_some_and(|t| is_guid(&t))));
        (!fits).then_some(Reason::BadStructure)
    }
}

/// The first version whose signature names its version, 2012-02-12.
const FIRST_VERSION: Timestamp = Timestamp(1_329_004_800);

/// The signature in Microsoft's description of the service SAS.
const DOCUMENTATION_SIGNATURE: &[u8] = b"Z/RHIX5Xcg0Mq2rqI3OlWTjEg2tYkboXr1P9ZUXDtkk=";

/// Accounts that Microsoft's documentation has in its URLs, and what people
/// write in their own.
const DOCUMENTATION_ACCOUNTS: &[&str] = &[
    "account",
    "accountname",
    "myaccount",
    "mystorageaccount",
    "storageaccount",
    "storageaccountname",
    "storagesamples",
    "youraccount",
    "yourstorageaccount",
    "examplestorage",
    "example",
];

/// The account and the service that a URL names.
fn owner(query: &Query<'_>) -> (Option<Box<str>>, Option<Service>) {
    let host = query.url().host();
    let service = |label: &str| match label {
        "blob" | "dfs" => Some(Service::Blob),
        "file" => Some(Service::File),
        "queue" => Some(Service::Queue),
        "table" => Some(Service::Table),
        _ => None,
    };
    let mut labels = host.split('.');
    if let (Some(account), Some(second)) = (labels.next(), labels.next())
        && let Some(service) = service(second).or_else(|| labels.next().and_then(service))
        && !account.is_empty()
    {
        let account = account.strip_suffix("-secondary").unwrap_or(account);
        return (Some(account.into()), Some(service));
    }
    let emulator = query.url().path().starts_with(b"/devstoreaccount1");
    (emulator.then(|| "devstoreaccount1".into()), None)
}

/// The services that the letters of an account SAS stand for.
fn services(letters: &str) -> String {
    let names = letters.chars().filter_map(|letter| match letter {
        'b' => Some("blob"),
        'f' => Some("file"),
        'q' => Some("queue"),
        't' => Some("table"),
        _ => None,
    });
    names.collect::<Vec<_>>().join(",")
}

fn is_date(text: &str) -> bool {
    let digit = |i: usize, b: u8| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() };
    text.len() == 10 && text.bytes().enumerate().all(|(i, b)| digit(i, b))
}

fn is_guid(text: &str) -> bool {
    let fits = |(i, b): (usize, u8)| match i {
        8 | 13 | 18 | 23 => b == b'-',
        _ => b.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.bytes().enumerate().all(fits)
}

/// A time as Azure takes it: a date, a date with hours and minutes, or with
/// seconds and a fraction of them, in UTC.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    if is_date(text) {
        return Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z"));
    }
    let minutes = text.len() == 17 && text.ends_with('Z');
    if minutes {
        return Timestamp::parse_rfc3339(&format!("{}:00Z", &text[..text.len() - 1]));
    }
    Timestamp::parse_rfc3339(text)
}

fn relate(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    if prove(leak, neighbours).is_some() {
        leak.verdict = Verdict::Proven;
        leak.note(Evidence::Recomputed);
    }
}

/// Recomputes the signature with the account keys nearby.
fn prove(leak: &Leak, neighbours: &Neighbours<'_>) -> Option<()> {
    let keys = neighbours.nearest(Role::AccountKey, &leak.value);
    if keys.is_empty() {
        return None;
    }
    let text = neighbours.passage.slice(leak.span.clone());
    let query = Query::again(text, &["sig", "sv", "se", "sp"])?;
    let sas = Sas::read(&query)?;
    let get = |name: &str| {
        let value = query.url().parameter(name).map(|p| p.twice_decoded());
        value.map_or(String::new(), String::from)
    };
    for key in keys {
        let value = key.value_in(&neighbours.passage);
        // 64 bytes in base64.
        if value.len() != 88 || !neighbours.budget.take(1) {
            continue;
        }
        let named = || account_of(key);
        let Some(account) = sas.account.clone().or_else(named) else { continue };
        let text = match (sas.kind, sas.service) {
            (Kind::Account, _) => signing::account_text(&account, &get),
            (Kind::Service, Some(service)) => resource(&query, service)
                .and_then(|r| signing::service_text(service, &account, &r, &get)),
            _ => None,
        }?;
        if signing::storage_signature(&value, &text).as_deref() == Some(&*padded(&sas.signature)) {
            return Some(());
        }
    }
    None
}

/// The account whose host the key was read with.
fn account_of(key: &Candidate) -> Option<Box<str>> {
    key.facts.iter().find_map(|fact| match fact {
        Fact::Host(host) => host.split_once('.').map(|(account, _)| account.into()),
        _ => None,
    })
}

fn padded(signature: &str) -> String {
    format!("{}=", signature.trim_end_matches('='))
}

/// The path that a service SAS is for.
fn resource(query: &Query<'_>, service: Service) -> Option<String> {
    if service == Service::Table {
        let table = query.text("tn")?.to_ascii_lowercase();
        return Some(format!("/{table}"));
    }
    let path = query.object();
    let depth = match query.text("sr").as_deref() {
        Some("c" | "s") => 1,
        Some("d") => 1 + usize::try_from(query.number("sdd")?).ok()?,
        Some("b" | "bs" | "bv" | "f") => usize::MAX,
        None if service == Service::Queue => 1,
        _ => return None,
    };
    let segments: Vec<&str> = path.split('/').take(depth).collect();
    Some(format!("/{}", segments.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;
    use crate::relate::Context;

    const SIGNATURE: &str = "u8qNyX0c0mVYkF2kq4pYd2v1V0cS7oQfVbJvGZrWn1U%3D";

    fn leaks(text: &str, now: i64) -> Vec<Leak> {
        let mut context = Context::at(Timestamp(now));
        context.keep_refuted = true;
        reference::scan(std::slice::from_ref(&STORAGE), text.as_bytes(), &context)
    }

    fn url(more: &str) -> String {
        format!("https://acmedata.blob.core.windows.net/c/b.txt?{more}&sig={SIGNATURE}")
    }

    fn has(leak: &Leak, fact: &Fact) -> bool {
        leak.facts.iter().any(|f| f == fact)
    }

    #[test]
    fn it_is_live_until_the_second_of_its_expiry() {
        // 2025-06-15T12:00:00Z
        const END: i64 = 1_749_988_800;
        for se in ["2025-06-15T12:00:00Z", "2025-06-15T12:00Z", "2025-06-15T12%3A00%3A00.0000000Z"]
        {
            let text = url(&format!("sv=2022-11-02&sr=b&sp=r&se={se}"));
            assert!(has(&leaks(&text, END - 1)[0], &Fact::Expired(false)), "{se}");
            let dead = &leaks(&text, END)[0];
            assert!(has(dead, &Fact::Expired(true)) && dead.severity == Severity::Info, "{se}");
        }
        let text = url("sv=2022-11-02&sr=b&sp=r&se=2025-06-16");
        assert!(has(&leaks(&text, END + 43_199)[0], &Fact::Expired(false)));
        assert!(has(&leaks(&text, END + 43_200)[0], &Fact::Expired(true)));
        // The key of a delegation ends before its signature does.
        let text = url("sv=2022-11-02&sr=b&sp=r&se=2025-06-20&skoid=3f2504e0-4f89-41d3-9a0c-\
             0305e82c3301&sktid=3f2504e0-4f89-41d3-9a0c-0305e82c3302&skt=2025-06-10&ske=2025-06-16&\
             sks=b&skv=2022-11-02");
        assert!(has(&leaks(&text, END + 43_200)[0], &Fact::Expired(true)));
    }

    #[test]
    fn severity_goes_by_what_it_lets_do_and_for_how_long() {
        const NOW: i64 = 1_749_988_800;
        for (more, severity) in [
            ("sv=2022-11-02&sr=b&sp=r&se=2025-06-16", Severity::Medium),
            ("sv=2022-11-02&sr=b&sp=r&se=2035-06-16", Severity::High),
            ("sv=2022-11-02&sr=c&sp=rl&se=2025-06-16", Severity::High),
            ("sv=2022-11-02&ss=b&srt=sco&sp=rwdl&se=2025-06-16", Severity::High),
            ("sv=2022-11-02&ss=b&srt=sco&sp=rwdl&se=2051-06-16", Severity::Critical),
            ("sv=2022-11-02&sr=c&si=readers", Severity::Medium),
        ] {
            assert_eq!(leaks(&url(more), NOW)[0].severity, severity, "{more}");
        }
    }

    #[test]
    fn faults_are_told() {
        for (more, reason) in [
            ("sv=2022-11-02&sr=b&sp=r&se=2025-13-01", Reason::ImpossibleTime),
            ("sv=2022-11-02&sr=b&sp=r&st=2025-06-02&se=2025-06-01", Reason::ImpossibleTime),
            ("sv=1999-11-02&sr=b&sp=r&se=2025-06-01", Reason::ImpossibleTime),
            ("sv=2022-11-02&sr=b&sp=rz&se=2025-06-01", Reason::BadStructure),
            ("sv=2022-11-02&ss=bx&srt=o&sp=r&se=2025-06-01", Reason::BadStructure),
        ] {
            assert_eq!(leaks(&url(more), 0)[0].verdict, Verdict::Refuted(reason), "{more}");
        }
    }

    /// Account keys as their own detector finds them.
    fn account_key() -> Detector {
        Detector {
            id: text("azure-account-key"),
            trigger: Trigger::Anchor(vec![Anchor::exact("AccountKey=")].into()),
            reach: Reach::new(0, 88),
            shape: Shape::Parser(|window, out| {
                let range = window.range(window.hit_end..window.bytes.len());
                let mut candidate = Candidate::new(Role::AccountKey, range);
                candidate.verdict = Verdict::Supported;
                candidate.facts.add(Fact::Host("acmedata.blob.core.windows.net".into()));
                out.push(candidate);
            }),
            relate: None,
            ..STORAGE.clone()
        }
    }

    /// The key of [`crate::verify::azure_sas`]'s tests, and signatures by it, made
    /// with Python's `hmac`.
    #[test]
    fn a_key_nearby_proves_it() {
        const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1\
            Njc4OTo7PD0+Pw==";
        let account = "sv=2022-11-02&ss=bfqt&srt=sco&sp=rwdlacupiytfx&se=2030-01-01T00:00:00Z&\
            st=2024-01-01T00:00:00Z&spr=https&sig=DHUrr%2B%2FnsCVCDoJGGN2Urpil6hp3sFHFsh1VHXJdtO0%3D";
        let texts = [
            format!("https://acmedata.blob.core.windows.net/?{account}\nAccountKey={KEY}"),
            format!("AccountName=acmedata;AccountKey={KEY};\nSAS={account}"),
            format!(
                "AccountKey={KEY}\nhttps://acmedata.blob.core.windows.net/backups/db.sql.gz?\
                 sv=2021-08-06&amp;sr=b&amp;sp=r&amp;se=2030-01-01T00%3A00%3A00Z&amp;sig=fxl2i5gcrtoPrLyccPIUOTj8Ok005cXNl5bbGrYdmI0%3D"
            ),
        ];
        let detectors = [STORAGE.clone(), account_key()];
        let context = Context::at(Timestamp(1_750_000_000));
        let verdict = |text: &str| {
            let found = reference::scan(&detectors, text.as_bytes(), &context);
            let leak = found.into_iter().find(|l| l.detector == 0).unwrap();
            (leak.verdict, leak.evidence.contains(&Evidence::Recomputed))
        };
        for text in texts {
            assert_eq!(verdict(&text), (Verdict::Proven, true), "{text}");
            let other = text.replace("AAECAwQF", "AAECAwQG");
            assert_eq!(verdict(&other), (Verdict::Supported, false), "{other}");
            let other = text.replace("sp=r", "sp=a");
            assert_eq!(verdict(&other), (Verdict::Supported, false), "{other}");
        }
    }

    #[test]
    fn cut_and_changed_text_is_no_trouble() {
        let mut texts: Vec<_> = STORAGE.examples.reported.to_vec();
        texts.push("sig=".repeat(300).into());
        texts.push("&sig=&sv=20".repeat(100).into());
        for text in texts {
            for end in 0..text.len() {
                let _ = leaks(text.get(..end).unwrap_or_default(), 0);
            }
        }
    }
}
