//! Downloading a model, by the one program that carries an HTTP client.

use crate::error::Result;
use crate::stages::{binary, cargo, run_command, run_to_end};
use std::process::Command;

/// What to download.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct FetchFlags {
    /// The model, as in a pipeline file, such as `hub:EleutherAI/gpt-neo-125m`; a branch, a tag or a
    /// commit may follow after an `@`
    #[arg(value_name = "SOURCE[@REVISION]")]
    source: String,
}

/// Builds the program, which no other task does, and runs it.
///
/// It is built together with everything else: cargo then settles on the same features for every
/// library as in a run, and what a run has compiled or will need is not compiled a second time.
pub(crate) fn fetch(flags: &FetchFlags) -> Result<()> {
    run_command(cargo().args(["build", "--quiet", "--workspace", "--bins"]))?;
    run_to_end(Command::new(binary("fetch")).arg(&flags.source))
}
