//! Installing git hooks, and removing them.
//!
//! A hook that is there already is kept beside ours and runs first; removing
//! ours puts it back, byte for byte. Nothing that we did not write is overwritten
//! or deleted.

mod script;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::NamedTempFile;

use crate::args::{HookArgs, HookPlaceArgs, HookVerb};
use crate::destination;
use crate::failure::{Failure, reason};
use script::{Hook, Owner, owner};

/// Installs or removes hooks, and says what was done.
pub(crate) fn run(args: &HookArgs) -> Result<(), Failure> {
    match &args.verb {
        HookVerb::Install(place) => install(place),
        HookVerb::Uninstall(place) => uninstall(place),
    }
}

fn install(place: &HookPlaceArgs) -> Result<(), Failure> {
    let program = std::env::current_exe().map_err(|error| {
        Failure::new(format!("failed to find out where this program is: {}", reason(&error)))
    })?;
    let directory = HookDirectory::of(&place.repo)?;
    fs::create_dir_all(&directory.path)
        .map_err(|error| failed("create", &directory.path, &error))?;
    let mut hooks = chosen(place);
    if hooks.is_empty() {
        hooks.push(Hook::Commit);
    }
    for hook in hooks {
        let slot = Slot::new(&directory.path, hook);
        say(&slot.install(&program)?)?;
    }
    if directory.shared {
        say("core.hooksPath names this directory, so other repositories or people may share it")?;
    }
    Ok(())
}

fn uninstall(place: &HookPlaceArgs) -> Result<(), Failure> {
    let directory = HookDirectory::of(&place.repo)?;
    let mut hooks = chosen(place);
    if hooks.is_empty() {
        hooks.extend(Hook::ALL);
    }
    let mut done = false;
    let mut left = None;
    let mut legacy = None;
    for hook in hooks {
        let kept = directory.path.join(hook.legacy_name());
        if fs::read(&kept).is_ok_and(|text| owner(&text) != Owner::Other) {
            legacy = Some(kept);
        }
        match Slot::new(&directory.path, hook).uninstall() {
            Ok(Some(text)) => {
                say(&text)?;
                done = true;
            }
            Ok(None) => {}
            // The others are removed all the same.
            Err(failure) => left = left.or(Some(failure)),
        }
    }
    match left {
        Some(failure) => Err(failure),
        None if done => Ok(()),
        None if legacy.is_some() => say(&format!(
            "{}: is run by pre-commit; `pre-commit uninstall` puts it back in its place",
            legacy.unwrap_or_default().display()
        )),
        None => say(&format!("no hook of leaksieve in {}", directory.path.display())),
    }
}

fn chosen(place: &HookPlaceArgs) -> Vec<Hook> {
    let wanted = [place.pre_commit, place.pre_push, place.pre_receive];
    Hook::ALL.into_iter().zip(wanted).filter(|(_, wanted)| *wanted).map(|(hook, _)| hook).collect()
}

fn say(text: &str) -> Result<(), Failure> {
    let text = leaksieve::mask::visible(text.as_bytes());
    destination::print(format!("{text}\n").as_bytes())
}

fn failed(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("failed to {what} {}: {}", path.display(), reason(error)))
}

/// Where git looks for a repository's hooks.
struct HookDirectory {
    path: PathBuf,
    /// Whether it is not the repository's own.
    shared: bool,
}

impl HookDirectory {
    /// Asks git, which alone knows all the places that may name it:
    /// configuration of the system, the user, the repository and the work tree.
    fn of(repository: &Path) -> Result<Self, Failure> {
        let first = |arguments: &[&str], at: &Path| -> Result<PathBuf, Failure> {
            Ok(PathBuf::from(git(arguments, at)?.lines().next().unwrap_or_default()))
        };
        let common = repository.join(first(&["rev-parse", "--git-common-dir"], repository)?);
        // Git runs hooks in the root of the work tree, or in the git directory of
        // a bare repository, and a path of theirs is relative to that.
        let inside = git(&["rev-parse", "--is-inside-work-tree"], repository)?;
        let root = if inside.trim() == "true" {
            first(&["rev-parse", "--show-toplevel"], repository)?
        } else {
            let bare = git(&["rev-parse", "--is-bare-repository"], repository)?;
            match bare.trim() {
                "true" => first(&["rev-parse", "--absolute-git-dir"], repository)?,
                // Within a git directory there is no saying which work tree is
                // meant.
                _ => common.parent().map_or_else(|| common.clone(), Path::to_owned),
            }
        };
        let path = root.join(first(&["rev-parse", "--git-path", "hooks"], &root)?);
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let shared = real(&path) != real(&common).join("hooks");
        Ok(Self { path: real(&path), shared })
    }
}

