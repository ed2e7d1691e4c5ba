//! Published vectors and documentation examples are judged as
//! `corpus/fixed/expectations.jsonl` says.
#![allow(missing_docs, clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use leaksieve::Scanner;
use leaksieve::detectors::{Timestamp, Verdict};
use serde_json::Value;

#[test]
fn fixed_cases_are_judged_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus/fixed");
    let scanner =
        Scanner::builder().now(Timestamp(1_767_225_600)).keep_refuted(true).build().unwrap();
    let mut wrong = Vec::new();
    let expectations = fs::read_to_string(folder.join("expectations.jsonl")).unwrap();
    for line in expectations.lines() {
        let expected: Value = serde_json::from_str(line).unwrap();
        let text = fs::read(folder.join(expected["path"].as_str().unwrap())).unwrap();
        let verdicts: Vec<Verdict> = scanner
            .find_all(&text)
            .iter()
            .filter(|f| f.detector().id == expected["detector"].as_str().unwrap())
            .filter(|f| Some(f.location().line) == expected["line"].as_u64())
            .map(|f| f.verdict())
            .collect();
        let reported = verdicts.iter().any(|v| !matches!(v, Verdict::Refuted(_)));
        if reported != (expected["expect"] == "reported") {
            wrong.push(format!("{line}\n  {verdicts:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
