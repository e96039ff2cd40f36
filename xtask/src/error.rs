//! How a task can end other than well.

/// A `Result` with this crate's [`Error`].
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// How a task can end other than well.
#[derive(Debug)]
pub(crate) enum Error {
    /// A program of ours failed, and has said why.
    Program {
        /// Its exit code.
        code: u8,
    },

    /// Anything else, with a sentence that is still to be said.
    Other(selectron_run::Error),
}

impl From<selectron_run::Error> for Error {
    fn from(error: selectron_run::Error) -> Self {
        Self::Other(error)
    }
}

impl Error {
    /// A task cannot be done as asked.
    pub(crate) fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Other(selectron_run::Error::new(what, remedy))
    }

    /// The operating system refused a file operation; see [`selectron_run::Error::io`].
    pub(crate) fn io(
        action: &str,
        path: impl AsRef<std::path::Path>,
        source: std::io::Error,
    ) -> Self {
        Self::Other(selectron_run::Error::io(action, path, source))
    }
}
