//! Passwords that are none, and passwords that everybody knows.
//!
//! A password has no format, so only rules can tell a template or a filler from
//! a value. The dictionary is short on purpose: what stands in it is in every
//! tutorial, and refusing a real password costs a leak.

use super::is_template;
use crate::evidence::Reason;

/// Words that tutorials, templates and default installations use.
const DICTIONARY: &[&str] = &[
    "password",
    "passwd",
    "pass",
    "pwd",
    "passw0rd",
    "p@ssw0rd",
    "p@ssword",
    "pa$$word",
    "password1",
    "password123",
    "pass123",
    "mypass",
    "mypassword",
    "my-password",
    "my_password",
    "mypasswd",
    "mysecret",
    "mysecretpassword",
    "my-secret-pw",
    "my-secret-password",
    "my_secret_password",
    "secret",
    "secretpassword",
    "supersecret",
    "supersecretpassword",
    "verysecret",
    "topsecret",
    "changeme",
    "change-me",
    "change_me",
    "changeit",
    "changethis",
    "example",
    "examplepassword",
    "your_password",
    "your-password",
    "yourpassword",
    "yourpass",
    "yourstrongpassword",
    "yourstrong(!)password",
    "yourstrong@passw0rd",
    "userpass",
    "userpassword",
    "dbpass",
    "dbpassword",
    "db_pass",
    "db_password",
    "db-password",
    "dbpasswd",
    "dbpwd",
    "database_password",
    "test",
    "test123",
    "testing",
    "tester",
    "testpass",
    "testpassword",
    "test_password",
    "demo",
    "dummy",
    "todo",
    "fake",
    "fakepassword",
    "admin",
    "admin123",
    "administrator",
    "adminpassword",
    "root",
    "rootpass",
    "rootpassword",
    "rootpw",
    "toor",
    "postgres",
    "postgresql",
    "pgpass",
    "pgpassword",
    "mysql",
    "mysqlpassword",
    "mongo",
    "mongodb",
    "mongopassword",
    "redis",
    "redispassword",
    "rabbitmq",
    "elastic",
    "guest",
    "foo",
    "bar",
    "baz",
    "foobar",
    "foobared",
    "user",
    "username",
    "login",
    "default",
    "none",
    "null",
    "nil",
    "empty",
    "undefined",
    "true",
    "false",
    "string",
    "value",
    "token",
    "key",
    "api_key",
    "credentials",
    "letmein",
    "welcome",
    "qwerty",
    "abc123",
    "hunter2",
    "xyzzy",
    "swordfish",
    "opensesame",
    "vagrant",
    "homestead",
    "docker",
    "airflow",
    "keycloak",
    "wordpress",
    "drupal",
    "laravel",
    "symfony",
    "django",
    "rails",
    "minioadmin",
    "neo4j",
    "cassandra",
    "clickhouse",
    "mariadb",
    "oracle",
    "x-oauth-basic",
    "x-token-auth",
    "s3cr3t",
    "s3cret",
    "sekret",
    "tiger",
    "scott",
    "sa",
    "pw",
    "xxx",
    "abc",
    "a",
    "p",
    "x",
];

/// Words that stand in a password only if it is none. Compared without case.
const MARKERS: &[&str] = &[
    "your_",
    "your-",
    "<your",
    "yourpass",
    "placeholder",
    "redacted",
    "masked",
    "filtered",
    "hidden",
    "insert_",
    "replace_",
    "replace-me",
    "replaceme",
    "example",
    "...",
    "***",
    "•••",
    "…",
    "xxxx",
    "password_here",
    "password-here",
    "_goes_here",
    "to_be_",
    "changeme",
    "change_me",
    "change-me",
];

/// Why a password is none, if it is none: nothing, a template, a mask, a filler, a
/// word from tutorials, the name of its own user or database. `names` are those.
///
/// A password of eight random letters is refused less than once in a million.
pub fn refusal(password: &[u8], names: &[&[u8]]) -> Option<Reason> {
    // The commonest first: most values of `password` in the world are that word.
    if is_dictionary(password) || is_reference(password) {
        return Some(Reason::Placeholder);
    }
    let folded = password.to_ascii_lowercase();
    if MARKERS.iter().any(|m| super::contains(&folded, m.as_bytes())) {
        return Some(Reason::Placeholder);
    }
    let one_byte = password.iter().all(|b| *b == password[0]);
    if one_byte || is_counting(password) || says_password(&folded) {
        return Some(Reason::Placeholder);
    }
    let named = names.iter().any(|n| !n.is_empty() && n.eq_ignore_ascii_case(password));
    named.then_some(Reason::Placeholder)
}

