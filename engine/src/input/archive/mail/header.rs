//! What a message or a part says of itself.

use std::io;

use super::Text;
use super::transfer::Transfer;

/// The most bytes that are kept of a header's value.
const VALUE: usize = 16 << 10;

/// The most parameters of a value.
const PARAMETERS: usize = 64;

/// The most bytes of a boundary; the standard allows 70.
const BOUNDARY: usize = 1 << 10;

/// The values that matter, empty for those that are not there.
#[derive(Default)]
pub(super) struct Header {
    content_type: Vec<u8>,
    disposition: Vec<u8>,
    /// How the body is encoded.
    pub(super) transfer: Vec<u8>,
}

/// The name of the header that a line begins, if it does.
pub(super) fn name(line: &[u8]) -> Option<&[u8]> {
    let name = &line[..line.iter().position(|b| *b == b':')?];
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (!name.is_empty() && name.iter().all(is_name)).then_some(name)
}

impl Header {
    /// Reads to the blank line behind the headers, or to the first that is none.
    pub(super) fn read(text: &mut Text<'_>) -> io::Result<Self> {
        let mut header = Self::default();
        // The value that further lines go on with.
        let mut which = 0;
        while text.next_in_part()? {
            let line = text.lines.line();
            let mut value = line;
            if text.lines.begins() && !matches!(line, [b' ' | b'\t', ..]) {
                if line.trim_ascii_end().is_empty() {
                    break;
                }
                let Some(name) = name(line) else {
                    if line.starts_with(b">From ") {
                        continue;
                    }
                    text.lines.put_back();
                    break;
                };
                value = &line[name.len() + 1..];
                which = match &*name.to_ascii_lowercase() {
                    b"content-type" => 1,
                    b"content-disposition" => 2,
                    b"content-transfer-encoding" => 3,
                    _ => 0,
                };
                // Of several, the first counts.
                if !header.kept(which).is_some_and(|kept| kept.is_empty()) {
                    which = 0;
                }
            }
            if let Some(kept) = header.kept(which) {
                let value = value.strip_suffix(b"\n").unwrap_or(value);
                let value = value.strip_suffix(b"\r").unwrap_or(value);
                kept.extend_from_slice(&value[..value.len().min(VALUE - kept.len())]);
            }
        }
        Ok(header)
    }

    /// Where the value of a header is kept, if it matters.
    fn kept(&mut self, which: usize) -> Option<&mut Vec<u8>> {
        match which {
            1 => Some(&mut self.content_type),
            2 => Some(&mut self.disposition),
            3 => Some(&mut self.transfer),
            _ => None,
        }
    }

    /// What the body is, such as `text/plain`, in lower case.
    pub(super) fn kind(&self) -> Vec<u8> {
        let end = self.content_type.iter().position(|b| *b == b';');
        self.content_type[..end.unwrap_or(self.content_type.len())]
            .trim_ascii()
            .to_ascii_lowercase()
    }

    /// What stands between the parts.
    pub(super) fn boundary(&self) -> Option<Vec<u8>> {
        let boundary = parameter(&self.content_type, b"boundary")?;
        let boundary = boundary.trim_ascii_end();
        (1..=BOUNDARY).contains(&boundary.len()).then(|| boundary.to_vec())
    }

    /// What an attachment is called.
    pub(super) fn file_name(&self) -> Option<Vec<u8>> {
        let name = parameter(&self.disposition, b"filename")
            .or_else(|| parameter(&self.content_type, b"name"))?;
        let name = words(&name);
        // Names are shown: on one line.
        let name: Vec<u8> = name.into_iter().filter(|b| !b.is_ascii_control()).collect();
        (!name.is_empty()).then_some(name)
    }
}

/// A parameter's value, put together if it stands there in pieces.
fn parameter(value: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    let all = parameters(value);
    let get = |name: &[u8]| all.iter().find(|(n, _)| n == name).map(|(_, value)| &value[..]);
    if let Some(value) = get(&[name, b"*"].concat()) {
        return Some(unescaped(value, true));
    }
    if let Some(value) = get(name) {
        return Some(value.to_vec());
    }
    let mut whole = Vec::new();
    for piece in 0..all.len() {
        let name = [name, format!("*{piece}").as_bytes()].concat();
        match (get(&name), get(&[&name[..], b"*"].concat())) {
            (Some(value), _) => whole.extend_from_slice(value),
            (None, Some(value)) => whole.extend(unescaped(value, piece == 0)),
            (None, None) => break,
        }
    }
    (!whole.is_empty()).then_some(whole)
}

