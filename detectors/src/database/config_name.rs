//! What the name of a setting says: whose password it is, or which fact about
//! the connection.

use super::kind::{self, Kind};

/// The most words of a name that are looked at, from its end.
const WORDS: usize = 12;

/// Words that name a kind of database wherever they stand in a name.
const KINDS: &[(&str, Kind)] = &[
    ("postgres", kind::POSTGRESQL),
    ("postgresql", kind::POSTGRESQL),
    ("pgsql", kind::POSTGRESQL),
    ("postgis", kind::POSTGRESQL),
    ("pg", kind::POSTGRESQL),
    ("psql", kind::POSTGRESQL),
    ("psycopg", kind::POSTGRESQL),
    ("psycopg2", kind::POSTGRESQL),
    ("asyncpg", kind::POSTGRESQL),
    ("pgbouncer", kind::POSTGRESQL),
    ("timescale", kind::POSTGRESQL),
    ("timescaledb", kind::POSTGRESQL),
    ("cockroach", kind::COCKROACHDB),
    ("cockroachdb", kind::COCKROACHDB),
    ("redshift", kind::REDSHIFT),
    ("mysql", kind::MYSQL),
    ("mysql2", kind::MYSQL),
    ("mysqli", kind::MYSQL),
    ("pymysql", kind::MYSQL),
    ("mysqldb", kind::MYSQL),
    ("mysqlclient", kind::MYSQL),
    ("aurora", kind::MYSQL),
    ("trilogy", kind::MYSQL),
    ("mariadb", kind::MARIADB),
    ("maria", kind::MARIADB),
    ("mongo", kind::MONGODB),
    ("mongodb", kind::MONGODB),
    ("mongoose", kind::MONGODB),
    ("redis", kind::REDIS),
    ("ioredis", kind::REDIS),
    ("jedis", kind::REDIS),
    ("redisson", kind::REDIS),
    ("rediscli", kind::REDIS),
    ("valkey", kind::REDIS),
    ("sidekiq", kind::REDIS),
    ("rabbitmq", kind::AMQP),
    ("rabbit", kind::AMQP),
    ("amqp", kind::AMQP),
    ("mssql", kind::SQLSERVER),
    ("sqlserver", kind::SQLSERVER),
    ("sqlsrv", kind::SQLSERVER),
    ("tedious", kind::SQLSERVER),
    ("oracle", kind::ORACLE),
    ("oracledb", kind::ORACLE),
    ("snowflake", kind::SNOWFLAKE),
    ("clickhouse", kind::CLICKHOUSE),
    ("cassandra", kind::CASSANDRA),
    ("scylla", kind::CASSANDRA),
    ("gocql", kind::CASSANDRA),
    ("elastic", kind::ELASTICSEARCH),
    ("elasticsearch", kind::ELASTICSEARCH),
    ("opensearch", kind::ELASTICSEARCH),
    ("influx", kind::INFLUXDB),
    ("influxdb", kind::INFLUXDB),
    ("couchdb", kind::COUCHDB),
    ("couchbase", kind::COUCHBASE),
    ("neo4j", kind::NEO4J),
    ("db2", kind::DB2),
];

/// Words that name a database without its kind.
const DATABASE: &[&str] = &[
    "db",
    "dbs",
    "database",
    "databases",
    "datasource",
    "datasources",
    "jdbc",
    "r2dbc",
    "odbc",
    "sql",
    "rds",
    "hibernate",
    "persistence",
    "hikari",
    "sequelize",
    "knex",
    "typeorm",
    "sqlalchemy",
    "alembic",
    "activerecord",
    "liquibase",
    "flyway",
    "dbt",
    "pgbouncer",
    "sqlx",
    "doctrine",
    "dbal",
    "ormconfig",
    "warehouse",
    "dbuser",
    "dbadmin",
];

