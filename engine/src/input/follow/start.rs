//! The first look: what an earlier follower had read is found again, and what was there
//! before is told from what appeared since.

use std::mem;

use super::Start;
use super::content::examine;
use super::followed::{Followed, NameId};
use super::follower::{Follower, Told};
use super::known::Entry;
use super::recognition::Recognised;
use super::sibling::listed;
use super::stream::{Standing, Stream};
use super::{End, Resumed};

impl Follower {
    pub(super) fn start(&mut self, told: &mut Told<'_>) {
        let resumed = mem::take(&mut self.resumed);
        // Whatever else a pattern stands for that was followed before appeared since.
        let continued = mem::take(&mut self.continued);
        let is_continued: Vec<bool> =
            self.patterns.iter().map(|pattern| continued.contains(pattern.whole())).collect();
        self.find_again(resumed, told);
        let ids: Vec<NameId> = self.followed.keys().copied().collect();
        for id in ids {
            let Some(mut followed) = self.followed.remove(&id) else { continue };
            let mut patterns = self.patterns.iter().zip(&is_continued);
            let is_continued = patterns.any(|(pattern, is)| *is && pattern.matches(&followed.path));
            self.begin_with(id, &mut followed, is_continued, told);
            self.followed.insert(id, followed);
            self.note(id);
        }
    }

    /// Finds the files again that were not read to their end.
    fn find_again(&mut self, mut unfinished: Vec<Resumed>, told: &mut Told<'_>) {
        // Of a file without content nothing was read. Its number alone may be another's by
        // now; if it is still there, it is new.
        unfinished.retain(|known| {
            known.identity.head_len > 0 && self.patterns.iter().any(|p| p.matches(&known.path))
        });
        // Those that are certain first: no other may be taken for them.
        for by in [Recognised::ByNumber, Recognised::ByHead] {
            for known in mem::take(&mut unfinished) {
                let id = match self.names.get(&known.path) {
                    Some(id) => *id,
                    None => self.follow(known.path.clone(), false),
                };
                let Some(mut followed) = self.followed.remove(&id) else { continue };
                let found = self.find(&followed, &known.identity, known.offset, by);
                if let Some(file) = found {
                    let is_own = file.at == followed.path;
                    if is_own {
                        followed.arrive();
                        followed.settled = file.is_packed().then_some(file.stat);
                        self.locate(id, &mut followed);
                    }
                    let standing = match (file.is_packed(), is_own) {
                        (true, _) => Standing::Rest(End::Rotated),
                        (false, true) => Standing::Current,
                        (false, false) => Standing::Left,
                    };
                    self.open(id, &mut followed, file, known.offset, standing, told);
                } else {
                    unfinished.push(known);
                }
                self.followed.insert(id, followed);
            }
        }
        for Resumed { path, identity, offset } in unfinished {
            self.lost(&path, &identity, offset, told);
            let entry = Entry::of_name(path, identity, offset, false);
            self.known.remember(entry, self.names.len());
        }
    }

    fn begin_with(
        &mut self,
        id: NameId,
        followed: &mut Followed,
        is_continued: bool,
        told: &mut Told<'_>,
    ) {
        followed.knows_siblings = true;
        if is_continued {
            let own = match followed.current() {
                Some(_) => None,
                None => examine(&followed.path).ok(),
            };
            self.missed(id, followed, own.as_ref(), told);
        } else {
            self.see_siblings(followed);
        }
        // Those that were found again and those that nobody knew, in their order.
        followed
            .streams
            .make_contiguous()
            .sort_by_key(|stream: &Stream| (stream.is_current(), stream.stat.modified));
        if followed.current().is_none() && followed.settled.is_none() {
            let start = if is_continued { Start::Beginning } else { self.options.start };
            self.adopt(id, followed, Some(start), told);
        }
    }

    /// Notes what was rotated before anything was followed.
    fn see_siblings(&mut self, followed: &mut Followed) {
        for path in listed(&followed.path, &followed.real) {
            if self.is_followed(&path) {
                continue;
            }
            // What cannot be read need not be: nobody asked for it.
            let Ok(file) = examine(&path) else { continue };
            followed.glanced.insert(file.stat.key, file.stat);
            if file.damage.is_none() && !self.live.contains_key(&file.stat.key) {
                self.see(followed, &file);
            }
        }
    }
}
