//! BERT (Devlin et al. 2019): attention in both directions, learned positions, segments, and a
//! normalisation after each addition.
//!
//! What sets it apart: `resid.mid` and `resid.post` are recorded after their normalisation, since
//! that is what the next part reads; there is no final normalisation; every token belongs to the
//! first segment; GELU is the exact form.

use super::Family;
use super::settings::{Biases, Settings, activation, equal_heads, uniform_layers};
use crate::checkpoint::{Config, Weights};
use crate::error::Result;
use crate::model::Shape;
use crate::parts::{Attention, Block, Embedding, Linear, Mlp, Norm, Order, Transformer};

pub(super) const FAMILY: Family = Family {
    model_type: "bert",
    settings,
    load,
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
    Ok(Settings {
        heads,
        order: Order::PostNorm,
        causal: false,
        layers: uniform_layers(shape.layers, heads),
        rotary: None,
        activation: activation(config, "hidden_act", "gelu")?,
        epsilon: config.positive_number_or("layer_norm_eps", 1e-12)?,
        biases: Biases::ALL,
        segments: config.size_or("type_vocab_size", 2)?,
        shape,
    })
}

fn load(settings: &Settings, weights: &Weights<'_>) -> Result<Transformer> {
    let weights = weights.without_prefix("bert.");
    let Shape {
        hidden,
        neurons,
        context,
        vocabulary,
        ..
    } = settings.shape;
    let norm = |w: &Weights<'_>, name| Norm::load_layer(w, name, hidden, settings.epsilon);
    let block = |layer, heads| {
        let w = weights.under(format_args!("encoder.layer.{layer}"));
        let a = w.under("attention");
        let square = |name| Linear::load(&a, name, hidden, hidden, true);
        Ok(Block {
            order: settings.order,
            attention_norm: norm(&a, "output.LayerNorm")?,
            attention: Attention {
                q: square("self.query")?,
                k: square("self.key")?,
                v: square("self.value")?,
                out: square("output.dense")?,
                heads,
            },
            mlp_norm: norm(&w, "output.LayerNorm")?,
            mlp: Mlp {
                into: Linear::load(&w, "intermediate.dense", hidden, neurons, true)?,
                activation: settings.activation,
                times: None,
                down: Linear::load(&w, "output.dense", neurons, hidden, true)?,
            },
        })
    };
    let e = weights.under("embeddings");
    let segments = [settings.segments, hidden];
    let segments = e.tensor::<2>("token_type_embeddings.weight", segments)?;
    let embedding = Embedding {
        tokens: e.tensor("word_embeddings.weight", [vocabulary, hidden])?,
        positions: Some(e.tensor("position_embeddings.weight", [context, hidden])?),
        segment: Some(segments.narrow(0, 0, 1)),
        norm: Some(norm(&e, "LayerNorm")?),
    };
    settings.assemble(embedding, None, block)
}
