//! A signed query, found at the name of one of its parameters.
//!
//! What the ways of signing of all clouds have in common: finding the URL in
//! time that does not grow with what is around it, taking values out of it, and
//! making a candidate of its signature. What the parameters mean stands in the
//! file of each cloud.

use std::ops::Range;

use crate::candidate::{Candidate, Part, Role};
use crate::clock::Timestamp;
use crate::encoding::base64;
use crate::evidence::{Reason, Verdict};
use crate::extract::Window;
use crate::fact::Fact;
use crate::placeholder;
use crate::url::host;
use crate::url::located::{Located, Parameter};
use crate::url::writing::Writing;

/// What ends a value where a query is one field of a list.
const STOPS: &[u8] = b";,";

/// A query in a window.
#[derive(Debug)]
pub(super) struct Query<'t> {
    /// The text that was looked at, and where it stands.
    bytes: &'t [u8],
    base: u64,
    url: Located,
}

impl<'t> Query<'t> {
    /// Reads the query whose parameter's name begins at the window's anchor, if
    /// one does.
    ///
    /// Looks from the previous occurrence of the anchor to the next: a query has
    /// each name once, so a text of nothing but the anchor is read once.
    pub(super) fn at_anchor(window: &Window<'t>) -> Option<Self> {
        let anchor = &window.bytes[window.hit()];
        begins_parameter(window.bytes, window.hit_start).then_some(())?;
        let start = last_of(window.before(), anchor).map_or(0, |at| at + anchor.len());
        let end = first_of(window.bytes, window.hit_end, anchor).unwrap_or(window.bytes.len());
        Self::within(window, start..end, window.hit_start)
    }

    /// Reads the query of the URL that has the window's anchor in its host: the
    /// first parameter named `name` behind the anchor is one of its own.
    ///
    /// Looks from the previous occurrence of the anchor to the next.
    pub(super) fn behind_host(window: &Window<'t>, name: &str) -> Option<Self> {
        let range = between_anchors(window);
        let after = window.bytes.get(window.hit_end..range.end)?;
        let at = memchr::memmem::find_iter(after, name.as_bytes())
            .map(|at| window.hit_end + at)
            .find(|at| begins_parameter(window.bytes, *at))
            // A soft break may divide the name.
            .or_else(|| Some(window.hit_end + memchr::memchr(b'?', after)? + 1))?;
        let query = Self::within(window, range, at)?;
        // What was found may belong to a URL that comes later.
        let span = query.place(query.url.span());
        (span.start <= window.base + window.hit_start as u64).then_some(query)
    }

    /// Reads the query that has a parameter's name at `at`, looking at `range` of
    /// the window alone.
    pub(super) fn within(window: &Window<'t>, range: Range<usize>, at: usize) -> Option<Self> {
        let bytes = window.bytes.get(range.clone())?;
        let at = at.checked_sub(range.start)?;
        let writing = Writing::of(bytes, at)?;
        let url = Located::around(bytes, at, writing)?;
        let base = window.base + range.start as u64;
        Some(Self { bytes, base, url })
    }

    /// Reads the query whose first parameter starts at `at`, whatever stands before
    /// it, looking at `range` of the window alone.
    pub(super) fn from(window: &Window<'t>, range: Range<usize>, at: usize) -> Option<Self> {
        let bytes = window.bytes.get(range.clone())?;
        let at = at.checked_sub(range.start)?;
        let url = Located::of_query(bytes, at, Writing::of(bytes, at)?);
        Some(Self { bytes, base: window.base + range.start as u64, url })
    }

    /// Reads a query again in the text of its own candidate, where `names` are
    /// names of its parameters.
    pub(super) fn again(text: &'t [u8], names: &[&str]) -> Option<Self> {
        let mut found: Option<Self> = None;
        for name in names {
            for at in memchr::memmem::find_iter(text, name.as_bytes()).take(4) {
                if !begins_parameter(text, at) {
                    continue;
                }
                let Some(writing) = Writing::of(text, at) else { continue };
                let Some(url) = Located::around(text, at, writing) else { continue };
                let more = |f: &Self| f.url.bytes().len() < url.bytes().len();
                if found.as_ref().is_none_or(more) {
                    found = Some(Self { bytes: text, base: 0, url });
                }
            }
        }
        found
    }

