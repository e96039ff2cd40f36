//! Stage 2 of Selectron: from activations to t-values and every other number.
//!
//! The stage reads `words.parquet`, `activations.parquet` and the tables of the text of a run
//! directory a layer at a time. It knows no model, and the path of a number through the modules is short:
//!
//! - [`design`]: which words are compared, and the pairs; [`arrangement`]: the same for one test;
//! - [`sample`]: one layer's activations, neuron by neuron;
//! - [`statistic`]: the tests, one file each; [`distributions`]: their p-values, in logarithms;
//! - [`effect`]: effect sizes and their intervals; [`moments`]: means and variances;
//! - [`correction`]: Bonferroni and the others, applied to a family of tests;
//! - [`random`]: streams of random numbers; [`permutation`]: random rearrangements, and max-T;
//! - [`results`]: all of that for a run; [`rows`]: as a table; [`select`]: the neurons shown;
//! - [`balance`], [`nulls`], [`controls`], [`leave_one_out`], [`reliability`], [`position`], [`power`]:
//!   what puts the numbers in proportion;
//! - [`text`]: how the neurons perform in running text;
//! - [`stage`]: the order of all that; [`outputs`]: the tables that it leaves; [`print`](mod@print):
//!   what is printed.

pub mod arrangement;
pub mod balance;
pub mod controls;
pub mod correction;
pub mod design;
pub mod distributions;
pub mod effect;
pub mod leave_one_out;
pub mod moments;
pub mod nulls;
pub mod outputs;
pub mod permutation;
pub mod position;
pub mod power;
pub mod print;
pub mod random;
pub mod reliability;
pub mod results;
pub mod rows;
pub mod sample;
pub mod select;
pub mod stage;
pub mod statistic;
pub mod text;
