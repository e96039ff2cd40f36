//! The errors of the stats stage.

/// A `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong between activations and statistics.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A pipeline file, table, manifest or file operation.
    #[error(transparent)]
    Schema(#[from] selectron_run::Error),

    /// The words or activations do not allow the test that the pipeline asks for.
    #[error("{place}: {what}; {remedy}")]
    Design {
        /// Table, or table and column.
        place: String,
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
    /// A set of words that the test cannot use.
    pub fn design(
        place: impl Into<String>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::Design {
            place: place.into(),
            what: what.into(),
            remedy: remedy.into(),
        }
    }
}
