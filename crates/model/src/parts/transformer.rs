//! A whole model, from ids to the final normalisation.

use super::block::Block;
use super::embedding::Embedding;
use super::pass::Pass;
use crate::hook::Hook;
use crate::ops::operations::{Norm, Ops};
use crate::spec::outline::Outline;
use crate::spec::sequences::Sequences;
use burn::tensor::{Int, Tensor};
use selectron_run::Place;
use selectron_run::Site;
use std::ops::ControlFlow;

/// A transformer of any family with all its parts loaded, ready to run.
#[derive(Debug)]
pub struct Transformer {
    /// From ids to the first stream.
    pub embedding: Embedding,
    /// The blocks, in order.
    pub blocks: Vec<Block>,
    /// The normalisation of the last block's output; none where blocks end in one.
    pub final_norm: Option<Norm>,
}

impl Transformer {
    /// Runs a batch through the model, offering every site to the hook, until that breaks.
    ///
    /// # Shapes
    /// - `ids`: `[batch, length]`, or `[1, rows]` where the sequences differ in length or share
    ///   tokens, which only the fused kernels can do
    pub fn forward(
        &self,
        ids: Tensor<2, Int>,
        sequences: &Sequences,
        outline: &Outline,
        ops: &dyn Ops,
        hook: &mut dyn Hook,
    ) -> ControlFlow<()> {
        let pass = Pass::new(ops, sequences, outline.rotary.as_ref());
        let x = self.embedding.forward(ids, sequences);
        let mut x = hook.offer(Place::new(Site::Embed, 0), x)?;
        for (layer, block) in self.blocks.iter().enumerate() {
            x = block.forward(x, &pass, layer, hook)?;
        }
        if let Some(norm) = &self.final_norm {
            let (_, normed) = norm.with_input(x);
            hook.offer(Place::new(Site::FinalNorm, self.blocks.len() - 1), normed)?;
        }
        ControlFlow::Continue(())
    }
}
