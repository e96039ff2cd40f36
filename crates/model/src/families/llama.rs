//! Llama (Touvron et al. 2023; Llama 2 and 3 alike): RMS normalisation, gated MLP, rotary
//! positions, fewer heads of keys and values than of queries.
//!
//! Mistral and Qwen2 keep their tensors under the same names and differ in their settings alone.

use super::family::Family;
use super::loader::Loader;
use super::rotary::{RotaryKeys, rotary};
use super::settings::{Biases, Settings, activation};
use crate::config::Config;
use crate::error::Result;
use crate::parts::attention::Attention;
use crate::parts::block::Block;
use crate::parts::embedding::Embedding;
use crate::parts::mlp::Mlp;
use crate::parts::sublayer::Sublayer;
use crate::spec::heads::HeadCounts;
use crate::spec::shape::Shape;

pub(super) const FAMILY: Family = Family {
    model_type: "llama",
    prefix: "model.",
    settings,
    embedding: |model| Ok(Embedding::of(model.token_vectors("embed_tokens.weight")?)),
    block,
    final_norm: Some(|model| model.rms_norm("norm")),
};

fn settings(config: &Config) -> Result<Settings> {
    for key in ["sliding_window", "layer_types"] {
        if config.has(key) {
            return Err(config.error(key, "a Llama model has no sliding windows"));
        }
    }
    let bias = config.flag_or("attention_bias", false)?;
    let biases = Biases {
        qkv: bias,
        attention_out: bias,
        mlp: config.flag_or("mlp_bias", false)?,
    };
    common_settings(config, FAMILY.model_type, None, biases)
}

/// What Llama, Mistral and Qwen2 read alike; `key_value_heads` is how many there are where the
/// configuration does not say (none: as many as heads of queries).
pub(super) fn common_settings(
    config: &Config,
    family: &'static str,
    key_value_heads: Option<usize>,
    biases: Biases,
) -> Result<Settings> {
    let shape = Shape {
        family,
        layers: config.depth("num_hidden_layers")?,
        hidden: config.size("hidden_size")?,
        neurons: config.size("intermediate_size")?,
        context: config.size("max_position_embeddings")?,
        vocabulary: config.size("vocab_size")?,
    };
    let heads = heads(config, shape.hidden, key_value_heads)?;
    let rotary = rotary(config, &RotaryKeys::LLAMA, heads)?;
    let activation = activation(config, "hidden_act", "silu")?;
    let epsilon = config.positive_number_or("rms_norm_eps", 1e-6)?;
    Ok(Settings {
        rotary: Some(rotary),
        biases,
        ..Settings::decoder(shape, heads, activation, epsilon)
    })
}

fn heads(config: &Config, hidden: usize, key_value: Option<usize>) -> Result<HeadCounts> {
    let query = config.size("num_attention_heads")?;
    // A null means "as many as heads of queries" in all three; a missing key, the family's default.
    let default = key_value.filter(|_| !config.is_written("num_key_value_heads"));
    let key_value = config.size_or("num_key_value_heads", default.unwrap_or(query))?;
    if query % key_value != 0 {
        let what = format!("{key_value} heads of keys cannot serve {query} heads of queries");
        return Err(config.error("num_key_value_heads", what));
    }
    let width = match config.optional_size("head_dim")? {
        Some(width) => width,
        None if hidden.is_multiple_of(query) => hidden / query,
        None => {
            let what = format!("{query} heads do not divide a hidden size of {hidden}");
            return Err(config.error("num_attention_heads", what));
        }
    };
    Ok(HeadCounts {
        query,
        key_value,
        width,
    })
}

fn block(model: &Loader<'_>, layer: usize) -> Result<Block> {
    let tensors = model.under(format_args!("layers.{layer}"));
    let Settings {
        shape: Shape {
            hidden, neurons, ..
        },
        heads,
        biases,
        ..
    } = *model.settings;
    let (wide, narrow) = (heads.query_width(), heads.key_value_width());
    let attention_norm = tensors.rms_norm("input_layernorm")?;
    let qkv = [
        tensors.linear("self_attn.q_proj", hidden, wide, biases.qkv)?,
        tensors.linear("self_attn.k_proj", hidden, narrow, biases.qkv)?,
        tensors.linear("self_attn.v_proj", hidden, narrow, biases.qkv)?,
    ];
    let out = tensors.linear("self_attn.o_proj", wide, hidden, biases.attention_out)?;
    let attention = Attention::new(qkv, out, model.settings.heads_of(layer));
    let mlp_norm = tensors.rms_norm("post_attention_layernorm")?;
    let gate = tensors.linear("mlp.gate_proj", hidden, neurons, biases.mlp)?;
    let up = tensors.linear("mlp.up_proj", hidden, neurons, biases.mlp)?;
    let down = tensors.linear("mlp.down_proj", neurons, hidden, biases.mlp)?;
    let mlp = Mlp::gated(gate, up, model.settings.activation, down);
    Ok(Block::sequential(
        Sublayer::pre_norm(attention_norm, attention),
        Sublayer::pre_norm(mlp_norm, mlp),
    ))
}
