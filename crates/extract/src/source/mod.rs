//! Where activations come from: a model, or a simulation.

pub mod kind;
pub mod model;
pub mod origin;
pub mod simulation;
