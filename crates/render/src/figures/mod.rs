//! The figures: each a picture as SVG and PNG, with a caption.

mod by_layer;
mod draw;
mod figure;
mod heatmap;
mod in_text;
mod items_by_neurons;
mod layout;
mod markers;
mod names;
mod null_counts;
mod t_by_neuron;
mod t_histogram;
mod text_layout;
mod volcano;

pub use draw::{draw_all, rasterise};
pub use figure::{Drawing, Figure, Kind, WIDTH};
