//! Every family that can be loaded.

use super::assembly::Assembly;
use super::family::Family;
use super::{bert, gpt_neo, gpt_neox, gpt2, llama, mistral, qwen2};
use crate::checkpoint::Checkpoint;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::ops::operations::Ops;
use std::sync::Arc;

/// In order of name.
pub(super) static ALL: [Family; 7] = [
    bert::FAMILY,
    gpt2::FAMILY,
    gpt_neo::FAMILY,
    gpt_neox::FAMILY,
    llama::FAMILY,
    mistral::FAMILY,
    qwen2::FAMILY,
];

/// The family of a configuration.
pub(super) fn family(config: &Config) -> Result<&'static Family> {
    let model_type = config.text("model_type")?;
    let found = ALL.iter().find(|family| family.model_type == model_type);
    found.ok_or_else(|| {
        let known: Vec<_> = ALL.iter().map(|family| family.model_type).collect();
        Error::artifact(
            config.path(),
            format!("the model family `{model_type}` is not supported"),
            format!(
                "choose a checkpoint whose model_type is one of: {}",
                known.join(", ")
            ),
        )
    })
}

/// Opens the model of a checkpoint, whose parts can then be loaded one by one.
///
/// # Errors
/// When the family is unknown, or the configuration does not fit it, or there are no weights.
pub(crate) fn open(checkpoint: &Checkpoint, ops: Arc<dyn Ops>) -> Result<Assembly> {
    let config = checkpoint.config();
    let family = family(config)?;
    if config.has("quantization_config") {
        return Err(config.error(
            "quantization_config",
            "the weights are quantised; choose the checkpoint in f32, f16 or bf16",
        ));
    }
    let settings = (family.settings)(config)?;
    let weights = checkpoint.weights()?;
    Ok(Assembly::new(family, settings, &weights, ops))
}
