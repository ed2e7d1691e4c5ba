//! The trees that tables and indexes are: pages of cells, each of which holds a row.

use std::io;

use super::file::{Database, Page, u16_at, u32_at};

/// The most levels of a tree; SQLite goes no deeper itself.
const DEPTH: usize = 20;

const INDEX_INNER: u8 = 2;
const TABLE_INNER: u8 = 5;
const INDEX_LEAF: u8 = 10;
const TABLE_LEAF: u8 = 13;

/// What a page of a tree begins with.
pub(super) struct Head {
    kind: u8,
    /// Where the places of the cells stand.
    pub(super) cells: usize,
    pub(super) count: usize,
    /// The first unused piece between cells.
    pub(super) free: u16,
    /// Where the cells begin.
    pub(super) content: usize,
    /// The page behind the last cell's.
    right: Option<u32>,
}

impl Head {
    pub(super) fn parse(bytes: &[u8], page: u32) -> Option<Self> {
        // The first page has the file's header before it.
        let at = if page == 1 { 100 } else { 0 };
        let kind = *bytes.get(at)?;
        let is_inner = match kind {
            INDEX_INNER | TABLE_INNER => true,
            INDEX_LEAF | TABLE_LEAF => false,
            _ => return None,
        };
        let cells = at + if is_inner { 12 } else { 8 };
        let count = usize::from(u16_at(bytes, at + 3)?);
        let content = match u16_at(bytes, at + 5)? {
            0 => 1 << 16,
            content => usize::from(content),
        };
        let right = if is_inner { Some(u32_at(bytes, at + 8)?) } else { None };
        (cells + 2 * count <= bytes.len()).then_some(Self {
            kind,
            cells,
            count,
            free: u16_at(bytes, at + 1)?,
            content,
            right,
        })
    }

    /// A cell of the page.
    fn cell(&self, bytes: &[u8], place: Place, usable: usize) -> Option<Cell> {
        let at = u16_at(bytes, self.cells + 2 * place.cell)?.into();
        Cell::parse(bytes, self.kind, at, place, usable)
    }
}

/// Where a row is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    page: u32,
    /// The how manieth of the page.
    cell: usize,
}

/// A page, and how far its cells were read.
struct Level {
    page: u32,
    bytes: Vec<u8>,
    head: Head,
    next: usize,
    /// Bytes of the cells that were read; they do not overlap.
    used: usize,
}

/// All cells of a tree.
pub(super) struct Cells {
    levels: Vec<Level>,
    /// The page to go on with.
    next: Option<u32>,
}

impl Cells {
    pub(super) fn new(root: u32) -> Self {
        Self { levels: Vec::new(), next: Some(root) }
    }

    /// The row in the next cell.
    pub(super) fn next(&mut self, database: &mut Database<'_>) -> io::Result<Option<Payload>> {
        loop {
            if let Some(page) = self.next.take() {
                self.enter(page, database)?;
            }
            let Some(level) = self.levels.last_mut() else { return Ok(None) };
            if level.next == level.head.count {
                self.next = level.head.right.take();
                if self.next.is_none() {
                    self.levels.pop();
                }
                continue;
            }
            let place = Place { page: level.page, cell: level.next };
            level.next += 1;
            let Some(cell) = level.head.cell(&level.bytes, place, database.usable) else {
                database.damaged("a row that is none");
                database.mark(level.page, Page::Damaged);
                continue;
            };
            level.used += cell.used;
            if level.used > level.bytes.len() {
                database.damaged("rows that overlap");
                database.mark(level.page, Page::Damaged);
                level.next = level.head.count;
                continue;
            }
            self.next = cell.child;
            if let Some(payload) = cell.payload {
                return Ok(Some(payload));
            }
        }
    }

    fn enter(&mut self, page: u32, database: &mut Database<'_>) -> io::Result<()> {
        if self.levels.len() == DEPTH {
            database.damaged("a tree that is too deep");
            return Ok(());
        }
        let Some(bytes) = database.visit(page, Page::Tree)? else { return Ok(()) };
        match Head::parse(&bytes, page) {
            Some(head) => self.levels.push(Level { page, bytes, head, next: 0, used: 0 }),
            None => {
                database.damaged("a page of no kind");
                database.mark(page, Page::Damaged);
            }
        }
        Ok(())
    }
}