/// Words before `password` that leave open whose it is.
const OPEN: &[&str] = &[
    "user",
    "users",
    "usr",
    "username",
    "root",
    "admin",
    "administrator",
    "master",
    "login",
    "default",
    "app",
    "application",
    "system",
    "owner",
    "service",
    "svc",
    "prod",
    "production",
    "prd",
    "staging",
    "stage",
    "stg",
    "dev",
    "development",
    "test",
    "live",
    "main",
    "primary",
    "secondary",
    "replica",
    "replication",
    "read",
    "write",
    "reader",
    "writer",
    "readonly",
    "ro",
    "rw",
    "slave",
    "initdb",
    "conn",
    "connection",
    "connect",
    "with",
    "set",
    "my",
    "our",
    "the",
    "const",
    "let",
    "var",
    "val",
    "plain",
    "clear",
    "account",
    "super",
    "superuser",
    "auth",
    "server",
    "host",
    "local",
    "remote",
    "backup",
    "external",
    "qa",
    "uat",
    "spring",
    "string",
    "pool",
    "init",
    "env",
    "config",
    "cfg",
    "conf",
    "settings",
    "options",
    "opts",
    "params",
    "properties",
    "props",
    // Objects that are set up: `ds.setPassword`, `dataSource.setPassword`.
    "ds",
    "data",
    "source",
    "builder",
    "s",
];

/// What stands behind `password` and leaves it a password.
const TAILS: &[&str] = &[
    "prod",
    "production",
    "prd",
    "staging",
    "stage",
    "stg",
    "dev",
    "development",
    "live",
    "qa",
    "uat",
    "local",
    "value",
    "plain",
    "main",
    "primary",
    "replica",
    "rw",
    "ro",
    "s",
];

/// Whose password a name names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// A database's, perhaps of a known kind.
    Database(Option<Kind>),
    /// Somebody's: the block around it must tell.
    Open,
}

/// The words of a name, in order, without allocation: divided at what is no
/// letter or digit and at humps.
pub(super) struct Words<'n> {
    name: &'n [u8],
    ranges: [(u16, u16); WORDS],
    len: usize,
}

impl<'n> Words<'n> {
    pub(super) fn of(name: &'n [u8]) -> Self {
        let name = &name[name.len() - name.len().min(160)..];
        let mut words = Self { name, ranges: [(0, 0); WORDS], len: 0 };
        let mut end = name.len();
        while end > 0 && words.len < WORDS {
            if !name[end - 1].is_ascii_alphanumeric() {
                end -= 1;
                continue;
            }
            let mut start = end - 1;
            while start > 0 && name[start - 1].is_ascii_alphanumeric() {
                let (before, at) = (name[start - 1], name[start]);
                let lower_next = start + 1 < end && name[start + 1].is_ascii_lowercase();
                let hump = at.is_ascii_uppercase()
                    && (before.is_ascii_lowercase() || before.is_ascii_digit() && lower_next);
                // `DBPassword`: the last capital belongs to what comes after it, but
                // not in `wgDBpassword`.
                let acronym = at.is_ascii_uppercase()
                    && (before, at) != (b'D', b'B')
                    && before.is_ascii_uppercase()
                    && start + 1 < end
                    && name[start + 1].is_ascii_lowercase();
                if hump || acronym {
                    break;
                }
                start -= 1;
            }
            words.ranges[words.len] = (start as u16, end as u16);
            words.len += 1;
            end = start;
        }
        words
    }

    /// The words, the last one first.
    pub(super) fn reversed(&self) -> impl Iterator<Item = &'n [u8]> + '_ {
        self.ranges[..self.len].iter().map(|(s, e)| &self.name[usize::from(*s)..usize::from(*e)])
    }
}

fn is_one_of(word: &[u8], list: &[&str]) -> bool {
    list.iter().any(|w| w.as_bytes().eq_ignore_ascii_case(word))
}

