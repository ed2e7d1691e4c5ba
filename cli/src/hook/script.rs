//! The hooks that are installed: shell scripts that any POSIX shell runs.

use std::path::Path;

/// A hook of git.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hook {
    Commit,
    Push,
    Receive,
}

/// The first words of the second line of every hook that is ours.
const MARK: &str = "# Installed by `leaksieve hook install`.";

/// What the last line begins with.
const SUM: &str = "# sum ";

impl Hook {
    pub(crate) const ALL: [Self; 3] = [Self::Commit, Self::Push, Self::Receive];

    /// Its file's name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Commit => "pre-commit",
            Self::Push => "pre-push",
            Self::Receive => "pre-receive",
        }
    }

    /// The name under which the hook is kept that was there before.
    pub(crate) fn former_name(self) -> String {
        format!("{}.before-leaksieve", self.name())
    }

    /// The script, which runs the program at this path, or the one in the search
    /// path if that is gone.
    pub(crate) fn script(self, program: &Path) -> String {
        let (name, former) = (self.name(), self.former_name());
        let program = quoted(&program.to_string_lossy().replace('\\', "/"));
        let run = match self {
            Self::Commit => PRE_COMMIT,
            Self::Push | Self::Receive => WITH_INPUT,
        };
        let arguments = match self {
            Self::Commit => "git --quiet --staged",
            Self::Push => r#"git --quiet --pre-push="$1""#,
            Self::Receive => "git --quiet --pre-receive",
        };
        let body = format!("#!/bin/sh\n{MARK}\n{TEXT}")
            .replace("@RUN@", run)
            .replace("@NAME@", name)
            .replace("@FORMER@", &former)
            .replace("@ARGUMENTS@", arguments)
            // Last, because it may hold anything.
            .replace("@PROGRAM@", &program);
        let sum = sum(body.as_bytes());
        format!("{body}{SUM}{sum:016x}\n")
    }
}

const TEXT: &str = r#"# `leaksieve hook uninstall` removes it and puts back what was here before,
# which is @FORMER@ beside it and runs first.
former="${0%/*}/@FORMER@"
leaksieve=@PROGRAM@
if [ ! -x "$leaksieve" ]; then
    leaksieve=$(command -v leaksieve) || {
        echo "@NAME@: leaksieve is not there any more, so nothing was scanned." >&2
        echo "  Install it, or remove this hook: $0" >&2
        exit 1
    }
fi
@RUN@
"#;

const PRE_COMMIT: &str = r#"if [ -x "$former" ]; then
    "$former" "$@" || exit
fi
exec "$leaksieve" @ARGUMENTS@"#;

/// Both need the same standard input, to the last byte.
const WITH_INPUT: &str = r#"input=$(cat && echo .)
input=${input%.}
if [ -x "$former" ]; then
    printf %s "$input" | "$former" "$@" || exit
fi
printf %s "$input" | "$leaksieve" @ARGUMENTS@"#;

/// What a file is that stands where a hook does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// As we wrote it.
    Ours,
    /// Ours, and changed since.
    Edited,
    /// Somebody else's.
    Other,
}

/// Tells whose hook a file is.
pub(crate) fn owner(text: &[u8]) -> Owner {
    let Some(ours) = text.split(|b| *b == b'\n').nth(1) else { return Owner::Other };
    if ours != MARK.as_bytes() {
        return Owner::Other;
    }
    let body = text.strip_suffix(b"\n").unwrap_or(text);
    let last = body.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let (body, last) = text.split_at(last);
    if last == format!("{SUM}{:016x}\n", sum(body)).as_bytes() {
        Owner::Ours
    } else {
        Owner::Edited
    }
}

/// FNV-1a: it tells that somebody edited, not that somebody attacks.
fn sum(text: &[u8]) -> u64 {
    text.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// A word that the shell takes as it stands.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hooks_know_their_own() {
        for hook in Hook::ALL {
            let script = hook.script(Path::new("/opt/it's here/leaksieve"));
            assert!(script.contains(r"leaksieve='/opt/it'\''s here/leaksieve'"), "{script}");
            let left = script.replace("\"$@\"", "");
            assert!(!left.contains('@'), "{script}");
            assert_eq!(owner(script.as_bytes()), Owner::Ours);
            assert_eq!(owner(script.replace("exit 1", "exit 0").as_bytes()), Owner::Edited);
            assert_eq!(owner(format!("{script}echo more\n").as_bytes()), Owner::Edited);
            assert_eq!(owner(script.replace(MARK, "# Mine.").as_bytes()), Owner::Other);
        }
        for other in ["", "#!/bin/sh\n", "#!/bin/sh\nexec make check\n"] {
            assert_eq!(owner(other.as_bytes()), Owner::Other);
        }
    }
}
