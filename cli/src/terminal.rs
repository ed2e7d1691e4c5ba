//! What the terminal can show. The environment is read here and nowhere else.

use std::io::IsTerminal;

use crate::args::{ColorArg, TerminalArgs};

/// What the user wants to see on the terminal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice {
    color: ColorArg,
    /// Show everything.
    pub(crate) verbose: bool,
    /// Show nothing but findings and failures.
    pub(crate) quiet: bool,
}

impl From<&TerminalArgs> for Choice {
    fn from(args: &TerminalArgs) -> Self {
        let color = if args.no_color { ColorArg::Never } else { args.color };
        Self { color, verbose: args.verbose, quiet: args.quiet }
    }
}

impl Choice {
    /// Whether text is coloured that goes to a terminal, or does not.
    pub(crate) fn color(&self, to_terminal: bool) -> bool {
        let color = match self.color {
            ColorArg::Always => true,
            ColorArg::Never => false,
            ColorArg::Auto => {
                to_terminal
                    && !anstyle_query::no_color()
                    && anstyle_query::term_supports_ansi_color()
            }
        };
        #[cfg(windows)]
        if color {
            // Old consoles must be asked to obey escape sequences.
            let _ = anstyle_query::windows::enable_ansi_colors();
        }
        color
    }
}

/// Columns to write for: those of the terminal on stdout, within reason, or 80.
pub(crate) fn width() -> usize {
    if !std::io::stdout().is_terminal() {
        return 80;
    }
    terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0).clamp(40, 120))
}
