//! What extraction yields: a place that may hold a leak or a part of one.
//!
//! A candidate depends on nothing beyond the reach of its detector, so it can
//! be carried from one object into another that shares the bytes, and is the
//! same whether the object was read whole or in pieces.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use crate::evidence::{Evidence, Verdict};
use crate::fact::Facts;

/// What a candidate, or a part of a leak, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Role {
    /// A credential that needs no other part.
    Whole,
    /// A long-term AWS access key id.
    KeyId,
    /// A temporary AWS access key id.
    TemporaryKeyId,
    /// An AWS secret access key.
    SecretKey,
    /// An STS session token.
    SessionToken,
    /// The name that a password belongs to.
    UserName,
    /// A password.
    Password,
    /// A bearer token that is renewed often.
    AccessToken,
    /// A token that yields access tokens.
    RefreshToken,
    /// An identifier of an OAuth client.
    ClientId,
    /// A secret of an OAuth client.
    ClientSecret,
    /// A public key, certificate or key id that names a private key.
    PublicKey,
    /// The signature of a URL, cookie or form: who has it has what it signs.
    Signature,
    /// A key that signs shared access to an account's data, as Azure's.
    AccountKey,
    /// An address that is the leak: nothing protects it.
    Endpoint,
    /// Identifier of an Amazon seller.
    SellerId,
    /// Something that is no leak but tells about its neighbours.
    Context,
}

impl Role {
    /// The role's name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whole => "credential",
            Self::KeyId => "key-id",
            Self::TemporaryKeyId => "temporary-key-id",
            Self::SecretKey => "secret-key",
            Self::SessionToken => "session-token",
            Self::UserName => "user-name",
            Self::Password => "password",
            Self::AccessToken => "access-token",
            Self::RefreshToken => "refresh-token",
            Self::ClientId => "client-id",
            Self::ClientSecret => "client-secret",
            Self::PublicKey => "public-key",
            Self::Signature => "signature",
            Self::AccountKey => "account-key",
            Self::Endpoint => "endpoint",
            Self::SellerId => "seller-id",
            Self::Context => "context",
        }
    }

    /// Whether text in this role must be masked.
    pub const fn is_secret(self) -> bool {
        !matches!(
            self,
            Self::KeyId
                | Self::TemporaryKeyId
                | Self::UserName
                | Self::ClientId
                | Self::PublicKey
                | Self::Endpoint
                | Self::SellerId
                | Self::Context
        )
    }
}

/// A place that may hold a leak or a part of one. Offsets count bytes from the
/// start of the object.
#[derive(Clone, PartialEq)]
pub struct Candidate {
    /// Index of the detector that found it, in the set that was searched for.
    pub detector: u16,
    /// What it is.
    pub role: Role,
    /// Everything the candidate was read from, such as a whole PEM block.
    pub span: Range<u64>,
    /// The bytes of its value; inside `span`.
    pub value: Range<u64>,
    /// The value, if it is not just the bytes at `value`: decoded, unfolded.
    pub decoded: Option<Box<[u8]>>,
    /// The name that the value is assigned to, such as `PROD_SECRET_KEY`.
    pub name: Option<Range<u64>>,
    /// Whether it is reported when no partner is found. A 40-character run
    /// near a key id is nothing by itself; the same behind
    /// `aws_secret_access_key=` is.
    pub stands_alone: bool,
    /// What its own text says of it.
    pub verdict: Verdict,
    /// Why it is believed.
    pub evidence: Vec<Evidence>,
    /// What was read from it.
    pub facts: Facts,
    /// Further parts that the same text holds, such as the user name before a
    /// password.
    pub parts: Vec<Part>,
}

impl Candidate {
    /// A candidate whose value is its whole span; [`Verdict::Neutral`], without
    /// facts, and standing alone. The detector is filled in by
    /// [`crate::extract::Extraction::push`].
    pub fn new(role: Role, span: Range<u64>) -> Self {
        Self {
            detector: 0,
            role,
            value: span.clone(),
            span,
            decoded: None,
            name: None,
            stands_alone: true,
            verdict: Verdict::Neutral,
            evidence: Vec::new(),
            facts: Facts::default(),
            parts: Vec::new(),
        }
    }

    /// Whether it was refuted.
    pub fn is_refuted(&self) -> bool {
        matches!(self.verdict, Verdict::Refuted(_))
    }

    /// The same candidate in an object that has its text so many bytes further on.
    #[must_use]
    pub fn moved(&self, by: i64) -> Self {
        let mut moved = self.clone();
        let names = moved.name.iter_mut();
        let parts = moved.parts.iter_mut().map(|part| &mut part.range);
        for range in [&mut moved.span, &mut moved.value].into_iter().chain(names).chain(parts) {
            range.start = range.start.wrapping_add_signed(by);
            range.end = range.end.wrapping_add_signed(by);
        }
        moved
    }

    /// Its value, from the object's text.
    pub fn value_in<'t>(&'t self, passage: &Passage<'t>) -> Cow<'t, [u8]> {
        match &self.decoded {
            Some(bytes) => Cow::Borrowed(bytes),
            None => Cow::Borrowed(passage.slice(self.value.clone())),
        }
    }
}

/// A named piece of a leak, with its place.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub role: Role,
    /// Where it stands.
    pub range: Range<u64>,
    /// The value, if it is not just the bytes at `range`.
    pub decoded: Option<Box<[u8]>>,
}

impl Part {
    /// Its value, from the object's text.
    pub fn value_in<'t>(&'t self, passage: &Passage<'t>) -> &'t [u8] {
        match &self.decoded {
            Some(bytes) => bytes,
            None => passage.slice(self.range.clone()),
        }
    }
}

/// Shows where it stands, never what it holds.
impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate")
            .field("detector", &self.detector)
            .field("role", &self.role)
            .field("span", &self.span)
            .field("value", &self.value)
            .field("stands_alone", &self.stands_alone)
            .field("verdict", &self.verdict)
            .field("evidence", &self.evidence)
            .field("facts", &self.facts)
            .field("parts", &self.parts)
            .finish_non_exhaustive()
    }
}

/// Shows where it stands, never what it holds.
impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("role", &self.role)
            .field("range", &self.range)
            .finish_non_exhaustive()
    }
}

/// A piece of an object's text, with the offset at which it stands.
#[derive(Clone, Copy)]
pub struct Passage<'t> {
    /// Offset of the first byte in the object.
    pub base: u64,
    /// The bytes.
    pub bytes: &'t [u8],
}

/// Shows its place, never its text.
impl fmt::Debug for Passage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Passage({} + {} bytes)", self.base, self.bytes.len())
    }
}

impl<'t> Passage<'t> {
    /// The bytes at `range`, as far as the passage holds them.
    pub fn slice(&self, range: Range<u64>) -> &'t [u8] {
        let clip = |at: u64| {
            usize::try_from(at.saturating_sub(self.base))
                .unwrap_or(usize::MAX)
                .min(self.bytes.len())
        };
        let (start, end) = (clip(range.start), clip(range.end));
        self.bytes.get(start..end).unwrap_or_default()
    }
}
