//! SARIF 2.1.0, for code-scanning dashboards.
//!
//! The document is written as it goes; only the detectors are held. Columns
//! count Unicode code points, as [`Location`](crate::Location) does; byte
//! offsets and lengths are those of the stored object. Relative paths become
//! relative URIs, absolute ones `file:` URIs.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::Path;

use leaksieve_detectors::{Detector, Severity};
use serde_json::{Value, json};

#[cfg(feature = "git")]
use super::history::JsonHistoryPlace;
use super::record::{JsonFacts, JsonHistory, SCHEMA, names, unlisted};
use super::{Disclosure, Report, Scan, Summary, chain, safe};
use crate::input::Origin;
#[cfg(feature = "git")]
use crate::input::git::GitPlace;
use crate::location::Location;
use crate::policy::Record;

const SCHEMA_URI: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Other places of a secret that a result names. Dashboards refuse documents
/// of many megabytes; the result says how many there are in all.
const MAX_RELATED: usize = 100;

/// Writes a SARIF 2.1.0 log with one run.
#[derive(Debug)]
pub struct SarifReport<W> {
    out: W,
    disclosure: Disclosure,
    rules: HashMap<String, usize>,
    empty: bool,
}

impl<W: Write> SarifReport<W> {
    /// A report that is written to `out`.
    pub fn new(out: W, disclosure: Disclosure) -> Self {
        Self { out, disclosure, rules: HashMap::new(), empty: true }
    }

    fn json(&mut self, value: &Value) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, value)?;
        Ok(())
    }
}

impl<W: Write> Report for SarifReport<W> {
    fn begin(&mut self, scan: &Scan<'_>) -> io::Result<()> {
        self.rules =
            scan.detectors.iter().enumerate().map(|(i, d)| (d.id.to_string(), i)).collect();
        let rules: Vec<Value> = scan.detectors.iter().map(rule).collect();
        let tool = json!({ "driver": {
            "name": "leaksieve",
            "semanticVersion": scan.version,
            "informationUri": scan.information_uri,
            "rules": rules,
        }});
        write!(self.out, "{{\"$schema\":\"{SCHEMA_URI}\",\"version\":\"2.1.0\",\"runs\":[{{")?;
        self.out.write_all(b"\"tool\":")?;
        self.json(&tool)?;
        self.out.write_all(b",\n\"columnKind\":\"unicodeCodePoints\",\n\"results\":[")
    }

    fn record(&mut self, record: &Record) -> io::Result<()> {
        self.out.write_all(if self.empty { b"\n" } else { b",\n" })?;
        self.empty = false;
        let rule = self.rules.get(record.detector().id.as_ref()).copied();
        let result = result(record, rule, self.disclosure);
        self.json(&result)
    }

    fn end(&mut self, summary: &Summary<'_>) -> io::Result<()> {
        self.out.write_all(b"\n],\n\"invocations\":[")?;
        let skips = summary.skips(|s| s.kind.is_incomplete(), usize::MAX);
        let notifications: Vec<Value> = skips
            .iter()
            .map(|skip| {
                let mut text =
                    format!("{}: not scanned: {}", safe(&skip.origin.name()), skip.kind.name());
                if !skip.detail.is_empty() {
                    text.push_str(": ");
                    text.push_str(&skip.detail);
                }
                let accepted = summary.accepted.contains(&skip.kind);
                json!({
                    "descriptor": { "id": skip.kind.name() },
                    "level": if accepted { "note" } else { "warning" },
                    "message": { "text": text },
                    "locations": [{ "physicalLocation": {
                        "artifactLocation": { "uri": uri(&skip.origin) },
                    }}],
                })
            })
            .collect();
        let ledger = summary.ledger;
        let skipped: serde_json::Map<String, Value> =
            ledger.counts().map(|(k, n)| (k.name().to_owned(), n.into())).collect();
        let mut invocation = json!({
            "executionSuccessful": !summary.is_incomplete(),
            "toolExecutionNotifications": notifications,
            "properties": {
                "objects": ledger.objects,
                "bytes": ledger.bytes,
                "skipped": skipped,
                "unlisted": unlisted(&summary.unlisted),
                "seconds": summary.elapsed.as_secs_f64(),
            },
        });
        if let Some(history) = &ledger.history {
            let history = serde_json::to_value(JsonHistory::new(history)).unwrap_or_default();
            invocation["properties"]["history"] = history;
        }
        self.json(&invocation)?;
        self.out.write_all(b"]}]}\n")?;
        self.out.flush()
    }
}

