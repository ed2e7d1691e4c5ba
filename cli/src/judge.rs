//! What is searched for and how it is judged: the same for every verb that scans.

use leaksieve::detectors::Timestamp;
use leaksieve::policy::{Groups, Live, Selection};
use leaksieve::{Backend, Scanner};

use crate::args::JudgeArgs;
use crate::failure::Failure;

/// What is searched for and how it is judged.
#[derive(Debug)]
pub(crate) struct Judge {
    pub(crate) selection: Selection,
    show_refuted: bool,
    pub(crate) now: Option<Timestamp>,
    canary_accounts: Vec<u64>,
    backend: Option<Backend>,
    decode_depth: usize,
}

impl From<JudgeArgs> for Judge {
    fn from(args: JudgeArgs) -> Self {
        let mut selection = Selection::all();
        for pattern in args.enable_rule {
            selection = selection.enable(pattern);
        }
        for pattern in args.add_rule {
            selection = selection.also(pattern);
        }
        for pattern in args.disable_rule {
            selection = selection.disable(pattern);
        }
        Self {
            selection,
            show_refuted: args.show_refuted,
            now: args.now,
            canary_accounts: args.canary_account,
            backend: args.backend,
            decode_depth: args.max_decode_depth,
        }
    }
}

impl Judge {
    pub(crate) fn scanner(&self) -> Result<Scanner, Failure> {
        let detectors =
            self.selection.narrow(leaksieve::detectors::builtin()).map_err(|error| {
                Failure::new(error.to_string()).hint("`leaksieve rules` lists them")
            })?;
        let reporting: Vec<String> = detectors
            .iter()
            .filter(|d| self.selection.reports(d))
            .map(|d| d.id.to_string())
            .collect();
        let mut builder = Scanner::builder()
            .detectors(detectors)
            .report_only(reporting)
            .canary_accounts(self.canary_accounts.iter().copied())
            .max_decode_depth(self.decode_depth)
            .keep_refuted(self.show_refuted);
        if let Some(now) = self.now {
            builder = builder.now(now);
        }
        if let Some(backend) = self.backend {
            builder = builder.backend(backend);
        }
        builder.build().map_err(|error| {
            let available: Vec<&str> = leaksieve::Backend::available().map(|b| b.name()).collect();
            let failure = Failure::new(error.to_string());
            match error {
                leaksieve::BuildError::BackendUnavailable(_) => {
                    failure.hint(format!("this processor can run {}", available.join(", ")))
                }
                _ => failure,
            }
        })
    }

    /// Collects what this scanner finds, with everything masked that is a secret by default.
    pub(crate) fn mask(&self, groups: Groups, scanner: &Scanner) -> Groups {
        if self.selection.is_all() {
            groups.search_names_with(scanner.clone())
        } else {
            groups.mask_with(Scanner::new())
        }
    }

    /// Tells what this scanner finds, masked in the same way.
    pub(crate) fn live(&self, scanner: &Scanner) -> Live {
        if self.selection.is_all() {
            Live::new(Some(scanner.clone()))
        } else {
            Live::new(None).mask_with(Scanner::new())
        }
    }
}
