//! Unpacking a block: its coders, one upon the other.

use std::io::{self, BufReader, Read};
use std::sync::{Mutex, PoisonError};

use liblzma::stream::{Filters, Stream};
use lzma_rust2::filter::bcj::BcjReader;
use lzma_rust2::filter::bcj2::Bcj2Reader;
use lzma_rust2::filter::delta::DeltaReader;

use super::super::compressed::{MEMORY, Zstd};
use super::super::source::Source;
use super::super::{LimitHit, refused};
use super::directory::{Block, Coder};
use crate::input::open::Refused;
use crate::ledger::SkipKind;

/// Bytes that are read at once.
const ROOM: usize = 64 << 10;

pub(super) type Unpacked<'r> = Box<dyn Read + Send + 'r>;

/// The methods, by 7-Zip's list of them.
mod method {
    pub(super) const COPY: u64 = 0x00;
    pub(super) const DELTA: u64 = 0x03;
    pub(super) const X86: [u64; 2] = [0x04, 0x0303_0103];
    pub(super) const PPC: [u64; 2] = [0x05, 0x0303_0205];
    pub(super) const IA64: [u64; 2] = [0x06, 0x0303_0401];
    pub(super) const ARM: [u64; 2] = [0x07, 0x0303_0501];
    pub(super) const ARM_THUMB: [u64; 2] = [0x08, 0x0303_0701];
    pub(super) const SPARC: [u64; 2] = [0x09, 0x0303_0805];
    pub(super) const ARM64: u64 = 0x0a;
    pub(super) const RISCV: u64 = 0x0b;
    pub(super) const LZMA2: u64 = 0x21;
    pub(super) const LZMA: u64 = 0x03_0101;
    pub(super) const BCJ2: u64 = 0x0303_011b;
    pub(super) const PPMD: u64 = 0x03_0401;
    pub(super) const DEFLATE: u64 = 0x04_0108;
    pub(super) const DEFLATE_64: u64 = 0x04_0109;
    pub(super) const BZIP2: u64 = 0x04_0202;
    pub(super) const ZSTD: u64 = 0x04f7_1101;
    pub(super) const AES: u64 = 0x06f1_0701;
}

/// Whether a method makes more of what it reads: of these one in a row is enough, more
/// would only hide how much work there is.
fn expands(method: u64) -> bool {
    use method::*;
    matches!(method, LZMA | LZMA2 | PPMD | DEFLATE | DEFLATE_64 | BZIP2 | ZSTD)
}

/// What is packed, in one of several places that are read at once.
struct Packed<'r, 's> {
    source: &'r Mutex<Source<'s>>,
    at: u64,
    left: u64,
}

impl Read for Packed<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(out.len());
        // It is whole between any two calls, poisoned or not.
        let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        let read = source.read_at(self.at, out.get_mut(..most).unwrap_or_default())?;
        if read == 0 && most > 0 {
            return Err(super::super::source::cut());
        }
        self.at += read as u64;
        self.left -= read as u64;
        Ok(read)
    }
}

/// Opens a block.
pub(super) fn open<'r>(
    block: &Block<'_>,
    source: &'r Mutex<Source<'_>>,
) -> Result<Unpacked<'r>, Refused> {
    if block.coders.iter().any(|coder| coder.method == method::AES) {
        return Err(Refused::new(SkipKind::EncryptedMember));
    }
    let main = block.main().ok_or_else(senseless)?;
    let mut opening =
        Opening { block, source, memory: MEMORY, left: vec![true; block.coders.len()] };
    opening.coder(main, false)
}

fn senseless() -> Refused {
    let detail = "a block whose parts do not fit each other".to_owned();
    Refused { kind: SkipKind::DamagedArchive, detail }
}

struct Opening<'b, 'r, 's> {
    block: &'b Block<'b>,
    source: &'r Mutex<Source<'s>>,
    /// What decoders may still ask for, in bytes.
    memory: u64,
    /// Coders that were not opened yet.
    left: Vec<bool>,
}

