//! The heads of an attention.

/// How queries, keys and values are cut into heads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadCounts {
    /// Heads of queries.
    pub query: usize,
    /// Heads of keys and of values; each serves `query / key_value` heads of queries.
    pub key_value: usize,
    /// Values per head.
    pub width: usize,
}

impl HeadCounts {
    /// Width of all queries side by side.
    pub fn query_width(&self) -> usize {
        self.query * self.width
    }

    /// Width of all keys, or of all values, side by side.
    pub fn key_value_width(&self) -> usize {
        self.key_value * self.width
    }
}

/// The heads of a layer and what each may see.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heads {
    /// How many there are, and how wide.
    pub counts: HeadCounts,
    /// What the products of queries and keys are multiplied by: 1 / sqrt(head width) in most
    /// families, 1 in GPT-Neo.
    pub scale: f64,
    /// Whether a position sees only itself and what comes before it.
    pub causal: bool,
    /// A position sees at most this many positions, up to and including itself.
    pub window: Option<usize>,
}
