//! Downloading a model, by the one program that carries an HTTP client.

use crate::error::Result;
use crate::process::run_to_end;
use crate::programs::{Program, build};

/// What to download.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct FetchFlags {
    /// The model, as in a pipeline file, such as `hub:EleutherAI/gpt-neo-125m`; a branch, a tag or a
    /// commit may follow after an `@`
    #[arg(value_name = "SOURCE[@REVISION]")]
    source: String,
}

/// Builds the program, which no other task does, and runs it.
pub(crate) fn fetch(flags: &FetchFlags) -> Result<()> {
    build(&[Program::Fetch], "flex")?;
    run_to_end(Program::Fetch.command()?.arg(&flags.source))
}
