//! The names that keys have in connection strings, whatever the driver.
//!
//! Sources: Microsoft, `SqlConnection.ConnectionString`, "Using connection string
//! keywords with SQL Server native client"; PostgreSQL, "Parameter key words";
//! Npgsql, MySQL Connector/NET and Oracle ODP.NET connection string parameters.

use crate::database::kind::{self, Kind};

/// What a key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Host,
    Port,
    User,
    Password,
    Database,
    /// A driver or provider, by whose name the kind of database is told.
    Driver,
    /// A name that stands for a server that is configured elsewhere.
    Alias,
    /// The operating system's user is trusted.
    Integrated,
    Tls,
    /// Another key that only connection strings have; it tells the kind at most.
    Other,
}

/// The longest name, without spaces.
const LONGEST: usize = 24;

const KEYS: &[(&str, Key)] = &[
    ("server", Key::Host),
    ("servername", Key::Host),
    ("datasource", Key::Host),
    ("host", Key::Host),
    ("hostname", Key::Host),
    ("hostaddr", Key::Host),
    ("addr", Key::Host),
    ("address", Key::Host),
    ("networkaddress", Key::Host),
    ("port", Key::Port),
    ("uid", Key::User),
    ("userid", Key::User),
    ("user", Key::User),
    ("username", Key::User),
    ("password", Key::Password),
    ("pwd", Key::Password),
    ("database", Key::Database),
    ("databasename", Key::Database),
    ("initialcatalog", Key::Database),
    ("dbname", Key::Database),
    ("dbq", Key::Database),
    ("driver", Key::Driver),
    ("provider", Key::Driver),
    ("dsn", Key::Alias),
    ("filedsn", Key::Alias),
    ("service", Key::Alias),
    ("integratedsecurity", Key::Integrated),
    ("trustedconnection", Key::Integrated),
    ("encrypt", Key::Tls),
    ("ssl", Key::Tls),
    ("usessl", Key::Tls),
    ("sslmode", Key::Tls),
    ("tls", Key::Tls),
    ("persistsecurityinfo", Key::Other),
    ("trustservercertificate", Key::Other),
    ("multipleactiveresultsets", Key::Other),
    ("connecttimeout", Key::Other),
    ("connectiontimeout", Key::Other),
    ("pooling", Key::Other),
    ("charset", Key::Other),
    ("searchpath", Key::Other),
    ("applicationname", Key::Other),
];

impl Key {
    /// The key of that name: case, spaces and underscores do not count.
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        let mut plain = [0u8; LONGEST];
        let mut len = 0;
        for byte in name.iter().filter(|b| !matches!(b, b' ' | b'_')) {
            *plain.get_mut(len)? = byte.to_ascii_lowercase();
            len += 1;
        }
        let plain = &plain[..len];
        KEYS.iter().find(|(name, _)| name.as_bytes() == plain).map(|(_, key)| *key)
    }

    /// The key whose name ends `text`, and where the name starts: names of up to
    /// three words, the longest first.
    pub(super) fn ending(text: &[u8]) -> Option<(Self, usize)> {
        let end = text.trim_ascii_end().len();
        let floor = end.saturating_sub(LONGEST + 2);
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        let mut best = None;
        let mut start = end;
        for _ in 0..3 {
            let word = text[floor..start].iter().rev().take_while(|b| is_name(**b)).count();
            if word == 0 {
                break;
            }
            start -= word;
            if let Some(key) = Self::named(&text[start..end]) {
                best = Some((key, start));
            }
            if start <= floor || text[start - 1] != b' ' {
                break;
            }
            start -= 1;
        }
        best
    }
}

/// The kind of database that a driver or provider opens.
pub(super) fn driven(driver: &str) -> Option<Kind> {
    let name = driver.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| name.contains(w));
    [
        (
            &["sql server", "sqlncli", "sqloledb", "msoledbsql", "sqlclient", "freetds", "tds"][..],
            kind::SQLSERVER,
        ),
        (&["mariadb"], kind::MARIADB),
        (&["mysql"], kind::MYSQL),
        (&["redshift"], kind::REDSHIFT),
        (&["postgres", "npgsql", "psql"], kind::POSTGRESQL),
        (&["oracle", "oraoledb", "msdaora"], kind::ORACLE),
        (&["db2", "ibmdadb2"], kind::DB2),
        (&["snowflake"], kind::SNOWFLAKE),
        (&["clickhouse"], kind::CLICKHOUSE),
        (&["mongodb"], kind::MONGODB),
    ]
    .into_iter()
    .find_map(|(words, kind)| has(words).then_some(kind))
}

/// The kind of database that a host or port is known for.
pub(super) fn known_for(host: &str, port: Option<u16>) -> Option<Kind> {
    let host = host.to_ascii_lowercase();
    let suffixes = [
        (".postgres.database.azure.com", kind::POSTGRESQL),
        (".mysql.database.azure.com", kind::MYSQL),
        (".mariadb.database.azure.com", kind::MARIADB),
        (".database.windows.net", kind::SQLSERVER),
        (".snowflakecomputing.com", kind::SNOWFLAKE),
        (".redshift.amazonaws.com", kind::REDSHIFT),
        (".oraclecloud.com", kind::ORACLE),
    ];
    suffixes.iter().find(|(s, _)| host.ends_with(s)).map(|(_, k)| *k).or(match port? {
        1433 => Some(kind::SQLSERVER),
        3306 => Some(kind::MYSQL),
        5432 | 6432 => Some(kind::POSTGRESQL),
        5439 => Some(kind::REDSHIFT),
        1521 => Some(kind::ORACLE),
        50000 => Some(kind::DB2),
        26257 => Some(kind::COCKROACHDB),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_many_spellings() {
        for (text, key, name) in [
            ("User ID", Key::User, "User ID"),
            ("x = \"Data Source ", Key::Host, "Data Source"),
            ("DB=Server", Key::Host, "Server"),
            ("user_id", Key::User, "user_id"),
            ("string Initial Catalog", Key::Database, "Initial Catalog"),
            ("PWD", Key::Password, "PWD"),
            ("Persist Security Info", Key::Other, "Persist Security Info"),
        ] {
            let (found, start) = Key::ending(text.as_bytes()).unwrap();
            assert_eq!((found, text[start..].trim_end()), (key, name), "{text}");
        }
        for text in ["", "=", "sslpassword", "foo", "a_very_long_name_that_goes_on_and_on_server"] {
            assert_eq!(Key::ending(text.as_bytes()), None, "{text}");
        }
    }
}
