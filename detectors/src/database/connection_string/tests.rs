//! The strings of many drivers, in the escapes of many containers.

use super::*;
use crate::reference;

fn found(text: &str) -> Vec<(String, Candidate)> {
    reference::candidates(std::slice::from_ref(&STRING), text.as_bytes())
        .into_iter()
        .map(|c| {
            let raw = &text.as_bytes()[c.value.start as usize..c.value.end as usize];
            let value = c.decoded.as_deref().unwrap_or(raw).to_vec();
            (String::from_utf8_lossy(&value).into_owned(), c)
        })
        .collect()
}

#[track_caller]
fn one(text: &str) -> (String, Candidate) {
    let all = found(text);
    assert_eq!(all.len(), 1, "{text}: {all:?}");
    all.into_iter().next().unwrap()
}

fn has(candidate: &Candidate, fact: Fact) -> bool {
    candidate.facts.iter().any(|f| *f == fact)
}

const ADO: &str = "Server=tcp:db1.fernhill.io,1433;Initial Catalog=Orders;User ID=shop_rw;\
    Password=x9K!m;Encrypt=True;";

#[test]
fn every_container_gives_the_same_password() {
    let ado = r#"Server=tcp:db1.fernhill.io,1433;Database=Orders;User ID=shop_rw;Password="a;""b\c/d=";Encrypt=True"#;
    let json = ado.replace('\\', "\\\\").replace('"', "\\\"");
    let twice = json.replace('\\', "\\\\").replace('"', "\\\"");
    let percent: String = ado
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }
        })
        .collect();
    for text in [
        ado.to_owned(),
        format!("ConnectionStrings__Main={ado}\n"),
        format!("\"Main\": \"{json}\","),
        format!("{{\"msg\":\"{{\\\"Main\\\":\\\"{twice}\\\"}}\"}}"),
        format!("var c = @\"{}\";", ado.replace('"', "\"\"")),
        format!("var c = '{}';", ado.replace('\\', "\\\\")),
        format!("<add name=\"Main\" connectionString=\"{}\" />", ado.replace('"', "&quot;")),
        format!("<value>{}</value>", ado.replace('"', "&quot;")),
        format!("main = {}", ado.replace('=', "\\=").replace(':', "\\:")),
        format!("mssql+pyodbc:///?odbc_connect={percent}&x=1"),
        format!("c: {}\n", ado.replace('=', "=3D").replace("User ID", "User=\n ID")),
        format!("run `{ado}` now"),
    ] {
        let (value, candidate) = one(&text);
        assert_eq!(value, "a;\"b\\c/d=", "{text}");
        assert_eq!(candidate.verdict, Verdict::Supported);
        for fact in [
            Fact::DatabaseKind("sqlserver"),
            Fact::User("shop_rw".into()),
            Fact::Host("db1.fernhill.io".into()),
            Fact::Port(1433),
            Fact::Database("Orders".into()),
            Fact::Tls(true),
            Fact::HostClass(HostClass::Public),
        ] {
            assert!(has(&candidate, fact.clone()), "{fact:?} {text}: {:?}", candidate.facts);
        }
    }
}

#[test]
fn drivers_are_told_apart() {
    for (text, password, kind, host) in [
        (ADO, "x9K!m", Some("sqlserver"), "db1.fernhill.io"),
        (
            "Driver={MySQL ODBC 8.0 Unicode Driver};Server=10.2.0.7;Uid=root;Pwd={q}}z;1};",
            "q}z;1",
            Some("mysql"),
            "10.2.0.7",
        ),
        (
            "Host=pg.fernhill.io;Port=5432;Username=app;Password=n0tTh1s;Database=app",
            "n0tTh1s",
            Some("postgresql"),
            "pg.fernhill.io",
        ),
        (
            "Provider=OraOLEDB.Oracle;Data Source=ora7:1521/ORCL;User Id=hr;Password=q8Zr2;",
            "q8Zr2",
            Some("oracle"),
            "ora7",
        ),
        (
            "psycopg2.connect(\"host=pg.fernhill.io port=5433 dbname=a user=b password='it\\\\'s'\")",
            "it's",
            Some("postgresql"),
            "pg.fernhill.io",
        ),
        (
            "dsn := \"host=h1,h2 port=5432,5433 user=b password=q8Zr2 dbname=c sslmode=disable\"",
            "q8Zr2",
            Some("postgresql"),
            "h1",
        ),
        (
            "cache.fernhill.io:6380,password=Zk3=,ssl=True,abortConnect=False",
            "Zk3=",
            Some("redis"),
            "cache.fernhill.io",
        ),
        (
            "sql.Open(\"mysql\", \"app:p@ss:w/d@tcp(db.fernhill.io:3307)/shop?tls=true\")",
            "p@ss:w/d",
            Some("mysql"),
            "db.fernhill.io",
        ),
        ("DSN=app:q8Zr2@unix(/tmp/mysql.sock)/shop", "q8Zr2", Some("mysql"), "/tmp/mysql.sock"),
        (
            "sqlplus hr/q8Zr2@//ora7.fernhill.io:1521/ORCL",
            "q8Zr2",
            Some("oracle"),
            "ora7.fernhill.io",
        ),
        (
            "hr/\"q 8@Zr2\"@ora7.fernhill.io:1521/ORCL",
            "q 8@Zr2",
            Some("oracle"),
            "ora7.fernhill.io",
        ),
        (
            "hr/q8Zr2@(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=ora7)(PORT=1521)))",
            "q8Zr2",
            Some("oracle"),
            "ora7",
        ),
        ("DSN=Warehouse;UID=etl;PWD=q8Zr2", "q8Zr2", None, ""),
        ("Server=[2a01:4f8::1]:3306;Uid=x;Pwd=q8Zr2;", "q8Zr2", Some("mysql"), "[2a01:4f8::1]"),
        ("Server=bücher.de;Database=a;Uid=x;Pwd=q8Zr2;", "q8Zr2", None, "bücher.de"),
    ] {
        let (value, candidate) = one(text);
        assert_eq!(value, password, "{text}");
        let named = candidate.facts.iter().find_map(|f| match f {
            Fact::DatabaseKind(k) => Some(*k),
            _ => None,
        });
        assert_eq!(named, kind, "{text}");
        assert!(host.is_empty() || has(&candidate, Fact::Host(host.into())), "{text}");
    }
}

