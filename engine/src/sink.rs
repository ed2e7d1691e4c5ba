//! Where findings go.

use std::ops::ControlFlow;

use crate::finding::Finding;

/// Takes the findings of a scan, in the order in which they stand in the object.
pub trait Sink {
    /// Takes one finding. [`ControlFlow::Break`] ends the scan of this object
    /// at once; what was not reported until then is lost.
    fn finding(&mut self, finding: Finding) -> ControlFlow<()>;

    /// Asked every few hundred kilobytes: `true` ends the scan of this object
    /// as [`ControlFlow::Break`] does. A deadline or a cancel button goes here.
    /// The default never interrupts.
    fn interrupted(&mut self) -> bool {
        false
    }
}

impl<F: FnMut(Finding) -> ControlFlow<()>> Sink for F {
    fn finding(&mut self, finding: Finding) -> ControlFlow<()> {
        self(finding)
    }
}

/// Collects findings.
impl Sink for Vec<Finding> {
    fn finding(&mut self, finding: Finding) -> ControlFlow<()> {
        self.push(finding);
        ControlFlow::Continue(())
    }
}
