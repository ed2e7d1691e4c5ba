//! Packs: most of a repository, in a few files.
//!
//! A pack is a row of entries, each compressed: whole objects, and deltas against
//! other objects of the pack. [`Forest`] links every delta to its base from the
//! entries' headers alone; [`walk`] makes all objects of one kind, each once, base
//! before delta, on all threads. Formats: git's `gitformat-pack(5)`.

mod bytes;
mod delta;
mod entry;
mod forest;
mod index;
mod walk;

use std::path::{Path, PathBuf};

use flate2::bufread::ZlibDecoder;

pub(crate) use bytes::Bytes;
pub(crate) use delta::{Delta, Source, Span};
pub(crate) use entry::{Base, Buffer, Entry, Inflater};
pub(crate) use forest::{Forest, Root};
pub(crate) use index::{Index, multi};
pub(crate) use walk::{Child, Visitor, Walk, walk};

use super::object::{Kind, ObjectError};
use super::oid::{ObjectFormat, Oid};

/// The longest chain of deltas that is followed; git makes them of 50, and
/// refuses more than 4,095.
const LONGEST_CHAIN: usize = 4096;

/// A pack and its index.
#[derive(Debug)]
pub(crate) struct Pack {
    /// The pack's file.
    pub(crate) path: PathBuf,
    pub(crate) index: Index,
    data: Bytes,
    id_len: usize,
    /// What is wrong with the pack as a whole; what it holds may be read still.
    pub(crate) trouble: Option<String>,
}

impl Pack {
    /// Opens the pack beside an index.
    pub(crate) fn open(index_path: &Path, format: ObjectFormat) -> Result<Self, String> {
        let path = index_path.with_extension("pack");
        let index = Bytes::map(index_path).map_err(|e| message(&e))?;
        let trailer = index.len().checked_sub(2 * format.id_len());
        let trailer = trailer.map(|at| index[at..at + format.id_len()].to_vec());
        let index = Index::open(index, format)?;
        let data = Bytes::map(&path).map_err(|e| message(&e))?;
        Ok(Self::new(path, data, index, format, trailer.as_deref()))
    }

    /// Opens a pack whose index is part of a multi-pack-index.
    pub(crate) fn open_indexed(
        path: &Path,
        index: Index,
        format: ObjectFormat,
    ) -> Result<Self, String> {
        let data = Bytes::map(path).map_err(|e| message(&e))?;
        Ok(Self::new(path.to_owned(), data, index, format, None))
    }

    /// A pack in memory.
    pub(crate) fn new(
        path: PathBuf,
        data: Bytes,
        index: Index,
        format: ObjectFormat,
        trailer: Option<&[u8]>,
    ) -> Self {
        let id_len = format.id_len();
        let mut pack = Self { path, index, data, id_len, trouble: None };
        pack.trouble = pack.check(trailer).err();
        pack
    }

    fn check(&self, trailer: Option<&[u8]>) -> Result<(), String> {
        let head = self.data.get(..12).ok_or("the pack ends early")?;
        let version = u32::from_be_bytes([head[4], head[5], head[6], head[7]]);
        let count = u32::from_be_bytes([head[8], head[9], head[10], head[11]]);
        if &head[..4] != b"PACK" || !(version == 2 || version == 3) {
            return Err("not a pack of version 2 or 3".to_owned());
        }
        // A multi-pack-index names an object in one of its packs only.
        if trailer.is_some() && count != self.index.count() {
            let indexed = self.index.count();
            return Err(format!("the pack holds {count} objects, its index {indexed}"));
        }
        if trailer.is_some_and(|known| known != self.id()) {
            return Err("the pack is not the one that its index was made for".to_owned());
        }
        Ok(())
    }

    /// What names the pack's content: its last bytes.
    pub(crate) fn id(&self) -> &[u8] {
        &self.data[self.data.len().saturating_sub(self.id_len)..]
    }

    /// Where the entries end.
    fn end(&self) -> u64 {
        self.data.len().saturating_sub(self.id_len) as u64
    }

    /// The entry at an offset.
    pub(crate) fn entry(&self, offset: u64) -> Result<Entry, ObjectError> {
        Entry::read(&self.data, offset, self.end(), self.id_len)
    }

    /// Tells that the bytes at an offset will be read soon.
    #[inline]
    pub(crate) fn prefetch(&self, offset: u64) {
        self.data.prefetch(offset);
    }

    /// Inflates an entry, whose data ends at or before `end`.
    pub(crate) fn inflate(
        &self,
        entry: &Entry,
        end: u64,
        inflater: &mut Inflater,
        out: &mut Buffer,
    ) -> Result<(), ObjectError> {
        inflater.inflate(self.compressed(entry, end), entry.size, out)
    }

