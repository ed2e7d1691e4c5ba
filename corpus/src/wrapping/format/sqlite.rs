//! A database of SQLite with a file as a value of its one table, by "Database File Format"
//! of sqlite.org.

use std::io;

use super::Member;

/// Bytes of a page.
const PAGE: usize = 4096;
/// The most bytes of a row that a page of a table holds, and the least if there are more.
const MOST: usize = PAGE - 35;
const LEAST: usize = (PAGE - 12) * 32 / 255 - 23;
/// Bytes of a row in a page that only has a piece of one, behind the number of the next.
const PIECE: usize = PAGE - 4;

/// Bytes of the header of the file.
const HEADER: usize = 100;

const SCHEMA: &str = "CREATE TABLE files (id INTEGER PRIMARY KEY, path TEXT, content)";

/// A value of a row.
enum Value<'v> {
    Null,
    Integer(u8),
    Text(&'v str),
    Blob(&'v [u8]),
}

/// The database: text as text, all else as a blob.
pub(super) fn database(member: &Member) -> io::Result<Vec<u8>> {
    let content = match std::str::from_utf8(&member.bytes) {
        Ok(text) => Value::Text(text),
        Err(_) => Value::Blob(&member.bytes),
    };
    let row = record(&[Value::Null, Value::Text(&member.name), content]);
    let schema = record(&[
        Value::Text("table"),
        Value::Text("files"),
        Value::Text("files"),
        Value::Integer(2),
        Value::Text(SCHEMA),
    ]);
    let local = if row.len() <= MOST {
        row.len()
    } else {
        let local = LEAST + (row.len() - LEAST) % PIECE;
        if local <= MOST { local } else { LEAST }
    };
    let (inside, rest) = row.split_at(local);
    let mut cell = [varint(row.len() as u64), varint(1), inside.to_vec()].concat();
    if !rest.is_empty() {
        cell.extend(3_u32.to_be_bytes());
    }
    let mut pages = vec![leaf(HEADER, &[varint(schema.len() as u64), varint(1), schema].concat())];
    pages.push(leaf(0, &cell));
    let count = rest.chunks(PIECE).count();
    for (index, piece) in rest.chunks(PIECE).enumerate() {
        let next = if index + 1 == count {
            0
        } else {
            u32::try_from(index + 4).map_err(io::Error::other)?
        };
        let mut page = [&next.to_be_bytes()[..], piece].concat();
        page.resize(PAGE, 0);
        pages.push(page);
    }
    let total = u32::try_from(pages.len()).map_err(io::Error::other)?;
    let mut bytes = pages.concat();
    let header = header(total);
    bytes.splice(..header.len(), header);
    Ok(bytes)
}

fn header(pages: u32) -> Vec<u8> {
    let mut out = b"SQLite format 3\0".to_vec();
    out.extend((PAGE as u16).to_be_bytes());
    // The versions of the format, no reserved bytes, and the fractions that are fixed.
    out.extend([1, 1, 0, 64, 32, 32]);
    // Changes; pages; no free ones; changes of the schema; its format; no cache asked for;
    // no vacuum; UTF-8; then numbers that belong to users.
    let numbers = [1, pages, 0, 0, 1, 4, 0, 0, 1, 0, 0, 0];
    out.extend(numbers.into_iter().flat_map(u32::to_be_bytes));
    out.extend([0; 20]);
    out.extend([1, 3_045_000].into_iter().flat_map(u32::to_be_bytes));
    out
}

/// The page of a table with one cell; what stands before the page's own header is left
/// empty.
fn leaf(before: usize, cell: &[u8]) -> Vec<u8> {
    let start = PAGE - cell.len();
    let mut page = vec![0; before];
    page.extend([13, 0, 0, 0, 1]);
    page.extend((start as u16).to_be_bytes());
    page.push(0);
    page.extend((start as u16).to_be_bytes());
    page.resize(start, 0);
    page.extend(cell);
    page
}

fn record(values: &[Value<'_>]) -> Vec<u8> {
    let (mut kinds, mut body) = (Vec::new(), Vec::new());
    for value in values {
        match value {
            Value::Null => kinds.extend(varint(0)),
            Value::Integer(number) => {
                kinds.extend(varint(1));
                body.push(*number);
            }
            Value::Text(text) => {
                kinds.extend(varint(13 + 2 * text.len() as u64));
                body.extend(text.bytes());
            }
            Value::Blob(bytes) => {
                kinds.extend(varint(12 + 2 * bytes.len() as u64));
                body.extend(*bytes);
            }
        }
    }
    // Its own length is part of the header, which has less than 127 bytes here.
    [varint(kinds.len() as u64 + 1), kinds, body].concat()
}

/// A number of at most 56 bits, seven in each byte, the highest first.
fn varint(mut number: u64) -> Vec<u8> {
    let mut out = vec![(number & 0x7f) as u8];
    while number > 0x7f {
        number >>= 7;
        out.push(0x80 | (number & 0x7f) as u8);
    }
    out.reverse();
    out
}
