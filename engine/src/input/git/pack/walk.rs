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
/// that they are dropped, and made again when they are needed.
const KEPT: usize = 64 << 20;

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
    spans: Vec<Span>,
    unused: Vec<Buffer>,
    frames: Vec<Frame<V::Note>>,
    /// Room of the objects in `frames`.
    kept: usize,
}

impl<'w, V: Visitor> Walker<'w, V> {
    fn new(what: &'w Walk<'w>, visitor: V) -> Self {
        Self {
            what,
            visitor,
            inflater: Inflater::default(),
            delta: Buffer::default(),
            spans: Vec::new(),
            unused: Vec::new(),
            frames: Vec::new(),
            kept: 0,
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
        let mut object = self.unused.pop().unwrap_or_default();
        match inflate(self.what, entry, &mut self.inflater, &mut object) {
            Ok(()) => {
                let note = self.visitor.root(entry, object.bytes());
                self.descend(entry, object, note);
            }
            Err(error) => {
                self.unused.push(object);
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
                self.kept = 0;
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
        let mut room = self.unused.pop().unwrap_or_default();
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
            Ok(None) => self.unused.push(room),
            Err(error) => {
                self.unused.push(room);
                self.visitor.failed(entry, error.clone());
                self.lost(entry, &error);
            }
        }
    }

    fn descend(&mut self, entry: u32, object: Buffer, note: V::Note) {
        if self.what.forest.children(entry).is_empty() {
            self.unused.push(object);
            return;
        }
        self.kept += object.room();
        self.frames.push(Frame { entry, object: Some(object), note, next: 0 });
        if self.kept > KEPT {
            self.drop_objects();
        }
    }

    fn pop(&mut self) {
        if let Some(Frame { object: Some(object), .. }) = self.frames.pop() {
            self.kept -= object.room();
            // Small ones are used again, large ones given back.
            if object.room() <= 1 << 20 {
                self.unused.push(object);
            }
        }
    }

    /// Drops all objects but the last.
    fn drop_objects(&mut self) {
        let Some((_, others)) = self.frames.split_last_mut() else { return };
        for frame in others {
            if let Some(object) = frame.object.take() {
                self.kept -= object.room();
            }
        }
    }

    /// Makes the last frame's object again if it was dropped.
    fn fetch(&mut self) -> Result<(), ObjectError> {
        let Some(Frame { entry, object: None, .. }) = self.frames.last() else { return Ok(()) };
        let object = make(self.what, *entry, &mut self.inflater)?;
        self.kept += object.room();
        if let Some(frame) = self.frames.last_mut() {
            frame.object = Some(object);
        }
        Ok(())
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

/// Makes an object from its root on.
fn make(what: &Walk<'_>, entry: u32, inflater: &mut Inflater) -> Result<Buffer, ObjectError> {
    let mut chain = vec![entry];
    let mut at = entry;
    while let Some(base) = what.forest.base(at) {
        chain.push(base);
        at = base;
    }
    let (mut object, mut made, mut data) =
        (Buffer::default(), Buffer::default(), Buffer::default());
    let mut spans = Vec::new();
    for (i, entry) in chain.into_iter().rev().enumerate() {
        if i == 0 {
            inflate(what, entry, inflater, &mut object)?;
            continue;
        }
        inflate(what, entry, inflater, &mut data)?;
        let delta = Delta::read(data.bytes(), object.bytes().len(), what.limit, &mut spans)?;
        made.resize(delta.len);
        delta.apply(object.bytes(), made.bytes_mut());
        std::mem::swap(&mut object, &mut made);
    }
    Ok(object)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;
    use std::process::{Command, Stdio};

    use super::*;
    use crate::input::git::object::Objects;
    use crate::input::git::oid::{ObjectFormat, Oid};
    use crate::input::git::store::Store;

    fn git(directory: &Path, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        use std::io::Write;
        let mut child = Command::new("git")
            .args(["-c", "gc.auto=0", "-C"])
            .arg(directory)
            .args(arguments)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap().unwrap();
        assert!(output.status.success(), "git {arguments:?}");
        output.stdout
    }

    /// A repository with versions of a file, each packed as deltas of others.
    fn repository(options: &[&str], repack: &[&str]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        let at = directory.path();
        git(at, &[&["init", "-q"], options].concat(), b"");
        let mut import = Vec::new();
        let mut text: Vec<u8> = (0..400).flat_map(|i| format!("line {i}\n").into_bytes()).collect();
        for version in 0..40usize {
            let at = version * 83 % text.len();
            text.splice(at..at + 3, format!("<change {version}>").into_bytes());
            if version % 7 == 0 {
                let block: Vec<u8> = text.drain(100..900).collect();
                text.extend(block);
            }
            import.extend(format!("blob\ndata {}\n", text.len()).into_bytes());
            import.extend(&text);
            import.push(b'\n');
        }
        git(at, &["fast-import", "--quiet"], &import);
        let ids =
            git(at, &["cat-file", "--batch-all-objects", "--batch-check=%(objectname) f"], b"");
        let arguments = [&["pack-objects", "-q"][..], repack, &[".git/objects/pack/pack"]].concat();
        git(at, &arguments, &ids);
        git(at, &["prune-packed"], b"");
        directory
    }

    struct Collect {
        made: BTreeMap<u32, Vec<u8>>,
        failed: Vec<u32>,
    }

    impl Visitor for Collect {
        type Note = Vec<u8>;

        fn root(&mut self, entry: u32, object: &[u8]) -> Vec<u8> {
            self.made.insert(entry, object.to_vec());
            object.to_vec()
        }

        fn delta(&mut self, child: &mut Child<'_>, base: &Vec<u8>) -> Vec<u8> {
            assert_eq!(child.base, base);
            let object = child.object().to_vec();
            self.made.insert(child.entry, object.clone());
            object
        }

        fn large(&mut self, _: u32, _: &[u8]) {}

        fn failed(&mut self, entry: u32, _: ObjectError) {
            self.failed.push(entry);
        }

        fn stopped(&self) -> bool {
            false
        }
    }

    fn collected(store: &Store, limit: usize) -> (BTreeMap<Oid, Vec<u8>>, usize) {
        let mut made = BTreeMap::new();
        let mut failed = 0;
        for pack in store.packs() {
            let forest = Forest::of(pack, 2);
            assert!(forest.broken.is_empty(), "{:?}", forest.broken);
            let what = Walk { pack, forest: &forest, kind: Kind::Blob, limit };
            let visitor = || Collect { made: BTreeMap::new(), failed: Vec::new() };
            for visitor in walk(&what, vec![visitor(), visitor()]) {
                failed += visitor.failed.len();
                made.extend(
                    visitor
                        .made
                        .into_iter()
                        .map(|(entry, object)| (pack.index.oid(forest.position(entry)), object)),
                );
            }
        }
        (made, failed)
    }

    #[test]
    fn every_object_is_made_once_whatever_the_layout() {
        let layouts: [(&[&str], &[&str]); 4] = [
            (&[], &["--delta-base-offset"]),
            (&[], &["--no-delta-base-offset"]),
            (&[], &["--delta-base-offset", "--index-version=1"]),
            (&["--object-format=sha256"], &["--delta-base-offset"]),
        ];
        for (number, (options, repack)) in layouts.into_iter().enumerate() {
            let directory = repository(options, repack);
            let format = if options.is_empty() { ObjectFormat::Sha1 } else { ObjectFormat::Sha256 };
            let store = Store::open(&[directory.path().join(".git/objects")], format);
            assert!(store.troubles.is_empty(), "{:?}", store.troubles);
            let (made, failed) = collected(&store, 1 << 20);
            assert_eq!((made.len() >= 40, failed), (true, 0), "layout {number}");
            let mut whole = Vec::new();
            for (id, object) in &made {
                assert_eq!(store.read(id, 1 << 20, &mut whole), Ok(Kind::Blob));
                assert_eq!(&whole, object);
                let told = git(directory.path(), &["cat-file", "blob", &id.to_string()], b"");
                assert_eq!(&told, object);
            }
            let (_, failed) = collected(&store, 3000);
            assert!(failed > 0);
        }
    }
}