    /// An entry's data, which ends at or before `end`.
    pub(crate) fn compressed(&self, entry: &Entry, end: u64) -> &[u8] {
        let end = end.min(self.end()).max(entry.data);
        self.data.get(entry.data as usize..end as usize).unwrap_or_default()
    }

    /// Opens a whole object, to be read in pieces.
    pub(crate) fn open_stream(
        &self,
        position: u32,
    ) -> Result<(Kind, u64, impl std::io::Read + Send + '_), ObjectError> {
        let offset = self.index.offset(position).ok_or_else(|| damaged("an offset beyond all"))?;
        let entry = self.entry(offset)?;
        let Base::None(kind) = entry.base else { return Err(ObjectError::TooLarge(entry.size)) };
        Ok((kind, entry.size, ZlibDecoder::new(self.compressed(&entry, u64::MAX))))
    }

    /// Reads one object: follows its deltas down to a whole object and makes it
    /// from there. `Err(Ok(id))` is the base that the pack does not hold.
    pub(crate) fn read(
        &self,
        position: u32,
        limit: usize,
        reader: &mut PackReader,
    ) -> Result<Kind, ReadError> {
        let offset = self.index.offset(position).ok_or_else(|| damaged("an offset beyond all"))?;
        let mut chain: Vec<Entry> = Vec::new();
        let mut offset = offset;
        let kind = loop {
            let entry = self.entry(offset)?;
            let base = entry.base.clone();
            chain.push(entry);
            if chain.len() > LONGEST_CHAIN {
                return Err(damaged("a chain of deltas without an end").into());
            }
            offset = match base {
                Base::None(kind) => break Some(kind),
                Base::Offset(base) => base,
                Base::Id(id) => match self.index.find(id.as_bytes()) {
                    Some(position) => self
                        .index
                        .offset(position)
                        .ok_or_else(|| damaged("an offset beyond all"))?,
                    None => {
                        if reader.external == Some(id) {
                            break None;
                        }
                        return Err(ReadError::BaseElsewhere(id));
                    }
                },
            };
        };
        let kind = match kind {
            Some(kind) => {
                let root = chain.pop().ok_or_else(|| damaged("no entry"))?;
                if root.size > limit as u64 {
                    return Err(ObjectError::TooLarge(root.size).into());
                }
                self.inflate(&root, u64::MAX, &mut reader.inflater, &mut reader.object)?;
                kind
            }
            // The caller has put the base where the object goes.
            None => reader.external_kind.ok_or_else(|| damaged("no base"))?,
        };
        while let Some(entry) = chain.pop() {
            if entry.size > limit as u64 + 1024 {
                return Err(ObjectError::TooLarge(entry.size).into());
            }
            self.inflate(&entry, u64::MAX, &mut reader.inflater, &mut reader.delta)?;
            let base = reader.object.bytes();
            let delta = Delta::read(reader.delta.bytes(), base.len(), limit, &mut reader.spans)?;
            reader.made.resize(delta.len);
            delta.apply(base, reader.made.bytes_mut());
            std::mem::swap(&mut reader.object, &mut reader.made);
        }
        Ok(kind)
    }
}

/// What reading one object needs, kept from one to the next.
#[derive(Default)]
pub(crate) struct PackReader {
    pub(crate) inflater: Inflater,
    /// The object that was read; before that, the base that another pack holds.
    pub(crate) object: Buffer,
    delta: Buffer,
    made: Buffer,
    spans: Vec<Span>,
    /// The id and the kind of the base in `object`.
    pub(crate) external: Option<Oid>,
    pub(crate) external_kind: Option<Kind>,
}

impl PackReader {
    /// Lends the base that the pack does not hold.
    pub(crate) fn lend(&mut self, id: Oid, kind: Kind, object: &[u8]) {
        self.object.resize(object.len());
        self.object.bytes_mut().copy_from_slice(object);
        self.external = Some(id);
        self.external_kind = Some(kind);
    }
}

/// Why an object was not read from a pack.
#[derive(Debug)]
pub(crate) enum ReadError {
    Object(ObjectError),
    /// It is made from an object that the pack does not hold.
    BaseElsewhere(Oid),
}

impl From<ObjectError> for ReadError {
    fn from(error: ObjectError) -> Self {
        Self::Object(error)
    }
}

fn damaged(what: &str) -> ObjectError {
    ObjectError::damaged(what)
}

fn message(error: &std::io::Error) -> String {
    crate::input::open::message(error)
}
