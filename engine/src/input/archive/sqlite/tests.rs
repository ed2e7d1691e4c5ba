//! Databases, written here page by page.

use std::io::Read;

use super::super::drained::drained;
use super::super::{Format, HEAD};
use crate::ledger::SkipKind;

const PAGE: usize = 512;

fn varint(number: u64) -> Vec<u8> {
    let mut groups = vec![(number & 0x7f) as u8];
    let mut rest = number >> 7;
    while rest > 0 {
        groups.insert(0, (rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    groups
}

/// A value as it is stored: its kind and its bytes.
type Value = (u64, Vec<u8>);

fn text(text: &str) -> Value {
    (13 + 2 * text.len() as u64, text.into())
}

fn utf16(text: &str, big_endian: bool) -> Value {
    let bytes = |unit: u16| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() };
    let bytes: Vec<u8> = text.encode_utf16().flat_map(bytes).collect();
    (13 + 2 * bytes.len() as u64, bytes)
}

fn blob(bytes: &[u8]) -> Value {
    (12 + 2 * bytes.len() as u64, bytes.to_vec())
}

fn number(number: u8) -> Value {
    (1, vec![number])
}

fn record(values: &[Value]) -> Vec<u8> {
    let kinds: Vec<u8> = values.iter().flat_map(|(kind, _)| varint(*kind)).collect();
    let len = kinds.len() + 1;
    let len = varint((if len > 127 { len + 1 } else { len }) as u64);
    let data = values.iter().flat_map(|(_, bytes)| bytes.clone());
    len.into_iter().chain(kinds).chain(data).collect()
}

/// A database that grows.
struct Built {
    pages: Vec<Vec<u8>>,
    encoding: u8,
}

impl Built {
    fn new(encoding: u8) -> Self {
        Self { pages: vec![vec![0; PAGE]], encoding }
    }

    fn page(&mut self) -> u32 {
        self.pages.push(vec![0; PAGE]);
        self.pages.len() as u32
    }

    /// A cell of a table's leaf; what does not fit goes on in pages of its own.
    fn cell(&mut self, row: u64, values: &[Value]) -> Vec<u8> {
        let record = record(values);
        let mut cell = [varint(record.len() as u64), varint(row)].concat();
        cell.extend(self.payload(&record, PAGE - 35));
        cell
    }

    fn payload(&mut self, record: &[u8], most: usize) -> Vec<u8> {
        if record.len() <= most {
            return record.to_vec();
        }
        let least = (PAGE - 12) * 32 / 255 - 23;
        let fitting = least + (record.len() - least) % (PAGE - 4);
        let (local, rest) = record.split_at(if fitting <= most { fitting } else { least });
        let first = self.pages.len() as u32 + 1;
        let chunks: Vec<_> = rest.chunks(PAGE - 4).map(<[u8]>::to_vec).collect();
        for (i, chunk) in chunks.iter().enumerate() {
            let page = self.page();
            let next = if i + 1 < chunks.len() { page + 1 } else { 0 };
            let page = &mut self.pages[page as usize - 1];
            page[..4].copy_from_slice(&next.to_be_bytes());
            page[4..4 + chunk.len()].copy_from_slice(chunk);
        }
        [local, &first.to_be_bytes()].concat()
    }

    /// Writes a page of a tree.
    fn tree(&mut self, page: u32, kind: u8, cells: &[Vec<u8>], right: Option<u32>) {
        let at = if page == 1 { 100 } else { 0 };
        let bytes = &mut self.pages[page as usize - 1];
        bytes[at] = kind;
        bytes[at + 3..at + 5].copy_from_slice(&(cells.len() as u16).to_be_bytes());
        let mut place = at + 8;
        if let Some(right) = right {
            bytes[at + 8..at + 12].copy_from_slice(&right.to_be_bytes());
            place += 4;
        }
        let mut end = PAGE;
        for cell in cells {
            end -= cell.len();
            bytes[end..end + cell.len()].copy_from_slice(cell);
            bytes[place..place + 2].copy_from_slice(&(end as u16).to_be_bytes());
            place += 2;
        }
        bytes[at + 5..at + 7].copy_from_slice(&(end as u16).to_be_bytes());
        assert!(place <= end, "the page is full");
    }

    fn schema(&mut self, entries: &[(&str, &str, u32)]) {
        let encode = |value: &str| match self.encoding {
            1 => text(value),
            encoding => utf16(value, encoding == 3),
        };
        let rows: Vec<Vec<Value>> = entries
            .iter()
            .map(|(kind, name, root)| {
                vec![encode(kind), encode(name), encode("t"), number(*root as u8), encode("SQL")]
            })
            .collect();
        let cells: Vec<_> = (1..).zip(&rows).map(|(row, values)| self.cell(row, values)).collect();
        self.tree(1, 13, &cells, None);
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.pages.concat();
        bytes[..16].copy_from_slice(b"SQLite format 3\0");
        bytes[16..18].copy_from_slice(&(PAGE as u16).to_be_bytes());
        bytes[18..24].copy_from_slice(&[1, 1, 0, 64, 32, 32]);
        bytes[28..32].copy_from_slice(&(self.pages.len() as u32).to_be_bytes());
        bytes[59] = self.encoding;
        bytes
    }
}

fn member(name: &str, content: impl AsRef<[u8]>) -> (String, Vec<u8>) {
    (name.to_owned(), content.as_ref().to_vec())
}

#[test]
fn tables_are_members_and_rows_are_lines() {
    let mut built = Built::new(1);
    let (root, left, right) = (built.page(), built.page(), built.page());
    let long = "long ".repeat(1_000);
    let rows = [
        built.cell(1, &[text("one"), number(0xff), (0, vec![]), (8, vec![])]),
        built.cell(2, &[text(""), blob(b"\0bytes"), (9, vec![]), (6, vec![0; 8])]),
    ];
    built.tree(left, 13, &rows, None);
    let half = 1.5_f64.to_be_bytes().to_vec();
    let rows = [built.cell(4, &[(7, half), text(&long), (2, vec![1, 0])])];
    built.tree(right, 13, &rows, None);
    built.tree(root, 5, &[[&left.to_be_bytes()[..], &[3]].concat()], Some(right));
    let empty = built.page();
    built.tree(empty, 13, &[], None);
    built.schema(&[("table", "t/../1", root), ("table", "empty", empty), ("view", "v", 0)]);
    let all = [
        member("sqlite_schema", "table|t/../1|t|2|SQL\ntable|empty|t|18|SQL\nview|v|t|0|SQL\n"),
        member("t/../1", format!("one|-1||0\n|\0bytes|1|0\n1.5|{long}|256\n")),
    ];
    // How many pages the long row took.
    let mut all = all.to_vec();
    all[0].1 = format!("table|t/../1|t|2|SQL\ntable|empty|t|{empty}|SQL\nview|v|t|0|SQL\n").into();
    assert_eq!(drained(&built.bytes()), (all, None));
}

#[test]
fn text_of_both_orders_of_utf_16_becomes_utf_8() {
    for (encoding, big_endian) in [(2, false), (3, true)] {
        let mut built = Built::new(encoding);
        let root = built.page();
        // A character of two units across the end of a page.
        let long = "x€😀".repeat(300);
        let rows = [built.cell(1, &[utf16(&long, big_endian), utf16("b", big_endian)])];
        built.tree(root, 13, &rows, None);
        built.schema(&[("table", "tä", root)]);
        let free = built.page() as usize - 1;
        built.pages[free][100..112].copy_from_slice(&utf16("secret", big_endian).1);
        let (members, end) = drained(&built.bytes());
        assert_eq!(members[1], member("tä", format!("{long}|b\n")));
        assert_eq!(members[2], member("(free)", "secret\n"));
        assert_eq!((members.len(), end), (3, None));
    }
}

#[test]
fn tables_without_numbers_of_rows_are_read_and_indexes_are_not() {
    let mut built = Built::new(1);
    let (table, left, right, index) = (built.page(), built.page(), built.page(), built.page());
    let cell = |value: &str| {
        let record = record(&[text(value)]);
        [varint(record.len() as u64), record].concat()
    };
    built.tree(left, 10, &[cell("first")], None);
    built.tree(right, 10, &[cell("last")], None);
    built.tree(table, 2, &[[&left.to_be_bytes()[..], &cell("middle")].concat()], Some(right));
    // An index with a key that goes on elsewhere.
    let key = record(&[text(&"key".repeat(400))]);
    let local = built.payload(&key, (PAGE - 12) * 64 / 255 - 23);
    built.tree(index, 10, &[[varint(key.len() as u64), local].concat()], None);
    built.schema(&[("table", "t", table), ("index", "i", index)]);
    let (members, end) = drained(&built.bytes());
    assert_eq!(members[1], member("t", "middle\nfirst\nlast\n"));
    assert_eq!((members.len(), end), (2, None));
}

#[test]
fn what_is_left_of_deleted_rows_is_handed_on() {
    let mut built = Built::new(1);
    let (root, free) = (built.page(), built.page());
    let row = built.cell(1, &[text("kept")]);
    built.tree(root, 13, &[row], None);
    let page = &mut built.pages[root as usize - 1];
    page[200..207].copy_from_slice(b"between");
    // A freed piece among the cells: where the next is, how long it is.
    page[1..3].copy_from_slice(&490_u16.to_be_bytes());
    page[490..498].copy_from_slice(b"\0\0\0\x0bdead");
    page[5..7].copy_from_slice(&490_u16.to_be_bytes());
    built.pages[free as usize - 1][300..308].copy_from_slice(b"released");
    built.schema(&[("table", "t", root)]);
    let (members, end) = drained(&built.bytes());
    assert_eq!(members[2], member("(free)", "between\ndead\nreleased\n"));
    assert_eq!((members.len(), end), (3, None));
}

#[test]
fn values_that_are_compressed_are_members_too() {
    let packed = |text: &str| {
        let mut bytes = Vec::new();
        let mut encoder = flate2::read::GzEncoder::new(text.as_bytes(), Default::default());
        encoder.read_to_end(&mut bytes).unwrap();
        bytes
    };
    // What does not compress goes on in pages of its own.
    let words: String = (0..500_u64).map(|i| format!("{:x} ", i * i * 0x9e37_79b9)).collect();
    let (small, large) = (packed("small"), packed(&words));
    assert!(large.len() > 2 * PAGE);
    let mut built = Built::new(1);
    let root = built.page();
    let rows = [
        built.cell(7, &[text("a"), blob(&large), blob(&small)]),
        built.cell(8, &[blob(b"\x1f\x8b is no archive"), text("b")]),
    ];
    built.tree(root, 13, &rows, None);
    built.schema(&[("table", "t", root)]);
    let (members, end) = drained(&built.bytes());
    assert_eq!(members[2..], [member("t/7/2", large), member("t/7/3", small)]);
    assert_eq!(end, None);
}

#[test]
fn damage_is_told_and_what_it_hides_is_handed_on_as_it_stands() {
    let mut built = Built::new(1);
    let (root, other) = (built.page(), built.page());
    let row = built.cell(1, &[text("in a table")]);
    built.tree(root, 13, &[row], None);
    let row = built.cell(1, &[text("in another"), text(&"z".repeat(3_000))]);
    built.tree(other, 13, &[row], None);
    built.schema(&[("table", "t", root), ("table", "u", other)]);
    let bytes = built.bytes();
    let at = |page: u32| (page as usize - 1) * PAGE;
    let changed = |place: usize, to: &[u8]| {
        let mut bytes = bytes.clone();
        bytes[place..place + to.len()].copy_from_slice(to);
        let (members, end) = drained(&bytes);
        let (kind, detail) = end.unwrap();
        assert_eq!(kind, SkipKind::DamagedArchive);
        let all: Vec<u8> = members.into_iter().flat_map(|(_, content)| content).collect();
        let holds = |text: &str| all.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(holds("in a table") && holds("in another"), "{detail}");
        detail
    };
    assert_eq!(changed(at(root), &[9]), "a page of no kind");
    assert_eq!(changed(at(root) + 8, &[2, 0]), "a row that is none");
    assert_eq!(changed(at(root) + 3, &[0, 200]), "a row that is none");
    // The first page that goes on with a row leads back to itself, and nowhere.
    assert_eq!(
        changed(at(other + 1), &(other + 1).to_be_bytes()),
        "a page that belongs to two things"
    );
    assert_eq!(changed(at(other + 1), &[0; 4]), "a page that is not there");
    // All cells of a page are the same one.
    let mut same = bytes.clone();
    let place = bytes[at(root) + 8..at(root) + 10].repeat(100);
    same[at(root) + 3..at(root) + 5].copy_from_slice(&[0, 100]);
    same[at(root) + 8..at(root) + 208].copy_from_slice(&place);
    let (members, end) = drained(&same);
    assert_eq!(end.unwrap().1, "rows that overlap");
    assert!(members[1].1.len() < PAGE);
}

#[test]
fn what_is_cut_off_is_handed_on_before_the_damage_is_told() {
    let mut built = Built::new(1);
    let roots = [built.page(), built.page(), built.page()];
    for root in roots {
        let row = built.cell(1, &[text(&format!("table {root}"))]);
        built.tree(root, 13, &[row], None);
    }
    built.schema(&[("table", "a", roots[0]), ("table", "b", roots[1]), ("table", "c", roots[2])]);
    let whole = built.bytes();
    assert_eq!(drained(&whole).1, None);
    for len in 100..whole.len() {
        let (members, end) = drained(&whole[..len]);
        assert_eq!(end.unwrap().0, SkipKind::DamagedArchive, "{len}");
        if len >= 3 * PAGE {
            assert_eq!(members[1..3], [member("a", "table 2\n"), member("b", "table 3\n")]);
        }
    }
}

#[test]
fn the_magic_alone_is_no_database() {
    let mut built = Built::new(1);
    built.schema(&[]);
    let bytes = built.bytes();
    assert_eq!(Format::of(&bytes[..HEAD], b""), Some(Format::Sqlite));
    for (at, byte) in [(15, 1), (16, 3), (18, 0), (21, 65)] {
        let mut other = bytes.clone();
        other[at] = byte;
        assert_eq!(Format::of(&other[..HEAD], b"a.db"), None, "{at}");
    }
}
