//! What stands before a stream and says what it is.

/// An object that has a stream.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Object {
    /// Its number; 0 if it has none.
    pub(super) number: u64,
    /// Bytes of the stream, if they stand here and not elsewhere.
    pub(super) len: Option<u64>,
    /// What undoes its encodings, one after the other.
    pub(super) filters: Vec<Filter>,
    /// Whether its content may show text.
    pub(super) may_show: bool,
    /// A table of where objects are.
    pub(super) is_table: bool,
}

/// How a stream is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    Hex,
    Base85,
    Flate,
    /// None, for it says who encrypted it.
    Crypt,
    /// A picture.
    Picture,
    /// One that is not read.
    Other(&'static str),
    /// Its name stands elsewhere.
    Unknown,
}

impl Filter {
    fn of(name: &[u8]) -> Self {
        match name {
            b"FlateDecode" | b"Fl" => Self::Flate,
            b"ASCIIHexDecode" | b"AHx" => Self::Hex,
            b"ASCII85Decode" | b"A85" => Self::Base85,
            b"Crypt" => Self::Crypt,
            b"LZWDecode" | b"LZW" => Self::Other("LZWDecode"),
            b"RunLengthDecode" | b"RL" => Self::Other("RunLengthDecode"),
            b"DCTDecode" | b"DCT" | b"JPXDecode" | b"CCITTFaxDecode" | b"CCF" | b"JBIG2Decode" => {
                Self::Picture
            }
            _ => Self::Unknown,
        }
    }
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_regular(byte: u8) -> bool {
    !is_blank(byte) && !b"()<>[]{}/%".contains(&byte)
}

fn skip_blanks(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|b| !is_blank(*b)).unwrap_or(text.len());
    text.get(end..).unwrap_or_default()
}

/// The regular characters at the beginning, and the rest.
fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|b| !is_regular(*b)).unwrap_or(text.len());
    text.split_at(end)
}

fn number(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// What stands behind a key.
fn value<'t>(text: &'t [u8], key: &[u8]) -> Option<&'t [u8]> {
    memchr::memmem::find_iter(text, key)
        .filter_map(|at| text.get(at + key.len()..))
        .find(|rest| !rest.first().is_some_and(|b| is_regular(*b)))
        .map(skip_blanks)
}

/// Whether a text begins with a reference to another object.
pub(super) fn is_reference(text: &[u8]) -> bool {
    let (first, rest) = word(skip_blanks(text));
    let (second, rest) = word(skip_blanks(rest));
    let (third, _) = word(skip_blanks(rest));
    number(first).is_some() && number(second).is_some() && third == b"R"
}

/// Reads what stands before the word `stream`: `N G obj << … >>`. `None` if that is no
/// dictionary.
pub(super) fn read(before: &[u8]) -> Option<Object> {
    let trimmed = before.trim_ascii_end();
    if !trimmed.ends_with(b">>") {
        return None;
    }
    let begin = memchr::memmem::rfind(trimmed, b"obj");
    let (head, dictionary) = match begin {
        Some(at) => trimmed.split_at(at),
        None => (&b""[..], trimmed),
    };
    let mut words = head.rsplit(|b| is_blank(*b)).filter(|word| !word.is_empty());
    let _generation = words.next();
    let name = |key: &[u8]| {
        let value = value(dictionary, key)?;
        value.strip_prefix(b"/").map(|name| word(name).0)
    };
    let len = value(dictionary, b"/Length").filter(|text| !is_reference(text));
    let kind = name(b"/Type").unwrap_or_default();
    let is_picture = name(b"/Subtype") == Some(b"Image");
    let is_font = value(dictionary, b"/Length1").is_some() || name(b"/Subtype") == Some(b"Type1C");
    Some(Object {
        number: words.next().and_then(number).unwrap_or(0),
        len: len.and_then(|text| number(word(text).0)),
        filters: filters(dictionary),
        may_show: !is_picture && !is_font && !matches!(kind, b"ObjStm" | b"XRef" | b"Metadata"),
        is_table: kind == b"XRef",
    })
}

fn filters(dictionary: &[u8]) -> Vec<Filter> {
    let Some(value) = value(dictionary, b"/Filter") else { return Vec::new() };
    let (names, is_list) = match value.strip_prefix(b"[") {
        Some(list) => (list.split(|b| *b == b']').next().unwrap_or_default(), true),
        None => (value, false),
    };
    if !names.contains(&b'/') || !is_list && !names.starts_with(b"/") {
        return vec![Filter::Unknown];
    }
    let names = names.split(|b| *b == b'/').skip(1).map(|name| Filter::of(word(name).0));
    // More in a row are of no use to anybody.
    names.take(if is_list { 8 } else { 1 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dictionaries_say_what_their_streams_are() {
        let object = |text: &str| read(text.as_bytes()).expect("a dictionary");
        let one = object("endobj\n12 0 obj\n<</Length 345/Filter/FlateDecode>>\n");
        assert_eq!((one.number, one.len), (12, Some(345)));
        assert_eq!(one.filters, [Filter::Flate]);
        assert!(one.may_show && !one.is_table);
        let list = object("1 0 obj << /Filter [ /ASCII85Decode /Fl ] /Length 7 0 R /Length1 5 >>");
        assert_eq!((list.number, list.len), (1, None));
        assert_eq!(list.filters, [Filter::Base85, Filter::Flate]);
        assert!(!list.may_show);
        assert_eq!(object("2 0 obj<</Filter 9 0 R>>").filters, [Filter::Unknown]);
        assert_eq!(object("2 0 obj<</Filter/LZWDecode>>").filters, [Filter::Other("LZWDecode")]);
        assert!(object("3 0 obj<</Type /XRef>>").is_table);
        assert_eq!(read(b"a text about a "), None);
        assert_eq!(object("<<>>"), Object { may_show: true, ..Object::default() });
        assert!(is_reference(b" 12 0 R/ID") && !is_reference(b" 12 0 obj"));
    }
}
