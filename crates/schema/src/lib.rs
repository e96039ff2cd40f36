//! The ground floor of Selectron: everything that the stages exchange.
//!
//! The stages (`extract`, `stats`, `render`) never call one another. They meet in a *run
//! directory* of Parquet tables and one `manifest.json`, and this crate is the only place that
//! says what those files look like:
//!
//! - [`pipeline`]: the TOML file that describes one experiment;
//! - [`tables`]: the row types of the small tables, and [`table`] their readers and writers;
//! - [`activations`]: the large tables, one fixed-size list of `f32` a row, read a layer at a time;
//! - [`manifest`]: what was run, from what, with which results, and the hash of every file;
//! - [`hub`]: how a model of the Hugging Face Hub is named, and where the local cache keeps it;
//! - [`guard`]: how a library is called that may panic over a damaged file;
//! - [`stage`]: what the three stage binaries have in common (flags, messages, exit codes).
//!
//! It knows no model and no statistic, and depends on no tensor library.

pub mod activations;
pub mod columns;
pub mod error;
pub mod files;
pub mod guard;
pub mod hub;
mod limits;
pub mod manifest;
pub mod pipeline;
pub mod run_dir;
pub mod site;
pub mod stage;
pub mod table;
pub mod tables;

pub use error::{Error, Result};
pub use pipeline::Pipeline;
pub use run_dir::RunDir;
pub use site::Site;

/// Version of the Parquet layout. It is written into every file, and a file of another version is
/// refused rather than misread.
pub const SCHEMA_VERSION: u32 = 1;
