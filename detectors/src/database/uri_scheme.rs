//! The schemes of connection URIs, and what each opens.
//!
//! A scheme may name its driver behind a plus sign (`postgresql+asyncpg`), and
//! another library before one (`sqla+mysql`, `db+postgresql`).
//!
//! Sources: the documentation of the client libraries; IANA's registry of schemes.

use super::kind::{self, Kind};

/// What a scheme says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scheme {
    /// What listens.
    pub(super) kind: Kind,
    /// Whether the scheme itself asks for encryption.
    pub(super) tls: Option<bool>,
    /// Whether it is a scheme of a database, queue or cache.
    pub(super) is_database: bool,
}

/// Names of schemes, without driver, with what they open.
const DATABASES: &[(&str, Kind, Option<bool>)] = &[
    ("postgres", kind::POSTGRESQL, None),
    ("postgresql", kind::POSTGRESQL, None),
    ("postgis", kind::POSTGRESQL, None),
    ("psql", kind::POSTGRESQL, None),
    ("timescaledb", kind::POSTGRESQL, None),
    ("yugabytedb", kind::POSTGRESQL, None),
    ("cockroachdb", kind::COCKROACHDB, None),
    ("cockroach", kind::COCKROACHDB, None),
    ("redshift", kind::REDSHIFT, None),
    ("mysql", kind::MYSQL, None),
    ("mysql2", kind::MYSQL, None),
    ("mysqli", kind::MYSQL, None),
    ("mysqls", kind::MYSQL, Some(true)),
    ("mysqlx", kind::MYSQL, None),
    ("mysql-connector", kind::MYSQL, None),
    ("mariadb", kind::MARIADB, None),
    ("mongodb", kind::MONGODB, None),
    ("redis", kind::REDIS, None),
    ("rediss", kind::REDIS, Some(true)),
    ("redis-sentinel", kind::REDIS, None),
    ("valkey", kind::REDIS, None),
    ("valkeys", kind::REDIS, Some(true)),
    ("amqp", kind::AMQP, None),
    ("amqps", kind::AMQP, Some(true)),
    ("pyamqp", kind::AMQP, None),
    ("mssql", kind::SQLSERVER, None),
    ("sqlserver", kind::SQLSERVER, None),
    ("oracle", kind::ORACLE, None),
    ("snowflake", kind::SNOWFLAKE, Some(true)),
    ("clickhouse", kind::CLICKHOUSE, None),
    ("clickhousedb", kind::CLICKHOUSE, None),
    ("ch", kind::CLICKHOUSE, None),
    ("cassandra", kind::CASSANDRA, None),
    ("couchdb", kind::COUCHDB, None),
    ("couchdbs", kind::COUCHDB, Some(true)),
    ("couchbase", kind::COUCHBASE, None),
    ("couchbases", kind::COUCHBASE, Some(true)),
    ("bolt", kind::NEO4J, None),
    ("neo4j", kind::NEO4J, None),
    ("influxdb", kind::INFLUXDB, None),
    ("elasticsearch", kind::ELASTICSEARCH, None),
];

/// The same of services that are no databases.
const SERVICES: &[(&str, Kind, Option<bool>)] = &[
    ("ftp", kind::FTP, Some(false)),
    ("ftps", kind::FTP, Some(true)),
    ("sftp", kind::SFTP, None),
    ("ssh", kind::SFTP, None),
    ("ldap", kind::LDAP, None),
    ("ldaps", kind::LDAP, Some(true)),
    ("smtp", kind::SMTP, None),
    ("smtps", kind::SMTP, Some(true)),
    ("imap", kind::IMAP, None),
    ("imaps", kind::IMAP, Some(true)),
    ("mqtt", kind::MQTT, None),
    ("mqtts", kind::MQTT, Some(true)),
    ("nats", kind::NATS, None),
    ("kafka", kind::KAFKA, None),
    ("pulsar", kind::PULSAR, None),
    ("http", kind::HTTP, Some(false)),
    ("https", HTTPS, Some(true)),
];

/// HTTP with its other port.
const HTTPS: Kind = Kind { name: "http", port: 443 };

/// Ports at which databases speak HTTP.
const HTTP_PORTS: &[(u16, Kind)] = &[
    (9200, kind::ELASTICSEARCH),
    (9243, kind::ELASTICSEARCH),
    (5984, kind::COUCHDB),
    (6984, kind::COUCHDB),
    (8123, kind::CLICKHOUSE),
    (8086, kind::INFLUXDB),
    (7474, kind::NEO4J),
];

impl Scheme {
    /// The scheme of that name: `postgresql+psycopg2`, `sqla+mysql`, `mongodb+srv`.
    pub(super) fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let mut pieces = name.split('+');
        let mut base = pieces.next()?;
        if matches!(base, "sqla" | "db" | "git" | "hg" | "svn") {
            base = pieces.next()?;
        }
        let find = |list: &[(&str, Kind, Option<bool>)], is_database| {
            let (_, kind, tls) = list.iter().find(|(known, _, _)| *known == base)?;
            Some(Self { kind: *kind, tls: *tls, is_database })
        };
        let mut scheme = find(DATABASES, true).or_else(|| find(SERVICES, false))?;
        for driver in pieces {
            if matches!(driver, "srv" | "s" | "ssc" | "ssl" | "tls" | "https" | "rediss") {
                scheme.tls = Some(true);
            }
        }
        Some(scheme)
    }

    /// The database that speaks HTTP at this port, or for this user.
    pub(super) fn over_http(self, port: Option<u16>, user: Option<&str>) -> Option<Kind> {
        if self.kind.name != kind::HTTP.name {
            return None;
        }
        let by_port = HTTP_PORTS.iter().find(|(p, _)| Some(*p) == port).map(|(_, kind)| *kind);
        by_port.or((user == Some("elastic")).then_some(kind::ELASTICSEARCH))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_known_with_their_drivers() {
        for (name, kind, tls) in [
            ("postgresql+asyncpg", "postgresql", None),
            ("POSTGRES", "postgresql", None),
            ("sqla+mysql+pymysql", "mysql", None),
            ("mongodb+srv", "mongodb", Some(true)),
            ("rediss", "redis", Some(true)),
            ("neo4j+s", "neo4j", Some(true)),
            ("git+https", "http", Some(true)),
            ("git+ssh", "sftp", None),
        ] {
            let scheme = Scheme::named(name).unwrap();
            assert_eq!((scheme.kind.name, scheme.tls), (kind, tls), "{name}");
        }
        for name in ["", "+", "db", "xpostgres", "git"] {
            assert_eq!(Scheme::named(name), None, "{name}");
        }
    }
}
