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
use leaksieve::policy::{Collected, Groups, MAX_PLACES, Record, Selection, Unlisted};
use leaksieve::report::{
    Disclosure, JsonReport, JsonlReport, Report, SarifReport, Scan, Style, Summary, TextReport,
    write_summary,
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
        opt_in: false,
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
    let collected = groups.finish();
    assert_eq!(collected.unlisted, Unlisted::default());
    collected.records
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

/// Findings of many secrets in a random order, some of them at several places
/// and so of several severities.
fn shuffled(found: &[Located], seed: u64) -> Vec<Located> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut found = found.to_vec();
    for i in (1..found.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        found.swap(i, (state % (i as u64 + 1)) as usize);
    }
    found
}

fn collected(max: usize, found: impl IntoIterator<Item = Located>) -> Collected {
    let mut groups = Groups::new(Vec::new()).max_records(max);
    found.into_iter().for_each(|located| groups.add(located));
    groups.finish()
}

fn key(number: usize) -> String {
    format!("TESTKEY_a8Kf03LsPq92Z{number:07}")
}

#[test]
fn what_is_kept_of_too_many_does_not_depend_on_their_order() {
    let keys = |numbers: &mut dyn Iterator<Item = usize>| -> String {
        numbers.map(|n| key(n) + "\n").collect()
    };
    // High among tests, critical elsewhere; some at both, and some twice in one.
    let found = located(&[
        ("a/tests/1", &keys(&mut (0..60))),
        ("b/src/2", &keys(&mut (0..40).step_by(3).chain(100..110))),
        ("c/src/3", &keys(&mut (30..50).chain((5..60).step_by(7)))),
        ("d/tests/4", &keys(&mut (0..120).step_by(2))),
    ]);
    for max in [1, 5, 20, 40, 57, 70] {
        let Collected { records, unlisted } = collected(max, found.clone());
        let expected = jsonl(&records, Disclosure::Masked);
        assert_eq!(records.len(), max);
        let listed: u64 = records.iter().map(Record::count).sum();
        assert_eq!(listed + unlisted.total(), found.len() as u64);
        let worst_unlisted = unlisted.highest().unwrap();
        assert!(records.iter().all(|r| r.severity() >= worst_unlisted));
        assert!(records.iter().all(|r| r.first().severity == r.severity()));
        for seed in 0..60 {
            let again = collected(max, shuffled(&found, seed));
            // Too long to be shown.
            assert!(jsonl(&again.records, Disclosure::Masked) == expected, "{max}, {seed}");
            assert_eq!(again.unlisted, unlisted, "{max}, {seed}");
        }
    }
    // As many as there are: nothing is missing.
    let all = collected(100, found.clone());
    assert_eq!(all.records.len(), 95);
    assert_eq!(all.unlisted, Unlisted::default());
    assert_eq!(
        jsonl(&all.records, Disclosure::Masked),
        jsonl(&records(&[], found), Disclosure::Masked)
    );
}

#[test]
fn many_places_of_few_among_too_many_are_counted_alike() {
    let often = format!("{}\n", key(1)).repeat(MAX_PLACES + 300);
    let others: String = (2..30).map(|n| key(n) + "\n").collect();
    let found = located(&[("a/tests/1", &often), ("b/src/2", &often), ("c/src/3", &others)]);
    for max in [1, 3, 10] {
        let once = collected(max, found.clone());
        let expected = jsonl(&once.records, Disclosure::Masked);
        let listed: u64 = once.records.iter().map(Record::count).sum();
        assert_eq!(listed + once.unlisted.total(), found.len() as u64);
        for seed in 0..4 {
            let again = collected(max, shuffled(&found, seed));
            // Too long to be shown.
            assert!(jsonl(&again.records, Disclosure::Masked) == expected, "{max}, {seed}");
            assert_eq!(again.unlisted, once.unlisted, "{max}, {seed}");
        }
    }
}

#[test]
fn summaries_tell_what_is_not_listed() {
    let keys: String = (0..1300).map(|n| key(n) + "\n").collect();
    let Collected { records, unlisted } = collected(2, located(&[("src/a", &keys)]));
    let ledger = Ledger::default();
    let summary =
        Summary::of(&records, 0, &ledger, &[], std::time::Duration::ZERO).unlisted(unlisted);
    let mut text = Vec::new();
    write_summary(&mut text, &summary, &Style::default()).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("\n1,298 more critical findings are not listed\n"), "{text}");
    let mut outs: [Vec<u8>; 2] = Default::default();
    let [json, sarif] = &mut outs;
    JsonReport::new(json, Disclosure::Masked).end(&summary).unwrap();
    SarifReport::new(sarif, Disclosure::Masked).end(&summary).unwrap();
    for out in outs {
        let out = String::from_utf8(out).unwrap();
        assert!(out.contains(r#""unlisted":{"critical":1298}"#), "{out}");
    }
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
                .filter(|d| selection.reports(d))
                .map(|d| d.id.to_string())
                .collect();
            let scanner = Scanner::builder().detectors(detectors).report_only(ids).build().unwrap();
            let findings = scanner.find_all(object.as_bytes());
            assert!(findings.iter().all(|f| selection.reports(f.detector())));
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

#[test]
fn every_place_says_how_it_is_encoded() {
    let hexadecimal: String = KEY.bytes().map(|byte| format!("{byte:02x}")).collect();
    let percent: String = KEY.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let files = [("a", KEY), ("b", &*hexadecimal), ("c", &*percent)];
    let records = records(&[], located(&files));
    assert_eq!(records.len(), 1, "{records:?}");
    let ledger = Ledger::default();
    let summary = Summary::of(&records, 0, &ledger, &[], std::time::Duration::ZERO);
    let scanner = scanner();
    let head = Scan { version: "1.2.3", information_uri: "", detectors: scanner.detectors() };
    let mut outs: [Vec<u8>; 3] = Default::default();
    let [text, jsonl, sarif] = &mut outs;
    let disclosure = Disclosure::default();
    let mut reports: [Box<dyn Report + '_>; 3] = [
        Box::new(TextReport::new(text, disclosure, Style::default())),
        Box::new(JsonlReport::new(jsonl, disclosure)),
        Box::new(SarifReport::new(sarif, disclosure)),
    ];
    for report in &mut reports {
        report.begin(&head).unwrap();
        report.record(&records[0]).unwrap();
        report.end(&summary).unwrap();
    }
    drop(reports);
    let [text, jsonl, sarif] = outs.map(|out| String::from_utf8(out).unwrap());
    assert!(text.contains("b:1:1 (hex)") && text.contains("c:1:1 (percent)"), "{text}");
    assert!(jsonl.contains(r#""decoded":["hex"]"#), "{jsonl}");
    assert!(jsonl.contains(r#""decoded":["percent"]"#), "{jsonl}");
    assert!(sarif.contains("the same secret, decoded from percent"), "{sarif}");
}
