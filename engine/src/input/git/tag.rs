//! Annotated tags.

use super::commit::{Person, headers};
use super::object::Kind;
use super::oid::Oid;

/// An annotated tag, read from its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    /// What it is a tag of.
    pub(crate) target: Oid,
    pub(crate) kind: Option<Kind>,
    /// Its name, without `refs/tags/`.
    pub(crate) name: &'a [u8],
    pub(crate) tagger: Option<Person<'a>>,
    /// Everything behind the headers, a signature included.
    pub(crate) message: &'a [u8],
}

impl<'a> Tag<'a> {
    /// Reads a tag; `None` if it does not say what it is a tag of.
    pub(crate) fn parse(object: &'a [u8]) -> Option<Self> {
        let mut target = None;
        let mut tag = (None, &b""[..], None);
        let message = headers(object, |name, value| match name {
            b"object" if target.is_none() => target = Oid::from_hex(value),
            b"type" => tag.0 = Kind::from_name(value),
            b"tag" => tag.1 = value,
            b"tagger" => tag.2 = Some(Person::parse(value)),
            _ => {}
        });
        Some(Self { target: target?, kind: tag.0, name: tag.1, tagger: tag.2, message })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag() {
        let text = b"object 4b825dc642cb6eb9a060e54bf8d69288fbee4904\ntype tree\ntag v1\n\
            tagger A U Thor <a@example.org> 1700000000 -0330\n\nFirst\n";
        let tag = Tag::parse(text).unwrap();
        assert_eq!(tag.kind, Some(Kind::Tree));
        assert_eq!(tag.name, b"v1");
        assert_eq!(tag.tagger.unwrap().offset, -210);
        assert_eq!(tag.message, b"First\n");
        // The oldest tags have neither a tagger nor a message.
        let tag = Tag::parse(&text[..70]).unwrap();
        assert_eq!((tag.tagger, tag.message), (None, &b""[..]));
        assert_eq!(Tag::parse(b"object 4b82\n\n"), None);
        assert_eq!(Tag::parse(b""), None);
    }
}
