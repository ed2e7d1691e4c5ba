//! The fixed cases: that their expectations can be read and name what exists.

use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    path: String,
    line: u64,
    detector: String,
    expect: Expect,
    reason: String,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Expect {
    Reported,
    Refuted,
}

#[test]
fn expectations_name_lines_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixed");
    let text = std::fs::read_to_string(root.join("expectations.jsonl")).expect("expectations");
    let known: Vec<&str> = crate::family::FAMILIES.iter().map(|family| family.detector).collect();
    let mut kinds = [0, 0];
    for line in text.lines() {
        let case: Expectation = serde_json::from_str(line).expect(line);
        let content = std::fs::read_to_string(root.join(&case.path)).expect(&case.path);
        let text = content.lines().nth(case.line as usize - 1).expect("the line");
        assert!(!text.trim().is_empty(), "{line}");
        assert!(known.contains(&case.detector.as_str()), "{line}");
        assert!(!case.reason.is_empty());
        kinds[usize::from(case.expect == Expect::Refuted)] += 1;
    }
    assert!(kinds[0] >= 5 && kinds[1] >= 5, "{kinds:?}");
}
