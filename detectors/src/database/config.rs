//! Passwords of databases in settings: environment variables, configuration
//! blocks, calls that open a connection.
//!
//! A name such as `DB_PASSWORD`, `PGPASSWORD` or `spring.datasource.password` says
//! by itself what stands behind it. A plain `password` is a database's if the block
//! around it is: an adapter, an engine, a JDBC URL, a database's port, a section or
//! a call that names one. Sources: the documentation of the images `postgres`,
//! `mysql`, `mariadb`, `mongo`, `mssql`, `redis`, `rabbitmq` and `neo4j` for the
//! names of variables; of Django, Rails, Laravel, Sequelize, Knex, TypeORM, Spring,
//! Hibernate, WordPress, Joomla and Magento for their blocks.
//!
//! Deliberately elsewhere: passwords inside a connection string or a URL, and those
//! of command lines. Hashes, encrypted values, names of variables and code in place
//! of a value are refused.

use std::borrow::Cow::Borrowed;
use std::ops::Range;

use super::config_escape;
use super::config_literal::{LONGEST, Literal, Quote, Sign};
use super::config_name::{Naming, naming};
use super::config_value;
use super::server::Connection;
use super::service_token;
use super::{call, config_block};
use crate::assignment::name_around;
use crate::candidate::{Candidate, Part, Role};
use crate::detector::{Anchor, Detector, Examples, Reach, Shape, Trigger, text};
use crate::encoding::escaped;
use crate::evidence::{Evidence, Reason, Verdict};
use crate::extract::{Extraction, Window};
use crate::fact::Fact;
use crate::grade::Severity;
use crate::placeholder::password::{is_reference, is_weak, refusal};
use crate::relate::{Leak, Neighbours};
use crate::url::host::HostClass;

