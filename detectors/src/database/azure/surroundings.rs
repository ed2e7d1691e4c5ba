//! What the connection string around a key says of what the key opens.

use crate::database::connection_string::literal::{Literal, Sign, Writing};
use crate::database::server::environment;
use crate::fact::{Fact, Facts};
use std::ops::Range;

/// The pairs of the string around a key.
pub(super) struct Surroundings {
    line: Vec<u8>,
}

impl Surroundings {
    /// Reads the string that the value at `value` stands in.
    pub(super) fn of(text: &[u8], value: &Range<usize>) -> Self {
        let before = &text[..value.start];
        let percent = before.len() >= 3 && before[before.len() - 3..].eq_ignore_ascii_case(b"%3d");
        let quoted_printable = before.ends_with(b"=3D");
        let sign = Sign { percent: u8::from(percent), quoted_printable };
        let writing = Writing::before(text, value.start, sign);
        let from = writing.start(text, value.start);
        Self { line: Literal::read(text, from, writing).bytes }
    }

    /// The value of a pair, up to its semicolon. The name is in lower case.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let finder = |from: usize| {
            self.line[from..]
                .windows(name.len() + 1)
                .position(|w| {
                    w[name.len()] == b'=' && w[..name.len()].eq_ignore_ascii_case(name.as_bytes())
                })
                .map(|at| from + at)
        };
        let mut at = finder(0)?;
        while at > 0 && self.line[at - 1].is_ascii_alphanumeric() {
            at = finder(at + 1)?;
        }
        let rest = &self.line[at + name.len() + 1..];
        let len = rest
            .iter()
            .position(|b| matches!(b, b';' | b'"' | b'\'' | b',' | b'<') || b.is_ascii_whitespace())
            .unwrap_or(rest.len());
        std::str::from_utf8(&rest[..len]).ok().filter(|v| !v.is_empty() && v.len() <= 256)
    }

    /// The host that ends with `suffix`.
    fn host(&self, suffix: &str) -> Option<&str> {
        let at = memchr::memmem::find(&self.line, suffix.as_bytes())?;
        let is_host = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
        let before = self.line[..at].iter().rev().take(80).take_while(is_host).count();
        std::str::from_utf8(&self.line[at - before..at + suffix.len()]).ok().filter(|_| before > 0)
    }

    /// Facts about what the key opens.
    pub(super) fn facts(&self) -> Facts {
        let mut facts = Facts::default();
        let mut names: Vec<&str> = Vec::new();
        let account = self.value("accountname");
        let endpoint = ["accountendpoint", "endpoint", "hostname", "blobendpoint"]
            .iter()
            .find_map(|k| self.value(k))
            .map(|url| {
                let host = url.split_once("://").map_or(url, |(_, rest)| rest);
                host.split(['/', ':']).next().unwrap_or(host)
            })
            .or_else(|| {
                [
                    ".redis.cache.windows.net",
                    ".documents.azure.com",
                    ".core.windows.net",
                    ".servicebus.windows.net",
                    ".azure-devices.net",
                    ".search.windows.net",
                    ".azurecr.io",
                    ".azurewebsites.net",
                    ".batch.azure.com",
                ]
                .iter()
                .find_map(|s| self.host(s))
            });
        if let Some(account) = account {
            facts.add(Fact::Resource(account.into()));
            names.push(account);
            if let Some(suffix) = self.value("endpointsuffix").filter(|_| endpoint.is_none()) {
                facts.add(Fact::Host(format!("{account}.blob.{suffix}").into()));
            }
        }
        if let Some(host) = endpoint.filter(|h| !h.is_empty()) {
            facts.add(Fact::Host(host.into()));
            names.push(host);
        }
        if let Some(policy) = self.value("sharedaccesskeyname") {
            facts.add(Fact::User(policy.into()));
        }
        if let Some(id) = self.value("id").filter(|_| endpoint.is_some()) {
            facts.add(Fact::KeyId(id.into()));
        }
        if let Some(device) = self.value("deviceid") {
            facts.add(Fact::Resource(device.into()));
        }
        if let Some(entity) = self.value("entitypath") {
            facts.add(Fact::Object(entity.into()));
            names.push(entity);
        }
        if let Some(found) = names.into_iter().find_map(environment) {
            facts.add(Fact::Environment(found));
        }
        facts
    }
}
