//! The pipeline file: one experiment, in TOML.
//!
//! [`Pipeline::load`] reads it, refuses unknown keys with the nearest known one, and resolves its
//! paths against its own folder. [`Pipeline::apply`] then applies the command line's choices,
//! and [`Pipeline::settings`] says which stage reads which key.

mod category;
pub mod documented;
mod file;
mod keys;
mod model;
mod names;
mod one_or_many;
mod overrides;
mod problem;
mod record;
mod render;
mod settings;
mod simulate;
mod test;
#[cfg(test)]
mod tests;
mod text;
mod words;

pub use category::{CategorySection, UPOS};
pub use file::{Pipeline, SECTIONS};
pub use model::ModelSection;
pub use names::{
    Correction, Covariate, Family, Layers, Pairing, Presentation, Reduce, Scaling, Statistic,
};
pub use overrides::Overrides;
pub use record::RecordSection;
pub use render::{Palette, RenderSection};
pub use settings::Setting;
pub use simulate::SimulateSection;
pub use test::TestSection;
pub use text::{ShownNeuron, TextSection};
pub use words::WordsSection;
