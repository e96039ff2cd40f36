//! Stage 1 of Selectron: words and text to activations.
//!
//! - [`record`] says what is recorded together and as which rows, and records it with a model;
//! - [`source`] is where activations come from: a model, or a simulation with known effects;
//! - [`stage`] is the whole: pipeline in, tables out, by units of work.
//!
//! What is put before a model is prepared in `selectron-items`.

#[cfg(feature = "wgpu")]
pub mod adapters;
pub mod record;
pub mod source;
pub mod stage;
