//! Which neurons are shown: at each site the one with the largest and the one with the smallest t.

use crate::results::Corrected;
use selectron_run::manifest::SelectedNeuron;
use selectron_run::{Pipeline, Side, Sides, Site};
use std::collections::BTreeMap;

/// For each site the neurons with the largest and the smallest t over its layers: first the one for
/// A, then the one for B. Of equal t the first stays. A statistic without a sign has only a largest,
/// which is shown for the category with its highest mean.
pub fn select<'a>(
    layers: impl Iterator<Item = &'a Corrected>,
    signed: bool,
    pipeline: &Pipeline,
) -> Vec<SelectedNeuron> {
    let mut sites: BTreeMap<Site, Sides<Option<SelectedNeuron>>> = BTreeMap::new();
    for tests in layers {
        let best = sites.entry(tests.raw.place.site).or_default();
        for (neuron, outcome, _, _) in tests.neurons() {
            let Some(test) = outcome.test else { continue };
            let found = |category: usize| SelectedNeuron {
                category: pipeline.category[category].name.clone(),
                id: tests.raw.place.neuron(neuron),
                t: test.t,
                significant: tests.significant(neuron, &pipeline.test),
            };
            if best.a.as_ref().is_none_or(|best| test.t > best.t) {
                let favourite = tests.raw.favourites[neuron];
                best.a = Some(found(if signed { Side::A.index() } else { favourite }));
            }
            if signed && best.b.as_ref().is_none_or(|best| test.t < best.t) {
                best.b = Some(found(Side::B.index()));
            }
        }
    }
    let sides = sites.into_values().map(|Sides { a, b }| [a, b]);
    sides.flatten().flatten().collect()
}
