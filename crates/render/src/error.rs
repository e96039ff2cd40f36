//! The errors of the render stage.

/// A `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong while drawing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A pipeline file, table, manifest or folder is not as it should be; or a mistake of ours that
    /// the ground floor noticed.
    #[error(transparent)]
    Schema(#[from] selectron_run::Error),

    /// A figure or the report could not be made although its data are sound: a mistake of ours.
    #[error(
        "internal error: {what}: {reason}; this is a bug in Selectron, please report it with the pipeline file"
    )]
    Bug {
        /// What was being made.
        what: &'static str,
        /// What the library that failed said.
        reason: String,
    },
}

impl Error {
    /// A mistake of ours, with what was being made and the reason some library gave.
    pub fn bug(what: &'static str, reason: impl std::fmt::Display) -> Self {
        Self::Bug {
            what,
            reason: reason.to_string(),
        }
    }
}
