//! Stage 3: from numbers to figures, text heatmaps and the report.
//!
//! The stage reads the run directory and nothing else: what was recorded (`words`, `activations`,
//! `tokens`), what was found (`tvalues`), how that was tested in turn (`balance`, `nulls`,
//! `controls`, `leave_one_out`, `reliability`, `position`), how the neurons perform in running text
//! (`text_words`, `generalization`, `upos_means`, `preferences`, `text_nulls`, `transfer`,
//! `examples`, `context_gap`, `shown_activations`), and the manifest. It computes no statistic:
//! thresholds, counts and the chosen neurons are the stats stage's. Scaling values to colours and
//! sorting them into bars is drawing, and is done here.
//!
//! - [`data`]: the run as it is drawn;
//! - [`theme`], [`color`], [`scale`], [`heat`]: which activation gets which colour;
//! - [`figures`]: the pictures, written as SVG by [`svg`] and rasterised with a bundled [`font`];
//! - [`report`]: the page that holds them all.

pub mod color;
pub mod data;
pub mod figures;
pub mod font;
pub mod heat;
pub mod numbers;
pub mod report;
pub mod sanitize;
pub mod scale;
pub mod stage;
pub mod svg;
pub mod theme;

pub use selectron_run::{Error, Result};
pub use stage::run;
