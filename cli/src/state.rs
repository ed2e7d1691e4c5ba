//! The file behind `--state`.

use std::path::Path;
use std::sync::Arc;

use leaksieve::Location;
use leaksieve::Scanner;
use leaksieve::input::Origin;
use leaksieve::input::git::{KnownFinding, Oid, State};
use leaksieve::policy::{Fingerprint, Groups, Record};
use leaksieve::run::history::state_digest;

use crate::failure::Failure;

/// Opens the state file at `path`. What it holds counts for this program and these
/// detectors only; `options` are the other options that change what is found.
pub(crate) fn open(path: &Path, scanner: &Scanner, options: &str) -> Result<Arc<State>, Failure> {
    let mut program = options.as_bytes().to_vec();
    // Detectors change with the program, whatever its version says.
    if let Ok(own) = std::env::current_exe().and_then(std::fs::read) {
        program.extend_from_slice(blake3::hash(&own).as_bytes());
    }
    let state = State::open(path, &state_digest(scanner, &program));
    state.map(Arc::new).map_err(|error| Failure::new(error.to_string()))
}

/// Lets findings keep the fingerprints that are known.
pub(crate) fn with_known(groups: Groups, state: &Arc<State>) -> Groups {
    let state = Arc::clone(state);
    groups.known_fingerprints(move |detector, origin, location| {
        let finding = known(detector, origin, location)?;
        Fingerprint::from_text(state.fingerprint(&finding)?)
    })
}

/// Remembers the fingerprints of what was found, and ends the use of the state.
pub(crate) fn finish(state: Arc<State>, records: &[Record]) -> Result<(), Failure> {
    for record in records {
        for place in [record.first()].into_iter().chain(record.others()) {
            if let Some(finding) = known(&record.detector().id, &place.origin, &place.location) {
                state.mark_fingerprint(finding, record.fingerprint().as_str());
            }
        }
    }
    match Arc::into_inner(state) {
        Some(state) => state.finish(),
        None => Ok(()),
    }
    .map_err(|error| Failure::new(error.to_string()))
}

fn known(detector: &str, origin: &Origin, location: &Location) -> Option<KnownFinding> {
    let Origin::Git(place) = origin else { return None };
    let object: Oid = place.object;
    let (offset, length) = (location.offset, location.length);
    Some(KnownFinding { object, detector: detector.into(), offset, length })
}
