//! How the stats stage tested its own findings: each check with what was done, what came out and
//! what that does not show. Nothing is computed here.

mod balance;
mod chance;
mod controls;
mod position;
mod power;
mod reliability;
mod single_words;

use super::site_view::FigureView;
use super::table::Table;
use crate::data::Run;
use crate::figures::Figure;
use crate::text::clean;
use serde::Serialize;

/// A check and its outcome.
#[derive(Serialize)]
pub(super) struct Check {
    heading: &'static str,
    /// What was done and what the numbers mean.
    text: String,
    /// What the reader should not overlook.
    notes: Vec<String>,
    tables: Vec<Table>,
    figure: Option<FigureView>,
    /// What the numbers do not mean.
    limit: String,
}

impl Check {
    fn new(heading: &'static str, text: &str, limit: &str) -> Self {
        Self {
            heading,
            text: clean(text),
            notes: Vec::new(),
            tables: Vec::new(),
            figure: None,
            limit: clean(limit),
        }
    }

    fn note(mut self, note: Option<String>) -> Self {
        self.notes.extend(note.map(|note| clean(&note)));
        self
    }

    fn table(mut self, table: Table) -> Self {
        self.tables.extend((!table.is_empty()).then_some(table));
        self
    }
}

/// The checks of the statistic that is shown; none if the stats stage made none.
pub(super) fn checks(run: &Run, figures: &[Figure]) -> Vec<Check> {
    let figure = figures.iter().find(|figure| figure.site.is_none());
    let checks = [
        balance::check(run),
        chance::check(run, figure),
        single_words::check(run),
        controls::check(run),
        reliability::check(run),
        power::check(run),
        position::check(run),
    ];
    checks.into_iter().flatten().collect()
}
