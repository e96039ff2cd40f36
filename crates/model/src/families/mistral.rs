//! Mistral (Jiang et al. 2023): Llama's parts, no bias anywhere, and in every layer a window of
//! `sliding_window` positions, the position itself included.

use super::family::Family;
use super::llama;
use super::settings::{Biases, Settings};
use crate::config::Config;
use crate::error::Result;

pub(super) const FAMILY: Family = Family {
    model_type: "mistral",
    settings,
    ..llama::FAMILY
};

/// Windows and heads of keys where the configuration is silent, as transformers has them.
const WINDOW: usize = 4096;
const KEY_VALUE_HEADS: usize = 8;

fn settings(config: &Config) -> Result<Settings> {
    for key in ["attention_bias", "mlp_bias"] {
        config.supported_only(key, false, "a Mistral model has no biases")?;
    }
    if config.has("layer_types") {
        return Err(config.error(
            "layer_types",
            "windows that differ from layer to layer are not supported in a Mistral model",
        ));
    }
    let mut settings = llama::common_settings(
        config,
        FAMILY.model_type,
        Some(KEY_VALUE_HEADS),
        Biases::NONE,
    )?;
    let window = match config.is_written("sliding_window") {
        true => config.optional_size("sliding_window")?,
        false => Some(WINDOW),
    };
    for layer in &mut settings.layers {
        layer.window = window;
    }
    Ok(settings)
}
