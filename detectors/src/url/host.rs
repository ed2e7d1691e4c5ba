//! Who can reach a host, going by its name or address alone.
//!
//! Sources: RFC 1918, RFC 4193, RFC 6598, RFC 5737, RFC 3849 (address ranges);
//! RFC 2606, RFC 6761, RFC 6762, RFC 8375 (reserved names); the endpoint lists of
//! the cloud providers' documentation.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::placeholder;

/// Who can reach a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HostClass {
    /// Everybody: a public name or address.
    Public,
    /// Everybody, unless the provider's firewall was closed: a database or
    /// storage service of a cloud.
    ManagedCloud,
    /// Who is inside: a private address or a name of an internal domain.
    Private,
    /// Who is in the same compose project or namespace: a name of one label.
    ServiceName,
    /// Who is on the same machine.
    Local,
    /// Nobody: documentation uses it.
    Documentation,
}

impl HostClass {
    /// The class's name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::ManagedCloud => "managed-cloud",
            Self::Private => "private",
            Self::ServiceName => "service-name",
            Self::Local => "local",
            Self::Documentation => "documentation",
        }
    }
}

/// Suffixes of services that clouds run for their customers.
const MANAGED: &[&str] = &[
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".on.aws",
    ".core.windows.net",
    ".core.chinacloudapi.cn",
    ".core.usgovcloudapi.net",
    ".database.windows.net",
    ".database.azure.com",
    ".documents.azure.com",
    ".mongo.cosmos.azure.com",
    ".cassandra.cosmos.azure.com",
    ".cosmos.azure.com",
    ".redis.cache.windows.net",
    ".redis.azure.net",
    ".redisenterprise.cache.azure.net",
    ".servicebus.windows.net",
    ".azure-devices.net",
    ".azconfig.io",
    ".sql.azuresynapse.net",
    ".mongodb.net",
    ".mongodb.com",
    ".mongodb-dev.net",
    ".neon.tech",
    ".neon.build",
    ".supabase.co",
    ".supabase.com",
    ".psdb.cloud",
    ".planetscale.com",
    ".aivencloud.com",
    ".ondigitalocean.com",
    ".upstash.io",
    ".redislabs.com",
    ".redis-cloud.com",
    ".rlrcp.com",
    ".cloudamqp.com",
    ".rmq.cloudamqp.com",
    ".cockroachlabs.cloud",
    ".timescaledb.io",
    ".tsdb.cloud",
    ".timescale.com",
    ".snowflakecomputing.com",
    ".clickhouse.cloud",
    ".elastic-cloud.com",
    ".found.io",
    ".cloud.es.io",
    ".aws.elastic-cloud.com",
    ".bonsaisearch.net",
    ".searchly.com",
    ".databases.neo4j.io",
    ".astra.datastax.com",
    ".influxdata.com",
    ".confluent.cloud",
    ".rds.aliyuncs.com",
    ".aliyuncs.com",
    ".myhuaweicloud.com",
    ".tencentcdb.com",
    ".tencentcos.cn",
    ".oraclecloud.com",
    ".googleapis.com",
    ".render.com",
    ".railway.app",
    ".rlwy.net",
    ".fly.dev",
    ".scalingo-dbs.com",
    ".clever-cloud.com",
    ".elephantsql.com",
    ".filess.io",
    ".freesqldatabase.com",
    ".tidbcloud.com",
    ".singlestore.com",
    ".yugabyte.cloud",
    ".scylla.cloud",
    ".couchbase.com",
    ".cloudant.com",
    ".appdomain.cloud",
];

/// Endings of names that resolve only inside.
const INTERNAL: &[&str] = &[
    ".internal",
    ".local",
    ".localdomain",
    ".lan",
    ".corp",
    ".intranet",
    ".private",
    ".home",
    ".home.arpa",
    ".cluster.local",
    ".svc",
    ".consul",
    ".docker",
];

/// Endings and names that documentation uses.
const DOCUMENTATION: &[&str] =
    &[".example", ".test", ".invalid", ".example.com", ".example.org", ".example.net"];

/// Whole names that stand for a host in documentation.
const STAND_INS: &[&str] = &[
    "example",
    "example.com",
    "example.org",
    "example.net",
    "host",
    "hostname",
    "host.com",
    "hostname.com",
    "server",
    "servername",
    "server.com",
    "myserver",
    "myhost",
    "your-host",
    "yourhost",
    "yourserver",
    "address",
    "dbhost",
    "domain.com",
    "mydomain.com",
    "yourdomain.com",
    "xxx",
];

