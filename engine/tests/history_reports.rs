//! What reports tell of places in a history.
#![cfg(all(feature = "git", feature = "report"))]
#![allow(missing_docs)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use leaksieve::input::Origin;
use leaksieve::input::git::{CommitInfo, GitPlace, Holder, Oid};
use leaksieve::ledger::{HistoryAccount, Ledger, Skip, SkipKind};
use leaksieve::policy::{Fingerprint, Groups, Record};
use leaksieve::report::{
    Disclosure, JsonReport, Report, SarifReport, Scan, Style, Summary, TextReport, write_skips,
    write_summary,
};
use leaksieve::run::Located;
use leaksieve::{Finding, Scanner};

fn key() -> String {
    // Written apart, so that this file leaks nothing.
    ["AKIAVX4KZTQ2HJWNCO5M", " q7tG+dPzXw3LmR9/vKc2Y", "hB5nJs8UeF1aTxo0ZiQ"].concat()
}

fn password(password: &str) -> String {
    format!("postgres://app:{password}@db.prod.internal.io:5432/app")
}

fn findings(text: &str) -> Vec<Finding> {
    let findings = Scanner::new().find_all(text.as_bytes());
    assert!(!findings.is_empty());
    findings
}

fn oid(number: u8) -> Oid {
    Oid::from_bytes(&[number; 20]).unwrap()
}

fn commit(number: u8, subject: &str) -> Arc<CommitInfo> {
    Arc::new(CommitInfo {
        id: oid(number),
        author: "Jane Doe".into(),
        email: "jane@example.org".into(),
        time: 1_551_657_600 + i64::from(number),
        offset: 60,
        subject: subject.into(),
    })
}

fn place(number: u8, holder: Holder, subject: &str) -> Origin {
    Origin::Git(Box::new(GitPlace {
        holder,
        commit: Some(commit(number, subject)),
        refs: vec!["refs/heads/main".into()],
        ref_count: 1,
        at_head: true,
        ..GitPlace::of_object("".into(), oid(100 + number))
    }))
}

fn file(path: &str) -> Holder {
    Holder::File(path.as_bytes().into())
}

fn records(found: &[(Origin, &[Finding])]) -> Vec<Record> {
    let mut groups = Groups::default();
    for (origin, findings) in found {
        for finding in *findings {
            groups.add(Located { origin: origin.clone(), finding: finding.clone() });
        }
    }
    groups.finish().records
}

fn reports(records: &[Record], ledger: &Ledger, verbose: bool) -> [String; 3] {
    let summary = Summary::of(records, 0, ledger, &[], Duration::ZERO);
    let style = Style { verbose, width: 300, ..Style::default() };
    let mut outs: [Vec<u8>; 3] = Default::default();
    let [text, json, sarif] = &mut outs;
    let mut reports: [Box<dyn Report + '_>; 3] = [
        Box::new(TextReport::new(text, Disclosure::Masked, style)),
        Box::new(JsonReport::new(json, Disclosure::Masked)),
        Box::new(SarifReport::new(sarif, Disclosure::Masked)),
    ];
    for report in &mut reports {
        report.begin(&Scan { version: "1", information_uri: "", detectors: &[] }).unwrap();
        records.iter().for_each(|record| report.record(record).unwrap());
        report.end(&summary).unwrap();
    }
    drop(reports);
    outs.map(|out| String::from_utf8(out).unwrap())
}

#[test]
fn every_report_tells_the_commit() {
    let found = findings(&key());
    // In the order of time, whatever the order in which they come.
    let all = records(&[
        (place(2, file("b.txt"), "Move"), &found),
        (place(1, file("a.txt"), "Add"), &found),
    ]);
    let [text, json, sarif] = reports(&all, &Ledger::default(), false);
    assert!(text.contains("  a.txt:1:22\n"), "{text}");
    assert!(text.contains("0101010101 2019-03-04 Jane Doe: Add  (still at HEAD; main)"), "{text}");
    assert!(text.contains("b.txt:1:22  (0202020202)"), "{text}");

    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let record = &json["findings"][0];
    assert_eq!(record["schema"], "leaksieve/1");
    assert_eq!(record["path"], "a.txt");
    assert_eq!(record["commit"], oid(1).to_string());
    assert_eq!(record["date"], "2019-03-04T01:00:01+01:00");
    assert_eq!(record["refs"][0], "refs/heads/main");
    for (name, value) in [
        ("author", "Jane Doe"),
        ("email", "jane@example.org"),
        ("subject", "Add"),
        ("holder", "file"),
    ] {
        assert_eq!(record[name], value);
    }
    assert_eq!(record["object"], oid(101).to_string());
    assert!(record.get("repository").is_none());
    assert_eq!(record["places"][0]["commit"], oid(2).to_string());

    let sarif: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["properties"]["commit"], oid(1).to_string());
    let related = result["relatedLocations"].as_array().unwrap();
    assert!(related.iter().any(|l| l["properties"]["commit"] == oid(2).to_string()));
}

