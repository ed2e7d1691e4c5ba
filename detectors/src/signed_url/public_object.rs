//! Plain URLs of object stores to what looks private.
//!
//! Whoever reads the URL may read the object, if the bucket is open; whether it is
//! cannot be told from the text. So this is no leak by itself but something to
//! look at: it reports only where it is asked for, as mere information.
//!
//! What looks private is decided by the names in the path: recordings, backups,
//! dumps, exports, keys, papers of persons. Names of hosts come from the
//! documentation of Amazon S3 ("Methods for accessing a bucket"), Google Cloud
//! Storage ("Request endpoints") and Azure Blob Storage ("Naming and referencing
//! containers"). `storage.cloud.google.com` asks for a login and is left out.

use std::borrow::Cow::Borrowed;

use crate::candidate::{Candidate, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::{Evidence, Reason};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::url::writing::{Plain, Writing, percent_decoded};

use super::query::{between_anchors, verdict};

/// The host's labels before, a path behind.
const REACH: Reach = Reach::new(160, 2048);

pub(super) static PUBLIC_OBJECT: Detector = Detector {
    id: text("public-object-url"),
    title: text("Unsigned URL of an object that looks private"),
    provider: text("AWS, Google Cloud, Microsoft Azure"),
    tags: Borrowed(&[text("storage"), text("exposure")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::any_case(".amazonaws.com"),
        Anchor::any_case("storage.googleapis.com"),
        Anchor::any_case(".blob.core.windows.net"),
    ])),
    reach: REACH,
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: None,
    severity: Severity::Info,
    remedy: text(
        "See whether the object opens without credentials; if it does, block public access on the \
         bucket or container and look through its access logs. Hand out signed URLs that end \
         soon instead.",
    ),
    opt_in: true,
    examples: Examples {
        reported: Borrowed(&[
            text("https://acme-voice.s3.amazonaws.com/recordings/2025/06/kid-1.wav"),
            text("curl https://s3-eu-west-1.amazonaws.com/acme/backups/prod.sql.gz"),
            text("\"url\":\"https:\\/\\/storage.googleapis.com\\/acme-exports\\/users.csv\""),
            text("see https://acmedata.blob.core.windows.net/kyc/passport_0042.jpg."),
        ]),
        refuted: Borrowed(&[(
            text("https://examplebucket.s3.amazonaws.com/backup.sql"),
            Reason::Documentation,
        )]),
        unmatched: Borrowed(&[
            text("https://acme-assets.s3.amazonaws.com/img/logo.png"),
            text("https://storage.googleapis.com/acme/backup-icon.svg"),
            text("https://sqs.eu-west-1.amazonaws.com/402913857264/backups"),
            text(
                "https://acmedata.blob.core.windows.net/backups/db.sql?sv=2022-11-02&sr=b&sp=r&\
                 se=2025-07-01&sig=u8qNyX0c0mVYkF2kq4pYd2v1V0cS7oQfVbJvGZrWn1U%3D",
            ),
        ]),
    },
};

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    if let Some(candidate) = read(window) {
        out.push(candidate);
    }
}

/// A store and what the URL says of its object.
#[derive(Debug, PartialEq, Eq)]
struct Target<'u> {
    service: &'static str,
    bucket: &'u str,
    object: &'u str,
}

fn read(window: &Window<'_>) -> Option<Candidate> {
    // In a text of nothing but hosts each path is read once.
    let text = &window.bytes[..between_anchors(window).end];
    let writing = Writing::of_path(text, window.hit_end)?;
    let in_host = |b: &&u8| b.is_ascii_alphanumeric() || matches!(**b, b'-' | b'.');
    let labels = window.before().iter().rev().take_while(in_host).count();
    let mut start = window.hit_start - labels;
    // `%2F%2Fbucket`: the digits are none of the host's.
    let before = &text[..start];
    if before.ends_with(b"%") {
        let coded = if text[start..].starts_with(b"25") { 4 } else { 2 };
        if labels < coded {
            return None;
        }
        start += coded;
    } else if !(before.ends_with(b"/") || before.ends_with(b"@")) {
        return None;
    }
    let host = std::str::from_utf8(&text[start..window.hit_end]).ok()?.to_ascii_lowercase();
    if host.ends_with(".amazonaws.com") && !host.split('.').any(is_s3) {
        return None;
    }
    let mut plain = Plain::read(text, window.hit_end, writing);
    let end = plain.place(0..plain.bytes.len()).end;
    let tail = text.get(end.saturating_sub(1)..).unwrap_or_default();
    if matches!(tail, [b'=', b'\n', ..] | [b'=', b'\r', b'\n', ..]) {
        plain = Plain::read(text, window.hit_end, Writing::QUOTED_PRINTABLE);
    }
    while plain.bytes.last().is_some_and(|b| b".,;:!?".contains(b)) {
        plain.pop();
    }
    let mark = memchr::memchr(b'?', &plain.bytes);
    if mark.is_some_and(|mark| is_signed(&plain.bytes[mark..])) {
        return None;
    }
    let path = &plain.bytes[..mark.unwrap_or(plain.bytes.len())];
    let path = String::from_utf8_lossy(&percent_decoded(path)).into_owned();
    let Target { service, bucket, object } = target(&host, &path)?;
    if object.is_empty() || !looks_private(bucket, object) {
        return None;
    }
    let end = plain.place(0..plain.bytes.len()).end;
    let mut candidate = Candidate::new(Role::Endpoint, window.range(start..end));
    candidate.verdict = verdict(is_documentation(bucket).then_some(Reason::Documentation));
    candidate.evidence.push(Evidence::NamedService);
    candidate.facts.add(Fact::Service(service.into()));
    candidate.facts.add(Fact::Bucket(bucket.into()));
    if !object.is_empty() {
        candidate.facts.add(Fact::Object(object.into()));
    }
    candidate.facts.add(Fact::Host(host.into()));
    Some(candidate)
}

