//! What the figures' files are called.

use crate::data::{Chosen, Run, SiteTests};

/// What a shown neuron is called in the names of files: `a` and `b` are the chosen ones.
pub(super) fn neuron_name(neuron: &Chosen) -> String {
    if neuron.selected {
        neuron.side.letter().to_string()
    } else {
        format!(
            "layer-{}-neuron-{}",
            neuron.id.place.layer, neuron.id.neuron
        )
    }
}

/// A figure's file name: with the site, where there are several.
pub(super) fn file_name(name: &str, site: &SiteTests, run: &Run) -> String {
    if run.sites.len() > 1 {
        format!("{name}-{}", site.site)
    } else {
        name.to_owned()
    }
}
