//! Signed URLs of Google Cloud Storage, of the second and the fourth version, by
//! a service account's RSA key or an interoperability (HMAC) key.
//!
//! Sources: Google Cloud documentation, "V4 signing process", "Canonical
//! requests", "V2 signing process", "HMAC keys". Service accounts have RSA keys
//! of 2048 bits; 1024 and 4096 are read for uploaded ones.
//!
//! The method is signed but not in the URL. A URL is taken for one that reads,
//! unless it says that it uploads. A signature by an HMAC key is recomputed from
//! secrets nearby; one by RSA would need the public key.

use std::borrow::Cow::Borrowed;

use super::presign::doubt_future;
use super::proof::tell_method;
use super::query::{Query, base64_fault, begins_parameter, moment, verdict};
use super::scoped::{Scheme, Scoped};
use crate::candidate::{Candidate, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::{Access, Fact};
use crate::grade::Severity;
use crate::placeholder::{contains, contains_ignore_case};
use crate::relate::{Leak, Neighbours};
use crate::verify::cloud_storage;

/// A long object name, percent-encoded, and an RSA signature of 4096 bits.
const REACH: Reach = Reach::new(6144, 6144);

pub(super) static GCS: Detector = Detector {
    id: text("gcs-signed-url"),
    title: text("Google Cloud Storage signed URL"),
    provider: text("Google Cloud"),
    tags: Borrowed(&[text("gcp"), text("signed-url"), text("storage")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::any_case("x-goog-signature"),
        Anchor::any_case("x-goog-credential"),
        // A line may end in the middle of any name.
        Anchor::any_case("x-goog-algorithm"),
        Anchor::any_case("x-goog-expires"),
        Anchor::exact("GoogleAccessId"),
        Anchor::exact("Signature="),
    ])),
    reach: REACH,
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: Some(relate),
    severity: Severity::Medium,
    remedy: text(
        "A signed URL cannot be revoked by itself: delete the key of the service account (or the \
         HMAC key) that signed it, or move the object. A URL of the fourth version ends after a \
         week at the latest. Then look for reads in the bucket's audit logs.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text(
                "https://storage.googleapis.com/acme-exports/users.csv?X-Goog-Algorithm=\
                 GOOG4-RSA-SHA256&X-Goog-Credential=exporter%40acme-prod-311.iam.gserviceaccount.com\
                 %2F20250615%2Fauto%2Fstorage%2Fgoog4_request&X-Goog-Date=20250615T120000Z&\
                 X-Goog-Expires=3600&X-Goog-SignedHeaders=host&X-Goog-Signature=\
                 4b9c22d8f6a1e07359b08d7c61ef24ad905ebc13f78a426d1093ce5bf2a8476e\
                 d03f95b17c8a24e6609d1fbe5387ac42195edb70f36c8a1d42e7b90f5c6318a2\
                 7e40bd93a8165fc2e9d30b748f61a5ce92d7043b1f86ea5cd7904e2b63a8f1c5\
                 90b7e2d4135af86c8e09d27b64f1a3c5b8d90e7f42163ca5e87bd20941f6c3a5\
                 2d8e97b0614fca35e0d98b7f213c64a5f9e08d1b72c6435ae7f0b981d26c4e35\
                 a8f09b6d714e2c53f7a1e0d98b624c35f9a7e1d0b86c2435ea7f90d18b26c4e3\
                 5f9a0e7d1b862c435ea7f08d91b6c24e35f7a9e0d1b82c643ea57f09d18b6c24\
                 e3f5a79e0d1b826c453ea7f90d18b6c2e4f35a79e0d1b8c26453ea7f09d81b6c",
            ),
            text(
                "<a href=\"https://acme-exports.storage.googleapis.com/a.zip?x-goog-signature=\
                 7e40bd93a8165fc2e9d30b748f61a5ce92d7043b1f86ea5cd7904e2b63a8f1c5&amp;\
                 x-goog-algorithm=GOOG4-HMAC-SHA256&amp;x-goog-credential=\
                 GOOG1EK7QHS2V5TZMX4W3YPRB6NDCLJF2GQTVXSA5KMHUZ3EWRYP7BNDCFLQ5%2F20250615%2F\
                 us%2Fstorage%2Fgoog4_request&amp;x-goog-date=20250615T120000Z&amp;\
                 x-goog-expires=600&amp;x-goog-signedheaders=host\">",
            ),
            text(
                "url: https://storage.googleapis.com/acme/rec/1.mp3?GoogleAccessId=\
                 up%40acme-prod.iam.gserviceaccount.com&Expires=1893456000&Signature=\
                 wqQGvHbhsAnLIjPAkyWXvbfPfl0%3D",
            ),
        ]),
        refuted: Borrowed(&[
            (
                text(
                    "https://storage.googleapis.com/b/o?X-Goog-Algorithm=GOOG4-RSA-SHA256&\
                     X-Goog-Credential=example%40example-project.iam.gserviceaccount.com%2F\
                     20181026%2Fus-central1%2Fstorage%2Fgoog4_request&X-Goog-Date=\
                     20181026T181309Z&X-Goog-Expires=900&X-Goog-SignedHeaders=host&\
                     X-Goog-Signature=247a2aa45f169edf",
                ),
                Reason::Documentation,
            ),
            (
                text(
                    "https://storage.googleapis.com/b/o?GoogleAccessId=up%40acme-prod.iam.\
                     gserviceaccount.com&Expires=1893456000&Signature=SIGNATURE",
                ),
                Reason::Placeholder,
            ),
        ]),
        unmatched: Borrowed(&[
            text("headers: X-Goog-Signature, X-Goog-Credential"),
            text("https://storage.googleapis.com/b/o?Expires=1893456000&Signature=wqQGvHbhsAnLIj"),
            text("https://storage.googleapis.com/acme/o?GoogleAccessId=up@acme.com"),
        ]),
    },
};

