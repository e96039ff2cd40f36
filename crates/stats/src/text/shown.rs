//! The neurons that are shown: those with the largest and smallest t, and those that the pipeline
//! names.

use super::transfer::InWords;
use crate::error::Result;
use crate::results::Part;
use selectron_run::manifest::{SelectedNeuron, ShownFacts};
use selectron_run::pipeline::ShownNeuron;
use selectron_run::{Pipeline, Site};

/// The selected neurons, then those that `text.neurons` names and that are not among them. Whether
/// they generalise is not known yet.
///
/// # Errors
/// When the pipeline names a neuron that there is not.
pub fn shown(
    pipeline: &Pipeline,
    selected: &[SelectedNeuron],
    parts: &[&Part],
) -> Result<Vec<ShownFacts>> {
    let mut shown: Vec<ShownFacts> = selected
        .iter()
        .map(|neuron| ShownFacts {
            site: neuron.site.clone(),
            layer: neuron.layer,
            neuron: neuron.neuron,
            category: neuron.category.clone(),
            t: Some(neuron.t),
            significant: neuron.significant,
            selected: true,
            generalises: false,
        })
        .collect();
    for named in pipeline.text.iter().flat_map(|text| &text.neurons) {
        let facts = facts_of(pipeline, named, parts)?;
        let same = |other: &ShownFacts| {
            (&other.site, other.layer, other.neuron) == (&facts.site, facts.layer, facts.neuron)
        };
        if !shown.iter().any(same) {
            shown.push(facts);
        }
    }
    Ok(shown)
}

fn facts_of(pipeline: &Pipeline, named: &ShownNeuron, parts: &[&Part]) -> Result<ShownFacts> {
    let first = pipeline.record.site.first().copied();
    let site = named.site.or(first).unwrap_or(Site::MlpPre);
    let unknown = |what: String, remedy: String| pipeline.key_error("text.neurons", what, remedy);
    let here = parts.iter().filter(|part| part.site == site);
    let layers: Vec<i32> = here.clone().map(|part| part.layer).collect();
    if layers.is_empty() {
        let sites: Vec<_> = pipeline
            .record
            .site
            .iter()
            .map(|site| site.name())
            .collect();
        return Err(unknown(
            format!("the site {site} is not recorded"),
            format!("add it to `record.site`, or choose {}", sites.join(" or ")),
        )
        .into());
    }
    let Some(part) = here.clone().find(|part| part.layer == named.layer) else {
        let layers: Vec<_> = layers.iter().map(ToString::to_string).collect();
        return Err(unknown(
            format!("layer {} of {site} is not recorded", named.layer),
            format!("choose one of the layers {}", layers.join(", ")),
        )
        .into());
    };
    let neuron = usize::try_from(named.neuron).ok();
    let in_words = InWords::of(part, &pipeline.test);
    let Some(in_words) = neuron.and_then(|neuron| in_words.get(neuron)) else {
        return Err(unknown(
            format!(
                "{site}, layer {} has no neuron {}",
                named.layer, named.neuron
            ),
            format!("choose one from 0 to {}", in_words.len().saturating_sub(1)),
        )
        .into());
    };
    let category = match in_words.t {
        Some(t) if t < 0.0 => pipeline.category_b(),
        _ => pipeline.category_a(),
    };
    Ok(ShownFacts {
        site: site.to_string(),
        layer: named.layer,
        neuron: named.neuron,
        category: category.to_owned(),
        t: in_words.t,
        significant: in_words.significant,
        selected: false,
        generalises: false,
    })
}
