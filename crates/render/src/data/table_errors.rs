//! Tables and the manifest of a run that contradict each other.

use selectron_run::error::Error;
use selectron_run::{RunDir, Table};

/// A table lacks the activations of something that another table names.
pub(super) fn missing(run: &RunDir, table: Table, what: &str) -> Error {
    Error::artifact(
        run.table(table),
        format!("holds no activation of {what}, which another table names"),
        format!("rerun {} with --force", table.stage().title()),
    )
}

/// The manifest and the table of the tests do not fit together.
pub(super) fn contradicts_tests(run: &RunDir, what: &str) -> Error {
    Error::artifact(run.manifest(), what, "rerun the stats stage with --force")
}
