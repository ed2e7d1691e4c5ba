//! Looking at what stands under a name.

use std::fs;
use std::path::Path;

use super::content::{Examined, Form, examine};
use super::followed::{Followed, NameId};
use super::follower::{Follower, Told};
use super::identity::{Key, Stat};
use super::recognition::{Verdict, is_made_of_own};
use super::sibling::{bases, listed};
use super::stream::{Standing, Stream};
use super::{End, SEEN, Start};
use crate::input::open::Refused;
use crate::ledger::SkipKind;

impl Follower {
    /// Looks which file stands under a name.
    pub(super) fn look(&mut self, id: NameId, followed: &mut Followed, told: &mut Told<'_>) {
        if followed.streams.len() > 1 {
            self.renew(id, followed, told);
        }
        let metadata = match fs::metadata(&followed.path) {
            Ok(metadata) => metadata,
            Err(error) => {
                let refused = Refused::from(&error);
                if refused.kind == SkipKind::Vanished {
                    self.renew(id, followed, told);
                    followed.is_there = false;
                    followed.leave();
                } else {
                    self.complain(&followed.path, refused, told);
                }
                return;
            }
        };
        if !metadata.is_file() {
            followed.leave();
            followed.arrive();
            let detail = if metadata.is_dir() { "a directory" } else { "" }.to_owned();
            let refused = Refused { kind: SkipKind::SpecialFile, detail };
            self.complain(&followed.path, refused, told);
            return;
        }
        let stat = Stat::of(&metadata);
        followed.arrive();
        let own = followed.streams.iter().position(|s| s.stat.key == stat.key);
        if let Some(at) = own {
            match followed.streams[at].standing {
                Standing::Current => {
                    let stream = &followed.streams[at];
                    // A closed file is opened only to be read.
                    followed.is_behind |= stream.file.is_none() && !stat.is_unchanged(&stream.stat);
                }
                // It was put back.
                Standing::Left => {
                    followed.leave();
                    if let Some(mut stream) = followed.streams.remove(at) {
                        stream.standing = Standing::Current;
                        followed.streams.push_back(stream);
                    }
                }
                Standing::Rest(_) => {}
            }
            return;
        }
        if followed.settled.is_none_or(|settled| !stat.is_unchanged(&settled)) {
            self.adopt(id, followed, None, told);
        }
    }

    /// Begins to read the file that stands under a name, if it has to be. `start` is where,
    /// at the first look, and if nothing is known of it.
    pub(super) fn adopt(
        &mut self,
        id: NameId,
        followed: &mut Followed,
        start: Option<Start>,
        told: &mut Told<'_>,
    ) {
        if start.is_none() {
            // What this is may show only when what it was made from is looked at.
            for base in bases(&followed.path) {
                if let Some(base) = self.names.get(&base).copied() {
                    self.visit(base, true, told);
                }
            }
        }
        let file = match examine(&followed.path) {
            Ok(file) => file,
            Err(refused) => {
                if refused.kind != SkipKind::Vanished {
                    self.complain(&followed.path, refused, told);
                }
                return;
            }
        };
        followed.arrive();
        self.locate(id, followed);
        let stat = file.stat;
        if let Some(reader) = self.live.get(&stat.key) {
            if *reader != id {
                followed.leave();
                followed.settled = Some(stat);
            }
            return;
        }
        if start.is_none() {
            // A copy of what was truncated is to be found before it is taken for a new file.
            self.renew(id, followed, told);
        }
        followed.leave();
        if let Some(damage) = &file.damage {
            let may_be_written = damage.kind == SkipKind::DamagedArchive;
            if may_be_written && !followed.is_ripe(&stat, self.options.grace) {
                return;
            }
            let refused = Refused { kind: damage.kind, detail: damage.detail.clone() };
            self.complain(&followed.path, refused, told);
            followed.settled = Some(stat);
            return;
        }
        followed.unripe.remove(&stat.key);
        if start.is_none() {
            self.missed(id, followed, Some(&file), told);
        }
        let path = followed.path.clone();
        self.look_at_origins(&file, &path, told);
        let offset = match self.judge(&file, &path, followed) {
            Verdict::Leave => None,
            Verdict::GoOn(offset) => Some(offset),
            Verdict::New if start != Some(Start::End) => Some(0),
            Verdict::New if file.is_packed() => {
                self.see(followed, &file);
                None
            }
            Verdict::New => Some(stat.size),
        };
        let Some(offset) = offset else {
            followed.settled = Some(stat);
            return;
        };
        let standing = match file.is_packed() {
            true => Standing::Rest(End::Rotated),
            false => Standing::Current,
        };
        followed.settled = file.is_packed().then_some(stat);
        self.open(id, followed, file, offset, standing, told);
    }

