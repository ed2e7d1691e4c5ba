//! Why the program could not do what it was asked.

use std::process::ExitCode;

/// The program could not run, or could not write what it found.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    hint: Option<String>,
}

impl Failure {
    /// Exit code of every failure.
    const CODE: u8 = 2;

    /// A failure with this message, a fragment in lower case.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    /// Adds what the user can do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Tells the user.
    pub(crate) fn print(&self) {
        use std::io::Write;
        let mut err = std::io::stderr().lock();
        let _ = writeln!(err, "leaksieve: {}", shown(&self.message));
        if let Some(hint) = &self.hint {
            let _ = writeln!(err, "  hint: {}", shown(hint));
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(Self::CODE)
    }
}

/// Names of files may hold what a terminal would obey.
fn shown(text: &str) -> String {
    leaksieve::mask::visible(text.as_bytes())
}

/// What the system said, in lower case and without its number.
pub(crate) fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}
