//! How much the shown neurons depend on single words.

use super::super::table::{NONE, Table, neuron};
use super::check::Check;
use crate::data::Run;
use crate::numbers::{count, fixed, plain_probability};
use selectron_run::manifest::{LeaveOneOutFacts, SelectedNeuron};
use selectron_tables::rows::{LeaveOneOutRow, OfNeuron};

/// The range of the shown neurons' t when one word or pair is left out.
pub(super) fn check(run: &Run) -> Option<Check> {
    if run.stats.leave_one_out.is_empty() {
        return None;
    }
    let symbol = run.measure.symbol;
    let text = format!(
        "For the neurons that are shown, the test was repeated without one word (or pair of \
         words) at a time. If {symbol} hardly moves, no single word makes the result; the last \
         columns name the word without which {symbol} is weakest, and the p that then remains \
         (uncorrected).",
    );
    let limit = format!(
        "A narrow range does not show that other words would give the same {symbol}: all of them \
         come from the same lists, and the neurons were chosen by these very words.",
    );
    let head = [
        "Neuron",
        "Prefers",
        "Repeats",
        &format!("{symbol}, all words"),
        &format!("{symbol}, smallest"),
        &format!("{symbol}, largest"),
        "Depends most on",
        "p without it",
    ];
    let mut table = Table::new(&format!("{symbol} without one word"), head);
    for (shown, facts) in neurons(run) {
        let repeats: Vec<_> = run
            .checks
            .leave_one_out
            .iter()
            .filter(|row| row.id() == facts.id)
            .collect();
        let without = repeats.iter().find(|row| left_out(row) == facts.hangs_on);
        let p = without.and_then(|row| row.p);
        let cells = [
            neuron(run, facts.id),
            shown.map_or_else(|| NONE.to_owned(), |shown| shown.category.clone()),
            if repeats.is_empty() {
                NONE.to_owned()
            } else {
                count(repeats.len())
            },
            fixed(facts.t, 2),
            fixed(facts.smallest, 2),
            fixed(facts.largest, 2),
            facts.hangs_on.clone(),
            p.map_or_else(|| NONE.to_owned(), plain_probability),
        ];
        table.row(cells, false);
    }
    Some(Check::new("Does it depend on single words?", &text, &limit).table(table))
}

/// The word or pair that a row leaves out, as the manifest writes it.
fn left_out(row: &LeaveOneOutRow) -> String {
    match &row.partner {
        Some(partner) => format!("{}/{partner}", row.word),
        None => row.word.clone(),
    }
}

/// What is known of the shown neurons, in the order in which they are shown.
fn neurons(run: &Run) -> Vec<(Option<&SelectedNeuron>, &LeaveOneOutFacts)> {
    let selected = &run.stats.selected;
    let place = |facts: &LeaveOneOutFacts| selected.iter().position(|shown| shown.id == facts.id);
    let shown = |facts| place(facts).map(|index| &selected[index]);
    let mut order: Vec<_> = run.stats.leave_one_out.iter().collect();
    order.sort_by_key(|facts| place(facts));
    order
        .into_iter()
        .map(|facts| (shown(facts), facts))
        .collect()
}
