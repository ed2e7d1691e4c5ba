//! Tests of the public API from outside, in `tests/`.
//!
//! Those of the binary are in `cli/tests/`, because Cargo builds a binary for
//! the tests of its own package only.
