//! The verbs, and the flags that change what they find.

use serde_json::Value;

use crate::sandbox::{Sandbox, pair};

#[test]
fn standard_input_is_scanned() {
    let box_ = Sandbox::new();
    let leak = pair(1);
    for args in [&["stdin", "-f", "jsonl"][..], &["scan", "-", "-f", "jsonl"]] {
        let ran = box_.feed(args, leak.env().as_bytes());
        assert_eq!(ran.code, Some(1), "{args:?}: {ran:#?}");
        let record: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!((&record["path"], &record["line"]), (&"<stdin>".into(), &2.into()));
    }
    assert_eq!(box_.feed(&["stdin"], b"").code, Some(0));
}

#[test]
fn refuted_values_are_listed_on_request() {
    let box_ = Sandbox::new();
    box_.write("doc.md", "use AKIAIOSFODNN7EXAMPLE here\n");
    let ran = box_.run(&["scan", "doc.md"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""), "{ran:#?}");
    let ran = box_.run(&["scan", "doc.md", "--show-refuted", "--fail-on", "info"]);
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    assert!(ran.out.contains("REFUTED") && ran.out.contains("documentation value"), "{ran:#?}");
}

#[test]
fn thresholds_and_canaries() {
    let box_ = Sandbox::new();
    box_.write("id.txt", pair(1).id);
    let ran = box_.run(&["scan", "id.txt", "--min-severity", "low"]);
    assert_eq!(ran.out, "");
    assert!(ran.err.contains("1 below the minimum severity"), "{ran:#?}");
    let ran = box_.run(&["scan", "id.txt", "--canary-account", "609629065308", "-f", "jsonl"]);
    assert!(ran.out.contains("\"canary\":true"), "{ran:#?}");
}

#[test]
fn explain_tells_what_was_kept_and_what_was_refused() {
    let box_ = Sandbox::new();
    let text = format!("{}\nAKIAIOSFODNN7EXAMPLE\nnothing\n", pair(1).env());
    box_.write("leak.env", text);
    let ran = box_.run(&["explain", "leak.env:1"]);
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    assert!(ran.out.contains("anchors seen") && ran.out.contains("\"AKIA\""), "{ran:#?}");
    assert!(ran.out.contains("part of aws-access-key (critical)"), "{ran:#?}");
    let ran = box_.run(&["explain", "leak.env:4:1"]);
    assert!(ran.out.contains("refuted: documentation value"), "{ran:#?}");
    let ran = box_.run(&["explain", "leak.env:5"]);
    assert!(ran.out.contains("nothing was looked at"), "{ran:#?}");
    let ran = box_.run(&["explain", "leak.env", "-f", "json"]);
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    assert!(json["candidates"].as_array().unwrap().len() >= 3, "{json:#}");
}

#[test]
fn explain_reads_what_scan_reads() {
    let box_ = Sandbox::new();
    let wide: Vec<u8> = pair(1).env().encode_utf16().flat_map(u16::to_be_bytes).collect();
    box_.write("wide.env", wide);
    assert_eq!(box_.run(&["scan", "wide.env"]).code, Some(1));
    let ran = box_.run(&["explain", "wide.env:2"]);
    assert!(ran.out.contains("reported as aws-access-key (critical)"), "{ran:#?}");
}

#[test]
fn explain_lists_each_value_once_and_masks_passwords() {
    let box_ = Sandbox::new();
    for rule in leaksieve::detectors::builtin() {
        let refuted = rule.examples.refuted.iter().map(|(text, _)| text);
        for text in rule.examples.reported.iter().chain(refuted) {
            box_.write("example", text.as_bytes());
            let ran = box_.run(&["explain", "example", "-f", "json"]);
            let json: Value = serde_json::from_str(&ran.out).unwrap();
            let mut seen = Vec::new();
            for c in json["candidates"].as_array().unwrap() {
                let key = [&c["role"], &c["offset"], &c["length"], &c["outcome"]].map(Value::clone);
                assert!(!seen.contains(&key), "{json:#}");
                seen.push(key);
                if c["role"] == "password" {
                    let from = c["offset"].as_u64().unwrap() as usize;
                    let value = &text[from..from + c["length"].as_u64().unwrap() as usize];
                    assert!(c["value"] != value, "{json:#}");
                }
            }
        }
    }
}

#[test]
fn the_documentation_says_what_the_program_does() {
    let ran = Sandbox::new().run(&["rules", "--format", "markdown"]);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/detectors.md");
    let written = std::fs::read_to_string(path).unwrap();
    let differs = ran.out.lines().zip(written.lines()).find(|(a, b)| a != b);
    assert!(
        ran.out == written,
        "write docs/detectors.md anew with `leaksieve rules --format markdown`: {differs:?}"
    );
}

#[test]
fn rules_are_listed_and_shown() {
    let box_ = Sandbox::new();
    let list = box_.run(&["rules"]).out;
    assert!(list.lines().any(|l| l.starts_with("aws-access-key ")), "{list}");
    assert_eq!(box_.run(&["rules", "list"]).out, list);
    let json: Value = serde_json::from_str(&box_.run(&["rules", "-f", "json"]).out).unwrap();
    assert_eq!(json.as_array().unwrap().len(), list.lines().count());
    for rule in json.as_array().unwrap() {
        let id = rule["id"].as_str().unwrap();
        let shown = box_.run(&["rules", "show", id]);
        assert!(shown.out.starts_with(id) && shown.out.contains("\nreported:\n"), "{shown:#?}");
    }
    let shown = box_.run(&["rules", "show", "aws-access-key"]).out;
    assert!(shown.contains("key-id (aws-access-key-id) nearby"), "{shown}");
    let shown = box_.run(&["rules", "show", "aws-access-key-id"]).out;
    assert!(shown.contains("severity    info\n"), "{shown}");
    let shown = box_.run(&["rules", "show", "aws-access-key-id", "--format", "json"]).out;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert!(shown["facts"].as_array().unwrap().contains(&"account_id".into()), "{shown:#}");
}

#[test]
fn completions_and_help_are_written() {
    let box_ = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = box_.run(&["completions", shell]);
        assert!(ran.code == Some(0) && ran.out.contains("leaksieve"), "{shell}: {ran:#?}");
    }
    for verb in ["scan", "dir", "stdin", "git", "hook", "rules", "explain", "completions"] {
        assert_eq!(box_.run(&[verb, "--help"]).code, Some(0), "{verb}");
    }
}

#[test]
fn the_clock_can_be_fixed() {
    let box_ = Sandbox::new();
    box_.write("leak.env", pair(1).env());
    // What does not expire is the same at any time.
    let at = |time: &str| box_.run(&["scan", ".", "-f", "jsonl", "--now", time]).out;
    assert_eq!(at("2020-01-01T00:00:00Z"), at("2040-01-01T00:00:00+02:00"));
}
