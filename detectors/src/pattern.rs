//! Regular expressions that are compiled when they are first needed.

use std::ops::Range;
use std::sync::OnceLock;

use regex_automata::meta::{Config, Regex};
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input};

use crate::detector::Text;

/// A bounded regular expression. Building one costs nothing: it is compiled
/// when its detector's anchor is first seen, and shared by all clones made
/// after that.
#[derive(Debug, Clone)]
pub struct Pattern {
    source: Text,
    compiled: OnceLock<Option<Regex>>,
}

/// The greatest size of a compiled expression in bytes.
const SIZE_LIMIT: usize = 1 << 20;

impl Pattern {
    /// An expression in the syntax of `regex-automata`, over bytes, ASCII
    /// classes. The group named `secret` is the secret; without one it is the
    /// whole match.
    pub const fn new(source: &'static str) -> Self {
        Self { source: Text::Borrowed(source), compiled: OnceLock::new() }
    }

    /// The expression's text.
    pub fn source(&self) -> &str {
        &self.source
    }

    fn regex(&self) -> Option<&Regex> {
        self.compiled
            .get_or_init(|| {
                Regex::builder()
                    .configure(Config::new().nfa_size_limit(Some(SIZE_LIMIT)))
                    .syntax(syntax::Config::new().unicode(false).utf8(false))
                    .build(&self.source)
                    .ok()
            })
            .as_ref()
    }

    /// Whether the expression is valid and within its size limit. Compiles it.
    pub fn is_valid(&self) -> bool {
        self.regex().is_some()
    }

    /// The first match in `haystack` that covers `anchor`: the range of the
    /// match and the range of the secret.
    pub(crate) fn find_covering(
        &self,
        haystack: &[u8],
        anchor: &Range<usize>,
    ) -> Option<(Range<usize>, Range<usize>)> {
        let regex = self.regex()?;
        let mut at = 0;
        while at <= anchor.start {
            let found = regex.find(Input::new(haystack).range(at..))?;
            if found.start() <= anchor.start && found.end() >= anchor.end {
                // Groups cost more than the match, so only this one has them.
                let mut captures = regex.create_captures();
                let again = Input::new(haystack).range(found.start()..).anchored(Anchored::Yes);
                regex.captures(again, &mut captures);
                let secret = captures
                    .get_group_by_name("secret")
                    .map_or(found.range(), |span| span.start..span.end);
                return Some((found.range(), secret));
            }
            at = found.end().max(at + 1);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_match_that_covers_the_anchor_counts() {
        let pattern = Pattern::new("key=(?P<secret>[a-z]+);");
        let text = b"key=one; key=two; key=";
        assert!(pattern.is_valid());
        assert_eq!(pattern.find_covering(text, &(9..12)), Some((9..17, 13..16)));
        assert_eq!(pattern.find_covering(text, &(0..3)), Some((0..8, 4..7)));
        assert_eq!(pattern.find_covering(text, &(18..21)), None);
        assert_eq!(Pattern::new("o.e").find_covering(text, &(4..7)), Some((4..7, 4..7)));
    }

    #[test]
    fn what_does_not_compile_matches_nothing() {
        let pattern = Pattern::new("(");
        assert!(!pattern.is_valid());
        assert_eq!(pattern.find_covering(b"(", &(0..1)), None);
    }
}