fn rule(detector: &Detector) -> Value {
    let tags: Vec<&str> =
        ["security"].into_iter().chain(detector.tags.iter().map(|t| &**t)).collect();
    json!({
        "id": detector.id,
        "name": camel_case(&detector.id),
        "shortDescription": { "text": detector.title },
        "fullDescription": { "text": format!("{} ({})", detector.title, detector.provider) },
        "help": { "text": detector.remedy, "markdown": detector.remedy },
        "defaultConfiguration": { "level": level(detector.severity) },
        "properties": {
            "tags": unique(tags),
            "precision": "high",
            "security-severity": security_severity(detector.severity),
        },
    })
}

fn result(record: &Record, rule: Option<usize>, disclosure: Disclosure) -> Value {
    let finding = record.finding();
    let detector = record.detector();
    let origin = disclosure.origin(record.first());
    let mut region = region(&record.first().location);
    let line = disclosure.line(finding);
    // A snippet is the text of its region; a longer region has none that
    // could be shown.
    region["snippet"] = json!({ "text": line.text.get(line.mark.clone()).unwrap_or_default() });
    let mut context = json!({
        "startLine": record.first().location.line,
        "snippet": { "text": line.text },
    });
    if record.first().location.end_line > record.first().location.line {
        context["endLine"] = record.first().location.end_line.into();
    }
    let mut related: Vec<Value> = finding
        .parts()
        .iter()
        .filter(|p| p.location() != finding.location())
        .map(|part| {
            let text = format!("{} {}", part.role().name(), disclosure.part(part));
            location(origin, &part.location(), Some(text))
        })
        .collect();
    related.extend(record.others().iter().take(MAX_RELATED).map(|place| {
        let message = match chain(&place.decoded) {
            Some(chain) => format!("the same secret, decoded from {chain}"),
            None => "the same secret".to_owned(),
        };
        let origin = disclosure.origin(place);
        #[allow(unused_mut)]
        let mut other = location(origin, &place.location, Some(message));
        #[cfg(feature = "git")]
        if let Some(history) = JsonHistoryPlace::short(origin) {
            other["properties"] = serde_json::to_value(history).unwrap_or_default();
        }
        other
    }));
    let mut message = format!("{}: {}", detector.title, disclosure.secret(finding));
    let reason = record.reason();
    if !reason.is_empty() {
        message.push_str(&format!(". {}: {reason}", capitalised(record.verdict().name())));
    }
    message.push('.');
    if let Some(chain) = chain(finding.decoded()) {
        message.push_str(&format!(" Decoded from {chain}."));
    }
    if record.count() > 1 {
        message.push_str(&format!(" In {} places.", record.count()));
    }
    let mut result = json!({
        "ruleId": detector.id,
        "level": if record.is_refuted() { "none" } else { level(record.severity()) },
        "kind": if record.is_refuted() { "notApplicable" } else { "fail" },
        "message": { "text": message },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(origin) },
            "region": region,
            "contextRegion": context,
        }}],
        "partialFingerprints": { "leaksieve/v1": record.fingerprint().as_str() },
        "properties": {
            "schema": SCHEMA,
            "id": record.id(),
            "severity": record.severity().name(),
            "security-severity": security_severity(record.severity()),
            "verdict": record.verdict().name(),
            "decoded": names(finding.decoded()),
            "facts": serde_json::to_value(JsonFacts(record.facts())).unwrap_or_default(),
            "placeCount": record.count(),
        },
    });
    #[cfg(feature = "git")]
    if let (Some(history), Some(properties)) =
        (JsonHistoryPlace::whole(origin), result["properties"].as_object_mut())
        && let Ok(Value::Object(history)) = serde_json::to_value(history)
    {
        properties.extend(history);
    }
    if let Some(rule) = rule {
        result["ruleIndex"] = rule.into();
    }
    if !related.is_empty() {
        for (id, place) in related.iter_mut().enumerate() {
            place["id"] = id.into();
        }
        result["relatedLocations"] = related.into();
    }
    result
}

fn location(origin: &Origin, location: &Location, message: Option<String>) -> Value {
    let mut value = json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(origin) },
        "region": region(location),
    }});
    if let Some(text) = message {
        value["message"] = json!({ "text": text });
    }
    value
}

fn region(location: &Location) -> Value {
    json!({
        "startLine": location.line,
        "startColumn": location.column,
        "endLine": location.end_line,
        "endColumn": location.end_column,
        "byteOffset": location.offset,
        "byteLength": location.length,
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium | Severity::Low => "warning",
        Severity::Info => "note",
    }
}

/// The numbers that GitHub reads as critical (over 9.0), high (7.0), medium
/// (4.0) and low.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.5",
        Severity::Info => "0.0",
    }
}

