//! `[render]`: how figures look.

use super::documented::documented;
use super::names::Scaling;
use serde::{Deserialize, Serialize};

documented! {
    /// `[render]`
    #[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
    #[serde(deny_unknown_fields, default)]
    pub struct RenderSection {
        /// The colours of the two categories.
        pub palette: Palette,
        /// How activations over a text are scaled to a colour.
        pub scaling: Option<Scaling>,
    }
}

documented! {
    /// The colours of the two categories: a name (`red`, `blue`, …) or `#rrggbb`.
    #[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
    #[serde(deny_unknown_fields, default)]
    pub struct Palette {
        /// Colour of category A.
        pub a: String,
        /// Colour of category B.
        pub b: String,
    }
}

impl Default for Palette {
    fn default() -> Self {
        Self {
            a: "red".to_owned(),
            b: "blue".to_owned(),
        }
    }
}
