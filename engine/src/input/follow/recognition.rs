//! Recognising files: whether one was read before, is a copy of another, or was made from
//! it by compression.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::SEEN;
use super::content::{Examined, examine};
use super::followed::{Followed, NameId};
use super::follower::{Follower, Told};
use super::identity::{Identity, Key, Stat};
use super::known::Entry;
use super::sibling::{bases, listed};
use super::stream::Stream;

/// How much of the end of a copy is compared.
const COMPARED: u64 = 4096;

/// What is done about a file.
pub(super) enum Verdict {
    /// It was read, or is being read.
    Leave,
    /// Nothing is known of it.
    New,
    /// It was read as far as there.
    GoOn(u64),
}

impl Follower {
    /// Looks at the names under which a file with the same beginning is being read: a
    /// compressed file may have been made from it, and it may be gone since.
    pub(super) fn look_at_origins(&mut self, file: &Examined, path: &Path, told: &mut Told<'_>) {
        if !file.is_packed() {
            return;
        }
        let is_origin = |f: &Followed| {
            let mut streams = f.streams.iter();
            streams.any(|stream| stream.is_current() && is_made_of(file, stream))
                && f.is_related_to(path)
        };
        let origins = self.followed.iter().filter(|(_, f)| is_origin(f));
        let origins: Vec<NameId> = origins.map(|(id, _)| *id).collect();
        for id in origins {
            self.visit(id, true, told);
        }
    }

    /// What is done about a file that is met as `path`, the followed name or a sibling.
    pub(super) fn judge(&mut self, file: &Examined, path: &Path, followed: &Followed) -> Verdict {
        let is_empty = file.is_packed() && file.head.bytes().is_empty();
        if is_empty || self.is_copy_of_live(file, path, followed) {
            return Verdict::Leave;
        }
        let Some(entry) = self.known.take(file, path) else { return Verdict::New };
        let is_done = match file.is_packed() {
            true => entry.is_whole,
            false => file.stat.size <= entry.offset,
        };
        let is_done = is_done || entry.offset == SEEN;
        if !is_done {
            return Verdict::GoOn(entry.offset);
        }
        // Under its number of now it is found at once the next time.
        let identity = match entry.identity.head_len {
            len if len < file.identity().head_len => entry.identity,
            _ => file.identity(),
        };
        self.known.remember(Entry { identity, ..entry }, self.names.len());
        Verdict::Leave
    }

    /// Whether a file under the name of a rotation is a copy of what is being read, be it
    /// that it is not finished.
    fn is_copy_of_live(&self, file: &Examined, path: &Path, followed: &Followed) -> bool {
        if file.is_packed() {
            let all = self.followed.values().chain([followed]);
            let mut made = all.filter(|f| {
                let mut streams = f.streams.iter();
                streams.any(|stream| is_made_of(file, stream) && has_left(stream, &f.path))
            });
            return made.any(|f| f.is_related_to(path));
        }
        let bases: Vec<PathBuf> = bases(path);
        let others = bases.iter().filter_map(|base| self.names.get(base));
        let others = others.filter_map(|id| self.followed.get(id));
        let originals = others.chain([followed]).filter(|f| f.is_rotated_to(path));
        let mut streams = originals.flat_map(|f| &f.streams).filter(|s| s.packed.is_none());
        streams.any(|s| s.file.as_ref().is_some_and(|live| is_copy(file, live).unwrap_or(false)))
    }

    /// Finds a file again, by its number and its head, or by the head alone, under its name
    /// or that of a rotation. What was read of it is there.
    pub(super) fn find(
        &self,
        followed: &Followed,
        identity: &Identity,
        offset: u64,
        by: Recognised,
    ) -> Option<Examined> {
        // Everything begins as a file without content.
        if identity.head_len == 0 {
            return None;
        }
        let mut found: Option<Examined> = None;
        let mut siblings = listed(&followed.path, &followed.real);
        // It may itself have been a rotation, which has another name by now.
        for base in bases(&followed.path) {
            siblings.extend(listed(&base, &base));
        }
        siblings.sort();
        siblings.dedup();
        let own = followed.path.clone();
        siblings.retain(|path| *path != own);
        for (path, is_own) in siblings.into_iter().map(|p| (p, false)).chain([(own, true)]) {
            let Ok(metadata) = fs::metadata(&path) else { continue };
            let stat = Stat::of(&metadata);
            let is_it = stat.key == identity.key();
            // Only if no other is it, it is the one that stands there itself.
            if is_it != (by == Recognised::ByNumber) || is_own && found.is_some() {
                continue;
            }
            let Ok(file) = examine(&path) else { continue };
            if self.live.contains_key(&file.stat.key)
                || !file.head.begins_as(identity)
                || !file.is_packed() && file.stat.size < offset
                || by == Recognised::ByHead && self.known.knows(&file)
            {
                continue;
            }
            if found.as_ref().is_none_or(|other| file.stat.modified < other.stat.modified) {
                found = Some(file);
            }
        }
        found
    }
}

/// By what a file is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recognised {
    ByNumber,
    ByHead,
}

/// Whether a compressed file begins as a stream.
fn is_made_of(file: &Examined, stream: &Stream) -> bool {
    stream.identity.head_len > 0 && file.head.begins_as(&stream.identity)
}

/// Whether the file of a stream does not stand under the followed name, be it that this
/// was not noticed yet.
fn has_left(stream: &Stream, path: &Path) -> bool {
    !stream.is_current() || !stands_at(stream.stat.key, path)
}

/// Whether that file stands under that name now.
fn stands_at(key: Key, path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| Stat::of(&metadata).key == key)
}

/// Whether `file` was made from what stood under the followed name when it was opened.
pub(super) fn is_made_of_own(file: &Examined, own: &Examined) -> bool {
    match (file.is_packed(), own.is_packed()) {
        (false, false) => is_copy(file, &own.file).unwrap_or(false),
        (true, false) => {
            !own.head.bytes().is_empty()
                && file.head.begins_as(&own.identity())
                && !stands_at(own.stat.key, &own.at)
        }
        (_, true) => false,
    }
}

/// Whether what is in `file` is also what another begins with.
fn is_copy(file: &Examined, live: &File) -> io::Result<bool> {
    let size = file.stat.size;
    let from = size.saturating_sub(COMPARED);
    let mut copied = vec![0; usize::try_from(size - from).unwrap_or(0)];
    let mut original = copied.clone();
    file.file.read_exact_at(&mut copied, from)?;
    live.read_exact_at(&mut original, from)?;
    if copied != original {
        return Ok(false);
    }
    let mut beginning = vec![0; file.head.bytes().len()];
    live.read_exact_at(&mut beginning, 0)?;
    Ok(beginning == file.head.bytes())
}
