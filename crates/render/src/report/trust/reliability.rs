//! How well t repeats between two halves of the words.

use super::super::table::{Table, number, place};
use super::check::Check;
use crate::data::Run;
use selectron_tables::rows::OfPlace;

/// Split-half reliability by layer.
pub(super) fn check(run: &Run) -> Option<Check> {
    let rows = &run.checks.reliability;
    if rows.is_empty() {
        return None;
    }
    let symbol = run.measure.symbol;
    let text = format!(
        "The words were split at random into two halves, each half was tested by itself, and the \
         neurons’ {symbol} in one half was correlated with that in the other. 1 means that both \
         halves order the neurons alike, 0 that they have nothing in common. Reliability is the \
         mean correlation, raised to what lists of full length would give (Spearman–Brown).",
    );
    let limit = "High reliability shows that the numbers repeat with words of these lists, not \
                 that they mean what the categories’ names say: any other difference between the \
                 lists repeats too.";
    let head = [
        "Layer",
        "Splits",
        "Mean correlation",
        "Lowest",
        "Highest",
        "Reliability",
    ];
    let mut table = Table::new("Agreement of two halves of the words, by layer", head);
    for row in rows {
        let cells = [
            place(run, row.place()),
            row.splits.to_string(),
            number(row.correlation, 2),
            number(row.lowest, 2),
            number(row.highest, 2),
            number(row.reliability, 2),
        ];
        table.row(cells, false);
    }
    Some(Check::new("Would half of the words say the same?", &text, limit).table(table))
}
