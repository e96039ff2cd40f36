//! What context changes: the same words in several presentations.

use super::super::figure_view::FigureView;
use super::super::table::{Table, number};
use super::super::wording::span;
use crate::data::{Run, SiteTests};
use crate::numbers::{count, percent};
use crate::sanitize::clean;
use selectron_tables::rows::ContextGapRow;
use serde::Serialize;

/// The comparison of a site.
#[derive(Serialize)]
pub(super) struct ContextGap {
    text: String,
    figure: Option<FigureView>,
    table: Table,
}

impl ContextGap {
    /// The comparison; none where the presentations have not been compared.
    pub(super) fn new(run: &Run, site: &SiteTests, figure: Option<FigureView>) -> Option<Self> {
        let rows: Vec<_> = run
            .in_text
            .context_gap
            .iter()
            .filter(|row| row.site == site.site)
            .collect();
        if rows.is_empty() {
            return None;
        }
        let head = [
            "Layer",
            "From",
            "To",
            "Words",
            "Correlation",
            "Mean shift",
            "Mean absolute shift",
            "Significant",
            "Keep their class",
        ];
        let mut table = Table::new("The same words in two contexts", head);
        for row in &rows {
            let cells = [
                row.layer.to_string(),
                row.from.clone(),
                row.to.clone(),
                count(row.items),
                number(row.correlation, 3),
                number(row.mean_shift, 3),
                number(row.mean_abs_shift, 3),
                count(row.significant),
                count(row.kept),
            ];
            table.row(cells, false);
        }
        Some(Self {
            text: clean(&text(run, &rows)),
            figure,
            table,
        })
    }
}

/// How to read it, and what came out for the run's own presentation.
fn text(run: &Run, rows: &[&ContextGapRow]) -> String {
    let reading = "The same words were put before the model in several ways and compared item by \
                   item; in “text” a word has the mean over its occurrences. A correlation near 1 \
                   and a shift near 0 mean that a word looks to the neurons as it does alone.";
    let presentation = run.extract.presentation.to_string();
    let to_text: Vec<_> = rows
        .iter()
        .filter(|row| row.from == presentation && row.to == "text")
        .collect();
    let Some(correlation) = span(to_text.iter().filter_map(|row| row.correlation), 2) else {
        return reading.to_owned();
    };
    let significant = to_text.iter().map(|row| row.significant).sum();
    let kept = to_text.iter().map(|row| row.kept).sum();
    format!(
        "{reading} From this run’s presentation ({presentation}) to the text the correlation is \
         {correlation}, and of the {} neurons that tell the categories apart there, {} ({}) do so \
         in the text with the same sign.",
        count(significant),
        count(kept),
        percent(kept, significant)
    )
}
