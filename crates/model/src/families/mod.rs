//! One file a model family: its configuration and its tensor names, mapped onto the shared
//! [`parts`](crate::parts). `docs/models.md` says how to add one.

mod bert;
mod gpt2;
mod gpt_neo;
mod gpt_neox;
mod llama;
mod mistral;
mod qwen2;
mod settings;

#[cfg(test)]
mod configs;
#[cfg(test)]
mod identities;
#[cfg(test)]
mod parity;
#[cfg(test)]
pub(crate) mod reference;

use crate::checkpoint::{Checkpoint, Config, Weights};
use crate::error::{Error, Result};
use crate::parts::Transformer;
use burn::tensor::Device;
use settings::Settings;

/// A family: how to read its `config.json`, and how to load what that describes.
struct Family {
    /// What its `config.json` gives as `model_type`.
    model_type: &'static str,
    settings: fn(&Config) -> Result<Settings>,
    load: fn(&Settings, &Weights<'_>) -> Result<Transformer>,
}

/// Every family that can be loaded.
const ALL: [Family; 7] = [
    bert::FAMILY,
    gpt2::FAMILY,
    gpt_neo::FAMILY,
    gpt_neox::FAMILY,
    llama::FAMILY,
    mistral::FAMILY,
    qwen2::FAMILY,
];

/// The family of a configuration.
fn family(config: &Config) -> Result<Family> {
    let model_type = config.text("model_type")?;
    let known = ALL.map(|family| family.model_type).join(", ");
    ALL.into_iter()
        .find(|family| family.model_type == model_type)
        .ok_or_else(|| {
            Error::checkpoint(
                config.path(),
                format!("the model family `{model_type}` is not supported"),
                format!("choose a checkpoint whose model_type is one of: {known}"),
            )
        })
}

/// Loads the model of a checkpoint.
///
/// # Errors
/// When the family is unknown, or the configuration or weights do not fit it.
pub fn load(checkpoint: &Checkpoint, device: &Device) -> Result<Transformer> {
    let config = checkpoint.config();
    let family = family(config)?;
    if config.has("quantization_config") {
        return Err(config.error(
            "quantization_config",
            "the weights are quantised; choose the checkpoint in f32, f16 or bf16",
        ));
    }
    let settings = (family.settings)(config)?;
    let open = checkpoint.open_weights()?;
    (family.load)(&settings, &Weights::new(&open, device)?)
}
