//! Llama (Touvron et al. 2023; Llama 2 and 3 alike): RMS normalisation, gated MLP, rotary
//! positions, fewer heads of keys and values than of queries.
//!
//! Mistral and Qwen2 keep their tensors under the same names and differ in their settings alone.

use super::Family;
use super::settings::{Biases, RotaryKeys, Settings, activation, rotary, uniform_layers};
use crate::checkpoint::{Config, Weights};
use crate::error::Result;
use crate::model::Shape;
use crate::parts::{
    Attention, Block, Embedding, HeadCounts, Linear, Mlp, Norm, Order, Transformer,
};

pub(super) const FAMILY: Family = Family {
    model_type: "llama",
    settings,
    load,
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
    Ok(Settings {
        heads,
        order: Order::PreNorm,
        causal: true,
        layers: uniform_layers(shape.layers, heads),
        rotary: Some(rotary(config, &RotaryKeys::LLAMA, heads)?),
        activation: activation(config, "hidden_act", "silu")?,
        epsilon: config.positive_number_or("rms_norm_eps", 1e-6)?,
        biases,
        segments: 0,
        shape,
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

pub(super) fn load(settings: &Settings, weights: &Weights<'_>) -> Result<Transformer> {
    let weights = weights.without_prefix("model.");
    let Shape {
        hidden,
        neurons,
        vocabulary,
        ..
    } = settings.shape;
    let (wide, narrow) = (
        settings.heads.query_width(),
        settings.heads.key_value_width(),
    );
    let Biases {
        qkv,
        attention_out,
        mlp,
    } = settings.biases;
    let norm = |w: &Weights<'_>, name| Norm::load_rms(w, name, hidden, settings.epsilon);
    let block = |layer, heads| {
        let w = weights.under(format_args!("layers.{layer}"));
        Ok(Block {
            order: settings.order,
            attention_norm: norm(&w, "input_layernorm")?,
            attention: Attention {
                q: Linear::load(&w, "self_attn.q_proj", hidden, wide, qkv)?,
                k: Linear::load(&w, "self_attn.k_proj", hidden, narrow, qkv)?,
                v: Linear::load(&w, "self_attn.v_proj", hidden, narrow, qkv)?,
                out: Linear::load(&w, "self_attn.o_proj", wide, hidden, attention_out)?,
                heads,
            },
            mlp_norm: norm(&w, "post_attention_layernorm")?,
            mlp: Mlp {
                into: Linear::load(&w, "mlp.gate_proj", hidden, neurons, mlp)?,
                activation: settings.activation,
                times: Some(Linear::load(&w, "mlp.up_proj", hidden, neurons, mlp)?),
                down: Linear::load(&w, "mlp.down_proj", neurons, hidden, mlp)?,
            },
        })
    };
    let embedding = Embedding {
        tokens: weights.tensor("embed_tokens.weight", [vocabulary, hidden])?,
        positions: None,
        segment: None,
        norm: None,
    };
    settings.assemble(embedding, Some(norm(&weights, "norm")?), block)
}
