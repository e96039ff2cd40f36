//! README's numbers, which are those of the default run.
//!
//! README holds one fenced block with what `run-all` prints at its end, after a line that says so,
//! and sentences may hold numbers between `<!-- n: KEY -->` and `<!-- /n -->`.

mod values;
mod written;

use crate::error::{Error, Result};
use crate::process::{root, say};
use crate::summary;
use selectron_run::files::{read_text, write_atomically};
use selectron_run::manifest::Manifest;
use selectron_run::{Pipeline, RunDir};
use std::path::Path;
use values::values;
use written::{first_difference, rewritten};

/// Whether to write or to check.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ReadmeFlags {
    /// Write the default run's numbers into README instead of comparing
    #[arg(long)]
    bless: bool,
}

/// Compares README with what the default run has found, or makes it say that.
pub(crate) fn readme(flags: &ReadmeFlags) -> Result<()> {
    let root = root()?;
    let path = root.join("README.md");
    let text = read_text(&path)?;
    let (run, manifest) = default_run(&root)?;
    let mut lines = summary::lines(&run, &manifest)?;
    lines.push(summary::report(&run, &root));
    let values = values(manifest.tested(&run)?);
    let true_text = rewritten(&text, &lines, &values)?;
    if flags.bless {
        write_atomically(&path, true_text.as_bytes())?;
        say("README.md says what the default run has found");
        return Ok(());
    }
    match first_difference(&text, &true_text) {
        None => {
            say("README.md says what the default run has found");
            Ok(())
        }
        Some(difference) => Err(Error::new(
            difference,
            "if the run is right, rewrite README with `cargo xtask readme --bless`",
        )),
    }
}

/// The run of the default pipeline, as `run-all` has left it.
fn default_run(root: &Path) -> Result<(RunDir, Manifest)> {
    let pipeline = Pipeline::load(root.join("pipelines/grammar.toml"))?;
    let run = RunDir::new(root.join("artifacts/runs").join(&pipeline.name));
    let manifest = Manifest::load(&run, &pipeline)?;
    if manifest.pipeline == Manifest::new(&pipeline).pipeline {
        return Ok((run, manifest));
    }
    let error = selectron_run::Error::artifact(
        run.manifest(),
        "this is not a run of the default pipeline as it is now",
        "run `cargo xtask run-all`",
    );
    Err(error.into())
}