pub(super) static CONFIG: Detector = Detector {
    id: text("database-config"),
    title: text("Database password in a configuration"),
    provider: text("Database"),
    tags: Borrowed(&[text("database"), text("password")]),
    trigger: Trigger::Anchor(Borrowed(&[
        Anchor::any_case("password"),
        Anchor::any_case("passwd"),
        Anchor::any_case("_pass"),
        Anchor::any_case("dbpass"),
        Anchor::any_case("db-pass"),
        Anchor::any_case("defaultpass"),
        Anchor::any_case("_pwd"),
        Anchor::any_case("-pwd"),
        Anchor::any_case("dbpwd"),
        Anchor::any_case("sqlpwd"),
        Anchor::any_case("db_pw"),
        Anchor::any_case("requirepass"),
        Anchor::any_case("masterauth"),
        Anchor::any_case("cli_auth"),
        Anchor::any_case("neo4j_auth"),
        Anchor::any_case("\npwd"),
        Anchor::any_case("\"pass\""),
        Anchor::any_case("'pass'"),
        Anchor::any_case("pass:"),
        Anchor::any_case("\"pwd\""),
        Anchor::any_case("'pwd'"),
        // Calls that take it by position.
        Anchor::any_case("new mysqli("),
        Anchor::any_case("mysqli_connect("),
        Anchor::any_case("mysql_connect("),
        Anchor::any_case("mysqli_real_connect("),
        Anchor::any_case("->real_connect("),
        Anchor::any_case("mysqldb.connect("),
        Anchor::any_case("pymysql.connect("),
        Anchor::any_case("new pdo("),
        Anchor::any_case("new \\pdo("),
        Anchor::any_case("drivermanager.getconnection("),
        Anchor::any_case("new sequelize("),
        Anchor::any_case("cx_oracle.connect("),
        Anchor::any_case("oracledb.connect("),
        Anchor::any_case("oci_connect("),
    ])),
    reach: Reach::new(
        config_block::REACH as u32 + 64,
        (config_block::REACH + LONGEST + 160) as u32,
    ),
    shape: Shape::Parser(parse),
    companions: Borrowed(&[]),
    relate: Some(complete),
    severity: Severity::Critical,
    remedy: text(
        "Set a new password for the user on the database server (ALTER USER … or the cloud \
         console), give it to the applications through a secret store, look through the server's \
         log for connections from strange addresses, and close the server's port to the outside.",
    ),
    opt_in: false,
    examples: Examples {
        reported: Borrowed(&[
            text("DB_HOST=db.acme-shop.io\nDB_USER=shop\nDB_PASSWORD=x7Qp-2mVr9\nDB_NAME=shop\n"),
            text(
                "production:\n  adapter: mysql2\n  host: 10.2.0.7\n  username: app\n  password: \"mK4;vx#81\"\n",
            ),
            text(
                "'default': {\n  'ENGINE': 'django.db.backends.postgresql',\n  'NAME': 'crm',\n  'USER': 'crm',\n  'PASSWORD': 'Tz81-kwPq',\n  'HOST': 'pg.acme.io',\n}",
            ),
            text("define( 'DB_PASSWORD', 'wR3!xk90Lp' );\ndefine( 'DB_HOST', 'localhost' );\n"),
            text("- name: POSTGRES_PASSWORD\n  value: \"hG72kLq0zX\"\n"),
            text(
                "spring.datasource.url=jdbc:postgresql://pg.acme.io:5432/crm\nspring.datasource.password=nB5vC2xZ8m\n",
            ),
            text("{\"msg\":\"{\\\"DB_PASSWORD\\\":\\\"yT7uJ4mN1b\\\"}\"}"),
            text(
                "mysql.createConnection({host: 'db.acme.io', user: 'web', password: 'rF6tG9hY2j'})",
            ),
            text("requirepass pQ8wE5rT1yU3\n"),
        ]),
        refuted: Borrowed(&[
            (text("DB_PASSWORD=changeme"), Reason::Placeholder),
            (text("DB_PASSWORD=\"changeme-please\""), Reason::Placeholder),
            (text("DB_HOST=db.example.com\nDB_PASSWORD=x7Qp-2mVr9\n"), Reason::Documentation),
            (text("DB_PASSWORD=\"$2b$12$KIXQ4v1rO7mZx0b5jR8yGe\""), Reason::NoSecret),
        ]),
        unmatched: Borrowed(&[
            text("DB_PASSWORD=${DB_PASSWORD}"),
            text("password = os.environ[\"DB_PASSWORD\"]"),
            text("\"password\": \"Passwort\", \"username\": \"Benutzername\""),
            text("<input type=\"password\" name=\"password\" placeholder=\"Password\">"),
            text("password varchar(255) NOT NULL"),
            text("db_password: str = Field(...)"),
            text("smtp:\n  host: mail.acme.io\n  password: x7Qp-2mVr9\n"),
            text("DB_PASSWORD_FILE=/run/secrets/db_password"),
            text("const password = req.body.password;"),
        ]),
    },
};

/// Without a host a password opens nothing yet.
pub(super) fn complete(leak: &mut Leak, _: &Neighbours<'_>) {
    leak.complete = leak.facts.host_class().is_some();
}