/// Whether a query holds the signature of any store.
fn is_signed(query: &[u8]) -> bool {
    let query = query.to_ascii_lowercase();
    [&b"signature="[..], b"sig=", b"token=", b"x-amz-", b"x-goog-", b"accesskeyid="]
        .iter()
        .any(|name| memchr::memmem::find(&query, name).is_some())
}

/// The store, the bucket and the object of a host and a path.
fn target<'u>(host: &'u str, path: &'u str) -> Option<Target<'u>> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let split = |path: &'u str| path.split_once('/').unwrap_or((path, ""));
    let in_path = |service| {
        let (bucket, object) = split(path);
        let whole = !bucket.is_empty() && !object.is_empty();
        whole.then_some(Target { service, bucket, object })
    };
    if host.ends_with(".blob.core.windows.net") {
        return in_path("blob");
    }
    if host == "storage.googleapis.com" {
        return in_path("storage");
    }
    if let Some(bucket) = host.strip_suffix(".storage.googleapis.com") {
        return Some(Target { service: "storage", bucket, object: path });
    }
    let rest = host.strip_suffix(".amazonaws.com")?;
    // `s3`, `s3-region`, `s3.region`, `s3.dualstack.region`, with a bucket before.
    let at = rest.split('.').rev().take(3).position(is_s3)?;
    let labels = rest.split('.').count();
    let service = labels - 1 - at;
    if service == 0 {
        return in_path("s3");
    }
    let end: usize = rest.split('.').take(service).map(|label| label.len() + 1).sum();
    Some(Target { service: "s3", bucket: &rest[..end - 1], object: path })
}

/// Whether a label of a host says that it is S3's.
fn is_s3(label: &str) -> bool {
    label == "s3" || label.starts_with("s3-")
}

fn is_documentation(bucket: &str) -> bool {
    const NAMES: &[&str] = &[
        "bucket",
        "bucket-name",
        "bucketname",
        "my-bucket",
        "mybucket",
        "your-bucket",
        "yourbucket",
        "your-bucket-name",
        "mycontainer",
    ];
    bucket.contains("example") || NAMES.contains(&bucket)
}

/// Ends of files that are private wherever they stand.
const PRIVATE_ENDS: &[&str] = &[
    "sql", "bak", "dump", "dmp", "pgdump", "bson", "rdb", "sqlite", "sqlite3", "mdf", "ldf", "mdb",
    "pem", "key", "p12", "pfx", "ppk", "jks", "keystore", "kdbx", "ovpn", "tfstate", "env", "pst",
    "mbox", "eml", "vcf",
];

/// Ends of files that pages are made of.
const PAGE_ENDS: &[&str] = &[
    "css", "js", "mjs", "map", "svg", "ico", "woff", "woff2", "ttf", "eot", "html", "htm", "xsd",
    "yaml", "yml", "md", "rpm", "deb", "whl", "jar",
];

/// Directories of what pages are made of.
const PAGE_DIRECTORIES: &[&str] =
    &["assets", "static", "images", "img", "icons", "public", "fonts", "css", "js", "dist", "docs"];

/// Ends of pictures: what is in them is told by words about persons alone.
const PICTURE_ENDS: &[&str] = &["png", "jpg", "jpeg", "gif", "webp", "heic", "tif", "tiff"];

/// Ends of files with rows.
const TABLE_ENDS: &[&str] =
    &["csv", "tsv", "xls", "xlsx", "json", "jsonl", "ndjson", "parquet", "zip", "gz", "7z"];

/// Words about persons and their papers.
const PERSONAL: &[&str] = &[
    "passport",
    "passports",
    "kyc",
    "idscan",
    "idscans",
    "selfie",
    "medical",
    "patient",
    "patients",
    "prescription",
    "prescriptions",
    "invoice",
    "invoices",
    "payroll",
    "payslip",
    "payslips",
    "salary",
    "salaries",
    "tax",
    "ssn",
    "resume",
    "resumes",
    "cv",
    "contracts",
    "children",
    "kids",
    "child",
    "kid",
];