    /// Where a range of the text that was looked at stands in the object.
    fn place(&self, range: Range<usize>) -> Range<u64> {
        self.base + range.start as u64..self.base + range.end as u64
    }

    /// The URL.
    pub(super) fn url(&self) -> &Located {
        &self.url
    }

    /// A parameter, up to the end of its field.
    pub(super) fn parameter(&self, name: &str) -> Option<Parameter<'_>> {
        self.url.parameter_until(name, STOPS)
    }

    /// A parameter's value, percent-decoded as often as it was encoded.
    pub(super) fn text(&self, name: &str) -> Option<Box<str>> {
        Some(self.parameter(name)?.twice_decoded())
    }

    /// A parameter that is a number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        let text = self.text(name)?;
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    }

    /// A candidate for the whole URL whose secret is this parameter: decoded as
    /// [`Query::text`] does it.
    pub(super) fn candidate(&self, name: &str) -> Option<Candidate> {
        Some(self.candidate_of(self.parameter(name)?))
    }

    /// A candidate for the whole URL whose secret is this parameter.
    pub(super) fn candidate_of(&self, parameter: Parameter<'_>) -> Candidate {
        let value = parameter.twice_decoded();
        let mut candidate = Candidate::new(Role::Signature, self.place(self.url.span()));
        if self.bytes.get(parameter.range.clone()) != Some(value.as_bytes()) {
            candidate.decoded = Some(value.into_boxed_bytes());
        }
        candidate.value = self.place(parameter.range);
        let host = self.url.host();
        if !host.is_empty() {
            candidate.facts.add(Fact::HostClass(host::classify(&host)));
            candidate.facts.add(Fact::Host(host.into()));
        }
        candidate
    }

    /// Adds a parameter to a candidate as one of its parts, if it is there.
    pub(super) fn attach(&self, candidate: &mut Candidate, role: Role, name: &str) {
        let Some(parameter) = self.parameter(name).filter(|p| !p.raw.is_empty()) else { return };
        let value = parameter.twice_decoded();
        let plain = self.bytes.get(parameter.range.clone()) == Some(value.as_bytes());
        candidate.parts.push(Part {
            role,
            range: self.place(parameter.range),
            decoded: (!plain).then(|| value.into_boxed_bytes()),
        });
    }

    /// The path, percent-decoded, without the slash it begins with.
    pub(super) fn object(&self) -> Box<str> {
        let path = crate::url::writing::percent_decoded(self.url.path());
        let path = path.strip_prefix(b"/").unwrap_or(&path);
        String::from_utf8_lossy(path).into_owned().into()
    }
}

/// What lies between the previous and the next occurrence of a window's anchor.
pub(super) fn between_anchors(window: &Window<'_>) -> Range<usize> {
    let anchor = &window.bytes[window.hit()];
    let start = memchr::memmem::rfind(window.before(), anchor).map_or(0, |at| at + anchor.len());
    let end = memchr::memmem::find(window.after(), anchor)
        .map_or(window.bytes.len(), |at| window.hit_end + at);
    start..end
}

/// Whether a parameter's name can begin at `at`: it is not the end of a longer
/// name. Looks at the last bytes before it alone.
pub(super) fn begins_parameter(text: &[u8], at: usize) -> bool {
    let before = &text[..at.min(text.len())];
    match before.last() {
        // `%26`, `%2526`, `\u0026`, `\x26`; `%3F`, `%3D`, `%3B` and their like.
        Some(b'6') => before.ends_with(b"26"),
        Some(b'F' | b'f' | b'D' | b'd' | b'B' | b'b') => {
            matches!(before.get(before.len().wrapping_sub(2)), Some(b'3'))
                && matches!(
                    before.get(before.len().wrapping_sub(3)),
                    Some(b'%' | b'5' | b'=' | b'0' | b'x')
                )
        }
        Some(b'n' | b'r' | b't') => before.ends_with(b"\\n") || before.ends_with(b"\\t"),
        Some(b) => !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')),
        None => true,
    }
}

/// The last place where the name `literal` begins in `text`, in any case.
fn last_of(text: &[u8], literal: &[u8]) -> Option<usize> {
    let first = *literal.first()?;
    memchr::memrchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), text)
        .find(|at| is_name(text, *at, literal))
}

