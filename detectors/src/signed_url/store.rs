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
    ".cdn.digitaloceanspaces.com",
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
    ".io.cloud.ovh.net",
    ".cloud.ovh.net",
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
    let host = host.trim_end_matches('.');
    let aws = host.strip_suffix(".amazonaws.com.cn").or(host.strip_suffix(".amazonaws.com"));
    if let Some(name) = aws {
        let is_service = |label: &str| {
            label == "s3" || label.starts_with("s3-") || label.starts_with("s3express-")
        };
        return before_label(name, is_service).map(bucket_of);
    }
    if let Some(bucket) = ["storage.googleapis.com", "oss-accelerate.aliyuncs.com"]
        .iter()
        .find_map(|store| host.strip_suffix(store))
    {
        return Some(bucket.trim_end_matches('.'));
    }
    if let Some(name) = host.strip_suffix(".aliyuncs.com") {
        return before_label(name, |label| label.starts_with("oss-"))
            .map(|bucket| bucket.strip_suffix("s3").unwrap_or(bucket).trim_end_matches('.'));
    }
    let Some(store) = STORES.iter().find(|s| host.ends_with(**s)) else {
        // A store of one's own, with its bucket before the name that all choose.
        return before_label(host, |label| label == "s3").filter(|bucket| !bucket.is_empty());
    };
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

/// What stands before the last label of that kind in a host; a bucket may be called
/// so too.
fn before_label(name: &str, is_kind: impl Fn(&str) -> bool) -> Option<&str> {
    let mut end = name.len();
    for label in name.rsplit('.') {
        let start = end - label.len();
        if is_kind(label) {
            return Some(name[..start].trim_end_matches('.'));
        }
        end = start.saturating_sub(1);
    }
    None
}

/// The bucket in what stands before the service of a host of AWS: without what says
/// that it goes through an interface endpoint or an access point of many regions
/// (Amazon S3 User Guide, "AWS PrivateLink for Amazon S3", "Making requests through
/// a Multi-Region Access Point").
fn bucket_of(head: &str) -> &str {
    let head = head.strip_suffix(".accesspoint").unwrap_or(head);
    let (before, last) = head.rsplit_once('.').unwrap_or(("", head));
    if !last.starts_with("vpce-") {
        return head;
    }
    match before.rsplit_once('.') {
        Some((bucket, "bucket" | "accesspoint")) => bucket,
        None if matches!(before, "bucket" | "accesspoint") => "",
        _ => before,
    }
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
            (
                "b--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com",
                "/k",
                "b--usw2-az1--x-s3",
                "k",
            ),
            (
                "mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com",
                "/k",
                "mfzwi23gnjvgw.mrap",
                "k",
            ),
            ("bucket.vpce-1a2b-5e6f.s3.us-east-1.vpce.amazonaws.com", "/b/k", "b", "k"),
            ("b.c.bucket.vpce-1a2b-5e6f.s3.us-east-1.vpce.amazonaws.com", "/k", "b.c", "k"),
            ("ap-9.accesspoint.vpce-1a2b-5e6f.s3.us-east-1.vpce.amazonaws.com", "/k", "ap-9", "k"),
            ("s3.us-east-1.amazonaws.com.", "/b/k", "b", "k"),
            ("b.nyc3.cdn.digitaloceanspaces.com", "/k", "b", "k"),
            ("s3.gra.io.cloud.ovh.net", "/b/k", "b", "k"),
            ("b.s3.gra.io.cloud.ovh.net", "/k", "b", "k"),
            ("b.s3.gra.cloud.ovh.net", "/k", "b", "k"),
            ("b.storage.googleapis.com", "/k", "b", "k"),
            ("storage.googleapis.com", "/b/k", "b", "k"),
            ("b.oss-cn-hangzhou.aliyuncs.com", "/k", "b", "k"),
            ("b.s3.oss-cn-hangzhou.aliyuncs.com", "/k", "b", "k"),
            ("oss-cn-hangzhou.aliyuncs.com", "/b/k", "b", "k"),
            ("b.s3.acme.io", "/k", "b", "k"),
            ("s3.acme.io", "/k/l", "", "k/l"),
            ("minio", "/b/k", "b", "k"),
            ("10.0.0.3", "/b/k", "b", "k"),
            ("files.acme.io", "/k/l", "", "k/l"),
        ] {
            let place = Place::of(host, None, path.as_bytes());
            assert_eq!(place.bucket.as_deref().unwrap_or_default(), bucket, "{host}{path}");
            assert_eq!(place.object.as_deref().unwrap_or_default(), object, "{host}{path}");
        }
        for (host, path) in [("files.acme.io", "/b/k"), ("b.s3.localhost.localstack.cloud", "/k")] {
            let place = Place::of(host, Some(9000), path.as_bytes());
            assert_eq!(place.bucket.as_deref(), Some("b"), "{host}");
            assert_eq!(place.object.as_deref(), Some("k"), "{host}");
        }
    }
}
