//! What of `config.json` shapes the computation, in the same words for every family, and the
//! readers of what several families keep in the same way.

use crate::config::Config;
use crate::error::Result;
use crate::spec::activation::Activation;
use crate::spec::flow::Flow;
use crate::spec::heads::{HeadCounts, Heads};
use crate::spec::rotary::Rotary;
use crate::spec::shape::Shape;

/// How a model computes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Settings {
    pub(super) shape: Shape,
    pub(super) heads: HeadCounts,
    pub(super) flow: Flow,
    /// Whether a position sees only itself and what comes before it.
    pub(super) causal: bool,
    /// One per layer.
    pub(super) layers: Vec<LayerSettings>,
    pub(super) rotary: Option<Rotary>,
    pub(super) activation: Activation,
    /// Added to the variance (or mean square) before its root is taken.
    pub(super) epsilon: f64,
    /// Which projections have a bias, where a family lets its configuration choose.
    pub(super) biases: Biases,
    /// Kinds of text that a token may belong to; 0 where a family knows none.
    pub(super) segments: usize,
}

/// What may differ from layer to layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct LayerSettings {
    /// What the products of queries and keys are multiplied by.
    pub(super) scale: f64,
    /// A position sees at most this many positions, up to and including itself.
    pub(super) window: Option<usize>,
}

/// Which projections have a bias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Biases {
    /// Those to queries, keys and values.
    pub(super) qkv: bool,
    /// The attention's output projection.
    pub(super) attention_out: bool,
    /// Those of the MLP.
    pub(super) mlp: bool,
}

impl Biases {
    /// Every projection has one.
    pub(super) const ALL: Self = Self {
        qkv: true,
        attention_out: true,
        mlp: true,
    };

    /// None has.
    pub(super) const NONE: Self = Self {
        qkv: false,
        attention_out: false,
        mlp: false,
    };
}

impl Settings {
    /// A model that reads from left to right, its blocks sequential, all layers alike: scores over the
    /// root of the head width, no window, a bias in every projection.
    pub(super) fn decoder(
        shape: Shape,
        heads: HeadCounts,
        activation: Activation,
        epsilon: f64,
    ) -> Self {
        let layer = LayerSettings {
            scale: (heads.width as f64).sqrt().recip(),
            window: None,
        };
        Self {
            layers: vec![layer; shape.layers],
            shape,
            heads,
            flow: Flow::Sequential,
            causal: true,
            rotary: None,
            activation,
            epsilon,
            biases: Biases::ALL,
            segments: 0,
        }
    }

    /// The heads of a layer.
    pub(super) fn heads_of(&self, layer: usize) -> Heads {
        let LayerSettings { scale, window } = self.layers[layer];
        Heads {
            counts: self.heads,
            scale,
            causal: self.causal,
            window,
        }
    }
}

/// As many heads of keys and values as of queries, which share the hidden size.
pub(super) fn equal_heads(config: &Config, key: &str, hidden: usize) -> Result<HeadCounts> {
    let count = config.size(key)?;
    if !hidden.is_multiple_of(count) {
        return Err(config.error(
            key,
            format!("{count} heads do not divide a hidden size of {hidden}"),
        ));
    }
    Ok(HeadCounts {
        query: count,
        key_value: count,
        width: hidden / count,
    })
}

/// The activation that a key names.
pub(super) fn activation(config: &Config, key: &str, default: &str) -> Result<Activation> {
    let name = config.text_or(key, default)?;
    Activation::from_name(name).ok_or_else(|| {
        let known: Vec<_> = Activation::NAMES.iter().map(|(name, _)| *name).collect();
        config.error(
            key,
            format!("unknown activation `{name}` (known: {})", known.join(", ")),
        )
    })
}
