//! Listing detectors and showing one.

mod table;

use std::fmt::Write;

use leaksieve::detectors::detector::{Shape, Trigger};
use leaksieve::detectors::{Detector, Role, Severity, Timestamp};
use leaksieve::{Finding, Scanner};
use serde_json::{Value, json};

use crate::args::{RulesArgs, RulesFormatArg, RulesVerb};
use crate::destination::print;
use crate::failure::Failure;

/// The time at which examples are judged: the detectors' own tests use it too,
/// so that no example is expired.
const EXAMPLES_AT: Timestamp = Timestamp(1_750_000_000);

/// Lists the detectors or shows one.
pub(crate) fn run(args: &RulesArgs) -> Result<(), Failure> {
    let detectors = leaksieve::detectors::builtin();
    let text = match (&args.verb, args.format) {
        (None | Some(RulesVerb::List), RulesFormatArg::Text) => list(&detectors),
        (None | Some(RulesVerb::List), RulesFormatArg::Json) => {
            let all: Vec<Value> = detectors.iter().map(brief).collect();
            pretty(&Value::from(all))
        }
        (None | Some(RulesVerb::List), RulesFormatArg::Markdown) => table::markdown(&detectors),
        (Some(RulesVerb::Show { id }), format) => {
            let detector = find(&detectors, id)?;
            match format {
                RulesFormatArg::Text | RulesFormatArg::Markdown => show(detector),
                RulesFormatArg::Json => pretty(&full(detector)),
            }
        }
    };
    print(text.as_bytes())
}

fn find<'d>(detectors: &'d [Detector], id: &str) -> Result<&'d Detector, Failure> {
    detectors.iter().find(|d| d.id == id).ok_or_else(|| {
        let near: Vec<&str> =
            detectors.iter().map(|d| &*d.id).filter(|known| known.contains(id)).take(5).collect();
        let hint = if near.is_empty() {
            "`leaksieve rules` lists them".to_owned()
        } else {
            format!("there are {}", near.join(", "))
        };
        Failure::new(format!("no detector has the id {id:?}")).hint(hint)
    })
}

fn list(detectors: &[Detector]) -> String {
    let width = detectors.iter().map(|d| d.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for detector in detectors {
        let severity = detector.severity.name();
        let off = if detector.opt_in { " (off by default)" } else { "" };
        let _ = writeln!(text, "{:width$}  {severity:8}  {}{off}", detector.id, detector.title);
    }
    text
}

fn show(detector: &Detector) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}\n{}\n", detector.id, detector.title);
    let mut row = |name: &str, value: &str| {
        let mut lines = value.lines();
        let _ = writeln!(text, "{name:10}  {}", lines.next().unwrap_or_default());
        for line in lines {
            let _ = writeln!(text, "{:12}{line}", "");
        }
    };
    row("provider", &detector.provider);
    let severity = detector.severity.name();
    row(
        "severity",
        &match detector.severity {
            Severity::Info => severity.to_owned(),
            _ => format!("{severity} if it is complete and live"),
        },
    );
    if detector.opt_in {
        row("default", &format!("off; `--add-rule {}` turns it on", detector.id));
    }
    row("tags", &detector.tags.join(", "));
    row("found by", &found_by(detector).join("\n"));
    let reach = detector.reach;
    if matches!(detector.trigger, Trigger::Anchor(_)) {
        row("reach", &format!("{} bytes before, {} after the anchor", reach.before, reach.after));
    }
    let facts = facts(detector);
    if !facts.is_empty() {
        row("facts", &facts.join(", "));
    }
    row("fix", &detector.remedy);
    let examples = &detector.examples;
    let section = |text: &mut String, title: &str| {
        let _ = writeln!(text, "\n{title}:");
    };
    section(&mut text, "reported");
    for example in examples.reported.iter() {
        text.push_str(&indented(example));
    }
    section(&mut text, "refuted");
    for (example, reason) in examples.refuted.iter() {
        let _ = writeln!(text, "  # {reason}");
        text.push_str(&indented(example));
    }
    section(&mut text, "not matched");
    for example in examples.unmatched.iter() {
        text.push_str(&indented(example));
    }
    text
}

