//! Building and starting the stage binaries.

use crate::error::{Error, Result};
use crate::flags::RunFlags;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The stages, in the order in which they depend on each other.
pub(crate) const ALL: [&str; 3] = ["extract", "stats", "render"];

/// The workspace's folder.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// `cargo`, the one that runs us.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Builds the stage binaries, with the cargo feature that the backend needs.
///
/// All of them are built together, in the profile that the tests use: cargo then settles on the
/// same features for every library in a run as in the tests, and nothing is compiled twice.
pub(crate) fn build(flags: &RunFlags) -> Result<()> {
    build_programs(&flags.backend, &["selectron-fetch", "selectron-bench"])
}

/// Builds all programs but those of some packages, for a backend.
pub(crate) fn build_programs(backend: &str, but: &[&str]) -> Result<()> {
    let mut command = cargo();
    command.args(["build", "--quiet", "--workspace", "--bins"]);
    for package in but {
        command.args(["--exclude", package]);
    }
    if backend == "wgpu" {
        command.args(["--features", "selectron-extract/wgpu"]);
    }
    run_command(&mut command)
}

/// Where a stage's binary is.
pub(crate) fn binary(stage: &str) -> PathBuf {
    // This program lies beside them.
    let here = std::env::current_exe().ok();
    let folder = here.as_deref().and_then(Path::parent).map(Path::to_owned);
    let name = format!("selectron-{stage}{}", std::env::consts::EXE_SUFFIX);
    folder
        .unwrap_or_else(|| root().join("target/debug"))
        .join(name)
}

/// Runs a stage; its own messages go to the terminal.
pub(crate) fn run(stage: &str, flags: &RunFlags) -> Result<()> {
    run_to_end(Command::new(binary(stage)).args(flags.arguments()))
}

/// Runs one of our own programs, which says by itself what goes wrong.
pub(crate) fn run_to_end(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| Error::Command {
        command: show(command),
        what: format!("could not be started ({error})"),
    })?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Stage {
        code: status
            .code()
            .and_then(|code| u8::try_from(code).ok())
            .unwrap_or(1),
    })
}

/// Builds and runs one stage.
pub(crate) fn build_and_run(stage: &str, flags: &RunFlags) -> Result<()> {
    build(flags)?;
    run(stage, flags)
}

/// Lists the GPUs, by a stage that knows them.
pub(crate) fn list_adapters() -> Result<()> {
    build_programs("wgpu", &["selectron-fetch", "selectron-bench"])?;
    run_to_end(Command::new(binary("extract")).arg("--list-adapters"))
}

/// Runs a command to its end; it must succeed.
pub(crate) fn run_command(command: &mut Command) -> Result<()> {
    let failed = |what: String, command: &Command| Error::Command {
        command: show(command),
        what,
    };
    match command.stdin(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(format!("failed ({status})"), command)),
        Err(error) => Err(failed(format!("could not be started ({error})"), command)),
    }
}

/// Prints a line; a closed standard output stops nothing.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
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
