//! The text that a page shows, put together from the pieces in which it is set.

use super::dictionary::is_blank;

/// The most text that is kept of a stream.
const MOST: usize = 16 << 20;

/// The most bytes of one string.
const LONG: usize = 1 << 20;

/// A gap of so many thousandths of the font's size is a blank; less only moves letters
/// together.
const GAP: f64 = -180.0;

/// Numbers before an operator.
const OPERANDS: usize = 6;

/// Reads a content stream, in pieces of any size.
#[derive(Default)]
pub(super) struct Shown {
    state: State,
    word: Vec<u8>,
    string: Vec<u8>,
    /// Strings before the operator that shows them, one of several pieces a list.
    shown: Vec<u8>,
    numbers: Vec<f64>,
    in_list: bool,
    /// The height of the line, if it was set.
    height: Option<f64>,
    text: Vec<u8>,
    /// Whether the text is not what stands in the stream.
    is_made: bool,
    /// Whether it is a page's: strings stand in other things too.
    is_page: bool,
    pieces: usize,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Between,
    Word,
    Comment,
    /// A string in parentheses, and how many are open.
    Literal(u32),
    Escape(u32),
    /// An escape in octal digits, of which some were read.
    Octal(u32, u8, u16),
    /// `<`, which begins a string or a dictionary.
    Angle,
    /// A string of digits, and the first of two.
    Hex(Option<u8>),
    /// A picture amid the stream, and what of its end was seen.
    Picture(u8),
}

impl Shown {
    pub(super) fn read(&mut self, content: &[u8]) {
        for byte in content {
            self.byte(*byte);
        }
    }

    /// The text, if it is another one than in the stream.
    pub(super) fn text(mut self) -> Option<Vec<u8>> {
        if self.state == State::Word {
            self.end_word();
        }
        (self.is_page && self.is_made && !self.text.is_empty()).then_some(self.text)
    }

    fn byte(&mut self, byte: u8) {
        self.state = match self.state {
            State::Between => self.begin(byte),
            State::Word => {
                if is_blank(byte) || b"()<>[]{}/%".contains(&byte) {
                    let is_picture = self.word == b"ID";
                    self.end_word();
                    if is_picture { State::Picture(0) } else { self.begin(byte) }
                } else {
                    if self.word.len() < 64 {
                        self.word.push(byte);
                    }
                    State::Word
                }
            }
            State::Comment if matches!(byte, b'\r' | b'\n') => State::Between,
            State::Comment => State::Comment,
            State::Literal(open) => match byte {
                b'\\' => State::Escape(open),
                b'(' => self.put(byte, State::Literal(open.saturating_add(1))),
                b')' if open == 0 => self.end_string(),
                b')' => self.put(byte, State::Literal(open - 1)),
                _ => self.put(byte, State::Literal(open)),
            },
            State::Escape(open) => {
                self.is_made = true;
                let literal = State::Literal(open);
                match byte {
                    b'n' => self.put(b'\n', literal),
                    b'r' => self.put(b'\r', literal),
                    b't' => self.put(b'\t', literal),
                    b'b' | b'f' | b'\r' | b'\n' => literal,
                    b'0'..=b'7' => State::Octal(open, 1, u16::from(byte - b'0')),
                    _ => self.put(byte, literal),
                }
            }
            State::Octal(open, digits, value) => match byte {
                b'0'..=b'7' if digits < 3 => {
                    State::Octal(open, digits + 1, value * 8 + u16::from(byte - b'0'))
                }
                _ => {
                    self.put(value as u8, State::Between);
                    self.state = State::Literal(open);
                    return self.byte(byte);
                }
            },
            State::Angle if byte == b'<' => State::Between,
            State::Angle => {
                self.is_made = true;
                self.state = State::Hex(None);
                return self.byte(byte);
            }
            State::Hex(first) => match (first, char::from(byte).to_digit(16)) {
                (None, Some(digit)) => State::Hex(Some(digit as u8)),
                (Some(first), Some(digit)) => self.put(first << 4 | digit as u8, State::Hex(None)),
                (first, None) if byte == b'>' => {
                    if let Some(first) = first {
                        self.put(first << 4, State::Between);
                    }
                    self.end_string()
                }
                (first, None) => State::Hex(first),
            },
            // Blank, `EI`, blank.
            State::Picture(0) if is_blank(byte) => State::Picture(1),
            State::Picture(1) if byte == b'E' => State::Picture(2),
            State::Picture(2) if byte == b'I' => State::Picture(3),
            State::Picture(3) if is_blank(byte) => State::Between,
            State::Picture(_) => State::Picture(u8::from(is_blank(byte))),
        };
    }

