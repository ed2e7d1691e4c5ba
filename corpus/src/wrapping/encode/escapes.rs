//! Escapes: what stands for one byte or one character of a text.

use super::super::cover::{Cover, Encoded};

/// Digits of bytes, two each.
pub(super) fn hex(content: &[u8], upper: bool) -> Encoded {
    Encoded::by_byte(content, |byte, out| {
        let digits = if upper { format!("{byte:02X}") } else { format!("{byte:02x}") };
        out.extend(digits.bytes());
    })
}

/// Percent-encoding of RFC 3986, of all bytes or of all but the unreserved.
pub(super) fn percent(content: &[u8], all: bool) -> Encoded {
    Encoded::by_byte(content, |byte, out| {
        if !all && (byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)) {
            out.push(byte);
        } else {
            out.extend(format!("%{byte:02X}").bytes());
        }
    })
}

/// `\u0041`, as RFC 8259 writes any character in a string, of all characters or of all but
/// ASCII letters and digits.
pub(super) fn json_unicode(content: &str, all: bool) -> Encoded {
    Encoded::by_char(content, |character, out| {
        if !all && character.is_ascii_alphanumeric() {
            out.push(character as u8);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                out.extend(format!("\\u{unit:04x}").bytes());
            }
        }
    })
}

/// `\x41`, as C and its like write any byte.
pub(super) fn bytes(content: &[u8]) -> Encoded {
    Encoded::by_byte(content, |byte, out| out.extend(format!("\\x{byte:02x}").bytes()))
}

/// Character references of HTML, `&#65;` or `&#x41;`.
pub(super) fn entities(content: &str, hex: bool) -> Encoded {
    Encoded::by_char(content, |character, out| {
        let number = u32::from(character);
        let text = if hex { format!("&#x{number:x};") } else { format!("&#{number};") };
        out.extend(text.bytes());
    })
}

/// The most characters in a line of quoted-printable, the sign of a soft break included.
const LINE: usize = 76;

/// Quoted-printable of RFC 2045, §6.7, with soft breaks; the line ends of the text stay
/// what they are.
pub(super) fn quoted_printable(content: &[u8]) -> Encoded {
    let mut column = 0;
    let mut items = content.iter().enumerate().peekable();
    let pieces = std::iter::from_fn(|| {
        let (at, &byte) = items.next()?;
        let rest = content.get(at + 1..).unwrap_or_default();
        let ends_line = rest.is_empty() || rest.starts_with(b"\n") || rest.starts_with(b"\r\n");
        let is_line_end = byte == b'\n' || byte == b'\r' && rest.starts_with(b"\n");
        let is_plain = match byte {
            b' ' | b'\t' => !ends_line,
            b'=' => false,
            _ => byte.is_ascii_graphic(),
        };
        let piece =
            if is_line_end || is_plain { vec![byte] } else { format!("={byte:02X}").into_bytes() };
        // The last piece of a line needs no room for the sign of a break.
        let room = if ends_line { LINE } else { LINE - 1 };
        let breaks = !is_line_end && column + piece.len() > room;
        column = match (is_line_end, breaks) {
            (true, _) => 0,
            (false, true) => piece.len(),
            (false, false) => column + piece.len(),
        };
        Some((piece, breaks))
    });
    // A break belongs to neither of the characters around it.
    let (mut bytes, mut covers) = (Vec::new(), Vec::new());
    for (piece, breaks) in pieces {
        if breaks {
            bytes.extend(b"=\n");
        }
        let start = bytes.len();
        bytes.extend(piece);
        covers.push(start..bytes.len());
    }
    Encoded { bytes, cover: Cover::Bytes(covers) }
}
