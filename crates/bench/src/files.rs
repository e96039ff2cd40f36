//! Files that the benchmark makes for itself.

use selectron_run::Error;
use std::fmt::Display;
use std::path::Path;

/// A file of the benchmark cannot be read or written, or is not as it was written.
pub(crate) fn file_error(path: impl AsRef<Path>, what: impl Display) -> Error {
    Error::input(
        path.as_ref().display(),
        what.to_string(),
        "remove its folder, and `cargo xtask bench` makes it again",
    )
}
