//! The errors of the ground floor.

use std::path::{Path, PathBuf};

/// A `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong with a pipeline file, a table, a manifest or the file system.
///
/// Every message names what is wrong, where, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused a file operation.
    #[error("cannot {action} {}: {source}{}", path.display(), io_remedy(source))]
    Io {
        /// A verb, such as `read` or `create`.
        action: &'static str,
        /// The file or folder concerned.
        path: PathBuf,
        /// The reason given by the operating system.
        source: std::io::Error,
    },

    /// A file that the user gave is not what it should be.
    #[error("{place}: {what}; {remedy}")]
    Input {
        /// File, and line or key where there is one.
        place: String,
        /// What is wrong.
        what: String,
        /// What to do.
        remedy: String,
    },

    /// A table or manifest of the run directory does not fit this run.
    #[error("{}: {what}; {remedy}", path.display())]
    Artifact {
        /// The artifact.
        path: PathBuf,
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

/// What a user can do about an operating-system error, where that is clear.
fn io_remedy(source: &std::io::Error) -> &'static str {
    match source.kind() {
        std::io::ErrorKind::NotFound => "; check the path",
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            "; choose a folder that you may write to with --out, or change its permissions"
        }
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            "; free some space, or choose another folder with --out"
        }
        _ => "; mend that and run again",
    }
}

impl Error {
    /// An I/O error: `cannot {action} {path}: …`.
    pub fn io(action: &'static str, path: impl AsRef<Path>, source: std::io::Error) -> Self {
        Self::Io {
            action,
            path: path.as_ref().to_owned(),
            source,
        }
    }

    /// A mistake in a file that the user gave.
    pub fn input(
        place: impl std::fmt::Display,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::Input {
            place: place.to_string(),
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    /// An artifact that does not fit.
    pub fn artifact(
        path: impl AsRef<Path>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::Artifact {
            path: path.as_ref().to_owned(),
            what: what.into(),
            remedy: remedy.into(),
        }
    }
}