#[test]
fn files_have_no_commit() {
    let all = records(&[(Origin::File("a".into()), &findings(&key()))]);
    let [text, json, _] = reports(&all, &Ledger::default(), true);
    assert!(!text.contains("commit") && !json.contains("\"commit\""));
    assert!(!json.contains("\"at_head\"") && !json.contains("\"history\""));
}

#[test]
fn what_is_told_of_a_commit_shows_no_secret() {
    let long = key();
    let weak = password("wint3r");
    let escaped = password("win%74er%2Dcoat-99");
    let all = records(&[
        (place(1, Holder::Commit, &format!("Use {weak}")), &findings(&weak)),
        (place(2, Holder::Commit, &format!("Use {escaped}")), &findings(&escaped)),
        (place(3, file("a.txt"), &format!("Add {long}")), &findings(&long)),
        // The key of another record.
        (place(4, file("b.txt"), &format!("No longer {long}")), &findings(&password("other-1"))),
    ]);
    assert_eq!(all.len(), 4);
    for verbose in [false, true] {
        for report in reports(&all, &Ledger::default(), verbose) {
            for secret in ["wint3r", "win%74er", "winter-coat", "+dPzXw3LmR9", "UeF1aTxo0"] {
                assert!(!report.contains(secret), "{secret}: {report}");
            }
            assert!(report.contains("Use postgres://app:********@db."), "{report}");
            assert!(report.contains("No longer AKIAVX4KZTQ2HJWNCO5M ********"), "{report}");
        }
    }
}

#[test]
fn known_fingerprints_are_not_computed_again() {
    let weak = findings(&password("wint3r-coat"));
    let strong = findings(&key());
    let origin = place(1, file("a.txt"), "Add");
    let before = records(&[(origin.clone(), &weak), (origin.clone(), &strong)]);
    let print = before.iter().find(|r| r.fingerprint().as_str().starts_with("a2:")).unwrap();
    let print = print.fingerprint().clone();

    let asked = Arc::new(AtomicUsize::new(0));
    let (told, counted, asked_origin) = (print.clone(), asked.clone(), origin.clone());
    let mut groups = Groups::default().known_fingerprints(move |_, origin, location| {
        counted.fetch_add(1, Ordering::Relaxed);
        assert_eq!(*origin, asked_origin);
        assert!(location.length > 0);
        Some(told.clone())
    });
    for finding in weak.iter().chain(&strong) {
        groups.add(Located { origin: origin.clone(), finding: finding.clone() });
    }
    let after = groups.finish().records;
    let names = |records: &[Record]| -> Vec<(String, Fingerprint)> {
        records.iter().map(|r| (r.id().to_owned(), r.fingerprint().clone())).collect()
    };
    assert_eq!(names(&before), names(&after));
    // Cheap ones are computed faster than asked for.
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn the_account_of_a_history_is_told() {
    let mut history = HistoryAccount::default();
    history.commits = 1200;
    history.blobs = 3400;
    history.blob_bytes = 5_000_000;
    history.searched_bytes = 700_000;
    history.whole_bytes = 200_000;
    history.absent = 7;
    history.cut = 1;
    let mut ledger = Ledger::default();
    ledger.history = Some(history);
    let skip = |kind, detail: &str| Skip {
        origin: Origin::Git(Box::new(GitPlace::of_object("".into(), oid(1)))),
        kind,
        detail: detail.to_owned(),
    };
    ledger.skip(skip(SkipKind::ShallowHistory, ""));
    assert!(!ledger.is_incomplete(&[]));
    ledger.skip(skip(SkipKind::DamagedObject, "wrong checksum"));
    let mut twice = Ledger::default();
    twice.merge(ledger.clone());
    twice.merge(ledger.clone());
    assert_eq!(twice.history.unwrap().commits, 2400);

    let summary = Summary::of(&[], 0, &ledger, &[], Duration::ZERO);
    let style = Style { verbose: true, ..Style::default() };
    let mut out = Vec::new();
    write_skips(&mut out, "leaksieve: ", &summary, &style).unwrap();
    write_summary(&mut out, &summary, &style).unwrap();
    let text = String::from_utf8(out).unwrap();
    for line in [
        "history: 1,200 commits, 3,400 blobs (5.0 MB), 700.0 kB of them searched; 4.0 % fell back on \
         a search of the whole; partial clone: 7 objects are absent; shallow clone: what came \
         before 1 commit is not there\n",
        "left out by rule: 1 shallow-history\n",
        "NOT SCANNED: 1 damaged-object\n",
        "0101>: not scanned: it is damaged: wrong checksum\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
    let [_, json, sarif] = reports(&[], &ledger, false);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["summary"]["history"]["absent"], 7);
    assert!(sarif.contains("\"absent\":7"));
}
