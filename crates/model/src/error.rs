//! The errors of model loading and recording.

use std::path::{Path, PathBuf};

/// A `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong between a model's name and its activations.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An error of the ground floor.
    #[error(transparent)]
    Schema(#[from] selectron_run::Error),

    /// The model cannot be found.
    #[error("model `{source_name}`: {what}; {remedy}")]
    Source {
        /// The source as the user wrote it.
        source_name: String,
        /// What is wrong.
        what: String,
        /// What to do.
        remedy: String,
    },

    /// A file of the checkpoint is not what it should be.
    #[error("{}: {what}; {remedy}", path.display())]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
        /// What to do.
        remedy: String,
    },

    /// What is asked of the model it cannot do.
    #[error("{what}; {remedy}")]
    Request {
        /// What is wrong.
        what: String,
        /// What to do.
        remedy: String,
    },

    /// Something that cannot happen has happened: a mistake of ours.
    #[error(
        "internal error: {0}; this is a bug in Selectron, please report it with the pipeline file"
    )]
    Bug(String),
}

impl Error {
    /// A checkpoint file that is not right.
    pub fn checkpoint(
        path: impl AsRef<Path>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::Checkpoint {
            path: path.as_ref().to_owned(),
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    /// A request that the model cannot fulfil.
    pub fn request(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Request {
            what: what.into(),
            remedy: remedy.into(),
        }
    }
}

/// Until every crate speaks of the base crate's errors: the same sentence there.
impl From<Error> for selectron_run::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Schema(error) => error,
            Error::Source {
                source_name,
                what,
                remedy,
            } => Self::input(format_args!("model `{source_name}`"), what, remedy),
            Error::Checkpoint { path, what, remedy } => Self::artifact(path, what, remedy),
            Error::Request { what, remedy } => Self::new(what, remedy),
            Error::Bug(what) => Self::bug(what),
        }
    }
}
