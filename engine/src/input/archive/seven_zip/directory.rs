//! The directory: what is packed where, how blocks are unpacked, and what the files in
//! them are called. Nothing of it is copied out; it is gone through once to see that it
//! is whole, and once to read by it.

use super::bytes::{Bits, Bytes};

/// Names of the directory's parts.
pub(super) mod id {
    pub(in super::super) const END: u64 = 0x00;
    pub(in super::super) const HEADER: u64 = 0x01;
    pub(super) const ARCHIVE_PROPERTIES: u64 = 0x02;
    pub(super) const ADDITIONAL_STREAMS: u64 = 0x03;
    pub(super) const MAIN_STREAMS: u64 = 0x04;
    pub(super) const FILES: u64 = 0x05;
    pub(super) const PACKED: u64 = 0x06;
    pub(super) const UNPACKED: u64 = 0x07;
    pub(super) const SUBSTREAMS: u64 = 0x08;
    pub(super) const SIZE: u64 = 0x09;
    pub(super) const SUMS: u64 = 0x0a;
    pub(super) const BLOCK: u64 = 0x0b;
    pub(super) const CODER_SIZES: u64 = 0x0c;
    pub(super) const SUBSTREAM_COUNT: u64 = 0x0d;
    pub(super) const EMPTY_STREAM: u64 = 0x0e;
    pub(super) const EMPTY_FILE: u64 = 0x0f;
    pub(super) const NAMES: u64 = 0x11;
    pub(in super::super) const ENCODED_HEADER: u64 = 0x17;
}

/// The most coders of a block, and inputs of them all.
const CODERS: u64 = 32;

/// Checksums, of which some may be missing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sums<'h> {
    defined: Bits<'h>,
    sums: Bytes<'h>,
    next: u64,
}

impl<'h> Sums<'h> {
    const NONE: Self = Self { defined: Bits::NONE, sums: Bytes(&[]), next: 0 };

    fn read(bytes: &mut Bytes<'h>, count: u64) -> Option<Self> {
        let defined = bytes.bits_or_all(count)?;
        let sums = bytes.take(defined.count(count).checked_mul(4)?)?;
        Some(Self { defined, sums: Bytes(sums), next: 0 })
    }

    fn next(&mut self) -> Option<u32> {
        let is_defined = self.defined.get(self.next);
        self.next += 1;
        if is_defined { self.sums.u32() } else { None }
    }
}

/// A step of unpacking: inputs become one output.
#[derive(Debug)]
pub(super) struct Coder<'h> {
    /// The method, as a number of up to eight bytes.
    pub(super) method: u64,
    pub(super) inputs: usize,
    pub(super) properties: &'h [u8],
    /// Bytes of its output.
    pub(super) size: u64,
}

/// What is packed as one, and may hold many files.
#[derive(Debug)]
pub(super) struct Block<'h> {
    pub(super) coders: Vec<Coder<'h>>,
    /// Inputs, counted through all coders, and the coders whose output they are.
    pub(super) bonds: Vec<(usize, usize)>,
    /// Inputs that are packed data: their number, where they stand, and their bytes.
    pub(super) packed: Vec<(usize, u64, u64)>,
    pub(super) sum: Option<u32>,
    /// Files in it.
    pub(super) files: u64,
}

