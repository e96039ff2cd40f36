//! Reproducibility: a pipeline run twice, in different surroundings, must give the same bytes, and
//! those that the repository remembers.

use crate::error::{Error, Result};
use crate::process::{root, run_to_end, say};
use crate::programs::{Program, build};
use crate::stages::check;
use selectron_run::Stage;
use selectron_run::files::folder_entries;
use selectron_run::hub::{HubModel, cache_folder};
use selectron_run::stage::{StageArgs, Task};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// The flags of `verify`.
#[derive(Debug, clap::Args)]
pub(crate) struct VerifyFlags {
    #[command(flatten)]
    run: StageArgs,

    /// Write the golden results in artifacts/golden from this run instead of comparing with them
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
    let task = check(&flags.run)?;
    let mut programs = Program::stages();
    programs.push(Program::Compare);
    build(&programs, &flags.run.backend)?;
    if !flags.all {
        return verify_one(&flags.run, &task, flags.bless);
    }
    for pipeline in shipped()? {
        let name = pipeline.file_name().unwrap_or_default().display();
        let run = StageArgs {
            pipeline: pipeline.clone(),
            ..flags.run.clone()
        };
        let task = Task::new(&run)?;
        match missing_model(&task)? {
            Some(model) => say(&format!(
                "note: pipelines/{name} is NOT verified: its model {model} is not in the local \
                 Hugging Face cache; fetch it with `cargo xtask fetch {model}`"
            )),
            None => {
                say(&format!("verifying pipelines/{name}"));
                verify_one(&run, &task, flags.bless)?;
            }
        }
    }
    Ok(())
}

/// The pipelines of the repository, in order of name.
fn shipped() -> Result<Vec<PathBuf>> {
    let mut pipelines = folder_entries(&root()?.join("pipelines"))?;
    pipelines.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    Ok(pipelines)
}

/// The source of a pipeline's model, where it must be downloaded first.
fn missing_model(task: &Task) -> Result<Option<&str>> {
    let source = &task.pipeline.model.source;
    if !HubModel::is_named_by(source) {
        return Ok(None);
    }
    let snapshot = HubModel::parse(source)?.snapshot_in(&cache_folder());
    Ok(snapshot.is_none().then_some(source))
}

fn verify_one(flags: &StageArgs, task: &Task, bless: bool) -> Result<()> {
    // As it was found, for one of the runs has another working directory.
    let pipeline = absolute(&task.pipeline.path)?;
    let golden = golden(&pipeline)?;
    if bless && golden.is_none() {
        return Err(Error::new(
            format!("{} has no golden results", pipeline.display()),
            "golden results are kept for the pipelines in pipelines/: move it there first",
        ));
    }
    let folder =
        tempfile::tempdir().map_err(|source| Error::io("create", std::env::temp_dir(), source))?;
    let (first, second) = (
        folder.path().join("first"),
        folder.path().join("elsewhere/second"),
    );
    let run_flags = |out: &Path, threads: NonZeroUsize| StageArgs {
        pipeline: pipeline.clone(),
        threads: Some(threads),
        out: Some(out.to_owned()),
        force: true,
        ..flags.clone()
    };
    let (two, one) = (NonZeroUsize::MIN.saturating_add(1), NonZeroUsize::MIN);
    run_in(&run_flags(&first, two), &root()?, None)?;
    run_in(&run_flags(&second, one), folder.path(), Some(folder.path()))?;
    let mut compare = Program::Compare.command()?;
    run_to_end(compare.arg("runs").arg(&first).arg(&second))?;

    if let Some(flag) = other_choices(flags) {
        say(&format!(
            "note: NOT compared with artifacts/golden, which knows the pipeline without {flag}"
        ));
        return Ok(());
    }
    let Some(golden) = golden else {
        say("note: there are no golden results to compare with; they are kept for pipelines/ only");
        return Ok(());
    };
    let mut compare = Program::Compare.command()?;
    compare
        .arg("golden")
        .arg(&pipeline)
        .arg(&first)
        .arg(&golden);
    if bless {
        compare.arg("--bless");
    }
    run_to_end(&mut compare)
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|source| Error::io("find", path, source))
}

/// Where the golden results of a pipeline are; none of a pipeline that is not the repository's.
fn golden(pipeline: &Path) -> Result<Option<PathBuf>> {
    let root = root()?;
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if !real(pipeline).starts_with(real(&root.join("pipelines"))) {
        return Ok(None);
    }
    let name = pipeline.with_extension("json");
    let name = name.file_name().unwrap_or_default();
    Ok(Some(root.join("artifacts/golden").join(name)))
}

/// The flag by which a run departs from its pipeline file, and so has no golden results.
fn other_choices(flags: &StageArgs) -> Option<&'static str> {
    if flags.model.is_some() {
        Some("--model")
    } else if flags.layers.is_some() {
        Some("--layers")
    } else {
        None
    }
}

/// Runs the stages from a working directory, with a home (the run's own where none is given). The
/// Hugging Face cache stays where it is, wherever the home is.
fn run_in(args: &StageArgs, folder: &Path, home: Option<&Path>) -> Result<()> {
    let cache = absolute(&cache_folder())?;
    for stage in Stage::ALL {
        let mut command = Program::Stage(*stage).command()?;
        command.args(args.arguments()).current_dir(folder);
        if let Some(home) = home {
            command.env("HOME", home).env("HF_HUB_CACHE", &cache);
        }
        run_to_end(&mut command)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_results_are_kept_for_the_repositorys_pipelines_alone() {
        let root = root().unwrap();
        let shipped = shipped().unwrap();
        assert!(shipped.contains(&root.join("pipelines/grammar.toml")));
        assert_eq!(
            golden(&root.join("pipelines/grammar.toml")).unwrap(),
            Some(root.join("artifacts/golden/grammar.json"))
        );
        let elsewhere = tempfile::tempdir().unwrap();
        let pipeline = elsewhere.path().join("grammar.toml");
        std::fs::write(&pipeline, "").unwrap();
        assert_eq!(golden(&pipeline).unwrap(), None);
    }
}
