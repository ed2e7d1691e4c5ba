//! AWS host names near a credential: what they say of its account, region and
//! service.

use std::ops::Range;

use memchr::memmem;

use super::account;
use super::region::is_region;
use crate::fact::Fact;

/// A host name such as `<label>.dkr.ecr.<region>.amazonaws.com`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Endpoint<'t> {
    /// What stands before the service, without the dot; often empty.
    pub(super) label: &'t [u8],
    /// The region.
    pub(super) region: &'t str,
    /// Where the service's name starts.
    pub(super) at: usize,
}

/// The endpoint nearest to `place`. `service` is what stands between label and
/// region, with its dots: `.dkr.ecr.`, `email-smtp.`. Linear.
pub(super) fn nearest<'t>(
    text: &'t [u8],
    service: &str,
    place: &Range<usize>,
) -> Option<Endpoint<'t>> {
    memmem::find_iter(text, service.as_bytes())
        .filter_map(|at| endpoint(text, service.len(), at))
        .min_by_key(|e| e.at.abs_diff(place.start))
}

fn endpoint(text: &[u8], service: usize, at: usize) -> Option<Endpoint<'_>> {
    let host = |b: &u8| b.is_ascii_alphanumeric() || *b == b'-';
    let rest = &text[at + service..];
    let len = rest.iter().take(32).take_while(|b| host(b)).count();
    let (region, rest) = rest.split_at(len);
    if !rest.starts_with(b".amazonaws.com") || !is_region(region) {
        return None;
    }
    let label = text[..at].iter().rev().take(64).take_while(|b| host(b)).count();
    Some(Endpoint { label: &text[at - label..at], region: std::str::from_utf8(region).ok()?, at })
}

impl Endpoint<'_> {
    /// The region as a fact.
    pub(super) fn region_fact(&self) -> Fact {
        Fact::Region(self.region.into())
    }

    /// The account in the label, if that is one.
    pub(super) fn account(&self) -> Option<u64> {
        account::parse(self.label)
    }
}

/// The host and the path of an `https` URL, for a fact: without the query and the
/// fragment. `None` if it names a user or is anything else.
pub(super) fn host_and_path(url: &[u8]) -> Option<Box<str>> {
    let rest = url.strip_prefix(b"https://")?;
    let len = rest.iter().position(|b| matches!(b, b'?' | b'#')).unwrap_or(rest.len());
    let place = &rest[..len];
    let (host, path) = place.split_at(memchr::memchr(b'/', place).unwrap_or(len));
    let mut labels = host.splitn(2, |b| *b == b':');
    let name = labels.next()?;
    let port = labels.next().unwrap_or_default();
    let fits = !name.is_empty()
        && name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
        && port.iter().all(u8::is_ascii_digit)
        && path.iter().all(|b| b.is_ascii_alphanumeric() || b"/._-~".contains(b));
    fits.then(|| boxed(&url[..b"https://".len() + len]))
}

/// Text for a fact: what is no UTF-8 is replaced.
pub(super) fn boxed(text: &[u8]) -> Box<str> {
    String::from_utf8_lossy(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_endpoint_counts() {
        let text = b"https://1.dkr.ecr.us-east-1.amazonaws.com HERE 402913857264.dkr.ecr.\
            cn-north-1.amazonaws.com.cn x.dkr.ecr.nowhere.amazonaws.com";
        let found = nearest(text, ".dkr.ecr.", &(42..46)).unwrap();
        assert_eq!((found.region, found.account()), ("cn-north-1", Some(402_913_857_264)));
        assert_eq!(nearest(text, ".dkr.ecr.", &(0..0)).unwrap().region, "us-east-1");
        assert_eq!(nearest(b"email-smtp.eu-west-1.amazon", "email-smtp.", &(0..0)), None);
        assert_eq!(
            nearest(b"email-smtp.eu-west-1.amazonaws.com", "email-smtp.", &(0..0)).unwrap().label,
            b""
        );
    }
}
