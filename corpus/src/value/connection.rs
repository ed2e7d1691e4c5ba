//! Servers, logins and the strings that drivers open them with (§4.2, §4.3).

use crate::{
    draw::{ALNUM, Draw, LOWER_ALNUM},
    vocabulary::{self, word},
};

/// A server and a login.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    pub(crate) host: String,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) database: String,
}

/// A host of any class but documentation's.
pub(crate) fn host(draw: &mut Draw) -> String {
    match draw.below(9) {
        0 => format!("db-{}.{}", word(draw, "env"), word(draw, "domain")),
        1 => format!("{}.{}", word(draw, "noun"), word(draw, "domain")),
        2 => word(draw, "ip"),
        3 => word(draw, "public_ip"),
        4 => format!("{}-db", word(draw, "noun")),
        5 => "localhost".into(),
        6 => format!(
            "{}.{}.{}.rds.amazonaws.com",
            word(draw, "kebab"),
            draw.word(LOWER_ALNUM, 12),
            draw.text(vocabulary::REGIONS)
        ),
        7 => format!("{}.{}.svc.cluster.local", word(draw, "noun"), word(draw, "env")),
        _ => format!("xn--bcher-{}.de", draw.word(LOWER_ALNUM, 3)),
    }
}

/// A password as generators and people make them; `signs` are the ones that it may
/// have.
pub(crate) fn password(draw: &mut Draw, signs: &[u8]) -> String {
    let length = draw.within(9..=28) as usize;
    let mut text = draw.word(ALNUM, length).into_bytes();
    if draw.chance(0.6) && !signs.is_empty() {
        for _ in 0..=draw.below(3) {
            // A sign at the start may be the grammar's.
            let at = 1 + draw.below(length - 2);
            text[at] = *draw.pick(signs);
        }
    }
    String::from_utf8(text).unwrap_or_default()
}

/// A login with a password that may have these signs.
pub(crate) fn login(draw: &mut Draw, signs: &[u8]) -> Login {
    Login {
        host: host(draw),
        user: match draw.below(4) {
            0 => word(draw, "snake"),
            1 => format!("{}_rw", word(draw, "noun")),
            2 => "sa".into(),
            _ => word(draw, "noun"),
        },
        password: password(draw, signs),
        database: word(draw, "snake"),
    }
}

/// Signs that need no quoting anywhere but in markup.
const PLAIN: &[u8] = b"!#%*-_+.:^~@&";

/// An ADO.NET, OLE DB or ODBC string.
///
/// `quoted` tells whether a value may need quotes.
pub(crate) fn semicolons(draw: &mut Draw, quoted: bool) -> String {
    let mut login = login(draw, b"!#%*-_+.:^~@&=/$,?");
    let quoted = quoted && draw.chance(0.2);
    if quoted {
        let at = 1 + draw.below(login.password.len() - 1);
        login.password.insert(at, *draw.pick(&[';', '\'', '"']));
    }
    let single = format!("'{}'", login.password.replace('\'', "''"));
    let double = format!("\"{}\"", login.password.replace('"', "\"\""));
    let braces = format!("{{{}}}", login.password.replace('}', "}}"));
    let Login { host, user, database, password } = login;
    let ado = match quoted {
        true => draw.pick(&[single, double]).clone(),
        false => password.clone(),
    };
    let odbc = if quoted || draw.chance(0.3) { braces } else { password };
    match draw.below(8) {
        0 => format!(
            "Server=tcp:{host},1433;Initial Catalog={database};Persist Security Info=False;User ID={user};Password={ado};MultipleActiveResultSets=False;Encrypt=True;Connection Timeout=30;"
        ),
        1 => format!(
            "Data Source={host}\\SQL01;Initial Catalog={database};User Id={user};Password={ado}"
        ),
        2 => format!(
            "Server={host};Port=3306;Database={database};Uid={user};Pwd={ado};SslMode=Required;"
        ),
        3 => format!("Host={host};Port=5432;Database={database};Username={user};Password={ado}"),
        4 => format!(
            "Driver={{ODBC Driver 18 for SQL Server}};Server={host};Database={database};UID={user};PWD={odbc};"
        ),
        5 => format!(
            "DRIVER={{PostgreSQL Unicode}};SERVER={host};PORT=5432;DATABASE={database};UID={user};PWD={odbc}"
        ),
        6 => format!(
            "Provider=MSOLEDBSQL;Password={ado};User ID={user};Initial Catalog={database};Data Source={host}"
        ),
        _ => format!("User Id={user};Password={ado};Data Source={host}:1521/ORCLPDB1;Pooling=true"),
    }
}

