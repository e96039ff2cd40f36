//! Whether what a stage leaves in `.scratch/` is still needed.

use super::inputs::Inputs;
use super::state::{Currency, State};
use crate::manifest::Manifest;
use crate::pipeline::Pipeline;
use crate::run_dir::{RunDir, SCRATCH};
use crate::stages::{Stage, Table};

/// Whether the tables that a stage has left in `.scratch/` have served their purpose: every stage that
/// reads one of them is itself up to date.
pub fn scratch_is_spent(run: &RunDir, pipeline: &Pipeline, stage: Stage) -> bool {
    let Ok(manifest) = Manifest::load(run, pipeline) else {
        return false;
    };
    let scratch = manifest.scratch(stage);
    let is_scratch =
        |table: &Table| scratch.contains_key(&format!("{SCRATCH}/{}", table.file_name()));
    let readers = Stage::ALL.iter().copied();
    for reader in readers.filter(|reader| reader.reads().iter().any(is_scratch)) {
        // A table that is not as its stage left it has to be made again.
        let inputs = Inputs::of_tables(reader, pipeline, run, &manifest, |_, _| Ok(()));
        let Ok(inputs) = inputs else {
            return false;
        };
        match State::currency(run, reader, &inputs) {
            Currency::Current | Currency::WithoutScratch => {}
            Currency::Stale | Currency::Damaged(_) => return false,
        }
    }
    true
}