/// The fourth version. It came in 2018.
const V4: Scheme = Scheme {
    prefix: "X-Goog-",
    algorithm: "Algorithm",
    algorithms: &[("GOOG4-RSA-SHA256", &[512, 256, 1024]), ("GOOG4-HMAC-SHA256", &[64])],
    service: "storage",
    terminator: "goog4_request",
    since: 1_514_764_800,
};

/// The HMAC key in Google's documentation.
const DOCUMENTATION_KEY: &str = "GOOGTS7C7FUP3AIRVJTE2BCDKINBTES3HC2GY5CBFJDCQ2SYHV6A6XXVTJFSA";

/// How far from `Signature=` the name of the signer stands, at most.
const APART: usize = 2048;

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    if !begins_parameter(window.bytes, window.hit_start) {
        return;
    }
    if window.bytes[window.hit_start] == b'S' {
        let start = window.hit_start.saturating_sub(APART);
        let end = window.bytes.len().min(window.hit_end + APART);
        // Where it stands whole, this anchor is not needed.
        let rest = &window.bytes[start..end];
        if !(contains(rest, b"gserviceaccount") || contains(rest, b"Google")) {
            return;
        }
    }
    let Some(query) = Query::at_anchor(window) else { return };
    if let Some(candidate) = fourth(&query).or_else(|| second(&query)) {
        out.push(candidate);
    }
}

fn fourth(query: &Query<'_>) -> Option<Candidate> {
    let scoped = Scoped::read(query, &V4)?;
    let mut candidate = query.candidate("X-Goog-Signature")?;
    candidate.verdict = verdict(documentation(&scoped.signer).or_else(|| scoped.fault()));
    candidate.evidence.push(Evidence::Parsed);
    candidate.facts.add(Fact::Variant(match scoped.algorithm {
        "GOOG4-RSA-SHA256" => "v4-rsa",
        _ => "v4-hmac",
    }));
    scoped.tell(&mut candidate.facts);
    describe(query, &scoped.signer, &mut candidate);
    Some(candidate)
}

fn second(query: &Query<'_>) -> Option<Candidate> {
    let signer = query.text("GoogleAccessId")?;
    let expires = query.number("Expires")?;
    let signature = query.text("Signature")?;
    let mut candidate = query.candidate("Signature")?;
    let fault = documentation(&signer)
        .or_else(|| base64_fault(&signature, &[256, 20, 128, 512]))
        .or_else(|| moment(expires).is_none().then_some(Reason::ImpossibleTime));
    candidate.verdict = verdict(fault);
    candidate.evidence.push(Evidence::Parsed);
    let hmac = signature.len() < 32;
    candidate.facts.add(Fact::Variant(if hmac { "v2-hmac" } else { "v2-rsa" }));
    if let Some(time) = moment(expires) {
        candidate.facts.add(Fact::ExpiresAt(time));
    }
    describe(query, &signer, &mut candidate);
    Some(candidate)
}

/// Why the signer is nobody.
fn documentation(signer: &str) -> Option<Reason> {
    let invented =
        signer == DOCUMENTATION_KEY || contains_ignore_case(signer.as_bytes(), b"example");
    invented.then_some(Reason::Documentation)
}

