//! Which bucket and object a URL of an S3-like store names.
//!
//! Sources: Amazon S3 User Guide, "Virtual hosting of buckets", "Amazon S3
//! regions and endpoints"; the endpoint lists of the services that take the same
//! requests.

use crate::fact::{Fact, Facts};
use crate::url::host::{HostClass, classify};
use crate::url::located::Located;
use crate::url::writing::percent_decoded;

/// Where a request goes in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The bucket; none where only the owner of the host's name can tell.
    pub(crate) bucket: Option<Box<str>>,
    /// The object's key, percent-decoded; none for the bucket itself.
    pub(crate) object: Option<Box<str>>,
}

/// Hosts of stores that take the requests of S3: the bucket is a label before,
/// or the first segment of the path.
const STORES: &[&str] = &[
    ".digitaloceanspaces.com",
    ".wasabisys.com",
    ".backblazeb2.com",
    ".eu.r2.cloudflarestorage.com",
    ".fedramp.r2.cloudflarestorage.com",
    ".r2.cloudflarestorage.com",
    ".linodeobjects.com",
    ".scw.cloud",
    ".your-objectstorage.com",
    ".vultrobjects.com",
    ".cloud-object-storage.appdomain.cloud",
    ".ovh.net",
    ".io.cloud.ovh.net",
    ".storage.yandexcloud.net",
    ".storjshare.io",
    ".contabostorage.com",
];

impl Place {
    /// The place that a host and a percent-encoded path name.
    pub(crate) fn of(host: &str, port: Option<u16>, path: &[u8]) -> Self {
        let key = path.strip_prefix(b"/").unwrap_or(path);
        let text = |bytes: &[u8]| -> Option<Box<str>> {
            let decoded = percent_decoded(bytes);
            (!decoded.is_empty()).then(|| String::from_utf8_lossy(&decoded).into())
        };
        let by_path = || {
            let slash = memchr::memchr(b'/', key).unwrap_or(key.len());
            Self { bucket: text(&key[..slash]), object: key.get(slash + 1..).and_then(text) }
        };
        let by_host = |bucket: &str| Self { bucket: Some(bucket.into()), object: text(key) };
        match owner(host) {
            Some("") => by_path(),
            Some(bucket) => by_host(bucket),
            // A store of one's own is addressed by its path, unless the host is a
            // name for one bucket.
            None if port.is_some() || (!host.is_empty() && classify(host) != HostClass::Public) => {
                by_path()
            }
            None => Self { bucket: None, object: text(key) },
        }
    }

    /// The place of a URL.
    pub(crate) fn of_url(url: &Located) -> Self {
        Self::of(&url.host(), url.port(), url.path())
    }

    /// Adds what it is to the facts.
    pub(crate) fn tell(self, facts: &mut Facts) {
        if let Some(bucket) = self.bucket {
            facts.add(Fact::Bucket(bucket));
        }
        if let Some(object) = self.object {
            facts.add(Fact::Object(object));
        }
    }
}

/// What stands before the name of a store in a host: the bucket, or nothing.
/// `None` if the host is no known store.
fn owner(host: &str) -> Option<&str> {
    let aws = host.strip_suffix(".amazonaws.com.cn").or(host.strip_suffix(".amazonaws.com"));
    if let Some(name) = aws {
        let is_service = |label: &str| label == "s3" || label.starts_with("s3-");
        // The last one counts: a bucket may be called so.
        let mut end = name.len();
        for label in name.rsplit('.') {
            let start = end - label.len();
            if is_service(label) {
                return Some(name[..start].trim_end_matches('.'));
            }
            end = start.saturating_sub(1);
        }
        return None;
    }
    let store = STORES.iter().find(|s| host.ends_with(**s))?;
    let head = host[..host.len() - store.len()].trim_start_matches('.');
    // What is left are the bucket, a word such as `s3` and a region or account.
    let mut labels: Vec<&str> = head.split('.').collect();
    labels.pop();
    if labels.last().is_some_and(|l| *l == "s3") {
        labels.pop();
    }
    let len = labels.iter().map(|l| l.len() + 1).sum::<usize>().saturating_sub(1);
    Some(&head[..len])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_stand_in_hosts_and_paths() {
        for (host, path, bucket, object) in [
            ("s3.amazonaws.com", "/b/k%20x/y", "b", "k x/y"),
            ("s3.eu-west-1.amazonaws.com", "/b/k", "b", "k"),
            ("s3-eu-west-1.amazonaws.com", "/b", "b", ""),
            ("s3.dualstack.us-east-1.amazonaws.com", "/b/k", "b", "k"),
            ("b.s3.amazonaws.com", "/k/l", "b", "k/l"),
            ("a.b.c.s3.cn-north-1.amazonaws.com.cn", "/k", "a.b.c", "k"),
            ("b.s3-accelerate.amazonaws.com", "/k", "b", "k"),
            ("b.s3-accelerate.dualstack.amazonaws.com", "/k", "b", "k"),
            ("b.s3.dualstack.us-east-1.amazonaws.com", "/k", "b", "k"),
            (
                "ap-958317426603.s3-accesspoint.eu-west-1.amazonaws.com",
                "/k",
                "ap-958317426603",
                "k",
            ),
            ("0f1e2d.r2.cloudflarestorage.com", "/b/k", "b", "k"),
            ("b.0f1e2d.r2.cloudflarestorage.com", "/k", "b", "k"),
            ("b.0f1e2d.eu.r2.cloudflarestorage.com", "/k", "b", "k"),
            ("fra1.digitaloceanspaces.com", "/b/k", "b", "k"),
            ("b.fra1.digitaloceanspaces.com", "/k", "b", "k"),
            ("s3.eu-central-1.wasabisys.com", "/b/k", "b", "k"),
            ("b.s3.eu-central-1.wasabisys.com", "/k", "b", "k"),
            ("b.s3.us-west-002.backblazeb2.com", "/k", "b", "k"),
            ("minio", "/b/k", "b", "k"),
            ("10.0.0.3", "/b/k", "b", "k"),
            ("files.acme.io", "/k/l", "", "k/l"),
        ] {
            let place = Place::of(host, None, path.as_bytes());
            assert_eq!(place.bucket.as_deref().unwrap_or_default(), bucket, "{host}{path}");
            assert_eq!(place.object.as_deref().unwrap_or_default(), object, "{host}{path}");
        }
        let place = Place::of("files.acme.io", Some(9000), b"/b/k");
        assert_eq!(place.bucket.as_deref(), Some("b"));
    }
}
