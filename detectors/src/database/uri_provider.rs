//! Providers of databases, told by the shape of their passwords, users and hosts.
//!
//! Sources: the providers' documentation; the lengths as other scanners have them.

use crate::evidence::Evidence;
use crate::fact::{Fact, Facts};

/// Whether every byte is one of the class.
fn all(text: &[u8], class: impl Fn(u8) -> bool) -> bool {
    text.iter().all(|b| class(*b))
}

fn is_lower_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

/// Prefixes of passwords that only their provider gives, with the fewest characters
/// behind.
const PREFIXES: &[(&[u8], usize, &str)] = &[
    (b"pscale_pw_", 32, "planetscale"),
    (b"pscale_tkn_", 32, "planetscale"),
    (b"npg_", 12, "neon"),
    (b"AVNS_", 16, "aiven"),
];

/// Ends of hosts and the provider that runs databases there.
const HOSTS: &[(&str, &str)] = &[
    (".psdb.cloud", "planetscale"),
    (".neon.tech", "neon"),
    (".neon.build", "neon"),
    (".supabase.co", "supabase"),
    (".supabase.com", "supabase"),
    (".aivencloud.com", "aiven"),
    (".ondigitalocean.com", "digitalocean"),
    (".upstash.io", "upstash"),
    (".mongodb.net", "atlas"),
    (".rds.amazonaws.com", "rds"),
    (".rds.amazonaws.com.cn", "rds"),
    (".cache.amazonaws.com", "elasticache"),
    (".redshift.amazonaws.com", "redshift"),
    (".docdb.amazonaws.com", "documentdb"),
    (".compute-1.amazonaws.com", "heroku"),
    (".database.azure.com", "azure"),
    (".database.windows.net", "azure"),
    (".redis.cache.windows.net", "azure"),
    (".cosmos.azure.com", "azure"),
    (".redislabs.com", "redis-cloud"),
    (".redis-cloud.com", "redis-cloud"),
    (".rlwy.net", "railway"),
    (".railway.app", "railway"),
    (".cloudamqp.com", "cloudamqp"),
    (".cockroachlabs.cloud", "cockroachdb-cloud"),
    (".clickhouse.cloud", "clickhouse-cloud"),
    (".databases.neo4j.io", "neo4j-aura"),
    (".snowflakecomputing.com", "snowflake"),
];

/// Adds the provider, and says why it is believed.
pub(super) fn describe(password: &[u8], host: &str, facts: &mut Facts) -> Option<Evidence> {
    let prefixed = PREFIXES.iter().find(|(prefix, least, _)| {
        password.starts_with(prefix) && password.len() >= prefix.len() + least
    });
    let host = host.to_ascii_lowercase();
    let hosted = HOSTS.iter().find(|(end, _)| host.ends_with(end)).map(|(_, name)| *name);
    // Heroku's databases are plain machines; their passwords are 64 hex digits.
    let hosted = hosted.filter(|name| *name != "heroku" || is_heroku(password));
    if let Some(name) = hosted.or(prefixed.map(|(_, _, name)| *name)) {
        facts.add(Fact::Variant(name));
    }
    match (prefixed, hosted) {
        (Some(_), _) => Some(Evidence::Prefix),
        (None, Some(_)) => Some(Evidence::NamedService),
        (None, None) => None,
    }
}

/// 64 hexadecimal digits, behind a `p` since 2019.
fn is_heroku(password: &[u8]) -> bool {
    let digits = password.strip_prefix(b"p").unwrap_or(password);
    digits.len() == 64 && all(digits, is_lower_hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_told_by_host_and_password() {
        for (password, host, variant) in [
            ("npg_a8Kd02LmQx7Z", "ep-x.eu-west-1.aws.neon.tech", Some("neon")),
            ("x", "db.abc.supabase.co", Some("supabase")),
            ("AVNS_b7Qk2LmZx9PwRt4YcVd", "10.0.0.1", Some("aiven")),
            ("x", "ec2-1-2-3-4.compute-1.amazonaws.com", None),
            ("x", "db.acme.io", None),
        ] {
            let mut facts = Facts::default();
            let _ = describe(password.as_bytes(), host, &mut facts);
            let expected = variant.map(Fact::Variant);
            assert_eq!(facts.iter().next(), expected.as_ref(), "{host}");
        }
    }
}
