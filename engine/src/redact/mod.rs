//! Replacing secrets in text.

mod stream;

use std::borrow::Cow;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

pub use stream::{Redaction, StreamRedactor};

use crate::finding::Finding;
use crate::scanner::{Scanner, Scratch};

impl Scanner {
    /// Replaces every secret in `object` by what `replacement` says for its
    /// finding, and every repetition of a long one, wherever it stands.
    /// Identifiers that are no secrets stay. Borrows if there was nothing to
    /// replace.
    ///
    /// ```
    /// use leaksieve::Scanner;
    ///
    /// let scanner = Scanner::new();
    /// let clean = scanner.redact(b"no secrets here", |_| Vec::new());
    /// assert_eq!(&*clean, b"no secrets here");
    /// ```
    pub fn redact<'t>(
        &self,
        object: &'t [u8],
        mut replacement: impl FnMut(&Finding) -> Vec<u8>,
    ) -> Cow<'t, [u8]> {
        let mut findings: Vec<Finding> = Vec::new();
        // A vector never ends a scan.
        let _ = self.scan(object, &mut Scratch::new(), &mut findings);
        let mut secrets: Vec<(usize, usize, usize)> = findings
            .iter()
            .enumerate()
            .flat_map(|(i, f)| {
                f.leak().secrets().map(move |r| (r.start as usize, r.end as usize, i))
            })
            .collect();
        if secrets.is_empty() {
            return Cow::Borrowed(object);
        }
        secrets.extend(repeated(object, &secrets));
        secrets.sort_unstable();
        let mut out = Vec::with_capacity(object.len());
        let mut at = 0;
        for (start, end, finding) in secrets {
            // A secret inside one that has been replaced is gone already.
            if start >= at {
                out.extend_from_slice(&object[at..start]);
                out.extend(replacement(&findings[finding]));
            }
            at = at.max(end);
        }
        out.extend_from_slice(&object[at..]);
        Cow::Owned(out)
    }
}

/// The shortest secret whose repetitions are looked for: a shorter one may be
/// an ordinary word elsewhere.
const REPEATED: usize = 16;

/// Where the bytes of found secrets stand again: a key is often printed once
/// behind its name and once more without it.
fn repeated(object: &[u8], secrets: &[(usize, usize, usize)]) -> Vec<(usize, usize, usize)> {
    let long: Vec<_> = secrets.iter().filter(|(start, end, _)| end - start >= REPEATED).collect();
    let Some(search) = search(long.iter().map(|(start, end, _)| &object[*start..*end])) else {
        return Vec::new();
    };
    search
        .find_iter(object)
        .map(|found| (found.start(), found.end(), long[found.pattern().as_usize()].2))
        .collect()
}

/// Searches for secrets; of those that begin at one place, for the longest.
fn search<'s>(secrets: impl Iterator<Item = &'s [u8]>) -> Option<AhoCorasick> {
    let mut builder = AhoCorasick::builder();
    // A table of all states would take a kilobyte for each byte of a secret.
    builder.match_kind(MatchKind::LeftmostLongest).kind(Some(AhoCorasickKind::ContiguousNFA));
    // Building fails only on more patterns than offsets can count.
    builder.build(secrets).ok()
}
