//! GPT-2 (Radford et al. 2019): learned positions, pre-norm blocks.
//!
//! What sets it apart: its projections are `Conv1D`, stored `[inputs, outputs]`; queries, keys and
//! values come out of one projection; GELU is the tanh form.

use super::family::Family;
use super::loader::Loader;
use super::settings::{LayerSettings, Settings, activation, equal_heads};
use crate::config::Config;
use crate::error::Result;
use crate::ops::operations::Layout;
use crate::parts::attention::Attention;
use crate::parts::block::Block;
use crate::parts::embedding::Embedding;
use crate::parts::mlp::Mlp;
use crate::parts::sublayer::Sublayer;
use crate::spec::shape::Shape;

pub(super) const FAMILY: Family = Family {
    model_type: "gpt2",
    prefix: "transformer.",
    settings,
    embedding,
    block,
    final_norm: Some(|model| model.layer_norm("ln_f")),
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
    let activation = activation(config, "activation_function", "gelu_new")?;
    let epsilon = config.positive_number_or("layer_norm_epsilon", 1e-5)?;
    let layers = (0..shape.layers).map(|layer| LayerSettings {
        scale: scale(layer),
        window: None,
    });
    Ok(Settings {
        layers: layers.collect(),
        ..Settings::decoder(shape, heads, activation, epsilon)
    })
}

fn embedding(model: &Loader<'_>) -> Result<Embedding> {
    let tokens = model.token_vectors("wte.weight")?;
    Ok(Embedding::of(tokens).at_positions(model.position_vectors("wpe.weight")?))
}

fn block(model: &Loader<'_>, layer: usize) -> Result<Block> {
    let tensors = model.under(format_args!("h.{layer}"));
    let Shape {
        hidden, neurons, ..
    } = model.settings.shape;
    let qkv = tensors.fused(
        "attn.c_attn",
        Layout::InputsFirst,
        hidden,
        [hidden; 3],
        1,
        true,
    )?;
    let attention_norm = tensors.layer_norm("ln_1")?;
    let out = tensors.conv1d("attn.c_proj", hidden, hidden)?;
    let attention = Attention::new(qkv, out, model.settings.heads_of(layer));
    let mlp_norm = tensors.layer_norm("ln_2")?;
    let up = tensors.conv1d("mlp.c_fc", hidden, neurons)?;
    let down = tensors.conv1d("mlp.c_proj", neurons, hidden)?;
    let mlp = Mlp::plain(up, model.settings.activation, down);
    Ok(Block::sequential(
        Sublayer::pre_norm(attention_norm, attention),
        Sublayer::pre_norm(mlp_norm, mlp),
    ))
}
