//! The stage as a whole: pipeline in, tables out.

mod currency;
mod extraction;
mod inputs;
mod outputs;
mod plan;
mod prepared;
#[cfg(test)]
mod tests;
mod unit;
mod word_rows;
mod writing;

use crate::source::origin::Origin;
use currency::is_up_to_date;
use extraction::Extraction;
use inputs::add_files;
use plan::plan;
use prepared::{Prepared, Read};
use selectron_model::device::Compute;
use selectron_run::Stage;
use selectron_run::error::Result;
use selectron_run::stage::{Console, Inputs, Task};
use selectron_run::units::perform;

/// Runs the stage: reads the words and the text, records their activations, writes the tables and
/// the manifest.
///
/// # Errors
/// When an input is not right or an output cannot be written; earlier outputs are left as they
/// were.
pub fn run(task: &Task, compute: Compute) -> Result<()> {
    let console = Console::new(Stage::Extract.name());
    let pipeline = &task.pipeline;
    let origin = Origin::find(task, compute)?;
    let mut inputs = Inputs::of_stage(Stage::Extract, pipeline)?;
    add_files(pipeline, &mut inputs)?;
    origin.add_to(&mut inputs);
    if !task.force && is_up_to_date(task, &console, &inputs) {
        console.up_to_date();
        return Ok(());
    }
    let read = Read::of(pipeline, origin.reads_text())?;
    let source = origin.load(task)?;
    console.read(source.title());
    let prepared = Prepared::new(pipeline, &console, &*source, read)?;
    source.check(&console, &prepared.words, prepared.text.is_some())?;
    let work = Extraction {
        task,
        console: &console,
        source: &*source,
        units: plan(&prepared, &*source),
        prepared,
    };
    perform(task, &console, &inputs, &work)?;
    console.done();
    Ok(())
}
