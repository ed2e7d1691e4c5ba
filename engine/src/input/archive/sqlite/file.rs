//! The file as pages, and which of them were visited.

use std::io::{self, Read, SeekFrom};

use super::super::damaged;
use super::super::{ReadSeek, refused};
use crate::input::open::Refused;
use crate::ledger::SkipKind;

/// The most pages of a file, which bounds what is remembered of them to 64 MiB.
const PAGES: u64 = 1 << 28;

/// How text is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16 { big_endian: bool },
}

/// What became of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// Nothing led to it.
    Unseen = 0,
    /// It is part of a tree.
    Tree = 1,
    /// It goes on with a row.
    Overflow = 2,
    /// It, or some of it, could not be read.
    Damaged = 3,
}

/// A database.
pub(super) struct Database<'c> {
    file: &'c mut (dyn ReadSeek + 'c),
    pub(super) page_size: usize,
    /// Bytes of a page without those at its end that extensions use.
    pub(super) usable: usize,
    /// Whole pages that there are.
    pub(super) pages: u32,
    pub(super) encoding: Encoding,
    /// What first was found wrong.
    pub(super) damage: Option<&'static str>,
    /// What became of each page, two bits each.
    seen: Vec<u8>,
    /// A page that is asked for once more for each of its rows.
    held: (u32, Vec<u8>),
}

/// The size of pages, in bytes, which a header states.
pub(super) fn page_size(header: &[u8]) -> Option<usize> {
    match u16_at(header, 16)? {
        1 => Some(1 << 16),
        size if size.is_power_of_two() && size >= 512 => Some(size.into()),
        _ => None,
    }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|bytes| u16::from_be_bytes(*bytes))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
}

impl<'c> Database<'c> {
    pub(super) fn open(file: &'c mut (dyn ReadSeek + 'c)) -> Result<Self, Refused> {
        let read = |file: &mut (dyn ReadSeek + 'c)| {
            let len = file.seek(SeekFrom::End(0))?;
            file.seek(SeekFrom::Start(0))?;
            let mut header = [0; 100];
            file.read_exact(&mut header)?;
            Ok((len, header))
        };
        let (len, header) = read(file).map_err(|e: io::Error| refused(&e))?;
        let page_size = page_size(&header).ok_or_else(|| damaged("pages of no size"))?;
        let usable = page_size - usize::from(header[20]);
        if usable < 480 {
            return Err(damaged("pages of no size"));
        }
        let pages = len.div_ceil(page_size as u64);
        if pages > PAGES {
            let detail = format!("a database of more than {PAGES} pages");
            return Err(Refused { kind: SkipKind::ArchiveLimit, detail });
        }
        let encoding = match u32_at(&header, 56) {
            Some(2) => Encoding::Utf16 { big_endian: false },
            Some(3) => Encoding::Utf16 { big_endian: true },
            _ => Encoding::Utf8,
        };
        // Older programs that wrote to the file do not keep the number of pages.
        let stated = u32_at(&header, 28).filter(|_| header[24..28] == header[92..96]);
        let is_short = stated.is_some_and(|stated| u64::from(stated) > pages)
            || !len.is_multiple_of(page_size as u64);
        Ok(Self {
            file,
            page_size,
            usable,
            pages: pages as u32,
            encoding,
            damage: is_short.then_some("the database ends before its last page"),
            seen: vec![0; pages.div_ceil(4) as usize],
            held: (0, Vec::new()),
        })
    }

    /// Forgets which pages were visited.
    pub(super) fn forget(&mut self) {
        self.seen.fill(0);
    }

    pub(super) fn damaged(&mut self, detail: &'static str) {
        self.damage.get_or_insert(detail);
    }

    pub(super) fn seen(&self, page: u32) -> Page {
        let bits = page
            .checked_sub(1)
            .map_or(0, |i| self.seen.get(i as usize / 4).map_or(0, |four| four >> (i % 4 * 2) & 3));
        match bits {
            0 => Page::Unseen,
            1 => Page::Tree,
            2 => Page::Overflow,
            _ => Page::Damaged,
        }
    }

    /// Remembers what became of a page; damage outlasts the rest.
    pub(super) fn mark(&mut self, page: u32, as_what: Page) {
        if let Some(i) = page.checked_sub(1)
            && let Some(four) = self.seen.get_mut(i as usize / 4)
        {
            *four |= (as_what as u8) << (i % 4 * 2);
        }
    }

    /// Reads a page that must not have been visited before. `None` if it was, or if there
    /// is none: every page belongs to one thing, so nothing is read twice.
    pub(super) fn visit(&mut self, page: u32, as_what: Page) -> io::Result<Option<Vec<u8>>> {
        if page == 0 || page > self.pages {
            self.damaged("a page that is not there");
            return Ok(None);
        }
        if self.seen(page) != Page::Unseen {
            self.damaged("a page that belongs to two things");
            return Ok(None);
        }
        let mut bytes = Vec::new();
        self.page(page, &mut bytes)?;
        self.mark(page, as_what);
        if bytes.len() < self.page_size {
            self.damaged("the database ends before its last page");
            self.mark(page, Page::Damaged);
            return Ok(None);
        }
        Ok(Some(bytes))
    }

    /// Reads a page once more that belongs to a row that could be read.
    pub(super) fn visit_again(&mut self, page: u32) -> io::Result<Option<Vec<u8>>> {
        if !matches!(self.seen(page), Page::Tree | Page::Overflow) {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        self.page(page, &mut bytes)?;
        Ok(Some(bytes))
    }

    /// The same for a page with many rows, which is read once for those that follow one
    /// another.
    pub(super) fn hold(&mut self, page: u32) -> io::Result<Option<&[u8]>> {
        if self.held.0 != page {
            self.held.0 = 0;
            let Some(bytes) = self.visit_again(page)? else { return Ok(None) };
            self.held = (page, bytes);
        }
        Ok(Some(&self.held.1))
    }

    /// Reads a page; the last one may be cut off.
    pub(super) fn page(&mut self, page: u32, bytes: &mut Vec<u8>) -> io::Result<()> {
        let at = u64::from(page.saturating_sub(1)) * self.page_size as u64;
        self.file.seek(SeekFrom::Start(at))?;
        bytes.clear();
        (&mut *self.file).take(self.page_size as u64).read_to_end(bytes).map(|_| ())
    }
}
