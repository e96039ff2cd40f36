//! The Parquet tables that the stages exchange.
//!
//! - [`rows`]: a struct per small table; [`table`] reads and writes them;
//! - [`activations`]: the large tables, one list of `f32` per row, read a layer at a time;
//! - [`columns`]: the types that a column can have, read from whatever equivalent type another program
//!   has given it;
//! - [`provenance`]: which run a table belongs to;
//! - [`reduce`]: from the activations of a word's tokens to one value per neuron;
//! - `limits`: what reading a file may cost.

pub mod activations;
pub mod columns;
mod damaged;
mod file;
mod limits;
mod packing;
pub mod provenance;
pub mod reduce;
pub mod row;
pub mod rows;
pub mod table;

pub use file::column;
pub use packing::Packing;
pub use provenance::Provenance;
pub use row::Row;
