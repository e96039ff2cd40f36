//! A check of the findings, as the report shows it.

use super::super::figure_view::FigureView;
use super::super::table::Table;
use crate::sanitize::clean;
use serde::Serialize;

/// A check and its outcome.
#[derive(Serialize)]
pub(crate) struct Check {
    heading: &'static str,
    /// What was done and what the numbers mean.
    text: String,
    /// What the reader should not overlook.
    notes: Vec<String>,
    tables: Vec<Table>,
    pub(super) figure: Option<FigureView>,
    /// What the numbers do not mean.
    limit: String,
}

impl Check {
    pub(super) fn new(heading: &'static str, text: &str, limit: &str) -> Self {
        Self {
            heading,
            text: clean(text),
            notes: Vec::new(),
            tables: Vec::new(),
            figure: None,
            limit: clean(limit),
        }
    }

    pub(super) fn note(mut self, note: Option<String>) -> Self {
        self.notes.extend(note.map(|note| clean(&note)));
        self
    }

    pub(super) fn table(mut self, table: Table) -> Self {
        self.tables.extend((!table.is_empty()).then_some(table));
        self
    }
}
