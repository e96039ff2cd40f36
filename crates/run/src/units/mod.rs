//! A stage's work as numbered units: plan, units, collect.
//!
//! A stage is one value that implements [`Work`]. [`perform`] does all three steps in one process:
//! it plans, does the units that have no complete result yet, and collects. What a unit makes is a
//! function of the stage's inputs alone, so neither the order of the units, nor their grouping, nor
//! an interruption between them changes a byte of what is collected.

mod store;

pub use store::{Store, UnitFiles};

use crate::error::Result;
use crate::files::remove_path;
use crate::manifest::{Manifest, Section};
use crate::stage::{Console, Inputs, State, Task};
use crate::stages::Stage;
use std::collections::BTreeSet;

/// One piece of a stage's work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// What it is, for people: `mlp.pre, layer 3`.
    pub title: String,
}

/// The work of a stage, as numbered units.
pub trait Work {
    /// The stage.
    fn stage(&self) -> Stage;

    /// All units, in order, numbered from 0. The plan depends on the stage's inputs alone.
    ///
    /// # Errors
    /// When an input is not right.
    fn plan(&self) -> Result<Vec<Unit>>;

    /// Does some units, in ascending order of their numbers, and finishes each in the store.
    ///
    /// # Errors
    /// When an input is not right, or a result cannot be written.
    fn units(&self, numbers: &[usize], store: &Store) -> Result<()>;

    /// Makes the stage's outputs from the results of all units, and returns the stage's section of
    /// the manifest.
    ///
    /// # Errors
    /// When an output cannot be written.
    fn collect(&self, units: usize, store: &Store) -> Result<Section>;
}

/// Does a stage's work from where an earlier process with the same inputs left off, and writes its
/// section of the manifest. Outputs of an earlier run that are not made any more are removed.
///
/// # Errors
/// As the steps of [`Work`]; when another process has the run directory, or it cannot be written.
pub fn perform(task: &Task, console: &Console, inputs: &Inputs, work: &dyn Work) -> Result<()> {
    let Task { pipeline, run, .. } = task;
    let stage = work.stage();
    let _lock = run.lock()?;
    let plan = work.plan()?;
    let store = Store::open(run, stage, inputs)?;
    if task.force {
        store.clear()?;
    }
    let missing = store.missing(plan.len());
    if missing.len() < plan.len() {
        console.read(format_args!(
            "{} of {} units of work are there from an interrupted run",
            plan.len() - missing.len(),
            plan.len()
        ));
    }
    work.units(&missing, &store)?;
    let section = work.collect(plan.len(), &store)?;

    let mut manifest = match stage.after() {
        [] => Manifest::new(pipeline),
        _ => Manifest::load(run, pipeline)?,
    };
    let mut earlier = State::files(run, stage);
    if let Ok(manifest) = Manifest::load(run, pipeline) {
        earlier.extend(files(&manifest, stage));
    }
    manifest.pipeline = Manifest::new(pipeline).pipeline;
    manifest.put(section);
    remove_stale(task, stage, &earlier, &manifest)?;
    manifest.save(run)?;
    State::save(run, stage, inputs)?;
    store.remove()
}

/// The files that a manifest says a stage has left, those in `.scratch/` included.
fn files(manifest: &Manifest, stage: Stage) -> impl Iterator<Item = String> {
    let kept = manifest.artifacts(stage).into_iter().flatten();
    let all = kept.chain(manifest.scratch(stage));
    all.map(|(name, _)| name.clone())
}

/// Removes what an earlier run of the stage has left and this one has not made again. Only what its
/// state or the manifest lists is ours, and only under the names that the stage uses. The manifest
/// alone would not do: a stage before this one that has run again has removed this one's section.
fn remove_stale(
    task: &Task,
    stage: Stage,
    earlier: &BTreeSet<String>,
    now: &Manifest,
) -> Result<()> {
    let made: BTreeSet<String> = files(now, stage).collect();
    for name in earlier.difference(&made) {
        // Another program may have written the manifest.
        if stage.may_write(name) {
            remove_path(task.run.file(name))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