fn parse(window: &Window<'_>, out: &mut Extraction<'_>) {
    let text = window.bytes;
    if text[window.hit_end - 1] == b'(' {
        return call::parse(window, out);
    }
    let Some(name) = name(window) else { return };
    let Some(mut literal) = config_value::after(text, &name) else { return };
    if literal.quote == Quote::Bare {
        literal.layers = literal.layers.max(layers_before(text, name.start));
    }
    let raw = &text[literal.range.clone()];
    if !(3..=LONGEST).contains(&raw.len()) || is_code(text, &literal) {
        return;
    }
    let Some(naming) = naming(&text[name.clone()]) else { return };
    let value = config_escape::decoded(text, &literal);
    let open = naming == Naming::Open;
    if open && refusal(&value, &[]).is_some() {
        return;
    }
    if is_reference(&value) || is_prose(&value) || service_token::begins(&value) {
        return;
    }
    // Behind white space stands the value of `ENV DB_PASSWORD x` and
    // `requirepass x`, but also the rest of every sentence.
    let bare_words = literal.sign == Sign::Space && literal.quote == Quote::Bare;
    let setting = !text[name.clone()].iter().any(u8::is_ascii_lowercase)
        || text[name.clone()].ends_with(b"requirepass")
        || text[name.clone()].ends_with(b"masterauth");
    if bare_words && (open || !setting || is_word(&value)) {
        return;
    }
    let mut block = config_block::read(text, &name, &literal, open);
    let wordy = is_word(&value);
    if open && (!block.is_database || wordy && !block.plain_host) {
        return;
    }
    if wordy
        && literal.quote == Quote::Bare
        && !block.plain_host
        && !is_variable(text, &name, &literal)
    {
        return;
    }
    if let Naming::Database(Some(kind)) = naming {
        block.connection.kind = Some(kind);
    }
    let mut value_range = literal.range.clone();
    let mut value = value;
    // `NEO4J_AUTH=neo4j/…`
    if text[name.clone()].eq_ignore_ascii_case(b"neo4j_auth") {
        let Some(slash) = memchr::memchr(b'/', &text[value_range.clone()]) else { return };
        let user = value_range.start..value_range.start + slash;
        block.connection.user = Some(String::from_utf8_lossy(&text[user.clone()]).into_owned());
        block.user = Some(user);
        value_range.start += slash + 1;
        value = config_escape::decoded(
            text,
            &Literal { range: value_range.clone(), ..literal.clone() },
        );
    }
    // A credential that IAM makes for Keyspaces has a detector of its own, which
    // knows where it ends.
    if block.connection.user.as_deref().is_some_and(is_service_user) {
        return;
    }
    let mut evidence = Vec::new();
    if !open {
        evidence.push(Evidence::KeyName);
    }
    if block.is_database {
        evidence.push(Evidence::NamedService);
    }
    let mut candidate =
        judged(window, value_range, &value, &block.connection, block.user, evidence);
    candidate.span.start = candidate.span.start.min(window.range(name.clone()).start);
    candidate.name = Some(window.range(name));
    out.push(candidate);
}

/// A candidate for a password that was read at `range`, judged with what is known
/// of its connection.
pub(super) fn judged(
    window: &Window<'_>,
    range: Range<usize>,
    value: &[u8],
    connection: &Connection,
    user: Option<Range<usize>>,
    evidence: Vec<Evidence>,
) -> Candidate {
    let names: Vec<&[u8]> = [&connection.user, &connection.database]
        .into_iter()
        .flatten()
        .map(|s| s.as_bytes())
        .collect();
    let mut candidate = Candidate::new(Role::Password, window.range(range.clone()));
    if value != &window.bytes[range] {
        candidate.decoded = Some(value.into());
    }
    candidate.facts = connection.facts();
    let documented = candidate.facts.host_class() == Some(HostClass::Documentation);
    candidate.verdict = if is_hash(value) {
        Verdict::Refuted(Reason::NoSecret)
    } else if let Some(reason) = refusal(value, &names) {
        Verdict::Refuted(reason)
    } else if documented {
        Verdict::Refuted(Reason::Documentation)
    } else {
        candidate.evidence = evidence;
        if is_weak(value) {
            candidate.facts.add(Fact::WeakPassword(true));
            Verdict::Neutral
        } else {
            Verdict::Supported
        }
    };
    if let Some(user) = user.filter(|u| u.start < u.end) {
        let range = window.range(user);
        candidate.span.start = candidate.span.start.min(range.start);
        candidate.span.end = candidate.span.end.max(range.end);
        candidate.parts.push(Part { role: Role::UserName, range, decoded: None });
    }
    candidate
}