/// Adds who signed, what it is for and what it lets do.
fn describe(query: &Query<'_>, signer: &str, candidate: &mut Candidate) {
    let facts = &mut candidate.facts;
    facts.add(Fact::Service("storage".into()));
    facts.add(if signer.contains('@') {
        Fact::Signer(signer.into())
    } else {
        Fact::KeyId(signer.into())
    });
    let (bucket, object) = target(query);
    if let Some(bucket) = bucket {
        facts.add(Fact::Bucket(bucket));
    }
    if !object.is_empty() {
        facts.add(Fact::Object(object));
    }
    let headers = query.text("X-Goog-SignedHeaders").unwrap_or_default().to_ascii_lowercase();
    let uploads =
        ["content-type", "content-md5", "x-goog-resumable", "x-goog-content-length-range"]
            .iter()
            .any(|header| headers.split(';').any(|h| h == *header))
            || query.parameter("uploadId").is_some()
            || query.parameter("upload_id").is_some();
    facts.add(Fact::Access(if uploads { Access::Write } else { Access::Read }));
}

/// Hosts of the store itself; the second is its first name.
const PATH_HOSTS: &[&str] = &["storage.googleapis.com", "commondatastorage.googleapis.com"];

/// The bucket and the object.
fn target(query: &Query<'_>) -> (Option<Box<str>>, Box<str>) {
    let (host, path) = (query.url().host(), query.object());
    match host.strip_suffix(".storage.googleapis.com") {
        Some(bucket) => (Some(bucket.into()), path),
        None if PATH_HOSTS.contains(&&*host) || host.ends_with(".google.com") => {
            match path.split_once('/') {
                Some((bucket, object)) => (Some(bucket.into()), object.into()),
                None => (Some(path).filter(|p| !p.is_empty()), Box::default()),
            }
        }
        None => (None, path),
    }
}

fn relate(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    doubt_future(leak, neighbours);
    let hmac = leak.facts.iter().any(|f| matches!(f, Fact::Variant("v4-hmac" | "v2-hmac")));
    if hmac && let Some(method) = prove(leak, neighbours) {
        leak.verdict = Verdict::Proven;
        tell_method(leak, method);
        leak.note(Evidence::Recomputed);
    }
}

