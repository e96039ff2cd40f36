//! GPT-2 (Radford et al. 2019): learned positions, pre-norm blocks.
//!
//! What sets it apart: its projections are `Conv1D`, stored `[inputs, outputs]`; queries, keys and
//! values come out of one projection; GELU is the tanh form.

use super::Family;
use super::settings::{Biases, LayerSettings, Settings, activation, equal_heads};
use crate::checkpoint::{Config, Weights};
use crate::error::Result;
use crate::model::Shape;
use crate::parts::{Attention, Block, Embedding, Linear, Mlp, Norm, Order, Transformer};

pub(super) const FAMILY: Family = Family {
    model_type: "gpt2",
    settings,
    load,
};

fn settings(config: &Config) -> Result<Settings> {
    config.supported_only(
        "add_cross_attention",
        false,
        "there is no encoder to attend to",
    )?;
    let hidden = config.size("n_embd")?;
    let shape = Shape {
        family: FAMILY.model_type,
        layers: config.depth("n_layer")?,
        hidden,
        neurons: config.size_or("n_inner", 4 * hidden)?,
        context: config.size("n_positions")?,
        vocabulary: config.size("vocab_size")?,
    };
    let heads = equal_heads(config, "n_head", hidden)?;
    // `reorder_and_upcast_attn` scales the keys before the product, in float32: the same numbers.
    let scaled = config.flag_or("scale_attn_weights", true)?;
    let by_layer = config.flag_or("scale_attn_by_inverse_layer_idx", false)?;
    let scale = |layer: usize| {
        let width = if scaled { heads.width } else { 1 };
        let depth = if by_layer { layer + 1 } else { 1 };
        1.0 / (width as f64).sqrt() / depth as f64
    };
    Ok(Settings {
        heads,
        order: Order::PreNorm,
        causal: true,
        layers: (0..shape.layers)
            .map(|layer| LayerSettings {
                scale: scale(layer),
                window: None,
            })
            .collect(),
        rotary: None,
        activation: activation(config, "activation_function", "gelu_new")?,
        epsilon: config.positive_number_or("layer_norm_epsilon", 1e-5)?,
        biases: Biases::ALL,
        segments: 0,
        shape,
    })
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
        let [q, k, v] = Linear::load_conv1d_three(&w, "attn.c_attn", hidden)?;
        Ok(Block {
            order: settings.order,
            attention_norm: norm(&w, "ln_1")?,
            attention: Attention {
                q,
                k,
                v,
                out: Linear::load_conv1d(&w, "attn.c_proj", hidden, hidden)?,
                heads,
            },
            mlp_norm: norm(&w, "ln_2")?,
            mlp: Mlp {
                into: Linear::load_conv1d(&w, "mlp.c_fc", hidden, neurons)?,
                activation: settings.activation,
                times: None,
                down: Linear::load_conv1d(&w, "mlp.c_proj", neurons, hidden)?,
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