/// An example, with a blank line after it and cut where it is very long.
fn indented(example: &str) -> String {
    const WIDTH: usize = 160;
    const LINES: usize = 12;
    let mut text = String::new();
    for line in example.lines().take(LINES) {
        let shown: String = line.chars().take(WIDTH).collect();
        let cut = if line.chars().count() > WIDTH { "…" } else { "" };
        let _ = writeln!(text, "  {}{cut}", leaksieve::mask::visible(shown.as_bytes()));
    }
    if example.lines().count() > LINES {
        text.push_str("  …\n");
    }
    text.push('\n');
    text
}

fn found_by(detector: &Detector) -> Vec<String> {
    match &detector.trigger {
        Trigger::Anchor(anchors) => anchors
            .iter()
            .map(|anchor| {
                let literal = leaksieve::mask::visible(&anchor.literal);
                let case = if anchor.ignore_case { ", any case" } else { "" };
                format!("{literal:?}{case}")
            })
            .collect(),
        Trigger::Parts => detector
            .companions
            .iter()
            .map(|part| {
                let optional = if part.required { "" } else { ", if there is one" };
                let readers = readers(part.role);
                let by = if readers.is_empty() {
                    String::new()
                } else {
                    format!(" ({})", readers.join(", "))
                };
                format!("{}{by} nearby{optional}", part.role.name())
            })
            .collect(),
    }
}

/// The detectors that read values of a role in their own examples.
fn readers(role: Role) -> Vec<String> {
    let Ok(scanner) = Scanner::builder().now(EXAMPLES_AT).build() else { return Vec::new() };
    let reads = |(index, detector): (usize, &Detector)| {
        let examples = detector.examples.reported.iter();
        examples.flat_map(|text| scanner.candidates(text.as_bytes())).any(|candidate| {
            usize::from(candidate.detector) == index
                && candidate.role == role
                && !candidate.is_refuted()
        })
    };
    let all = scanner.detectors().iter().enumerate();
    all.filter(|one| reads(*one)).map(|(_, detector)| detector.id.to_string()).collect()
}

/// What the detector reports of its own examples.
fn own_findings(detector: &Detector) -> Vec<Finding> {
    let scanner = Scanner::builder()
        .detectors(leaksieve::detectors::builtin())
        .report_only([detector.id.clone()])
        .now(EXAMPLES_AT)
        .build();
    let Ok(scanner) = scanner else { return Vec::new() };
    let examples = detector.examples.reported.iter();
    examples.flat_map(|text| scanner.find_all(text.as_bytes())).collect()
}

/// The facts that are read from the detector's own examples.
fn facts(detector: &Detector) -> Vec<&'static str> {
    let findings = own_findings(detector);
    let mut names: Vec<&'static str> =
        findings.iter().flat_map(|f| f.facts().iter().map(|f| f.name())).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn brief(detector: &Detector) -> Value {
    json!({
        "id": detector.id,
        "title": detector.title,
        "provider": detector.provider,
        "severity": detector.severity.name(),
        "tags": detector.tags,
    })
}

fn full(detector: &Detector) -> Value {
    let mut value = brief(detector);
    match &detector.trigger {
        Trigger::Anchor(anchors) => {
            value["anchors"] = anchors
                .iter()
                .map(|a| {
                    let literal = String::from_utf8_lossy(&a.literal);
                    json!({ "literal": literal, "ignore_case": a.ignore_case })
                })
                .collect();
            value["reach"] =
                json!({ "before": detector.reach.before, "after": detector.reach.after });
        }
        Trigger::Parts => {
            value["companions"] = detector
                .companions
                .iter()
                .map(|c| json!({ "role": c.role.name(), "required": c.required, "shared": c.shared }))
                .collect();
        }
    }
    if let Shape::Regex { pattern, .. } = &detector.shape {
        value["regex"] = pattern.source().into();
    }
    value["facts"] = facts(detector).into();
    value["remedy"] = json!(detector.remedy);
    let examples = &detector.examples;
    let refuted: Vec<Value> = examples
        .refuted
        .iter()
        .map(|(text, reason)| json!({ "text": text, "reason": reason.phrase() }))
        .collect();
    value["examples"] = json!({
        "reported": examples.reported,
        "refuted": refuted,
        "unmatched": examples.unmatched,
    });
    value
}

/// A document that people can read too.
pub(crate) fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
