//! Annotated tags.

use super::commit::{Person, headers};
use super::commits::MAX_TAGS;
use super::object::{Kind, Objects, STRUCTURE_LIMIT};
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

/// An annotated tag on the way from a name to what it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) id: Oid,
    /// Its name, without `refs/tags/`; what is not Unicode is replaced.
    pub(crate) name: Box<str>,
    /// What it is a tag of.
    pub(crate) target: Oid,
}

/// The tags from `id` to what is no tag: none if `id` is none itself, several if it is
/// a tag of a tag. It ends at what cannot be read, and after [`MAX_TAGS`]. What
/// `is_no_tag` is not read at all.
pub(crate) fn chain(
    objects: &impl Objects,
    id: Oid,
    is_no_tag: impl Fn(&Oid) -> bool,
) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    let mut object = Vec::new();
    let mut next = id;
    while links.len() < MAX_TAGS && !is_no_tag(&next) {
        if objects.read(&next, STRUCTURE_LIMIT, &mut object) != Ok(Kind::Tag) {
            break;
        }
        let Some(tag) = Tag::parse(&object) else { break };
        let name = String::from_utf8_lossy(tag.name).into();
        links.push(Link { id: next, name, target: tag.target });
        next = tag.target;
    }
    links
}

#[cfg(test)]
mod tests {
    use super::super::testing::Sandbox;
    use super::*;

    #[test]
    fn chains_of_tags() {
        let mut sandbox = Sandbox::new(&[]);
        sandbox.commit("one", &[("a", "1")]);
        sandbox.git(&["tag", "-a", "-m", "x", "inner"]);
        sandbox.git(&["-c", "advice.nestedTag=false", "tag", "-a", "-m", "x", "outer", "inner"]);
        let [commit, inner, outer] = ["HEAD", "inner", "outer"].map(|name| sandbox.id(name));
        let objects = sandbox.objects();
        let link = |id, name: &str, target| Link { id, name: name.into(), target };
        let links = [link(outer, "outer", inner), link(inner, "inner", commit)];
        assert_eq!(chain(&objects, outer, |id| *id == commit), links);
        assert_eq!(chain(&objects, outer, |_| false), links);
        assert_eq!(chain(&objects, outer, |id| *id == inner), links[..1]);
        assert!(chain(&objects, commit, |_| false).is_empty());
        let nothing = Oid::from_bytes(&[7; 20]).unwrap();
        assert!(chain(&objects, nothing, |_| false).is_empty());
    }

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
