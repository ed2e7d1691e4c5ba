//! Frames of zstd, side by side.
//!
//! Writers that work in parallel (pzstd), and those that want to begin in the middle
//! (the seekable format), cut their content into frames that depend on nothing before
//! them (RFC 8878 §3). As long as several whole ones are at hand, each thread takes some;
//! what is large, states no size, is cut or damaged is left to the decoder that reads one
//! after the other, from that frame on.

use std::collections::VecDeque;
use std::io::{self, Cursor, Read};

use zstd::zstd_safe::{find_frame_compressed_size, get_frame_content_size};

use super::compressed::{WINDOW_LOG, Zstd};

/// Bytes of compressed content in which frames are looked for.
const SIGHT: usize = 8 << 20;

/// The most bytes that frames side by side may be unpacked to.
const UNPACKED: usize = 32 << 20;

/// Reads zstd with several threads where its frames allow.
pub(super) struct Frames<R: Read> {
    threads: usize,
    state: State<R>,
    /// What was unpacked and not read yet.
    ready: VecDeque<Cursor<Vec<u8>>>,
}

/// What was looked at, and what follows it.
type Rest<R> = io::BufReader<io::Chain<Cursor<Vec<u8>>, R>>;

enum State<R: Read> {
    /// Frames may follow.
    Held(Held<R>),
    /// The rest is read in one piece.
    Single(Box<Zstd<Rest<R>>>),
    /// Nothing more comes.
    Ended,
}

struct Held<R> {
    content: R,
    /// What was read of the content, from the next frame on.
    bytes: Vec<u8>,
    /// Whether there was a frame. Nothing at all is damaged.
    has_begun: bool,
}

/// A whole frame that states how long its content is.
struct Frame {
    len: usize,
    unpacked: usize,
}

impl<R: Read> Frames<R> {
    pub(super) fn new(content: R, threads: usize) -> Self {
        let held = Held { content, bytes: Vec::new(), has_begun: false };
        Self { threads, state: State::Held(held), ready: VecDeque::new() }
    }

    /// Unpacks the next frames, or goes over to reading one after the other.
    fn advance(&mut self) -> io::Result<()> {
        let State::Held(mut held) = std::mem::replace(&mut self.state, State::Ended) else {
            return Ok(());
        };
        held.fill()?;
        let frames = held.frames();
        let mut done = 0;
        if self.threads > 1 && frames.len() > 1 {
            for (frame, content) in frames.iter().zip(self.unpack(&held.bytes, &frames)) {
                let Some(content) = content else { break };
                done += frame.len;
                self.ready.push_back(Cursor::new(content));
            }
        }
        held.bytes.drain(..done);
        self.state = if done > 0 {
            held.has_begun = true;
            State::Held(held)
        } else if held.bytes.is_empty() && held.has_begun {
            State::Ended
        } else {
            let rest = Cursor::new(held.bytes).chain(held.content);
            State::Single(Box::new(Zstd::new(rest)?))
        };
        Ok(())
    }

    /// The content of each frame; `None` for one that is damaged.
    fn unpack(&self, bytes: &[u8], frames: &[Frame]) -> Vec<Option<Vec<u8>>> {
        let mut rest = bytes;
        let mut parts = Vec::with_capacity(frames.len());
        for frame in frames {
            let (part, behind) = rest.split_at(frame.len);
            parts.push((part, frame.unpacked));
            rest = behind;
        }
        let one = |(part, unpacked): &(&[u8], usize)| zstd::bulk::decompress(part, *unpacked).ok();
        let share = parts.len().div_ceil(self.threads);
        std::thread::scope(|scope| {
            let work = |parts: &[_]| parts.iter().map(one).collect::<Vec<_>>();
            let mut shares = parts.chunks(share);
            let own = shares.next().unwrap_or_default();
            let others: Vec<_> = shares.map(|parts| scope.spawn(move || work(parts))).collect();
            let mut all = work(own);
            // One that panicked has none of its frames.
            all.extend(others.into_iter().flat_map(|other| other.join().unwrap_or_default()));
            all
        })
    }
}

impl<R: Read> Held<R> {
    /// Reads until as much as is looked at is there, or nothing more comes.
    fn fill(&mut self) -> io::Result<()> {
        let room = SIGHT.saturating_sub(self.bytes.len()) as u64;
        match (&mut self.content).take(room).read_to_end(&mut self.bytes) {
            // What was read before it failed is unpacked; it will fail again.
            Err(error) if self.bytes.is_empty() => Err(error),
            _ => Ok(()),
        }
    }

