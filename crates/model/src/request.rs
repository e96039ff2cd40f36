//! What to record of a forward pass.

use selectron_run::Place;
use selectron_run::Site;
use std::collections::BTreeSet;

/// The sites and layers that are wanted of a forward pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Layer and site: in forward order.
    wanted: BTreeSet<(usize, Site)>,
}

impl Request {
    /// Every one of `sites` at every one of `layers`. `embed` counts once, under layer 0, and
    /// `final_norm` once, under the last layer of the model.
    pub fn new(sites: &[Site], layers: &[usize], model_layers: usize) -> Self {
        let place = |site: Site, layer: usize| match site {
            Site::Embed => (0, site),
            Site::FinalNorm => (model_layers - 1, site),
            _ => (layer, site),
        };
        let wanted = sites
            .iter()
            .flat_map(|site| layers.iter().map(move |layer| place(*site, *layer)))
            .collect();
        Self { wanted }
    }

    /// Layer and site of everything wanted, in forward order.
    pub fn iter(&self) -> impl Iterator<Item = (usize, Site)> + '_ {
        self.wanted.iter().copied()
    }

    /// Everything wanted, in forward order.
    pub fn places(&self) -> impl Iterator<Item = Place> + '_ {
        self.iter().map(|(layer, site)| Place::new(site, layer))
    }

    /// How many activations a forward pass will record.
    pub fn len(&self) -> usize {
        self.wanted.len()
    }

    /// Whether nothing is wanted.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }
}
