//! Replacing secrets in text.

use std::borrow::Cow;

use crate::finding::Finding;
use crate::scanner::{Scanner, Scratch};

impl Scanner {
    /// Replaces every secret in `object` by what `replacement` says for its
    /// finding. Identifiers that are no secrets stay. Borrows if there was
    /// nothing to replace.
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
        let mut secrets: Vec<(u64, u64, usize)> = findings
            .iter()
            .enumerate()
            .flat_map(|(i, f)| f.leak().secrets().map(move |r| (r.start, r.end, i)))
            .collect();
        secrets.sort_unstable();
        if secrets.is_empty() {
            return Cow::Borrowed(object);
        }
        let mut out = Vec::with_capacity(object.len());
        let mut at = 0u64;
        for (start, end, finding) in secrets {
            // A secret inside one that has been replaced is gone already.
            if start >= at {
                out.extend_from_slice(&object[at as usize..start as usize]);
                out.extend(replacement(&findings[finding]));
            }
            at = at.max(end);
        }
        out.extend_from_slice(&object[at as usize..]);
        Cow::Owned(out)
    }
}