    /// The whole frames at the beginning that may be unpacked side by side.
    fn frames(&self) -> Vec<Frame> {
        let (mut rest, mut room) = (&self.bytes[..], UNPACKED);
        let mut frames = Vec::new();
        while let Ok(len) = find_frame_compressed_size(rest) {
            // A frame that may be skipped has no content.
            let unpacked = match get_frame_content_size(rest) {
                Ok(Some(unpacked)) => usize::try_from(unpacked).unwrap_or(usize::MAX),
                _ => break,
            };
            if len == 0 || len > rest.len() || unpacked > room || !is_narrow(rest) {
                break;
            }
            room -= unpacked;
            rest = &rest[len..];
            frames.push(Frame { len, unpacked });
        }
        frames
    }
}

/// Whether a frame asks for a window that is given to one, too (RFC 8878 §3.1.1.1): a
/// single segment has none, and of others the logarithm is stated above ten.
fn is_narrow(frame: &[u8]) -> bool {
    const SINGLE_SEGMENT: u8 = 0x20;
    let is_skippable = !frame.starts_with(b"\x28\xb5\x2f\xfd");
    let window = |window: &u8| u32::from(window >> 3) + 10 < WINDOW_LOG;
    is_skippable
        || frame.get(4).is_some_and(|descriptor| descriptor & SINGLE_SEGMENT != 0)
        || frame.get(5).is_some_and(window)
}

impl<R: Read> Read for Frames<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            while let Some(next) = self.ready.front_mut() {
                match next.read(out)? {
                    0 if !out.is_empty() => drop(self.ready.pop_front()),
                    read => return Ok(read),
                }
            }
            match &mut self.state {
                State::Held(_) => self.advance()?,
                State::Single(decoder) => return decoder.read(out),
                State::Ended => return Ok(0),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(len: usize, seed: u32) -> Vec<u8> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b"abcdefgh \n"[(state >> 24) as usize % 10]
        };
        (0..len).map(|_| next()).collect()
    }

    /// What is read, and the error at the end.
    fn read(mut reader: impl Read) -> (Vec<u8>, Option<String>) {
        let mut out = Vec::new();
        let error = reader.read_to_end(&mut out).err().map(|error| error.to_string());
        (out, error)
    }

    /// A reader that gives a little at a time.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let len = out.len().min(1000).min(self.0.len());
            out[..len].copy_from_slice(&self.0[..len]);
            self.0 = &self.0[len..];
            Ok(len)
        }
    }

    fn same(packed: &[u8]) -> Vec<u8> {
        let single = read(Zstd::new(packed).unwrap());
        for threads in [1, 2, 3, 8] {
            let (out, error) = read(Frames::new(Slow(packed), threads));
            assert_eq!(error, single.1, "{threads} threads");
            assert_eq!(out.len(), single.0.len(), "{threads} threads");
            assert!(out == single.0, "{threads} threads");
        }
        single.0
    }

    #[test]
    fn side_by_side_is_one_after_the_other() {
        let mut packed = Vec::new();
        let mut plain = Vec::new();
        for seed in 0..23 {
            let part = content(1 + 40_000 * (seed as usize % 5), seed);
            packed.extend(zstd::bulk::compress(&part, 1).unwrap());
            if seed % 4 == 0 {
                // A frame to skip, as a table of contents is one.
                packed.extend(b"\x5e\x2a\x4d\x18\x05\0\0\0table");
            }
            plain.extend(part);
        }
        assert!(same(&packed) == plain);
        assert!(same(&[]).is_empty());
        // A frame in the middle that states no size.
        let mut streamed = packed.clone();
        streamed.extend(zstd::stream::encode_all(&plain[..], 1).unwrap());
        streamed.extend(&packed);
        assert_eq!(same(&streamed).len(), 3 * plain.len());
    }

    #[test]
    fn what_is_cut_or_damaged_is_read_as_far_as_it_goes() {
        let part = content(100_000, 7);
        let one = zstd::bulk::compress(&part, 1).unwrap();
        let packed = one.repeat(6);
        for len in [one.len() - 1, one.len() + 3, 3 * one.len() + 100, packed.len() - 1] {
            same(&packed[..len]);
        }
        for at in [0, 4, one.len() / 2, 2 * one.len() + 1, 3 * one.len() + 5, packed.len() - 2] {
            let mut damaged = packed.clone();
            damaged[at] ^= 0x55;
            same(&damaged);
        }
        let mut behind = packed;
        behind.extend(b"what is no frame");
        same(&behind);
    }

    #[test]
    fn a_large_frame_is_not_held() {
        let zeros = vec![0; UNPACKED + 1];
        let mut packed = zstd::bulk::compress(b"first", 1).unwrap();
        packed.extend(zstd::bulk::compress(&zeros, 1).unwrap());
        packed.extend(zstd::bulk::compress(b"last", 1).unwrap());
        let held = Held { content: io::empty(), bytes: packed.clone(), has_begun: false };
        assert_eq!(held.frames().len(), 1);
        assert_eq!(same(&packed).len(), zeros.len() + 9);
    }
}