/// A libpq string of keywords.
pub(crate) fn words(draw: &mut Draw, quoted: bool) -> String {
    let mut login = login(draw, b"!#%*-_+.:^~@&=/$,?");
    let quoted = quoted && draw.chance(0.3);
    if quoted {
        login.password.insert(2, *draw.pick(&[' ', '\'', '\\']));
        login.password = format!("'{}'", login.password.replace('\\', "\\\\").replace('\'', "\\'"));
    }
    let Login { host, user, database, password } = login;
    match draw.below(4) {
        0 => format!(
            "host={host} port=5432 dbname={database} user={user} password={password} sslmode=require"
        ),
        1 => format!("user={user} password={password} host={host} dbname={database}"),
        2 => format!(
            "host={host} user={user} password={password} dbname={database} port=5433 sslmode=disable TimeZone=UTC"
        ),
        _ => format!("dbname={database} host={host} user={user} password={password}"),
    }
}

/// A configuration of StackExchange.Redis.
pub(crate) fn commas(draw: &mut Draw) -> String {
    let password = match draw.below(2) {
        0 => password(draw, b"!#%*-_+.:^~@&"),
        _ => super::azure_key::plain(draw, 32),
    };
    let host = match draw.below(2) {
        0 => format!("{}.redis.cache.windows.net", word(draw, "kebab")),
        _ => host(draw),
    };
    format!("{host}:6380,password={password},ssl=True,abortConnect=False")
}

/// A data source name of Go's MySQL driver.
pub(crate) fn go_mysql(draw: &mut Draw) -> String {
    let Login { host, user, database, password } = login(draw, b"!#%*-_+.:^~@&=/$,?");
    match draw.below(3) {
        0 => format!("{user}:{password}@tcp({host}:3306)/{database}?parseTime=true&loc=Local"),
        1 => format!("{user}:{password}@tcp({host}:3306)/{database}?tls=skip-verify"),
        _ => format!("{user}:{password}@unix(/var/run/mysqld/mysqld.sock)/{database}"),
    }
}

/// Oracle's EZConnect.
pub(crate) fn easy_connect(draw: &mut Draw, quoted: bool) -> String {
    let Login { host, user, password, .. } = login(draw, b"!#%*-_+.^~$");
    match draw.below(if quoted { 3 } else { 2 }) {
        0 => format!("{user}/{password}@//{host}:1521/ORCLPDB1"),
        1 => format!("{user}/{password}@{host}:1521/ORCL"),
        _ => format!("{user}/\"{password}\"@{host}:1521/XEPDB1"),
    }
}

/// A JDBC URL.
pub(crate) fn jdbc(draw: &mut Draw) -> String {
    let Login { host, user, database, password } = login(draw, b"!*-_.~:");
    match draw.below(14) {
        0 => format!(
            "jdbc:postgresql://{host}:5432/{database}?user={user}&password={password}&ssl=true"
        ),
        1 => format!(
            "jdbc:mysql://{host}:3306/{database}?useSSL=false&user={user}&password={password}"
        ),
        2 => format!("jdbc:mysql://{user}:{password}@{host}:3306/{database}"),
        3 => format!("jdbc:mariadb://{host}/{database}?user={user}&password={password}"),
        4 => format!(
            "jdbc:sqlserver://{host}:1433;databaseName={database};user={user};password={password};encrypt=true"
        ),
        5 => format!(
            "jdbc:sqlserver://{host};user={user};password={{{password};}}}}x}};databaseName={database}"
        ),
        6 => format!("jdbc:oracle:thin:{user}/{password}@{host}:1521:ORCL"),
        7 => format!("jdbc:oracle:thin:{user}/{password}@//{host}:1521/ORCLPDB1"),
        8 => format!(
            "jdbc:oracle:thin:{user}/{password}@(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST={host})(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=pay)))"
        ),
        9 => format!("jdbc:db2://{host}:50000/{database}:user={user};password={password};"),
        10 => format!(
            "jdbc:snowflake://{}.snowflakecomputing.com/?user={user}&password={password}&db={database}",
            word(draw, "company")
        ),
        11 => format!("jdbc:redshift://{host}:5439/{database}?UID={user}&PWD={password}"),
        12 => {
            format!("jdbc:jtds:sqlserver://{host}:1433/{database};user={user};password={password}")
        }
        _ => format!("jdbc:clickhouse://{host}:8123/{database}?user={user}&password={password}"),
    }
}

/// A JAAS configuration of a Kafka client.
pub(crate) fn jaas(draw: &mut Draw) -> String {
    let module = draw.text(&["plain.PlainLoginModule", "scram.ScramLoginModule"]);
    let (user, password) = match draw.below(2) {
        0 => {
            (draw.word(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16), super::azure_key::plain(draw, 48))
        }
        _ => (word(draw, "user"), password(draw, PLAIN)),
    };
    format!(
        "org.apache.kafka.common.security.{module} required username=\"{user}\" password=\"{password}\";"
    )
}
