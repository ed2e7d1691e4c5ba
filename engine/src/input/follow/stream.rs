//! One stream: a file, how far it was read, and what becomes of it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::content::{Examined, Form, form_of, head_of};
use super::identity::{Identity, Stat};
use super::packed::Packed;
use super::{End, StreamId};

/// One stream.
pub(super) struct Stream {
    pub(super) id: StreamId,
    pub(super) identity: Identity,
    /// The name by which it was opened last.
    pub(super) at: PathBuf,
    /// The file as it was when it was last looked at.
    pub(super) stat: Stat,
    /// How much of the content was read.
    pub(super) offset: u64,
    /// Not there while it is idle and too many are open.
    pub(super) file: Option<Arc<File>>,
    /// There if the file is compressed.
    pub(super) packed: Option<Packed>,
    pub(super) standing: Standing,
    /// When something of it was read last, or it changed.
    pub(super) moved: Instant,
}

/// What becomes of a stream that is read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is the file under the followed name, and is waited for.
    Current,
    /// It is not any more. Who writes it may go on for a while.
    Left,
    /// It ends.
    Rest(End),
}

/// What a look at a stream's file shows.
pub(super) enum Glance {
    /// What there is may be read.
    Fine,
    /// More of the head is there.
    Identified,
    /// So little is there that it may become a compressed file.
    Unclear,
    /// It is compressed, which did not show before.
    IsPacked,
    /// It was empty and is again, but was written in between.
    Emptied,
    /// It holds something else than what was read.
    Lost,
}

impl Stream {
    pub(super) fn new(id: StreamId, file: Examined, offset: u64, standing: Standing) -> Self {
        let packed = match file.form {
            Form::Packed(format) => Some(Packed::new(format)),
            Form::Plain | Form::Unclear => None,
        };
        Self {
            id,
            identity: file.identity(),
            at: file.at,
            // Nothing is known of how it changed.
            stat: file.stat,
            offset,
            file: Some(file.file),
            packed,
            standing,
            moved: Instant::now(),
        }
    }

    /// Goes on in another file that has the same content.
    pub(super) fn go_on_in(&mut self, file: Examined, standing: Standing) {
        let Self { identity, at, stat, file: handle, packed, .. } =
            Self::new(self.id, file, self.offset, standing);
        (self.identity, self.at, self.stat) = (identity, at, stat);
        (self.file, self.packed, self.standing) = (handle, packed, standing);
    }

    pub(super) fn is_current(&self) -> bool {
        self.standing == Standing::Current
    }

    /// Bytes that are known to be there and were not read; of a compressed file those of
    /// the file.
    pub(super) fn lag(&self) -> u64 {
        let read = self.packed.as_ref().map_or(self.offset, Packed::consumed);
        self.stat.size.saturating_sub(read)
    }

    /// The handle, opened again if need be. `None` if another file stands there by now.
    pub(super) fn handle(&mut self) -> Option<&Arc<File>> {
        if self.file.is_none() {
            self.file = reopened(&self.at, &self.stat);
        }
        self.file.as_ref()
    }

    /// Looks whether the open file changed, and how.
    ///
    /// # Errors
    ///
    /// If the system does not tell.
    pub(super) fn glance(&mut self, file: &File) -> io::Result<Glance> {
        let stat = Stat::of(&file.metadata()?);
        let is_unchanged = stat.is_unchanged(&self.stat);
        if stat.size < self.offset {
            return Ok(Glance::Lost);
        }
        let is_young = self.offset == 0 && stat.size > 0;
        self.stat = stat;
        if is_unchanged && !is_young {
            return Ok(Glance::Fine);
        }
        if !is_unchanged {
            self.moved = Instant::now();
        }
        if stat.size == 0 && self.identity.head_len == 0 {
            return Ok(Glance::Emptied);
        }
        let head = head_of(file)?;
        if !head.begins_as(&self.identity) {
            return Ok(Glance::Lost);
        }
        if is_young {
            match form_of(head.bytes()) {
                Form::Plain => {}
                Form::Unclear => return Ok(Glance::Unclear),
                Form::Packed(_) => return Ok(Glance::IsPacked),
            }
        }
        let identity = head.identity(stat.key);
        let is_new = identity.head_len > self.identity.head_len;
        if is_new {
            self.identity = identity;
        }
        Ok(if is_new { Glance::Identified } else { Glance::Fine })
    }
}

fn reopened(path: &Path, stat: &Stat) -> Option<Arc<File>> {
    let file = crate::input::open::open(path, true).ok()?.file;
    let found = Stat::of(&file.metadata().ok()?);
    (found.key == stat.key).then(|| Arc::new(file))
}
