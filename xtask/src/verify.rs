//! Reproducibility: a pipeline run twice, in different surroundings, must give the same bytes, and
//! those that the repository remembers.

use crate::error::{Error, Result};
use crate::flags::RunFlags;
use crate::stages::{self, ALL, binary, root};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::Command;

/// The flags of `verify`.
#[derive(Debug, clap::Args)]
pub(crate) struct VerifyFlags {
    #[command(flatten)]
    run: RunFlags,

    /// Write the golden results in artifacts/golden from this run instead of comparing with it
    #[arg(long)]
    bless: bool,
}

/// Runs a pipeline into two temporary folders, with another thread count, working directory and
/// home, compares every file, then compares with `artifacts/golden`.
pub(crate) fn verify(flags: &VerifyFlags) -> Result<()> {
    stages::build(&flags.run)?;
    let pipeline = [flags.run.pipeline.clone(), root().join(&flags.run.pipeline)]
        .into_iter()
        .find(|path| path.exists())
        .unwrap_or_else(|| flags.run.pipeline.clone());
    let pipeline = std::path::absolute(&pipeline).map_err(|error| Error::Read {
        path: pipeline.clone(),
        what: error.to_string(),
    })?;
    let folder = tempfile::tempdir().map_err(|error| Error::Read {
        path: std::env::temp_dir(),
        what: error.to_string(),
    })?;
    let run_flags = |out: &Path, threads: NonZeroUsize| RunFlags {
        pipeline: pipeline.clone(),
        threads: Some(threads),
        out: Some(out.to_owned()),
        force: true,
        ..flags.run.clone()
    };
    let (first, second) = (
        folder.path().join("first"),
        folder.path().join("elsewhere/second"),
    );
    let (two, one) = (NonZeroUsize::MIN.saturating_add(1), NonZeroUsize::MIN);
    run_in(&run_flags(&first, two), &root(), None)?;
    run_in(&run_flags(&second, one), folder.path(), Some(folder.path()))?;
    compare(|command| command.arg("runs").arg(&first).arg(&second))?;

    // A run with other choices than the pipeline's has no golden results.
    if flags.run.model.is_some() || flags.run.layers.is_some() {
        return Ok(());
    }
    let name = pipeline
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let golden = root().join("artifacts/golden").join(format!("{name}.json"));
    compare(|command| {
        command
            .arg("golden")
            .arg(&pipeline)
            .arg(&first)
            .arg(&golden);
        if flags.bless {
            command.arg("--bless")
        } else {
            command
        }
    })
}

fn run_in(flags: &RunFlags, folder: &Path, home: Option<&Path>) -> Result<()> {
    for stage in ALL {
        let mut command = Command::new(binary(stage));
        command.args(flags.arguments()).current_dir(folder);
        if let Some(home) = home {
            command.env("HOME", home);
        }
        stages::run_to_end(&mut command)?;
    }
    Ok(())
}

/// Starts the program that compares; it says itself what it finds.
fn compare(arguments: impl FnOnce(&mut Command) -> &mut Command) -> Result<()> {
    let mut command = Command::new(binary("compare"));
    arguments(&mut command);
    stages::run_to_end(&mut command)
}
