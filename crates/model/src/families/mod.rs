//! One file a model family: its configuration and its tensor names, mapped onto the shared parts.

mod gpt_neo;
#[cfg(test)]
mod parity;

pub use gpt_neo::GptNeo;

use crate::checkpoint::{Checkpoint, Weights};
use crate::error::{Error, Result};
use crate::model::Shape;
use crate::recorder::Recorder;
use burn::tensor::{Device, Int, Tensor};
use selectron_schema::Site;
use std::ops::ControlFlow;

/// A model of some family, ready to run.
pub trait Family: std::fmt::Debug {
    /// The model's dimensions.
    fn shape(&self) -> &Shape;

    /// The sites that this family has, in forward order.
    fn sites(&self) -> &'static [Site];

    /// Values a token at a site; none where the family lacks it.
    fn width(&self, site: Site) -> Option<usize>;

    /// Runs a batch through the model, offering every site to the recorder, until that breaks.
    ///
    /// # Shapes
    /// - `ids`: `[batch, length]`
    fn forward(&self, ids: Tensor<2, Int>, recorder: &mut Recorder<'_>) -> ControlFlow<()>;
}

/// The families that can be loaded, by `model_type`.
pub const KNOWN: &[&str] = &["gpt_neo"];

/// Loads the model of a checkpoint.
///
/// # Errors
/// When the family is unknown, or the configuration or weights do not fit it.
pub fn load(checkpoint: &Checkpoint, device: &Device) -> Result<Box<dyn Family>> {
    let config = checkpoint.config();
    let model_type = config.text("model_type")?;
    if !KNOWN.contains(&model_type) {
        return Err(Error::checkpoint(
            config.path(),
            format!("the model family `{model_type}` is not supported"),
            format!(
                "choose a checkpoint whose model_type is one of: {}",
                KNOWN.join(", ")
            ),
        ));
    }
    let open = checkpoint.open_weights()?;
    let weights = Weights::new(&open, device)?;
    match model_type {
        "gpt_neo" => Ok(Box::new(GptNeo::load(config, &weights)?)),
        _ => Err(Error::Bug(format!(
            "the family {model_type} is known but not handled"
        ))),
    }
}
