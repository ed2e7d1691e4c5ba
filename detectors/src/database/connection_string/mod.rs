//! Strings of keys and values that open a database.

pub(crate) mod literal;
