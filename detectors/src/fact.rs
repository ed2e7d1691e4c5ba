//! Typed facts read from a leak.

use std::borrow::Cow;

use crate::clock::Timestamp;

/// One thing that is known about a leak.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fact {
    /// AWS account number.
    Account(u64),
    /// Cloud region.
    Region(Box<str>),
    /// Service that the credential is for.
    Service(Box<str>),
    /// When it was made.
    CreatedAt(Timestamp),
    /// When it stops working at the latest.
    ExpiresAt(Timestamp),
    /// Whether it certainly no longer works at the time of the scan. Filled in
    /// by relation, which knows the time.
    Expired(bool),
    /// Whom it belongs to: an IAM user, a database user.
    User(Box<str>),
    /// Identifier of the key that it belongs to.
    KeyId(Box<str>),
    /// Generation of an AWS access key id: 1 (before 2019, no account inside) or 2.
    Generation(u8),
    /// Host name or address.
    Host(Box<str>),
    /// Port.
    Port(u16),
    /// Bucket or container.
    Bucket(Box<str>),
    /// Container format of a private key: `pkcs1`, `pkcs8`, `sec1`, `openssh`, `ppk`, …
    KeyFormat(&'static str),
    /// Algorithm of a private key: `rsa`, `ec`, `ed25519`, …
    KeyType(Box<str>),
    /// Size of a key in bits.
    Bits(u32),
    /// Whether a passphrase protects it.
    Encrypted(bool),
    /// Cipher or key-derivation function that protects it.
    Cipher(Box<str>),
    /// Comment stored with it.
    Comment(Box<str>),
    /// SHA-256 fingerprint of the public half, as `SHA256:…` base64.
    PublicKeyFingerprint(Box<str>),
    /// Which variant of its kind it is.
    Variant(&'static str),
    /// Sign-in or start URL.
    Url(Box<str>),
    /// The account is one whose keys raise an alarm when they are used.
    Canary(bool),
    /// Identifier of what it opens, such as a user pool.
    Resource(Box<str>),
}

/// The value of a fact, for reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactValue<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// A number.
    Number(u64),
    /// A flag.
    Flag(bool),
    /// A point in time.
    Time(Timestamp),
}

impl Fact {
    /// The fact's key in reports, in snake case.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Account(_) => "account_id",
            Self::Region(_) => "region",
            Self::Service(_) => "service",
            Self::CreatedAt(_) => "created_at",
            Self::ExpiresAt(_) => "expires_at",
            Self::Expired(_) => "expired",
            Self::User(_) => "user",
            Self::KeyId(_) => "key_id",
            Self::Generation(_) => "generation",
            Self::Host(_) => "host",
            Self::Port(_) => "port",
            Self::Bucket(_) => "bucket",
            Self::KeyFormat(_) => "key_format",
            Self::KeyType(_) => "key_type",
            Self::Bits(_) => "bits",
            Self::Encrypted(_) => "encrypted",
            Self::Cipher(_) => "cipher",
            Self::Comment(_) => "comment",
            Self::PublicKeyFingerprint(_) => "public_key_fingerprint",
            Self::Variant(_) => "variant",
            Self::Url(_) => "url",
            Self::Canary(_) => "canary",
            Self::Resource(_) => "resource",
        }
    }

    /// The fact's value.
    pub fn value(&self) -> FactValue<'_> {
        match self {
            // Account numbers are identifiers with leading zeros.
            Self::Account(n) => FactValue::Text(Cow::Owned(format!("{n:012}"))),
            Self::Region(s)
            | Self::Service(s)
            | Self::User(s)
            | Self::KeyId(s)
            | Self::Host(s)
            | Self::Bucket(s)
            | Self::KeyType(s)
            | Self::Cipher(s)
            | Self::Comment(s)
            | Self::PublicKeyFingerprint(s)
            | Self::Url(s)
            | Self::Resource(s) => FactValue::Text(Cow::Borrowed(s)),
            Self::KeyFormat(s) | Self::Variant(s) => FactValue::Text(Cow::Borrowed(s)),
            Self::CreatedAt(t) | Self::ExpiresAt(t) => FactValue::Time(*t),
            Self::Expired(b) | Self::Encrypted(b) | Self::Canary(b) => FactValue::Flag(*b),
            Self::Generation(n) => FactValue::Number(u64::from(*n)),
            Self::Port(n) => FactValue::Number(u64::from(*n)),
            Self::Bits(n) => FactValue::Number(u64::from(*n)),
        }
    }
}

/// The facts known about a leak, at most one of each kind. Empty ones do not
/// allocate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(Vec<Fact>);

impl Facts {
    /// Adds a fact; one of the same kind that is already there stays.
    pub fn add(&mut self, fact: Fact) {
        if !self.0.iter().any(|f| f.name() == fact.name()) {
            self.0.push(fact);
        }
    }

    /// Adds all facts whose kind is not there yet.
    pub fn merge(&mut self, other: &Facts) {
        for fact in &other.0 {
            self.add(fact.clone());
        }
    }

    /// The facts, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Fact> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Replaces, in the facts that hold free text, every occurrence of one of
    /// `secrets` by what `mask` makes of it: a comment may hold a key.
    pub fn mask(&mut self, secrets: &[&[u8]], mask: impl Fn(&[u8]) -> String) {
        for fact in &mut self.0 {
            let (Fact::Comment(text) | Fact::User(text) | Fact::Url(text)) = fact else { continue };
            for secret in secrets {
                let Ok(secret) = std::str::from_utf8(secret) else { continue };
                if text.len() >= secret.len() && text.contains(secret) {
                    *text = text.replace(secret, &mask(secret.as_bytes())).into();
                }
            }
        }
    }

    /// The account number, if it is known.
    pub fn account(&self) -> Option<u64> {
        self.0.iter().find_map(|f| if let Fact::Account(n) = f { Some(*n) } else { None })
    }

    /// The region, if it is known.
    pub fn region(&self) -> Option<&str> {
        self.0.iter().find_map(|f| if let Fact::Region(s) = f { Some(&**s) } else { None })
    }

    /// When it was made, if that is known.
    pub fn created_at(&self) -> Option<Timestamp> {
        self.0.iter().find_map(|f| if let Fact::CreatedAt(t) = f { Some(*t) } else { None })
    }

    /// When it stops working, if that is known.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.0.iter().find_map(|f| if let Fact::ExpiresAt(t) = f { Some(*t) } else { None })
    }

    /// Whether a passphrase protects it, if that is known.
    pub fn encrypted(&self) -> Option<bool> {
        self.0.iter().find_map(|f| if let Fact::Encrypted(b) = f { Some(*b) } else { None })
    }
}

impl FromIterator<Fact> for Facts {
    fn from_iter<I: IntoIterator<Item = Fact>>(facts: I) -> Self {
        let mut all = Self::default();
        for fact in facts {
            all.add(fact);
        }
        all
    }
}
