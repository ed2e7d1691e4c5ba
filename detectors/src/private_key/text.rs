//! The characters of a key that stands in another text.
//!
//! A key is pasted into JSON, YAML, environment files, source code, XML, URLs,
//! mails and patches, and each of them writes line ends, slashes and quotes in
//! its own way. [`Symbols`] takes these ways off: it yields the characters that
//! the key's own file had, with all kinds of line ends and spaces told from
//! them. Nothing is copied.

use crate::encoding::escaped;

/// One character of the key's file, or what separates them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Symbol {
    /// A character that may mean something.
    Byte(u8),
    /// White space within a line.
    Space,
    /// A line end, however it is written.
    LineEnd,
    /// The start or end of a string literal.
    Quote,
}

/// The longest text between two string literals of one key: `" +`, a line end,
/// an indentation, or `");`, a line end and `builder.append("`.
const LONGEST_GAP: usize = 96;

/// The longest prefix of a line that is taken off, such as `> ` or `# `.
const LONGEST_PREFIX: usize = 64;

/// The longest value of a header that is read over.
const LONGEST_VALUE: usize = 1024;

/// Reads a text symbol by symbol. Copying one is remembering a place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Symbols<'t> {
    /// The text.
    pub(super) text: &'t [u8],
    /// Where the next symbol starts.
    pub(super) at: usize,
    /// What every line of the text begins with.
    prefix: &'t [u8],
    /// Whether `+` is a space, as in the body of an HTML form.
    form_encoded: bool,
}

impl<'t> Symbols<'t> {
    /// Reads `text` from `at`. `start` is where the key's first line starts:
    /// what stands before it on that line is taken off the other lines too, if
    /// they have it.
    pub(super) fn new(text: &'t [u8], start: usize, at: usize, form_encoded: bool) -> Self {
        Self { text, at, prefix: line_prefix(text, start), form_encoded }
    }

    /// What has not been read.
    pub(super) fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next symbol without reading it.
    pub(super) fn peek(&self) -> Option<Symbol> {
        self.clone().next()
    }

    /// Reads what does not separate anything: spaces, line ends and the gaps
    /// between string literals.
    pub(super) fn skip_separators(&mut self) {
        loop {
            let before = *self;
            match self.next() {
                Some(Symbol::Space | Symbol::LineEnd) => {}
                Some(Symbol::Quote) if self.cross_gap() => {}
                _ => {
                    *self = before;
                    return;
                }
            }
        }
    }

    /// After the quote that ends a string literal: reads to the start of the
    /// next literal. `false` if none starts nearby; the place is then anywhere
    /// before the next dashes.
    pub(super) fn cross_gap(&mut self) -> bool {
        let from = self.at;
        while self.at - from <= LONGEST_GAP {
            if self.rest().starts_with(b"-----") {
                return false;
            }
            match self.next() {
                Some(Symbol::Quote) => return true,
                Some(_) => {}
                None => return false,
            }
        }
        false
    }

    /// Reads the value of a header: a string in quotes, or everything to the end
    /// of the line, but not into another block.
    pub(super) fn value(&mut self) {
        while self.peek() == Some(Symbol::Space) {
            self.next();
        }
        let quoted = self.peek() == Some(Symbol::Quote);
        if quoted {
            self.next();
        }
        let from = self.at;
        while self.at - from <= LONGEST_VALUE && !self.rest().starts_with(b"-----") {
            match self.next() {
                None | Some(Symbol::LineEnd) => return,
                Some(Symbol::Quote) if quoted => return,
                Some(_) => {}
            }
        }
    }

    fn step(&mut self, symbol: Symbol, len: usize) -> Option<Symbol> {
        self.at += len;
        Some(symbol)
    }

    /// A line end in the text itself.
    fn real_line_end(&mut self, len: usize, symbol: Symbol) -> Option<Symbol> {
        self.at += len;
        if !self.prefix.is_empty() {
            let rest = self.rest();
            if rest.starts_with(self.prefix) {
                self.at += self.prefix.len();
            } else if rest.starts_with(self.prefix.trim_ascii_end()) {
                // Editors take the spaces off the end of `# `.
                let bare = self.prefix.trim_ascii_end().len();
                if matches!(rest.get(bare), Some(b'\n' | b'\r')) {
                    self.at += bare;
                }
            }
        }
        Some(symbol)
    }

