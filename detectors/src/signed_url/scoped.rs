//! Queries that clouds sign as AWS does in Signature Version 4, under names of
//! their own: a credential with a scope, a date, seconds of validity, a
//! signature in hexadecimal.
//!
//! What differs between them stands in a [`Scheme`], where they are read in the
//! files of the clouds.

use super::query::{Query, hex_fault};
use crate::clock::Timestamp;
use crate::evidence::Reason;
use crate::fact::{Fact, Facts};
use crate::placeholder;

/// The names and words of one cloud.
#[derive(Debug)]
pub(super) struct Scheme {
    /// What every parameter's name begins with.
    pub(super) prefix: &'static str,
    /// The name of the parameter with the algorithm, behind the prefix.
    pub(super) algorithm: &'static str,
    /// The algorithms, and how many digits their signatures have.
    pub(super) algorithms: &'static [(&'static str, &'static [usize])],
    /// The service in the scope.
    pub(super) service: &'static str,
    /// The last word of the scope.
    pub(super) terminator: &'static str,
    /// When the scheme came, in seconds: nothing was signed with it before.
    pub(super) since: i64,
}

/// The longest validity that any of them grants: seven days.
const MAX_EXPIRES: i64 = 604_800;

/// A query signed with a scheme, taken apart.
#[derive(Debug)]
pub(super) struct Scoped {
    pub(super) algorithm: &'static str,
    digits: &'static [usize],
    /// Who signed: an access key id or a service account.
    pub(super) signer: Box<str>,
    scope_date: Box<str>,
    pub(super) region: Box<str>,
    pub(super) date: Box<str>,
    expires: Option<i64>,
    pub(super) signature: Box<str>,
    since: i64,
}

impl Scoped {
    /// Reads a query. `None` if it is not signed with the scheme.
    pub(super) fn read(query: &Query<'_>, scheme: &Scheme) -> Option<Self> {
        let name = |rest: &str| format!("{}{rest}", scheme.prefix);
        let signature = query.text(&name("Signature"))?;
        let algorithm = query.text(&name(scheme.algorithm))?;
        let known = scheme.algorithms.iter().find(|(known, _)| algorithm == (*known).into());
        let (algorithm, digits) = known?;
        let credential = query.text(&name("Credential"))?;
        let mut scope = credential.rsplitn(5, '/');
        let (terminator, service) = (scope.next()?, scope.next()?);
        let (region, scope_date, signer) = (scope.next()?, scope.next()?, scope.next()?);
        if terminator != scheme.terminator || service != scheme.service {
            return None;
        }
        Some(Self {
            algorithm,
            digits,
            signer: signer.into(),
            scope_date: scope_date.into(),
            region: region.into(),
            date: query.text(&name("Date"))?,
            expires: query.number(&name("Expires")),
            signature,
            since: scheme.since,
        })
    }

    /// The scope behind the signer, as it is signed.
    pub(super) fn scope(&self, scheme: &Scheme) -> String {
        [&self.scope_date, &self.region, scheme.service, scheme.terminator].join("/")
    }

    /// What it may not say, if it does.
    pub(super) fn fault(&self) -> Option<Reason> {
        if let Some(reason) = hex_fault(&self.signature, self.digits) {
            return Some(reason);
        }
        if self.signer.len() > 4
            && let Some(reason) = placeholder::refusal(self.signer.as_bytes())
        {
            return Some(reason);
        }
        let Some(signed) = self.signed_at() else { return Some(Reason::ImpossibleTime) };
        let fits = signed.0 >= self.since
            && self.date.starts_with(&*self.scope_date)
            && self.scope_date.len() == 8
            && self.expires.is_some_and(|e| (1..=MAX_EXPIRES).contains(&e));
        (!fits).then_some(Reason::ImpossibleTime)
    }

    fn signed_at(&self) -> Option<Timestamp> {
        Timestamp::parse_basic(&self.date)
    }

    /// Adds when it was signed, until when it holds, and where.
    pub(super) fn tell(&self, facts: &mut Facts) {
        if let Some(signed) = self.signed_at() {
            facts.add(Fact::CreatedAt(signed));
            if let Some(seconds) = self.expires {
                facts.add(Fact::ExpiresAt(signed.plus(seconds)));
            }
        }
        if !self.region.is_empty() && &*self.region != "auto" {
            facts.add(Fact::Region(self.region.clone()));
        }
    }
}
