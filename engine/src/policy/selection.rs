//! Which detectors report.

use leaksieve_detectors::Detector;
use leaksieve_detectors::detector::Trigger;

/// A detector was named that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no detector matches {0:?}")]
pub struct UnknownDetector(pub String);

/// Names the detectors that report. Patterns are ids in which `*` stands for
/// any text: `aws-*`.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    enabled: Vec<String>,
    added: Vec<String>,
    disabled: Vec<String>,
}

impl Selection {
    /// All detectors but those that want to be [asked for](Detector::opt_in).
    pub fn all() -> Self {
        Self::default()
    }

    /// Only detectors that match one of the patterns given here or to
    /// [`Selection::also`] report. Default: all do that need not be asked for.
    pub fn enable(mut self, pattern: impl Into<String>) -> Self {
        self.enabled.push(pattern.into());
        self
    }

    /// Detectors that match this pattern report too, beside those that report
    /// anyway. Default: none.
    pub fn also(mut self, pattern: impl Into<String>) -> Self {
        self.added.push(pattern.into());
        self
    }

    /// Detectors that match this pattern do not report, even if they are
    /// enabled. Default: none.
    pub fn disable(mut self, pattern: impl Into<String>) -> Self {
        self.disabled.push(pattern.into());
        self
    }

    /// Whether everything reports that reports by default.
    pub fn is_all(&self) -> bool {
        self.enabled.is_empty() && self.disabled.is_empty()
    }

    /// Whether the detector reports.
    pub fn reports(&self, detector: &Detector) -> bool {
        let any = |patterns: &[String]| patterns.iter().any(|p| matches(p, &detector.id));
        let by_default = self.enabled.is_empty() && !detector.opt_in;
        (by_default || any(&self.enabled) || any(&self.added)) && !any(&self.disabled)
    }

    /// The detectors that a scan needs: those that report, and all that may
    /// yield a part or a proof to one that is put together or judged with its
    /// neighbours. Tell the scanner which of them
    /// [report](Selection::reports), with
    /// [`ScannerBuilder::report_only`](crate::ScannerBuilder::report_only).
    ///
    /// # Errors
    ///
    /// If a pattern matches no detector at all.
    pub fn narrow(&self, mut detectors: Vec<Detector>) -> Result<Vec<Detector>, UnknownDetector> {
        for pattern in self.enabled.iter().chain(&self.added).chain(&self.disabled) {
            if !detectors.iter().any(|d| matches(pattern, &d.id)) {
                return Err(UnknownDetector(pattern.clone()));
            }
        }
        let needs_neighbours =
            |d: &Detector| matches!(d.trigger, Trigger::Parts) || d.relate.is_some();
        let lend = detectors.iter().any(|d| self.reports(d) && needs_neighbours(d));
        detectors.retain(|d| {
            let yields_parts = matches!(d.trigger, Trigger::Anchor(_)) && !d.opt_in;
            self.reports(d) || (lend && yields_parts)
        });
        Ok(detectors)
    }
}

/// Whether `text` has the form of `pattern`, in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let tail = pieces.pop().unwrap_or_default();
    for piece in pieces {
        match text.find(piece) {
            Some(at) => text = &text[at + piece.len()..],
            None => return false,
        }
    }
    text.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, expected) in [
            ("aws-secret-key", "aws-secret-key", true),
            ("aws-secret", "aws-secret-key", false),
            ("aws-*", "aws-secret-key", true),
            ("*-key", "aws-secret-key", true),
            ("*", "", true),
            ("a*c*c", "abc", false),
            ("a*c*c", "abcc", true),
            ("*secret*", "aws-secret-key", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text}");
        }
    }

    fn named(id: &'static str) -> Detector {
        let builtin = leaksieve_detectors::builtin();
        let found = builtin.into_iter().find(|d| d.id == id);
        found.unwrap_or_else(|| panic!("no {id}"))
    }

    #[test]
    fn disabling_beats_enabling() {
        let selection = Selection::all().enable("aws-*").disable("aws-secret-key");
        assert!(selection.reports(&named("aws-access-key")));
        assert!(!selection.reports(&named("aws-secret-key")));
        assert!(!selection.reports(&named("private-key")));
        assert!(Selection::all().reports(&named("private-key")));
        assert!(Selection::all().enable("no-such").narrow(Vec::new()).is_err());
    }

    #[test]
    fn what_wants_to_be_asked_for_is_asked_for_by_name() {
        let hunted = Detector { opt_in: true, ..named("aws-access-key-id") };
        assert!(!Selection::all().reports(&hunted));
        let added = Selection::all().also("aws-access-*");
        assert!(added.reports(&hunted) && added.reports(&named("private-key")));
        let enabled = Selection::all().enable("aws-*");
        assert!(enabled.reports(&hunted) && !enabled.reports(&named("private-key")));
        assert!(!added.disable("*-id").reports(&hunted));
    }
}
