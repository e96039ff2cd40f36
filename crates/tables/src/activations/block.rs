//! The values of one site and layer, as they are written and read.

use selectron_run::{Place, Table};

/// What the rows of an activation table are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Words: `activations.parquet`, keyed by `item`.
    Words,
    /// One token of a word at the positions 0, 1 and 2: `position_activations.parquet`, keyed by
    /// `item` and `position`.
    Positions,
    /// Words in several presentations: `presentation_activations.parquet`, keyed by `presentation`
    /// (counting through the manifest's list) and `item`.
    Presentations,
    /// Tokens of a text, all neurons: `text_activations.parquet`, keyed by `document`, `window` and
    /// `position`.
    Text,
    /// Tokens of a text, the shown neurons alone: `shown_activations.parquet`, keyed likewise. A
    /// column `neurons` names them, in lists as long as those of `activation`.
    Shown,
}

impl Subject {
    /// The table.
    pub const fn table(self) -> Table {
        match self {
            Self::Words => Table::Activations,
            Self::Positions => Table::PositionActivations,
            Self::Presentations => Table::PresentationActivations,
            Self::Text => Table::TextActivations,
            Self::Shown => Table::ShownActivations,
        }
    }

    /// The columns that name a row besides site and layer.
    pub const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Words => &["item"],
            Self::Positions => &["item", "position"],
            Self::Presentations => &["presentation", "item"],
            Self::Text | Self::Shown => &["document", "window", "position"],
        }
    }
}

/// The activations of some items at one site and layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The site and layer.
    pub place: Place,
    /// The key columns, in the order of [`Subject::keys`], each of one value per row.
    pub keys: Vec<Vec<usize>>,
    /// Neurons per row.
    pub width: usize,
    /// Rows x `width`, row by row.
    pub values: Vec<f32>,
}

impl Block {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.keys.first().map_or(0, Vec::len)
    }

    /// The activations of one row.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn row(&self, index: usize) -> &[f32] {
        &self.values[index * self.width..(index + 1) * self.width]
    }
}
