//! `[render]`: how figures look.

use super::documented::documented;
use super::names::Scaling;
use serde::{Deserialize, Serialize};

documented! {
    /// `[render]`
    #[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
    #[serde(deny_unknown_fields, default)]
    pub struct RenderSection {
        /// The colours of the two categories, such as `{ a = "red", b = "blue" }`.
        pub palette: Palette,
        /// How activations over a text are scaled to a colour. Without it, `min-max`.
        pub scaling: Option<Scaling>,
    }
}

documented! {
    /// The colours of the two categories: a name (`red`, `blue`, …) or `#rrggbb`.
    #[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
    #[serde(deny_unknown_fields, default)]
    pub struct Palette {
        /// The colour of category A: a name, such as `red`, or `#rrggbb`.
        pub a: String,
        /// The colour of category B: likewise.
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
