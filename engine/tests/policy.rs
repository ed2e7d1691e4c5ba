//! One secret is one record, whatever the order in which findings come.
#![cfg(feature = "report")]
#![allow(missing_docs)]

use std::path::PathBuf;

use leaksieve::Scanner;
use leaksieve::detectors::detector::{
    Anchor, Examples, List, Reach, Shape, TokenForm, Trigger, text,
};
use leaksieve::detectors::evidence::Inspection;
use leaksieve::detectors::{Detector, Severity, Verdict};
use leaksieve::input::Origin;
use leaksieve::ledger::Ledger;
use leaksieve::policy::{Groups, MAX_PLACES, Record, Selection};
use leaksieve::report::{
    Disclosure, JsonReport, JsonlReport, Report, SarifReport, Scan, Style, Summary, TextReport,
};
use leaksieve::run::Located;

const KEY: &str = "TESTKEY_a8Kf03LsPq92ZxVb71Mn";
const OTHER: &str = "TESTKEY_b8Kf03LsPq92ZxVb71Mn";

fn detector() -> Detector {
    const ANCHORS: &[Anchor] = &[Anchor::exact("TESTKEY_")];
    Detector {
        id: text("test-key"),
        title: text("test key"),
        provider: text("tests"),
        tags: List::Borrowed(&[]),
        trigger: Trigger::Anchor(List::Borrowed(ANCHORS)),
        reach: Reach::new(1, 32),
        shape: Shape::Token {
            form: TokenForm {
                class: |b| b.is_ascii_alphanumeric(),
                min: 20,
                max: 20,
                boundary: |b| b.is_ascii_alphanumeric(),
            },
            inspect: |_| Inspection::of(Verdict::Supported),
        },
        companions: List::Borrowed(&[]),
        relate: None,
        severity: Severity::Critical,
        remedy: text("Throw it away."),
        examples: Examples::default(),
    }
}

fn scanner() -> Scanner {
    Scanner::builder().detectors(vec![detector()]).build().unwrap()
}

fn located(files: &[(&str, &str)]) -> Vec<Located> {
    let scanner = scanner();
    let one = |(path, text): &(&str, &str)| {
        let origin = Origin::File(PathBuf::from(path));
        let findings = scanner.find_all(text.as_bytes()).into_iter();
        findings.map(move |finding| Located { origin: origin.clone(), finding }).collect::<Vec<_>>()
    };
    files.iter().flat_map(one).collect()
}

fn records(roots: &[&str], found: impl IntoIterator<Item = Located>) -> Vec<Record> {
    let mut groups = Groups::new(roots.iter().map(PathBuf::from).collect());
    for located in found {
        groups.add(located);
    }
    groups.finish()
}

