//! The neurons that are shown: those with the largest and smallest t, and those that the pipeline
//! names.

use super::transfer::InWords;
use crate::results::{Corrected, Results};
use selectron_run::error::Result;
use selectron_run::manifest::{SelectedNeuron, ShownFacts};
use selectron_run::pipeline::ShownNeuron;
use selectron_run::{NeuronId, Pipeline, Place, Side};

/// The selected neurons, then those that `text.neurons` names and that are not among them. Whether
/// they generalise is not known yet.
///
/// # Errors
/// When the pipeline names a neuron that there is not.
pub fn shown(
    pipeline: &Pipeline,
    selected: &[SelectedNeuron],
    results: &Results<'_>,
) -> Result<Vec<ShownFacts>> {
    let mut shown: Vec<ShownFacts> = selected
        .iter()
        .map(|neuron| ShownFacts {
            id: neuron.id,
            category: neuron.category.clone(),
            t: Some(neuron.t),
            significant: neuron.significant,
            selected: true,
            generalises: false,
        })
        .collect();
    for named in pipeline.text.iter().flat_map(|text| &text.neurons) {
        let facts = facts_of(pipeline, named, results)?;
        if !shown.iter().any(|other| other.id == facts.id) {
            shown.push(facts);
        }
    }
    Ok(shown)
}

fn facts_of(pipeline: &Pipeline, named: &ShownNeuron, results: &Results<'_>) -> Result<ShownFacts> {
    // The list of sites is never empty.
    let site = named.site.unwrap_or(pipeline.record.site[0]);
    let unknown = |what: String, remedy: String| pipeline.key_error("text.neurons", what, remedy);
    let of_site: Vec<&Corrected> = results
        .of_study(0)
        .filter(|tests| tests.raw.place.site == site)
        .collect();
    if of_site.is_empty() {
        let sites: Vec<_> = pipeline
            .record
            .site
            .iter()
            .map(|site| site.name())
            .collect();
        return Err(unknown(
            format!("the site {site} is not recorded"),
            format!("add it to `record.site`, or choose {}", sites.join(" or ")),
        ));
    }
    let place = Place::new(site, named.layer);
    let Some(tests) = of_site.iter().find(|tests| tests.raw.place == place) else {
        let layers = of_site
            .iter()
            .map(|tests| tests.raw.place.layer.to_string());
        let layers: Vec<_> = layers.collect();
        return Err(unknown(
            format!("layer {} of {site} is not recorded", named.layer),
            format!("choose one of the layers {}", layers.join(", ")),
        ));
    };
    let in_words = InWords::of(tests, &pipeline.test);
    let Some(in_words) = in_words.get(named.neuron) else {
        return Err(unknown(
            format!("{place} has no neuron {}", named.neuron),
            format!("choose one from 0 to {}", in_words.len().saturating_sub(1)),
        ));
    };
    let side = Side::of_effect(in_words.t.unwrap_or(0.0));
    Ok(ShownFacts {
        id: place.neuron(named.neuron),
        category: pipeline.category(side).to_owned(),
        t: in_words.t,
        significant: in_words.significant,
        selected: false,
        generalises: false,
    })
}

/// The shown neurons of a site and layer, in order.
pub fn shown_at(place: Place, shown: &[ShownFacts]) -> Vec<usize> {
    let ids = shown.iter().map(|facts| facts.id);
    let mut neurons: Vec<usize> = ids
        .filter(|id| id.place == place)
        .map(|NeuronId { neuron, .. }| neuron)
        .collect();
    neurons.sort_unstable();
    neurons.dedup();
    neurons
}
