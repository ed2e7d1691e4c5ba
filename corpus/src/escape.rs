//! The escapes that text goes through on its way into a file.
//!
//! Every escape but base64 is a map from one character to text, between which
//! some break their lines, so a labelled range can be carried through any chain
//! of them.

/// One way of writing text inside other text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Escape {
    /// A JSON (also JavaScript, Java, C, …) string.
    Json,
    /// A JSON string written by PHP and its like, which escape `/` too.
    JsonSlash,
    /// A JSON string by Go or Gson, which write `& < > =` as `\u00xx`.
    JsonUnicode,
    /// A percent-encoded component of a URL.
    Percent,
    /// Text or an attribute of XML and HTML.
    Xml,
    /// A Java properties value.
    Properties,
    /// Line ends written as the two characters `\n`.
    Newline,
    /// Every line but the first begins with this text.
    Prefix(String),
    /// Adjacent string literals, a line each, joined by the given operator.
    Literals {
        /// The quote and what stands between two literals, up to the line end.
        joint: &'static str,
        /// What stands before the opening quote of the next line, and the quote.
        lead: &'static str,
    },
    /// The list of lines of a notebook cell.
    Notebook,
    /// A quoted-printable body (RFC 2045, §6.7).
    QuotedPrintable,
    /// Text of Markdown, with the marks of emphasis escaped.
    Markdown,
    /// A string in a script that stands in a page, where tools write `& < >`,
    /// quotes and `=` as `\xHH`.
    ScriptHex,
    /// The inside of a terminal box, as tools draw it around a message.
    Boxed {
        /// The characters of text in one of its lines.
        width: usize,
    },
    /// CR LF line ends.
    Crlf,
    /// Base64 of a whole value. No map of characters: see [`Marked::escaped`].
    ///
    /// [`Marked::escaped`]: crate::marked::Marked::escaped
    Base64,
}

/// How an escape breaks lines that get too long, wherever that happens to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Breaks {
    /// The characters that a line may have before the break.
    pub(crate) limit: usize,
    /// What is put between two lines.
    pub(crate) joint: &'static str,
}

impl Escape {
    /// The escape that a template calls by this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "json" => Self::Json,
            "slash" => Self::JsonSlash,
            "uni" => Self::JsonUnicode,
            "pct" => Self::Percent,
            "xml" => Self::Xml,
            "prop" => Self::Properties,
            "nl" => Self::Newline,
            "b64" => Self::Base64,
            "qp" => Self::QuotedPrintable,
            "md" => Self::Markdown,
            "hexjs" => Self::ScriptHex,
            "box" => Self::Boxed { width: 80 },
            "box60" => Self::Boxed { width: 60 },
            "box100" => Self::Boxed { width: 100 },
            "in2" => Self::Prefix(" ".repeat(2)),
            "in4" => Self::Prefix(" ".repeat(4)),
            "in6" => Self::Prefix(" ".repeat(6)),
            "in8" => Self::Prefix(" ".repeat(8)),
            "cstr" => Self::Literals { joint: "\\n\"", lead: "    \"" },
            "plus" => Self::Literals { joint: "\\n\" +", lead: "        \"" },
            "dot" => Self::Literals { joint: "\\n\" .", lead: "    \"" },
            _ => return None,
        })
    }

    /// Where it breaks lines, if it does.
    pub(crate) fn breaks(&self) -> Option<Breaks> {
        match self {
            // With the sign of the break no line has more than 76 characters.
            Self::QuotedPrintable => Some(Breaks { limit: 75, joint: "=\n" }),
            // Two for the frame, so that all lines end in the same column.
            Self::Boxed { width } => Some(Breaks { limit: width + 2, joint: " │\n│ " }),
            _ => None,
        }
    }

    /// Writes one character in its escaped form.
    pub(crate) fn write(&self, character: char, out: &mut String) {
        match self {
            Self::Json => json(character, out),
            Self::JsonSlash if character == '/' => out.push_str("\\/"),
            Self::JsonSlash => json(character, out),
            Self::JsonUnicode if "&<>='".contains(character) => {
                out.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            Self::JsonUnicode => json(character, out),
            Self::Percent => percent(character, out),
            Self::Xml => match character {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                _ => out.push(character),
            },
            Self::Properties => {
                if "=:#!\\".contains(character) {
                    out.push('\\');
                }
                out.push(character);
            }
            Self::Newline if character == '\n' => out.push_str("\\n"),
            Self::Prefix(prefix) if character == '\n' => {
                out.push('\n');
                out.push_str(prefix);
            }
            Self::Literals { joint, lead } if character == '\n' => {
                out.push_str(joint);
                out.push('\n');
                out.push_str(lead);
            }
            Self::Notebook if character == '\n' => out.push_str("\\n\",\n    \""),
            Self::Notebook => json(character, out),
            Self::QuotedPrintable => quoted_printable(character, out),
            Self::Markdown => {
                if "_*~\\".contains(character) {
                    out.push('\\');
                }
                out.push(character);
            }
            Self::ScriptHex if "&<>='\"".contains(character) => {
                out.push_str(&format!("\\x{:02x}", u32::from(character)));
            }
            Self::ScriptHex => json(character, out),
            Self::Boxed { .. } if character == '\n' => out.push_str("\n│ "),
            Self::Crlf if character == '\n' => out.push_str("\r\n"),
            _ => out.push(character),
        }
    }

    /// The escaped form of a whole text, without breaks.
    #[cfg(test)]
    pub(crate) fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        text.chars().for_each(|character| self.write(character, &mut out));
        out
    }
}

fn json(character: char, out: &mut String) {
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        control if control < ' ' => {
            out.push_str(&format!("\\u{:04x}", u32::from(control)));
        }
        _ => out.push(character),
    }
}

/// Writes a character of a quoted-printable body.
fn quoted_printable(character: char, out: &mut String) {
    match character {
        // White space at the end of a line gets lost on the way: a soft break
        // keeps it from standing there.
        '\n' if out.ends_with([' ', '\t']) => out.push_str("=\n\n"),
        '\n' | '\t' => out.push(character),
        ' '..='~' if character != '=' => out.push(character),
        _ => {
            let mut buffer = [0; 4];
            for byte in character.encode_utf8(&mut buffer).bytes() {
                out.push_str(&format!("={byte:02X}"));
            }
        }
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
pub(crate) fn percent(character: char, out: &mut String) {
    if character.is_ascii_alphanumeric() || "-._~".contains(character) {
        out.push(character);
    } else {
        let mut buffer = [0; 4];
        for byte in character.encode_utf8(&mut buffer).bytes() {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

/// The percent-encoded form of a text.
pub(crate) fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|character| percent(character, &mut out));
    out
}
