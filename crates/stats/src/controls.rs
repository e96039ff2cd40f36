//! Whether a significant neuron prefers its category to the control categories too: a neuron that
//! fires as much for adverbs is no noun neuron.

use crate::correction::adjust;
use crate::design::Design;
use crate::effect::delong;
use crate::error::Result;
use crate::moments::Moments;
use crate::results::Part;
use crate::rows::to_i32;
use crate::sample::Sample;
use crate::statistic::{Test, welch};
use selectron_run::Pipeline;
use selectron_run::manifest::ControlFacts;
use selectron_run::pipeline::Correction;
use selectron_tables::rows::ControlRow;

/// Compares the significant neurons of a part with each control category.
///
/// # Errors
/// When a count is too large for its column, which cannot happen.
pub fn compare(
    part: &Part,
    sample: &Sample,
    design: &Design,
    pipeline: &Pipeline,
) -> Result<Vec<ControlRow>> {
    let mut rows = Vec::new();
    for neuron in 0..sample.neurons() {
        // A and B alone are compared with the controls, not the controls with one another.
        let preferred = part
            .prefers(neuron, &pipeline.test)
            .filter(|index| *index < 2);
        let Some(preferred) = preferred.and_then(|index| design.groups.get(index)) else {
            continue;
        };
        let values = sample.neuron(neuron);
        let own = values.get(preferred.range.clone()).unwrap_or(&[]);
        let of_own = Moments::of(own.iter().copied());
        for control in design.groups.iter().skip(2) {
            let others = values.get(control.range.clone()).unwrap_or(&[]);
            let of_others = Moments::of(others.iter().copied());
            let test = welch(&of_own, &of_others);
            rows.push(ControlRow {
                site: part.site.to_string(),
                layer: part.layer,
                neuron: to_i32(neuron)?,
                statistic: part.statistic.to_string(),
                prefers: preferred.name.clone(),
                control: control.name.clone(),
                n_preferred: to_i32(of_own.n)?,
                n_control: to_i32(of_others.n)?,
                mean_preferred: of_own.mean,
                mean_control: of_others.mean,
                t: test.map(|test| test.t),
                df: test.and_then(|test| test.df),
                p: test.as_ref().map(Test::p),
                p_adjusted: None,
                auc: delong(own, others).map(|(auc, _)| auc),
                beats: false,
            });
        }
    }
    Ok(rows)
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
                statistic: row.statistic.clone(),
                prefers: row.prefers.clone(),
                control: row.control.clone(),
                neurons: 0,
                beat: 0,
            });
            facts.len() - 1
        });
        if let Some(facts) = facts.get_mut(index) {
            facts.neurons += 1;
            facts.beat += usize::from(row.beats);
        }
    }
    // The rows are in the statistics' order; within a statistic the names decide.
    let mut order: Vec<String> = facts.iter().map(|facts| facts.statistic.clone()).collect();
    order.dedup();
    facts.sort_by_cached_key(|facts| {
        let place = order
            .iter()
            .position(|statistic| *statistic == facts.statistic);
        (place, facts.prefers.clone(), facts.control.clone())
    });
    facts
}
