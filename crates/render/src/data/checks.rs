//! The tables in which the stats stage tests its own findings.

use super::optional_table;
use crate::error::Result;
use selectron_run::RunDir;
use selectron_tables::table::{Provenance, Row};
use selectron_tables::rows::{
    BalanceRow, ControlRow, LeaveOneOutRow, NullRow, PositionRow, ReliabilityRow,
};

/// The tables' rows, of the first statistic where they have one. A table that the run has not is
/// empty.
#[derive(Debug, Default)]
pub struct Checks {
    /// Properties of the words, compared between categories.
    pub balance: Vec<BalanceRow>,
    /// Counts of significant neurons, observed and with the words dealt out at random.
    pub nulls: Vec<NullRow>,
    /// Significant neurons against the control categories.
    pub controls: Vec<ControlRow>,
    /// The shown neurons without single words.
    pub leave_one_out: Vec<LeaveOneOutRow>,
    /// Agreement of two halves of the words.
    pub reliability: Vec<ReliabilityRow>,
    /// What position alone does to the layers.
    pub position: Vec<PositionRow>,
}

impl Checks {
    /// The tables that are read, each if it is there.
    pub const TABLES: [&str; 6] = [
        BalanceRow::TABLE,
        NullRow::TABLE,
        ControlRow::TABLE,
        LeaveOneOutRow::TABLE,
        ReliabilityRow::TABLE,
        PositionRow::TABLE,
    ];

    /// Reads what there is.
    ///
    /// # Errors
    /// When a table is damaged or of another pipeline.
    pub fn load(run: &RunDir, provenance: &Provenance, statistic: &str) -> Result<Self> {
        Ok(Self {
            balance: optional_table(run, provenance)?,
            nulls: of(optional_table(run, provenance)?, |row: &NullRow| {
                row.statistic == statistic
            }),
            controls: of(optional_table(run, provenance)?, |row: &ControlRow| {
                row.statistic == statistic
            }),
            leave_one_out: of(optional_table(run, provenance)?, |row: &LeaveOneOutRow| {
                row.statistic == statistic
            }),
            reliability: of(optional_table(run, provenance)?, |row: &ReliabilityRow| {
                row.statistic == statistic
            }),
            position: optional_table(run, provenance)?,
        })
    }
}

/// The rows that are wanted.
fn of<R>(mut rows: Vec<R>, wanted: impl Fn(&R) -> bool) -> Vec<R> {
    rows.retain(wanted);
    rows
}
