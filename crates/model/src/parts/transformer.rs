//! A whole model, from ids to the final normalisation.

use super::{Block, Embedding, HeadCounts, Norm, Order, Rotary, Sequences};
use crate::model::Shape;
use crate::recorder::Recorder;
use burn::tensor::{Int, Tensor};
use selectron_run::Site;
use std::ops::ControlFlow;

/// A transformer of any family, ready to run.
#[derive(Debug)]
pub struct Transformer {
    /// Its dimensions.
    pub shape: Shape,
    /// Its heads.
    pub heads: HeadCounts,
    /// From ids to the first stream.
    pub embedding: Embedding,
    /// How queries and keys are rotated, where they are.
    pub rotary: Option<Rotary>,
    /// The blocks, all of one order.
    pub blocks: Vec<Block>,
    /// The normalisation of the last block's output; none where blocks end in one.
    pub final_norm: Option<Norm>,
}

impl Transformer {
    /// Why this model lacks a site; none where it has it.
    pub fn lacks(&self, site: Site) -> Option<&'static str> {
        match site {
            Site::ResidMid if self.order() == Some(Order::Parallel) => {
                Some("its attention and MLP read the same stream, with nothing between them")
            }
            Site::FinalNorm if self.final_norm.is_none() => {
                Some("its last block's output is already normalised, see resid.post")
            }
            _ => None,
        }
    }

    /// Values a token at a site.
    pub fn width(&self, site: Site) -> usize {
        match site {
            Site::MlpPre | Site::MlpPost => self.shape.neurons,
            Site::AttnQ => self.heads.query_width(),
            Site::AttnK | Site::AttnV => self.heads.key_value_width(),
            _ => self.shape.hidden,
        }
    }

    /// Whether every position sees only what comes before it.
    pub fn causal(&self) -> bool {
        self.blocks.iter().all(|block| block.attention.heads.causal)
    }

    fn order(&self) -> Option<Order> {
        self.blocks.first().map(|block| block.order)
    }

    /// Runs a batch through the model, offering every site to the recorder, until that breaks.
    ///
    /// # Shapes
    /// - `ids`: `[batch, length]`, or `[1, rows]` where the sequences differ in length or share
    ///   tokens, which only the fused kernels can do
    pub fn forward(
        &self,
        ids: Tensor<2, Int>,
        sequences: &Sequences,
        recorder: &mut Recorder<'_>,
    ) -> ControlFlow<()> {
        let angles = self
            .rotary
            .as_ref()
            .map(|rotary| rotary.angles(sequences.longest(), &ids.device()));
        let x = self.embedding.forward(ids, sequences);
        let mut x = recorder.offer(Site::Embed, 0, x)?;
        for (layer, block) in self.blocks.iter().enumerate() {
            x = block.forward(x, sequences, angles.as_ref(), layer, recorder)?;
        }
        if let Some(norm) = &self.final_norm {
            let last = self.blocks.len().saturating_sub(1);
            recorder.offer(Site::FinalNorm, last, norm.forward(x))?;
        }
        ControlFlow::Continue(())
    }
}