impl<'h> Block<'h> {
    /// Reads how a block is unpacked, but not what is told elsewhere.
    fn read(bytes: &mut Bytes<'h>) -> Option<Self> {
        let count = bytes.number().filter(|count| (1..=CODERS).contains(count))?;
        let mut coders = Vec::new();
        let mut inputs = 0;
        for _ in 0..count {
            let flags = bytes.byte()?;
            let id = bytes.take(u64::from(flags & 0x0f)).filter(|id| id.len() <= 8)?;
            let method = id.iter().fold(0, |method, byte| method << 8 | u64::from(*byte));
            let (coder_inputs, outputs) =
                if flags & 0x10 != 0 { (bytes.number()?, bytes.number()?) } else { (1, 1) };
            let has_properties = flags & 0x20 != 0;
            let len = if has_properties { bytes.number()? } else { 0 };
            let properties = bytes.take(len)?;
            // What else is in the flags was never given a meaning.
            if outputs != 1 || coder_inputs > CODERS || flags & 0xc0 != 0 {
                return None;
            }
            inputs += coder_inputs;
            coders.push(Coder { method, inputs: coder_inputs as usize, properties, size: 0 });
        }
        if inputs > CODERS || inputs < count {
            return None;
        }
        let mut bonds = Vec::new();
        for _ in 1..count {
            let (input, output) = (bytes.number()?, bytes.number()?);
            let is_new = bonds.iter().all(|(i, o)| (*i as u64, *o as u64) != (input, output));
            if input >= inputs || output >= count || !is_new {
                return None;
            }
            bonds.push((input as usize, output as usize));
        }
        let is_bound = |input: usize| bonds.iter().any(|(bound, _)| *bound == input);
        let packed = match inputs - (count - 1) {
            1 => vec![((0..inputs as usize).find(|input| !is_bound(*input))?, 0, 0)],
            packed => {
                let input = || Some((bytes.number().filter(|i| *i < inputs)? as usize, 0, 0));
                std::iter::repeat_with(input).take(packed as usize).collect::<Option<_>>()?
            }
        };
        Some(Self { coders, bonds, packed, sum: None, files: 1 })
    }

    /// The coder whose output is that of the block.
    pub(super) fn main(&self) -> Option<usize> {
        (0..self.coders.len()).find(|coder| self.bonds.iter().all(|(_, bound)| bound != coder))
    }

    /// The bytes that it is unpacked to.
    pub(super) fn size(&self) -> Option<u64> {
        self.main().and_then(|main| self.coders.get(main)).map(|coder| coder.size)
    }
}

/// Where blocks stand, and what is in them.
#[derive(Debug, Clone)]
pub(super) struct Streams<'h> {
    /// Where the next packed data is.
    packed_at: u64,
    packed_sizes: Bytes<'h>,
    /// Blocks that are left.
    blocks: u64,
    coders: Bytes<'h>,
    sizes: Bytes<'h>,
    sums: Sums<'h>,
    counts: Option<Bytes<'h>>,
    file_sizes: Bytes<'h>,
    file_sums: Sums<'h>,
}

/// Bytes before what is packed: the archive's first header.
const BEFORE: u64 = 32;

impl<'h> Streams<'h> {
    const EMPTY: Self = Self {
        packed_at: 0,
        packed_sizes: Bytes(&[]),
        blocks: 0,
        coders: Bytes(&[]),
        sizes: Bytes(&[]),
        sums: Sums::NONE,
        counts: None,
        file_sizes: Bytes(&[]),
        file_sums: Sums::NONE,
    };

    pub(super) fn read(bytes: &mut Bytes<'h>) -> Option<Self> {
        let mut streams = Self::EMPTY;
        loop {
            match bytes.number()? {
                id::END => return Some(streams),
                id::PACKED => streams.read_packed(bytes)?,
                id::UNPACKED => streams.read_unpacked(bytes)?,
                id::SUBSTREAMS => streams.read_substreams(bytes)?,
                _ => return None,
            }
        }
    }

    fn read_packed(&mut self, bytes: &mut Bytes<'h>) -> Option<()> {
        self.packed_at = bytes.number()?.checked_add(BEFORE)?;
        let count = bytes.number()?;
        loop {
            match bytes.number()? {
                id::END => return Some(()),
                id::SIZE => {
                    self.packed_sizes = *bytes;
                    bytes.skip_numbers(count)?;
                }
                id::SUMS => {
                    Sums::read(bytes, count)?;
                }
                _ => return None,
            }
        }
    }

    fn read_unpacked(&mut self, bytes: &mut Bytes<'h>) -> Option<()> {
        let mut coders = 0;
        loop {
            match bytes.number()? {
                id::END => return Some(()),
                id::BLOCK => {
                    self.blocks = bytes.number()?;
                    // Never seen in another place.
                    if bytes.byte()? != 0 {
                        return None;
                    }
                    self.coders = *bytes;
                    for _ in 0..self.blocks {
                        coders += Block::read(bytes)?.coders.len() as u64;
                    }
                }
                id::CODER_SIZES => {
                    self.sizes = *bytes;
                    bytes.skip_numbers(coders)?;
                }
                id::SUMS => self.sums = Sums::read(bytes, self.blocks)?,
                _ => return None,
            }
        }
    }