/// Classes a host: a name, an IPv4 address or an IPv6 address with or without
/// brackets. An empty host and a path (a Unix socket) are the same machine.
pub fn classify(host: &str) -> HostClass {
    let host = host.trim_end_matches('.');
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    // Scoped addresses: `fe80::1%eth0`.
    let address = bare.split('%').next().unwrap_or(bare);
    if let Ok(address) = address.parse::<IpAddr>() {
        return match address {
            IpAddr::V4(v4) => classify_v4(v4),
            IpAddr::V6(v6) => classify_v6(v6),
        };
    }
    if host.is_empty() || host.starts_with('/') || host.to_ascii_lowercase().starts_with("%2f") {
        return HostClass::Local;
    }
    let name = host.to_ascii_lowercase();
    let ends = |list: &[&str]| list.iter().any(|e| name.ends_with(e));
    if STAND_INS.contains(&name.as_str())
        || ends(DOCUMENTATION)
        || name.starts_with("your-")
        || name.starts_with("your_")
        || name.starts_with("<")
        || placeholder::is_template(host.as_bytes())
    {
        return HostClass::Documentation;
    }
    if name == "localhost" || name.ends_with(".localhost") || name == "localhost.localdomain" {
        return HostClass::Local;
    }
    if name == "host.docker.internal" || !name.contains('.') {
        return HostClass::ServiceName;
    }
    if ends(INTERNAL) || name.contains(".svc.") {
        return HostClass::Private;
    }
    if ends(MANAGED) { HostClass::ManagedCloud } else { HostClass::Public }
}

fn classify_v4(address: Ipv4Addr) -> HostClass {
    let [a, b, ..] = address.octets();
    if address.is_loopback() || address.is_unspecified() {
        HostClass::Local
    } else if address.is_documentation() {
        HostClass::Documentation
    } else if address.is_private()
        || address.is_link_local()
        // Carrier-grade NAT, RFC 6598, which overlay networks use too.
        || (a == 100 && (64..128).contains(&b))
    {
        HostClass::Private
    } else {
        HostClass::Public
    }
}

fn classify_v6(address: Ipv6Addr) -> HostClass {
    if let Some(v4) = address.to_ipv4_mapped() {
        return classify_v4(v4);
    }
    let first = address.segments()[0];
    if address.is_loopback() || address.is_unspecified() {
        HostClass::Local
    } else if first == 0x2001 && address.segments()[1] == 0xdb8 {
        HostClass::Documentation
    } else if first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80 {
        HostClass::Private
    } else {
        HostClass::Public
    }
}

/// Whether the bytes can be a host: an address, or labels of letters, digits,
/// hyphens and underscores (as compose has them), also of other alphabets.
pub fn is_valid(host: &[u8]) -> bool {
    let Ok(host) = std::str::from_utf8(host) else { return false };
    if let Some(inner) = host.strip_prefix('[') {
        let Some(inner) = inner.strip_suffix(']') else { return false };
        let address = inner.split('%').next().unwrap_or(inner);
        return address.parse::<Ipv6Addr>().is_ok();
    }
    if host.is_empty() || host.len() > 255 {
        return false;
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let labels_fit = name.split('.').all(|label| {
        !label.is_empty()
            && label.chars().count() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
    });
    // A name whose last label is a number is an address, and must be one.
    let numeric = name
        .rsplit('.')
        .next()
        .is_some_and(|l| !l.is_empty() && l.bytes().all(|b| b.is_ascii_digit()));
    labels_fit && (!numeric || name.parse::<Ipv4Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_classed() {
        use HostClass::{Documentation, Local, ManagedCloud, Private, Public, ServiceName};
        for (host, class) in [
            ("db.acme.io", Public),
            ("54.23.1.9", Public),
            ("[2a01:4f8::1]", Public),
            ("bücher.de", Public),
            ("xn--bcher-kva.de", Public),
            ("prod.c9akciq32.eu-west-1.rds.amazonaws.com", ManagedCloud),
            ("cluster0.ab1cd.mongodb.net", ManagedCloud),
            ("10.0.0.5", Private),
            ("172.31.2.3", Private),
            ("172.32.2.3", Public),
            ("192.168.1.1", Private),
            ("100.64.0.1", Private),
            ("100.128.0.1", Public),
            ("169.254.1.1", Private),
            ("fd00::1", Private),
            ("fe80::1%eth0", Private),
            ("db.prod.svc.cluster.local", Private),
            ("db.prod.svc", Private),
            ("mysql.corp", Private),
            ("postgres", ServiceName),
            ("host.docker.internal", ServiceName),
            ("localhost", Local),
            ("127.0.0.1", Local),
            ("::1", Local),
            ("[::1]", Local),
            ("::ffff:127.0.0.1", Local),
            ("0.0.0.0", Local),
            ("", Local),
            ("/var/run/postgresql", Local),
            ("%2Fvar%2Frun", Local),
            ("db.example.com", Documentation),
            ("example.org", Documentation),
            ("192.0.2.7", Documentation),
            ("2001:db8::1", Documentation),
            ("hostname", Documentation),
            ("your-db.rds.amazonaws.com", Documentation),
            ("${DB_HOST}", Documentation),
        ] {
            assert_eq!(classify(host), class, "{host}");
        }
    }

    #[test]
    fn hosts_are_told_from_other_text() {
        for host in ["db", "db_1", "a-b.c", "1.2.3.4", "[::1]", "bücher.de", "db.", "0"] {
            assert_eq!(is_valid(host.as_bytes()), host != "0", "{host}");
        }
        for host in
            ["", ".", "a..b", "-a", "a b", "a/b", "1.2.3", "1.2.3.400", "[zz]", "[::1", "a@b"]
        {
            assert!(!is_valid(host.as_bytes()), "{host}");
        }
        assert!(!is_valid(b"\xff\xfe"));
    }
}
