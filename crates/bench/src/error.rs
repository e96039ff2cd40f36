//! The errors of the benchmark's worker.

use std::path::{Path, PathBuf};

/// A `Result` with this crate's [`Error`].
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong while measuring.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// An error of the ground floor.
    #[error(transparent)]
    Schema(#[from] selectron_run::Error),

    /// An error of the model.
    #[error(transparent)]
    Model(#[from] selectron_model::Error),

    /// An error of the extract stage.
    #[error(transparent)]
    Extract(#[from] selectron_extract::Error),

    /// A file of the benchmark cannot be read or is not as it was written.
    #[error("{}: {what}; remove its folder, and `cargo xtask bench` makes it again", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },

    /// A case that is not there.
    #[error("there is no case `{name}`; choose among {known}")]
    Case {
        /// The name asked for.
        name: String,
        /// Those that exist.
        known: String,
    },
}

impl Error {
    /// An error about a file.
    pub(crate) fn file(path: impl AsRef<Path>, what: impl std::fmt::Display) -> Self {
        Self::File {
            path: path.as_ref().to_owned(),
            what: what.to_string(),
        }
    }
}