/// The name around the anchor, if what follows it may be an assignment.
fn name(window: &Window<'_>) -> Option<Range<usize>> {
    let text = window.bytes;
    let mut hit = window.hit();
    // Anchors may hold the quotes or the sign.
    while hit.start < hit.end && matches!(text[hit.start], b'"' | b'\'' | b'\n') {
        hit.start += 1;
    }
    while hit.start < hit.end && matches!(text[hit.end - 1], b'"' | b'\'' | b':') {
        hit.end -= 1;
    }
    // The cheap end: most hits are inside a word or before the end of a phrase.
    let mut name = name_around(text, hit);
    // The letter of an escaped line end is none of the name.
    if name.start > 0
        && name.end - name.start > 4
        && text[name.start - 1] == b'\\'
        && matches!(text[name.start], b'n' | b'r' | b't')
    {
        name.start += 1;
    }
    while name.end > name.start && matches!(text[name.end - 1], b'.' | b'-') {
        name.end -= 1;
    }
    let next = *text.get(name.end)?;
    if stands_in_string(text, &name, next) {
        return None;
    }
    let fits = matches!(
        next,
        b' ' | b'\t'
            | b'='
            | b':'
            | b'"'
            | b'\''
            | b'`'
            | b'\\'
            | b'<'
            | b'>'
            | b'('
            | b'|'
            | b'?'
            | b'&'
            | b'*'
            | b'\n'
            | b'\r'
            | b']'
            | b')'
            | b'['
            | 0x1b
    );
    fits.then_some(name)
}

/// In how many strings a line stands that begins before `at`, going by the escaped
/// line end before it: `\n`, `\\n`.
fn layers_before(text: &[u8], at: usize) -> u8 {
    let blank = text[..at].iter().rev().take(32).take_while(|b| **b == b' ').count();
    let Some(before) = text[..at - blank].strip_suffix(b"n") else { return 0 };
    let slashes = before.iter().rev().take(9).take_while(|b| **b == b'\\').count();
    if slashes.is_power_of_two() && slashes <= 4 { slashes.trailing_zeros() as u8 + 1 } else { 0 }
}

