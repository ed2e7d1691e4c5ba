//! What was found in an entry, and the names that fields have.

use super::{LogContext, shown};

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Time,
    Unit,
    Host,
    Pod,
    Namespace,
    Container,
    Level,
    Process,
    Pid,
}

/// How many kinds there are.
const KINDS: usize = 9;

/// Values, the best of each kind.
#[derive(Default)]
pub(super) struct Found {
    values: [Option<(u8, Box<str>)>; KINDS],
    /// Added to the rank of what is found: what a program wrote says less than what was
    /// written about it.
    pub(super) within: u8,
    /// Whether the line is a record of its own, and no part of a message.
    pub(super) is_record: bool,
}

/// The rank of what is said in a program's own words.
const INNER: u8 = 16;

impl Found {
    /// Takes a value, unless a better one is known.
    pub(super) fn set(&mut self, kind: Kind, rank: u8, value: &[u8]) {
        let rank = rank + self.within;
        let place = &mut self.values[kind as usize];
        if place.as_ref().is_none_or(|(known, _)| rank < *known)
            && let Some(value) = shown(value)
        {
            *place = Some((rank, value));
        }
    }

    /// Takes a field's value, if its name says what it is.
    pub(super) fn field(&mut self, name: &[u8], value: &[u8]) {
        match kind_of(name) {
            Some((Kind::Level, rank)) if name == b"PRIORITY" => {
                self.set(Kind::Level, rank, severity(value).unwrap_or(value));
            }
            Some((kind, rank)) => {
                self.set(kind, rank, value);
                // Syslog's tag is the name of the program too.
                if name == b"SYSLOG_IDENTIFIER" {
                    self.set(Kind::Process, 2, value);
                }
            }
            None => {}
        }
    }

    /// Whether a time was found.
    pub(super) fn has_time(&self) -> bool {
        self.values[Kind::Time as usize].is_some()
    }

    /// Reads what stands within what was read.
    pub(super) fn inner(&mut self, read: impl FnOnce(&mut Self)) {
        if self.within >= 2 * INNER {
            return;
        }
        self.within += INNER;
        let is_record = self.is_record;
        read(self);
        self.is_record = is_record;
        self.within -= INNER;
    }

    /// What was found.
    pub(super) fn context(self) -> LogContext {
        let values = self.values.map(|value| value.map(|(_, value)| value));
        let [timestamp, unit, host, pod, namespace, container, level, name, pid] = values;
        let process = match (name, pid) {
            (Some(name), Some(pid)) => shown(format!("{name}[{pid}]").as_bytes()),
            (name, pid) => name.or(pid),
        };
        LogContext { timestamp, unit, host, pod, namespace, container, level, process }
    }
}

/// The names that syslog has for its numbers.
fn severity(number: &[u8]) -> Option<&'static [u8]> {
    const NAMES: [&[u8]; 8] =
        [b"emerg", b"alert", b"crit", b"err", b"warning", b"notice", b"info", b"debug"];
    match number {
        [digit @ b'0'..=b'7'] => NAMES.get(usize::from(digit - b'0')).copied(),
        _ => None,
    }
}

/// The longest name that says anything.
const LONGEST: usize = 64;

/// What a field of this name has for a value, and how far it is to be preferred: the less
/// the better. Names of objects in objects are separated by dots or underscores.
fn kind_of(name: &[u8]) -> Option<(Kind, u8)> {
    let written = name;
    let name = plain(name)?;
    let found = match without_scope(&name) {
        b"time" | b"timestamp" | b"@timestamp" | b"ts" => (Kind::Time, 0),
        b"__realtime_timestamp" => (Kind::Time, 0),
        b"datetime" | b"date" | b"asctime" | b"eventtime" | b"t" => (Kind::Time, 1),
        // MongoDB's.
        b"t_$date" => (Kind::Time, 0),
        b"_source_realtime_timestamp" => (Kind::Time, 2),
        b"_systemd_unit" | b"unit" | b"systemd_unit" => (Kind::Unit, 0),
        b"_systemd_user_unit" => (Kind::Unit, 1),
        b"syslog_identifier" | b"identifier" | b"ident" => (Kind::Unit, 2),
        b"host" | b"hostname" | b"_hostname" | b"host_name" | b"host_hostname" => (Kind::Host, 0),
        b"node_name" | b"node" | b"nodename" => (Kind::Host, 1),
        b"pod" | b"pod_name" | b"podname" => (Kind::Pod, 0),
        b"namespace" | b"namespace_name" | b"pod_namespace" => (Kind::Namespace, 0),
        b"container" | b"container_name" | b"containername" | b"_container_name" => {
            (Kind::Container, 0)
        }
        b"container_id" | b"container_id_full" => (Kind::Container, 3),
        b"level" | b"lvl" | b"severity" | b"log_level" | b"loglevel" | b"levelname"
        | b"severity_text" => (Kind::Level, 0),
        // Journald's, and nobody else's.
        b"priority" if written == b"PRIORITY" => (Kind::Level, 1),
        b"process" | b"process_name" | b"program" | b"appname" => (Kind::Process, 0),
        b"_comm" => (Kind::Process, 1),
        b"pid" | b"_pid" | b"process_pid" | b"process_id" => (Kind::Pid, 0),
        b"syslog_pid" => (Kind::Pid, 1),
        _ => return None,
    };
    Some(found)
}

/// Whether there may be something in an object of this name.
pub(super) fn is_scope(name: &[u8]) -> bool {
    let Some(name) = plain(name) else {
        return false;
    };
    matches!(
        without_scope(&name),
        b"kubernetes"
            | b"k8s"
            | b"resource"
            | b"resource_labels"
            | b"resource_attributes"
            | b"labels"
            | b"attributes"
            | b"pod"
            | b"node"
            | b"namespace"
            | b"container"
            | b"host"
            | b"process"
            | b"log"
            | b"systemd"
            | b"syslog"
            | b"journald"
            | b"t"
    ) && (name != b"labels" && !name.starts_with(b"kubernetes_labels"))
}

/// A name in lower case, with underscores.
fn plain(name: &[u8]) -> Option<Vec<u8>> {
    let written = |b: &u8| if matches!(b, b'.' | b'/' | b'-') { b'_' } else { *b };
    (name.len() <= LONGEST)
        .then(|| name.iter().map(|b| written(b).to_ascii_lowercase()).collect::<Vec<u8>>())
}

/// A name without those of the objects that all of it may stand in.
fn without_scope(name: &[u8]) -> &[u8] {
    let mut name = name;
    for scope in [&b"resource_"[..], b"labels_", b"attributes_", b"kubernetes_", b"k8s_"] {
        // Labels may have any name.
        name = name.strip_prefix(scope).unwrap_or(name);
    }
    name
}
