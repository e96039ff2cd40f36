//! The tables in which the stats stage tests its own findings.

use super::optional::optional_table;
use selectron_run::RunDir;
use selectron_run::error::Result;
use selectron_run::pipeline::Statistic;
use selectron_tables::Provenance;
use selectron_tables::rows::{
    BalanceRow, ControlRow, LeaveOneOutRow, NullRow, PositionRow, ReliabilityRow,
};

/// The tables' rows, of the first statistic where they have one. A table that the run does
/// not have is empty.
#[derive(Debug, Default)]
pub struct Checks {
    /// Properties of the words, compared between categories.
    pub balance: Vec<BalanceRow>,
    /// Counts of significant neurons, observed and with the words assigned at random.
    pub nulls: Vec<NullRow>,
    /// Significant neurons compared with the control categories.
    pub controls: Vec<ControlRow>,
    /// The shown neurons without single words.
    pub leave_one_out: Vec<LeaveOneOutRow>,
    /// Agreement of two halves of the words.
    pub reliability: Vec<ReliabilityRow>,
    /// What position alone does to the layers.
    pub position: Vec<PositionRow>,
}

impl Checks {
    /// Reads what there is.
    ///
    /// # Errors
    /// When a table is damaged or of another pipeline.
    pub(super) fn load(
        run: &RunDir,
        provenance: &Provenance,
        statistic: Statistic,
    ) -> Result<Self> {
        let mut checks = Self {
            balance: optional_table(run, provenance)?,
            nulls: optional_table(run, provenance)?,
            controls: optional_table(run, provenance)?,
            leave_one_out: optional_table(run, provenance)?,
            reliability: optional_table(run, provenance)?,
            position: optional_table(run, provenance)?,
        };
        checks.nulls.retain(|row| row.statistic == statistic);
        checks.controls.retain(|row| row.statistic == statistic);
        checks
            .leave_one_out
            .retain(|row| row.statistic == statistic);
        checks.reliability.retain(|row| row.statistic == statistic);
        Ok(checks)
    }
}