/// The kind that a word names.
pub(super) fn kind_of(word: &[u8]) -> Option<Kind> {
    // `redis0`, `mysql_8`.
    let bare = word.iter().rposition(|b| !b.is_ascii_digit()).map_or(word, |at| &word[..=at]);
    KINDS
        .iter()
        .find(|(w, _)| w.as_bytes().eq_ignore_ascii_case(word))
        .or_else(|| KINDS.iter().find(|(w, _)| w.as_bytes().eq_ignore_ascii_case(bare)))
        .map(|(_, kind)| *kind)
}

/// Whether a word names a database, and of which kind.
pub(super) fn database_word(word: &[u8]) -> Option<Option<Kind>> {
    if let Some(kind) = kind_of(word) {
        return Some(Some(kind));
    }
    let bare = word.iter().rposition(|b| !b.is_ascii_digit()).map_or(word, |at| &word[..=at]);
    is_one_of(bare, DATABASE).then_some(None)
}

/// The database that any word of a text names, the last one first.
pub(super) fn database_in(text: &[u8]) -> Option<Option<Kind>> {
    let words = Words::of(text);
    let found = words.reversed().filter_map(database_word);
    let mut any = None;
    for kind in found {
        if kind.is_some() {
            return Some(kind);
        }
        any = Some(None);
    }
    any
}

/// What a name that ends in a word for a password says. `None` if it names
/// something else: `password_hash`, `bypass`, `smtp_password`.
pub(super) fn naming(name: &[u8]) -> Option<Naming> {
    let is = |w: &[u8], s: &str| w.eq_ignore_ascii_case(s.as_bytes());
    let words = Words::of(name);
    let mut reversed = words.reversed().peekable();
    // What may stand behind it.
    while let Some(word) = reversed.peek() {
        let digits = word.iter().all(u8::is_ascii_digit);
        if !(digits || is_one_of(word, TAILS)) {
            break;
        }
        reversed.next();
    }
    let last = reversed.next()?;
    // `password2`
    let last = &last[..=last.iter().rposition(|b| !b.is_ascii_digit())?];
    if is(last, "requirepass") || is(last, "masterauth") {
        return Some(Naming::Database(Some(super::kind::REDIS)));
    }
    // The file of that name.
    if is(last, "pgpass") {
        return None;
    }
    if is(last, "auth") {
        let owner = reversed.next()?;
        return match kind_of(owner) {
            Some(kind) if is(owner, "neo4j") || is(owner, "rediscli") => {
                Some(Naming::Database(Some(kind)))
            }
            _ if is(owner, "cli") && reversed.next().is_some_and(|w| is(w, "redis")) => {
                Some(Naming::Database(Some(super::kind::REDIS)))
            }
            _ => None,
        };
    }
    let password = ["password", "passwd", "passwort", "pass", "pwd", "pw"]
        .iter()
        .find(|p| last.len() >= p.len() && is(&last[last.len() - p.len()..], p))?;
    let glued = &last[..last.len() - password.len()];
    let mut named = None;
    let mut strange = false;
    {
        let mut weigh = |word: &[u8]| match database_word(word) {
            Some(kind) => named = Some(named.flatten().or(kind)),
            None if is_one_of(word, OPEN) || word.iter().all(u8::is_ascii_digit) => {}
            None => strange = true,
        };
        if !glued.is_empty() {
            // `pguser`, `dbuser`, `sapassword`.
            weigh(glued);
        }
        reversed.for_each(&mut weigh);
    }
    let sa = is(glued, "sa") || name.len() < 16 && is(name, "sa_password");
    if sa {
        return Some(Naming::Database(Some(super::kind::SQLSERVER)));
    }
    match named {
        // What is called after a piece of software as well as a database keeps
        // being a database's: `mb_db_pass`, `shop_db_password`.
        Some(kind) if glued.is_empty() || database_word(glued).is_some() || !strange => {
            Some(Naming::Database(kind))
        }
        None if !strange && *password != "pw" => Some(Naming::Open),
        _ => None,
    }
}

