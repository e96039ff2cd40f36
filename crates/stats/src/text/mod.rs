//! How the neurons perform in running text: does what single words promise hold there?
//!
//! - [`inputs`]: the tables of the text; [`words`]: its scored words; [`traces`]: their activations,
//!   a layer at a time;
//! - [`score`]: every number of a neuron; [`auc`]: exact areas under ROC curves, with intervals;
//!   [`classes`]: the category that a neuron prefers to every other one;
//! - [`nulls`]: what chance finds, with shuffled labels and in control tasks;
//! - [`gap`]: the same words in different presentations;
//! - [`layer`]: all of that for a site and layer, as [`rows`];
//! - [`shown`]: the neurons that are shown, which [`alone`] have [`bootstrap`] intervals, a
//!   [`threshold`] and [`examples`];
//! - [`transfer`]: effects in isolated words compared with effects in text;
//! - [`collect`]: the tables, when all layers have been scored; [`print`](mod@print): what is printed.

pub mod alone;
pub mod auc;
pub mod bootstrap;
pub mod classes;
pub mod collect;
pub mod examples;
pub mod gap;
pub mod inputs;
pub mod layer;
pub mod nulls;
pub mod print;
pub mod rows;
pub mod score;
pub mod shown;
pub mod threshold;
pub mod traces;
pub mod transfer;
pub mod words;
