//! What is known of a model before any of its weights is loaded.

use super::flow::Flow;
use super::heads::HeadCounts;
use super::rotary::Rotary;
use super::shape::Shape;
use selectron_run::Site;

/// What is known of a model before any of its weights is loaded.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    /// Its dimensions.
    pub shape: Shape,
    /// Its heads.
    pub heads: HeadCounts,
    /// Whether every position sees only itself and what comes before it.
    pub causal: bool,
    /// How its blocks' sublayers read the stream.
    pub flow: Flow,
    /// How queries and keys are rotated, where they are.
    pub rotary: Option<Rotary>,
    /// Whether the last block's output is normalised once more.
    pub final_norm: bool,
}

impl Outline {
    /// Why this model lacks a site; none where it has it.
    pub fn lacks(&self, site: Site) -> Option<&'static str> {
        match site {
            Site::ResidMid if self.flow == Flow::Parallel => {
                Some("its attention and MLP read the same stream, with nothing between them")
            }
            Site::FinalNorm if !self.final_norm => {
                Some("its last block's output is already normalised, see resid.post")
            }
            _ => None,
        }
    }

    /// The sites that this model has, in forward order.
    pub fn sites(&self) -> impl Iterator<Item = Site> + '_ {
        Site::ALL
            .into_iter()
            .filter(|site| self.lacks(*site).is_none())
    }

    /// Values per token at a site.
    pub fn width(&self, site: Site) -> usize {
        match site {
            Site::MlpPre | Site::MlpPost => self.shape.neurons,
            Site::AttnQ => self.heads.query_width(),
            Site::AttnK | Site::AttnV => self.heads.key_value_width(),
            _ => self.shape.hidden,
        }
    }
}
