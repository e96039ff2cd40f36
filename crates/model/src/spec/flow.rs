//! In which order a block's sublayers read the residual stream.

/// Whether a block's MLP reads what its attention has added to the stream.
///
/// Where each sublayer normalises is its own business (see `Sublayer`), not the flow's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Attention adds to the stream, then the MLP reads the sum and adds to it.
    Sequential,
    /// Attention and MLP read the same stream and add to it together; there is no stream between
    /// them. An MLP without a normalisation of its own reads what the attention reads.
    Parallel,
}
