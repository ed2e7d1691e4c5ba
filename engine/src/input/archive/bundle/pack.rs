//! A pack without an index: where its entries are, and what is made from them.

use std::collections::HashMap;
use std::ops::ControlFlow;

use flate2::{Decompress, FlushDecompress, Status};
use sha1::{Digest, Sha1};

use crate::input::git::{Base, Buffer, Delta, Entry, Inflater, Kind, ObjectError, Oid, Span};

/// The most bytes of an object that is made; larger ones that are whole are streamed.
const LARGE: usize = 16 << 20;

/// Bytes of objects that are kept while others are made from them.
const KEPT: usize = 48 << 20;

const ID: usize = 20;

/// Takes objects.
pub(super) trait Taker {
    fn object(&mut self, kind: Kind, id: &Oid, object: &[u8]) -> ControlFlow<()>;

    /// A whole object that is too large to be made, compressed, whose entry begins there.
    fn large(&mut self, entry: u64, compressed: &[u8]) -> ControlFlow<()>;
}

/// A pack in memory.
pub(super) struct Pack<'p> {
    bytes: &'p [u8],
    /// In their order.
    entries: Vec<Placed>,
    /// Entries that are made from another one: the offset of that, and which.
    by_offset: Vec<(u64, u32)>,
    /// The same for those that name its id.
    by_id: HashMap<Oid, Vec<u32>>,
    /// Why there are not all entries.
    pub(super) trouble: Option<String>,
}

struct Placed {
    offset: u64,
    header: Entry,
    end: u64,
}

/// Which entries were made, or failed to be.
pub(super) struct Tried(Vec<bool>);

impl Tried {
    /// Whether one is tried for the first time.
    fn first(&mut self, number: u32) -> bool {
        self.0.get_mut(number as usize).is_some_and(|tried| !std::mem::replace(tried, true))
    }
}

/// What came of a walk: how many objects were not made, and why.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Walked {
    pub(super) damaged: u64,
    pub(super) large: u64,
    /// The taker had enough.
    pub(super) is_ended: bool,
}

/// An object from which others are made.
struct Frame {
    object: Vec<u8>,
    children: Vec<u32>,
}

impl<'p> Pack<'p> {
    /// Finds the entries of a pack.
    pub(super) fn split(bytes: &'p [u8]) -> Self {
        let mut pack = Self {
            bytes,
            entries: Vec::new(),
            by_offset: Vec::new(),
            by_id: HashMap::new(),
            trouble: None,
        };
        pack.trouble = pack.find().err();
        for (number, placed) in pack.entries.iter().enumerate() {
            let number = number as u32;
            match placed.header.base {
                Base::None(_) => {}
                Base::Offset(base) => pack.by_offset.push((base, number)),
                Base::Id(base) => pack.by_id.entry(base).or_default().push(number),
            }
        }
        pack.by_offset.sort_unstable();
        pack
    }

    fn find(&mut self) -> Result<(), String> {
        let Some((head, _)) = self.bytes.split_first_chunk::<12>() else {
            return Err("its pack ends early".to_owned());
        };
        let [b'P', b'A', b'C', b'K', 0, 0, 0, 2 | 3, count @ ..] = head else {
            return Err("it holds no pack of version 2 or 3".to_owned());
        };
        let count = u32::from_be_bytes(*count);
        let end = self.bytes.len().saturating_sub(ID) as u64;
        let mut state = Decompress::new(true);
        let mut at = head.len() as u64;
        for _ in 0..count {
            let header = Entry::read(self.bytes, at, end, ID).map_err(|e| e.to_string())?;
            let data = self.bytes.get(header.data as usize..end as usize).unwrap_or_default();
            let len = compressed(&mut state, data, header.size)
                .ok_or_else(|| format!("its pack is damaged at {at}"))?;
            let next = header.data + len;
            self.entries.push(Placed { offset: at, header, end: next });
            at = next;
        }
        if at != end {
            return Err("its pack holds more than it says".to_owned());
        }
        Ok(())
    }

    /// Makes every object of the wanted kinds, base before delta. Where a family of
    /// deltas is too deep and large to be held, the rest of it is left out and counted.
    pub(super) fn walk(
        &self,
        wants: &dyn Fn(Kind) -> bool,
        taker: &mut dyn Taker,
        tried: &mut Tried,
    ) -> Walked {
        let mut making = Making {
            pack: self,
            taker,
            walked: Walked::default(),
            tried,
            inflater: Inflater::default(),
            delta: Buffer::default(),
            spans: Vec::new(),
        };
        for (number, placed) in self.entries.iter().enumerate() {
            let Base::None(kind) = placed.header.base else { continue };
            if wants(kind) && making.family(number as u32, kind).is_break() {
                making.walked.is_ended = true;
                return making.walked;
            }
        }
        making.walked
    }

    /// How many entries were not even tried, and whether that is because the bases of some
    /// are not in the pack.
    pub(super) fn untried(&self, tried: &Tried) -> (u64, bool) {
        let is_untried = |number: &u32| tried.0.get(*number as usize) == Some(&false);
        let count = tried.0.iter().filter(|is_tried| !**is_tried).count() as u64;
        (count, self.by_id.values().flatten().any(is_untried))
    }

