//! What a container holds, collected for tests.

use std::io::{Cursor, Read};
use std::ops::ControlFlow;

use super::{Content, Format, Members, unpack};
use crate::input::open::Refused;
use crate::ledger::SkipKind;

/// What was handed on: names, and for each content and the error at its end, or why it
/// was refused.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) members: Vec<(String, Vec<u8>, Option<String>)>,
    pub(super) refused: Vec<(String, SkipKind, String)>,
    /// Members to be taken before the taker has enough.
    pub(super) enough: Option<usize>,
    /// Whether contents are left unread.
    pub(super) unread: bool,
}

impl Collected {
    /// Names and contents, where no content ended with an error.
    pub(super) fn whole(&self) -> Vec<(&str, &[u8])> {
        assert!(self.refused.is_empty(), "{:?}", self.refused);
        let one = |(name, _, error): &'_ (String, Vec<u8>, Option<String>)| {
            assert_eq!(*error, None, "{name}");
        };
        self.members.iter().for_each(one);
        self.members.iter().map(|(name, content, _)| (&**name, &**content)).collect()
    }

    fn next(&self) -> ControlFlow<()> {
        match self.enough == Some(self.members.len() + self.refused.len()) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}

impl Members for Collected {
    fn member(&mut self, name: &[u8], content: &mut (dyn Read + Send)) -> ControlFlow<()> {
        let mut bytes = Vec::new();
        let error = match self.unread {
            true => None,
            false => content.read_to_end(&mut bytes).err().map(|e| e.to_string()),
        };
        self.members.push((String::from_utf8_lossy(name).into_owned(), bytes, error));
        self.next()
    }

    fn refused(&mut self, name: &[u8], why: Refused) -> ControlFlow<()> {
        self.refused.push((String::from_utf8_lossy(name).into_owned(), why.kind, why.detail));
        self.next()
    }
}

/// Reads a container to its end, or until the reason why it cannot be.
pub(super) fn collect(
    format: Format,
    bytes: &[u8],
) -> (Collected, Result<ControlFlow<()>, (SkipKind, String)>) {
    let mut collected = Collected::default();
    let result = collect_to(format, bytes, &mut collected);
    (collected, result)
}

/// The same, with a taker that is there.
pub(super) fn collect_to(
    format: Format,
    bytes: &[u8],
    collected: &mut Collected,
) -> Result<ControlFlow<()>, (SkipKind, String)> {
    let result = unpack(format, Content::Whole(&mut Cursor::new(bytes)), collected);
    result.map_err(|why| (why.kind, why.detail))
}
