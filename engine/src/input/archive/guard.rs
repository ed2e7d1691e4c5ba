//! Surviving decoders that panic.
//!
//! What unpacks a container is in part others' code, and what it reads is anybody's. A
//! panic there costs the container, which is told, and not the run. Panics of the scanner
//! itself are not caught: they would be a defect that nothing in the input explains.
//!
//! What a library may not do is to change the hook that prints panics. A program that
//! wants no message of what is caught asks [`is_guarded`] in a hook of its own.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::error::damaged;
use crate::input::open::Refused;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic of this thread is caught: the container that is being unpacked then
/// stands in the [ledger](crate::ledger) as
/// [`SkipKind::DamagedArchive`](crate::ledger::SkipKind::DamagedArchive), and the scan
/// goes on.
///
/// The library changes no panic hook, so the standard one prints a message for such a
/// panic. A program's own hook can leave that out:
///
/// ```
/// let standard = std::panic::take_hook();
/// std::panic::set_hook(Box::new(move |panic| {
///     if !leaksieve::input::archive::is_guarded() {
///         standard(panic);
///     }
/// }));
/// ```
pub fn is_guarded() -> bool {
    GUARDED.get()
}

/// Decodes. What `decode` changed until a panic must be fit for further use, or not be
/// used any more.
pub(crate) fn guarded<T>(decode: impl FnOnce() -> T) -> Result<T, Refused> {
    let before = GUARDED.replace(true);
    let decoded = catch_unwind(AssertUnwindSafe(decode));
    let is_decoders = GUARDED.replace(before);
    decoded.map_err(|panic| {
        if !is_decoders {
            // Nor is it any decoder's of what is around.
            GUARDED.set(false);
            resume_unwind(panic);
        }
        // What it says may tell of the content.
        damaged("its decoder failed in a way that it should not")
    })
}

/// Runs what is no decoder's amid decoding: its panics are not caught.
pub(crate) fn unguarded<T>(run: impl FnOnce() -> T) -> T {
    let before = GUARDED.replace(false);
    let done = run();
    // After a panic it stays as it is, by which `guarded` knows.
    GUARDED.set(before);
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panic_of(run: impl FnOnce()) -> Option<String> {
        let panic = catch_unwind(AssertUnwindSafe(run)).err()?;
        panic.downcast_ref::<&str>().map(|said| (*said).to_owned())
    }

    #[test]
    fn panics_of_decoders_are_caught_and_others_are_not() {
        let refused = guarded::<()>(|| panic!("a secret")).unwrap_err();
        assert!(!refused.detail.contains("secret"));
        assert!(!is_guarded());
        let own = || unguarded(|| panic!("own"));
        assert_eq!(panic_of(|| drop(guarded(own))), Some("own".to_owned()));
        assert!(!is_guarded());
        let deep = || guarded(|| unguarded(|| guarded(|| unguarded(|| panic!("own")))));
        assert_eq!(panic_of(|| drop(deep())), Some("own".to_owned()));
        assert!(!is_guarded());
        // A decoder that a scan reads from.
        let read = guarded(|| {
            let read = unguarded(|| guarded::<()>(|| panic!("a decoder")).is_err());
            (read, is_guarded())
        });
        assert!(matches!(read, Ok((true, true))));
    }
}
