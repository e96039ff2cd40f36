//! A model's dimensions.

/// A model's dimensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// The family, by its `model_type`.
    pub family: &'static str,
    /// Number of blocks.
    pub layers: usize,
    /// Width of the residual stream.
    pub hidden: usize,
    /// MLP neurons per block.
    pub neurons: usize,
    /// Longest sequence, in tokens.
    pub context: usize,
    /// Number of token ids.
    pub vocabulary: usize,
}
