//! Running the stage, unless its outputs are up to date.

use super::check::check_extracted;
use super::context::{Context, Sources};
use crate::results::check_correction;
use selectron_run::Stage;
use selectron_run::error::Result;
use selectron_run::manifest::Manifest;
use selectron_run::stage::{Console, Currency, Inputs, State, Task};
use selectron_run::units::perform;
use selectron_tables::Provenance;
use selectron_tables::table::check_table;

/// Runs the stage, unless its outputs are up to date.
///
/// # Errors
/// When the extract stage has not run or does not fit the pipeline, when the words do not allow the
/// test, or when the run directory cannot be written.
pub fn run(task: &Task) -> Result<()> {
    let console = Console::new(Stage::Stats.name());
    let Task { pipeline, run, .. } = task;
    let manifest = Manifest::load(run, pipeline)?;
    check_extracted(&manifest, pipeline, run)?;
    check_correction(pipeline)?;
    let provenance = Provenance::new(&pipeline.name);
    let inputs = Inputs::of_tables(Stage::Stats, pipeline, run, &manifest, |path, table| {
        check_table(path, table, &provenance)
    })?;
    if !task.force {
        match State::currency(run, Stage::Stats, &inputs) {
            // The stage itself leaves nothing in `.scratch/`.
            Currency::Current | Currency::WithoutScratch => {
                console.up_to_date();
                return Ok(());
            }
            Currency::Stale => {}
            Currency::Damaged(name) => console.warn(format_args!(
                "{name} is missing or has changed since it was written; it is made again"
            )),
        }
    }
    let sources = Sources::open(task, manifest.extracted(run)?, &provenance)?;
    let text = sources.text(task)?;
    let context = Context::new(task, &console, &provenance, &sources, text.as_ref())?;
    perform(task, &console, &inputs, &context)?;
    console.done();
    Ok(())
}
