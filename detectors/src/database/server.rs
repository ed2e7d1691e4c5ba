//! What a connection tells about its server: hosts, who can reach them, which
//! environment it is.

use crate::database::kind::Kind;
use crate::fact::{Environment, Fact, Facts};
use crate::url::host::{HostClass, classify};

/// A server as a connection string names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    /// Name or address, brackets of IPv6 kept; may be empty.
    pub(crate) host: String,
    /// The port, if it is named.
    pub(crate) port: Option<u16>,
}

/// A connection, as far as it could be read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connection {
    /// Which kind of service.
    pub(crate) kind: Option<Kind>,
    /// The servers, the first one first.
    pub(crate) servers: Vec<Server>,
    /// The user.
    pub(crate) user: Option<String>,
    /// The database, keyspace, service or virtual host.
    pub(crate) database: Option<String>,
    /// Whether the connection is encrypted, if that is said.
    pub(crate) tls: Option<bool>,
    /// Other names that may tell the environment: a section, a variable, a file.
    pub(crate) names: Vec<String>,
}

impl Connection {
    /// The class of the host that most can reach. No server at all is the same
    /// machine.
    pub(crate) fn host_class(&self) -> HostClass {
        let rank = |class: &HostClass| match class {
            HostClass::Public => 5,
            HostClass::ManagedCloud => 4,
            HostClass::Private => 3,
            HostClass::ServiceName => 2,
            HostClass::Local => 1,
            HostClass::Documentation => 0,
        };
        self.servers.iter().map(|s| classify(&s.host)).max_by_key(rank).unwrap_or(HostClass::Local)
    }

    /// What is known, as facts. `host_class` is left out where no host is named,
    /// so that severity is not bounded by what is not known.
    pub(crate) fn facts(&self) -> Facts {
        let mut facts = Facts::default();
        let boxed = |s: &str| Box::<str>::from(s);
        if let Some(kind) = self.kind {
            facts.add(Fact::DatabaseKind(kind.name));
        }
        if let Some(user) = self.user.as_deref().filter(|u| !u.is_empty()) {
            facts.add(Fact::User(boxed(user)));
        }
        if let Some(first) = self.servers.first().filter(|s| !s.host.is_empty()) {
            facts.add(Fact::Host(boxed(&first.host)));
        }
        let default = self.kind.map(|k| k.port).filter(|p| *p != 0);
        if let Some(port) = self.servers.first().and_then(|s| s.port.or(default)) {
            facts.add(Fact::Port(port));
        }
        if self.servers.len() > 1 {
            let all: Vec<String> = self
                .servers
                .iter()
                .map(|s| match s.port {
                    Some(port) => format!("{}:{port}", s.host),
                    None => s.host.clone(),
                })
                .collect();
            facts.add(Fact::Hosts(all.join(",").into()));
        }
        // The longest name that a database takes has 128 characters (SQL Server).
        let name = |d: &&str| !d.is_empty() && d.len() <= 128;
        if let Some(database) = self.database.as_deref().filter(name) {
            facts.add(Fact::Database(boxed(database)));
        }
        if let Some(tls) = self.tls {
            facts.add(Fact::Tls(tls));
        }
        if !self.servers.is_empty() {
            facts.add(Fact::HostClass(self.host_class()));
        }
        if let Some(environment) = self.environment() {
            facts.add(Fact::Environment(environment));
        }
        facts
    }

    /// The environment that the names suggest: those around the string first, then
    /// the database, the host, the user.
    fn environment(&self) -> Option<Environment> {
        let hosts = self.servers.iter().map(|s| s.host.as_str());
        self.names
            .iter()
            .map(String::as_str)
            .chain(self.database.as_deref())
            .chain(hosts)
            .chain(self.user.as_deref())
            .find_map(environment)
    }
}

/// The environment that a word of the name suggests: `prod-db-1`, `app_staging`,
/// `DEV_DATABASE_URL`, `myappProduction`.
pub(crate) fn environment(name: &str) -> Option<Environment> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut lower = false;
    for c in name.chars() {
        let boundary = !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && lower);
        if boundary && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_ascii_alphabetic() {
            word.push(c.to_ascii_lowercase());
        }
        lower = c.is_ascii_lowercase();
    }
    words.push(word);
    words.iter().find_map(|w| match w.as_str() {
        "prod" | "production" | "prd" | "live" => Some(Environment::Production),
        "staging" | "stage" | "stg" | "stag" | "uat" | "preprod" | "qa" | "preview" => {
            Some(Environment::Staging)
        }
        "dev" | "development" | "develop" | "test" | "tests" | "testing" | "sandbox" | "ci"
        | "demo" | "local" => Some(Environment::Development),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_suggest_environments() {
        use Environment::{Development, Production, Staging};
        for (name, expected) in [
            ("prod-db-1", Some(Production)),
            ("DEV_DATABASE_URL", Some(Development)),
            ("myappProduction", Some(Production)),
            ("app_staging", Some(Staging)),
            ("db.qa.acme.io", Some(Staging)),
            ("products", None),
            ("device", None),
            ("", None),
        ] {
            assert_eq!(environment(name), expected, "{name}");
        }
    }

    #[test]
    fn the_most_exposed_host_counts() {
        let server = |host: &str| Server { host: host.into(), port: None };
        let connection = Connection {
            servers: vec![server("10.0.0.1"), server("db.acme.io")],
            ..Connection::default()
        };
        assert_eq!(connection.host_class(), HostClass::Public);
        assert_eq!(Connection::default().host_class(), HostClass::Local);
    }
}