/// The method for which one of the secrets nearby gives the signature.
fn prove(leak: &Leak, neighbours: &Neighbours<'_>) -> Option<&'static str> {
    /// Methods that are tried, likeliest first.
    const METHODS: [&str; 4] = ["GET", "PUT", "HEAD", "DELETE"];
    let secrets = neighbours.nearest(Role::SecretKey, &leak.value);
    if secrets.is_empty() {
        return None;
    }
    let text = neighbours.passage.slice(leak.span.clone());
    let names =
        ["X-Goog-Signature", "X-Goog-Date", "x-goog-signature", "x-goog-date", "GoogleAccessId"];
    let query = Query::again(text, &names)?;
    let url = query.url();
    let scoped = Scoped::read(&query, &V4);
    for secret in secrets {
        let value = secret.value_in(&neighbours.passage);
        for method in METHODS {
            if !neighbours.budget.take(1) {
                return None;
            }
            let proven = match &scoped {
                Some(scoped) => {
                    let headers = query.text("X-Goog-SignedHeaders")?;
                    // The value of any other header is not in the URL.
                    if &*headers != "host" {
                        return None;
                    }
                    let parameters: Vec<_> = url.parameters().map(|(n, p)| (n, p.raw)).collect();
                    let request = cloud_storage::canonical_request(
                        method,
                        url.path(),
                        &parameters,
                        "x-goog-signature",
                        &url.host(),
                    );
                    let scope = scoped.scope(&V4);
                    let made = cloud_storage::google_v4(&value, &scoped.date, &scope, &request)?;
                    made == *scoped.signature
                }
                None => {
                    let (bucket, _) = target(&query);
                    let path = String::from_utf8_lossy(url.path()).into_owned();
                    let resource = match bucket {
                        Some(bucket) if url.host().starts_with(&format!("{bucket}.")) => {
                            format!("/{bucket}{path}")
                        }
                        _ => path,
                    };
                    let expires = query.text("Expires")?;
                    let made = cloud_storage::signature_v2(&value, method, &expires, &resource);
                    made.trim_end_matches('=') == query.text("Signature")?.trim_end_matches('=')
                }
            };
            if proven {
                return Some(method);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::reference;
    use crate::relate::Context;

    fn leaks(text: &str, now: i64) -> Vec<Leak> {
        let mut context = Context::at(Timestamp(now));
        context.keep_refuted = true;
        reference::scan(std::slice::from_ref(&GCS), text.as_bytes(), &context)
    }

    fn has(leak: &Leak, fact: &Fact) -> bool {
        leak.facts.iter().any(|f| f == fact)
    }

    #[test]
    fn it_is_live_until_the_second_of_its_expiry() {
        // 2025-06-15T13:00:00Z and 2030-01-01T00:00:00Z.
        for (example, end) in [(0, 1_749_992_400), (1, 1_749_989_400), (2, 1_893_456_000)] {
            let text = &GCS.examples.reported[example];
            let (live, dead) = (&leaks(text, end - 1)[0], &leaks(text, end)[0]);
            assert!(has(live, &Fact::Expired(false)) && live.severity == Severity::Medium);
            assert!(has(dead, &Fact::Expired(true)) && dead.severity == Severity::Info);
        }
    }

    #[test]
    fn buckets_stand_in_paths_and_hosts() {
        let text = &GCS.examples.reported[0];
        for (from, to) in [
            ("", ""),
            ("storage.googleapis", "commondatastorage.googleapis"),
            ("storage.googleapis.com/acme-exports", "acme-exports.storage.googleapis.com"),
        ] {
            let found = &leaks(&text.replace(from, to), 0)[0];
            assert!(has(found, &Fact::Bucket("acme-exports".into())), "{to}");
            assert!(has(found, &Fact::Object("users.csv".into())), "{to}");
        }
    }

    #[test]
    fn faults_are_told() {
        let good = &GCS.examples.reported[0];
        for (from, to, reason) in [
            ("Expires=3600", "Expires=604801", Reason::ImpossibleTime),
            ("Expires=3600", "Expires=0", Reason::ImpossibleTime),
            ("Date=20250615T12", "Date=20250616T12", Reason::ImpossibleTime),
            ("20250615", "20250631", Reason::ImpossibleTime),
            ("=4b9c22d8", "=4B9C22D8", Reason::WrongAlphabet),
            ("=4b9c22d8", "=", Reason::WrongLength),
        ] {
            let text = good.replace(from, to);
            assert_eq!(leaks(&text, 0)[0].verdict, Verdict::Refuted(reason), "{from} {to}");
        }
    }

    /// Secrets as they are found beside a key id.
    fn secret_key() -> Detector {
        Detector {
            id: text("secret"),
            trigger: Trigger::Anchor(vec![Anchor::exact("secret: ")].into()),
            reach: Reach::new(0, 40),
            shape: Shape::Parser(|window, out| {
                let range = window.range(window.hit_end..window.bytes.len());
                out.push(Candidate::new(Role::SecretKey, range));
            }),
            relate: None,
            ..GCS.clone()
        }
    }

    /// Signatures made with Python's `hmac`.
    #[test]
    fn a_secret_nearby_proves_it() {
        let secret = "wq7V/fyqDXvKRqrJTFn4uQZbPiQJo4pf9RzJbGo1";
        for url in [
            "https://storage.googleapis.com/acme/a%20b.txt?X-Goog-Algorithm=GOOG4-HMAC-SHA256&\
             X-Goog-Credential=GOOG1EQ7W%2F20250615%2Fauto%2Fstorage%2Fgoog4_request&\
             X-Goog-Date=20250615T120000Z&X-Goog-Expires=3600&X-Goog-SignedHeaders=host&\
             X-Goog-Signature=1eb70123f9bb66847922eb4c47ab86e6d8338771b430bc03b691f0117c314f05",
            "https://acme.storage.googleapis.com/a.txt?GoogleAccessId=GOOG1EQ7W&\
             Expires=1893456000&Signature=AQGKo0utYQWHzaf%2B1XVnH0Lb8mc%3D",
        ] {
            let detectors = [GCS.clone(), secret_key()];
            let context = Context::at(Timestamp(1_750_000_000));
            let verdict = |text: &str| {
                let found = reference::scan(&detectors, text.as_bytes(), &context);
                found.into_iter().find(|l| l.detector == 0).unwrap().verdict
            };
            let text = format!("secret: {secret}\n<a href='{}'>", url.replace('&', "&amp;"));
            assert_eq!(verdict(&text), Verdict::Proven, "{text}");
            let other = text.replace("secret: wq", "secret: wQ");
            assert_eq!(verdict(&other), Verdict::Supported, "{other}");
        }
    }

    #[test]
    fn cut_and_changed_text_is_no_trouble() {
        let mut texts: Vec<_> = GCS.examples.reported.to_vec();
        texts.push("&Signature=GoogleAccessId=".repeat(100).into());
        for text in texts {
            for end in 0..text.len() {
                let _ = leaks(text.get(..end).unwrap_or_default(), 0);
            }
        }
    }
}
