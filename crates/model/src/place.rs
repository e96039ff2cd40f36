//! Where in a model activations are.

use selectron_schema::Site;

/// A recording site of one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The site.
    pub site: Site,
    /// The layer, from 0.
    pub layer: usize,
}

impl Place {
    /// A site of a layer.
    pub const fn new(site: Site, layer: usize) -> Self {
        Self { site, layer }
    }

    /// Sorts places as a forward pass meets them: by layer, then by site.
    pub const fn forward_order(self) -> (usize, Site) {
        (self.layer, self.site)
    }
}
