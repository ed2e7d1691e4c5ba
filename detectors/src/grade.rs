//! How bad a leak is.
//!
//! Severity starts where the detector puts a complete, live, believed leak that
//! gives what its kind gives as a rule. What it gives beyond that (writing, a life
//! of more than a month) raises it. All else lowers it: a host that few can reach,
//! an environment without customers, expiry, a passphrase, doubt, a missing half, a
//! place that is made of examples.

use crate::evidence::Verdict;
use crate::fact::{Access, Environment, Fact, Facts};
use crate::url::host::HostClass;

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

    /// One step higher.
    pub const fn raised(self) -> Self {
        match self {
            Self::Critical | Self::High => Self::Critical,
            Self::Medium => Self::High,
            Self::Low => Self::Medium,
            Self::Info => Self::Info,
        }
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
///
/// A signed URL that writes, or reads everything, starts at [`Severity::High`], and one that lives for
/// more than a month a step higher. One that a service hands out by design is
/// [`Severity::Low`]. Who can reach a host bounds what its password is worth:
/// [`Severity::Medium`] in a private network, [`Severity::Low`] on a service name
/// or the same machine, and nothing there if every dictionary has it. An
/// environment without customers lowers it by a step.
pub fn grade(
    base: Severity,
    facts: &Facts,
    verdict: Verdict,
    complete: bool,
    place: Place,
) -> Severity {
    let has = |wanted: Fact| facts.iter().any(|f| *f == wanted);
    let mut severity = base;
    if has(Fact::Expired(true)) {
        return Severity::Info;
    }
    if let Some(access) = facts.access() {
        if matches!(access, Access::Write | Access::ReadAll) {
            severity = severity.max(Severity::High);
        }
        if has(Fact::LongLived(true)) {
            severity = severity.raised();
        }
        if facts.iter().any(|f| matches!(f, Fact::Issuer(_))) {
            severity = severity.min(Severity::Low);
        }
    }
    if let Some(class) = facts.host_class() {
        let bound = match class {
            HostClass::Public | HostClass::ManagedCloud => Severity::Critical,
            HostClass::Private => Severity::Medium,
            HostClass::ServiceName => Severity::Low,
            HostClass::Local if has(Fact::WeakPassword(true)) => Severity::Info,
            HostClass::Local => Severity::Low,
            HostClass::Documentation => Severity::Info,
        };
        severity = severity.min(bound);
    }
    if has(Fact::Environment(Environment::Staging))
        || has(Fact::Environment(Environment::Development))
    {
        severity = severity.lowered();
    }
    if has(Fact::Encrypted(true)) {
        severity = severity.lowered();
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
    fn what_it_gives_and_who_can_reach_it_count() {
        let severity = |base, facts: &[Fact]| {
            let facts = facts.iter().cloned().collect();
            grade(base, &facts, Verdict::Supported, true, Place::Ordinary)
        };
        let url = |facts: &[Fact]| severity(Severity::Medium, facts);
        let (read, write) = (Fact::Access(Access::Read), Fact::Access(Access::Write));
        let long = Fact::LongLived(true);
        assert_eq!(url(std::slice::from_ref(&read)), Severity::Medium);
        assert_eq!(url(&[read.clone(), long.clone()]), Severity::High);
        assert_eq!(url(std::slice::from_ref(&write)), Severity::High);
        assert_eq!(url(&[write.clone(), long]), Severity::Critical);
        assert_eq!(url(&[write.clone(), Fact::Expired(true)]), Severity::Info);
        assert_eq!(url(&[read, Fact::Issuer("GitHub")]), Severity::Low);
        assert_eq!(url(&[Fact::LongLived(true)]), Severity::Medium);

        let database = |class, more: &[Fact]| {
            let mut facts = vec![Fact::HostClass(class)];
            facts.extend_from_slice(more);
            severity(Severity::Critical, &facts)
        };
        assert_eq!(database(HostClass::Public, &[]), Severity::Critical);
        let staging = Fact::Environment(Environment::Staging);
        assert_eq!(database(HostClass::ManagedCloud, &[staging]), Severity::High);
        assert_eq!(database(HostClass::Private, &[]), Severity::Medium);
        assert_eq!(database(HostClass::ServiceName, &[]), Severity::Low);
        assert_eq!(database(HostClass::Local, &[]), Severity::Low);
        assert_eq!(database(HostClass::Local, &[Fact::WeakPassword(true)]), Severity::Info);
    }

    #[test]
    fn places_go_by_components() {
        assert_eq!(Place::of_path("src/tests/a.rs"), Place::Fixture);
        assert_eq!(Place::of_path("src\\aws_test.go"), Place::Fixture);
        assert_eq!(Place::of_path("src/latest/contest.rs"), Place::Ordinary);
        assert_eq!(Place::of_path("test"), Place::Ordinary);
    }
}
