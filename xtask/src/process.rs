//! Other programs: cargo, and whatever a task starts.

use crate::error::{Error, Result};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The workspace's folder: above what cargo says of the program that it runs, above the working
/// directory, or above this program.
pub(crate) fn root() -> Result<PathBuf> {
    let starts = [
        std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from),
        std::env::current_dir().ok(),
        std::env::current_exe().ok(),
    ];
    let is_root = |folder: &&Path| {
        folder.join("xtask/Cargo.toml").is_file() && folder.join("artifacts/models").is_dir()
    };
    let found = starts
        .iter()
        .flatten()
        .find_map(|start| start.ancestors().find(is_root));
    found.map(Path::to_owned).ok_or_else(|| {
        Error::new(
            "there is no checkout of Selectron above the working directory",
            "run `cargo xtask` inside one",
        )
    })
}

/// `cargo`, the one that runs us, in the workspace's folder.
pub(crate) fn cargo() -> Result<Command> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()?);
    Ok(command)
}

/// Runs one of our own programs, which says by itself what goes wrong.
pub(crate) fn run_to_end(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .map_err(|error| failed(command, &format!("could not be started ({error})")))?;
    if status.success() {
        return Ok(());
    }
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Err(Error::Program {
        code: code.unwrap_or(1),
    })
}

/// Runs a command to its end; it must succeed.
pub(crate) fn run_command(command: &mut Command) -> Result<()> {
    match command.stdin(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(command, &format!("failed ({status})"))),
        Err(error) => Err(failed(command, &format!("could not be started ({error})"))),
    }
}

/// A command that has ended otherwise than it should.
pub(crate) fn failed(command: &Command, how: &str) -> Error {
    failed_as(&show(command), how)
}

/// As [`failed`], of a command as [`show`] shows it.
pub(crate) fn failed_as(command: &str, how: &str) -> Error {
    Error::new(format!("`{command}` {how}"), "run it by itself to see why")
}

/// Prints a line; a closed standard output stops nothing.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Prints a line on the standard error, where cargo has its own.
pub(crate) fn note(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// A command as one would type it.
pub(crate) fn show(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default();
    std::iter::once(program)
        .chain(command.get_args())
        .map(|part| part.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checkout_is_found() {
        let root = root().unwrap();
        assert!(root.join("pipelines/grammar.toml").is_file());
    }

    #[test]
    fn commands_are_shown_as_one_would_type_them() {
        let mut command = Command::new("/usr/bin/cargo");
        assert_eq!(
            show(command.args(["build", "--bins"])),
            "cargo build --bins"
        );
    }
}
