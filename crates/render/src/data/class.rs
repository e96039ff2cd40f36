//! What a test says of a neuron, as the figures tell neurons apart.

use selectron_run::Side;
use selectron_run::manifest::StatsFacts;
use selectron_tables::rows::TValueRow;

/// What a test says of a neuron. In a picture, a later class lies above an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// No significant difference.
    Neither,
    /// Significant, with the highest mean in a further category.
    Other,
    /// Significantly higher for one side of the contrast.
    Prefers(Side),
}

impl Class {
    /// The class of a tested neuron; `None` where t is undefined.
    pub fn of(row: &TValueRow, stats: &StatsFacts) -> Option<Self> {
        row.t?;
        let prefers = row.prefers.as_deref().filter(|_| row.significant);
        Some(match prefers {
            None => Self::Neither,
            Some(category) => Self::of_category(category, stats),
        })
    }

    /// The class of the neurons that prefer a category.
    fn of_category(category: &str, stats: &StatsFacts) -> Self {
        let is_its = |side: &Side| stats.category(*side) == category;
        match Side::BOTH.into_iter().find(is_its) {
            Some(side) => Self::Prefers(side),
            None => Self::Other,
        }
    }
}