    fn backslash(&mut self) -> Option<Symbol> {
        let rest = self.rest();
        let slashes = rest.iter().take(8).take_while(|b| **b == b'\\').count();
        match rest.get(slashes) {
            Some(b'n' | b'r') => self.step(Symbol::LineEnd, slashes + 1),
            Some(b't' | b' ' | b'\t') => self.step(Symbol::Space, slashes + 1),
            Some(b'"' | b'\'' | b'`') => self.step(Symbol::Quote, slashes + 1),
            // The end of the line is escaped: the line goes on.
            Some(b'\n') => self.real_line_end(slashes + 1, Symbol::Space),
            Some(b'\r') if rest.get(slashes + 1) == Some(&b'\n') => {
                self.real_line_end(slashes + 2, Symbol::Space)
            }
            Some(b'\r') => self.real_line_end(slashes + 1, Symbol::Space),
            Some(b'0') if matches!(rest.get(slashes + 1..slashes + 3), Some(b"12" | b"15")) => {
                self.step(Symbol::LineEnd, slashes + 3)
            }
            _ => match escaped::character(rest) {
                Some((byte, len)) if len > 1 => self.step(symbol_of(byte), len),
                _ => self.step(Symbol::Byte(b'\\'), slashes.max(1)),
            },
        }
    }

    fn escape(&mut self) -> Option<Symbol> {
        let rest = self.rest();
        // `&amp;#10;`: XML in XML.
        if rest.starts_with(b"&amp;#") {
            let mut inner = [b'&', 0, 0, 0, 0, 0, 0, 0];
            let tail = &rest[5..rest.len().min(12)];
            inner[1..=tail.len()].copy_from_slice(tail);
            return match escaped::character(&inner) {
                Some((byte, len)) if len > 1 => self.step(symbol_of(byte), len + 4),
                _ => self.step(Symbol::Byte(b'&'), 5),
            };
        }
        if rest.starts_with(b"&nbsp;") {
            return self.step(Symbol::Space, 6);
        }
        let (byte, len) = escaped::character(rest)?;
        // `%5Cn`: an escaped line end, percent-encoded.
        if byte == b'\\' && matches!(rest.get(len), Some(b'n' | b'r')) {
            return self.step(Symbol::LineEnd, len + 1);
        }
        if len == 1 { self.step(Symbol::Byte(byte), 1) } else { self.step(symbol_of(byte), len) }
    }
}

impl Iterator for Symbols<'_> {
    type Item = Symbol;

    fn next(&mut self) -> Option<Symbol> {
        let rest = self.rest();
        match rest {
            [] => None,
            [b' ' | b'\t' | 0x0b | 0x0c, ..] => self.step(Symbol::Space, 1),
            [b'\r', b'\n', ..] => self.real_line_end(2, Symbol::LineEnd),
            [b'\n' | b'\r', ..] => self.real_line_end(1, Symbol::LineEnd),
            [b'"' | b'\'' | b'`', ..] => self.step(Symbol::Quote, 1),
            [b'\\', ..] => self.backslash(),
            [b'%' | b'&', ..] => self.escape(),
            [b'+', ..] if self.form_encoded => self.step(Symbol::Space, 1),
            // Quoted-printable.
            [b'=', b'3', b'D', ..] => self.step(Symbol::Byte(b'='), 3),
            [b'<', b'b' | b'B', b'r' | b'R', tail @ ..] => {
                match tail.iter().take(3).position(|b| *b == b'>') {
                    Some(end) => self.step(Symbol::LineEnd, end + 4),
                    None => self.step(Symbol::Byte(b'<'), 1),
                }
            }
            // No-break space, soft hyphen; zero-width characters, word joiner,
            // byte order mark: chat programs and word processors add them.
            [0xc2, 0xa0 | 0xad, ..] => self.step(Symbol::Space, 2),
            [0xe2, 0x80, 0x8b..=0x8d, ..] | [0xe2, 0x81, 0xa0, ..] | [0xef, 0xbb, 0xbf, ..] => {
                self.step(Symbol::Space, 3)
            }
            // A colour of a terminal.
            [0x1b, b'[', tail @ ..] => {
                let len = tail.iter().take(16).position(|b| *b == b'm').map_or(1, |p| p + 3);
                self.step(Symbol::Space, len)
            }
            [byte, ..] => self.step(Symbol::Byte(*byte), 1),
        }
    }
}

/// A short text without its escapes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    bytes: [u8; Self::MAX],
    len: usize,
}

