//! The kinds of service that a connection string opens.

/// A kind of database, queue, cache or directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Kind {
    /// Its name in reports.
    pub(crate) name: &'static str,
    /// The port that it listens on if no other is named.
    pub(crate) port: u16,
}

macro_rules! kinds {
    ($($name:ident: $text:literal, $port:literal;)*) => {
        $(#[doc = $text] pub(crate) const $name: Kind = Kind { name: $text, port: $port };)*
    };
}

kinds! {
    POSTGRESQL: "postgresql", 5432;
    COCKROACHDB: "cockroachdb", 26257;
    REDSHIFT: "redshift", 5439;
    MYSQL: "mysql", 3306;
    MARIADB: "mariadb", 3306;
    MONGODB: "mongodb", 27017;
    REDIS: "redis", 6379;
    AMQP: "amqp", 5672;
    SQLSERVER: "sqlserver", 1433;
    ORACLE: "oracle", 1521;
    SNOWFLAKE: "snowflake", 443;
    CLICKHOUSE: "clickhouse", 9000;
    CASSANDRA: "cassandra", 9042;
    ELASTICSEARCH: "elasticsearch", 9200;
    INFLUXDB: "influxdb", 8086;
    COUCHDB: "couchdb", 5984;
    COUCHBASE: "couchbase", 11210;
    NEO4J: "neo4j", 7687;
    DB2: "db2", 50000;
    KAFKA: "kafka", 9092;
    NATS: "nats", 4222;
    MQTT: "mqtt", 1883;
    PULSAR: "pulsar", 6650;
    LDAP: "ldap", 389;
    SMTP: "smtp", 25;
    IMAP: "imap", 143;
    FTP: "ftp", 21;
    SFTP: "sftp", 22;
    HTTP: "http", 80;
    ODBC: "odbc", 0;
    SQLITE: "sqlite", 0;
    SYBASE: "sybase", 5000;
    INFORMIX: "informix", 9088;
    HIVE: "hive", 10000;
    IMPALA: "impala", 21050;
    TRINO: "trino", 8080;
    PRESTO: "presto", 8080;
    DATABRICKS: "databricks", 443;
    VERTICA: "vertica", 5433;
    TERADATA: "teradata", 1025;
    HANA: "hana", 30015;
    FIREBIRD: "firebird", 3050;
    EXASOL: "exasol", 8563;
    H2: "h2", 0;
    HSQLDB: "hsqldb", 0;
    DERBY: "derby", 0;
}