fn git(arguments: &[&str], at: &Path) -> Result<String, Failure> {
    let output = Command::new("git").arg("-C").arg(at).args(arguments).output();
    let output = output.map_err(|error| {
        Failure::new(format!("failed to run git: {}", reason(&error)))
            .hint("hooks are installed where git says that it looks for them")
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or("git failed").trim_start_matches("fatal: ");
    Err(Failure::new(format!("{}: git says: {said}", at.display())))
}

/// A place for a hook.
struct Slot {
    hook: Hook,
    path: PathBuf,
    /// Where the hook is kept that was there before.
    former: PathBuf,
}

impl Slot {
    fn new(directory: &Path, hook: Hook) -> Self {
        let path = directory.join(hook.name());
        Self { hook, path, former: directory.join(hook.former_name()) }
    }

    /// Whose hook is there; `None` if there is none.
    fn owner(&self) -> Result<Option<Owner>, Failure> {
        match fs::read(&self.path) {
            Ok(text) => Ok(Some(owner(&text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // A link to nothing is somebody's too.
                Ok(exists(&self.path).then_some(Owner::Other))
            }
            Err(error) => Err(failed("read", &self.path, &error)),
        }
    }

    fn edited(&self) -> Failure {
        Failure::new(format!(
            "{}: somebody edited this hook after it was installed, so it was left as it is",
            self.path.display()
        ))
        .hint("remove it yourself; what was there before it is beside it")
    }

    fn install(&self, program: &Path) -> Result<String, Failure> {
        let script = self.hook.script(program);
        let shown = self.path.display();
        match self.owner()? {
            None => self.write(&script)?,
            Some(Owner::Ours) => {
                let same = fs::read(&self.path).is_ok_and(|text| text == script.as_bytes());
                if same && is_executable(&self.path) {
                    return Ok(format!("{shown} is installed already"));
                }
                self.write(&script)?;
                return Ok(format!("{shown} was brought up to date"));
            }
            Some(Owner::Edited) => return Err(self.edited()),
            // Kept already: pre-commit was installed again over ours.
            Some(Owner::Other) if same_content(&self.path, &self.former) => self.write(&script)?,
            Some(Owner::Other) => {
                if exists(&self.former) {
                    return Err(Failure::new(format!(
                        "{}: is there already, so {shown} cannot be kept under this name",
                        self.former.display()
                    ))
                    .hint("move one of them away"));
                }
                fs::rename(&self.path, &self.former)
                    .map_err(|error| failed("rename", &self.path, &error))?;
                if let Err(failure) = self.write(&script) {
                    // As it was; the first failure is the one to tell.
                    let _ = fs::rename(&self.former, &self.path);
                    return Err(failure);
                }
            }
        }
        let former = self.former.display();
        Ok(if exists(&self.former) && !may_run(&self.former) {
            format!(
                "installed {shown}; {former} is not executable, so it does not run, as git did not \
                 run it before"
            )
        } else if exists(&self.former) {
            format!("installed {shown}; {former} runs first")
        } else {
            format!("installed {shown}")
        })
    }

    /// Writes the hook in one step, so that git never sees a part of it.
    fn write(&self, script: &str) -> Result<(), Failure> {
        let write = || -> io::Result<()> {
            let directory = self.path.parent().unwrap_or(Path::new("."));
            let mut file = NamedTempFile::new_in(directory)?;
            file.write_all(script.as_bytes())?;
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                file.as_file().set_permissions(fs::Permissions::from_mode(0o755))?;
            }
            file.as_file().sync_all()?;
            file.persist(&self.path)?;
            Ok(())
        };
        write().map_err(|error| failed("write", &self.path, &error))
    }

    /// Says what was done; `None` if there was nothing to do.
    fn uninstall(&self) -> Result<Option<String>, Failure> {
        let shown = self.path.display();
        match self.owner()? {
            Some(Owner::Edited) => return Err(self.edited()),
            Some(Owner::Other) => return Ok(None),
            Some(Owner::Ours) | None if exists(&self.former) => {
                fs::rename(&self.former, &self.path)
                    .map_err(|error| failed("rename", &self.former, &error))?;
                return Ok(Some(format!("put back {shown}, as it was before")));
            }
            Some(Owner::Ours) => {}
            None => return Ok(None),
        }
        fs::remove_file(&self.path).map_err(|error| failed("remove", &self.path, &error))?;
        Ok(Some(format!("removed {shown}")))
    }
}

/// Whether two files hold the same, neither of them a link.
fn same_content(a: &Path, b: &Path) -> bool {
    let is_file = |path: &Path| path.symlink_metadata().is_ok_and(|m| m.is_file());
    is_file(a) && is_file(b) && fs::read(a).is_ok_and(|a| fs::read(b).is_ok_and(|b| a == b))
}

/// Whether anything has this name, a link to nothing included.
fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Whether the shell would run it.
#[cfg(unix)]
fn may_run(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn may_run(path: &Path) -> bool {
    path.is_file()
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|m| m.permissions().mode() & 0o111 == 0o111)
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    true
}
