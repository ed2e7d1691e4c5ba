//! How bad a leak is.
//!
//! Severity starts where the detector puts a complete, live, believed leak and
//! only goes down from there: for what is expired or protected, for doubt, for
//! a missing half, for a place that is made of examples.

use crate::evidence::Verdict;
use crate::fact::{Fact, Facts};

/// How bad a leak is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing to do: an identifier, or a credential that no longer works.
    Info,
    /// Of little use to a stranger.
    Low,
    /// Of use under conditions.
    Medium,
    /// Opens something that is not everything.
    High,
    /// Opens an account.
    Critical,
}

impl Severity {
    /// All severities, lowest first.
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The severity's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The severity of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// One step lower, but not below [`Severity::Low`]: only facts make a leak
    /// mere information, doubt does not.
    pub const fn lowered(self) -> Self {
        match self {
            Self::Critical => Self::High,
            Self::High => Self::Medium,
            Self::Medium | Self::Low => Self::Low,
            Self::Info => Self::Info,
        }
    }
}

/// Where an occurrence stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Place {
    /// An ordinary place.
    #[default]
    Ordinary,
    /// A test, an example or a document, going by its path.
    Fixture,
}

impl Place {
    /// Judges a path (with `/` or `\` between its components) by the names of
    /// its components.
    pub fn of_path(path: &str) -> Self {
        const NAMES: &[&str] = &[
            "test",
            "tests",
            "testdata",
            "test_data",
            "testing",
            "__tests__",
            "spec",
            "specs",
            "fixture",
            "fixtures",
            "example",
            "examples",
            "sample",
            "samples",
            "doc",
            "docs",
            "mock",
            "mocks",
        ];
        let mut components = path.split(['/', '\\']).rev();
        let file = components.next().unwrap_or_default().to_ascii_lowercase();
        let stem = file.split('.').next().unwrap_or_default();
        let test_file = stem.starts_with("test_")
            || stem.ends_with("_test")
            || file.contains(".test.")
            || file.contains(".spec.");
        if test_file || components.any(|c| NAMES.contains(&c.to_ascii_lowercase().as_str())) {
            Self::Fixture
        } else {
            Self::Ordinary
        }
    }
}

/// The severity of a leak.
///
/// `base` is where its kind starts, `complete` whether all the parts are there
/// that make it usable. What is expired is [`Severity::Info`]; a passphrase, a
/// doubt and a fixture's place each lower it by a step.
pub fn grade(
    base: Severity,
    facts: &Facts,
    verdict: Verdict,
    complete: bool,
    place: Place,
) -> Severity {
    let mut severity = base;
    for fact in facts.iter() {
        match fact {
            Fact::Expired(true) => return Severity::Info,
            Fact::Encrypted(true) => severity = severity.lowered(),
            _ => {}
        }
    }
    if matches!(verdict, Verdict::Refuted(_)) {
        return Severity::Info;
    }
    if verdict == Verdict::Doubtful {
        severity = severity.lowered();
    }
    if !complete {
        severity = severity.lowered();
    }
    if place == Place::Fixture {
        severity = severity.lowered();
    }
    severity
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiry_beats_everything_and_doubt_never_reaches_info() {
        let expired: Facts = [Fact::Expired(true)].into_iter().collect();
        assert_eq!(
            grade(Severity::Critical, &expired, Verdict::Proven, true, Place::Ordinary),
            Severity::Info
        );
        assert_eq!(
            grade(Severity::Medium, &Facts::default(), Verdict::Doubtful, false, Place::Fixture),
            Severity::Low
        );
    }

    #[test]
    fn places_go_by_components() {
        assert_eq!(Place::of_path("src/tests/a.rs"), Place::Fixture);
        assert_eq!(Place::of_path("src\\aws_test.go"), Place::Fixture);
        assert_eq!(Place::of_path("src/latest/contest.rs"), Place::Ordinary);
        assert_eq!(Place::of_path("test"), Place::Ordinary);
    }
}
