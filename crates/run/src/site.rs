//! The places in a transformer where activations are recorded, by the names that
//! interpretability tools use.

use crate::named::{Choice, Named};
use crate::spelling::suggestion;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Declares the sites, each with its name and its sentence.
macro_rules! sites {
    ($( $(#[doc = $doc:literal])+ $site:ident = $name:literal, )+) => {
        /// A recording site. Layers count from 0.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Site { $( $(#[doc = $doc])+ $site, )+ }

        impl Site {
            /// Every site, in the order in which a forward pass meets them.
            pub const ALL: [Self; [$( $name ),+].len()] = [ $( Self::$site ),+ ];

            /// The name used in pipeline files and tables, such as `mlp.pre`.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$site => $name, )+ }
            }
        }

        impl Named for Site {
            const CHOICES: &'static [Choice] = &[ $(
                Choice { name: $name, doc: concat!($($doc, "\n",)+) },
            )+ ];
        }
    };
}

sites! {
    /// Token plus position embedding, before the first block. It has no layer; tables say 0.
    Embed = "embed",
    /// The residual stream as a block receives it.
    ResidPre = "resid.pre",
    /// Queries, all heads side by side.
    AttnQ = "attn.q",
    /// Keys, all heads side by side.
    AttnK = "attn.k",
    /// Values, all heads side by side.
    AttnV = "attn.v",
    /// The attention's contribution to the residual stream, after its output projection.
    AttnOut = "attn.out",
    /// The residual stream between attention and MLP.
    ResidMid = "resid.mid",
    /// MLP neurons before the nonlinearity.
    MlpPre = "mlp.pre",
    /// MLP neurons after the nonlinearity.
    MlpPost = "mlp.post",
    /// The MLP's contribution to the residual stream.
    MlpOut = "mlp.out",
    /// The residual stream as a block leaves it.
    ResidPost = "resid.post",
    /// The final normalisation of the last block's output. It has no layer; tables say that of the
    /// last block.
    FinalNorm = "final_norm",
}

/// The first site: rows of tables can then be filled field by field in tests.
impl Default for Site {
    fn default() -> Self {
        Self::Embed
    }
}

impl Site {
    /// Whether the site exists once a model (`embed`, `final_norm`) rather than once a block.
    pub const fn is_global(self) -> bool {
        matches!(self, Self::Embed | Self::FinalNorm)
    }
}

impl Serialize for Site {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Site {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(D::Error::custom)
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Site {
    type Err = String;

    /// Reads a site's name; the error lists the nearest and all known names.
    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|site| site.name() == name)
            .ok_or_else(|| {
                let known = Self::ALL.map(Self::name);
                // A table may hold anything in place of a name.
                let name: String = name.chars().take(40).collect();
                let name = name.as_str();
                format!("unknown site `{name}`{}", suggestion(name, &known))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for site in Site::ALL {
            assert_eq!(site.name().parse::<Site>(), Ok(site));
        }
    }

    #[test]
    fn a_slip_gets_the_nearest_name() {
        let error = "mlp_pre".parse::<Site>().unwrap_err();
        assert!(error.contains("did you mean `mlp.pre`?"), "{error}");
    }
}
