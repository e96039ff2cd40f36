//! Our own programs: building them when they are needed, and where they are.

use crate::error::Result;
use crate::process::{cargo, note, root, run_command};
use selectron_run::Stage;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    /// A stage.
    Stage(Stage),
    /// Tells whether runs are the same.
    Compare,
    /// Downloads models.
    Fetch,
    /// Measures inside a process.
    Bench,
}

impl Program {
    /// All stages, in order.
    pub(crate) fn stages() -> Vec<Self> {
        Stage::ALL.iter().copied().map(Self::Stage).collect()
    }

    /// Its package, which has the same name as the program.
    fn package(self) -> String {
        let name = match self {
            Self::Stage(stage) => stage.name(),
            Self::Compare => "compare",
            Self::Fetch => "fetch",
            Self::Bench => "bench",
        };
        format!("selectron-{name}")
    }

    /// Where it is: beside this program.
    pub(crate) fn path(self) -> Result<PathBuf> {
        beside(&self.package())
    }

    /// A command that starts it.
    pub(crate) fn command(self) -> Result<Command> {
        Ok(Command::new(self.path()?))
    }
}

/// The path of a program that lies beside this one, in cargo's target folder.
pub(crate) fn beside(program: &str) -> Result<PathBuf> {
    let this = std::env::current_exe().ok();
    let folder = match this.as_deref().and_then(Path::parent) {
        Some(folder) => folder.to_owned(),
        None => root()?.join("target/debug"),
    };
    Ok(folder.join(format!("{program}{}", std::env::consts::EXE_SUFFIX)))
}

/// Builds programs, with the cargo feature that a backend needs.
///
/// On a terminal cargo shows how far it is; elsewhere a line says how long it takes the first time.
pub(crate) fn build(programs: &[Program], backend: &str) -> Result<()> {
    let mut command = cargo()?;
    command.args(arguments(programs, backend));
    if !std::io::stderr().is_terminal() {
        command.arg("--quiet");
        if let Some(wait) = wait(programs, backend)? {
            note(wait);
        }
    }
    run_command(&mut command)
}

/// What to tell cargo.
///
/// All stages are named whichever programs are built: the packages named decide with which features
/// cargo compiles the libraries. With these the features are those of a run and of the tests, and
/// nothing is compiled twice.
fn arguments(programs: &[Program], backend: &str) -> Vec<String> {
    let mut packages: Vec<_> = Program::stages();
    packages.extend(
        programs
            .iter()
            .filter(|program| !matches!(program, Program::Stage(_))),
    );
    let mut arguments = vec!["build".to_owned()];
    for package in packages {
        arguments.extend(["--package".to_owned(), package.package()]);
    }
    for program in programs {
        arguments.extend(["--bin".to_owned(), program.package()]);
    }
    if backend == "wgpu" {
        arguments.extend(["--features".to_owned(), "selectron-extract/wgpu".to_owned()]);
    }
    arguments
}

/// What to say before a silent build that may take long; nothing where all programs are there.
fn wait(programs: &[Program], backend: &str) -> Result<Option<&'static str>> {
    if backend == "wgpu" {
        // Whether these are the programs for the GPU cannot be seen.
        return Ok(Some(
            "building for the GPU: the first time, this takes 10 to 15 minutes on two cores",
        ));
    }
    if !is_missing(programs)? {
        return Ok(None);
    }
    let is_stage = |program: &Program| matches!(program, Program::Stage(_));
    Ok(Some(if programs.iter().any(is_stage) {
        "compiling the stages: this happens once, and takes five to ten minutes on two cores"
    } else {
        "compiling: this happens once, and takes a minute or two"
    }))
}

fn is_missing(programs: &[Program]) -> Result<bool> {
    for program in programs {
        if !program.path()?.is_file() {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_asked_for_is_built_with_the_features_of_a_run() {
        let shown = |programs: &[Program], backend| arguments(programs, backend).join(" ");
        let packages = "build --package selectron-extract --package selectron-stats --package selectron-render";
        assert_eq!(
            shown(&[Program::Stage(Stage::Stats)], "flex"),
            format!("{packages} --bin selectron-stats")
        );
        assert_eq!(
            shown(&[Program::Compare], "wgpu"),
            format!(
                "{packages} --package selectron-compare --bin selectron-compare --features \
                 selectron-extract/wgpu"
            )
        );
    }

    #[test]
    fn a_stages_program_has_the_name_that_the_stages_know() {
        for stage in Stage::ALL {
            let path = Program::Stage(*stage).path().unwrap();
            assert_eq!(path.file_name().unwrap().to_str(), Some(&*stage.program()));
        }
    }
}
