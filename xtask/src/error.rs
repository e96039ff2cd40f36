//! The errors of the task runner.

use std::path::PathBuf;

/// A `Result` with this crate's [`Error`].
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong in a task.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A stage failed and has said why.
    #[error("a stage failed")]
    Stage {
        /// Its exit code.
        code: u8,
    },

    /// A command could not be started, or failed.
    #[error("`{command}` {what}; run it by itself to see why")]
    Command {
        /// The command line.
        command: String,
        /// How it ended.
        what: String,
    },

    /// A program that the task needs is not there.
    #[error("{what} is missing; {remedy}")]
    Missing {
        /// The program.
        what: &'static str,
        /// What to do.
        remedy: &'static str,
    },

    /// A file could not be read.
    #[error("cannot read {}: {what}; rerun with `cargo xtask run-all --force`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The reason.
        what: String,
    },

    /// A benchmark that cannot be, or whose sides compute different things.
    #[error("{0}")]
    Bench(String),
}
