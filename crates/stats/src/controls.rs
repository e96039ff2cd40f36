//! Whether a significant neuron prefers its category to the control categories too: a neuron that
//! fires as much for adverbs is no noun neuron.

use crate::correction::adjust;
use crate::design::Design;
use crate::effect::delong;
use crate::moments::Moments;
use crate::results::Corrected;
use crate::sample::Sample;
use crate::statistic::{Test, welch};
use selectron_run::manifest::ControlFacts;
use selectron_run::pipeline::{Correction, Statistic};
use selectron_run::{Pipeline, Side};
use selectron_tables::rows::ControlRow;

/// The neurons of a layer that are to be compared with the controls, in order, each with the side
/// that it prefers: the significant ones. The controls are not compared with one another.
pub fn candidates(tests: &Corrected, pipeline: &Pipeline) -> impl Iterator<Item = (usize, Side)> {
    let neurons = 0..tests.raw.outcomes.len();
    neurons.filter_map(|neuron| {
        let preferred = tests.prefers(neuron, &pipeline.test)?;
        Some((neuron, Side::of_category(preferred)?))
    })
}

/// Compares the significant neurons of a layer with each control category.
pub fn compare(
    tests: &Corrected,
    sample: &Sample,
    design: &Design,
    pipeline: &Pipeline,
) -> Vec<ControlRow> {
    let place = tests.raw.place;
    let controls = &design.groups[Side::BOTH.len()..];
    let mut rows = Vec::new();
    for (neuron, side) in candidates(tests, pipeline) {
        let values = sample.neuron(neuron);
        let preferred = &values[design.side(side)];
        let of_preferred = Moments::of(preferred.iter().copied());
        for control in controls {
            let others = &values[control.range.clone()];
            let of_others = Moments::of(others.iter().copied());
            let test = welch(&of_preferred, &of_others);
            rows.push(ControlRow {
                site: place.site,
                layer: place.layer,
                neuron,
                statistic: tests.raw.statistic,
                prefers: pipeline.category(side).to_owned(),
                control: control.name.clone(),
                n_preferred: of_preferred.n,
                n_control: of_others.n,
                mean_preferred: of_preferred.mean,
                mean_control: of_others.mean,
                t: test.map(|test| test.t),
                df: test.and_then(|test| test.df),
                p: test.as_ref().map(Test::p),
                p_adjusted: None,
                auc: delong(preferred, others).map(|(auc, _)| auc),
                beats: false,
            });
        }
    }
    rows
}

/// Corrects the p-values of one statistic's rows and decides which neurons beat their control.
pub fn decide(rows: &mut [ControlRow], alpha: f64) {
    let p: Vec<_> = rows.iter().map(|row| row.p).collect();
    for (row, adjusted) in rows.iter_mut().zip(adjust(Correction::Holm, &p)) {
        row.p_adjusted = adjusted;
        row.beats = row.t.is_some_and(|t| t > 0.0) && adjusted.is_some_and(|p| p <= alpha);
    }
}

/// Sums up how many neurons of each category beat each control.
pub fn summarise(rows: &[ControlRow]) -> Vec<ControlFacts> {
    let mut facts: Vec<ControlFacts> = Vec::new();
    for row in rows {
        let same = |facts: &ControlFacts| {
            (&facts.statistic, &facts.prefers, &facts.control)
                == (&row.statistic, &row.prefers, &row.control)
        };
        let index = facts.iter().position(same).unwrap_or_else(|| {
            facts.push(ControlFacts {
                statistic: row.statistic,
                prefers: row.prefers.clone(),
                control: row.control.clone(),
                neurons: 0,
                beat: 0,
            });
            facts.len() - 1
        });
        facts[index].neurons += 1;
        facts[index].beat += usize::from(row.beats);
    }
    // The rows are in the statistics' order; within a statistic the names decide.
    let mut order: Vec<Statistic> = facts.iter().map(|facts| facts.statistic).collect();
    order.dedup();
    facts.sort_by_cached_key(|facts| {
        let place = order
            .iter()
            .position(|statistic| *statistic == facts.statistic);
        (place, facts.prefers.clone(), facts.control.clone())
    });
    facts
}
