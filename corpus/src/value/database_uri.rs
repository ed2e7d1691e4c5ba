//! Connection URIs (§4.1, §4.2, §4.4): every scheme, every class of host, passwords
//! as providers and people make them.

use crate::{
    draw::{ALNUM, Draw, LOWER_ALNUM},
    vocabulary,
};

/// Schemes, the path that goes with them, parameters.
const SCHEMES: &[(&str, &str, &[&str])] = &[
    (
        "postgres",
        "5432",
        &["sslmode=require", "sslmode=disable", "connect_timeout=10", "application_name=a@b"],
    ),
    ("postgresql", "5432", &["sslmode=verify-full", "schema=public", "pgbouncer=true"]),
    ("postgresql+psycopg2", "5432", &["sslmode=prefer"]),
    ("postgresql+asyncpg", "5432", &["ssl=require"]),
    ("postgis", "5432", &[]),
    ("cockroachdb", "26257", &["sslmode=verify-full"]),
    ("timescaledb", "5432", &[]),
    ("redshift", "5439", &[]),
    ("mysql", "3306", &["charset=utf8mb4", "parseTime=true", "ssl-mode=REQUIRED"]),
    ("mysql2", "3306", &["reconnect=true"]),
    ("mysql+pymysql", "3306", &["charset=utf8"]),
    ("mysqlx", "33060", &[]),
    ("mariadb", "3306", &[]),
    ("mongodb", "27017", &["authSource=admin", "replicaSet=rs0", "ssl=true", "retryWrites=true"]),
    ("amqp", "5672", &["heartbeat=30"]),
    ("amqps", "5671", &[]),
    ("pyamqp", "5672", &[]),
    ("mssql+pyodbc", "1433", &["driver=ODBC+Driver+17+for+SQL+Server"]),
    ("sqlserver", "1433", &["database=app", "encrypt=disable"]),
    ("oracle+cx_oracle", "1521", &["service_name=orcl"]),
    ("clickhouse", "9000", &["secure=true"]),
    ("clickhouse+native", "9000", &[]),
    ("cassandra", "9042", &[]),
    ("couchbases", "11207", &[]),
    ("couchdb", "5984", &[]),
    ("bolt", "7687", &[]),
    ("neo4j+s", "7687", &[]),
    ("sqla+postgresql", "5432", &[]),
    ("db+mysql", "3306", &[]),
    ("r2dbc:postgresql", "5432", &[]),
];

/// A password: random, made by a person, or with everything that needs escaping. The
/// flag says whether a URI must encode it.
fn secret(draw: &mut Draw) -> String {
    match draw.below(8) {
        0 => format!("{}{}", vocabulary::word(draw, "Noun"), draw.word(ALNUM, 9)),
        1 => {
            let one = vocabulary::word(draw, "noun");
            format!("{one}-{}-{}", vocabulary::word(draw, "verb"), draw.word(LOWER_ALNUM, 6))
        }
        2 => draw.hex(64),
        3 | 4 => {
            let length = draw.within(10..=24) as usize;
            let marked = b"ABCDEFGHJKMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789!$*-_.~+=,;:";
            format!("{}{}", draw.word(ALNUM, 3), draw.word(marked, length))
        }
        _ => {
            let length = draw.within(10..=32) as usize;
            draw.word(ALNUM, length)
        }
    }
}

/// A password as a URI holds it: encoded, or raw because somebody pasted it so.
pub(crate) fn password(draw: &mut Draw) -> String {
    let mut text = secret(draw);
    if draw.chance(0.3) {
        let mark = *draw.pick(&["@", ":", "/", "?", "#", "&", "=", "%", "+", "$"]);
        let at = draw.within(2..=text.len() as u64 - 2) as usize;
        text.insert_str(at, mark);
        let raw = matches!(mark, ":" | "&" | "=" | "+" | "$") || draw.chance(0.4);
        if !raw {
            return encoded(&text);
        }
    }
    text
}

/// Percent-encodes all but the unreserved characters.
pub(crate) fn encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    let code = |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    text.bytes().map(code).collect()
}

