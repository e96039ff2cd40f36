//! A checkpoint whose parts are loaded when they are asked for.

use super::family::Family;
use super::loader::Loader;
use super::settings::Settings;
use crate::checkpoint::weights::Weights;
use crate::error::Result;
use crate::ops::operations::{Norm, Ops};
use crate::parts::block::Block;
use crate::parts::embedding::Embedding;
use crate::spec::outline::Outline;
use std::sync::Arc;

/// A checkpoint whose parts are loaded when they are asked for, each by itself.
#[derive(Debug)]
pub(crate) struct Assembly {
    family: &'static Family,
    settings: Settings,
    weights: Weights,
    ops: Arc<dyn Ops>,
}

impl Assembly {
    pub(super) fn new(
        family: &'static Family,
        settings: Settings,
        weights: &Weights,
        ops: Arc<dyn Ops>,
    ) -> Self {
        Self {
            family,
            settings,
            weights: weights.without_prefix(family.prefix),
            ops,
        }
    }

    /// What is known of the model before anything is loaded.
    pub(crate) fn outline(&self) -> Outline {
        let settings = &self.settings;
        Outline {
            shape: settings.shape.clone(),
            heads: settings.heads,
            causal: settings.causal,
            flow: settings.flow,
            rotary: settings.rotary.clone(),
            final_norm: self.family.final_norm.is_some(),
        }
    }

    /// From ids to the first stream.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape or type.
    pub(crate) fn embedding(&self) -> Result<Embedding> {
        (self.family.embedding)(&self.loader())
    }

    /// The block of a layer.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape or type.
    pub(crate) fn block(&self, layer: usize) -> Result<Block> {
        (self.family.block)(&self.loader(), layer)
    }

    /// The normalisation of the last block's output; none where blocks end in one.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape or type.
    pub(crate) fn final_norm(&self) -> Result<Option<Norm>> {
        let load = self.family.final_norm;
        load.map(|load| load(&self.loader())).transpose()
    }

    fn loader(&self) -> Loader<'_> {
        Loader::new(&self.settings, self.weights.clone(), &*self.ops)
    }
}
