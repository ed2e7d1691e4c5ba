//! What a scan reports: a leak, with its place and a piece of the text around.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use leaksieve_detectors::{Detector, Evidence, Facts, Leak, Role, Severity, Verdict};

use crate::decode::Coding;
use crate::location::Location;
use crate::mask;

/// A leak found in an object.
///
/// It holds the secret itself, which [`Finding::secret`] gives out; nothing
/// else here does, [`fmt::Debug`] included.
#[derive(Clone)]
pub struct Finding {
    pub(crate) detectors: Arc<[Detector]>,
    pub(crate) leak: Leak,
    pub(crate) secret: Box<[u8]>,
    pub(crate) location: Location,
    pub(crate) parts: Vec<FindingPart>,
    pub(crate) excerpt: Excerpt,
    pub(crate) codings: Box<[Coding]>,
}

impl Finding {
    /// The detector that it belongs to.
    pub fn detector(&self) -> &Detector {
        &self.detectors[usize::from(self.leak.detector)]
    }

    /// The secret, decoded; for a leak that is no secret, the identifier.
    /// **Sensitive.**
    pub fn secret(&self) -> &[u8] {
        &self.secret
    }

    /// Whether [`Finding::secret`] must not be shown. It may where the leak is
    /// an identifier alone.
    pub fn is_secret(&self) -> bool {
        self.leak.role.is_secret()
    }

    /// The secret as it may be shown.
    pub fn masked(&self) -> String {
        if self.is_secret() { mask::masked(&self.secret) } else { mask::visible(&self.secret) }
    }

    /// What the value is.
    pub fn role(&self) -> Role {
        self.leak.role
    }

    /// Where the value stands.
    pub fn location(&self) -> Location {
        self.location
    }

    /// How the leak was encoded, the outermost layer first; empty if it stands plainly.
    pub fn decoded(&self) -> &[Coding] {
        &self.codings
    }

    /// The range of the value in the scanned text, which differs from the
    /// location's offset only if the object was decoded.
    pub fn range(&self) -> Range<u64> {
        self.leak.value.clone()
    }

    /// The halves of a pair, the value's own included; empty if there is only
    /// the value.
    pub fn parts(&self) -> &[FindingPart] {
        &self.parts
    }

    /// How sure it is.
    pub fn verdict(&self) -> Verdict {
        self.leak.verdict
    }

    /// Why it is believed.
    pub fn evidence(&self) -> &[Evidence] {
        &self.leak.evidence
    }

    /// Why it is believed, or why it is not, as one phrase.
    pub fn reason(&self) -> String {
        match self.leak.verdict {
            Verdict::Refuted(reason) => reason.phrase().to_owned(),
            _ => {
                let phrases: Vec<&str> = self.leak.evidence.iter().map(|e| e.phrase()).collect();
                phrases.join("; ")
            }
        }
    }

    /// What is known about it.
    pub fn facts(&self) -> &Facts {
        &self.leak.facts
    }

    /// Severity in an ordinary place.
    pub fn severity(&self) -> Severity {
        self.leak.severity
    }

    /// Whether all the parts are there that make it usable.
    pub fn is_complete(&self) -> bool {
        self.leak.complete
    }

    /// The leak, in the offsets of the scanned text.
    pub fn leak(&self) -> &Leak {
        &self.leak
    }

    /// The line that it stands on.
    pub fn excerpt(&self) -> &Excerpt {
        &self.excerpt
    }
}

impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finding")
            .field("detector", &self.detector().id)
            .field("secret", &self.masked())
            .field("location", &self.location)
            .field("verdict", &self.leak.verdict)
            .field("severity", &self.leak.severity)
            .finish_non_exhaustive()
    }
}

/// One half of a pair.
#[derive(Clone)]
pub struct FindingPart {
    pub(crate) role: Role,
    pub(crate) value: Box<[u8]>,
    pub(crate) location: Location,
}

impl FindingPart {
    /// What it is.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The value, decoded. **Sensitive** if the role is.
    pub fn value(&self) -> &[u8] {
        &self.value
    }