fn jsonl(records: &[Record], disclosure: Disclosure) -> String {
    let mut out = Vec::new();
    let mut report = JsonlReport::new(&mut out, disclosure);
    for record in records {
        report.record(record).unwrap();
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn the_order_of_findings_does_not_matter() {
    let twice = format!("{KEY}\n\n  {KEY}\n{OTHER}");
    let one = format!("x = {KEY}");
    let mut found = located(&[("b.txt", &twice), ("a.txt", &one), ("tests/c.txt", &one)]);
    let expected = jsonl(&records(&[], found.clone()), Disclosure::Masked);
    for _ in 0..found.len() {
        found.rotate_left(1);
        assert_eq!(jsonl(&records(&[], found.clone()), Disclosure::Masked), expected);
        let reversed = found.iter().rev().cloned();
        assert_eq!(jsonl(&records(&[], reversed), Disclosure::Masked), expected);
    }
    let all = records(&[], found);
    assert_eq!(all.len(), 2);
    let places: Vec<String> = std::iter::once(all[0].first())
        .chain(all[0].others())
        .map(|p| format!("{}:{}:{}", p.origin.name(), p.location.line, p.location.column))
        .collect();
    assert_eq!(
        places,
        ["a.txt:1:5", "b.txt:1:1", "b.txt:3:3", "tests/c.txt:1:1"]
            .map(|p| { if p.starts_with("tests") { "tests/c.txt:1:5" } else { p } })
    );
    assert_eq!(all[0].count(), 4);
    assert_eq!(all[1].first().origin.name(), "b.txt");
}

#[test]
fn the_same_place_twice_is_one_place() {
    let found = located(&[("a", KEY), ("a", KEY)]);
    assert_eq!(records(&[], found)[0].count(), 1);
}

#[test]
fn places_are_capped_and_counted() {
    let many = format!("{KEY}\n").repeat(MAX_PLACES + 500);
    let mut found = located(&[("a", &many)]);
    found.reverse();
    let record = &records(&[], found)[0];
    assert_eq!(record.count() as usize, MAX_PLACES + 500);
    assert_eq!(record.others().len(), MAX_PLACES - 1);
    assert_eq!(record.first().location.line, 1);
}

#[test]
fn a_place_among_tests_lowers_and_the_worst_place_counts() {
    let severity = |roots: &[&str], files: &[(&str, &str)]| {
        let all = records(roots, located(files));
        (all[0].severity(), all[0].first().severity)
    };
    use Severity::{Critical, High};
    assert_eq!(severity(&[], &[("tests/a", KEY)]), (High, High));
    assert_eq!(severity(&[], &[("docs/a", KEY), ("src/b", KEY)]), (Critical, High));
    // The way to a checkout says nothing about what is in it.
    let root = if cfg!(windows) { r"C:\docs\checkout" } else { "/docs/checkout" };
    let inside = format!("{root}/src/a");
    assert_eq!(severity(&[root], &[(&inside, KEY)]), (Critical, Critical));
    assert_eq!(severity(&["docs"], &[("docs/a", KEY)]), (High, High));
}

#[test]
fn no_report_shows_a_secret_unasked() {
    let scanner = scanner();
    let line = format!("both {KEY} {OTHER} here");
    let records = records(&[], located(&[("a\x1b[2J b", &line)]));
    let ledger = Ledger::default();
    let summary = Summary::of(&records, 0, &ledger, &[], std::time::Duration::ZERO);
    let head = Scan { version: "1.2.3", information_uri: "", detectors: scanner.detectors() };
    let write = |disclosure: Disclosure| -> Vec<String> {
        let mut outs: [Vec<u8>; 4] = Default::default();
        let [text, json, jsonl, sarif] = &mut outs;
        let mut reports: Vec<Box<dyn Report + '_>> = vec![
            Box::new(TextReport::new(
                text,
                disclosure,
                Style { verbose: true, ..Style::default() },
            )),
            Box::new(JsonReport::new(json, disclosure)),
            Box::new(JsonlReport::new(jsonl, disclosure)),
            Box::new(SarifReport::new(sarif, disclosure)),
        ];
        for report in &mut reports {
            report.begin(&head).unwrap();
            for record in &records {
                report.record(record).unwrap();
            }
            report.end(&summary).unwrap();
        }
        drop(reports);
        outs.map(|out| String::from_utf8(out).unwrap()).into()
    };
    for output in write(Disclosure::Masked) {
        assert!(!output.contains(&KEY[4..]) && !output.contains(&OTHER[4..]), "{output}");
        assert!(output.contains("TEST********"), "{output}");
        assert!(!output.contains('\x1b'), "{output}");
    }
    for output in write(Disclosure::Revealed) {
        assert!(output.contains(KEY) && output.contains(OTHER), "{output}");
    }
}

/// The same key as [`detector`] finds, and what may stand before it.
fn wider() -> Detector {
    const ANCHORS: &[Anchor] = &[Anchor::exact("wide_TESTKEY_")];
    Detector {
        id: text("wider-key"),
        trigger: Trigger::Anchor(List::Borrowed(ANCHORS)),
        ..detector()
    }
}

#[test]
fn what_does_not_report_hides_nothing_and_is_masked() {
    let found = |only: Option<&str>, object: &str| -> Vec<(String, String)> {
        // Either may be the first.
        let both = [vec![detector(), wider()], vec![wider(), detector()]].map(|detectors| {
            let mut builder = Scanner::builder().detectors(detectors);
            if let Some(id) = only {
                builder = builder.report_only([id]);
            }
            let findings = builder.build().unwrap().find_all(object.as_bytes());
            findings
                .iter()
                .map(|f| (f.detector().id.to_string(), f.excerpt().masked().text))
                .collect::<Vec<_>>()
        });
        assert_eq!(both[0], both[1]);
        both[0].clone()
    };
    let ids = |found: &[(String, String)]| -> Vec<String> {
        found.iter().map(|(id, _)| id.clone()).collect()
    };
    let object = format!("a = wide_{KEY}; b = {OTHER}");
    assert_eq!(ids(&found(None, &object)), ["wider-key", "test-key"]);
    for (only, count) in [("wider-key", 1), ("test-key", 2)] {
        let found = found(Some(only), &object);
        assert_eq!(ids(&found), vec![only; count]);
        for (_, line) in found {
            assert!(!line.contains(&KEY[8..]) && !line.contains(&OTHER[8..]), "{line}");
        }
    }

    // Where both read the very same bytes.
    let twins = || [detector(), Detector { id: text("twin-key"), ..detector() }];
    for only in ["test-key", "twin-key"] {
        let scanner =
            Scanner::builder().detectors(twins().into()).report_only([only]).build().unwrap();
        let findings = scanner.find_all(KEY.as_bytes());
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].detector().id, only);
    }
    let unknown = Scanner::builder().detectors(twins().into()).report_only(["no-such"]).build();
    assert!(unknown.is_err());
}

#[test]
fn a_detector_that_is_enabled_beside_a_composed_one_finds_what_it_finds_alone() {
    use leaksieve::detectors::builtin;
    let composed: Vec<Detector> =
        builtin().into_iter().filter(|d| matches!(d.trigger, Trigger::Parts)).collect();
    for detector in builtin() {
        let scan = |others: &[&Detector], object: &str| {
            let selection = others
                .iter()
                .fold(Selection::all().enable(detector.id.clone()), |selection, other| {
                    selection.enable(other.id.clone())
                });
            let detectors = selection.narrow(builtin()).unwrap();
            let ids: Vec<String> = detectors
                .iter()
                .map(|d| d.id.to_string())
                .filter(|id| selection.reports(id))
                .collect();
            let scanner = Scanner::builder().detectors(detectors).report_only(ids).build().unwrap();
            let findings = scanner.find_all(object.as_bytes());
            assert!(findings.iter().all(|f| selection.reports(&f.detector().id)));
            findings.iter().filter(|f| f.detector().id == detector.id).count()
        };
        for example in detector.examples.reported.iter() {
            let alone = scan(&[], example);
            assert!(alone > 0, "{}", detector.id);
            for other in composed.iter().filter(|c| c.id != detector.id) {
                assert_eq!(scan(&[other], example), alone, "{} and {}", detector.id, other.id);
            }
        }
    }
}

#[test]
fn selection_narrows_what_is_searched_for() {
    let all = || vec![detector()];
    assert_eq!(Selection::all().narrow(all()).unwrap().len(), 1);
    assert!(Selection::all().disable("test-*").narrow(all()).unwrap().is_empty());
    assert!(Selection::all().enable("tset-key").narrow(all()).is_err());
}
