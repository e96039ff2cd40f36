//! What all parts share during a forward pass.

use crate::ops::operations::{Ops, Rotation};
use crate::spec::rotary::Rotary;
use crate::spec::sequences::Sequences;

/// What all parts share during a forward pass.
#[derive(Debug)]
pub struct Pass<'a> {
    /// What computes.
    pub ops: &'a dyn Ops,
    /// What the rows of the batch are.
    pub sequences: &'a Sequences,
    /// How queries and keys are rotated, where they are.
    pub rotation: Option<Rotation>,
}

impl<'a> Pass<'a> {
    /// Makes ready for a batch.
    pub fn new(ops: &'a dyn Ops, sequences: &'a Sequences, rotary: Option<&Rotary>) -> Self {
        Self {
            ops,
            sequences,
            rotation: rotary.map(|rotary| ops.rotation(rotary, sequences)),
        }
    }
}
