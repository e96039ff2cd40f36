//! What position alone does to each layer.

use super::super::table::{Table, number, place};
use super::super::wording;
use super::check::Check;
use crate::data::Run;
use crate::numbers::{count, percent};
use selectron_tables::rows::OfPlace;

/// The same token at neighbouring positions, by layer.
pub(super) fn check(run: &Run) -> Option<Check> {
    let rows = &run.checks.position;
    if rows.is_empty() {
        return None;
    }
    let text = format!(
        "The same token of each word was placed at the positions 0, 1 and 2 of a sequence, and \
         each neuron tested for a difference between two of them (paired t-test, p of at most {} \
         after Bonferroni’s correction within the layer). No category is involved: whatever \
         differs here is due to the position. The mean effect is the neurons’ average difference, \
         in standard deviations and without its sign.",
        wording::level(run.stats.alpha)
    );
    let limit = "Where many neurons respond to the position, words at different positions must \
                 not be compared with one another. It does not show that position explains what \
                 was found here: that takes a difference of position between the categories (see \
                 the words’ properties above).";
    let head = [
        "Layer",
        "Positions",
        "Words",
        "Neurons",
        "Significant",
        "Share",
        "Mean effect",
    ];
    let mut table = Table::new("The same token at two positions, by layer", head);
    for row in rows {
        let cells = [
            place(run, row.place()),
            wording::positions(row.contrast).to_owned(),
            count(row.words),
            count(row.tests),
            count(row.significant),
            percent(row.significant, row.tests),
            number(row.mean_abs_d, 2),
        ];
        table.row(cells, false);
    }
    Some(Check::new("What does the position alone do?", &text, limit).table(table))
}