/// Words about copies of data, recordings and secrets.
const PRIVATE: &[&str] = &[
    "recording",
    "recordings",
    "voice",
    "voicemail",
    "voicemails",
    "voices",
    "calls",
    "backup",
    "backups",
    "dump",
    "dumps",
    "dbdump",
    "mysqldump",
    "pgdump",
    "export",
    "exports",
    "private",
    "confidential",
    "secret",
    "secrets",
    "credential",
    "credentials",
    "password",
    "passwords",
    "snapshot",
    "snapshots",
    "keys",
];

/// Words that make rows private.
const ROWS: &[&str] = &[
    "user",
    "users",
    "customer",
    "customers",
    "client",
    "clients",
    "member",
    "members",
    "subscribers",
    "leads",
    "orders",
    "transactions",
    "accounts",
    "employee",
    "employees",
    "contacts",
    "students",
];

/// Whether names say that an object is for few.
fn looks_private(bucket: &str, object: &str) -> bool {
    let object = object.to_ascii_lowercase();
    let file = object.rsplit('/').next().unwrap_or_default();
    // `users.sql.gz` ends in what was packed as well.
    let mut ends = file.split('.').skip(1);
    let is = |list: &[&str], end: &str| list.contains(&end);
    let last = file.rsplit_once('.').map_or("", |(_, end)| end);
    if is(PAGE_ENDS, last) {
        return false;
    }
    if ends.any(|end| is(PRIVATE_ENDS, end)) {
        return true;
    }
    if object.split('/').any(|segment| is(PAGE_DIRECTORIES, segment)) {
        return false;
    }
    let words = || {
        bucket
            .split(|c: char| !c.is_ascii_alphanumeric())
            .chain(object.split(|c: char| !c.is_ascii_alphanumeric()))
    };
    let has = |list: &[&str]| words().any(|word| list.contains(&word));
    has(PERSONAL)
        || (!is(PICTURE_ENDS, last) && has(PRIVATE))
        || (is(TABLE_ENDS, last) && has(ROWS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::reference;
    use crate::relate::Context;

    #[test]
    fn stores_are_told_by_their_hosts() {
        for (host, path, service, bucket, object) in [
            ("b.s3.amazonaws.com", "/a/b", "s3", "b", "a/b"),
            ("b.c.s3.eu-west-1.amazonaws.com", "/a", "s3", "b.c", "a"),
            ("b.s3-eu-west-1.amazonaws.com", "/a", "s3", "b", "a"),
            ("b.s3.dualstack.eu-west-1.amazonaws.com", "/a", "s3", "b", "a"),
            ("s3.amazonaws.com", "/b/a", "s3", "b", "a"),
            ("s3.eu-west-1.amazonaws.com", "/b/a", "s3", "b", "a"),
            ("storage.googleapis.com", "/b/a", "storage", "b", "a"),
            ("b.storage.googleapis.com", "/a", "storage", "b", "a"),
            ("acct.blob.core.windows.net", "/c/a", "blob", "c", "a"),
        ] {
            assert_eq!(target(host, path), Some(Target { service, bucket, object }), "{host}");
        }
        assert_eq!(target("sqs.eu-west-1.amazonaws.com", "/1/q"), None);
        assert_eq!(target("s3.amazonaws.com", "/"), None);
    }

    #[test]
    fn names_say_what_is_private() {
        for (bucket, object, private) in [
            ("acme", "prod.sql.gz", true),
            ("acme-backups", "a", true),
            ("acme-invoice", "assets/user.png", false),
            ("acme", "users.csv", true),
            ("acme", "users.png", false),
            ("acme", "voice/1.mp3", true),
            ("acme", "kyc/1.jpg", true),
            ("acme", "exports/1.jpg", false),
            ("acme", "backup.svg", false),
            ("acme", "invoice-4.pdf", true),
            ("acme", "logo.pdf", false),
        ] {
            assert_eq!(looks_private(bucket, object), private, "{bucket}/{object}");
        }
    }

    #[test]
    fn cut_and_changed_text_is_no_trouble() {
        let context = Context::at(Timestamp(0));
        for text in PUBLIC_OBJECT.examples.reported.iter() {
            for end in 0..text.len() {
                let _ = reference::scan(
                    std::slice::from_ref(&PUBLIC_OBJECT),
                    &text.as_bytes()[..end],
                    &context,
                );
            }
        }
        let text = "https%3A%252F%2Fb.s3.amazonaws.com%2Fexports%2Fa.sql".repeat(40);
        let _ = reference::scan(std::slice::from_ref(&PUBLIC_OBJECT), text.as_bytes(), &context);
    }
}