    /// Begins a stream.
    pub(super) fn open(
        &mut self,
        id: NameId,
        followed: &mut Followed,
        file: Examined,
        offset: u64,
        standing: Standing,
        told: &mut Told<'_>,
    ) {
        let stream = Stream::new(self.stream_id(), file, offset, standing);
        told.taker().opened(stream.id, &followed.path, &stream.identity, offset);
        self.live.insert(stream.stat.key, id);
        followed.is_behind = true;
        followed.add(stream);
        self.handles += 1;
        self.close_idle();
    }

    /// Queues the siblings of which nothing is known: what was rotated while nobody looked.
    /// `own` is the file under the name itself, if it is not read yet: a copy of it was made
    /// to truncate it, or it was compressed in this moment, and that is not read beside it.
    pub(super) fn missed(
        &mut self,
        id: NameId,
        followed: &mut Followed,
        own: Option<&Examined>,
        told: &mut Told<'_>,
    ) {
        let mut queue = Vec::new();
        let glanced = std::mem::take(&mut followed.glanced);
        for path in listed(&followed.path, &followed.real) {
            let Some(stat) = self.unread(&path) else { continue };
            if self.is_followed(&path) {
                continue;
            }
            if glanced.get(&stat.key).is_some_and(|last| stat.is_unchanged(last)) {
                followed.glanced.insert(stat.key, stat);
                self.known.meet(&stat.key);
                continue;
            }
            let file = match examine(&path) {
                Ok(file) if self.live.contains_key(&file.stat.key) => continue,
                Ok(file) => file,
                Err(refused) => {
                    if refused.kind != SkipKind::Vanished {
                        self.complain(&path, refused, told);
                    }
                    continue;
                }
            };
            if !followed.knows_siblings && file.stat.modified.0 < self.began {
                self.see(followed, &file);
                followed.glanced.insert(file.stat.key, file.stat);
                continue;
            }
            if let Some(damage) = &file.damage {
                if followed.is_ripe(&file.stat, self.options.grace) {
                    let refused = Refused { kind: damage.kind, detail: damage.detail.clone() };
                    self.complain(&path, refused, told);
                    followed.glanced.insert(file.stat.key, file.stat);
                }
                continue;
            }
            followed.unripe.remove(&file.stat.key);
            let is_made_of_own = own.is_some_and(|own| is_made_of_own(&file, own));
            self.look_at_origins(&file, &path, told);
            let verdict = match is_made_of_own {
                true => Verdict::Leave,
                false => self.judge(&file, &path, followed),
            };
            match verdict {
                Verdict::Leave => {
                    followed.glanced.insert(file.stat.key, file.stat);
                }
                Verdict::New => queue.push((file, 0)),
                Verdict::GoOn(offset) => queue.push((file, offset)),
            }
        }
        followed.knows_siblings = true;
        queue.sort_by(|(a, _), (b, _)| (a.stat.modified, &a.at).cmp(&(b.stat.modified, &b.at)));
        for (file, offset) in queue {
            let standing = match file.form {
                Form::Packed(_) => Standing::Rest(End::Rotated),
                Form::Plain | Form::Unclear => Standing::Left,
            };
            // Two names of one file.
            if !self.live.contains_key(&file.stat.key) {
                self.open(id, followed, file, offset, standing, told);
            }
        }
    }

    /// Looks once more at siblings that somebody was still writing.
    pub(super) fn revisit(&mut self, id: NameId, followed: &mut Followed, told: &mut Told<'_>) {
        let is_own = |key: &Key| followed.streams.iter().any(|stream| stream.stat.key == *key);
        if followed.unripe.keys().any(|key| !is_own(key)) {
            let unripe = followed.unripe.clone();
            self.missed(id, followed, None, told);
            // What is gone is not waited for.
            let there: Vec<Key> = listed(&followed.path, &followed.real)
                .iter()
                .chain([&followed.path])
                .filter_map(|path| Some(Stat::of(&fs::metadata(path).ok()?).key))
                .collect();
            followed.unripe.retain(|key, _| !unripe.contains_key(key) || there.contains(key));
        }
    }

    /// A file with content that is not being read.
    fn unread(&self, path: &Path) -> Option<Stat> {
        let metadata = fs::metadata(path).ok().filter(|metadata| metadata.is_file())?;
        let stat = Stat::of(&metadata);
        (stat.size > 0 && !self.live.contains_key(&stat.key)).then_some(stat)
    }

    /// Notes a file that is never to be read.
    pub(super) fn see(&mut self, followed: &Followed, file: &Examined) {
        self.known.remember(followed.entry(file.identity(), SEEN, true), self.names.len());
    }
}
