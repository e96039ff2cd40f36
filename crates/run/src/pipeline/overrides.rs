//! What the command line replaces in a pipeline file.

use super::names::Layers;

/// What the command line replaces in a pipeline file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// In place of `model.source`.
    pub model: Option<String>,
    /// In place of `record.layers`.
    pub layers: Option<Layers>,
}