struct Cell {
    /// The page with the rows before it.
    child: Option<u32>,
    payload: Option<Payload>,
    /// Bytes that it takes up in the page, with its place.
    used: usize,
}

impl Cell {
    fn parse(page: &[u8], kind: u8, at: usize, place: Place, usable: usize) -> Option<Self> {
        let page = page.get(..usable)?;
        let start = at;
        let mut at = at;
        let mut child = None;
        if matches!(kind, INDEX_INNER | TABLE_INNER) {
            child = Some(u32_at(page, at)?);
            at += 4;
        }
        if kind == TABLE_INNER {
            return Some(Self { child, payload: None, used: 6 });
        }
        let left = varint(page, &mut at)?;
        let number = if kind == TABLE_LEAF { varint(page, &mut at)? } else { 0 };
        let most = if kind == TABLE_LEAF { usable - 35 } else { (usable - 12) * 64 / 255 - 23 };
        let least = (usable - 12) * 32 / 255 - 23;
        let (local, overflows) = match usize::try_from(left) {
            Ok(left) if left <= most => (left, false),
            _ => {
                let behind = left.checked_sub(least as u64)? % (usable as u64 - 4);
                let fitting = least + behind as usize;
                (if fitting <= most { fitting } else { least }, true)
            }
        };
        let bytes = page.get(at..at + local)?.to_vec();
        at += local;
        let overflow = if overflows { u32_at(page, at)? } else { 0 };
        at += if overflows { 4 } else { 0 };
        let used = (at - start).max(4) + 2;
        let payload = Payload { place, number, is_again: false, bytes, read: 0, left, overflow };
        Some(Self { child, payload: Some(payload), used })
    }
}

/// A number of one to nine bytes, seven bits in each but the ninth.
pub(super) fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut number = 0;
    for i in 0..9 {
        let byte = *bytes.get(*at)?;
        *at += 1;
        if i == 8 {
            return Some(number << 8 | u64::from(byte));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(number)
}

/// A row as it is stored: the beginning in the tree, the rest in pages of its own.
pub(super) struct Payload {
    pub(super) place: Place,
    /// The row's number; 0 in tables that have none.
    pub(super) number: u64,
    /// Whether its pages were visited before.
    is_again: bool,
    /// What is at hand, and how much of it was read.
    bytes: Vec<u8>,
    read: usize,
    /// Bytes that are still to be read, of all pages.
    left: u64,
    /// The page that goes on.
    overflow: u32,
}

impl Payload {
    /// A row that was read before.
    pub(super) fn again(place: Place, database: &mut Database<'_>) -> io::Result<Option<Self>> {
        let usable = database.usable;
        let Some(page) = database.hold(place.page)? else { return Ok(None) };
        let cell = Head::parse(page, place.page)
            .filter(|head| place.cell < head.count)
            .and_then(|head| head.cell(page, place, usable));
        let payload = cell.and_then(|cell| cell.payload);
        Ok(payload.map(|payload| Self { is_again: true, ..payload }))
    }

    /// Bytes that are still to be read.
    pub(super) fn left(&self) -> u64 {
        self.left
    }

    /// The next bytes, at least one and at most so many, if there are.
    pub(super) fn next(&mut self, most: u64, database: &mut Database<'_>) -> io::Result<&[u8]> {
        if self.left > 0 && self.read == self.bytes.len() {
            let page = match self.is_again {
                true => database.visit_again(self.overflow)?,
                false => database.visit(self.overflow, Page::Overflow)?,
            };
            match page {
                Some(mut page) => {
                    self.overflow = u32_at(&page, 0).unwrap_or_default();
                    page.truncate(database.usable);
                    self.bytes = page;
                    self.read = 4;
                }
                None => self.left = 0,
            }
        }
        let at_hand = self.bytes.get(self.read..).unwrap_or_default();
        let len = (at_hand.len() as u64).min(most).min(self.left) as usize;
        self.read += len;
        self.left -= len as u64;
        Ok(&at_hand[..len])
    }

    /// Visits all pages that are left.
    pub(super) fn skip(&mut self, database: &mut Database<'_>) -> io::Result<()> {
        while self.left > 0 {
            self.next(u64::MAX, database)?;
        }
        Ok(())
    }
}