/// `aws-access-key` as `AwsAccessKey`: names of SARIF rules are identifiers.
fn camel_case(id: &str) -> String {
    id.split('-').map(capitalised).collect()
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

fn unique(mut tags: Vec<&str>) -> Vec<&str> {
    let mut seen = Vec::new();
    tags.retain(|t| {
        let new = !seen.contains(t);
        seen.push(*t);
        new
    });
    tags
}

/// The URI of an object.
fn uri(origin: &Origin) -> String {
    match origin {
        Origin::File(path) => path_uri(path),
        Origin::Stream(name) => percent_encoded(name.as_bytes()),
        Origin::Member(member) => {
            format!("{}!{}", uri(member.outer()), percent_encoded(member.path().as_bytes()))
        }
        #[cfg(feature = "git")]
        Origin::Git(place) => history_uri(place),
    }
}

/// The URI of a place in a history: as if the path stood in the work tree.
#[cfg(feature = "git")]
fn history_uri(place: &GitPlace) -> String {
    let Some(path) = place.path() else { return percent_encoded(place.name().as_bytes()) };
    let path = percent_encoded(path);
    if place.repository.as_os_str().is_empty() {
        // No path of a tree begins with a slash; what a stranger made up must not
        // read as a host.
        return relative(path.trim_start_matches('/'));
    }
    let repository = path_uri(&place.repository);
    format!("{}/{path}", repository.strip_suffix('/').unwrap_or(&repository))
}

/// A colon in the first segment would read as a scheme.
fn relative(encoded: &str) -> String {
    match encoded.split('/').next() {
        Some(first) if first.contains(':') => format!("./{encoded}"),
        _ => encoded.to_owned(),
    }
}

fn path_uri(path: &Path) -> String {
    let encoded = percent_encoded(&path_bytes(path));
    if !path.is_absolute() {
        return relative(encoded.strip_prefix("./").unwrap_or(&encoded));
    }
    match encoded.strip_prefix("//") {
        // A Windows share: its host is the URI's.
        Some(share) => format!("file://{share}"),
        None if encoded.starts_with('/') => format!("file://{encoded}"),
        None => format!("file:///{encoded}"),
    }
}

#[cfg(unix)]
fn path_bytes(path: &Path) -> Vec<u8> {
    std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).to_vec()
}

#[cfg(not(unix))]
fn path_bytes(path: &Path) -> Vec<u8> {
    path.to_string_lossy().replace('\\', "/").into_bytes()
}

/// Encodes everything that RFC 3986 does not allow in a path.
fn percent_encoded(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'A'..=b'Z'
            | b'a'..=b'z'
            | b'0'..=b'9'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b'/'
            | b':'
            | b'@'
            | b'!'
            | b'$'
            | b'&'
            | b'\''
            | b'('
            | b')'
            | b'*'
            | b'+'
            | b','
            | b';'
            | b'=' => text.push(char::from(*byte)),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn uris() {
        use std::os::unix::ffi::OsStrExt;
        for (path, expected) in [
            (&b"a b/c#d%.txt"[..], "a%20b/c%23d%25.txt"),
            (b"./x", "x"),
            (b"c:/x", "./c:/x"),
            (b"/tmp/\xc3\xa9\xff", "file:///tmp/%C3%A9%FF"),
        ] {
            let path = std::path::PathBuf::from(std::ffi::OsStr::from_bytes(path));
            assert_eq!(uri(&Origin::File(path)), expected);
        }
        assert_eq!(uri(&Origin::Stream("<stdin>".to_owned())), "%3Cstdin%3E");
    }

    #[cfg(feature = "git")]
    #[test]
    fn uris_of_a_history() {
        use crate::input::git::{Holder, Oid};
        let object = Oid::from_bytes(&[1; 20]).unwrap();
        for (repository, path, expected) in [
            ("", &b"a b\xff/c"[..], "a%20b%FF/c"),
            ("", b"c:/x", "./c:/x"),
            ("", b"//host/x", "host/x"),
            ("/tmp/r", b"x", "file:///tmp/r/x"),
            ("lib", b"x", "lib/x"),
        ] {
            let holder = Holder::File(path.into());
            let place = GitPlace { holder, ..GitPlace::of_object(repository.into(), object) };
            assert_eq!(uri(&Origin::Git(Box::new(place))), expected);
        }
    }

    #[test]
    fn names() {
        assert_eq!(camel_case("aws-access-key"), "AwsAccessKey");
        assert_eq!(unique(vec!["security", "aws", "security"]), ["security", "aws"]);
    }
}
