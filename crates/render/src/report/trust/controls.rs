//! Whether the neurons prefer their category to the control categories, too.

use super::super::table::{NONE, Table, neuron, number};
use super::super::wording;
use super::check::Check;
use crate::data::Run;
use crate::numbers::{count, fixed, percent, plain_probability};
use selectron_run::manifest::ControlFacts;
use selectron_tables::rows::{ControlRow, OfNeuron};

/// How many neurons beat each control, and whether those do that are shown.
pub(super) fn check(run: &Run) -> Option<Check> {
    let controls = run.stats.controls.iter();
    let facts: Vec<_> = controls
        .filter(|control| control.statistic == run.measure.statistic)
        .collect();
    if facts.is_empty() {
        return None;
    }
    let text = format!(
        "Each significant neuron was also tested on categories that took no part in finding it: \
         its own category compared with the control, by Welch’s t-test, with Holm’s correction \
         over all such tests. It beats a control if its mean is higher there and the corrected p \
         is at most {}. A neuron that does not beat it prefers its category only to the other \
         one; it may respond to the control just as much.",
        wording::level(run.stats.alpha)
    );
    let mut check = Check::new(
        "Does the preference hold against other categories?",
        &text,
        "A neuron may also fail to beat a control because there are too few control words; and \
         one that beats every control listed here may still respond to a category that is not \
         listed. The table controls.parquet names all neurons that do not. AUC is the chance that \
         a word of its own category activates the neuron more than a control word.",
    );
    for facts in facts.chunk_by(|one, other| one.prefers == other.prefers) {
        check = check.note(failing(facts));
    }
    Some(check.table(counts(&facts)).table(shown(run)))
}

/// How many neurons of a category do not beat its controls, as a sentence.
fn failing(facts: &[&ControlFacts]) -> Option<String> {
    let controls: Vec<_> = facts
        .iter()
        .filter(|control| control.beat < control.neurons)
        .map(|control| {
            format!(
                "{} of {} do not beat {}",
                count(control.neurons.saturating_sub(control.beat)),
                count(control.neurons),
                control.control
            )
        })
        .collect();
    (!controls.is_empty()).then(|| {
        format!(
            "Of the neurons that prefer {}, {}.",
            facts[0].prefers,
            wording::list(&controls)
        )
    })
}

fn counts(facts: &[&ControlFacts]) -> Table {
    let caption = "All significant neurons compared with the controls";
    let head = [
        "Prefers",
        "Control",
        "Neurons",
        "Beat the control",
        "Do not",
        "Share that beat it",
    ];
    let mut table = Table::new(caption, head);
    for control in facts {
        let cells = [
            control.prefers.clone(),
            control.control.clone(),
            count(control.neurons),
            count(control.beat),
            count(control.neurons.saturating_sub(control.beat)),
            percent(control.beat, control.neurons),
        ];
        table.row(cells, false);
    }
    table
}

/// The shown neurons compared with each control.
fn shown(run: &Run) -> Table {
    let head = [
        "Neuron",
        "Prefers",
        "Control",
        "Mean, own",
        "Mean, control",
        "t",
        "p, corrected",
        "AUC",
        "Beats it",
    ];
    let mut table = Table::new("The neurons that are shown", head);
    let selected = run.stats.selected.iter();
    let of_shown = selected.flat_map(|shown| {
        let is_it = move |row: &&ControlRow| row.id() == shown.id;
        run.checks.controls.iter().filter(is_it)
    });
    for row in of_shown {
        let cells = [
            neuron(run, row.id()),
            row.prefers.clone(),
            row.control.clone(),
            fixed(row.mean_preferred, 3),
            fixed(row.mean_control, 3),
            number(row.t, 2),
            row.p_adjusted
                .map_or_else(|| NONE.to_owned(), plain_probability),
            number(row.auc, 2),
            if row.beats { "yes" } else { "✕ no" }.to_owned(),
        ];
        table.row(cells, !row.beats);
    }
    table
}
