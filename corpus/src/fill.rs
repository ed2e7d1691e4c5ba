//! Big files of ordinary text without plants, for benches.

use std::io::{self, Write};

use crate::{
    draw::Draw,
    host::Host,
    template::{self, Slots},
    vocabulary,
};

/// What a filled file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Source text of several languages.
    Source,
    /// A log of JSON lines.
    JsonLog,
    /// A web server's log.
    AccessLog,
    /// Base64 in lines of 76.
    Base64,
    /// Minified JavaScript on one line.
    Minified,
    /// Web pages, one in ten with a form to log in.
    Html,
    /// Nothing but URLs, one a line.
    Urls,
    /// What costs a reader of URLs and assignments most: their marks and nothing
    /// between them.
    Marks,
}

/// The languages that source text is made of.
const LANGUAGES: [Host; 9] = [
    Host::Python,
    Host::TypeScript,
    Host::Go,
    Host::Java,
    Host::Ruby,
    Host::Rust,
    Host::Cpp,
    Host::Php,
    Host::Yaml,
];

/// Writes exactly `bytes` bytes of a kind; the same seed writes the same. The
/// memory it takes does not depend on the size.
///
/// # Errors
///
/// If the writer fails.
pub fn fill(out: &mut dyn Write, seed: u64, kind: Kind, bytes: u64) -> io::Result<()> {
    let mut draw = Draw::new(seed, 2);
    let mut left = bytes;
    while left > 0 {
        let piece = piece(&mut draw, kind);
        let take = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        out.write_all(&piece.as_bytes()[..take])?;
        left -= take as u64;
    }
    Ok(())
}

fn piece(draw: &mut Draw, kind: Kind) -> String {
    match kind {
        Kind::Source => {
            let host = *draw.pick(&LANGUAGES);
            let mut out = String::new();
            for _ in 0..12 {
                out += &host.filler(draw).text;
                out.push_str("\n\n");
            }
            out
        }
        Kind::JsonLog => host_line(draw, Host::JsonLog),
        Kind::AccessLog => {
            const LINE: &str = "«public_ip» - - [«date»:«time» +0000] \"«method» «urlpath» HTTP/1.1\" «status» «num» \"https://«host»/«noun»\" \"Mozilla/5.0 (X11; Linux x86_64)\"\n";
            template::render(draw, LINE, &Slots::default(), "").text
        }
        Kind::Base64 => {
            use base64::{Engine, engine::general_purpose::STANDARD};
            let mut out = STANDARD.encode(draw.array::<57>());
            out.push('\n');
            out
        }
        Kind::Minified => vocabulary::word(draw, "minified"),
        Kind::Html => {
            const PAGE: &str = "<div class=\"«kebab»\">\n  <h2 id=\"«noun»\">«Pascal»</h2>\n  <p>«sentence» <a href=\"https://«host»/«noun»/«num»?page=«num»&amp;sort=«noun2»\">«noun2»</a></p>\n  <img src=\"//«host»/assets/«kebab».png\" alt=\"«noun»\">\n  <script>var «camel» = {id: «num», url: \"https:\\/\\/«host»«urlpath»\"};</script>\n</div>\n";
            const FORM: &str = "<form action=\"«urlpath»\" method=\"post\"><label for=\"password\">Password</label><input type=\"password\" name=\"password\" autocomplete=\"off\"></form>\n";
            let form = if draw.chance(0.1) { FORM } else { "" };
            template::render(draw, &format!("{PAGE}{form}"), &Slots::default(), "").text
        }
        Kind::Urls => {
            const LINES: &str = "https://«host»«urlpath»\nhttps://www.«domain»/«noun»/«kebab»-«num».html?utm_source=«noun2»&utm_medium=mail&id=«num»#«noun»\nhttp://«host»:8080/«noun»?token=«num»&expires=«epoch»\nhttps://cdn.«domain»/assets/«hex32»/«kebab».js\n";
            template::render(draw, LINES, &Slots::default(), "").text
        }
        Kind::Marks => {
            const MARKS: &[&str] = &[
                "://",
                "@",
                "https://",
                "http://@",
                "password=",
                "://@:@/",
                "sig=",
                "&X-Amz-",
                "?Signature=",
                "Password=;",
                "postgres://",
                "://:@",
                "\\/\\/",
                "%3A%2F%2F",
                "mongodb://",
                "redis://:",
                "pwd=",
                "secret=",
                "@@@@",
                ":::",
                "AccountKey=",
            ];
            let mark = *draw.pick(MARKS);
            mark.repeat(1 + draw.below(40))
        }
    }
}

fn host_line(draw: &mut Draw, host: Host) -> String {
    let mut line = host.filler(draw).text;
    line.push('\n');
    line
}
