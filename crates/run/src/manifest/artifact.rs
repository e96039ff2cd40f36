//! Files of a run, by name and content.

use crate::error::Result;
use crate::files::sha256_of_path;
use crate::run_dir::RunDir;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Files of a run by name, in order.
pub type Artifacts = BTreeMap<String, ArtifactFacts>;

/// A file of the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactFacts {
    /// SHA-256 of its content.
    pub sha256: String,
    /// Rows, for a table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<usize>,
}

/// Records a written file.
///
/// # Errors
/// When it cannot be read back.
pub fn artifact(run: &RunDir, name: &str, rows: Option<usize>) -> Result<(String, ArtifactFacts)> {
    let sha256 = sha256_of_path(run.file(name))?;
    Ok((name.to_owned(), ArtifactFacts { sha256, rows }))
}
