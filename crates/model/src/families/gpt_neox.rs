//! GPT-NeoX (Black et al. 2022) and Pythia (Biderman et al. 2023): rotary positions on a part of
//! each head, attention and MLP in parallel.
//!
//! What sets it apart: queries, keys and values come out of one projection, head by head; each of
//! attention and MLP has its own normalisation of the same stream, so that there is no `resid.mid`
//! unless `use_parallel_residual` is false.

use super::family::Family;
use super::loader::Loader;
use super::rotary::{RotaryKeys, rotary};
use super::settings::{Biases, Settings, activation, equal_heads};
use crate::config::Config;
use crate::error::Result;
use crate::ops::operations::Layout;
use crate::parts::attention::Attention;
use crate::parts::block::Block;
use crate::parts::embedding::Embedding;
use crate::parts::mlp::Mlp;
use crate::parts::sublayer::Sublayer;
use crate::spec::flow::Flow;
use crate::spec::shape::Shape;

pub(super) const FAMILY: Family = Family {
    model_type: "gpt_neox",
    prefix: "gpt_neox.",
    settings,
    embedding: |model| Ok(Embedding::of(model.token_vectors("embed_in.weight")?)),
    block,
    final_norm: Some(|model| model.layer_norm("final_layer_norm")),
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
    let flow = match config.flag_or("use_parallel_residual", true)? {
        true => Flow::Parallel,
        false => Flow::Sequential,
    };
    let rotary = rotary(config, &ROTARY, heads)?;
    let activation = activation(config, "hidden_act", "gelu")?;
    let epsilon = config.positive_number_or("layer_norm_eps", 1e-5)?;
    Ok(Settings {
        flow,
        rotary: Some(rotary),
        biases: Biases {
            qkv: bias,
            attention_out: bias,
            mlp: true,
        },
        ..Settings::decoder(shape, heads, activation, epsilon)
    })
}

fn block(model: &Loader<'_>, layer: usize) -> Result<Block> {
    let tensors = model.under(format_args!("layers.{layer}"));
    let settings = model.settings;
    let Shape {
        hidden, neurons, ..
    } = settings.shape;
    let qkv = tensors.fused(
        "attention.query_key_value",
        Layout::OutputsFirst,
        hidden,
        [hidden; 3],
        settings.heads.query,
        settings.biases.qkv,
    )?;
    let attention_norm = tensors.layer_norm("input_layernorm")?;
    let out = tensors.linear(
        "attention.dense",
        hidden,
        hidden,
        settings.biases.attention_out,
    )?;
    let attention = Attention::new(qkv, out, settings.heads_of(layer));
    let mlp_norm = tensors.layer_norm("post_attention_layernorm")?;
    let up = tensors.linear("mlp.dense_h_to_4h", hidden, neurons, true)?;
    let down = tensors.linear("mlp.dense_4h_to_h", neurons, hidden, true)?;
    let mlp = Mlp::plain(up, settings.activation, down);
    Ok(Block {
        attention: Sublayer::pre_norm(attention_norm, attention),
        mlp: Sublayer::pre_norm(mlp_norm, mlp),
        flow: settings.flow,
    })
}
