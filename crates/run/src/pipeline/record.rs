//! `[record]`: what to record of the model, and how.

use super::documented::documented;
use super::names::{Layers, Presentation, Reduce};
use super::one_or_many::one_or_many;
use crate::site::Site;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

documented! {
    /// `[record]`
    #[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
    #[serde(deny_unknown_fields, default)]
    pub struct RecordSection {
        /// Where to record: one [site](concepts.md#sites) or a list of them.
        #[serde(deserialize_with = "one_or_many_sites")]
        pub site: Vec<Site>,
        /// Which layers. The flag `--layers` takes its place.
        pub layers: Layers,
        /// How a word is put before the model, see
        /// [presentation](concepts.md#categories-and-words).
        pub presentation: Presentation,
        /// How the activations of a word's tokens become one value per neuron.
        pub reduce: Reduce,
    }
}

impl Default for RecordSection {
    fn default() -> Self {
        Self {
            site: vec![Site::MlpPre],
            layers: Layers::All,
            presentation: Presentation::BosSpace,
            reduce: Reduce::Last,
        }
    }
}

/// Reads `"mlp.pre"` or `["mlp.pre", "resid.post"]`, without repetitions, in forward order.
fn one_or_many_sites<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Site>, D::Error> {
    let mut sites = one_or_many(deserializer, "site")?
        .iter()
        .map(|name| name.parse::<Site>().map_err(D::Error::custom))
        .collect::<Result<Vec<_>, _>>()?;
    sites.sort_unstable();
    if sites.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(D::Error::custom("a site is listed twice"));
    }
    Ok(sites)
}
