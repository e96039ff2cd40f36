//! GPT-Neo (Black et al. 2021): learned positions, pre-norm blocks, global and local attention in
//! turn.
//!
//! What sets it apart: attention is **not** scaled by 1/sqrt(head width); `q`, `k`, `v` have no
//! bias while the output projection has one; a local layer sees `window_size` positions, itself
//! included; GELU is the tanh form.

use super::Family;
use crate::checkpoint::{Config, Weights};
use crate::error::Result;
use crate::model::Shape;
use crate::parts::{Activation, Attention, Heads, LayerNorm, Linear, Mlp};
use crate::recorder::Recorder;
use burn::tensor::{Int, Tensor};
use selectron_schema::Site;
use std::ops::ControlFlow;

/// A GPT-Neo model.
#[derive(Debug)]
pub struct GptNeo {
    shape: Shape,
    /// `[vocabulary, hidden]`
    tokens: Tensor<2>,
    /// `[context, hidden]`
    positions: Tensor<2>,
    blocks: Vec<Block>,
    final_norm: LayerNorm,
}

#[derive(Debug)]
struct Block {
    attention_norm: LayerNorm,
    attention: Attention,
    mlp_norm: LayerNorm,
    mlp: Mlp,
}

/// What of `config.json` shapes the computation.
#[derive(Debug, Clone, PartialEq)]
struct Settings {
    shape: Shape,
    heads: usize,
    /// For each layer, its window if it is local.
    windows: Vec<Option<usize>>,
    activation: Activation,
    epsilon: f64,
    scale: f64,
}

impl Settings {
    fn read(config: &Config) -> Result<Self> {
        let hidden = config.size("hidden_size")?;
        let layers = config.size("num_layers")?;
        let heads = config.size("num_heads")?;
        if hidden % heads != 0 {
            return Err(config.error(
                "num_heads",
                format!("{heads} heads do not divide a hidden size of {hidden}"),
            ));
        }
        let shape = Shape {
            family: "gpt_neo",
            layers,
            hidden,
            neurons: config
                .optional_size("intermediate_size")?
                .unwrap_or(4 * hidden),
            context: config.size("max_position_embeddings")?,
            vocabulary: config.size("vocab_size")?,
        };
        let name = config.text_or("activation_function", "gelu_new")?;
        let activation = Activation::from_name(name).ok_or_else(|| {
            config.error(
                "activation_function",
                format!("unknown activation `{name}`"),
            )
        })?;
        Ok(Self {
            windows: windows(config, layers)?,
            heads,
            activation,
            epsilon: config.positive_number_or("layer_norm_epsilon", 1e-5)?,
            scale: 1.0,
            shape,
        })
    }
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

impl GptNeo {
    /// Builds the model from its configuration and weights.
    ///
    /// # Errors
    /// When either is not right.
    pub fn load(config: &Config, weights: &Weights<'_>) -> Result<Self> {
        Self::build(Settings::read(config)?, weights)
    }

    fn build(settings: Settings, weights: &Weights<'_>) -> Result<Self> {
        let weights = weights.without_prefix("transformer.");
        let Shape {
            hidden,
            vocabulary,
            context,
            ..
        } = settings.shape;
        let blocks = settings
            .windows
            .iter()
            .enumerate()
            .map(|(layer, window)| Block::load(&weights, &settings, layer, *window))
            .collect::<Result<Vec<_>>>()?;
        Ok(Self {
            tokens: weights.tensor("wte.weight", [vocabulary, hidden])?,
            positions: weights.tensor("wpe.weight", [context, hidden])?,
            blocks,
            final_norm: LayerNorm::load(&weights, "ln_f", hidden, settings.epsilon)?,
            shape: settings.shape,
        })
    }

    /// # Shapes
    /// - `ids`: `[batch, length]`
    /// - result: `[batch, length, hidden]`
    fn embed(&self, ids: Tensor<2, Int>) -> Tensor<3> {
        let [batch, length] = ids.dims();
        let hidden = self.shape.hidden;
        let tokens = self.tokens.clone().select(0, ids.reshape([batch * length]));
        let positions = self.positions.clone().narrow(0, 0, length);
        tokens.reshape([batch, length, hidden]) + positions.reshape([1, length, hidden])
    }
}

impl Block {
    fn load(
        weights: &Weights<'_>,
        settings: &Settings,
        layer: usize,
        window: Option<usize>,
    ) -> Result<Self> {
        let Shape {
            hidden, neurons, ..
        } = settings.shape;
        let name = |part: &str| format!("h.{layer}.{part}");
        let projection = |part: &str, bias: bool| {
            let name = name(&format!("attn.attention.{part}"));
            Linear::load(weights, &name, hidden, hidden, bias)
        };
        Ok(Self {
            attention_norm: LayerNorm::load(weights, &name("ln_1"), hidden, settings.epsilon)?,
            attention: Attention {
                q: projection("q_proj", false)?,
                k: projection("k_proj", false)?,
                v: projection("v_proj", false)?,
                out: projection("out_proj", true)?,
                heads: Heads {
                    count: settings.heads,
                    scale: settings.scale,
                    window,
                },
            },
            mlp_norm: LayerNorm::load(weights, &name("ln_2"), hidden, settings.epsilon)?,
            mlp: Mlp {
                up: Linear::load(weights, &name("mlp.c_fc"), hidden, neurons, true)?,
                activation: settings.activation,
                down: Linear::load(weights, &name("mlp.c_proj"), neurons, hidden, true)?,
            },
        })
    }

