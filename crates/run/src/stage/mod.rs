//! What the three stage binaries have in common: flags, messages, exit codes, and the check
//! whether a stage has anything to do.

mod args;
mod console;
mod inputs;
mod interrupt;
mod scratch;
mod state;
mod wall_times;

pub use args::{BACKENDS, StageArgs, start_threads};
pub use console::Console;
pub use inputs::Inputs;
pub use scratch::scratch_is_spent;
pub use state::{Currency, State};

use crate::error::{Error, Result, bug_sentence};
use crate::guard::is_guarded;
use crate::pipeline::{Overrides, Pipeline};
use crate::run_dir::{RunDir, find_home};
use std::path::PathBuf;
use std::process::ExitCode;

/// What a stage is asked to do.
#[derive(Debug, Clone)]
pub struct Task {
    /// The experiment, with the command line's choices applied.
    pub pipeline: Pipeline,
    /// Where the stages meet.
    pub run: RunDir,
    /// The folder with `artifacts/models`, if there is one.
    pub home: Option<PathBuf>,
    /// Redo what is up to date.
    pub force: bool,
}

impl Task {
    /// Reads the pipeline file and decides where the outputs go.
    ///
    /// # Errors
    /// When the pipeline file is not right, or there is no place for outputs.
    pub fn new(args: &StageArgs) -> Result<Self> {
        let home = find_home(&args.pipeline);
        let path = match &home {
            // A pipeline named as in the README is found from any working directory.
            Ok(home) if args.pipeline.is_relative() && !args.pipeline.exists() => {
                Some(home.join(&args.pipeline)).filter(|path| path.exists())
            }
            _ => None,
        };
        let path = path.unwrap_or_else(|| args.pipeline.clone());
        let overrides = Overrides {
            model: args.model.clone(),
            layers: args.layers.clone(),
        };
        let pipeline = Pipeline::load(path)?.apply(&overrides);
        let out = match &args.out {
            Some(out) => out.clone(),
            None => home.as_ref().map_or_else(
                |_| PathBuf::from("artifacts/runs").join(&pipeline.name),
                |home| home.join("artifacts/runs").join(&pipeline.name),
            ),
        };
        Ok(Self {
            pipeline,
            run: RunDir::new(out),
            home: home.ok(),
            force: args.force,
        })
    }
}

/// Runs a stage's work and turns its outcome into an exit code, with `error: …` on the standard
/// error.
///
/// An interrupt (SIGINT, SIGTERM) removes unfinished files and exits with 130 or 143. Should a
/// library panic, the user gets one sentence like any other error.
pub fn execute<E: std::fmt::Display>(work: impl FnOnce() -> Result<(), E>) -> ExitCode {
    interrupt::install();
    wall_times::start();
    std::panic::set_hook(Box::new(|panic| {
        if is_guarded() {
            return;
        }
        let panic = panic.to_string().replace('\n', " ");
        Console::error(&bug_sentence(panic));
    }));
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)) {
        Ok(outcome) => finish(outcome),
        Err(_) => ExitCode::FAILURE,
    }
}

/// [`execute`] for a stage: first handles the flags that concern the process as a whole. Flags that
/// contradict each other are wrong usage, with exit code 2.
pub fn execute_stage<E>(args: &StageArgs, work: impl FnOnce() -> Result<(), E>) -> ExitCode
where
    E: std::fmt::Display + From<Error>,
{
    if let Some(misuse) = args.misuse() {
        Console::error(&misuse);
        return ExitCode::from(2);
    }
    execute(|| {
        start_threads(args.threads)?;
        work()
    })
}

/// Turns a stage's outcome into its exit code, with `error: …` on the standard error.
pub fn finish<E: std::fmt::Display>(outcome: Result<(), E>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            Console::error(&error.to_string());
            ExitCode::FAILURE
        }
    }
}
