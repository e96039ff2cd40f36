//! GPT-NeoX (Black et al. 2022) and Pythia (Biderman et al. 2023): rotary positions on a part of
//! each head, attention and MLP in parallel.
//!
//! What sets it apart: queries, keys and values come out of one projection, head by head; each of
//! attention and MLP has its own normalisation of the same stream, so that there is no `resid.mid`
//! unless `use_parallel_residual` is false.

use super::Family;
use super::settings::{
    Biases, RotaryKeys, Settings, activation, equal_heads, rotary, uniform_layers,
};
use crate::checkpoint::{Config, Weights};
use crate::error::Result;
use crate::model::Shape;
use crate::parts::{Attention, Block, Embedding, Linear, Mlp, Norm, Order, Transformer};

pub(super) const FAMILY: Family = Family {
    model_type: "gpt_neox",
    settings,
    load,
};

const ROTARY: RotaryKeys = RotaryKeys {
    theta: "rotary_emb_base",
    fraction: Some(("rotary_pct", 0.25)),
};

fn settings(config: &Config) -> Result<Settings> {
    let hidden = config.size("hidden_size")?;
    let shape = Shape {
        family: FAMILY.model_type,
        layers: config.depth("num_hidden_layers")?,
        hidden,
        neurons: config.size("intermediate_size")?,
        context: config.size("max_position_embeddings")?,
        vocabulary: config.size("vocab_size")?,
    };
    let heads = equal_heads(config, "num_attention_heads", hidden)?;
    let bias = config.flag_or("attention_bias", true)?;
    Ok(Settings {
        heads,
        order: match config.flag_or("use_parallel_residual", true)? {
            true => Order::Parallel,
            false => Order::PreNorm,
        },
        causal: true,
        layers: uniform_layers(shape.layers, heads),
        rotary: Some(rotary(config, &ROTARY, heads)?),
        activation: activation(config, "hidden_act", "gelu")?,
        epsilon: config.positive_number_or("layer_norm_eps", 1e-5)?,
        biases: Biases {
            qkv: bias,
            attention_out: bias,
            mlp: true,
        },
        segments: 0,
        shape,
    })
}

fn load(settings: &Settings, weights: &Weights<'_>) -> Result<Transformer> {
    let weights = weights.without_prefix("gpt_neox.");
    let Shape {
        hidden,
        neurons,
        vocabulary,
        ..
    } = settings.shape;
    let Biases {
        qkv, attention_out, ..
    } = settings.biases;
    let norm = |w: &Weights<'_>, name| Norm::load_layer(w, name, hidden, settings.epsilon);
    let block = |layer, heads| {
        let w = weights.under(format_args!("layers.{layer}"));
        let groups = settings.heads.query;
        let [q, k, v] = Linear::load_three(&w, "attention.query_key_value", hidden, qkv, groups)?;
        Ok(Block {
            order: settings.order,
            attention_norm: norm(&w, "input_layernorm")?,
            attention: Attention {
                q,
                k,
                v,
                out: Linear::load(&w, "attention.dense", hidden, hidden, attention_out)?,
                heads,
            },
            mlp_norm: norm(&w, "post_attention_layernorm")?,
            mlp: Mlp {
                into: Linear::load(&w, "mlp.dense_h_to_4h", hidden, neurons, true)?,
                activation: settings.activation,
                times: None,
                down: Linear::load(&w, "mlp.dense_4h_to_h", neurons, hidden, true)?,
            },
        })
    };
    let embedding = Embedding {
        tokens: weights.tensor("embed_in.weight", [vocabulary, hidden])?,
        positions: None,
        segment: None,
        norm: None,
    };
    settings.assemble(embedding, Some(norm(&weights, "final_layer_norm")?), block)
}
