//! A second look at the neurons that turned out to matter: the selected ones word by word, the
//! significant ones compared with the control categories.

use super::context::Context;
use crate::controls;
use crate::leave_one_out::leave_one_out;
use crate::results::Results;
use crate::sample::Sample;
use selectron_run::error::Result;
use selectron_run::manifest::{ControlFacts, LeaveOneOutFacts, SelectedNeuron};
use selectron_tables::rows::{ControlRow, LeaveOneOutRow};

/// What it shows.
#[derive(Debug, Default)]
pub(super) struct SecondLook {
    pub(super) left_out: Vec<LeaveOneOutRow>,
    pub(super) leave_one_out: Vec<LeaveOneOutFacts>,
    pub(super) controls: Vec<ControlRow>,
    pub(super) control_facts: Vec<ControlFacts>,
}

/// Reads the layers with such neurons again, in forward order.
pub(super) fn second_look(
    context: &Context<'_>,
    results: &Results<'_>,
    selected: &[SelectedNeuron],
) -> Result<SecondLook> {
    let pipeline = context.pipeline();
    let has_controls = pipeline.category.len() > 2;
    let mut second = SecondLook::default();
    for place in &context.places {
        let selected = selected.iter().filter(|neuron| neuron.id.place == *place);
        let compared = || results.at(*place).filter(|_| has_controls);
        let has_candidates = |tests| controls::candidates(tests, pipeline).next().is_some();
        if selected.clone().next().is_none() && !compared().any(has_candidates) {
            continue;
        }
        let sample = Sample::new(context.design, &context.activations.read(*place)?)?;
        for neuron in selected {
            let row = sample.neuron(neuron.id.neuron);
            let (rows, summary) = leave_one_out(neuron, row, context.first(), context.design);
            second.left_out.extend(rows);
            second.leave_one_out.extend(summary);
        }
        for tests in compared() {
            let rows = controls::compare(tests, &sample, context.design, pipeline);
            second.controls.extend(rows);
        }
    }
    let statistics = &pipeline.test.statistic;
    let rank = |row: &ControlRow| statistics.iter().position(|other| *other == row.statistic);
    second.controls.sort_by_key(rank);
    let of_one_statistic = |row: &ControlRow, next: &ControlRow| row.statistic == next.statistic;
    for rows in second.controls.chunk_by_mut(of_one_statistic) {
        controls::decide(rows, pipeline.test.alpha);
    }
    second.control_facts = controls::summarise(&second.controls);
    Ok(second)
}
