//! How the neurons fare in running text: does what single words promise hold there?
//!
//! - [`words`]: the text's scored words; [`traces`]: their activations, a layer at a time;
//! - [`score`]: every number of a neuron; [`auc`]: exact areas under ROC curves, with intervals;
//!   [`classes`]: the category that a neuron prefers to every other one;
//! - [`nulls`]: what chance finds, with shuffled labels and in control tasks;
//! - [`shown`]: the neurons that are shown, which alone have [`bootstrap`] intervals, a
//!   [`threshold`] and [`examples`];
//! - [`transfer`]: effects in isolated words against effects in text; [`gap`]: the same words in
//!   different presentations;
//! - [`narrow`]: of a large text, only the shown neurons' activations are kept;
//! - `stage`: the order of all that, `layer` by layer; `rows`: as tables; [`report`]: what is
//!   printed.

pub mod auc;
pub mod bootstrap;
pub mod classes;
pub mod examples;
pub mod gap;
pub(crate) mod layer;
pub mod narrow;
pub mod nulls;
pub mod report;
pub(crate) mod rows;
pub mod score;
pub mod shown;
pub(crate) mod stage;
pub mod threshold;
pub mod traces;
pub mod transfer;
pub mod words;
