//! Typed facts read from a leak.

use std::borrow::Cow;

use crate::clock::Timestamp;
use crate::url::host::HostClass;

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
    /// It outlives the scan by more than a month, or does not end at all.
    /// Filled in by relation.
    LongLived(bool),
    /// It holds until somebody revokes it.
    Unlimited(bool),
    /// What it lets its holder do.
    Access(Access),
    /// HTTP method that it is good for.
    Method(Box<str>),
    /// Permissions, as the service writes them.
    Permissions(Box<str>),
    /// Object, blob or path inside the bucket or container.
    Object(Box<str>),
    /// Who signed it, where that is no key id: a service account, a policy.
    Signer(Box<str>),
    /// A known service that hands such URLs out by design and for minutes.
    Issuer(&'static str),
    /// Which kind of database: `postgresql`, `mongodb`, …
    DatabaseKind(&'static str),
    /// Name of the database, keyspace or virtual host.
    Database(Box<str>),
    /// All hosts, as `host:port` separated by commas, where there are several.
    Hosts(Box<str>),
    /// Whether the connection is encrypted.
    Tls(bool),
    /// Who can reach the host.
    HostClass(HostClass),
    /// Which environment names nearby suggest.
    Environment(Environment),
    /// A password that is in every dictionary.
    WeakPassword(bool),
    /// Amazon seller or merchant identifier.
    SellerId(Box<str>),
    /// Amazon marketplace, as its country code.
    Marketplace(Box<str>),
}

/// What a signed URL or token lets its holder do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Read something.
    Read,
    /// Read everything that is there.
    ReadAll,
    /// Change, create, delete, or list everything.
    Write,
}

impl Access {
    /// The access's name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::ReadAll => "read-all",
            Self::Write => "write",
        }
    }
}

/// The environment that something belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Environment {
    /// What customers use.
    Production,
    /// A copy of production for trials.
    Staging,
    /// Somebody's work in progress, or tests.
    Development,
}

impl Environment {
    /// The environment's name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Staging => "staging",
            Self::Development => "development",
        }
    }
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
            Self::LongLived(_) => "long_lived",
            Self::Unlimited(_) => "no_expiry",
            Self::Access(_) => "access",
            Self::Method(_) => "method",
            Self::Permissions(_) => "permissions",
            Self::Object(_) => "object",
            Self::Signer(_) => "signer",
            Self::Issuer(_) => "issuer",
            Self::DatabaseKind(_) => "database_kind",
            Self::Database(_) => "database",
            Self::Hosts(_) => "hosts",
            Self::Tls(_) => "tls",
            Self::HostClass(_) => "host_class",
            Self::Environment(_) => "environment",
            Self::WeakPassword(_) => "weak_password",
            Self::SellerId(_) => "seller_id",
            Self::Marketplace(_) => "marketplace",
        }
    }

    /// Whether it holds text as it stood, which is [masked](Facts::mask) where it is
    /// shown.
    pub const fn is_free_text(&self) -> bool {
        matches!(
            self,
            Self::Comment(_)
                | Self::User(_)
                | Self::Url(_)
                | Self::Object(_)
                | Self::Database(_)
                | Self::Resource(_)
        )
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
            | Self::Resource(s)
            | Self::Method(s)
            | Self::Permissions(s)
            | Self::Object(s)
            | Self::Signer(s)
            | Self::Database(s)
            | Self::Hosts(s)
            | Self::SellerId(s)
            | Self::Marketplace(s) => FactValue::Text(Cow::Borrowed(s)),
            Self::KeyFormat(s) | Self::Variant(s) | Self::Issuer(s) | Self::DatabaseKind(s) => {
                FactValue::Text(Cow::Borrowed(s))
            }
            Self::Access(a) => FactValue::Text(Cow::Borrowed(a.name())),
            Self::HostClass(c) => FactValue::Text(Cow::Borrowed(c.name())),
            Self::Environment(e) => FactValue::Text(Cow::Borrowed(e.name())),
            Self::CreatedAt(t) | Self::ExpiresAt(t) => FactValue::Time(*t),
            Self::Expired(b)
            | Self::Encrypted(b)
            | Self::Canary(b)
            | Self::LongLived(b)
            | Self::Unlimited(b)
            | Self::Tls(b)
            | Self::WeakPassword(b) => FactValue::Flag(*b),
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

    /// Puts a fact in the place of one of its kind, or adds it.
    pub fn replace(&mut self, fact: Fact) {
        match self.0.iter_mut().find(|f| f.name() == fact.name()) {
            Some(known) => *known = fact,
            None => self.0.push(fact),
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
            let (Fact::Comment(text)
            | Fact::User(text)
            | Fact::Url(text)
            | Fact::Object(text)
            | Fact::Database(text)
            | Fact::Resource(text)) = fact
            else {
                continue;
            };
            for secret in secrets {
                let Ok(secret) = std::str::from_utf8(secret) else { continue };
                if text.len() >= secret.len() && text.contains(secret) {
                    *text = text.replace(secret, &mask(secret.as_bytes())).into();
                }
            }
        }
    }

    /// The facts but those that hold [free text](Fact::is_free_text): what remains is
    /// the same in a leak and in the finding made of it.
    pub fn without_free_text(&self) -> Self {
        self.0.iter().filter(|f| !f.is_free_text()).cloned().collect()
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

    /// Who can reach its host, if that is known.
    pub fn host_class(&self) -> Option<HostClass> {
        self.0.iter().find_map(|f| if let Fact::HostClass(c) = f { Some(*c) } else { None })
    }

    /// What it lets its holder do, if that is known.
    pub fn access(&self) -> Option<Access> {
        self.0.iter().find_map(|f| if let Fact::Access(a) = f { Some(*a) } else { None })
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
