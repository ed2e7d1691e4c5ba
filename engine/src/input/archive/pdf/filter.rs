//! Encodings in characters.

use std::io::{self, BufRead, Read};

use super::dictionary::is_blank;

/// The next byte that is no blank.
fn next(packed: &mut dyn BufRead) -> io::Result<Option<u8>> {
    loop {
        let bytes = packed.fill_buf()?;
        let Some(at) = bytes.iter().position(|b| !is_blank(*b)) else {
            let len = bytes.len();
            if len == 0 {
                return Ok(None);
            }
            packed.consume(len);
            continue;
        };
        let byte = bytes.get(at).copied();
        packed.consume(at + 1);
        return Ok(byte);
    }
}

fn corrupt(what: &str) -> io::Error {
    io::Error::other(format!("corrupt {what} data"))
}

/// `ASCIIHexDecode`: two digits a byte, and `>` at the end.
pub(super) struct Hex<R>(pub(super) R);

impl<R: BufRead> Read for Hex<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut written = 0;
        let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
        for to in out.iter_mut() {
            let Some(first) = next(&mut self.0)?.and_then(digit) else { break };
            let second = next(&mut self.0)?.and_then(digit);
            *to = first << 4 | second.unwrap_or(0);
            written += 1;
            if second.is_none() {
                break;
            }
        }
        Ok(written)
    }
}

/// `ASCII85Decode`: five characters for four bytes, and `~>` at the end.
pub(super) struct Base85<R> {
    packed: R,
    held: [u8; 4],
    start: usize,
    end: usize,
    ended: bool,
}

impl<R: BufRead> Base85<R> {
    pub(super) fn new(packed: R) -> Self {
        Self { packed, held: [0; 4], start: 0, end: 0, ended: false }
    }

    fn group(&mut self) -> io::Result<()> {
        let mut value: u64 = 0;
        let mut count: usize = 0;
        while count < 5 {
            match next(&mut self.packed)? {
                // Four zeros.
                Some(b'z') if count == 0 => count = 5,
                Some(byte @ b'!'..=b'u') => {
                    value = value * 85 + u64::from(byte - b'!');
                    count += 1;
                }
                Some(b'~') | None => {
                    self.ended = true;
                    break;
                }
                Some(_) => return Err(corrupt("base 85")),
            }
        }
        if count == 0 {
            (self.start, self.end) = (0, 0);
            return Ok(());
        }
        for _ in count..5 {
            value = value * 85 + 84;
        }
        let value = u32::try_from(value).map_err(|_| corrupt("base 85"))?;
        self.held = value.to_be_bytes();
        (self.start, self.end) = (0, count - 1);
        Ok(())
    }
}

impl<R: BufRead> Read for Base85<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut written = 0;
        while written < out.len() {
            if self.start == self.end {
                if self.ended {
                    break;
                }
                self.group()?;
                continue;
            }
            if let (Some(to), Some(from)) = (out.get_mut(written), self.held.get(self.start)) {
                *to = *from;
            }
            self.start += 1;
            written += 1;
        }
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_decoded() {
        let hex = |text: &str| {
            let mut out = Vec::new();
            Hex(text.as_bytes()).read_to_end(&mut out).map(|_| out).ok()
        };
        assert_eq!(hex("48 65\n6C6c 6F7>rest").as_deref(), Some(&b"Hellop"[..]));
        assert_eq!(hex(">").as_deref(), Some(&b""[..]));
        let base85 = |text: &str| {
            let mut out = Vec::new();
            Base85::new(text.as_bytes()).read_to_end(&mut out).map(|_| out).ok()
        };
        // As Python's base64.a85encode has it.
        assert_eq!(base85("87cURD]i,\"Ebo80~>").as_deref(), Some(&b"Hello World!"[..]));
        assert_eq!(base85("87cURDZ~>").as_deref(), Some(&b"Hello"[..]));
        assert_eq!(base85("z!!~>").as_deref(), Some(&b"\0\0\0\0\0"[..]));
        assert_eq!(base85("uuuuu~>"), None);
        assert_eq!(base85("87{~>"), None);
    }
}
