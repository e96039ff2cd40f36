//! From token ids to the first residual stream.

use crate::ops::operations::Norm;
use crate::spec::sequences::Sequences;
use burn::tensor::{Int, Tensor, TensorData};

/// The sum of token, position and segment vectors, normalised where a family does so.
#[derive(Debug)]
pub struct Embedding {
    /// `[vocabulary, hidden]`
    pub tokens: Tensor<2>,
    /// `[context, hidden]`: learned positions; none where queries and keys are rotated instead.
    pub positions: Option<Tensor<2>>,
    /// `[1, hidden]`: what BERT adds to every token of the first of two texts; we only ever show one.
    pub segment: Option<Tensor<2>>,
    /// BERT normalises the sum.
    pub norm: Option<Norm>,
}

impl Embedding {
    /// A vector for each token, and nothing else.
    ///
    /// # Shapes
    /// - `tokens`: `[vocabulary, hidden]`
    pub fn of(tokens: Tensor<2>) -> Self {
        Self {
            tokens,
            positions: None,
            segment: None,
            norm: None,
        }
    }

    /// With learned positions.
    ///
    /// # Shapes
    /// - `positions`: `[context, hidden]`
    #[must_use]
    pub fn at_positions(self, positions: Tensor<2>) -> Self {
        Self {
            positions: Some(positions),
            ..self
        }
    }

    /// # Shapes
    /// - `ids`: `[batch, length]`, or `[1, rows]` where the sequences differ in length
    /// - result: `[batch, length, hidden]`, or `[1, rows, hidden]`
    pub fn forward(&self, ids: Tensor<2, Int>, sequences: &Sequences) -> Tensor<3> {
        let [batch, length] = ids.dims();
        let tokens = self.tokens.clone().select(0, ids.reshape([batch * length]));
        let [_, hidden] = tokens.dims();
        let mut x = tokens.reshape([batch, length, hidden]);
        if let Some(segment) = &self.segment {
            x = x + segment.clone().reshape([1, 1, hidden]);
        }
        if let Some(positions) = &self.positions {
            let positions = if sequences.uniform() == Some(length) {
                positions.clone().narrow(0, 0, length)
            } else {
                let rows: Vec<_> = sequences.positions().map(|row| row as i32).collect();
                let rows = TensorData::new(rows, [length]);
                let rows = Tensor::<1, Int>::from_data(rows, &x.device());
                positions.clone().select(0, rows)
            };
            x = x + positions.reshape([1, length, hidden]);
        }
        match &self.norm {
            Some(norm) => norm.with_input(x).1,
            None => x,
        }
    }
}
