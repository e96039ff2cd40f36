//! `manifest.json`: everything needed to repeat a run, and what came of it.
//!
//! It holds nothing that changes between two honest runs: no clock, no host, no absolute path.
//! Each stage writes its own section and leaves the earlier ones as they are.

mod artifact;
mod extract;
mod file;
mod stats;
mod text;

pub use artifact::{ArtifactFacts, Artifacts, artifact};
pub use extract::{BackendFacts, CategoryFacts, DroppedWord, ExtractFacts, ModelFacts, TextFacts};
pub use file::{Manifest, PipelineFacts, RenderFacts, Section, SectionRef, model_name};
pub use stats::{
    ControlFacts, LayerCounts, LeaveOneOutFacts, NullFacts, PermutationFacts, PowerFacts,
    SelectedNeuron, StatsFacts,
};
pub use text::{ConfusionFacts, GeneralizationFacts, LayerGeneralization, ShownFacts};
