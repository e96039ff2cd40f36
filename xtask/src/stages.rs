//! Single stages.

use crate::error::{Error, Result};
use crate::process::run_to_end;
use crate::programs::{Program, build};
use selectron_run::Stage;
use selectron_run::stage::{Console, StageArgs, Task};

/// Builds and runs one stage.
pub(crate) fn build_and_run(stage: Stage, args: &StageArgs) -> Result<()> {
    check(args)?;
    build(&[Program::Stage(stage)], &args.backend)?;
    run(stage, args)
}

/// Refuses what the stages would refuse after minutes of compiling; says what is asked for.
pub(crate) fn check(args: &StageArgs) -> Result<Task> {
    if let Some(misuse) = args.misuse() {
        Console::error(&misuse);
        // Wrong usage, as the stages have it.
        return Err(Error::Program { code: 2 });
    }
    Ok(Task::new(args)?)
}

/// Runs a stage that has been built; its own messages go to the terminal.
pub(crate) fn run(stage: Stage, args: &StageArgs) -> Result<()> {
    run_to_end(Program::Stage(stage).command()?.args(args.arguments()))
}

/// Lists the GPUs, by the stage that knows them.
pub(crate) fn list_adapters() -> Result<()> {
    let extract = Program::Stage(Stage::Extract);
    build(&[extract], "wgpu")?;
    run_to_end(extract.command()?.arg("--list-adapters"))
}