/// All parameters, their names in lower case.
fn parameters(value: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut all = Vec::new();
    let mut rest = value.iter().copied().skip_while(|b| *b != b';').peekable();
    while rest.next().is_some() && all.len() < PARAMETERS {
        let mut name = Vec::new();
        while let Some(byte) = rest.next_if(|b| !matches!(b, b'=' | b';')) {
            name.push(byte.to_ascii_lowercase());
        }
        let mut value = Vec::new();
        if rest.next_if_eq(&b'=').is_some() {
            while rest.next_if(|b| matches!(b, b' ' | b'\t')).is_some() {}
            if rest.next_if_eq(&b'"').is_some() {
                while let Some(byte) = rest.next_if(|b| *b != b'"') {
                    // A backslash takes its meaning from the byte behind it.
                    let byte = if byte == b'\\' { rest.next().unwrap_or(byte) } else { byte };
                    value.push(byte);
                }
                while rest.next_if(|b| *b != b';').is_some() {}
            } else {
                while let Some(byte) = rest.next_if(|b| *b != b';') {
                    value.push(byte);
                }
                value.truncate(value.trim_ascii_end().len());
            }
        }
        all.push((name.trim_ascii().to_vec(), value));
    }
    all
}

/// Undoes percent-encoding; the first piece begins with the character set and the
/// language, between apostrophes.
fn unescaped(value: &[u8], is_first: bool) -> Vec<u8> {
    let mut value = value;
    for _ in 0..if is_first { 2 } else { 0 } {
        if let Some(quote) = value.iter().position(|b| *b == b'\'') {
            value = &value[quote + 1..];
        }
    }
    let mut bytes = Vec::new();
    while let Some((byte, rest)) = value.split_first() {
        match (byte, rest) {
            (b'%', [high, low, rest @ ..])
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                let digit = |b: &u8| char::from(*b).to_digit(16).unwrap_or_default() as u8;
                bytes.push(digit(high) << 4 | digit(low));
                value = rest;
            }
            _ => {
                bytes.push(*byte);
                value = rest;
            }
        }
    }
    bytes
}

/// Decodes words such as `=?utf-8?q?caf=C3=A9?=`; what is not UTF-8 stays in its
/// character set.
fn words(value: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut rest = value;
    while let Some(at) = rest.windows(2).position(|pair| pair == b"=?") {
        let Some((word, behind)) = word(&rest[at + 2..]) else { break };
        let between = &rest[..at];
        // Blanks between words only keep lines short.
        if text.is_empty() || !between.trim_ascii().is_empty() {
            text.extend_from_slice(between);
        }
        text.extend(word);
        rest = behind;
    }
    text.extend_from_slice(rest);
    text
}

/// The word that this begins, and what stands behind it.
fn word(value: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut fields = value.splitn(3, |b| *b == b'?');
    let (_, encoding, rest) = (fields.next()?, fields.next()?, fields.next()?);
    let end = rest.windows(2).position(|pair| pair == b"?=")?;
    let (encoded, behind) = (&rest[..end], &rest[end + 2..]);
    let mut decoded = Vec::new();
    let mut transfer = match encoding {
        b"b" | b"B" => Transfer::of(b"base64")?,
        b"q" | b"Q" => Transfer::of(b"quoted-printable")?,
        _ => return None,
    };
    let is_quoted = matches!(encoding, b"q" | b"Q");
    let blanks = |b: &u8| if is_quoted && *b == b'_' { b' ' } else { *b };
    transfer.decode(&encoded.iter().map(blanks).collect::<Vec<_>>(), &mut decoded);
    transfer.finish(&mut decoded);
    Some((decoded, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file_name(content_type: &str, disposition: &str) -> Option<String> {
        let header = Header {
            content_type: content_type.into(),
            disposition: disposition.into(),
            transfer: Vec::new(),
        };
        header.file_name().map(|name| String::from_utf8(name).unwrap())
    }

    #[test]
    fn attachments_have_names_in_many_forms() {
        for (disposition, name) in [
            ("attachment; filename=a.txt", "a.txt"),
            ("attachment; FileName = \"a b;c\\\".txt\" ; size=3", "a b;c\".txt"),
            ("attachment; filename*=utf-8'en'caf%C3%A9.txt; filename=cafe.txt", "café.txt"),
            ("attachment; filename*0=\"long \"; filename*1=name; size=1", "long name"),
            ("attachment; filename*1*=%61.txt; filename*0*=utf-8''%E2%82%ac", "€a.txt"),
            (
                "attachment; filename=\"=?utf-8?B?Y2Fmw6k=?=\t=?UTF-8?q?_caf=C3=A9?= 1\"",
                "café café 1",
            ),
            ("inline; filename=\"=?broken\"", "=?broken"),
            ("inline; filename=\"../..\"", "../.."),
        ] {
            assert_eq!(file_name("", disposition).as_deref(), Some(name), "{disposition}");
        }
        assert_eq!(file_name("text/plain; name=b", "inline").as_deref(), Some("b"));
        assert_eq!(file_name("text/plain; charset=b", "inline; filename=\"\""), None);
    }
}