/// A public or managed host that a stranger reaches.
pub(crate) fn public_host(draw: &mut Draw) -> String {
    match draw.below(5) {
        0 => vocabulary::word(draw, "public_ip"),
        1 => format!("[2a01:4f8:{}::{}]", draw.hex(3), draw.within(1..=9)),
        2 => format!("db.bücher-{}.de", draw.word(LOWER_ALNUM, 3)),
        _ => format!(
            "{}.{}",
            draw.text(&["db", "pg", "data", "sql-1", "cache"]),
            vocabulary::word(draw, "domain")
        ),
    }
}

/// A host of any class but documentation.
fn host(draw: &mut Draw) -> String {
    match draw.below(8) {
        0 => format!(
            "{}.{}.eu-west-1.rds.amazonaws.com",
            vocabulary::word(draw, "kebab"),
            draw.word(LOWER_ALNUM, 12)
        ),
        1 => vocabulary::word(draw, "ip"),
        2 => draw.text(&["db", "postgres", "mysql", "mongo", "rabbitmq", "data_store"]).into(),
        3 => draw.text(&["localhost", "127.0.0.1", "[::1]"]).into(),
        4 => format!(
            "{}.{}.svc.cluster.local",
            vocabulary::word(draw, "noun"),
            vocabulary::word(draw, "noun")
        ),
        5 => format!(
            "{}-1.{}.internal",
            vocabulary::word(draw, "noun"),
            vocabulary::word(draw, "noun")
        ),
        _ => public_host(draw),
    }
}

fn user(draw: &mut Draw) -> String {
    format!("{}_{}", vocabulary::word(draw, "noun"), draw.text(&["app", "rw", "svc", "owner"]))
}

/// A URI of a database with its password.
pub(crate) fn database(draw: &mut Draw) -> String {
    let user = user(draw);
    let password = password(draw);
    let name = format!("{}_{}", vocabulary::word(draw, "noun"), vocabulary::word(draw, "env"));
    let random = draw.word(LOWER_ALNUM, 5);
    match draw.below(22) {
        0 | 1 => {
            let scheme = draw.text(&["redis", "rediss", "valkey"]);
            let host = host(draw);
            format!("{scheme}://:{password}@{host}:6379/{}", draw.below(9))
        }
        2 => format!(
            "mongodb+srv://{user}:{password}@cluster{}.{random}.mongodb.net/{name}?retryWrites=true&w=majority",
            draw.below(4)
        ),
        3 => format!(
            "mongodb://{user}:{password}@{},{},{}:27018/{name}?replicaSet=rs@0",
            host(draw),
            host(draw),
            host(draw)
        ),
        4 => {
            let key = format!("{}==", draw.word(b"ABCDEFGHabcdefgh0123456789/+", 86));
            format!(
                "mongodb://{random}:{key}@{random}.mongo.cosmos.azure.com:10255/?ssl=true&replicaSet=globaldb"
            )
        }
        5 => format!(
            "postgresql://{user}:npg_{}@ep-{random}-pooler.eu-central-1.aws.neon.tech/{name}?sslmode=require",
            draw.word(ALNUM, 12)
        ),
        6 => format!(
            "postgres://avnadmin:AVNS_{}@pg-{random}.aivencloud.com:25060/defaultdb?sslmode=require",
            draw.word(ALNUM, 19)
        ),
        7 => format!(
            "mysql://{random}:pscale_pw_{}@aws.connect.psdb.cloud/{name}?ssl=true",
            draw.word(ALNUM, 43)
        ),
        8 => format!(
            "rediss://default:{}@{random}-{}.upstash.io:6379",
            draw.word(ALNUM, 40),
            draw.within(30000..=40000)
        ),
        9 => format!(
            "postgresql://postgres.{}:{password}@aws-0-eu-west-1.pooler.supabase.com:6543/postgres",
            draw.word(b"abcdefghijklmnopqrst", 20)
        ),
        10 => format!(
            "postgres://{}:p{}@ec2-54-{}-1-2.compute-1.amazonaws.com:5432/d{random}",
            draw.word(b"abcdefghijklmnop", 14),
            draw.hex(64),
            draw.below(200)
        ),
        11 => {
            format!("snowflake://{user}:{password}@{random}-acct/{name}/public?warehouse=wh&role=r")
        }
        12 => format!("https://elastic:{}@{}:9243", draw.word(ALNUM, 24), public_host(draw)),
        13 => format!("http://{user}:{}@{}:5984/{name}", draw.word(ALNUM, 16), host(draw)),
        14 => format!(
            "postgresql://{}:5432/{name}?user={user}&password={}",
            host(draw),
            draw.word(ALNUM, 16)
        ),
        15 => format!(
            "postgres://{user}@{random}:{password}@{random}.postgres.database.azure.com/{name}?sslmode=require"
        ),
        16 => format!("postgresql://{user}:{password}@%2Fvar%2Frun%2Fpostgresql/{name}"),
        17 => format!("amqps://{user}:{password}@{}/%2F{name}", host(draw)),
        _ => {
            let (scheme, port, parameters) = *draw.pick(SCHEMES);
            let host = host(draw);
            let port = if draw.chance(0.7) { format!(":{port}") } else { String::new() };
            let mut uri = format!("{scheme}://{user}:{password}@{host}{port}");
            if draw.chance(0.9) {
                uri.push_str(&format!("/{name}"));
                if !parameters.is_empty() && draw.chance(0.5) {
                    uri.push_str(&format!("?{}", draw.text(parameters)));
                }
            }
            uri
        }
    }
}