impl<'r> Opening<'_, 'r, '_> {
    fn coder(&mut self, index: usize, expanded: bool) -> Result<Unpacked<'r>, Refused> {
        let coder = self.block.coders.get(index).ok_or_else(senseless)?;
        if !self.left.get_mut(index).is_some_and(std::mem::take) {
            return Err(senseless());
        }
        let expands = expands(coder.method);
        if expands && expanded {
            return Err(unsupported("compressed more than once".to_owned()));
        }
        let first: usize = self.block.coders.iter().take(index).map(|coder| coder.inputs).sum();
        let mut inputs = Vec::new();
        for input in first..first + coder.inputs {
            let bond = self.block.bonds.iter().find(|(bound, _)| *bound == input);
            let unpacked = match bond {
                Some((_, output)) => self.coder(*output, expanded || expands)?,
                None => {
                    let packed = self.block.packed.iter().find(|(packed, ..)| *packed == input);
                    let (_, at, left) = *packed.ok_or_else(senseless)?;
                    Box::new(Packed { source: self.source, at, left })
                }
            };
            inputs.push(BufReader::with_capacity(ROOM, unpacked));
        }
        let unpacked = self.decoder(coder, inputs)?;
        // What ends without a mark ends here.
        Ok(Box::new(unpacked.take(coder.size)))
    }

    fn decoder(
        &mut self,
        coder: &Coder<'_>,
        mut inputs: Vec<BufReader<Unpacked<'r>>>,
    ) -> Result<Unpacked<'r>, Refused> {
        use method::*;
        let (method, properties) = (coder.method, coder.properties);
        if method == BCJ2 {
            if inputs.len() != 4 {
                return Err(senseless());
            }
            let reader = Bcj2Reader::try_new(inputs, coder.size);
            return Ok(Box::new(reader.map_err(|error| refused(&error))?));
        }
        let input = inputs.pop().filter(|_| inputs.is_empty()).ok_or_else(senseless)?;
        // Where the code begins in its program; never seen to be anything but 0.
        let start = match properties {
            [] => 0,
            _ => properties.first_chunk().map_or(0, |b| u32::from_le_bytes(*b)) as usize,
        };
        Ok(match method {
            COPY => Box::new(input),
            LZMA | LZMA2 => {
                let mut filters = Filters::new();
                let added = if method == LZMA {
                    let properties = self.lzma(properties, coder.size)?;
                    filters.lzma1_properties(&properties).map(drop)
                } else {
                    let properties = self.lzma2(properties, coder.size)?;
                    filters.lzma2_properties(&properties).map(drop)
                };
                let stream = added.and_then(|()| Stream::new_raw_decoder(&filters));
                let stream = stream.map_err(|error| refused(&error.into()))?;
                Box::new(liblzma::bufread::XzDecoder::new_stream(input, stream))
            }
            PPMD => {
                let [order, memory @ ..] = properties.first_chunk::<5>().ok_or_else(senseless)?;
                let memory = u32::from_le_bytes(*memory);
                self.ask(memory.into())?;
                let decoder = ppmd_rust::Ppmd7Decoder::new(input, (*order).into(), memory);
                Box::new(decoder.map_err(|_| senseless())?)
            }
            DEFLATE => Box::new(flate2::bufread::DeflateDecoder::new(input)),
            DEFLATE_64 => Box::new(deflate64::Deflate64Decoder::with_buffer(input)),
            BZIP2 => Box::new(bzip2::bufread::MultiBzDecoder::new(input)),
            ZSTD => Box::new(Zstd::buffered(input).map_err(|error| refused(&error))?),
            DELTA => {
                let distance = properties.first().map_or(1, |byte| usize::from(*byte) + 1);
                Box::new(DeltaReader::new(input, distance))
            }
            _ if X86.contains(&method) => Box::new(BcjReader::new_x86(input, start)),
            _ if PPC.contains(&method) => Box::new(BcjReader::new_ppc(input, start)),
            _ if IA64.contains(&method) => Box::new(BcjReader::new_ia64(input, start)),
            _ if ARM.contains(&method) => Box::new(BcjReader::new_arm(input, start)),
            _ if ARM_THUMB.contains(&method) => Box::new(BcjReader::new_arm_thumb(input, start)),
            _ if SPARC.contains(&method) => Box::new(BcjReader::new_sparc(input, start)),
            ARM64 => Box::new(BcjReader::new_arm64(input, start)),
            RISCV => Box::new(BcjReader::new_riscv(input, start)),
            _ => {
                return Err(unsupported(format!("packed by method {method:x}, which is not read")));
            }
        })
    }

    /// Asks for memory.
    fn ask(&mut self, memory: u64) -> Result<(), Refused> {
        let Some(left) = self.memory.checked_sub(memory) else {
            let hit = LimitHit(format!("dictionaries of more than {} MiB", MEMORY >> 20));
            return Err(refused(&hit.into()));
        };
        self.memory = left;
        Ok(())
    }

    /// The properties of LZMA with a dictionary that is no larger than what it unpacks.
    fn lzma(&mut self, properties: &[u8], size: u64) -> Result<[u8; 5], Refused> {
        let [bits, dictionary @ ..] = properties.first_chunk::<5>().ok_or_else(senseless)?;
        let dictionary = u64::from(u32::from_le_bytes(*dictionary)).min(size).max(1 << 12);
        self.ask(dictionary)?;
        let [a, b, c, d, ..] = dictionary.to_le_bytes();
        Ok([*bits, a, b, c, d])
    }

    /// The same for LZMA2, which states its dictionary as two or three times a power of
    /// two.
    fn lzma2(&mut self, properties: &[u8], size: u64) -> Result<[u8; 1], Refused> {
        let bytes = |property: u8| (2 | u64::from(property & 1)) << (property / 2 + 11);
        let stated = properties.first().copied().filter(|p| *p <= 40).ok_or_else(senseless)?;
        let needed = (0..stated).find(|property| bytes(*property) >= size).unwrap_or(stated);
        self.ask(bytes(needed))?;
        Ok([needed])
    }
}

fn unsupported(detail: String) -> Refused {
    Refused { kind: SkipKind::UnsupportedArchive, detail }
}
