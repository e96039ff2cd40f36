//! Tells whether two runs are the same, and where they differ.
//!
//! - [`folders`] compares two run directories byte for byte; a Parquet table that differs is
//!   opened, and the difference named by row group, column and row.
//! - [`golden`] compares a run with results that are kept in the repository: by hash where the
//!   machine computes alike, within a tolerance elsewhere.

pub mod folders;
pub mod golden;
