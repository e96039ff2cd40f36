//! The stage: read the run, draw, write.

mod experiment;
mod work;

use crate::theme::Theme;
use experiment::{check_same_experiment, check_tested};
use selectron_run::Stage;
use selectron_run::error::Result;
use selectron_run::manifest::Manifest;
use selectron_run::stage::{Console, Currency, Inputs, StageArgs, State, Task};
use selectron_run::units::perform;
use selectron_tables::Provenance;
use selectron_tables::table::check_table;
use work::Drawing;

/// Draws the figures and the report of a run.
///
/// # Errors
/// When the pipeline file is not right, an earlier stage has not run, a table does not fit, or the
/// run directory cannot be written. Earlier outputs then stay as they are.
pub fn run(args: &StageArgs) -> Result<()> {
    let stage = Stage::Render;
    let console = Console::new(stage.name());
    let task = Task::new(args)?;
    let Task { pipeline, run, .. } = &task;
    let mut manifest = Manifest::load(run, pipeline)?;
    check_same_experiment(pipeline, &manifest, run)?;
    check_tested(pipeline, &manifest, run)?;
    let theme = Theme::of(pipeline)?;
    let provenance = Provenance::new(&pipeline.name);
    let inputs = Inputs::of_tables(stage, pipeline, run, &manifest, |path, table| {
        check_table(path, table, &provenance)
    })?;
    if !task.force {
        match State::currency(run, stage, &inputs) {
            // The stage leaves nothing in `.scratch/`.
            Currency::Current | Currency::WithoutScratch => {
                console.up_to_date();
                return Ok(());
            }
            Currency::Damaged(name) => console.warn(format_args!(
                "{name} is missing or has changed since it was written; it is made again"
            )),
            Currency::Stale => {}
        }
    }
    // What earlier stages do not read of the pipeline file may have changed since they ran.
    manifest.pipeline = Manifest::new(pipeline).pipeline;
    let drawing = Drawing {
        task: &task,
        console: &console,
        manifest: &manifest,
        theme: &theme,
    };
    perform(&task, &console, &inputs, &drawing)?;
    console.done();
    Ok(())
}
