//! One of the two halves of a block: what it computes, and the normalisations around it.

use super::pass::Pass;
use crate::hook::Hook;
use crate::ops::operations::Norm;
use burn::tensor::Tensor;
use std::ops::ControlFlow;

/// What a sublayer computes.
pub trait Body {
    /// Gives back what it read, and what it makes of it, after offering its sites on the way.
    ///
    /// # Shapes
    /// - `x` and results: `[batch, length, hidden]`
    fn forward(
        &self,
        x: Tensor<3>,
        pass: &Pass<'_>,
        layer: usize,
        hook: &mut dyn Hook,
    ) -> ControlFlow<(), (Tensor<3>, Tensor<3>)>;
}

/// An attention or MLP (the body), and the normalisations around it.
#[derive(Debug)]
pub struct Sublayer<T> {
    /// Of what the body reads of the stream.
    pub before: Option<Norm>,
    /// What computes.
    pub body: T,
    /// Of what the body gives, before that is added to the stream.
    pub after: Option<Norm>,
    /// Of the stream once that is added.
    pub on_stream: Option<Norm>,
}

impl<T> Sublayer<T> {
    /// A body that reads the stream and adds to it, without any normalisation.
    pub fn of(body: T) -> Self {
        Self {
            before: None,
            body,
            after: None,
            on_stream: None,
        }
    }

    /// A body that reads the normalised stream: most families since GPT-2.
    pub fn pre_norm(before: Norm, body: T) -> Self {
        Self {
            before: Some(before),
            ..Self::of(body)
        }
    }

    /// A body after which the stream is normalised, as in the first transformer (Vaswani et al. 2017,
    /// arXiv:1706.03762) and in BERT; the last block's output is then already normalised.
    pub fn post_norm(body: T, on_stream: Norm) -> Self {
        Self {
            on_stream: Some(on_stream),
            ..Self::of(body)
        }
    }
}

/// A stream that has been read, and what was made of it.
pub(super) struct Read {
    /// As it was.
    pub(super) stream: Tensor<3>,
    /// The normalised stream, where that was read.
    pub(super) normed: Option<Tensor<3>>,
    /// What the body made.
    pub(super) made: Tensor<3>,
}

impl<T: Body> Sublayer<T> {
    /// Lets the body read the stream.
    pub(super) fn read(
        &self,
        stream: Tensor<3>,
        pass: &Pass<'_>,
        layer: usize,
        hook: &mut dyn Hook,
    ) -> ControlFlow<(), Read> {
        ControlFlow::Continue(match &self.before {
            Some(norm) => {
                let (stream, normed) = norm.with_input(stream);
                let (normed, made) = self.body.forward(normed, pass, layer, hook)?;
                Read {
                    stream,
                    normed: Some(normed),
                    made,
                }
            }
            None => {
                let (stream, made) = self.body.forward(stream, pass, layer, hook)?;
                Read {
                    stream,
                    normed: None,
                    made,
                }
            }
        })
    }

    /// Adds what the body made to the stream.
    pub(super) fn add(&self, stream: Tensor<3>, made: Tensor<3>, pass: &Pass<'_>) -> Tensor<3> {
        let made = normalised(self.after.as_ref(), made);
        normalised(self.on_stream.as_ref(), pass.ops.add(stream, made))
    }
}

fn normalised(norm: Option<&Norm>, x: Tensor<3>) -> Tensor<3> {
    match norm {
        Some(norm) => norm.with_input(x).1,
        None => x,
    }
}