impl Word {
    /// Room for a cipher's name and an initialisation vector of 16 bytes.
    const MAX: usize = 80;

    /// Skips spaces, then reads to the next separator, but no more
    /// than there is room for.
    pub(super) fn read(symbols: &mut Symbols<'_>) -> Self {
        Self::read_while(symbols, |_| true)
    }

    /// The same, but ends before a byte that is not of `class` too.
    pub(super) fn read_while(symbols: &mut Symbols<'_>, class: impl Fn(u8) -> bool) -> Self {
        while symbols.peek() == Some(Symbol::Space) {
            symbols.next();
        }
        let mut word = Self { bytes: [0; Self::MAX], len: 0 };
        while let Some(slot) = word.bytes.get_mut(word.len) {
            match symbols.peek() {
                Some(Symbol::Byte(byte)) if class(byte) => *slot = byte,
                _ => break,
            }
            symbols.next();
            word.len += 1;
        }
        word
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// What a decoded escape stands for.
fn symbol_of(byte: u8) -> Symbol {
    match byte {
        b'\n' | b'\r' => Symbol::LineEnd,
        b' ' | b'\t' => Symbol::Space,
        b'"' | b'\'' | b'`' => Symbol::Quote,
        _ => Symbol::Byte(byte),
    }
}

/// What stands before `start` on its line: `> ` in a mail, `+` in a patch, `# `
/// in a comment, the name of a container in a log. Empty if it is only white
/// space, which separates anyway, if it opens a string literal, whose quotes
/// count, or if it is longer than a prefix is.
fn line_prefix(text: &[u8], start: usize) -> &[u8] {
    let head = &text[..start.min(text.len())];
    let len = head.iter().rev().take(LONGEST_PREFIX + 1).take_while(|b| !is_line_end(**b)).count();
    let prefix = &head[head.len() - len..];
    let quoted = prefix.iter().any(|b| matches!(b, b'"' | b'\'' | b'`'));
    if len > LONGEST_PREFIX || quoted || prefix.iter().all(u8::is_ascii_whitespace) {
        &[]
    } else {
        prefix
    }
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        Symbols::new(text.as_bytes(), 0, 0, false)
            .map(|s| match s {
                Symbol::Byte(b) => char::from(b),
                Symbol::Space => ' ',
                Symbol::LineEnd => '|',
                Symbol::Quote => '\'',
            })
            .collect()
    }

    #[test]
    fn line_ends_of_every_kind() {
        for text in [
            "a\nb",
            "a\r\nb",
            "a\rb",
            "a\\nb",
            "a\\\\nb",
            "a\\\\\\\\nb",
            "a\\rb",
            "a\\u000ab",
            "a\\\\u000Ab",
            "a\\x0ab",
            "a\\012b",
            "a&#10;b",
            "a&#xA;b",
            "a&#x0a;b",
            "a&amp;#10;b",
            "a%0Ab",
            "a%0ab",
            "a%250Ab",
            "a%5Cnb",
            "a<br>b",
            "a<br/>b",
            "a<BR />b",
        ] {
            assert_eq!(plain(text), "a|b", "{text}");
        }
    }

    #[test]
    fn spaces_and_characters() {
        for text in
            ["a b", "a\tb", "a\\tb", "a%20b", "a\\\nb", "a\u{a0}b", "a\u{200b}b", "a\x1b[0;31mb"]
        {
            assert_eq!(plain(text), "a b", "{text}");
        }
        for text in ["a/b", "a\\/b", "a%2Fb", "a\\u002fb", "a&#47;b"] {
            assert_eq!(plain(text), "a/b", "{text}");
        }
        assert_eq!(plain("a=3D=3D"), "a==");
        assert_eq!(plain("a\\\"b&quot;c%22"), "a'b'c'");
        assert_eq!(plain("a\\q%zz&x;<b"), "a\\q%zz&x;<b");
    }

    #[test]
    fn what_all_lines_begin_with_is_taken_off() {
        let text = b"x\n> > A\n> > B\n> >\n> > C";
        let symbols = Symbols::new(text, 6, 6, false);
        let bytes: Vec<u8> =
            symbols.filter_map(|s| if let Symbol::Byte(b) = s { Some(b) } else { None }).collect();
        assert_eq!(bytes, b"ABC");
        assert_eq!(line_prefix(b"   A", 3), b"");
        assert_eq!(line_prefix(&[b'x'; 100], 90), b"");
    }
}
