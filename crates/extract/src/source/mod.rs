//! Where activations come from.

mod kind;
mod model;
mod origin;
mod simulation;

pub use kind::{Reading, Source};
pub use model::ModelSource;
pub use origin::Origin;
pub use simulation::{SIMULATE, Simulation};