/// Whether a text stands for a value instead of being one: empty, `${X}`, `$X`,
/// `$(x)`, `{{ x }}`, `{x}`, `<x>`, `[x]`, `%s`, `%(x)s`, `%X%`, `#{x}`, `:x`,
/// `@X@`, `__X__`, `ENC(…)`, `{cipher}…`, or code that puts it together.
pub fn is_reference(password: &[u8]) -> bool {
    let Some(first) = password.first() else { return true };
    // Templates and code have signs.
    if password.iter().all(u8::is_ascii_alphanumeric) {
        return password.starts_with(b"secretKeyRef");
    }
    let word = |rest: &[u8]| {
        !rest.is_empty() && rest.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
    };
    let starts = |s: &str| password.starts_with(s.as_bytes());
    let holds = |s: &str| super::contains(password, s.as_bytes());
    if is_template(password) || holds("<%") || holds("%{") || holds("$[") || holds("{}") {
        return true;
    }
    // Format calls and concatenation: `%s`, `" + pwd + "`, `' . $pass . '`.
    if matches!(password, b"%s" | b"%v" | b"%d" | b"%@" | b"{}" | b"?" | b"-" | b"*")
        || ["\" +", "' +", "\" .", "' .", "\"+", "'+", "+\"", "+'", "\" &", "\"&"]
            .iter()
            .any(|s| holds(s))
    {
        return true;
    }
    if starts("ENC(")
        || starts("{cipher}")
        || starts("ENC[")
        || starts("!vault")
        || starts("vault:")
    {
        return true;
    }
    // `{0}` of a format.
    let digits = password[1..].iter().take_while(|b| b.is_ascii_digit()).count();
    if *first == b'{' && digits > 0 && password.get(digits + 1) == Some(&b'}') {
        return true;
    }
    // A bind name; a shell variable; an environment lookup.
    (*first == b':' && word(&password[1..]) && !password[1].is_ascii_digit())
        || (*first == b'$'
            && password.get(1).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
            && word(&password[1..])
            && password[1..]
                .iter()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_'))
        || starts("process.env")
        || starts("os.environ")
        || starts("System.getenv")
        || starts("getenv(")
        || starts("env(")
        || starts("ENV[")
        || starts("secretKeyRef")
        || starts("!Ref")
        || starts("!Sub")
        || starts("!GetAtt")
        || starts("var.")
        || starts("local.")
        || starts("data.")
        || starts("module.")
        || starts("settings.")
        || starts("config.")
        || starts("self.")
        || starts("this.")
}

/// Whether every dictionary of passwords has it: a word of tutorials, or a word
/// with a few digits, or digits alone, or less than six characters.
pub fn is_weak(password: &[u8]) -> bool {
    let letters = password.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let tail = &password[letters..];
    let word_and_digits = tail.len() <= 4 && tail.iter().all(|b| b.is_ascii_digit() || *b == b'!');
    password.len() < 6
        || is_dictionary(password)
        || is_counting(password)
        || (password.len() < 10 && password.iter().all(u8::is_ascii_digit))
        || (word_and_digits && letters <= 12 && one_case(&password[..letters]))
}

fn one_case(word: &[u8]) -> bool {
    let tail = word.get(1..).unwrap_or_default();
    tail.iter().all(u8::is_ascii_lowercase) || word.iter().all(u8::is_ascii_uppercase)
}

/// Whether the password, in any case, is a word of tutorials.
fn is_dictionary(password: &[u8]) -> bool {
    DICTIONARY.iter().any(|w| w.as_bytes().eq_ignore_ascii_case(password))
}

/// Whether it is a name of a password: `cachepass`, `my_app_password`, `password42`.
/// `folded` is in lower case.
fn says_password(folded: &[u8]) -> bool {
    let in_name = |b: &u8| b.is_ascii_lowercase() || matches!(b, b'_' | b'-');
    let ends = [&b"pass"[..], b"password", b"passwd", b"passphrase", b"_pwd", b"-pwd"];
    let numbered = folded.strip_prefix(b"password").or_else(|| folded.strip_prefix(b"pass"));
    (folded.len() <= 24 && folded.iter().all(in_name) && ends.iter().any(|e| folded.ends_with(e)))
        || numbered.is_some_and(|n| n.len() <= 4 && n.iter().all(u8::is_ascii_digit))
}

/// `123456`, `12345678`, `abcdef`, `654321`: each step by one.
fn is_counting(password: &[u8]) -> bool {
    let step = |by: i16| password.windows(2).all(|w| i16::from(w[1]) - i16::from(w[0]) == by);
    password.len() >= 3
        && (step(1) || step(-1) || password == b"1234567890" || password == b"1q2w3e4r")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_password_is_refused() {
        for password in [
            "",
            "${DB_PASSWORD}",
            "$DB_PASS",
            "$(cat pw)",
            "{{ pw }}",
            "{password}",
            "<password>",
            "[password]",
            "%s",
            "%(password)s",
            "%DB_PASS%",
            "#{pw}",
            ":password",
            "@PASSWORD@",
            "__PASSWORD__",
            "***",
            "*****",
            "xxxx",
            "XXXXXXXX",
            "....",
            "REDACTED",
            "[MASKED]",
            "[FILTERED]",
            "password",
            "Password",
            "PASSWD",
            "changeme",
            "your_password_here",
            "{your_password}",
            "hunter2",
            "cachepass",
            "my_app_password",
            "Password42",
            "123456",
            "12345678",
            "app",
            "mydb",
            "\" + pwd + \"",
            "' . $pass . '",
            "{settings.DB_PASS}",
            "{0}",
            "{1})",
            "ENC(abcdef==)",
            "{cipher}0123",
            "<%= pw %>",
            "%{pw}",
        ] {
            assert!(refusal(password.as_bytes(), &[b"app", b"mydb"]).is_some(), "{password}");
        }
    }

    #[test]
    fn passwords_of_people_are_believed() {
        for password in [
            "xK9#mP2$vL5n",
            "Summer2019!",
            "*starts*with*stars",
            "xavier-loves-tea",
            "p4$$phrase",
            "correct-horse",
            "tr0ub4dor&3",
            "a1b2c3d4",
            "Kl%2F9x",
            "wowsuch:colon",
            "x7Qp",
        ] {
            assert_eq!(refusal(password.as_bytes(), &[b"app"]), None, "{password}");
        }
    }

    #[test]
    fn weak_ones_are_known() {
        for (password, weak) in [
            ("Summer2019!", false),
            ("summer19", true),
            ("Secret1", true),
            ("424242", true),
            ("abc", true),
            ("xK9#mP2$vL5n", false),
            ("correcthorsebattery", false),
        ] {
            assert_eq!(is_weak(password.as_bytes()), weak, "{password}");
        }
    }
}