#[test]
fn a_password_alone_is_none() {
    for text in [
        "password=q8Zr2",
        "user=x password=q8Zr2",
        "jdbc:sqlserver://h;user=x;password=q8Zr2",
        "required username=\"x\" password=\"q8Zr2\";",
        "if (server == null) password = other;",
        "Server=x;Password=",
        "mysql -h db --user=x --password=q8Zr2",
        "http://user/x@host:1521/",
        "a/b/c@d:1521/x",
        "curl 'https://x.io/login?host=a&password=q8Zr2'",
    ] {
        assert!(found(text).is_empty(), "{text}: {:?}", found(text));
    }
}

#[test]
fn templates_are_refused() {
    for value in [
        "{0}",
        "{password}",
        "${PW}",
        "%PW%",
        "<password>",
        "{{ pw }}",
        "***",
        "#{Db.Pw}#",
        "'\" + p + \"'",
    ] {
        let text = format!("Server=db1.fernhill.io;User ID=shop;Password={value};");
        let (_, candidate) = one(&text);
        assert!(matches!(candidate.verdict, Verdict::Refuted(_)), "{text}");
    }
}

#[test]
fn cut_and_changed_text_is_no_trouble() {
    for text in [
        ADO,
        "{\"a\": \"Server=x\\\\y;Pwd='p\\\"q';Uid=z\"}",
        "Driver%3D%7BSQL%7D%3BPWD%3Dabc%3BServer%3Dx",
        "a=3Dhost=3Dx user=3Dy passw=\nord=3Dp password=3Dq",
        "app:p@ss@tcp(h:1)/d?tls=true",
        "hr/\"x\"@//h:1521/s",
        "h:6380,password=x,ssl=True",
    ] {
        for end in 0..text.len() {
            if text.is_char_boundary(end) {
                found(&text[..end]);
            }
            for byte in ["%", "\\", "\"", "'", "{", "=", ";", "\u{e9}", "&"] {
                let changed: String = text
                    .chars()
                    .take(end)
                    .chain(byte.chars())
                    .chain(text.chars().skip(end + 1))
                    .collect();
                found(&changed);
            }
        }
    }
}

#[test]
fn a_soft_break_may_stand_anywhere_in_the_name() {
    for (name, breaks) in [("Password=3D", ["=\n", "=\r\n"]), ("Password\\=3D", ["=\n", "=\n"])] {
        for cut in 1..=8 {
            for soft in breaks {
                let name = format!("{}{soft}{}", &name[..cut], &name[cut..]);
                let text = format!(
                    "let c =3D `Data Source=3Ddb1.fernhill.io;User Id=3Dsa;{name}srT1iKc191QqS1`;"
                );
                assert_eq!(one(&text).0, "srT1iKc191QqS1", "{text}");
            }
        }
    }
}

#[test]
fn strings_are_read_through_soft_breaks() {
    for text in [
        "const q =3D `create_profile/8k5Oa7FrLHEEa4bs@//delivery-db=\n:1521/ORCLPDB1`",
        "const g =3D `host=3D10.131.194.251 port=3D5432 dbname=3Dlist_boo=\r\nking user=3Dapp password=3D8k5Oa7FrLHEEa4bs`",
        "String r =3D \"app/8k5Oa7FrL=\nHEEa4bs@shipment.preprod.=\nsvc.cluster.local:1521/XEPDB1\";",
    ] {
        assert_eq!(one(text).0, "8k5Oa7FrLHEEa4bs", "{text}");
    }
}

#[test]
fn repeated_text_takes_linear_time() {
    for piece in [
        "password=",
        ";password=x",
        "'password=\"",
        "\"';pwd=a",
        "host=a password=",
        ",password=a",
        "@tcp(",
        "a/b@c:1521/",
        "Server=a;Password=\"",
        "server=a ",
    ] {
        let text = piece.repeat(200_000 / piece.len());
        let _ = reference::candidates(std::slice::from_ref(&STRING), text.as_bytes());
    }
}

/// Found by fuzzing: a second `user=` behind the password is told as a part, and a
/// candidate's span holds its parts.
#[test]
fn a_span_holds_its_parts() {
    let zeros = "\0".repeat(14);
    let text = format!(
        "ho\u{ec}st=db.example.com dbname=app user=a.p password=k\0\0\0\0G{zeros}.example.com \
         dbname=app user=a.p{zeros}V93hfQm"
    );
    for (_, candidate) in found(&text) {
        for part in &candidate.parts {
            assert!(candidate.span.start <= part.range.start);
            assert!(part.range.end <= candidate.span.end);
        }
    }
    assert!(!found(&text).is_empty());
}
