//! Qwen2 and Qwen2.5 (Yang et al. 2024): Llama's parts, with a bias on queries, keys and values
//! only, and windows in some layers where `use_sliding_window` asks for them.

use super::family::Family;
use super::llama;
use super::settings::{Biases, Settings};
use crate::config::Config;
use crate::error::Result;

pub(super) const FAMILY: Family = Family {
    model_type: "qwen2",
    settings,
    ..llama::FAMILY
};

/// Where the configuration is silent, as transformers has it.
const WINDOW: usize = 4096;
const LAYERS_WITHOUT_WINDOW: usize = 28;

fn settings(config: &Config) -> Result<Settings> {
    config.supported_only(
        "attention_bias",
        true,
        "a Qwen2 model always has a bias on queries, keys and values",
    )?;
    config.supported_only("mlp_bias", false, "a Qwen2 model has none in its MLP")?;
    let biases = Biases {
        qkv: true,
        ..Biases::NONE
    };
    let mut settings = llama::common_settings(config, FAMILY.model_type, None, biases)?;
    let windows = windows(config, settings.layers.len())?;
    for (layer, window) in settings.layers.iter_mut().zip(windows) {
        layer.window = window;
    }
    Ok(settings)
}

/// The window of each layer: by `layer_types` where it is given, or else from `max_window_layers` on.
fn windows(config: &Config, layers: usize) -> Result<Vec<Option<usize>>> {
    let window = match config.flag_or("use_sliding_window", false)? {
        true if config.is_written("sliding_window") => config.optional_size("sliding_window")?,
        true => Some(WINDOW),
        false => None,
    };
    if !config.has("layer_types") {
        let from = config
            .optional_size_or_zero("max_window_layers")?
            .unwrap_or(LAYERS_WITHOUT_WINDOW);
        let at = |layer| window.filter(|_| layer >= from);
        return Ok((0..layers).map(at).collect());
    }
    let types: Vec<String> = config.read("layer_types")?;
    if types.len() != layers {
        let what = format!("{} entries for {layers} layers", types.len());
        return Err(config.error("layer_types", what));
    }
    types
        .iter()
        .map(|kind| match (kind.as_str(), window) {
            ("full_attention", _) => Ok(None),
            ("sliding_attention", Some(window)) => Ok(Some(window)),
            ("sliding_attention", None) => {
                Err(config.error("layer_types", "a sliding window without `sliding_window`"))
            }
            (other, _) => Err(config.error("layer_types", format!("unknown attention `{other}`"))),
        })
        .collect()
}
