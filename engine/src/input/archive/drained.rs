//! What a container holds, for tests and fuzz targets.

use std::io::Read;
use std::ops::ControlFlow;

use super::Members;
use crate::input::open::Refused;

/// Keeps all members.
#[derive(Default)]
pub(super) struct Drained {
    pub(super) members: Held,
    /// What could not be read.
    pub(super) refused: Vec<String>,
    /// The most bytes that are kept; no more are read.
    pub(super) limit: Option<usize>,
}

impl Drained {
    fn kept(&self) -> usize {
        self.members.iter().map(|(name, content)| name.len() + content.len()).sum()
    }
}

impl Members for Drained {
    fn member(&mut self, name: &[u8], content: &mut (dyn Read + Send)) -> ControlFlow<()> {
        let room = self.limit.map_or(u64::MAX, |limit| limit.saturating_sub(self.kept()) as u64);
        let mut held = Vec::new();
        if let Err(error) = content.take(room).read_to_end(&mut held) {
            self.refused.push(error.to_string());
        }
        self.members.push((String::from_utf8_lossy(name).into_owned(), held));
        match self.limit {
            Some(limit) if self.kept() >= limit => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }

    fn refused(&mut self, _: &[u8], why: Refused) -> ControlFlow<()> {
        self.refused.push(why.detail);
        ControlFlow::Continue(())
    }
}

/// Names and contents.
type Held = Vec<(String, Vec<u8>)>;

/// The members of a container, and why it was not read to its end.
#[cfg(test)]
pub(super) fn drained(bytes: &[u8]) -> (Held, Option<(crate::ledger::SkipKind, String)>) {
    let format = super::Format::of(&bytes[..bytes.len().min(super::HEAD)], b"").expect("a format");
    let mut all = Drained::default();
    let mut content = std::io::Cursor::new(bytes);
    let content = if format.needs_whole() {
        super::Content::Whole(&mut content)
    } else {
        super::Content::Stream(&mut content)
    };
    let end = super::unpack(format, content, &mut all);
    assert!(all.refused.is_empty(), "{:?}", all.refused);
    (all.members, end.err().map(|why| (why.kind, why.detail)))
}
