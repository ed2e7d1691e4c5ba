//! One archive on several threads: each takes the next member that the directory lists.

use std::io;
use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::source::{Buffer, Place, ReadAt, Source};
use super::super::{Members, refused};
use super::hidden::Covered;
use super::{Ended, Listed, Listing, Reader, told};
use crate::input::open::Refused;

/// An archive that threads share.
pub(crate) struct Divided<'z> {
    shared: &'z dyn ReadAt,
    state: Mutex<State<'z>>,
}

struct State<'z> {
    place: Place<'z>,
    buffer: Buffer,
    listing: Option<Listing>,
    covered: Covered,
    /// Why no more is read of the directory.
    ended: Option<Ended>,
}

/// A thread's way to read.
pub(crate) struct PlaceOf<'z>(Place<'z>);

impl<'z> Divided<'z> {
    pub(crate) fn new(shared: &'z dyn ReadAt) -> Self {
        let mut state = State {
            place: Place::new(shared),
            buffer: Buffer::default(),
            listing: None,
            covered: Covered::default(),
            ended: None,
        };
        let opened = Source::new(&mut state.place).map_err(Ended::from);
        match opened.and_then(|mut source| Listing::open(&mut source, &mut state.buffer)) {
            Ok(listing) => state.listing = Some(listing),
            Err(ended) => state.ended = Some(ended),
        }
        Self { shared, state: Mutex::new(state) }
    }

    /// How many members there are to be, if there is a directory.
    pub(crate) fn entries(&self) -> u64 {
        self.lock().listing.as_ref().map_or(0, |listing| listing.end.entries)
    }

    /// What one thread reads with.
    pub(crate) fn place(&self) -> PlaceOf<'z> {
        PlaceOf(Place::new(self.shared))
    }

    fn lock(&self) -> MutexGuard<'_, State<'z>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads members until there are no others. After a panic it can be called again.
    pub(crate) fn read(
        &self,
        place: &mut PlaceOf<'z>,
        members: &mut dyn Members,
    ) -> Result<(), Refused> {
        let mut reader = Reader::new(&mut place.0).map_err(|e| refused(&e))?;
        while let Some(listed) = self.next() {
            if let Err(ended) = reader.one(&listed, members) {
                self.lock().ended.get_or_insert(ended);
                break;
            }
        }
        let covered = std::mem::take(&mut reader.covered);
        self.lock().covered.append(covered);
        Ok(())
    }

    fn next(&self) -> Option<Listed> {
        let mut state = self.lock();
        let State { place, buffer, listing, ended, .. } = &mut *state;
        if ended.is_some() {
            return None;
        }
        let next = Source::new(place).map_err(Ended::from);
        match next.and_then(|mut source| match listing {
            Some(listing) => listing.next(&mut source, buffer),
            None => Ok(None),
        }) {
            Ok(listed) => listed,
            Err(error) => {
                *ended = Some(error);
                None
            }
        }
    }

    /// Reads the rest, once no thread has a member any more.
    pub(crate) fn end(self, members: &mut dyn Members) -> Result<ControlFlow<()>, Refused> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let listed = match (state.ended, &state.listing) {
            (Some(ended), _) => Err(ended),
            (None, Some(listing)) => listing.end(members),
            (None, None) => Ok(()),
        };
        let mut place = Place::new(self.shared);
        let mut reader = Reader::new(&mut place).map_err(|e: io::Error| refused(&e))?;
        reader.covered = state.covered;
        told(reader.rest(listed, members))
    }
}
