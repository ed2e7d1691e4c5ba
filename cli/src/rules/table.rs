//! The table of all detectors for the documentation: what each extracts and how
//! it is graded.
//!
//! Facts and severities are those that the detectors give of their own examples,
//! so the table says what the program does and not what somebody meant it to.

use std::collections::BTreeSet;
use std::fmt::Write;

use leaksieve::detectors::detector::Trigger;
use leaksieve::detectors::{Detector, Fact, Severity};

use super::own_findings;

/// What stands before the table.
const HEAD: &str = "\
# What is found, what is extracted, how it is graded

This file is written by `leaksieve rules --format markdown`; a test holds it to what
the program says.

A severity starts where the kind's complete, live, believed leak stands. From there
(`detectors/src/grade.rs`):

| what is known | effect |
|---|---|
| it has expired, at the second | `info` |
| it was refuted: a placeholder, a documentation value, a failed checksum | not reported; `info` with `--show-refuted` |
| a signed URL lets its holder write, delete or list, or read everything | at least `high` |
| a signed URL lives for more than 30 days, or does not expire | a step higher |
| a known service hands such URLs out by design (`issuer`) | at most `low` |
| the host is public or a managed cloud service | no change |
| the host is in a private network | at most `medium` |
| the host is a service name of a compose project or a namespace | at most `low` |
| the host is the same machine | at most `low`; `info` if every dictionary has the password |
| names say staging, development or test | a step lower |
| a passphrase protects it | a step lower |
| its statistics or structure are such as few real ones have (`doubtful`) | a step lower |
| a part is missing that makes it usable | a step lower |
| it stands in a test, an example or a document, by its path | a step lower |

Doubt and place never lower below `low`. \"Facts\" are those that the detector reads
from its own examples; what a text does not say is left out.
";

/// The whole document.
pub(super) fn markdown(detectors: &[Detector]) -> String {
    let mut text = HEAD.to_owned();
    text.push_str(
        "\n| detector | what it is | of | parts; facts | severity |\n|---|---|---|---|---|\n",
    );
    for detector in detectors {
        let _ = writeln!(
            text,
            "| `{}` | {}{} | {} | {} | {} |",
            detector.id,
            detector.title,
            if detector.opt_in { " (off by default)" } else { "" },
            detector.provider,
            extracted(detector),
            graded(detector),
        );
    }
    text
}

/// The roles of the parts, then the facts.
fn extracted(detector: &Detector) -> String {
    let mut roles = BTreeSet::new();
    let mut facts = BTreeSet::new();
    for finding in own_findings(detector) {
        roles.extend(finding.leak().parts.iter().map(|p| p.role.name()));
        facts.extend(finding.facts().iter().map(Fact::name));
    }
    let roles: Vec<&str> = roles.into_iter().collect();
    let facts: Vec<String> = facts.into_iter().map(|f| format!("`{f}`")).collect();
    match (roles.is_empty(), facts.is_empty()) {
        (true, true) => "–".to_owned(),
        (true, false) => facts.join(", "),
        (false, true) => roles.join(" + "),
        (false, false) => format!("{}; {}", roles.join(" + "), facts.join(", ")),
    }
}

/// Where it starts, and between what its examples come out.
fn graded(detector: &Detector) -> String {
    let start = detector.severity.name();
    let all: BTreeSet<Severity> = own_findings(detector).iter().map(|f| f.severity()).collect();
    let shown = match (all.first(), all.last()) {
        (Some(least), Some(most)) if least != most => {
            format!("; examples {} to {}", least.name(), most.name())
        }
        (Some(only), _) if *only != detector.severity => format!("; examples {}", only.name()),
        _ => String::new(),
    };
    let together = if matches!(detector.trigger, Trigger::Parts) { ", as a whole" } else { "" };
    format!("{start}{together}{shown}")
}
