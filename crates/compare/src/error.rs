//! The errors of a comparison.

use std::path::PathBuf;

/// A `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a comparison can end with, other than success.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An error of the ground floor.
    #[error(transparent)]
    Schema(#[from] selectron_run::Error),

    /// Two things that should be the same are not.
    #[error("{}; if the change is meant, {remedy}", differences.join("\n       "))]
    Differs {
        /// Each difference, as a sentence.
        differences: Vec<String>,
        /// What to do about a change that is meant.
        remedy: String,
    },

    /// There are no golden results yet.
    #[error("{}: there are no golden results for this pipeline; write them with `cargo xtask verify --bless`", .0.display())]
    NoGolden(PathBuf),
}
