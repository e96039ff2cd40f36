//! Tables that a run need not have.

use selectron_run::RunDir;
use selectron_run::error::Result;
use selectron_tables::table::read_table;
use selectron_tables::{Provenance, Row};

/// The rows of a table; none if there is no such table.
///
/// # Errors
/// When the table is damaged or of another pipeline.
pub(super) fn optional_table<R: Row>(run: &RunDir, provenance: &Provenance) -> Result<Vec<R>> {
    let path = run.table(R::TABLE);
    if !path.exists() {
        return Ok(Vec::new());
    }
    read_table(path, provenance)
}