    /// What begins with a byte.
    fn begin(&mut self, byte: u8) -> State {
        match byte {
            b'(' => State::Literal(0),
            b'<' => State::Angle,
            b'%' => State::Comment,
            b'[' => {
                self.in_list = true;
                State::Between
            }
            b']' => {
                self.in_list = false;
                State::Between
            }
            byte if is_blank(byte) || b")>{}".contains(&byte) => State::Between,
            _ => {
                self.word.clear();
                self.word.push(byte);
                State::Word
            }
        }
    }

    fn put(&mut self, byte: u8, state: State) -> State {
        if self.string.len() < LONG {
            self.string.push(byte);
        }
        state
    }

    fn end_string(&mut self) -> State {
        let string = std::mem::take(&mut self.string);
        // Characters of two bytes.
        let is_wide = string.len() >= 2
            && string.len().is_multiple_of(2)
            && string.iter().step_by(2).all(|byte| *byte == 0);
        if self.shown.len() < LONG {
            let step = if is_wide { 2 } else { 1 };
            self.shown.extend(string.iter().skip(step - 1).step_by(step));
        }
        self.pieces += 1;
        // Its room is used again.
        self.string = string;
        self.string.clear();
        State::Between
    }

    fn end_word(&mut self) {
        let word = std::mem::take(&mut self.word);
        let number = std::str::from_utf8(&word).ok().and_then(|text| text.parse::<f64>().ok());
        match number {
            Some(gap) if self.in_list => {
                if gap <= GAP && !self.shown.is_empty() {
                    self.shown.push(b' ');
                }
            }
            Some(number) => {
                if self.numbers.len() == OPERANDS {
                    self.numbers.remove(0);
                }
                self.numbers.push(number);
            }
            None if word.first() == Some(&b'/') => {}
            None => {
                self.operator(&word);
                self.numbers.clear();
                self.shown.clear();
                self.pieces = 0;
                self.in_list = false;
            }
        }
        self.word = word;
        self.word.clear();
    }

    fn operator(&mut self, name: &[u8]) {
        let last = |from: usize| {
            let at = self.numbers.len().checked_sub(from)?;
            self.numbers.get(at).copied()
        };
        self.is_page |= matches!(name, b"BT" | b"Tj" | b"TJ");
        match name {
            b"Tj" | b"TJ" => self.show(),
            b"'" | b"\"" => {
                self.new_line();
                self.show();
            }
            b"T*" => self.new_line(),
            b"Td" | b"TD" => match last(1) {
                Some(0.0) => self.blank(),
                _ => {
                    self.height = None;
                    self.new_line();
                }
            },
            b"Tm" => {
                let height = last(1);
                match height == self.height && height.is_some() {
                    true => self.blank(),
                    false => self.new_line(),
                }
                self.height = height;
            }
            // A string that nothing shows, such as the text that replaces a picture.
            _ if !self.shown.is_empty() => {
                self.new_line();
                self.show();
                self.new_line();
            }
            _ => {}
        }
    }

    fn show(&mut self) {
        self.is_made |= self.pieces > 1 || !self.text.is_empty() && !self.text.ends_with(b"\n");
        if self.text.len() < MOST {
            self.text.extend_from_slice(&self.shown);
        }
    }

    fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(b"\n") && !self.text.ends_with(b" ") {
            self.text.push(b' ');
        }
    }

    fn new_line(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(b"\n") {
            self.text.push(b'\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(content: &str) -> Option<String> {
        // However it arrives.
        let mut whole = Shown::default();
        whole.read(content.as_bytes());
        let whole = whole.text();
        let mut pieces = Shown::default();
        content.as_bytes().chunks(1).for_each(|piece| pieces.read(piece));
        assert_eq!(whole, pieces.text());
        whole.map(|text| String::from_utf8_lossy(&text).into_owned())
    }

    #[test]
    fn text_is_put_together() {
        let is = |content: &str, text: &str| assert_eq!(shown(content).as_deref(), Some(text));
        is("BT /F1 12 Tf 72 700 Td [(AK) -20 (IA) 15.5 (KEY)] TJ ET", "AKIAKEY");
        is("[(two) -250 (words)] TJ T* (next) Tj", "two words\nnext");
        is("(one) Tj (more) Tj 0 -14 Td (line) '", "onemore\nline");
        is("1 0 0 1 72 700 Tm (a) Tj 1 0 0 1 90 700 Tm (b) Tj 1 0 0 1 9 50 Tm (c) Tj", "a b\nc");
        is("(a\\(b\\)\\\\ \\101\\1012\\\n(nested)) Tj", "a(b)\\ AA2(nested)");
        is("<41 4b49> Tj <0041004b> Tj", "AKIAK");
        is("/Span <</ActualText (whole\\056)>> BDC (ex) Tj", "whole.\nex");
        is("BI /W 1 ID \n(not) Tj EI (x\\171) Tj", "xy");
        // What stands there as it is needs no second time.
        assert_eq!(shown("(as it is) Tj 0 -9 Td (line) Tj"), None);
        assert_eq!(shown("no ( string"), None);
        assert_eq!(shown(""), None);
    }
}
