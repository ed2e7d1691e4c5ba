//! What names of log files say.

use std::path::Path;

use super::{LogContext, shown};

/// What the name of a file says of what wrote it.
pub(super) fn context(path: &Path) -> LogContext {
    let mut names = path.iter().rev().map(|name| name.to_string_lossy());
    let Some(file) = names.next() else {
        return LogContext::default();
    };
    // Rotated files have more behind it.
    let Some(stem) = file.find(".log").map(|end| &file[..end]) else {
        return LogContext::default();
    };
    let (container, pod) = (names.next(), names.next());
    of_link(stem)
        .or_else(|| of_docker(stem, container.as_deref()?))
        .or_else(|| of_pod(stem, &container?, &pod?))
        .unwrap_or_default()
}

/// `/var/log/containers/<pod>_<namespace>_<container>-<id>.log`
fn of_link(stem: &str) -> Option<LogContext> {
    let mut parts = stem.split('_');
    let (pod, namespace, container) = (parts.next()?, parts.next()?, parts.next()?);
    let (container, id) = container.rsplit_once('-')?;
    if parts.next().is_some() || !is_id(id) {
        return None;
    }
    Some(kubernetes(pod, namespace, container))
}

/// `/var/log/pods/<namespace>_<pod>_<uid>/<container>/<number>.log`
fn of_pod(stem: &str, container: &str, pod: &str) -> Option<LogContext> {
    let mut parts = pod.split('_');
    let (namespace, pod, uid) = (parts.next()?, parts.next()?, parts.next()?);
    let is_uid = uid.len() >= 32 && uid.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let is_number = !stem.is_empty() && stem.bytes().all(|b| b.is_ascii_digit());
    if parts.next().is_some() || !is_uid || !is_number {
        return None;
    }
    Some(kubernetes(pod, namespace, container))
}

/// `/var/lib/docker/containers/<id>/<id>-json.log`
fn of_docker(stem: &str, directory: &str) -> Option<LogContext> {
    let id = stem.strip_suffix("-json")?;
    // As Docker itself shows it.
    let short = id.as_bytes().get(..12)?;
    (is_id(id) && id == directory)
        .then(|| LogContext { container: shown(short), ..LogContext::default() })
}

fn is_id(id: &str) -> bool {
    id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit())
}

fn kubernetes(pod: &str, namespace: &str, container: &str) -> LogContext {
    LogContext {
        pod: shown(pod.as_bytes()),
        namespace: shown(namespace.as_bytes()),
        container: shown(container.as_bytes()),
        ..LogContext::default()
    }
}
