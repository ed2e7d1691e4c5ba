//! Rows as text: a line each, a bar between columns.

use std::io::{self, Read};

use super::super::{Format, HEAD};
use super::file::{Database, Encoding};
use super::tree::{Cells, Payload, Place, varint};

/// The most bytes of what tells the columns of a row: as many columns as SQLite allows.
const COLUMNS: u64 = 9 << 15;

/// Bytes of text that are made at once.
const ROOM: usize = 32 << 10;

/// The most tables and indexes, and the most bytes of their names.
const TABLES: usize = 100_000;
const NAME: usize = 4 << 10;

/// The most values of a table, and the first columns, that are looked into.
const PACKED: usize = 1 << 20;
const PACKED_COLUMNS: usize = 64;

/// A table or an index.
pub(super) struct Table {
    pub(super) name: Vec<u8>,
    pub(super) root: u32,
    pub(super) is_index: bool,
}

/// All tables and indexes that the schema names.
pub(super) fn tables(database: &mut Database<'_>) -> io::Result<Vec<Table>> {
    let mut tables = Vec::new();
    let mut cells = Cells::new(1);
    while let Some(payload) = cells.next(database)? {
        let Some(mut row) = Row::new(payload, database)? else { continue };
        // The kind, the name, the table's name, the first page.
        let mut columns: [Vec<u8>; 4] = Default::default();
        for column in &mut columns {
            let Some(value) = row.value(database)? else { break };
            if let Some(text) = value.number {
                *column = text;
                continue;
            }
            loop {
                let mut rest = Vec::new();
                if !row.more(database, &mut rest)? {
                    break;
                }
                rest.truncate(NAME - column.len());
                column.extend(rest);
            }
        }
        row.payload.skip(database)?;
        let [kind, name, _, root] = columns;
        let root = std::str::from_utf8(&root).ok().and_then(|root| root.parse().ok());
        if let Some(root) = root.filter(|root| *root > 0) {
            if tables.len() == TABLES {
                database.damaged("more tables than are read");
                break;
            }
            tables.push(Table { name, root, is_index: kind == b"index" });
        }
    }
    Ok(tables)
}

/// The rows of a tree.
pub(super) struct Rows<'d, 'c> {
    pub(super) database: &'d mut Database<'c>,
    cells: Cells,
    row: Option<Row>,
    /// Values that are containers themselves.
    pub(super) packed: Vec<Packed>,
    /// Whether there are more of them.
    pub(super) has_more_packed: bool,
    /// What is ready, and how much of it was read.
    text: Vec<u8>,
    read: usize,
}

impl<'d, 'c> Rows<'d, 'c> {
    pub(super) fn new(database: &'d mut Database<'c>, root: u32) -> Self {
        Self {
            database,
            cells: Cells::new(root),
            row: None,
            packed: Vec::new(),
            has_more_packed: false,
            text: Vec::new(),
            read: 0,
        }
    }

    /// Makes some text ready; tells whether there is any.
    pub(super) fn fill(&mut self) -> io::Result<bool> {
        if self.read == self.text.len() {
            self.text.clear();
            self.read = 0;
        }
        while self.text.len() < ROOM {
            let Some(row) = &mut self.row else {
                let Some(payload) = self.cells.next(self.database)? else { break };
                self.row = Row::new(payload, self.database)?;
                continue;
            };
            let start = self.text.len();
            if row.more(self.database, &mut self.text)? {
                let head = &self.text[start..self.text.len().min(start + HEAD)];
                if std::mem::take(&mut row.is_new_blob)
                    && Format::of(head, b"").is_some_and(|format| !format.is_text())
                {
                    let packed = Packed { place: row.payload.place, column: row.column };
                    if self.packed.len() < PACKED && row.column <= PACKED_COLUMNS {
                        self.packed.push(packed);
                    } else {
                        self.has_more_packed = true;
                    }
                }
                continue;
            }
            let is_first = row.column == 0;
            match row.value(self.database)? {
                Some(value) => {
                    if !is_first {
                        self.text.push(b'|');
                    }
                    self.text.extend(value.number.unwrap_or_default());
                }
                None => {
                    self.text.push(b'\n');
                    self.row = None;
                }
            }
        }
        Ok(self.read < self.text.len())
    }

    /// Visits all pages that are left.
    pub(super) fn skip(&mut self) -> io::Result<()> {
        if let Some(mut row) = self.row.take() {
            row.payload.skip(self.database)?;
        }
        while let Some(mut payload) = self.cells.next(self.database)? {
            payload.skip(self.database)?;
        }
        Ok(())
    }
}

impl Read for Rows<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.read == self.text.len() && !self.fill()? {
            return Ok(0);
        }
        let read = (&self.text[self.read..]).read(out)?;
        self.read += read;
        Ok(read)
    }
}

/// A value that is a container.
pub(super) struct Packed {
    place: Place,
    column: usize,
}

/// A value by itself.
pub(super) struct Blob<'d, 'c> {
    database: &'d mut Database<'c>,
    row: Row,
}

impl<'d, 'c> Blob<'d, 'c> {
    /// Goes back to a value, which may have been overwritten since.
    pub(super) fn new(database: &'d mut Database<'c>, packed: &Packed) -> io::Result<Option<Self>> {
        let Some(payload) = Payload::again(packed.place, database)? else { return Ok(None) };
        let Some(mut row) = Row::new(payload, database)? else { return Ok(None) };
        let mut skipped = Vec::new();
        while row.column < packed.column {
            while row.more(database, &mut skipped)? {
                skipped.clear();
            }
            if row.value(database)?.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(Self { database, row }))
    }