    fn read_substreams(&mut self, bytes: &mut Bytes<'h>) -> Option<()> {
        let mut part = bytes.number()?;
        if part == id::SUBSTREAM_COUNT {
            self.counts = Some(*bytes);
            bytes.skip_numbers(self.blocks)?;
            part = bytes.number()?;
        }
        // Of each block the last size is what is left of the block's.
        let (mut sizes, mut sums) = (0_u64, 0_u64);
        let (mut counts, mut block_sums) = (self.counts, self.sums);
        for _ in 0..self.blocks {
            let count = counts.as_mut().map_or(Some(1), Bytes::number)?;
            sizes = sizes.checked_add(count.saturating_sub(1))?;
            let has_sum = block_sums.next().is_some() && count == 1;
            sums = sums.checked_add(if has_sum { 0 } else { count })?;
        }
        if part == id::SIZE {
            self.file_sizes = *bytes;
            bytes.skip_numbers(sizes)?;
            part = bytes.number()?;
        } else if sizes > 0 {
            return None;
        }
        if part == id::SUMS {
            self.file_sums = Sums::read(bytes, sums)?;
            part = bytes.number()?;
        }
        (part == id::END).then_some(())
    }

    /// The next block; `None` if there is none that is whole.
    pub(super) fn block(&mut self) -> Option<Block<'h>> {
        self.blocks = self.blocks.checked_sub(1)?;
        let mut block = Block::read(&mut self.coders)?;
        for coder in &mut block.coders {
            coder.size = self.sizes.number()?;
        }
        for (_, at, size) in &mut block.packed {
            *at = self.packed_at;
            *size = self.packed_sizes.number()?;
            self.packed_at = self.packed_at.checked_add(*size)?;
        }
        block.sum = self.sums.next();
        if let Some(counts) = &mut self.counts {
            block.files = counts.number()?;
        }
        Some(block)
    }

    /// The size of the next file of a block, if it is not the last, and its checksum.
    pub(super) fn file(
        &mut self,
        block: &Block<'_>,
        is_last: bool,
    ) -> Option<(Option<u64>, Option<u32>)> {
        let size = if is_last { None } else { Some(self.file_sizes.number()?) };
        let sum = match block.sum {
            Some(sum) if block.files == 1 => Some(sum),
            _ => self.file_sums.next(),
        };
        Some((size, sum))
    }
}

/// All that is in an archive.
#[derive(Debug)]
pub(super) struct Directory<'h> {
    pub(super) streams: Streams<'h>,
    pub(super) files: u64,
    /// Absent if what is packed has no name.
    pub(super) names: Option<Bytes<'h>>,
    /// Files without content, and directories.
    pub(super) is_empty: Bits<'h>,
    /// Which of those are files.
    pub(super) is_empty_file: Bits<'h>,
}

impl<'h> Directory<'h> {
    /// Reads a directory, behind its first byte.
    pub(super) fn read(bytes: &mut Bytes<'h>) -> Option<Self> {
        let mut directory = Self {
            streams: Streams::EMPTY,
            files: 0,
            names: None,
            is_empty: Bits::NONE,
            is_empty_file: Bits::NONE,
        };
        loop {
            match bytes.number()? {
                id::END => return Some(directory),
                id::ARCHIVE_PROPERTIES => {
                    while bytes.number()? != id::END {
                        let len = bytes.number()?;
                        bytes.take(len)?;
                    }
                }
                id::ADDITIONAL_STREAMS => {
                    Streams::read(bytes)?;
                }
                id::MAIN_STREAMS => directory.streams = Streams::read(bytes)?,
                id::FILES => directory.read_files(bytes)?,
                _ => return None,
            }
        }
    }

    fn read_files(&mut self, bytes: &mut Bytes<'h>) -> Option<()> {
        self.files = bytes.number()?;
        let mut empty = 0;
        loop {
            let part = bytes.number()?;
            if part == id::END {
                return Some(());
            }
            let len = bytes.number()?;
            let mut property = Bytes(bytes.take(len)?);
            match part {
                id::EMPTY_STREAM => {
                    self.is_empty = property.bits(self.files)?;
                    empty = self.is_empty.count(self.files);
                }
                id::EMPTY_FILE => self.is_empty_file = property.bits(empty)?,
                // In another place they were never seen.
                id::NAMES if property.byte()? == 0 => self.names = Some(property),
                // Times, attributes and padding.
                _ => {}
            }
        }
    }
}
