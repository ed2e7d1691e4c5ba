//! Bytes of a directory, read one after the other.

/// What is left to be read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bytes<'b>(pub(super) &'b [u8]);

impl<'b> Bytes<'b> {
    pub(super) fn take(&mut self, len: u64) -> Option<&'b [u8]> {
        let (taken, left) = self.0.split_at_checked(usize::try_from(len).ok()?)?;
        self.0 = left;
        Some(taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.take(4)?.first_chunk().map(|b| u32::from_le_bytes(*b))
    }

    /// A number: as many ones as its first byte begins with, so many bytes follow, the
    /// low one first; what else is in the first byte is above them.
    pub(super) fn number(&mut self) -> Option<u64> {
        let first = self.byte()?;
        let more = first.leading_ones();
        let mut number = 0;
        for i in 0..more {
            number |= u64::from(self.byte()?) << (8 * i);
        }
        if more < 7 {
            number |= u64::from(first & (0x7f >> more)) << (8 * more);
        }
        Some(number)
    }

    /// Skips numbers.
    pub(super) fn skip_numbers(&mut self, count: u64) -> Option<()> {
        (0..count).try_for_each(|_| self.number().map(drop))
    }

    /// A bit for each of `count` things.
    pub(super) fn bits(&mut self, count: u64) -> Option<Bits<'b>> {
        self.take(count.div_ceil(8)).map(|bytes| Bits(Some(bytes)))
    }

    /// The same, where one byte may say that all are set.
    pub(super) fn bits_or_all(&mut self, count: u64) -> Option<Bits<'b>> {
        if self.byte()? == 0 { self.bits(count) } else { Some(Bits(None)) }
    }

    /// A name in UTF-16 that ends with a zero; what is no character is replaced.
    pub(super) fn name(&mut self) -> Option<String> {
        let end = self.0.chunks_exact(2).position(|unit| unit == [0, 0])?;
        let name = self.take(2 * end as u64)?;
        self.take(2)?;
        let units = name.as_chunks().0.iter().map(|unit| u16::from_le_bytes(*unit));
        Some(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
    }
}

/// A row of bits, the first the highest of its byte; `None` if all are set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bits<'b>(Option<&'b [u8]>);

impl Bits<'_> {
    /// No bit is set.
    pub(super) const NONE: Self = Self(Some(&[]));

    pub(super) fn get(&self, index: u64) -> bool {
        let Some(bytes) = self.0 else { return true };
        let byte = usize::try_from(index / 8).ok().and_then(|i| bytes.get(i));
        byte.is_some_and(|byte| byte & (0x80 >> (index % 8)) != 0)
    }

    /// How many of the first bits are set.
    pub(super) fn count(&self, of: u64) -> u64 {
        match self.0 {
            None => of,
            Some(_) => (0..of).filter(|i| self.get(*i)).count() as u64,
        }
    }
}
