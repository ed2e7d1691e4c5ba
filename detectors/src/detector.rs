//! The record that describes one kind of leak.
//!
//! A [`Detector`] is plain data with function pointers: built-in detectors are
//! `static`s, user detectors are the same type with owned strings. How its
//! anchors are searched is the engine's business; how a hit becomes candidates
//! is [`crate::extract`]'s; how candidates become leaks is [`crate::relate`]'s.

use std::borrow::Cow;

use crate::candidate::{Candidate, Role};
use crate::evidence::{Inspection, Reason};
use crate::extract::{Extraction, Match, Window};
use crate::grade::Severity;
use crate::pattern::Pattern;
use crate::relate::{Leak, Neighbours};

/// A string that is `'static` in built-in detectors and owned in user ones.
pub type Text = Cow<'static, str>;

/// A list that is `'static` in built-in detectors and owned in user ones.
pub type List<T> = Cow<'static, [T]>;

/// Borrows a static string as [`Text`]; shortens the detector tables.
pub const fn text(s: &'static str) -> Text {
    Cow::Borrowed(s)
}

/// Describes one kind of leak: how it is found, read, judged and explained.
#[derive(Debug, Clone)]
pub struct Detector {
    /// Stable identifier in kebab case, such as `aws-access-key`. It stands in
    /// reports, baselines and configurations and never changes its meaning.
    pub id: Text,
    /// What was leaked, as a noun phrase: "AWS access key pair".
    pub title: Text,
    /// Who issued the credential: "AWS", "Amazon Selling Partner".
    pub provider: Text,
    /// Words to select detectors by.
    pub tags: List<Text>,
    /// What makes the engine look at a place at all.
    pub trigger: Trigger,
    /// How far around an anchor [`Detector::shape`] may look.
    pub reach: Reach,
    /// How the text at an anchor is read.
    pub shape: Shape,
    /// For [`Trigger::Parts`]: the lead part first, then the others.
    pub companions: List<Companion>,
    /// Judges a leak of this detector with its neighbours; `None` if nothing
    /// around it can change the verdict.
    pub relate: Option<RelateFn>,
    /// Severity of a complete, live, believed leak of this kind, before
    /// [`crate::grade::grade`] weighs the facts.
    pub severity: Severity,
    /// What to do about a leak: where it is revoked or rotated, and how.
    pub remedy: Text,
    /// Whether it reports only where it is asked for by name: what it finds is
    /// no leak by itself, but worth a hunt.
    pub opt_in: bool,
    /// Texts that the detector must report, refute or not match at all.
    pub examples: Examples,
}

/// Judges a leak with the candidates around it.
pub type RelateFn = fn(&mut Leak, &Neighbours<'_>);

/// What makes the engine look at a place.
#[derive(Debug, Clone)]
pub enum Trigger {
    /// One of these literals stands inside every match, at a bounded place.
    Anchor(List<Anchor>),
    /// The detector reads no text of its own: its leaks are put together in
    /// relation from candidates with the roles named by
    /// [`Detector::companions`].
    Parts,
}

/// A literal that is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The bytes, at least [`Anchor::MIN_LEN`] and at most [`Anchor::MAX_LEN`];
    /// in lower case if `ignore_case`.
    pub literal: List<u8>,
    /// Whether ASCII letters match in both cases.
    pub ignore_case: bool,
}

impl Anchor {
    /// Shortest literal the prefilter can plan for.
    pub const MIN_LEN: usize = 4;
    /// Longest literal; a longer one adds nothing to a search.
    pub const MAX_LEN: usize = 64;

    /// An anchor that matches these bytes exactly.
    pub const fn exact(literal: &'static str) -> Self {
        Self { literal: Cow::Borrowed(literal.as_bytes()), ignore_case: false }
    }

    /// An anchor that matches in any ASCII case; `literal` is in lower case.
    pub const fn any_case(literal: &'static str) -> Self {
        Self { literal: Cow::Borrowed(literal.as_bytes()), ignore_case: true }
    }

    /// Whether `haystack` begins with this anchor.
    pub fn is_prefix_of(&self, haystack: &[u8]) -> bool {
        let Some(head) = haystack.get(..self.literal.len()) else { return false };
        if self.ignore_case {
            head.eq_ignore_ascii_case(&self.literal)
        } else {
            head == &*self.literal
        }
    }
}

/// How many bytes before the start and after the end of its anchor a detector
/// may look. Nothing outside takes part in extraction, in any mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Bytes before the anchor's first byte.
    pub before: u32,
    /// Bytes after the anchor's last byte.
    pub after: u32,
}

impl Reach {
    /// The greatest reach a detector may declare on either side.
    pub const MAX: u32 = 64 * 1024;

    /// A reach of `before` and `after` bytes.
    pub const fn new(before: u32, after: u32) -> Self {
        Self { before, after }
    }
}

/// How the text at an anchor is read.
#[derive(Debug, Clone)]
pub enum Shape {
    /// The anchor, then a run of one byte class.
    Token {
        /// The form of the token.
        form: TokenForm,
        /// Judges a token of the right form.
        inspect: InspectFn,
    },
    /// A regular expression that is searched in the window; a match counts if
    /// it covers the anchor.
    Regex {
        /// The expression; the group `secret`, if there is one, is the secret.
        pattern: Pattern,
        /// Judges a match.
        inspect: InspectFn,
    },
    /// A parser for what no regular expression can read. It pushes any number
    /// of candidates.
    Parser(ParseFn),
    /// Nothing to read: [`Trigger::Parts`].
    None,
}

/// Judges a match by itself.
pub type InspectFn = fn(&Match<'_>) -> Inspection;

/// Reads the window around an anchor and pushes candidates.
pub type ParseFn = fn(&Window<'_>, &mut Extraction<'_>);

/// An anchor followed by a run of one byte class.
#[derive(Debug, Clone, Copy)]
pub struct TokenForm {
    /// The class of the bytes after the anchor.
    pub class: fn(u8) -> bool,
    /// Fewest bytes after the anchor.
    pub min: usize,
    /// Most bytes after the anchor; a longer run is not a match.
    pub max: usize,
    /// The bytes that may not stand directly before or after the token, unless
    /// they end an escape such as `\n`.
    pub boundary: fn(u8) -> bool,
}

/// One part of a leak that is put together from several candidates, or what must
/// stand beside it.
#[derive(Debug, Clone, Copy)]
pub struct Companion {
    /// The role that the candidate has.
    pub role: Role,
    /// Whether the leak is one without it.
    pub required: bool,
    /// Whether it tells whose the leak is and is no part of it. Such a candidate
    /// may stand beside several leads (one seller id beside two key pairs); it
    /// serves those that it is closest to, and only across few boundaries of the
    /// text. Its facts go to the leak, its bytes stay free.
    pub shared: bool,
    /// Whether this candidate may be a part; the first argument is the lead.
    pub accepts: fn(&Candidate, &Candidate) -> bool,
}

/// Example texts, each a whole small object.
#[derive(Debug, Clone, Default)]
pub struct Examples {
    /// Each gives exactly one leak of the detector.
    pub reported: List<Text>,
    /// Each gives none, and a refuted candidate with this reason.
    pub refuted: List<(Text, Reason)>,
    /// Each gives no candidate of the detector at all.
    pub unmatched: List<Text>,
}
