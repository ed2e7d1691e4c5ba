//! Making a signature again from a secret that stands nearby.
//!
//! A secret that gives the signature is the one that made it: the URL is proven,
//! and so is the pair of that secret and the key id that the URL names, without a
//! request to anyone. What a URL does not show stands in the way: a method has to
//! be tried, other signed headers than `host` cannot be.
//!
//! A secret that does not give the signature proves nothing. The request may have
//! gone through something that rewrote its host or path.

use crate::candidate::{Candidate, Passage, Role};
use crate::encoding::base64;
use crate::evidence::{Evidence, Verdict};
use crate::fact::{Access, Fact};
use crate::relate::{Budget, Leak, Neighbours};
use crate::verify::sigv2::hmac_sha1;
use crate::verify::sigv4::{hex, hmac_sha256, signing_key};

use super::{post_policy, sigv2, sigv4};

/// The methods that a signature may be for, the likeliest first.
pub(crate) const METHODS: [&str; 5] = ["GET", "PUT", "HEAD", "POST", "DELETE"];

/// How a message is signed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// HMAC-SHA256 with the key of a day, a region and a service.
    V4 {
        /// `yyyymmdd`.
        date: Box<str>,
        /// The region of the scope.
        region: Box<str>,
        /// The service of the scope.
        service: Box<str>,
    },
    /// HMAC-SHA1 with the secret itself.
    V2,
}

/// What may have been signed.
pub(crate) struct Message {
    /// The method of the request; `None` if the form of what is signed leaves no
    /// choice.
    pub(crate) method: Option<&'static str>,
    /// The bytes that a signature is made of.
    pub(crate) text: Vec<u8>,
}

/// What was signed, as far as a text shows it, and the signature.
pub(crate) struct Claim {
    /// How it was signed.
    pub(crate) scheme: Scheme,
    /// What may have been signed; one of them was.
    pub(crate) messages: Vec<Message>,
    /// The signature: hexadecimal in version 4, base64 in version 2.
    pub(crate) signature: Box<str>,
}

impl Claim {
    /// Reads what a signed URL or form in `text` claims; `variant` is the one that
    /// its detector told.
    fn read(text: &[u8], variant: &str) -> Option<Self> {
        match variant {
            sigv4::VARIANT => sigv4::claim(text),
            sigv2::VARIANT => sigv2::claim(text),
            post_policy::VARIANT => post_policy::claim(text),
            _ => None,
        }
    }

    /// The message for which the secret gives the signature. Costs a recomputation a
    /// message.
    fn signed_by(&self, secret: &[u8], budget: &Budget) -> Option<&Message> {
        if !budget.take(self.messages.len() as u32) {
            return None;
        }
        match &self.scheme {
            Scheme::V4 { date, region, service } => {
                let key =
                    signing_key(secret, date.as_bytes(), region.as_bytes(), service.as_bytes());
                self.messages.iter().find(|m| hex(&hmac_sha256(&key, &m.text)) == *self.signature)
            }
            Scheme::V2 => {
                let signature = base64::decode(self.signature.as_bytes());
                let is =
                    |m: &&Message| Some(&hmac_sha1(secret, &m.text)[..]) == signature.as_deref();
                self.messages.iter().find(is)
            }
        }
    }
}

/// Makes the signature of a URL or form again from the secrets nearby.
pub(super) fn seek(leak: &mut Leak, neighbours: &Neighbours<'_>) {
    let secrets = neighbours.nearest(Role::SecretKey, &leak.value);
    let Some(variant) = variant(leak.facts.iter()).filter(|_| !secrets.is_empty()) else { return };
    let Some(claim) = Claim::read(neighbours.passage.slice(leak.span.clone()), variant) else {
        return;
    };
    let signed =
        |c: &&Candidate| claim.signed_by(&c.value_in(&neighbours.passage), neighbours.budget);
    if let Some(message) = secrets.iter().find_map(signed) {
        leak.note(Evidence::Recomputed);
        if let Some(method) = message.method {
            tell_method(leak, method);
        }
        // What lacks its session token is real and of no use.
        if leak.verdict != Verdict::Doubtful {
            leak.verdict = Verdict::Proven;
        }
    }
}

/// Tells the method that a recomputed signature is for. It was only guessed before; in
/// a store it says whether the URL writes.
pub(super) fn tell_method(leak: &mut Leak, method: &'static str) {
    /// What calls its services stores, in [`Fact::Service`].
    const STORES: &[&str] = &["obs", "storage"];
    leak.facts.replace(Fact::Method(method.into()));
    let is_store = leak
        .facts
        .iter()
        .any(|f| matches!(f, Fact::Service(s) if sigv4::is_store(s) || STORES.contains(&&**s)));
    if is_store {
        let reads = matches!(method, "GET" | "HEAD");
        leak.facts.replace(Fact::Access(if reads { Access::Read } else { Access::Write }));
    }
}

/// Whether something signed nearby in the name of the pair's id was signed with
/// the pair's secret.
pub(crate) fn proves_pair(leak: &Leak, neighbours: &Neighbours<'_>) -> bool {
    let passage = &neighbours.passage;
    let is_id = |role: Role| matches!(role, Role::KeyId | Role::TemporaryKeyId);
    let Some(id) = leak.parts.iter().find(|p| is_id(p.role)) else { return false };
    let id = id.value_in(passage);
    let secret = leak.value_in(passage);
    neighbours.nearest(Role::Signature, &leak.span).into_iter().any(|signed| {
        let names_id = signed.parts.iter().any(|p| is_id(p.role) && p.value_in(passage) == id);
        names_id && is_signed_by(signed, secret, passage, neighbours.budget)
    })
}

fn is_signed_by(signed: &Candidate, secret: &[u8], passage: &Passage<'_>, budget: &Budget) -> bool {
    // Reading costs as much as a recomputation.
    if !budget.take(1) {
        return false;
    }
    variant(signed.facts.iter())
        .and_then(|variant| Claim::read(passage.slice(signed.span.clone()), variant))
        .is_some_and(|claim| claim.signed_by(secret, budget).is_some())
}

fn variant<'f>(mut facts: impl Iterator<Item = &'f Fact>) -> Option<&'static str> {
    facts.find_map(|f| if let Fact::Variant(v) = f { Some(*v) } else { None })
}
