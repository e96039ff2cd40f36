//! What the stats stage did to test its own findings, in sentences. Nothing is computed here.

use super::words;
use crate::data::Run;
use crate::numbers::{count, fixed, probability};
use crate::text::clean;
use selectron_schema::manifest::{
    ControlFacts, LeaveOneOutFacts, NullFacts, PermutationFacts, PowerFacts,
};
use serde::Serialize;

/// A check and its outcome.
#[derive(Serialize)]
pub(super) struct Check {
    name: &'static str,
    text: String,
}

/// The checks of the statistic that is shown; none if the stats stage made none.
pub(super) fn checks(run: &Run) -> Vec<Check> {
    let stats = &run.stats;
    let first = stats.statistics.first().map_or("", String::as_str);
    let mut checks = Vec::new();
    let mut add = |name: &'static str, text: String| {
        checks.push(Check {
            name,
            text: clean(&text),
        });
    };
    if let Some(nulls) = stats.nulls.as_ref().filter(|n| n.statistic == first) {
        add("Chance alone", chance(nulls));
    }
    for power in stats.power.iter().filter(|p| p.statistic == first) {
        add("Smallest effect", smallest_effect(power));
    }
    for drawn in stats.permutations.iter().filter(|p| p.statistic == first) {
        add("Permutations", permutations(drawn));
    }
    for neuron in &stats.leave_one_out {
        add("Single words", single_words(run, neuron));
    }
    for control in stats.controls.iter().filter(|c| c.statistic == first) {
        add("Control category", control_category(control));
    }
    if !stats.unbalanced.is_empty() {
        add("Unequal lists", unequal_lists(run));
    }
    checks
}

fn chance(nulls: &NullFacts) -> String {
    format!(
        "With the categories dealt out at random {} times ({}), {} neurons were significant on \
         average and {} at most, against {} with the real categories (p\u{a0}=\u{a0}{}).",
        count(nulls.draws),
        nulls.kind,
        fixed(nulls.mean, 1),
        count(nulls.largest),
        count(nulls.observed),
        probability(nulls.p.log10())
    )
}

fn smallest_effect(power: &PowerFacts) -> String {
    format!(
        "With a chance of {}% this test finds a neuron whose categories differ by {} standard \
         deviations; smaller differences may have been missed.",
        fixed(100.0 * power.power, 0),
        fixed(power.effect, 2)
    )
}

fn permutations(drawn: &PermutationFacts) -> String {
    let which = if drawn.complete {
        "all there are"
    } else {
        "drawn at random"
    };
    format!("{} {}, {which}.", count(drawn.count), drawn.kind)
}

fn single_words(run: &Run, neuron: &LeaveOneOutFacts) -> String {
    let site = if run.sites.len() > 1 {
        format!("{}, ", neuron.site)
    } else {
        String::new()
    };
    format!(
        "Leaving out one word or pair at a time, {} of {site}layer {}, neuron {} stays between {} \
         and {}; it hangs most on {}.",
        run.measure.symbol,
        neuron.layer,
        neuron.neuron,
        fixed(neuron.smallest, 2),
        fixed(neuron.largest, 2),
        neuron.hangs_on
    )
}

fn control_category(control: &ControlFacts) -> String {
    format!(
        "Of the {} neurons that prefer {}, {} are higher for it than for {}, too.",
        count(control.neurons),
        control.prefers,
        count(control.beat),
        control.control
    )
}

fn unequal_lists(run: &Run) -> String {
    let properties: Vec<_> = run
        .stats
        .unbalanced
        .iter()
        .map(|name| words::property(name))
        .collect();
    format!(
        "The {} and {} words differ in {}, too, which a neuron may follow instead (table balance.parquet).",
        run.stats.category_a,
        run.stats.category_b,
        properties.join(", ")
    )
}
