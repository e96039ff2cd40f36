//! What the earlier stages left in the run directory, read and joined for drawing.

mod checks;
mod class;
mod document;
mod in_text;
mod measure;
mod optional;
mod run;
mod sites;
mod table_errors;

pub use checks::Checks;
pub use class::Class;
pub use document::{Document, Piece, Shown};
pub use in_text::InText;
pub use measure::Measure;
pub use run::Run;
pub use sites::{Chosen, Items, LayerTests, SiteTests};
