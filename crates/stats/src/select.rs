//! Which neurons are shown: at each site the one with the largest and the one with the smallest t.

use crate::results::Part;
use selectron_run::manifest::SelectedNeuron;
use selectron_run::{Pipeline, Site};
use std::collections::BTreeMap;

/// For each site the neurons with the largest and the smallest t over the layers of `parts`: first
/// the one for A, then the one for B. Of equal t the first stays. A statistic without a sign has only
/// a largest, which stands for the category with its highest mean.
pub fn select<'a>(
    parts: impl Iterator<Item = &'a Part>,
    signed: bool,
    pipeline: &Pipeline,
) -> Vec<SelectedNeuron> {
    let mut sites: BTreeMap<Site, [Option<SelectedNeuron>; 2]> = BTreeMap::new();
    for part in parts {
        let [largest, smallest] = sites.entry(part.site).or_default();
        for (neuron, outcome, _, _) in part.neurons() {
            let Some(test) = outcome.test else { continue };
            let found = |category: usize| {
                let category = pipeline.category.get(category);
                SelectedNeuron {
                    category: category.map_or_else(String::new, |found| found.name.clone()),
                    site: part.site.to_string(),
                    layer: part.layer,
                    // A column of the table has already held it.
                    neuron: i32::try_from(neuron).unwrap_or(i32::MAX),
                    t: test.t,
                    significant: part.significant(neuron, &pipeline.test),
                }
            };
            if largest.as_ref().is_none_or(|best| test.t > best.t) {
                let favourite = part.favourites.get(neuron).copied().unwrap_or(0);
                *largest = Some(found(if signed { 0 } else { favourite }));
            }
            if signed && smallest.as_ref().is_none_or(|best| test.t < best.t) {
                *smallest = Some(found(1));
            }
        }
    }
    sites.into_values().flatten().flatten().collect()
}
