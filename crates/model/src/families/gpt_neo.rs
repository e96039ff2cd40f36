//! GPT-Neo (Black et al. 2021): learned positions, pre-norm blocks, global and local attention in
//! turn.
//!
//! What sets it apart: attention is **not** scaled by 1/sqrt(head width); `q`, `k`, `v` have no
//! bias while the output projection has one; a local layer sees `window_size` positions, itself
//! included; GELU is the tanh form.

use super::family::Family;
use super::loader::Loader;
use super::settings::{Biases, LayerSettings, Settings, activation, equal_heads};
use crate::config::Config;
use crate::error::Result;
use crate::parts::attention::Attention;
use crate::parts::block::Block;
use crate::parts::embedding::Embedding;
use crate::parts::mlp::Mlp;
use crate::parts::sublayer::Sublayer;
use crate::spec::shape::Shape;

pub(super) const FAMILY: Family = Family {
    model_type: "gpt_neo",
    prefix: "transformer.",
    settings,
    embedding,
    block,
    final_norm: Some(|model| model.layer_norm("ln_f")),
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
    let layers = windows.map(|window| LayerSettings { scale: 1.0, window });
    let heads = equal_heads(config, "num_heads", hidden)?;
    let activation = activation(config, "activation_function", "gelu_new")?;
    let epsilon = config.positive_number_or("layer_norm_epsilon", 1e-5)?;
    Ok(Settings {
        layers: layers.collect(),
        biases: Biases {
            qkv: false,
            ..Biases::ALL
        },
        ..Settings::decoder(shape, heads, activation, epsilon)
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

fn embedding(model: &Loader<'_>) -> Result<Embedding> {
    let tokens = model.token_vectors("wte.weight")?;
    Ok(Embedding::of(tokens).at_positions(model.position_vectors("wpe.weight")?))
}

fn block(model: &Loader<'_>, layer: usize) -> Result<Block> {
    let tensors = model.under(format_args!("h.{layer}"));
    let attention_tensors = tensors.under("attn.attention");
    let Shape {
        hidden, neurons, ..
    } = model.settings.shape;
    let attention_norm = tensors.layer_norm("ln_1")?;
    let qkv = |name| attention_tensors.linear(name, hidden, hidden, model.settings.biases.qkv);
    let qkv = [qkv("q_proj")?, qkv("k_proj")?, qkv("v_proj")?];
    let out = attention_tensors.linear("out_proj", hidden, hidden, true)?;
    let attention = Attention::new(qkv, out, model.settings.heads_of(layer));
    let mlp_norm = tensors.layer_norm("ln_2")?;
    let up = tensors.linear("mlp.c_fc", hidden, neurons, true)?;
    let down = tensors.linear("mlp.c_proj", neurons, hidden, true)?;
    let mlp = Mlp::plain(up, model.settings.activation, down);
    Ok(Block::sequential(
        Sublayer::pre_norm(attention_norm, attention),
        Sublayer::pre_norm(mlp_norm, mlp),
    ))
}
