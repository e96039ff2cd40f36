//! Finding the source that a pipeline names.

use super::kind::Source;
use super::model::{ModelFiles, ModelSource};
use super::simulation::{SIMULATE, Simulation};
use selectron_model::device::Compute;
use selectron_run::error::Result;
use selectron_run::stage::{Inputs, Task};

/// A source that has been found, but not loaded: enough to tell whether there is anything to do.
#[derive(Debug)]
pub enum Origin {
    /// A model.
    Model(Box<ModelFiles>),
    /// A simulation.
    Simulation,
}

impl Origin {
    /// Finds the source of a pipeline; a model will compute where `compute` says.
    ///
    /// # Errors
    /// When there is no such model.
    pub fn find(task: &Task, compute: Compute) -> Result<Self> {
        if task.pipeline.model.source == SIMULATE {
            return Ok(Self::Simulation);
        }
        Ok(Self::Model(Box::new(ModelFiles::find(task, compute)?)))
    }

    /// Adds what its activations depend on besides the pipeline.
    pub fn add_to(&self, inputs: &mut Inputs) {
        match self {
            Self::Model(files) => files.add_to(inputs),
            Self::Simulation => {}
        }
    }

    /// Whether it reads text.
    pub const fn reads_text(&self) -> bool {
        match self {
            Self::Model(_) => true,
            Self::Simulation => false,
        }
    }

    /// Loads it, for what the pipeline asks.
    ///
    /// # Errors
    /// When it cannot be loaded, or lacks a site or a layer that is asked for.
    pub fn load(self, task: &Task) -> Result<Box<dyn Source>> {
        Ok(match self {
            Self::Model(files) => Box::new(ModelSource::load(*files, &task.pipeline)?),
            Self::Simulation => Box::new(Simulation::new(&task.pipeline)?),
        })
    }
}
