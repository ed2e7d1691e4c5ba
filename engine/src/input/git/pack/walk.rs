//! Making all objects of a pack, each once, base before delta.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::entry::{Base, Buffer, Entry, Inflater};
use super::{Delta, Forest, Pack, Root, Span};
use crate::input::git::object::{Kind, ObjectError};

/// Takes the objects of a walk. There is one for each thread.
pub(crate) trait Visitor: Send {
    /// What is remembered of an object while others are made from it.
    type Note;

    /// A whole object.
    fn root(&mut self, entry: u32, object: &[u8]) -> Self::Note;

    /// An object that is made from another, whose note is given.
    fn delta(&mut self, child: &mut Child<'_>, base: &Self::Note) -> Self::Note;

    /// A whole object that is larger than the limit, compressed; its size may be
    /// a lie.
    fn large(&mut self, entry: u32, compressed: &[u8]);

    /// An object that cannot be made, or not within the limit.
    fn failed(&mut self, entry: u32, error: ObjectError);

    /// Whether the walk should end.
    fn stopped(&self) -> bool;

    /// Bytes that a note takes, if they may be many.
    fn room(&self, _: &Self::Note) -> usize {
        0
    }

    /// Makes a note small, because there are too many. It is given once more with
    /// each object that is still to be made from its own.
    fn forget(&self, _: &mut Self::Note) {}
}

/// An object that is about to be made from another.
pub(crate) struct Child<'c> {
    pub(crate) entry: u32,
    pub(crate) base: &'c [u8],
    pub(crate) delta: Delta<'c>,
    /// Whether nothing is made from it.
    pub(crate) is_leaf: bool,
    room: &'c mut Buffer,
    is_made: bool,
}

impl<'c> Child<'c> {
    /// An object that is made in `room` when it is asked for.
    pub(crate) fn new(
        entry: u32,
        base: &'c [u8],
        delta: Delta<'c>,
        is_leaf: bool,
        room: &'c mut Buffer,
    ) -> Self {
        Self { entry, base, delta, is_leaf, room, is_made: false }
    }

    /// The object. It is made when this is asked for the first time; many objects
    /// can be judged by what their delta brings in.
    pub(crate) fn object(&mut self) -> &[u8] {
        if !self.is_made {
            self.room.resize(self.delta.len);
            self.delta.apply(self.base, self.room.bytes_mut());
            self.is_made = true;
        }
        self.room.bytes()
    }
}

/// What is walked.
pub(crate) struct Walk<'w> {
    pub(crate) pack: &'w Pack,
    pub(crate) forest: &'w Forest,
    pub(crate) kind: Kind,
    /// The most bytes of an object that is made.
    pub(crate) limit: usize,
}

/// Bytes of objects that a thread keeps because others are made from them. Beyond
/// that some are dropped, and made again when they are needed. The fuzz targets have
/// small objects.
const KEPT: usize = if cfg!(feature = "fuzz") { 64 << 10 } else { 64 << 20 };

/// Bytes of notes that are kept for the same reason; beyond that they are forgotten.
const NOTED: usize = 32 << 20;

/// Bytes of buffers that are kept to be used again.
const UNUSED: usize = 32 << 20;

/// Families of such objects are walked by one thread at a time.
const LARGE: u64 = 8 << 20;

