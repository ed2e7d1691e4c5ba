//! SQLite databases: the rows of each table, and what is left of deleted ones.
//!
//! Format: sqlite.org's "Database File Format". Each table is a member under its name,
//! a line for each row and a bar between columns; the schema is one too. Values that
//! are archives or compressed are members once more, named by the numbers of the row and
//! of the column. Pages that belong to nothing, and what is unused of the others, are a last one, `(free)`:
//! deleted rows stay there until they are overwritten. Indexes are copies of what
//! stands in tables and are not handed on. What stands behind the end of an overflow
//! chain, in its last page, is not read.

mod file;
mod free;
mod rows;
mod tree;

use std::ops::ControlFlow;

use self::file::Database;
use self::free::Free;
use self::rows::{Blob, Rows, tables};
use super::damaged;
use super::{Members, ReadSeek, refused};
use crate::input::open::Refused;
use crate::ledger::SkipKind;

/// What databases begin with.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Whether these are the first bytes of a database.
pub(super) fn is(head: &[u8]) -> bool {
    // Versions, and the three fractions that never change.
    let fields = head.get(18..24);
    head.starts_with(MAGIC)
        && head.len() >= 100
        && matches!(fields, Some([1 | 2, 1 | 2, _, 64, 32, 32]))
        && file::page_size(head).is_some()
}

pub(super) fn read(
    file: &mut dyn ReadSeek,
    members: &mut dyn Members,
) -> Result<ControlFlow<()>, Refused> {
    let mut database = Database::open(file)?;
    let tables = tables(&mut database).map_err(|e| refused(&e))?;
    // They were visited to learn where the others are.
    database.forget();
    if hand_on(b"sqlite_schema", Rows::new(&mut database, 1), members)?.is_break() {
        return Ok(ControlFlow::Break(()));
    }
    for table in tables {
        let mut rows = Rows::new(&mut database, table.root);
        if table.is_index {
            rows.skip().map_err(|e| refused(&e))?;
        } else if hand_on(&table.name, rows, members)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    let mut free = Free::new(&mut database);
    let has_free = free.fill().map_err(|e| refused(&e))?;
    if has_free && members.member(b"(free)", &mut free).is_break() {
        return Ok(ControlFlow::Break(()));
    }
    match database.damage {
        Some(detail) => Err(damaged(detail)),
        None => Ok(ControlFlow::Continue(())),
    }
}

/// Hands on the rows of a table, if it has any, and visits those that are not taken.
/// Values that are containers are members by themselves too.
fn hand_on(
    name: &[u8],
    mut rows: Rows<'_, '_>,
    members: &mut dyn Members,
) -> Result<ControlFlow<()>, Refused> {
    if rows.fill().map_err(|e| refused(&e))? && members.member(name, &mut rows).is_break() {
        return Ok(ControlFlow::Break(()));
    }
    rows.skip().map_err(|e| refused(&e))?;
    for packed in std::mem::take(&mut rows.packed) {
        let blob = Blob::new(rows.database, &packed).map_err(|e| refused(&e))?;
        let Some(mut blob) = blob else { continue };
        let name = [name, b"/", blob.name().as_bytes()].concat();
        if members.member(&name, &mut blob).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    if rows.has_more_packed {
        let detail = "more values that are archives than are read".to_owned();
        return Ok(members.refused(name, Refused { kind: SkipKind::ArchiveLimit, detail }));
    }
    Ok(ControlFlow::Continue(()))
}

#[cfg(test)]
mod tests;
