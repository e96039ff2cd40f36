//! BERT (Devlin et al. 2019): attention in both directions, learned positions, segments, and a
//! normalisation after each addition.
//!
//! What sets it apart: `resid.mid` and `resid.post` are recorded after their normalisation, since
//! that is what the next part reads; there is no final normalisation; every token belongs to the
//! first segment; GELU is the exact form.

use super::family::Family;
use super::loader::Loader;
use super::settings::{Settings, activation, equal_heads};
use crate::config::Config;
use crate::error::Result;
use crate::parts::attention::Attention;
use crate::parts::block::Block;
use crate::parts::embedding::Embedding;
use crate::parts::mlp::Mlp;
use crate::parts::sublayer::Sublayer;
use crate::spec::shape::Shape;

pub(super) const FAMILY: Family = Family {
    model_type: "bert",
    prefix: "bert.",
    settings,
    embedding,
    block,
    final_norm: None,
};

fn settings(config: &Config) -> Result<Settings> {
    config.supported_only(
        "position_embedding_type",
        "absolute",
        "relative positions are not computed",
    )?;
    config.supported_only("is_decoder", false, "a BERT decoder is not computed")?;
    config.supported_only(
        "add_cross_attention",
        false,
        "there is no other model to attend to",
    )?;
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
    let activation = activation(config, "hidden_act", "gelu")?;
    let epsilon = config.positive_number_or("layer_norm_eps", 1e-12)?;
    Ok(Settings {
        causal: false,
        segments: config.size_or("type_vocab_size", 2)?,
        ..Settings::decoder(shape, heads, activation, epsilon)
    })
}

fn embedding(model: &Loader<'_>) -> Result<Embedding> {
    let tensors = model.under("embeddings");
    let segments = [model.settings.segments, model.settings.shape.hidden];
    let segments = tensors.tensor::<2>("token_type_embeddings.weight", segments)?;
    let tokens = tensors.token_vectors("word_embeddings.weight")?;
    let positions = tensors.position_vectors("position_embeddings.weight")?;
    Ok(Embedding {
        segment: Some(segments.narrow(0, 0, 1)),
        norm: Some(tensors.layer_norm("LayerNorm")?),
        ..Embedding::of(tokens).at_positions(positions)
    })
}

fn block(model: &Loader<'_>, layer: usize) -> Result<Block> {
    let tensors = model.under(format_args!("encoder.layer.{layer}"));
    let attention_tensors = tensors.under("attention");
    let Shape {
        hidden, neurons, ..
    } = model.settings.shape;
    let attention_norm = attention_tensors.layer_norm("output.LayerNorm")?;
    let square = |name| attention_tensors.linear(name, hidden, hidden, true);
    let qkv = [
        square("self.query")?,
        square("self.key")?,
        square("self.value")?,
    ];
    let out = square("output.dense")?;
    let attention = Attention::new(qkv, out, model.settings.heads_of(layer));
    let mlp_norm = tensors.layer_norm("output.LayerNorm")?;
    let up = tensors.linear("intermediate.dense", hidden, neurons, true)?;
    let down = tensors.linear("output.dense", neurons, hidden, true)?;
    let mlp = Mlp::plain(up, model.settings.activation, down);
    Ok(Block::sequential(
        Sublayer::post_norm(attention, attention_norm),
        Sublayer::post_norm(mlp, mlp_norm),
    ))
}