/// Walks all objects of one kind, with a thread for each visitor. Returns the
/// visitors.
pub(crate) fn walk<V: Visitor>(what: &Walk<'_>, visitors: Vec<V>) -> Vec<V> {
    let roots = what.forest.roots(what.kind);
    let next = AtomicUsize::new(0);
    let large = Mutex::new(());
    let work = |visitor: V| {
        let mut walker = Walker::new(what, visitor);
        while let Some(root) = roots.get(next.fetch_add(1, Ordering::Relaxed)) {
            if walker.visitor.stopped() {
                break;
            }
            let is_large = u64::from(what.forest.size(root.entry)) > LARGE;
            let _alone = is_large.then(|| large.lock().unwrap_or_else(|e| e.into_inner()));
            walker.family(root);
        }
        walker.visitor
    };
    let mut visitors = visitors.into_iter();
    let Some(first) = visitors.next() else { return Vec::new() };
    std::thread::scope(|scope| {
        let threads: Vec<_> = visitors.map(|visitor| scope.spawn(|| work(visitor))).collect();
        let mut done = vec![work(first)];
        for thread in threads {
            match thread.join() {
                Ok(visitor) => done.push(visitor),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    })
}

/// An object from which more are to be made.
struct Frame<N> {
    entry: u32,
    /// `None` if it was dropped to save room.
    object: Option<Buffer>,
    note: N,
    /// The next of its children.
    next: usize,
}

/// One thread of a walk.
struct Walker<'w, V: Visitor> {
    what: &'w Walk<'w>,
    visitor: V,
    inflater: Inflater,
    delta: Buffer,
    /// The delta of an object that is made again.
    remade: Buffer,
    spans: Vec<Span>,
    unused: Vec<Buffer>,
    unused_room: usize,
    frames: Vec<Frame<V::Note>>,
    /// Room of the objects in `frames`, and the most that is wanted.
    kept: usize,
    most_kept: usize,
    /// Room of the notes in `frames` that were not forgotten.
    noted: usize,
    /// How many objects were made again.
    #[cfg(test)]
    again: usize,
}

impl<'w, V: Visitor> Walker<'w, V> {
    fn new(what: &'w Walk<'w>, visitor: V) -> Self {
        Self {
            what,
            visitor,
            inflater: Inflater::default(),
            delta: Buffer::default(),
            remade: Buffer::default(),
            spans: Vec::new(),
            unused: Vec::new(),
            unused_room: 0,
            frames: Vec::new(),
            kept: 0,
            most_kept: KEPT,
            noted: 0,
            #[cfg(test)]
            again: 0,
        }
    }

    fn family(&mut self, root: &Root) {
        let entry = root.entry;
        let size = self.what.forest.size(entry);
        if size as usize > self.what.limit {
            let (data, end) = self.what.forest.data(entry);
            let header = Entry { data, size: u64::from(size), base: Base::None(self.what.kind) };
            self.visitor.large(entry, self.what.pack.compressed(&header, end));
            self.lost(entry, &ObjectError::TooLarge(u64::from(size)));
            return;
        }
        let mut object = self.buffer();
        match inflate(self.what, entry, &mut self.inflater, &mut object) {
            Ok(()) => {
                let note = self.visitor.root(entry, object.bytes());
                self.descend(entry, object, note);
            }
            Err(error) => {
                self.give_back(object);
                self.visitor.failed(entry, error.clone());
                self.lost(entry, &error);
            }
        }
        while let Some(frame) = self.frames.last_mut() {
            let children = self.what.forest.children(frame.entry);
            let Some(&child) = children.get(frame.next) else {
                self.pop();
                continue;
            };
            if self.visitor.stopped() {
                self.frames.clear();
                (self.kept, self.noted) = (0, 0);
                return;
            }
            frame.next += 1;
            let is_last = frame.next == children.len();
            self.child(child, is_last);
        }
    }

    /// Makes an object from the one in the last frame.
    fn child(&mut self, entry: u32, is_last: bool) {
        let what = self.what;
        self.prefetch(entry);
        let mut room = self.buffer();
        let made = inflate(what, entry, &mut self.inflater, &mut self.delta)
            .and_then(|()| self.fetch())
            .and_then(|()| {
                let Some(frame) = self.frames.last() else { return Ok(None) };
                let base = frame.object.as_ref().map(Buffer::bytes).unwrap_or_default();
                let data = self.delta.bytes();
                let delta = Delta::read(data, base.len(), what.limit, &mut self.spans)?;
                let is_leaf = what.forest.children(entry).is_empty();
                let mut child = Child::new(entry, base, delta, is_leaf, &mut room);
                let note = self.visitor.delta(&mut child, &frame.note);
                if !is_leaf {
                    child.object();
                }
                Ok((!is_leaf).then_some(note))
            });
        match made {
            Ok(Some(note)) => {
                if is_last {
                    self.pop();
                }
                self.descend(entry, room, note);
            }
            Ok(None) => self.give_back(room),
            Err(error) => {
                self.give_back(room);
                self.visitor.failed(entry, error.clone());
                self.lost(entry, &error);
            }
        }
    }

    /// Asks for the data of the object that is made after this one: packs seldom fit
    /// into the cache.
    fn prefetch(&self, entry: u32) {
        let forest = self.what.forest;
        let sibling = || {
            let frame = self.frames.last()?;
            forest.children(frame.entry).get(frame.next)
        };
        if let Some(next) = forest.children(entry).first().or_else(sibling) {
            let (data, _) = forest.data(*next);
            self.what.pack.prefetch(data);
        }
    }

    fn descend(&mut self, entry: u32, object: Buffer, note: V::Note) {
        if self.what.forest.children(entry).is_empty() {
            self.give_back(object);
            return;
        }
        let object = self.fitted(object);
        self.kept += object.room();
        self.noted += self.visitor.room(&note);
        self.frames.push(Frame { entry, object: Some(object), note, next: 0 });
        if self.kept > self.most_kept {
            self.thin();
        }
        if self.noted > NOTED {
            self.forget();
        }
    }

    fn pop(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        self.noted -= self.visitor.room(&frame.note);
        if let Some(object) = frame.object {
            self.kept -= object.room();
            self.give_back(object);
        }
    }

    /// A buffer for an object of any size.
    fn buffer(&mut self) -> Buffer {
        let buffer = self.unused.pop().unwrap_or_default();
        self.unused_room -= buffer.room();
        buffer
    }

    /// Keeps a buffer to be used again.
    fn give_back(&mut self, buffer: Buffer) {
        if self.unused_room + buffer.room() <= UNUSED {
            self.unused_room += buffer.room();
            self.unused.push(buffer);
        }
    }

    /// The object without much room behind it: what is kept is counted.
    fn fitted(&mut self, object: Buffer) -> Buffer {
        let len = object.bytes().len();
        if object.room() / 4 <= len.max(4096) {
            return object;
        }
        let mut fitted = Buffer::default();
        fitted.resize(len);
        fitted.bytes_mut().copy_from_slice(object.bytes());
        self.give_back(object);
        fitted
    }

    /// Drops objects until half of what may be kept is left. The farther from the last
    /// frame, the fewer stay: half as many at twice the distance. So what was dropped
    /// is made again from something near, and a chain costs not much more than its
    /// length, instead of the square of it.
    fn thin(&mut self) {
        for density in [64, 16, 4, 1, 0] {
            let mut next = 1;
            for (distance, frame) in self.frames.iter_mut().rev().enumerate().skip(1) {
                let Some(object) = &frame.object else { continue };
                if density > 0 && distance >= next {
                    next = distance + (distance / density).max(1);
                } else {
                    self.kept -= object.room();
                    frame.object = None;
                }
            }
            if self.kept <= self.most_kept / 2 {
                break;
            }
        }
    }

    /// Makes all notes but the last small.
    fn forget(&mut self) {
        let Some((_, others)) = self.frames.split_last_mut() else { return };
        for frame in others {
            self.noted -= self.visitor.room(&frame.note);
            self.visitor.forget(&mut frame.note);
            self.noted += self.visitor.room(&frame.note);
        }
    }

    /// Makes the last frame's object again if it was dropped, from the nearest one
    /// that is kept. Those on the way are kept too, as they will be needed next.
    fn fetch(&mut self) -> Result<(), ObjectError> {
        let Some(Frame { entry, object: None, .. }) = self.frames.last() else { return Ok(()) };
        let near = self.frames.iter().rposition(|frame| frame.object.is_some());
        let nearest = near.map(|at| self.frames[at].entry);
        let mut way = vec![*entry];
        while let Some(base) = self.what.forest.base(way[way.len() - 1]) {
            if Some(base) == nearest {
                break;
            }
            way.push(base);
        }
        // What is on the way and is done with has no frame any more.
        let mut next = near.map_or(0, |at| at + 1);
        let mut last: Option<(Buffer, Option<usize>)> = None;
        for entry in way.into_iter().rev() {
            let mut made = self.buffer();
            let kept = near.and_then(|at| self.frames[at].object.as_ref());
            let base = last.as_ref().map(|(object, _)| object).or(kept);
            match base {
                None => inflate(self.what, entry, &mut self.inflater, &mut made)?,
                Some(base) => {
                    let (base, limit) = (base.bytes(), self.what.limit);
                    inflate(self.what, entry, &mut self.inflater, &mut self.remade)?;
                    let delta = self.remade.bytes();
                    let delta = Delta::read(delta, base.len(), limit, &mut self.spans)?;
                    made.resize(delta.len);
                    delta.apply(base, made.bytes_mut());
                }
            }
            #[cfg(test)]
            {
                self.again += 1;
            }
            let frame = self.frames.get(next).is_some_and(|f| f.entry == entry).then_some(next);
            next += usize::from(frame.is_some());
            if let Some((object, frame)) = last.replace((made, frame)) {
                self.keep(object, frame);
            }
        }
        if let Some((object, frame)) = last {
            self.keep(object, frame);
        }
        Ok(())
    }

    /// Keeps an object that was made again, if others are to be made from it.
    fn keep(&mut self, object: Buffer, frame: Option<usize>) {
        let Some(frame) = frame else { return self.give_back(object) };
        let object = self.fitted(object);
        self.kept += object.room();
        self.frames[frame].object = Some(object);
        if self.kept > self.most_kept {
            self.thin();
        }
    }

    /// Tells that nothing that is made from `entry` can be had.
    fn lost(&mut self, entry: u32, error: &ObjectError) {
        let error = match error {
            ObjectError::TooLarge(size) => ObjectError::TooLarge(*size),
            _ => ObjectError::damaged("its base cannot be made"),
        };
        let mut lost: Vec<u32> = self.what.forest.children(entry).to_vec();
        while let Some(entry) = lost.pop() {
            self.visitor.failed(entry, error.clone());
            lost.extend_from_slice(self.what.forest.children(entry));
        }
    }
}

fn inflate(
    what: &Walk<'_>,
    entry: u32,
    inflater: &mut Inflater,
    out: &mut Buffer,
) -> Result<(), ObjectError> {
    let (data, end) = what.forest.data(entry);
    let size = u64::from(what.forest.size(entry));
    // A delta is hardly larger than what it makes.
    if size > what.limit as u64 + 1024 {
        return Err(ObjectError::TooLarge(size));
    }
    let header = Entry { data, size, base: Base::None(what.kind) };
    what.pack.inflate(&header, end, inflater, out)
}

#[cfg(test)]
mod bombs;

#[cfg(test)]
mod tests;
