//! A Parquet file that cannot be read.

use selectron_run::error::Error;
use std::path::Path;

/// A Parquet file that cannot be read, and why.
pub(crate) fn damaged(path: &Path, error: impl std::fmt::Display) -> Error {
    Error::artifact(
        path,
        format!("not a readable Parquet file ({error})"),
        "delete it and rerun the stage that writes it",
    )
}