/// Whether a user is one of IAM's for a single service: `<name>-at-<account>`.
fn is_service_user(user: &str) -> bool {
    let account = user.rsplit_once("-at-").map(|(_, a)| a);
    account.is_some_and(|a| a.len() == 12 && a.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether the name is a key inside a connection string or a query, which is for
/// others to read: behind `?`, `&` or `;`, or behind a comma and before a `=`. A
/// semicolon at the start of its line comments a setting out.
fn stands_in_string(text: &[u8], name: &Range<usize>, next: u8) -> bool {
    // In any escape: `\=` of properties, `\u003d`, `%3D`, `&#61;`.
    let sign = escaped::character(&text[name.end..]);
    let assigns = next == b'=' || sign.is_some_and(|(byte, _)| byte == b'=');
    let before = text[..name.start].trim_ascii_end();
    let Some(separator) = before.last() else { return false };
    match separator {
        b'?' | b'&' => true,
        b',' => assigns && before.len() == name.start,
        b';' => {
            let line = memchr::memrchr(b'\n', before).map_or(before, |at| &before[at + 1..]);
            let begins = line.trim_ascii() == b";";
            assigns && !begins
        }
        // `\u0026`, `%26`.
        b'\\' | b'%' => {
            let name = &text[name.clone()];
            name.starts_with(b"u0026")
                || name.starts_with(b"u003b")
                || name.starts_with(b"26")
                || name.starts_with(b"3B")
        }
        _ => false,
    }
}

/// Whether a value without quotes is code: a call, an index, a member, an
/// identifier.
fn is_code(text: &[u8], literal: &Literal) -> bool {
    let value = &text[literal.range.clone()];
    if literal.quote != Quote::Bare {
        // What stands between two strings, the first of which the name ends:
        // `"password: " + x + "`, `"password:"); print("`.
        let between = value.trim_ascii_start();
        let joined =
            between.len() < value.len() && between.first().is_none_or(|b| b"+.,)&%|".contains(b));
        let closed = [&b");"[..], b"),", b", ", b"))"].iter().any(|s| value.starts_with(s));
        // A command of a shell that makes the value.
        let command = literal.quote == Quote::Plain(b'`') && value.contains(&b' ');
        return joined || closed || command;
    }
    let first = value[0];
    if !(first.is_ascii_alphanumeric() || b"#!@%^+-_.~=/$(*{[?,&".contains(&first) || first >= 0x80)
    {
        return true;
    }
    if matches!(first, b'{' | b'[' | b'(' | b'$' | b',' | b'/') && literal.sign != Sign::Tag {
        return true;
    }
    // In code, what has no quotes stands between parentheses or commas.
    if literal.sign == Sign::Argument || literal.sign == Sign::Arrow {
        return true;
    }
    if literal.sign == Sign::Space && !value.is_ascii() {
        return true;
    }
    let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let word = value.iter().take_while(|b| is_word(b)).count();
    let next = text.get(literal.range.start + word).copied().unwrap_or(b'\n');
    let named = !value[0].is_ascii_digit() && word > 0;
    let path = value.iter().take_while(|b| is_word(b) || **b == b'.').count();
    let call = matches!(text.get(literal.range.start + path), Some(b'(' | b'['));
    if named
        && (call
            || matches!(next, b'(' | b'[')
            || value[word..].starts_with(b"->")
            || value[word..].starts_with(b"::"))
    {
        return true;
    }
    // `config.password`, `self.db_password`, `params.x.y`: members.
    let members = value.split(|b| *b == b'.').all(|m| {
        m.iter().all(is_word) && m.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
    });
    let telling = ["passw", "pwd", "secret"]
        .iter()
        .any(|w| crate::placeholder::contains_ignore_case(value, w.as_bytes()));
    if value.contains(&b'.') && members && (telling || !value.iter().any(u8::is_ascii_digit)) {
        return true;
    }
    // `snake_case`, `camelCase` and `CONSTANTS`: identifiers.
    if word == value.len() && named && !value.iter().any(u8::is_ascii_digit) {
        let hump = value.windows(2).any(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase());
        if value.contains(&b'_') || hump {
            return true;
        }
    }
    // More words behind it: prose or an expression.
    let line = &text[literal.range.end..text.len().min(literal.range.end + 40)];
    let rest =
        line.iter().position(|b| !matches!(b, b' ' | b'\t')).map_or(&line[..0], |n| &line[n..]);
    let spaced = line.first().is_some_and(|b| matches!(b, b' ' | b'\t'));
    if spaced && rest.first().is_some_and(|b| b"+=?*.%".contains(b)) {
        return true;
    }
    let goes_on = spaced
        && rest.first().is_some_and(|b| b.is_ascii_lowercase() || b"+(?&|.=*".contains(b))
        && !rest.starts_with(b"&&")
        && !rest.starts_with(b"||");
    let digits = value.iter().any(u8::is_ascii_digit);
    goes_on && (!digits || literal.spaced && matches!(literal.sign, Sign::Equals))
        || literal.sign == Sign::Space && spaced && goes_on
        || matches!(literal.sign, Sign::Word)
            && !digits
            && value.iter().all(u8::is_ascii_alphabetic)
}

/// Whether a value is a label, a message, a path or a rule in place of one.
pub(super) fn is_prose(value: &[u8]) -> bool {
    let strange = |b: &u8| !b.is_ascii_alphabetic() && !b" .,:;'!?()-/_*".contains(b);
    // The word that ends a sentence or is one: `password: Required.`
    if value.strip_suffix(b".").is_some_and(|word| word.iter().all(u8::is_ascii_alphabetic)) {
        return true;
    }
    if value.contains(&b' ') && !value.iter().any(strange) {
        return true;
    }
    let starts = |s: &str| value.starts_with(s.as_bytes());
    let holds = |s: &str| memchr::memmem::find(value, s.as_bytes()).is_some();
    if value.iter().filter(|b| **b == b' ').count() > 3
        || [
            "/run/",
            "/etc/",
            "/var/",
            "./",
            "../",
            "~/",
            "http://",
            "https://",
            "file:",
            "arn:",
            "op://",
            "ssm:",
            "aws:",
            "gcp:",
            "secret/",
            "secretsmanager",
            "keyring:",
            "ref+",
            "--",
            "env:",
            "kms:",
            "projects/",
        ]
        .iter()
        .any(|s| starts(s))
        || ["\\d", "\\w", "\\s", "[a-z", "[A-Z", "[^", "://", "${", "}}", "<?"]
            .iter()
            .any(|s| holds(s))
    {
        return true;
    }
    if value.iter().any(|b| *b < b' ') {
        return true;
    }
    let identifier = value.iter().all(|b| b.is_ascii_alphabetic() || b"_-.: ".contains(b));
    let lower = value.to_ascii_lowercase();
    let holds = |s: &str| memchr::memmem::find(&lower, s.as_bytes()).is_some();
    // Names of settings, variables and secrets.
    if identifier
        && lower.len() > 8
        && (holds("passw") || holds("_pass") || holds("_pwd") || holds("secret"))
    {
        return !matches!(&lower[..], b"password" | b"changepassword");
    }
    const WORDS: &[&[u8]] = &[
        b"str",
        b"text",
        b"varchar",
        b"char",
        b"bytes",
        b"required",
        b"optional",
        b"any",
        b"hidden",
        b"input",
        b"field",
        b"int",
        b"bool",
        b"boolean",
        b"object",
        b"nullable",
        b"number",
        b"buffer",
        b"unknown",
        b"never",
        b"void",
        b"not",
        b"the",
        b"for",
        b"and",
        b"option",
        b"password:",
        b"passphrase",
        b"prompt",
        b"ask",
        b"yes",
        b"random",
        b"generated",
        b"async",
    ];
    WORDS.contains(&&lower[..])
}

/// Whether a value is one word of letters, in one case or with a capital.
fn is_word(value: &[u8]) -> bool {
    value.iter().all(u8::is_ascii_alphabetic)
        && (value[1..].iter().all(u8::is_ascii_lowercase)
            || value.iter().all(u8::is_ascii_uppercase))
}

/// Whether the name is a variable's and its value stands alone behind it, as only
/// settings have it: `DB_PASSWORD=sunshine`.
fn is_variable(text: &[u8], name: &Range<usize>, literal: &Literal) -> bool {
    let upper = !text[name.clone()].iter().any(u8::is_ascii_lowercase);
    upper && literal.sign == Sign::Equals && !literal.spaced
}

/// Whether a value is what a password was turned into.
fn is_hash(value: &[u8]) -> bool {
    let starts = |s: &str| value.starts_with(s.as_bytes());
    let hex = |v: &[u8]| v.iter().all(u8::is_ascii_hexdigit);
    [
        "$2a$",
        "$2b$",
        "$2y$",
        "$argon2",
        "$1$",
        "$5$",
        "$6$",
        "$y$",
        "$7$",
        "$apr1$",
        "$P$",
        "$S$",
        "pbkdf2",
        "scrypt:",
        "{SSHA",
        "{SHA",
        "{bcrypt}",
        "SCRAM-SHA-",
        "bcrypt",
        "argon2",
    ]
    .iter()
    .any(|s| starts(s))
        || (value.len() == 35 && starts("md5") && hex(&value[3..]))
        || (value.len() == 41 && starts("*") && hex(&value[1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    fn found(text: &str) -> Vec<Candidate> {
        reference::candidates(std::slice::from_ref(&CONFIG), text.as_bytes())
    }

    #[test]
    fn keys_of_connection_strings_are_left_to_others() {
        for text in [
            "x.connection=jdbc\\:sqlserver\\://db.acme.io\\:1433;user\\=sa;password\\=nLbEYNjT4A7t;encrypt\\=true",
            "x.db = db.acme.io\\:6380,password\\=OPajB7mNmQAv,ssl\\=True",
            "{\"c\":\"db.acme.io:6380,password\\u003dGLdkcnqpytYk,ssl\\u003dTrue\"}",
            "{\"m\":\"c=jdbc\\\\:sqlserver\\\\://db.acme.io;user\\\\=rw;password\\\\=NFklz67d1sPu;x\\\\=1\"}",
            "jdbc:postgresql://db.acme.io/crm?user=crm&password=Ht7wq2Zb",
            "Server=db.acme.io;User ID=sa;Password=Ht7wq2Zb;Database=crm",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
        // A setting that is commented out is one all the same.
        assert!(!found("[db]\nhost=db.acme.io\n;db_password=Ht7wq2Zb\n").is_empty());
    }

    #[test]
    fn hashes_of_ruby_in_mails_are_read() {
        let text = "  :adapter =3D> \"postgresql\",\n  :host =3D> \"db.acme.io\",\n  :password =3D> \"Ht7wq2Zb\"\n";
        assert_eq!(found(text).len(), 1);
    }

    #[test]
    fn objects_that_are_set_up_are_blocks() {
        for text in [
            "ds.setUrl(\"jdbc:mysql://db.acme.io/shop\");\nds.setUsername(\"app\");\nds.setPassword(\"x7Qp-2mVr9\");",
            "dataSource.setDriverClassName(\"com.mysql.jdbc.Driver\");\ndataSource.setPassword(\"x7Qp-2mVr9\");",
            "builder.DataSource = \"db.acme.io\";\nbuilder.Password = \"x7Qp-2mVr9\";\nbuilder.InitialCatalog = \"shop\";",
            "sqlx::PgConnectOptions::new().host(\"db.acme.io\").password(\"x7Qp-2mVr9\")",
            "c.Authenticator = gocql.PasswordAuthenticator{Username: \"app\", Password: \"x7Qp-2mVr9\"}",
            "$wgDBpassword = \"x7Qp-2mVr9\";\n$wgDBserver = \"db.acme.io\";\n",
        ] {
            let mut found = found(text);
            // `dbpass` and `password` stand in one name.
            found.dedup();
            assert_eq!(found.len(), 1, "{text}");
            let value = &text[found[0].value.start as usize..found[0].value.end as usize];
            assert_eq!(value, "x7Qp-2mVr9", "{text}");
        }
        let text = "mailer.setHost(\"mail.acme.io\");\nmailer.setPassword(\"x7Qp-2mVr9\");";
        assert!(found(text).is_empty(), "{text}");
    }

    #[test]
    fn texts_about_passwords_hold_none() {
        for text in [
            "{\"db_password\": \"Database password\", \"db_host\": \"Database host\"}",
            "log(\"db password: \" + password); printf(\"DB password: %s\", pw)",
            "echo(\"db password:\"); print(\"and the host\")",
            "DB_PASSWORD=`openssl rand -hex 16`",
            "mysql.connector.connect(host=h, user=u, password=args.db_password1)",
            "MySQL profile.\n  hostname: Required. Its name.\n  password: Optional. Input only.",
            "db.password=__DB_PW1__\n",
        ] {
            let found = found(text);
            assert!(found.iter().all(Candidate::is_refuted), "{text}");
        }
        let text = "DB_PASSWORD=__x7Qp2\nDB_HOST=db.acme.io\n";
        let found = found(text);
        assert_eq!(&text[found[0].value.start as usize..found[0].value.end as usize], "__x7Qp2");
    }

    #[test]
    fn escaped_lines_are_lines() {
        let text = "{\"m\":\"hibernate.connection.url=jdbc:mysql://db.acme.io/shop\\nhibernate.connection.username=\
                    shop\\nhibernate.connection.password=ka89de7d9eee4688dc91\",\"id\":\"1\"}";
        let found = found(text);
        assert_eq!(found.len(), 1, "{text}");
        for fact in [
            Fact::Host("db.acme.io".into()),
            Fact::User("shop".into()),
            Fact::DatabaseKind("mysql"),
            Fact::Database("shop".into()),
        ] {
            assert!(found[0].facts.iter().any(|f| *f == fact), "{fact:?}");
        }
    }

    #[test]
    fn text_of_nothing_but_names_takes_no_time() {
        for unit in [
            "password=",
            "password='x7Qp-2mVr9'\n",
            "DB_PASSWORD=x7Qp-2mVr9 ",
            "{\"password\":",
            "password:\n  ",
            "[password",
        ] {
            found(&unit.repeat(20_000 / unit.len()));
        }
    }

    #[test]
    fn cut_and_changed_text_is_no_trouble() {
        for text in CONFIG.examples.reported.iter() {
            for end in 0..text.len() {
                if let Some(cut) = text.get(..end) {
                    found(cut);
                }
                if let Some(cut) = text.get(end..) {
                    found(cut);
                }
                for byte in [b'\\', b'"', b'&', b'=', b'\n', b'<', 0xff, 0] {
                    let mut changed = text.as_bytes().to_vec();
                    changed[end] = byte;
                    reference::candidates(std::slice::from_ref(&CONFIG), &changed);
                }
            }
        }
    }
}
