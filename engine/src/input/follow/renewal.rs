//! What becomes of a stream whose file is not what it was: written anew, or out of sight.

use std::fs;

use super::End;
use super::content::{Examined, Form, examine_open};
use super::followed::{Followed, NameId};
use super::follower::{Follower, Told};
use super::identity::Stat;
use super::reading::Step;
use super::recognition::Recognised;
use super::stream::{Glance, Standing};
use crate::input::open::Refused;
use crate::ledger::SkipKind;

impl Follower {
    /// The file was closed, and another stands there when it is to be opened again.
    pub(super) fn astray(
        &mut self,
        followed: &mut Followed,
        at: usize,
        told: &mut Told<'_>,
    ) -> Step {
        let stream = &followed.streams[at];
        let (identity, offset, key) = (stream.identity, stream.offset, stream.stat.key);
        let is_current = stream.is_current();
        self.live.remove(&key);
        let found = self
            .find(followed, &identity, offset, Recognised::ByNumber)
            .or_else(|| self.find(followed, &identity, offset, Recognised::ByHead));
        let Some(file) = found else {
            let detail = format!("not found any more; it was read up to byte {offset}");
            let path = followed.path.clone();
            self.complain(&path, Refused { kind: SkipKind::Vanished, detail }, told);
            if is_current {
                followed.settled = None;
            }
            return Step::Over(End::Removed);
        };
        self.go_on_in(followed, at, file, Standing::Left, told);
        self.handles += 1;
        followed.is_behind = true;
        Step::Behind
    }

    /// Reads a stream from another file with the same content.
    fn go_on_in(
        &mut self,
        followed: &mut Followed,
        at: usize,
        file: Examined,
        standing: Standing,
        told: &mut Told<'_>,
    ) {
        let id = self.names.get(&followed.path).copied();
        let standing = match standing {
            Standing::Left if file.is_packed() => Standing::Rest(End::Rotated),
            standing => standing,
        };
        let stream = &mut followed.streams[at];
        stream.go_on_in(file, standing);
        if let Some(id) = id {
            self.live.insert(stream.stat.key, id);
        }
        told.taker().identified(stream.id, &stream.identity);
    }

    /// The file was made shorter, or written anew. What was not read of it may stand in a
    /// copy beside it.
    pub(super) fn truncated(
        &mut self,
        id: NameId,
        followed: &mut Followed,
        at: usize,
        told: &mut Told<'_>,
    ) {
        let stream = &followed.streams[at];
        let (identity, offset, was_current) = (stream.identity, stream.offset, stream.is_current());
        let (file, place) = (stream.file.clone(), stream.at.clone());
        let (key, was_whole) = (stream.stat.key, matches!(stream.standing, Standing::Rest(_)));
        let copy = match was_whole || identity.head_len == 0 {
            true => None,
            false => self.find(followed, &identity, offset, Recognised::ByHead),
        };
        match copy {
            Some(copy) if copy.is_packed() || copy.stat.size > offset => {
                self.live.remove(&key);
                let standing = Standing::Rest(End::Truncated);
                self.go_on_in(followed, at, copy, standing, told);
            }
            copy => {
                if let Some(copy) = copy {
                    followed.glanced.insert(copy.stat.key, copy.stat);
                    // Under another followed name it is met as well.
                    let identity = copy.identity();
                    let entry = followed.entry(identity, offset, true);
                    self.known.remember(entry, self.names.len());
                }
                let stream = self.end(followed, at, End::Truncated, told);
                self.remember(followed, stream, End::Truncated);
            }
        }
        let stands_there = fs::metadata(&followed.path).map(|metadata| Stat::of(&metadata).key);
        if was_current && stands_there.is_ok_and(|there| there == key) {
            followed.settled = None;
            self.adopt(id, followed, None, told);
        } else if let Some(file) = file
            && let Ok(file) = examine_open(file, &place)
            && file.stat.size > 0
            && file.form == Form::Plain
        {
            // It was rotated away since.
            self.open(id, followed, file, 0, Standing::Left, told);
        }
    }

    /// Looks whether files were written anew.
    pub(super) fn renew(&mut self, id: NameId, followed: &mut Followed, told: &mut Told<'_>) {
        let mut was_emptied = false;
        // New streams are added behind, and one look at each is enough.
        for stream in followed.streams.iter().map(|stream| stream.id).collect::<Vec<_>>() {
            let Some(at) = followed.streams.iter().position(|s| s.id == stream) else { continue };
            let stream = &mut followed.streams[at];
            let Some(file) = stream.file.clone().filter(|_| stream.packed.is_none()) else {
                continue;
            };
            match stream.glance(&file) {
                Ok(Glance::Identified) => told.taker().identified(stream.id, &stream.identity),
                Ok(Glance::Lost) => self.truncated(id, followed, at, told),
                Ok(Glance::Emptied) => was_emptied = true,
                // What else there is shows when it is read.
                Ok(_) | Err(_) => {}
            }
        }
        if was_emptied {
            self.missed(id, followed, None, told);
        }
    }
}
