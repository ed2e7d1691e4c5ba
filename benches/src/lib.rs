//! What the benches measure on: haystacks as data, each with its origin and
//! with what must be found in it.
//!
//! The benches themselves are in `benches/`, the runner that sets leaksieve
//! beside other tools in `src/peers/`. Read [`haystack`] for what the figures
//! are biased by.
#![forbid(unsafe_code)]

pub mod haystack;
