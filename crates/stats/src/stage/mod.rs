//! The stage: reads the run directory's activations, tests every neuron, writes the tables.
//!
//! - [`run`]: whether there is anything to do; `check`: what the extract stage must have done;
//! - `context`: the opened inputs, and what is prepared once for all layers;
//! - `unit`: what is made of one site and layer alone; `collect`: the tables and the manifest's
//!   section, from all of them; `facts`: the section before a second look; `work`: these as the
//!   stage's units of work.

mod check;
mod collect;
mod context;
mod facts;
mod run;
mod second_look;
mod unit;
mod work;

pub use run::run;