/// The first place from `from` on where the name `literal` begins, in any case.
fn first_of(text: &[u8], from: usize, literal: &[u8]) -> Option<usize> {
    let first = *literal.first()?;
    memchr::memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), &text[from..])
        .map(|at| from + at)
        .find(|at| is_name(text, *at, literal))
}

fn is_name(text: &[u8], at: usize, literal: &[u8]) -> bool {
    text.get(at..at + literal.len()).is_some_and(|t| t.eq_ignore_ascii_case(literal))
        && begins_parameter(text, at)
}

/// Why a text is no base64 of so many bytes.
pub(super) fn base64_fault(text: &str, bytes: &[usize]) -> Option<Reason> {
    if let Some(reason) = no_signature(text.as_bytes()) {
        return Some(reason);
    }
    let chars = text.trim_end_matches('=').len();
    match base64::decode(text.as_bytes()) {
        Some(decoded) if bytes.contains(&decoded.len()) => None,
        Some(decoded) if bytes.iter().all(|b| decoded.len() < *b) => Some(Reason::Truncated),
        Some(_) => Some(Reason::WrongLength),
        None if bytes.iter().all(|b| chars < (b * 4).div_ceil(3)) => Some(Reason::Truncated),
        None => Some(Reason::WrongAlphabet),
    }
}

/// Why a text is no lower-case hexadecimal of so many digits.
pub(super) fn hex_fault(text: &str, digits: &[usize]) -> Option<Reason> {
    if let Some(reason) = no_signature(text.as_bytes()) {
        return Some(reason);
    }
    if !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Some(Reason::WrongAlphabet);
    }
    if digits.contains(&text.len()) {
        return None;
    }
    let short = digits.iter().all(|d| text.len() < *d);
    Some(if short { Reason::Truncated } else { Reason::WrongLength })
}

/// Fillers that are too short for [`placeholder::refusal`].
fn no_signature(text: &[u8]) -> Option<Reason> {
    let words: [&[u8]; 5] = [b"signature", b"xxxx", b"...", b"***", b"token"];
    if text.len() < 24 && (text.is_empty() || words.iter().any(|w| contains(text, w))) {
        return Some(Reason::Placeholder);
    }
    placeholder::refusal(text)
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    placeholder::contains_ignore_case(text, word)
}

/// The verdict that follows from a fault, or from none.
pub(super) fn verdict(fault: Option<Reason>) -> Verdict {
    fault.map_or(Verdict::Supported, Verdict::Refuted)
}

/// The start of 2005: before any of these services signed anything.
const FIRST: i64 = 1_104_537_600;
/// The end of 9999, the last that any of them takes.
const LAST: i64 = 253_402_300_799;

/// A moment in seconds, if it can be the expiry of a signed URL.
pub(super) fn moment(seconds: i64) -> Option<Timestamp> {
    (FIRST..=LAST).contains(&seconds).then_some(Timestamp(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_begins_behind_a_separator() {
        for before in ["", "?", "&", "&amp;", "%26", "%2526", "\\u0026", "\"", "x=", " ", "%3F"] {
            let text = format!("{before}sig=");
            assert!(begins_parameter(text.as_bytes(), before.len()), "{before}");
        }
        for before in ["x", "_", "q-", "6", "F", "B"] {
            let text = format!("{before}sig=");
            assert!(!begins_parameter(text.as_bytes(), before.len()), "{before}");
        }
    }

    #[test]
    fn faults_are_told() {
        let good = "u8qNyX0c0mVYkF2kq4pYd2v1V0cS7oQfVbJvGZrWn1U=";
        assert_eq!(base64_fault(good, &[32]), None);
        assert_eq!(base64_fault(&good[..43], &[32]), None);
        assert_eq!(base64_fault(&good[..42], &[32]), Some(Reason::Truncated));
        assert_eq!(base64_fault(&good.replace("U=", "V="), &[32]), Some(Reason::WrongAlphabet));
        assert_eq!(base64_fault("REDACTED", &[32]), Some(Reason::Placeholder));
        assert_eq!(base64_fault("<signature>", &[32]), Some(Reason::Placeholder));
        assert_eq!(hex_fault("0f9a", &[64]), Some(Reason::Truncated));
        assert_eq!(hex_fault("", &[64]), Some(Reason::Placeholder));
    }
}