/// A URL of another service with its password.
pub(crate) fn other(draw: &mut Draw) -> String {
    let user = user(draw);
    let secret = encoded(&secret(draw));
    let noun = vocabulary::word(draw, "kebab");
    let host = public_host(draw);
    match draw.below(10) {
        0 => format!(
            "https://x-access-token:ghs_{}@github.com/{noun}/{noun}.git",
            draw.word(ALNUM, 36)
        ),
        1 => format!("https://ghp_{}@github.com/{noun}/{noun}", draw.word(ALNUM, 36)),
        2 => format!("https://oauth2:glpat-{}@gitlab.com/{noun}/{noun}.git", draw.word(ALNUM, 20)),
        3 => format!("git+https://{user}:{secret}@{host}/{noun}.git@v1.2#egg={noun}"),
        4 | 5 => format!("{}://{user}:{secret}@{host}/{noun}", draw.text(&["http", "https"])),
        6 => format!(
            "{}://{user}:{secret}@{host}/{noun}.tar.gz",
            draw.text(&["ftp", "sftp", "ftps"])
        ),
        7 => format!(
            "{}://{user}:{secret}@{host}:465",
            draw.text(&["smtp", "smtps", "imaps", "ldap", "ldaps"])
        ),
        8 => format!(
            "{}://{user}:{secret}@{host}:1883",
            draw.text(&["mqtt", "mqtts", "nats", "pulsar", "kafka"])
        ),
        _ => format!("http://{user}:{secret}@proxy.{}:3128", vocabulary::word(draw, "domain")),
    }
}

/// A URI without any credential to a host that everybody reaches.
pub(crate) fn open(draw: &mut Draw) -> String {
    let host = public_host(draw);
    let name = vocabulary::word(draw, "noun");
    match draw.below(6) {
        0 => format!("mongodb://{host}:27017/{name}"),
        1 => format!("redis://{host}:6379/0"),
        2 => format!("http://{host}:9200/{name}/_search"),
        3 => format!("mongodb://{host}/{name}?replicaSet=rs0"),
        4 => format!("http://{host}:5984/{name}"),
        _ => format!("clickhouse://{host}:9000/{name}"),
    }
}

/// A token of a provider.
pub(crate) fn token(draw: &mut Draw) -> String {
    // One of each class, as nearly every random word of that length has.
    let mixed = |draw: &mut Draw, length: usize| format!("a7Q{}", draw.word(ALNUM, length - 3));
    match draw.below(5) {
        0 => format!("pscale_pw_{}", draw.word(ALNUM, 43)),
        1 => format!("pscale_tkn_{}", draw.word(ALNUM, 43)),
        2 => format!("npg_{}", mixed(draw, 12)),
        3 => format!("AVNS_{}", mixed(draw, 19)),
        _ => format!("AstraCS:{}:{}", draw.word(ALNUM, 24), draw.hex(64)),
    }
}