/// What a setting beside the password tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    Host,
    Port,
    User,
    Database,
    /// Adapter, engine, driver, dialect: the kind.
    Adapter,
    Url,
    Tls,
    Password,
}

/// What the setting is that a name names, and where its head ends: the words
/// before those that say it.
pub(super) fn setting(name: &[u8]) -> Option<Setting> {
    let words = Words::of(name);
    let mut reversed = words.reversed();
    let last = reversed.next()?;
    let before = reversed.next();
    let is = |s: &[&str]| is_one_of(last, s);
    let follows = |s: &[&str]| before.is_some_and(|w| is_one_of(w, s));
    if is(&["password", "passwd", "pass", "pwd"]) {
        return Some(Setting::Password);
    }
    if is(&[
        "host",
        "hostname",
        "hosts",
        "server",
        "servername",
        "hostaddr",
        "address",
        "addr",
        "endpoint",
        "dbhost",
        "pghost",
        "fqdn",
        "dbserver",
    ]) || (is(&["name"]) && follows(&["server", "host"]))
        || (is(&["source"]) && follows(&["data"]) && !name.is_empty())
    {
        return Some(Setting::Host);
    }
    if is(&["port", "dbport", "pgport"]) {
        return Some(Setting::Port);
    }
    if is(&[
        "user",
        "username",
        "usr",
        "login",
        "uid",
        "dbuser",
        "pguser",
        "dbusername",
        "role",
        "userid",
    ]) || (is(&["name"]) && follows(&["user", "login"]))
        || (is(&["id"]) && follows(&["user"]))
    {
        return Some(Setting::User);
    }
    if is(&[
        "database",
        "db",
        "dbname",
        "schema",
        "keyspace",
        "vhost",
        "pgdatabase",
        "dbs",
        "databasename",
        "catalog",
        "sid",
        "bucket",
    ]) || (is(&["name"]) && follows(&["db", "database", "data"]))
        || (is(&["service"]) && follows(&["oracle", "ora"]))
    {
        return Some(Setting::Database);
    }
    if is(&[
        "adapter",
        "engine",
        "dialect",
        "driver",
        "client",
        "type",
        "provider",
        "drivername",
        "driverclassname",
        "connection",
        "dbtype",
        "dbdriver",
        "platform",
        "class",
    ]) {
        return Some(Setting::Adapter);
    }
    if is(&["name"]) && follows(&["class", "driver"]) {
        return Some(Setting::Adapter);
    }
    // Django's.
    if name == b"NAME" {
        return Some(Setting::Database);
    }
    if is(&["url", "uri", "jdbcurl", "dsn", "jdbc"]) {
        return Some(Setting::Url);
    }
    if is(&["ssl", "sslmode", "tls", "encrypt", "ssl_mode"])
        || (is(&["mode"]) && follows(&["ssl"]))
        || (is(&["ssl", "tls"]) && follows(&["use", "enable", "require"]))
    {
        return Some(Setting::Tls);
    }
    None
}

/// Words that say which setting a name is.
const SETTINGS: &[&str] = &[
    "password",
    "passwd",
    "pass",
    "pwd",
    "host",
    "hostname",
    "user",
    "username",
    "name",
    "port",
    "database",
    "url",
    "uri",
    "root",
    "server",
    "address",
    "addr",
    "driver",
    "class",
    "id",
    "login",
    "endpoint",
    "admin",
    "master",
    "initdb",
    "ssl",
    "mode",
    "sslmode",
    "sa",
    "dbname",
    "type",
    "engine",
    "adapter",
    "connection",
    "default",
    "vhost",
];

/// The name without the words that say which setting it is, folded: `DB_HOST`
/// and `db_password` are of the same head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head([u8; 40], usize);

