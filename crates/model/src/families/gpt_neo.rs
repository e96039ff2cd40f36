//! GPT-Neo (Black et al. 2021): learned positions, pre-norm blocks, global and local attention in
//! turn.
//!
//! What sets it apart: attention is **not** scaled by 1/sqrt(head width); `q`, `k`, `v` have no
//! bias while the output projection has one; a local layer sees `window_size` positions, itself
//! included; GELU is the tanh form.

use super::Family;
use super::settings::{Biases, LayerSettings, Settings, activation, equal_heads};
use crate::checkpoint::{Config, Weights};
use crate::error::Result;
use crate::model::Shape;
use crate::parts::{Attention, Block, Embedding, Linear, Mlp, Norm, Order, Transformer};

pub(super) const FAMILY: Family = Family {
    model_type: "gpt_neo",
    settings,
    load,
};

fn settings(config: &Config) -> Result<Settings> {
    let hidden = config.size("hidden_size")?;
    let shape = Shape {
        family: FAMILY.model_type,
        layers: config.depth("num_layers")?,
        hidden,
        neurons: config.size_or("intermediate_size", 4 * hidden)?,
        context: config.size("max_position_embeddings")?,
        vocabulary: config.size("vocab_size")?,
    };
    let windows = windows(config, shape.layers)?.into_iter();
    Ok(Settings {
        heads: equal_heads(config, "num_heads", hidden)?,
        order: Order::PreNorm,
        causal: true,
        layers: windows
            .map(|window| LayerSettings { scale: 1.0, window })
            .collect(),
        rotary: None,
        activation: activation(config, "activation_function", "gelu_new")?,
        epsilon: config.positive_number_or("layer_norm_epsilon", 1e-5)?,
        biases: Biases {
            qkv: false,
            ..Biases::ALL
        },
        segments: 0,
        shape,
    })
}

/// Reads which layers are local from `attention_layers`, or else from `attention_types`, which
/// holds pairs of a pattern and how often it repeats: `[[["global", "local"], 6]]`.
fn windows(config: &Config, layers: usize) -> Result<Vec<Option<usize>>> {
    let kinds: Vec<String> = if config.has("attention_layers") {
        config.read("attention_layers")?
    } else {
        let types: Vec<(Vec<String>, usize)> = config.read("attention_types")?;
        let total = types
            .iter()
            .map(|(pattern, times)| pattern.len().saturating_mul(*times));
        if total.fold(0, usize::saturating_add) != layers {
            let what = format!("the patterns do not add up to {layers} layers");
            return Err(config.error("attention_types", what));
        }
        types
            .into_iter()
            .flat_map(|(pattern, times)| vec![pattern; times].concat())
            .collect()
    };
    if kinds.len() != layers {
        let what = format!("{} entries for {layers} layers", kinds.len());
        return Err(config.error("attention_layers", what));
    }
    let window = config.size_or("window_size", 256)?;
    kinds
        .iter()
        .map(|kind| match kind.as_str() {
            "global" => Ok(None),
            "local" => Ok(Some(window)),
            other => Err(config.error("attention_layers", format!("unknown attention `{other}`"))),
        })
        .collect()
}

fn load(settings: &Settings, weights: &Weights<'_>) -> Result<Transformer> {
    let weights = weights.without_prefix("transformer.");
    let Shape {
        hidden,
        neurons,
        context,
        vocabulary,
        ..
    } = settings.shape;
    let norm = |w: &Weights<'_>, name| Norm::load_layer(w, name, hidden, settings.epsilon);
    let block = |layer, heads| {
        let w = weights.under(format_args!("h.{layer}"));
        let a = w.under("attn.attention");
        let qkv = |name| Linear::load(&a, name, hidden, hidden, settings.biases.qkv);
        Ok(Block {
            order: settings.order,
            attention_norm: norm(&w, "ln_1")?,
            attention: Attention {
                q: qkv("q_proj")?,
                k: qkv("k_proj")?,
                v: qkv("v_proj")?,
                out: Linear::load(&a, "out_proj", hidden, hidden, true)?,
                heads,
            },
            mlp_norm: norm(&w, "ln_2")?,
            mlp: Mlp {
                into: Linear::load(&w, "mlp.c_fc", hidden, neurons, true)?,
                activation: settings.activation,
                times: None,
                down: Linear::load(&w, "mlp.c_proj", neurons, hidden, true)?,
            },
        })
    };
    let embedding = Embedding {
        tokens: weights.tensor("wte.weight", [vocabulary, hidden])?,
        positions: Some(weights.tensor("wpe.weight", [context, hidden])?),
        segment: None,
        norm: None,
    };
    settings.assemble(embedding, Some(norm(&weights, "ln_f")?), block)
}
