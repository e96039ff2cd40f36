//! Writing SVG, and making PNG of it.
//!
//! Every figure is written by [`Canvas`], whose elements carry a class beside their colour: as a
//! file the figure is dark ink on white paper; inside the report the style sheet gives the classes
//! the page's own colours, in light and in dark surroundings.

mod axes;
mod canvas;
mod paint;
mod raster;

pub use axes::{Axis, Margins, Plot, draw_axes};
pub use canvas::{Anchor, Canvas, Text, Weight};
pub use paint::Paint;
pub use raster::to_png;