impl Head {
    pub(super) fn of(name: &[u8]) -> Self {
        let words = Words::of(name);
        let mut head = Self([0; 40], 0);
        let mut skip = true;
        for word in words.reversed() {
            if skip && is_one_of(word, SETTINGS) {
                continue;
            }
            // `PGPASSWORD`, `PGHOST`, `dbpass`.
            let glued = word.len() > 2 && is_one_of(&word[2..], SETTINGS);
            let word = if skip && glued { &word[..2] } else { word };
            skip = false;
            for byte in word.iter().rev().take(head.0.len() - head.1) {
                head.0[head.1] = byte.to_ascii_lowercase();
                head.1 += 1;
            }
        }
        head
    }

    pub(super) fn is_empty(&self) -> bool {
        self.1 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_whose_password_it_is() {
        use Naming::{Database, Open};
        for (name, expected) in [
            ("DB_PASSWORD", Some(Database(None))),
            ("dbPassword", Some(Database(None))),
            ("DBPassword", Some(Database(None))),
            ("wgDBpassword", Some(Database(None))),
            ("dataSource.setPassword", Some(Open)),
            ("dbpass", Some(Database(None))),
            ("DB_PASS", Some(Database(None))),
            ("DATABASE_PASSWORD", Some(Database(None))),
            ("POSTGRES_PASSWORD", Some(Database(Some(kind::POSTGRESQL)))),
            ("PGPASSWORD", Some(Database(Some(kind::POSTGRESQL)))),
            ("MYSQL_ROOT_PASSWORD", Some(Database(Some(kind::MYSQL)))),
            ("MYSQL_PWD", Some(Database(Some(kind::MYSQL)))),
            ("MONGO_INITDB_ROOT_PASSWORD", Some(Database(Some(kind::MONGODB)))),
            ("MSSQL_SA_PASSWORD", Some(Database(Some(kind::SQLSERVER)))),
            ("SA_PASSWORD", Some(Database(Some(kind::SQLSERVER)))),
            ("REDISCLI_AUTH", Some(Database(Some(kind::REDIS)))),
            ("RABBITMQ_DEFAULT_PASS", Some(Database(Some(kind::AMQP)))),
            ("NEO4J_AUTH", Some(Database(Some(kind::NEO4J)))),
            ("MB_DB_PASS", Some(Database(None))),
            ("spring.datasource.password", Some(Database(None))),
            ("spring.redis.password", Some(Database(Some(kind::REDIS)))),
            ("hibernate.connection.password", Some(Database(None))),
            ("requirepass", Some(Database(Some(kind::REDIS)))),
            ("DB_PASSWORD_PROD", Some(Database(None))),
            ("shopDbPassword2", Some(Database(None))),
            ("password", Some(Open)),
            ("Pwd", Some(Open)),
            ("user_password", Some(Open)),
            ("connection.password", Some(Open)),
            ("setPassword", Some(Open)),
            ("smtp_password", None),
            ("bypass", None),
            ("DB_PASSWORD_FILE", None),
            ("password_hash", None),
            ("passwordHash", None),
            ("compass", None),
            ("http_auth", None),
        ] {
            assert_eq!(naming(name.as_bytes()), expected, "{name}");
        }
    }

    #[test]
    fn settings_of_a_block() {
        for (name, expected) in [
            ("DB_HOST", Some(Setting::Host)),
            ("serverName", Some(Setting::Host)),
            ("wgDBserver", Some(Setting::Host)),
            ("user", Some(Setting::User)),
            ("spring.datasource.username", Some(Setting::User)),
            ("DB_NAME", Some(Setting::Database)),
            ("NAME", Some(Setting::Database)),
            ("name", None),
            ("driverClassName", Some(Setting::Adapter)),
            ("spring.datasource.url", Some(Setting::Url)),
            ("sslmode", Some(Setting::Tls)),
        ] {
            assert_eq!(setting(name.as_bytes()), expected, "{name}");
        }
    }
}
