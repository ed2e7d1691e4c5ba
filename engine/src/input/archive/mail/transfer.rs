//! What makes bytes of any kind lines of text.

/// An encoding, and how far the decoding of a text is.
pub(super) enum Transfer {
    Base64 {
        /// What was read of a group of four.
        group: u32,
        digits: u8,
    },
    QuotedPrintable(Escape),
}

/// What stands behind an equals sign.
#[derive(Clone, Copy)]
pub(super) enum Escape {
    None,
    Begun,
    /// Blanks, which go with the end of the line that follows.
    Blank,
    Digit(u8),
}

impl Transfer {
    /// The encoding that a header names; `None` for those that change nothing.
    pub(super) fn of(name: &[u8]) -> Option<Self> {
        let name = name.trim_ascii();
        if name.eq_ignore_ascii_case(b"base64") {
            return Some(Self::Base64 { group: 0, digits: 0 });
        }
        name.eq_ignore_ascii_case(b"quoted-printable")
            .then_some(Self::QuotedPrintable(Escape::None))
    }

    /// Decodes a piece of the text.
    pub(super) fn decode(&mut self, text: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Base64 { group, digits } => {
                for byte in text {
                    let digit = match byte {
                        b'A'..=b'Z' => byte - b'A',
                        b'a'..=b'z' => byte - b'a' + 26,
                        b'0'..=b'9' => byte - b'0' + 52,
                        b'+' => 62,
                        b'/' => 63,
                        b'=' => {
                            end(group, digits, out);
                            continue;
                        }
                        // Has no meaning, says the standard.
                        _ => continue,
                    };
                    *group = *group << 6 | u32::from(digit);
                    *digits += 1;
                    if *digits == 4 {
                        out.extend_from_slice(&group.to_be_bytes()[1..]);
                        (*group, *digits) = (0, 0);
                    }
                }
            }
            Self::QuotedPrintable(escape) => {
                text.iter().for_each(|byte| *escape = escape.then(*byte, out));
            }
        }
    }

    /// Decodes what is left at the end.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        match self {
            Self::Base64 { group, digits } => end(group, digits, out),
            Self::QuotedPrintable(Escape::Digit(digit)) => out.extend_from_slice(&[b'=', *digit]),
            Self::QuotedPrintable(_) => {}
        }
    }
}

/// Ends a group of base64 that has fewer than four digits.
fn end(group: &mut u32, digits: &mut u8, out: &mut Vec<u8>) {
    let bytes = (*group << (6 * (4 - u32::from(*digits)))).to_be_bytes();
    match digits {
        2 => out.push(bytes[1]),
        3 => out.extend_from_slice(&bytes[1..3]),
        _ => {}
    }
    (*group, *digits) = (0, 0);
}

impl Escape {
    /// What is left open by the next byte.
    fn then(self, byte: u8, out: &mut Vec<u8>) -> Self {
        let value = |digit: u8| char::from(digit).to_digit(16).unwrap_or_default() as u8;
        match (self, byte) {
            (Self::Begun | Self::Blank, b'\n') => return Self::None,
            (Self::Begun | Self::Blank, b' ' | b'\t' | b'\r') => return Self::Blank,
            (Self::Begun, _) if byte.is_ascii_hexdigit() => return Self::Digit(byte),
            (Self::Digit(high), _) if byte.is_ascii_hexdigit() => {
                out.push(value(high) << 4 | value(byte));
                return Self::None;
            }
            // What is no escape stands as it is.
            (Self::Begun, _) => out.push(b'='),
            (Self::Blank, _) => out.extend_from_slice(b"= "),
            (Self::Digit(high), _) => out.extend_from_slice(&[b'=', high]),
            (Self::None, _) => {}
        }
        if byte == b'=' {
            return Self::Begun;
        }
        out.push(byte);
        Self::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decoded whole, and byte by byte.
    fn decoded(name: &str, text: &str) -> String {
        let mut whole = Vec::new();
        let mut transfer = Transfer::of(name.as_bytes()).unwrap();
        transfer.decode(text.as_bytes(), &mut whole);
        transfer.finish(&mut whole);
        let mut pieces = Vec::new();
        let mut transfer = Transfer::of(name.as_bytes()).unwrap();
        text.as_bytes().chunks(1).for_each(|byte| transfer.decode(byte, &mut pieces));
        transfer.finish(&mut pieces);
        assert_eq!(whole, pieces);
        String::from_utf8(whole).unwrap()
    }

    #[test]
    fn base64_is_decoded_whatever_stands_in_it() {
        for (text, plain) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm 9v\r\nYm*Fy\r\n", "foobar"),
            ("Zm9vYmE", "fooba"),
            ("Zg==Zm8=Zm9vY", "ffofoo"),
        ] {
            assert_eq!(decoded(" Base64 ", text), plain, "{text}");
        }
    }

    #[test]
    fn quoted_printable_is_decoded_and_what_is_none_stays() {
        for (text, plain) in [
            ("a=3Db=3d", "a=b="),
            ("long =\r\nline=  \t\n of=\ntext\r\n", "long line oftext\r\n"),
            ("a=b==3D= c=4", "a=b=== c=4"),
        ] {
            assert_eq!(decoded("quoted-printable", text), plain, "{text}");
        }
    }

    #[test]
    fn others_change_nothing() {
        assert!(
            ["", "7bit", "8bit", "binary", "x-own"]
                .iter()
                .all(|name| { Transfer::of(name.as_bytes()).is_none() })
        );
    }
}
