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
    disabled: Vec<String>,
}

impl Selection {
    /// All detectors.
    pub fn all() -> Self {
        Self::default()
    }

    /// Only detectors that match one of the patterns given here report.
    /// Default: all do.
    pub fn enable(mut self, pattern: impl Into<String>) -> Self {
        self.enabled.push(pattern.into());
        self
    }

    /// Detectors that match this pattern do not report, even if they are
    /// enabled. Default: none.
    pub fn disable(mut self, pattern: impl Into<String>) -> Self {
        self.disabled.push(pattern.into());
        self
    }

    /// Whether every detector reports.
    pub fn is_all(&self) -> bool {
        self.enabled.is_empty() && self.disabled.is_empty()
    }

    /// Whether the detector of that id reports.
    pub fn reports(&self, id: &str) -> bool {
        let any = |patterns: &[String]| patterns.iter().any(|p| matches(p, id));
        (self.enabled.is_empty() || any(&self.enabled)) && !any(&self.disabled)
    }

    /// The detectors that a scan needs: those that report, and those that yield
    /// the parts of a detector that puts its leaks together. Tell the scanner
    /// which of them [report](Selection::reports), with
    /// [`ScannerBuilder::report_only`](crate::ScannerBuilder::report_only).
    ///
    /// # Errors
    ///
    /// If a pattern matches no detector at all.
    pub fn narrow(&self, mut detectors: Vec<Detector>) -> Result<Vec<Detector>, UnknownDetector> {
        for pattern in self.enabled.iter().chain(&self.disabled) {
            if !detectors.iter().any(|d| matches(pattern, &d.id)) {
                return Err(UnknownDetector(pattern.clone()));
            }
        }
        let composed: Vec<_> = detectors
            .iter()
            .filter(|d| matches!(d.trigger, Trigger::Parts) && self.reports(&d.id))
            .map(|d| d.provider.clone())
            .collect();
        detectors.retain(|d| {
            let yields_parts = matches!(d.trigger, Trigger::Anchor(_));
            self.reports(&d.id) || (yields_parts && composed.contains(&d.provider))
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

    #[test]
    fn disabling_beats_enabling() {
        let selection = Selection::all().enable("aws-*").disable("aws-secret-key");
        assert!(selection.reports("aws-access-key"));
        assert!(!selection.reports("aws-secret-key"));
        assert!(!selection.reports("private-key"));
        assert!(Selection::all().reports("private-key"));
        assert!(Selection::all().enable("no-such").narrow(Vec::new()).is_err());
    }
}
