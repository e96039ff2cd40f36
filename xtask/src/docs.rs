//! The reference pages, which are generated from the code that reads and writes what they describe.

use crate::error::Result;
use crate::process::{cargo, run_command};

/// Whether to write or to check.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct DocsFlags {
    /// Only check that the pages say what the code does
    #[arg(long)]
    check: bool,
}

/// Writes `docs/pipeline.md` and `docs/tables.md`, or checks them.
///
/// The generator is a test of the tables' crate, for no program needs it; `cargo test` checks the pages
/// in any case.
pub(crate) fn docs(flags: &DocsFlags) -> Result<()> {
    let mut command = cargo()?;
    command.args(["test", "--quiet", "--workspace", "--test", "docs"]);
    if !flags.check {
        command.env("SELECTRON_WRITE_DOCS", "1");
    }
    run_command(&mut command)
}