    /// The numbers of its row and of its column.
    pub(super) fn name(&self) -> String {
        format!("{}/{}", self.row.payload.number as i64, self.row.column)
    }
}

impl Read for Blob<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = self.row.left.min(out.len() as u64);
        let next = self.row.payload.next(most, self.database)?;
        out[..next.len()].copy_from_slice(next);
        self.row.left -= next.len() as u64;
        Ok(next.len())
    }
}

/// A row, and how far it was read.
struct Row {
    payload: Payload,
    /// What tells the columns, and how much of it was read.
    columns: Vec<u8>,
    at: usize,
    /// The how manieth value is being read, from 1 on.
    column: usize,
    is_new_blob: bool,
    /// Bytes of the value that is being read.
    left: u64,
    text: Option<Utf16>,
}

/// What is known of a value before it is read.
struct Value {
    /// The whole of it, if it is a number.
    number: Option<Vec<u8>>,
}

impl Row {
    fn new(mut payload: Payload, database: &mut Database<'_>) -> io::Result<Option<Self>> {
        let mut columns = Vec::new();
        let mut len = None;
        while len.is_none_or(|len| (columns.len() as u64) < len) {
            let most = len.map_or(1, |len: u64| len - columns.len() as u64);
            let next = payload.next(most, database)?;
            if next.is_empty() {
                break;
            }
            columns.extend_from_slice(next);
            if len.is_none() {
                len = varint(&columns, &mut 0);
            }
            if len.is_some_and(|len| len > COLUMNS) {
                break;
            }
        }
        let mut start = 0;
        let stated = varint(&columns, &mut start);
        if stated.is_none_or(|stated| stated != columns.len() as u64) {
            database.damaged("a row that is none");
            payload.skip(database)?;
            return Ok(None);
        }
        Ok(Some(Self {
            payload,
            columns,
            at: start,
            column: 0,
            is_new_blob: false,
            left: 0,
            text: None,
        }))
    }

    /// Goes on with the next value; a number is read at once. `None` behind the last.
    fn value(&mut self, database: &mut Database<'_>) -> io::Result<Option<Value>> {
        self.text = None;
        self.column += 1;
        let Some(kind) = varint(&self.columns, &mut self.at) else {
            // Nothing should be left; what is, stands behind the columns.
            self.left = self.payload.left();
            return Ok((self.left > 0).then_some(Value { number: None }));
        };
        let number = match kind {
            0 => String::new(),
            1..=7 => {
                let len = [1, 2, 3, 4, 6, 8, 8][kind as usize - 1];
                let mut bytes = Vec::with_capacity(len);
                while bytes.len() < len {
                    let next = self.payload.next((len - bytes.len()) as u64, database)?;
                    if next.is_empty() {
                        database.damaged("a row that ends early");
                        return Ok(None);
                    }
                    bytes.extend_from_slice(next);
                }
                let negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
                let sign = if negative { -1 } else { 0 };
                let whole = bytes.iter().fold(sign, |n: i64, byte| n << 8 | i64::from(*byte));
                if kind == 7 { f64::from_bits(whole as u64).to_string() } else { whole.to_string() }
            }
            8 => "0".to_owned(),
            9 => "1".to_owned(),
            10 | 11 => {
                database.damaged("a value of no kind");
                String::new()
            }
            _ => {
                self.left = (kind - 12) / 2;
                self.is_new_blob = kind % 2 == 0;
                if kind % 2 == 1
                    && let Encoding::Utf16 { big_endian } = database.encoding
                {
                    self.text = Some(Utf16 { big_endian, odd: None, high: None });
                }
                return Ok(Some(Value { number: None }));
            }
        };
        Ok(Some(Value { number: Some(number.into_bytes()) }))
    }

    /// Appends more of a value, as UTF-8 if it is text; tells whether there was any.
    fn more(&mut self, database: &mut Database<'_>, out: &mut Vec<u8>) -> io::Result<bool> {
        if self.left == 0 {
            return Ok(false);
        }
        let next = self.payload.next(self.left, database)?;
        if next.is_empty() {
            self.left = 0;
            database.damaged("a row that ends early");
            return Ok(false);
        }
        self.left -= next.len() as u64;
        match &mut self.text {
            Some(text) => text.decode(next, out),
            None => out.extend_from_slice(next),
        }
        Ok(true)
    }
}

/// UTF-16 that comes in pieces of any length.
struct Utf16 {
    big_endian: bool,
    /// The first half of a unit.
    odd: Option<u8>,
    /// The first half of a character.
    high: Option<u16>,
}

impl Utf16 {
    fn decode(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for byte in bytes {
            let Some(first) = self.odd.take() else {
                self.odd = Some(*byte);
                continue;
            };
            let unit = match self.big_endian {
                true => u16::from_be_bytes([first, *byte]),
                false => u16::from_le_bytes([first, *byte]),
            };
            if (0xd800..0xdc00).contains(&unit) && self.high.is_none() {
                self.high = Some(unit);
                continue;
            }
            for character in char::decode_utf16(self.high.take().into_iter().chain([unit])) {
                let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
}
