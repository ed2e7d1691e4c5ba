//! What speaks for and against a candidate.
//!
//! [`Verdict::Proven`] is kept for checks that a random
//! text passes with a probability of 2⁻²⁴ or less.

use std::fmt;

/// How sure it is that a candidate is a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Impossible under the format, or a documentation value or placeholder.
    Refuted(Reason),
    /// Rare under the true distribution (below one in a hundred).
    Doubtful,
    /// No test applies; the context decides.
    Neutral,
    /// The structure fits.
    Supported,
    /// A checksum, a parse or a recomputation ties the parts together.
    Proven,
}

impl Verdict {
    /// The verdict's name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refuted(_) => "refuted",
            Self::Doubtful => "doubtful",
            Self::Neutral => "neutral",
            Self::Supported => "supported",
            Self::Proven => "proven",
        }
    }

    /// Position on the scale, refuted lowest.
    pub const fn rank(self) -> u8 {
        match self {
            Self::Refuted(_) => 0,
            Self::Doubtful => 1,
            Self::Neutral => 2,
            Self::Supported => 3,
            Self::Proven => 4,
        }
    }

    /// The stronger of two verdicts about the same text.
    pub const fn max(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }

    /// The weaker of two verdicts.
    pub const fn min(self, other: Self) -> Self {
        if other.rank() < self.rank() { other } else { self }
    }
}

macro_rules! phrases {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident => $phrase:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// The phrase that reports show: lower case, no full stop.
            pub const fn phrase(self) -> &'static str {
                match self { $(Self::$variant => $phrase,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.phrase())
            }
        }
    };
}

phrases! {
    /// Why a candidate is not a leak.
    Reason {
        /// A value that vendors print in their documentation.
        Documentation => "documentation value",
        /// A template, mask or filler in place of a value.
        Placeholder => "placeholder, not a value",
        /// A byte that the format never has.
        WrongAlphabet => "a character that the format never has",
        /// A length that the format never has.
        WrongLength => "a length that the format never has",
        /// An account number above twelve digits.
        ImpossibleAccount => "decodes to an account number that cannot exist",
        /// An account number that only documentation and emulators use.
        FakeAccount => "decodes to a documentation account",
        /// The text is a hexadecimal digest.
        HexDigest => "a hexadecimal digest",
        /// The text repeats or counts.
        NotRandom => "too regular to be a random key",
        /// The text is made of words or of a path.
        Words => "words or a path, not a random key",
        /// The run is a piece of a larger encoded body.
        InsideEncodedBody => "a piece of a larger encoded body",
        /// The structure that the prefix promises is not there.
        BadStructure => "the structure inside does not parse",
        /// The body ends early or has pieces left out.
        Truncated => "truncated or elided body",
        /// The end does not belong to the beginning.
        MismatchedLabels => "begin and end labels differ",
        /// A time before the service existed, or so far ahead that no clock is.
        ImpossibleTime => "a time that cannot be",
        /// The check digits are wrong.
        ChecksumFailed => "the checksum fails",
        /// The numbers of a key do not belong together.
        InconsistentKey => "the key's numbers do not belong together",
        /// A key that is published for tests.
        PublicTestKey => "a key that is published for tests",
        /// Encrypted by a configuration tool.
        Encrypted => "encrypted by a configuration tool",
        /// The secret is elsewhere: in a token, a TPM, another file.
        NoSecret => "the secret itself is not in it",
    }
}

phrases! {
    /// Why a candidate is believed.
    Evidence {
        /// The prefix is one that only this kind has.
        Prefix => "has the prefix of its kind",
        /// The name before it says what it is.
        KeyName => "stands behind a name that says what it is",
        /// Its service is named nearby.
        NamedService => "its service is named nearby",
        /// The account decoded from it.
        AccountDecoded => "its account number decodes",
        /// The same account stands nearby.
        AccountNearby => "the account it decodes to is named nearby",
        /// Another account stands nearby.
        OtherAccountNearby => "another account is named nearby",
        /// The statistics of a random key fit.
        RandomLooking => "has the statistics of a random key",
        /// It has statistics that few random keys have.
        UnlikelyStatistics => "has statistics that few random keys have",
        /// It stands with its other half.
        Paired => "stands with its other half",
        /// A structure inside it parsed to the last byte.
        Parsed => "its inner structure parses",
        /// Two parts name the same account.
        AccountsAgree => "its parts name the same account",
        /// Two parts name different accounts.
        AccountsDiffer => "its parts name different accounts",
        /// It was computed again from a secret nearby.
        Recomputed => "was recomputed from a secret nearby",
        /// The numbers of a key multiply out.
        KeyConsistent => "the key's numbers belong together",
        /// A public half of it stands nearby.
        PublicHalfNearby => "its public half stands nearby",
        /// Check digits fit.
        Checksum => "its checksum fits",
    }
}

/// What an inspector says of a match.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// How sure it is.
    pub verdict: Verdict,
    /// Why it is believed.
    pub evidence: Vec<Evidence>,
    /// What was read from it.
    pub facts: crate::fact::Facts,
}

impl Inspection {
    /// A verdict without facts.
    pub fn of(verdict: Verdict) -> Self {
        Self { verdict, evidence: Vec::new(), facts: Default::default() }
    }

    /// Refuses the match. Does not allocate.
    pub fn refuted(reason: Reason) -> Self {
        Self::of(Verdict::Refuted(reason))
    }
}
