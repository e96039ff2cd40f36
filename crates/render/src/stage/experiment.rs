//! Whether a run is of the experiment that is asked for.

use selectron_run::error::{Error, Result};
use selectron_run::manifest::Manifest;
use selectron_run::{Pipeline, RunDir, Stage};

/// Refuses to draw one model's or layers' numbers under the name of another's.
///
/// # Errors
/// When the manifest is of a run with another model or other layers than the pipeline's, or the
/// extract stage has not run.
pub(super) fn check_same_experiment(
    pipeline: &Pipeline,
    manifest: &Manifest,
    run: &RunDir,
) -> Result<()> {
    manifest.extracted(run)?;
    let (asked, found) = (Manifest::new(pipeline).pipeline, &manifest.pipeline);
    let differs = |what: &str, found: &str, asked: &str| {
        Err(Error::artifact(
            run.manifest(),
            format!("was made with the {what} `{found}`, not `{asked}`"),
            "run `cargo xtask run-all` with the same flags, or choose another folder with --out",
        ))
    };
    if asked.model != found.model {
        return differs("model", &found.model, &asked.model);
    }
    if asked.layers != found.layers {
        let (found, asked) = (found.layers.to_string(), asked.layers.to_string());
        return differs("layers", &found, &asked);
    }
    Ok(())
}

/// Refuses numbers that were made by other `[test]` settings than the pipeline's.
///
/// # Errors
/// When that is so, or the stats stage has not run.
pub(super) fn check_tested(pipeline: &Pipeline, manifest: &Manifest, run: &RunDir) -> Result<()> {
    let stats = manifest.tested(run)?;
    let test = &pipeline.test;
    let is_same = stats.statistics == test.statistic
        && stats.alpha == test.alpha
        && stats.correction == test.correction
        && stats.family == test.family;
    if is_same {
        return Ok(());
    }
    Err(Error::artifact(
        run.manifest(),
        "the stats stage has run with other [test] settings than the pipeline's",
        Stage::Stats.remedy(),
    ))
}
