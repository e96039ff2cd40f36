//! What of `config.json` shapes the computation, in the same words for every family, and the
//! readers of what several families keep in the same way.

use crate::checkpoint::Config;
use crate::error::Result;
use crate::model::Shape;
use crate::parts::{
    Activation, Block, Embedding, HeadCounts, Heads, Norm, Order, Rotary, Stretch, Transformer,
};

/// How a model computes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Settings {
    pub(super) shape: Shape,
    pub(super) heads: HeadCounts,
    pub(super) order: Order,
    /// Whether a position sees only itself and what comes before it.
    pub(super) causal: bool,
    /// One a layer.
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
    /// A position sees only so many positions up to and including itself.
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
}

impl Settings {
    /// Puts a model together; `block` loads the block of a layer, which has these heads.
    pub(super) fn assemble(
        &self,
        embedding: Embedding,
        final_norm: Option<Norm>,
        block: impl Fn(usize, Heads) -> Result<Block>,
    ) -> Result<Transformer> {
        let heads = |layer: &LayerSettings| Heads {
            counts: self.heads,
            scale: layer.scale,
            causal: self.causal,
            window: layer.window,
        };
        let layers = self.layers.iter().enumerate();
        let blocks = layers.map(|(layer, own)| block(layer, heads(own)));
        Ok(Transformer {
            blocks: blocks.collect::<Result<_>>()?,
            embedding,
            rotary: self.rotary.clone(),
            final_norm,
            heads: self.heads,
            shape: self.shape.clone(),
        })
    }
}

/// The same in every layer: scores over the root of the head width, no window.
pub(super) fn uniform_layers(layers: usize, heads: HeadCounts) -> Vec<LayerSettings> {
    let layer = LayerSettings {
        scale: (heads.width as f64).sqrt().recip(),
        window: None,
    };
    vec![layer; layers]
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

/// Where a family keeps what shapes its rotary embedding, besides `rope_parameters` (new) or
/// `rope_scaling` (old).
pub(super) struct RotaryKeys {
    /// The top-level key of theta in older configurations.
    pub(super) theta: &'static str,
    /// The top-level key of the rotated fraction of a head in older configurations, and what it is
    /// where nothing is said; none where the family rotates whole heads.
    pub(super) fraction: Option<(&'static str, f64)>,
}

impl RotaryKeys {
    /// The keys of Llama and its kin.
    pub(super) const LLAMA: Self = Self {
        theta: "rope_theta",
        fraction: None,
    };
}

/// Reads the rotary embedding: `rope_parameters` or `rope_scaling`, with theta and fraction in it
/// or beside it.
pub(super) fn rotary(config: &Config, keys: &RotaryKeys, heads: HeadCounts) -> Result<Rotary> {
    let section = match config.section("rope_scaling")? {
        Some(old) => Some(old),
        None => config.section("rope_parameters")?,
    };
    let beside = config.positive_number_or(keys.theta, 10_000.0)?;
    let theta = match &section {
        Some(section) => section.positive_number_or("rope_theta", beside)?,
        None => beside,
    };
    if config.has("rope_theta") && config.positive_number_or("rope_theta", theta)? != theta {
        return Err(config.error(
            "rope_theta",
            format!("theta is {theta} elsewhere in the file"),
        ));
    }
    let width = rotated_width(config, section.as_ref(), keys, heads)?;
    Ok(Rotary {
        width,
        theta,
        stretch: match &section {
            Some(section) => stretch(config, section)?,
            None => Stretch::None,
        },
    })
}

fn rotated_width(
    config: &Config,
    section: Option<&Config>,
    keys: &RotaryKeys,
    heads: HeadCounts,
) -> Result<usize> {
    const INNER: &str = "partial_rotary_factor";
    let Some((key, default)) = keys.fraction else {
        for config in std::iter::once(config).chain(section) {
            config.supported_only(INNER, 1.0, "this family rotates whole heads")?;
        }
        return even(config, "head_dim", heads.width);
    };
    let beside = config.positive_number_or(key, default)?;
    let fraction = match section {
        Some(section) => section.positive_number_or(INNER, beside)?,
        None => beside,
    };
    if config.has(INNER) && config.positive_number_or(INNER, fraction)? != fraction {
        return Err(config.error(
            INNER,
            format!("the fraction is {fraction} elsewhere in the file"),
        ));
    }
    if fraction > 1.0 {
        return Err(config.error(key, format!("{fraction} is more than the whole head")));
    }
    even(config, key, (heads.width as f64 * fraction) as usize)
}

fn even(config: &Config, key: &str, width: usize) -> Result<usize> {
    if width == 0 || !width.is_multiple_of(2) {
        return Err(config.error(
            key,
            format!("{width} values of each head would be rotated, which must be an even number"),
        ));
    }
    Ok(width)
}

fn stretch(config: &Config, section: &Config) -> Result<Stretch> {
    const SHARED: [&str; 4] = ["rope_type", "type", "rope_theta", "partial_rotary_factor"];
    let kind = section.text_or("rope_type", section.text_or("type", "default")?)?;
    let number = |key: &str| match section.has(key) {
        true => section.positive_number_or(key, 1.0),
        false => Err(section.error(key, "the key is missing")),
    };
    // What belongs to another type is not used, as in transformers; what belongs to none is refused.
    const OWN: [&str; 4] = [
        "factor",
        "low_freq_factor",
        "high_freq_factor",
        ORIGINAL_CONTEXT,
    ];
    let stretch = match kind {
        "default" => Stretch::None,
        "linear" => Stretch::Linear {
            factor: number("factor")?,
        },
        "llama3" => {
            let (low, high) = (number("low_freq_factor")?, number("high_freq_factor")?);
            if low >= high {
                return Err(section.error("high_freq_factor", "must be above low_freq_factor"));
            }
            Stretch::Llama3 {
                factor: number("factor")?,
                low_frequency: low,
                high_frequency: high,
                original_context: original_context(config, section)?,
            }
        }
        other => {
            return Err(section.error(
                "rope_type",
                format!(
                    "`{other}` is not supported (default, linear and llama3 are): its angles would \
                     not be those that the model was trained with"
                ),
            ));
        }
    };
    let known = |key: &&str| SHARED.contains(key) || OWN.contains(key);
    match section.keys().into_iter().find(|key| !known(key)) {
        Some(key) => Err(section.error(key, "a setting of rotary positions that is not supported")),
        None => Ok(stretch),
    }
}

const ORIGINAL_CONTEXT: &str = "original_max_position_embeddings";

/// The context that a model was first trained with: beside the other settings, or else among them,
/// or else the model's context, in transformers' order.
fn original_context(config: &Config, section: &Config) -> Result<f64> {
    let context = config.size("max_position_embeddings")? as f64;
    let among = section.positive_number_or(ORIGINAL_CONTEXT, context)?;
    config.positive_number_or(ORIGINAL_CONTEXT, among)
}