    /// None of its entries is tried.
    pub(super) fn none_tried(&self) -> Tried {
        Tried(vec![false; self.entries.len()])
    }

    fn placed(&self, number: u32) -> Option<&Placed> {
        self.entries.get(number as usize)
    }

    /// What is made from an object.
    fn children(&self, placed: &Placed, id: &Oid) -> Vec<u32> {
        let from = self.by_offset.partition_point(|(base, _)| *base < placed.offset);
        let here = self.by_offset.get(from..).unwrap_or_default();
        let here = here.iter().take_while(|(base, _)| *base == placed.offset).map(|(_, n)| *n);
        here.chain(self.by_id.get(id).into_iter().flatten().copied()).collect()
    }
}

/// Bytes of zlib data that is inflated to so many; `None` if it is not.
fn compressed(state: &mut Decompress, data: &[u8], size: u64) -> Option<u64> {
    let mut room = [0; 32 << 10];
    state.reset(true);
    loop {
        let rest = data.get(usize::try_from(state.total_in()).ok()?..)?;
        let before = (state.total_in(), state.total_out());
        let status = state.decompress(rest, &mut room, FlushDecompress::None).ok()?;
        match status {
            Status::StreamEnd => return (state.total_out() == size).then(|| state.total_in()),
            _ if state.total_out() > size => return None,
            _ if before == (state.total_in(), state.total_out()) => return None,
            _ => {}
        }
    }
}

struct Making<'m, 'p> {
    pack: &'m Pack<'p>,
    taker: &'m mut dyn Taker,
    walked: Walked,
    tried: &'m mut Tried,
    inflater: Inflater,
    delta: Buffer,
    spans: Vec<Span>,
}

impl Making<'_, '_> {
    /// Makes a whole object, and all that is made from it.
    fn family(&mut self, root: u32, kind: Kind) -> ControlFlow<()> {
        let Some(placed) = self.pack.placed(root).filter(|_| self.tried.first(root)) else {
            return ControlFlow::Continue(());
        };
        let data = self.pack.bytes.get(placed.header.data as usize..placed.end as usize);
        let data = data.unwrap_or_default();
        if placed.header.size > LARGE as u64 {
            return self.taker.large(placed.offset, data);
        }
        let mut object = Buffer::default();
        if self.inflater.inflate(data, placed.header.size, &mut object).is_err() {
            self.walked.damaged += 1;
            return ControlFlow::Continue(());
        }
        let mut kept = 0;
        let mut stack: Vec<Frame> = Vec::new();
        let first = self.take(root, kind, object.bytes().to_vec())?;
        drop(object);
        kept += first.object.len();
        stack.push(first);
        while let Some(frame) = stack.last_mut() {
            let Some(child) = frame.children.pop() else {
                kept -= frame.object.len();
                stack.pop();
                continue;
            };
            let made = self.child(child, &stack);
            if let Some(frame) = stack.last_mut().filter(|frame| frame.children.is_empty()) {
                // Nothing else is made from it: a chain keeps one object, however long.
                kept -= std::mem::take(&mut frame.object).len();
            }
            let Some(made) = made else { continue };
            if kept + made.len() > KEPT {
                self.walked.large += 1;
                continue;
            }
            let frame = self.take(child, kind, made)?;
            kept += frame.object.len();
            stack.push(frame);
        }
        ControlFlow::Continue(())
    }

    /// Makes an object from the last of these.
    fn child(&mut self, number: u32, stack: &[Frame]) -> Option<Vec<u8>> {
        let (placed, base) = (self.pack.placed(number)?, &stack.last()?.object);
        // An id may lead back.
        if !self.tried.first(number) {
            return None;
        }
        let data = self.pack.bytes.get(placed.header.data as usize..placed.end as usize)?;
        if placed.header.size > LARGE as u64 {
            self.walked.large += 1;
            return None;
        }
        let inflated = self.inflater.inflate(data, placed.header.size, &mut self.delta);
        let delta = inflated
            .and_then(|()| Delta::read(self.delta.bytes(), base.len(), LARGE, &mut self.spans));
        match delta {
            Ok(delta) => {
                let mut made = vec![0; delta.len];
                delta.apply(base, &mut made);
                Some(made)
            }
            Err(ObjectError::TooLarge(_)) => {
                self.walked.large += 1;
                None
            }
            Err(_) => {
                self.walked.damaged += 1;
                None
            }
        }
    }

    /// Hands an object on, and tells what is made from it.
    fn take(&mut self, number: u32, kind: Kind, object: Vec<u8>) -> ControlFlow<(), Frame> {
        let Some((placed, id)) = self.pack.placed(number).zip(id(kind, &object)) else {
            self.walked.damaged += 1;
            return ControlFlow::Continue(Frame { object: Vec::new(), children: Vec::new() });
        };
        self.taker.object(kind, &id, &object)?;
        ControlFlow::Continue(Frame { children: self.pack.children(placed, &id), object })
    }
}

/// An object's id. A bundle that was made to have two objects of one id gains nothing: both
/// are read.
fn id(kind: Kind, object: &[u8]) -> Option<Oid> {
    let mut hash = Sha1::new();
    hash.update(format!("{} {}\0", kind.name(), object.len()));
    hash.update(object);
    Oid::from_bytes(&hash.finalize())
}