    /// The value as it may be shown.
    pub fn masked(&self) -> String {
        if self.role.is_secret() { mask::masked(&self.value) } else { mask::visible(&self.value) }
    }

    /// Where it stands.
    pub fn location(&self) -> Location {
        self.location
    }
}

impl fmt::Debug for FindingPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FindingPart")
            .field("role", &self.role)
            .field("value", &self.masked())
            .field("location", &self.location)
            .finish()
    }
}

/// The part of a line that a finding stands on.
#[derive(Clone, Default)]
pub struct Excerpt {
    pub(crate) text: Box<[u8]>,
    /// The finding's value.
    pub(crate) mark: Range<usize>,
    /// Everything that must not be shown, ordered and disjoint.
    pub(crate) secrets: Vec<Range<usize>>,
    pub(crate) starts_line: bool,
    pub(crate) ends_line: bool,
}

/// A line as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownLine {
    /// The text, safe on a terminal.
    pub text: String,
    /// The bytes of `text` that show the finding.
    pub mark: Range<usize>,
}

impl Excerpt {
    /// The line with every secret in it masked.
    pub fn masked(&self) -> ShownLine {
        self.show(mask::masked)
    }

    /// Masks also what `scanner` finds in the line, and every word that the
    /// excerpt cuts through, because a piece of a secret is not recognised.
    #[cfg(feature = "report")]
    pub(crate) fn mask_also(&mut self, scanner: &crate::Scanner) {
        let mut secrets = std::mem::take(&mut self.secrets);
        for finding in scanner.find_all(&self.text) {
            let leaks = std::iter::once(&finding.leak).chain(&finding.leak.overlapped);
            secrets.extend(leaks.flat_map(Leak::secrets).map(|r| r.start as usize..r.end as usize));
        }
        let in_word = |b: &&u8| !b.is_ascii_whitespace();
        if !self.starts_line {
            let word = self.text.iter().take_while(in_word).count();
            secrets.push(0..word.min(self.mark.start));
        }
        if !self.ends_line {
            let word = self.text.iter().rev().take_while(in_word).count();
            secrets.push((self.text.len() - word).max(self.mark.end)..self.text.len());
        }
        secrets.retain(|r| r.start < r.end);
        secrets.sort_by_key(|r| (r.start, r.end));
        for range in secrets {
            match self.secrets.last_mut() {
                Some(last) if range.start < last.end => last.end = last.end.max(range.end),
                _ => self.secrets.push(range),
            }
        }
    }

    /// The line as it is. **Sensitive.**
    pub fn revealed(&self) -> ShownLine {
        self.show(mask::visible)
    }

    fn show(&self, secret: impl Fn(&[u8]) -> String) -> ShownLine {
        let mut text = String::new();
        let mut mark = 0..0;
        let mut edges: Vec<usize> = vec![0, self.text.len(), self.mark.start, self.mark.end];
        edges.extend(self.secrets.iter().flat_map(|r| [r.start, r.end]));
        // A mark that begins or ends within a secret is moved to its edge, so
        // that no secret is split and shown in pieces.
        edges.retain(|e| !self.secrets.iter().any(|r| r.start < *e && *e < r.end));
        edges.sort_unstable();
        edges.dedup();
        if !self.starts_line {
            text.push('…');
        }
        let mut marked = false;
        for two in edges.windows(2) {
            let piece = two[0]..two[1];
            let in_mark = piece.start < self.mark.end && self.mark.start < piece.end;
            if in_mark && !marked {
                mark.start = text.len();
                marked = true;
            }
            let bytes = &self.text[piece.clone()];
            if self.secrets.iter().any(|r| r.start <= piece.start && piece.end <= r.end) {
                text.push_str(&secret(bytes));
            } else {
                text.push_str(&mask::visible(bytes));
            }
            if in_mark {
                mark.end = text.len();
            }
        }
        if !self.ends_line {
            text.push('…');
        }
        ShownLine { text, mark }
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked().text)
    }
}
