//! Database servers, users and passwords as people and providers make them
//! (§4.4, §4.5).

use crate::{
    draw::{ALNUM, Draw, LOWER_ALNUM},
    vocabulary,
};

/// Who can reach a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// A public name or address.
    Public,
    /// A service of a cloud.
    Managed,
    /// A private network.
    Private,
    /// A name of one label.
    Service,
    /// The same machine.
    Local,
}

/// A server's host and who can reach it.
pub(crate) fn host(draw: &mut Draw) -> (String, Reach) {
    let name = vocabulary::word(draw, "kebab");
    match draw.below(8) {
        0 | 1 => (vocabulary::word(draw, "host"), Reach::Public),
        2 => (vocabulary::word(draw, "public_ip"), Reach::Public),
        3 => {
            let region = draw.text(vocabulary::REGIONS);
            let id = draw.word(LOWER_ALNUM, 12);
            (format!("{name}.{id}.{region}.rds.amazonaws.com"), Reach::Managed)
        }
        4 => {
            let suffix = draw.text(&[
                "postgres.database.azure.com",
                "mysql.database.azure.com",
                "a.aivencloud.com",
                "db.ondigitalocean.com",
            ]);
            (format!("{name}.{suffix}"), Reach::Managed)
        }
        5 => (vocabulary::word(draw, "ip"), Reach::Private),
        6 => (
            draw.text(&["db", "postgres", "mysql", "database", "db-primary"]).into(),
            Reach::Service,
        ),
        _ => (draw.text(&["localhost", "127.0.0.1"]).into(), Reach::Local),
    }
}

/// The signs of passwords that no syntax of a setting minds.
const PLAIN_SIGNS: &[u8] = b"-_.!@+%^~*";
/// Those that have to be quoted or escaped somewhere.
const SIGNS: &[u8] = b"!@%^*-_=+;:,.?&<>/|~$#)]}\\\"'";

/// A password without white space; `plain` keeps to signs that need no quotes.
pub(crate) fn password(draw: &mut Draw, plain: bool) -> String {
    let mut value = match draw.below(6) {
        0 => draw.hex(32),
        1 => {
            let length = 20 + draw.below(20);
            draw.word(ALNUM, length)
        }
        2 => format!("AVNS_{}", draw.word(ALNUM, 19)),
        3 => format!(
            "{}{}{}",
            vocabulary::word(draw, "Pascal"),
            1000 + draw.below(9000),
            draw.text(&["!", "-x", "*7", ""])
        ),
        _ => {
            let length = 9 + draw.below(10);
            let signs = if plain { PLAIN_SIGNS } else { SIGNS };
            let mut text = draw.word(ALNUM, length);
            for _ in 0..1 + draw.below(3) {
                let at = 1 + draw.below(text.len() - 2);
                let sign = char::from(*draw.pick(signs));
                text.replace_range(at..=at, &sign.to_string());
            }
            text
        }
    };
    // A letter and a digit at the ends, so that nothing counts as a word, a
    // number or the end of a sentence.
    value.insert(0, char::from(*draw.pick(b"abcdefghkmnpqrstuvwxyzABCDEFGHKLMNPRSTUVWXYZ")));
    value.push(char::from(*draw.pick(b"23456789")));
    value
}

/// A password of letters and digits, as Oracle takes it without quotes.
pub(crate) fn word(draw: &mut Draw) -> String {
    let length = 9 + draw.below(12);
    format!("{}{}7", draw.text(&["k", "R", "t", "W"]), draw.word(ALNUM, length))
}
