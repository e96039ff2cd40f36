//! The errors of the extract stage.

/// A `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong between a pipeline file and its activations.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An error of the ground floor: the pipeline file, a word list, a text, an output.
    #[error(transparent)]
    Schema(#[from] selectron_run::Error),

    /// An error of the model.
    #[error(transparent)]
    Model(#[from] selectron_model::Error),
}

impl Error {
    /// A mistake in a file that the user gave.
    pub fn input(
        place: impl std::fmt::Display,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::Schema(selectron_run::Error::input(place, what, remedy))
    }

    /// A mistake of ours.
    pub fn bug(what: impl Into<String>) -> Self {
        Self::Schema(selectron_run::Error::Bug(what.into()))
    }
}
