//! The model that is measured: GPT-Neo 125M's exact shape, and how much arithmetic it costs.

use serde_json::{Value, json};

/// Width of the residual stream.
pub(crate) const HIDDEN: usize = 768;
/// Blocks.
pub(crate) const LAYERS: usize = 12;
/// Heads per block, of 64 values each.
pub(crate) const HEADS: usize = 12;
/// MLP neurons per block.
pub(crate) const NEURONS: usize = 4 * HIDDEN;
/// Longest sequence.
pub(crate) const CONTEXT: usize = 2048;
/// Token ids.
pub(crate) const VOCABULARY: usize = 50257;
/// Positions that a local layer sees; every second layer is local.
const WINDOW: usize = 256;

/// `config.json`, as the Hugging Face Hub has it for EleutherAI/gpt-neo-125m in what shapes the
/// computation.
pub(crate) fn config() -> Value {
    let attention_layers = ["global", "local"].repeat(LAYERS / 2);
    json!({
        "activation_function": "gelu_new",
        "architectures": ["GPTNeoForCausalLM"],
        "attention_dropout": 0.0,
        "attention_layers": attention_layers,
        "attention_types": [[["global", "local"], LAYERS / 2]],
        "bos_token_id": 0,
        "embed_dropout": 0.0,
        "eos_token_id": 0,
        "hidden_size": HIDDEN,
        "intermediate_size": null,
        "layer_norm_epsilon": 1e-5,
        "max_position_embeddings": CONTEXT,
        "model_type": "gpt_neo",
        "num_heads": HEADS,
        "num_layers": LAYERS,
        "resid_dropout": 0.0,
        "tie_word_embeddings": true,
        "torch_dtype": "float32",
        "vocab_size": VOCABULARY,
        "window_size": WINDOW,
    })
}

/// Floating-point operations of the matrix products that recording `mlp.pre` needs: every block up
/// to `last` in full, but for the down projection of the last one. A multiplication and an addition
/// count as two.
///
/// A block costs 2 x 4 `HIDDEN`^2 a token for queries, keys, values and the attention's output,
/// 2 x 2 `HIDDEN` `NEURONS` for the MLP, and 4 `HIDDEN` for each pair of a query and a key that it
/// may see, half for the scores and half for the mix. Pairs that the causal mask or the window hides
/// are not counted, although an implementation may compute them; nor are GELU, normalisations and
/// softmax.
pub(crate) fn matmul_flops(lengths: impl Iterator<Item = usize>, last: usize) -> f64 {
    let (hidden, neurons) = (HIDDEN as f64, NEURONS as f64);
    let blocks = (last + 1) as f64;
    lengths
        .map(|length| {
            let weights =
                blocks * (8.0 * hidden * hidden + 4.0 * hidden * neurons) - 2.0 * hidden * neurons;
            let pairs: usize = (0..=last).map(|layer| visible_pairs(length, layer)).sum();
            length as f64 * weights + 4.0 * hidden * pairs as f64
        })
        .sum()
}

/// Pairs of a query and a key that it may see in a layer.
fn visible_pairs(length: usize, layer: usize) -> usize {
    let reach = if layer.is_multiple_of(2) {
        length
    } else {
        WINDOW
    };
    (1..=length).map(|position| position.min(reach)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_those_counted_by_hand() {
        // One token, one block: 4 maps of 768 x 768, the up projection, one visible pair.
        let by_hand = 2 * (4 * 768 * 768 + 768 * 3072) + 4 * 768;
        assert_eq!(matmul_flops([1].into_iter(), 0), f64::from(by_hand));
        // A second block brings the first one's down projection and its own products.
        let second = 2 * (4 * 768 * 768 + 2 * 768 * 3072) + 4 * 768;
        assert_eq!(
            matmul_flops([1].into_iter(), 1),
            f64::from(by_hand + second)
        );
        assert_eq!(visible_pairs(300, 0), 300 * 301 / 2);
        assert_eq!(visible_pairs(300, 1), 256 * 257 / 2 + 44 * 256);
    }
}
