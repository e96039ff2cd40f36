//! The base crate of Selectron: what the stages and the task runner have to agree on.
//!
//! The stages (`extract`, `stats`, `render`) never call one another. They meet in a *run
//! directory* of Parquet tables and one `manifest.json`. This crate knows what is in that directory,
//! but not how a table is read (`selectron-tables` does), so that the task runner can link it:
//!
//! - [`pipeline`]: the TOML file that describes one experiment;
//! - [`stages`]: the stages and tables, their names, and who reads and writes what;
//! - [`named`]: closed sets of names, each with its sentence;
//! - [`site`], [`place`]: where a neuron is, and which side of a contrast it answers to;
//! - [`manifest`]: what was run, from what, with which results, and the hash of every file;
//! - [`units`]: a stage's work as numbered units: plan, units, collect;
//! - [`stage`]: what the stage programs have in common (flags, messages, exit codes, whether there is
//!   anything to do);
//! - [`hub`]: how a model of the Hugging Face Hub is named, and where the local cache keeps it;
//! - [`error`]: the one error type; [`guard`]: how a library is called that may panic over a damaged
//!   file; [`files`]: files that appear whole or not at all.
//!
//! It knows no model and no statistic, and depends on no tensor library and no Parquet reader.

pub mod error;
pub mod files;
pub mod guard;
pub mod hub;
pub mod machine;
pub mod manifest;
pub mod named;
pub mod pipeline;
pub mod place;
pub mod run_dir;
pub mod site;
pub mod spelling;
pub mod stage;
pub mod stages;
pub mod units;
pub mod version;
pub mod vocabulary;

pub use error::{Error, Result};
pub use pipeline::Pipeline;
pub use place::{NeuronId, Place, Side, Sides};
pub use run_dir::RunDir;
pub use site::Site;
pub use stages::{Stage, Table};
pub use version::SCHEMA_VERSION;
