//! Reproducibility: a pipeline run twice, in different surroundings, must give the same bytes, and
//! those that the repository remembers.

use crate::about::about;
use crate::error::{Error, Result};
use crate::flags::RunFlags;
use crate::stages::{self, ALL, binary, root, say};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The flags of `verify`.
#[derive(Debug, clap::Args)]
pub(crate) struct VerifyFlags {
    #[command(flatten)]
    run: RunFlags,

    /// Write the golden results in artifacts/golden from this run instead of comparing with it
    #[arg(long)]
    bless: bool,

    /// Verify every pipeline in pipelines/; one whose model must be downloaded first, and has not
    /// been, is left out with a note
    #[arg(long, conflicts_with_all = ["pipeline", "out", "model", "layers"])]
    all: bool,
}

/// Runs a pipeline, or all, into two temporary folders, with another thread count, working
/// directory and home, compares every file, then compares with `artifacts/golden`.
pub(crate) fn verify(flags: &VerifyFlags) -> Result<()> {
    stages::build(&flags.run)?;
    if !flags.all {
        return verify_one(&flags.run, flags.bless);
    }
    for pipeline in shipped()? {
        let run = RunFlags {
            pipeline: pipeline.clone(),
            ..flags.run.clone()
        };
        let name = pipeline.file_name().unwrap_or_default().display();
        match about(&run)?.missing_model {
            Some(model) => say(&format!(
                "note: pipelines/{name} is NOT verified: its model {model} is not in the local \
                 Hugging Face cache; fetch it with `cargo xtask fetch {model}`"
            )),
            None => {
                say(&format!("verifying pipelines/{name}"));
                verify_one(&run, flags.bless)?;
            }
        }
    }
    Ok(())
}

/// The pipelines of the repository, in order of name.
fn shipped() -> Result<Vec<PathBuf>> {
    let folder = root().join("pipelines");
    let failed = |error: std::io::Error| Error::Read {
        path: folder.clone(),
        what: error.to_string(),
    };
    let mut pipelines = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            pipelines.push(path);
        }
    }
    pipelines.sort();
    Ok(pipelines)
}

fn verify_one(flags: &RunFlags, bless: bool) -> Result<()> {
    let pipeline = [flags.pipeline.clone(), root().join(&flags.pipeline)]
        .into_iter()
        .find(|path| path.exists())
        .unwrap_or_else(|| flags.pipeline.clone());
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
        ..flags.clone()
    };
    let (first, second) = (
        folder.path().join("first"),
        folder.path().join("elsewhere/second"),
    );
    let (two, one) = (NonZeroUsize::MIN.saturating_add(1), NonZeroUsize::MIN);
    run_in(&run_flags(&first, two), &root(), None)?;
    run_in(&run_flags(&second, one), folder.path(), Some(folder.path()))?;
    compare(|command| command.arg("runs").arg(&first).arg(&second))?;

    if let Some(flag) = other_choices(flags) {
        say(&format!(
            "note: NOT compared with artifacts/golden, which knows the pipeline without {flag}"
        ));
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
        if bless {
            command.arg("--bless")
        } else {
            command
        }
    })
}

/// The flag by which a run departs from its pipeline file, and so has no golden results.
fn other_choices(flags: &RunFlags) -> Option<&'static str> {
    let choices = [
        (flags.model.is_some(), "--model"),
        (flags.layers.is_some(), "--layers"),
    ];
    choices
        .into_iter()
        .find(|(made, _)| *made)
        .map(|(_, flag)| flag)
}

/// Runs the stages from a working directory, with a home (the run's own where none is given). The
/// Hugging Face cache stays where it is, wherever the home is.
fn run_in(flags: &RunFlags, folder: &Path, home: Option<&Path>) -> Result<()> {
    for stage in ALL {
        let mut command = Command::new(binary(stage));
        command.args(flags.arguments()).current_dir(folder);
        if let Some(home) = home {
            command.env("HOME", home);
            let cache = [
                "HF_HUB_CACHE",
                "HUGGINGFACE_HUB_CACHE",
                "HF_HOME",
                "XDG_CACHE_HOME",
            ];
            if !cache.iter().any(|name| std::env::var_os(name).is_some())
                && let Some(own) = std::env::home_dir()
            {
                command.env("HF_HOME", own.join(".cache/huggingface"));
            }
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