    fn forward(
        &self,
        x: Tensor<3>,
        layer: usize,
        recorder: &mut Recorder<'_>,
    ) -> ControlFlow<(), Tensor<3>> {
        recorder.offer(Site::ResidPre, layer, &x)?;
        let normed = self.attention_norm.forward(x.clone());
        let x = x + self.attention.forward(normed, layer, recorder)?;
        recorder.offer(Site::ResidMid, layer, &x)?;
        let normed = self.mlp_norm.forward(x.clone());
        let x = x + self.mlp.forward(normed, layer, recorder)?;
        recorder.offer(Site::ResidPost, layer, &x)?;
        ControlFlow::Continue(x)
    }
}

impl Family for GptNeo {
    fn shape(&self) -> &Shape {
        &self.shape
    }

    fn sites(&self) -> &'static [Site] {
        &Site::ALL
    }

    fn width(&self, site: Site) -> Option<usize> {
        match site {
            Site::MlpPre | Site::MlpPost => Some(self.shape.neurons),
            _ => Some(self.shape.hidden),
        }
    }

    fn forward(&self, ids: Tensor<2, Int>, recorder: &mut Recorder<'_>) -> ControlFlow<()> {
        let mut x = self.embed(ids);
        recorder.offer(Site::Embed, 0, &x)?;
        for (layer, block) in self.blocks.iter().enumerate() {
            x = block.forward(x, layer, recorder)?;
        }
        let last = self.blocks.len().saturating_sub(1);
        recorder.offer(Site::FinalNorm, last, &self.final_norm.forward(x))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::parity::{Reference, worst_error};

    fn reference() -> Reference {
        Reference::open("gpt_neo")
    }

    /// The largest relative error of attention output and what follows from it, with settings
    /// changed by `change`.
    fn error_with(change: impl FnOnce(&mut Settings)) -> f64 {
        let reference = reference();
        let mut settings = Settings::read(reference.checkpoint.config()).unwrap();
        change(&mut settings);
        let open = reference.checkpoint.open_weights().unwrap();
        let compute = crate::device::open("flex").unwrap();
        let weights = Weights::new(&open, &compute.device).unwrap();
        let model = GptNeo::build(settings, &weights).unwrap();
        worst_error(&reference, Box::new(model), compute)
    }

    #[test]
    fn the_parity_test_can_fail() {
        assert!(error_with(|_| {}) < 1e-5);
        assert!(error_with(|settings| settings.activation = Activation::Gelu) > 1e-4);
        assert!(error_with(|settings| settings.scale = 1.0 / 8_f64.sqrt()) > 1e-2);
        for change in [-1_isize, 1] {
            let error = error_with(|settings| {
                for window in settings.windows.iter_mut().flatten() {
                    *window = window.saturating_add_signed(change);
                }
            });
            assert!(error > 1e-2, "a window off by {change} goes unnoticed");
        }
    }

    #[test]
    fn attention_types_and_attention_layers_say_the_same() {
        let path = reference().checkpoint.folder().join("config.json");
        let text = std::fs::read_to_string(path).unwrap();
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let read = |value: &serde_json::Value| {
            let path = folder.path().join("config.json");
            std::fs::write(&path, value.to_string()).unwrap();
            Settings::read(&Config::load(path).unwrap())
        };
        let from_layers = read(&value).unwrap();
        assert_eq!(from_layers.windows, [None, Some(8), None, Some(8)]);
        value.as_object_mut().unwrap().remove("attention_layers");
        assert_eq!(read(&value).unwrap(), from_layers);
        value["num_layers"] = 5.into();
        let error = read(&value).unwrap_err().to_string();
        assert!(error.contains("do not add up to 5 layers"), "{error}");
        value["num_heads"] = 0.into();
        assert!(
            read(&value)
                .unwrap_err()
                .to_string()
                .contains("0 is too small")
        );
    }
}
