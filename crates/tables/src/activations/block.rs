//! The values of one site and layer, as they are written and read.

use crate::columns::Column;
use arrow::datatypes::{DataType, Field};
use selectron_run::{Place, Site, Table};

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
    /// Every subject, in the order in which their tables are written.
    pub const ALL: [Self; 5] = [
        Self::Words,
        Self::Positions,
        Self::Presentations,
        Self::Text,
        Self::Shown,
    ];

    /// What a row is, in Markdown.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Words => "A word at one site and layer.",
            Self::Positions => {
                "The first token of a word at one of three positions, at one site and layer."
            }
            Self::Presentations => "A word in one presentation, at one site and layer.",
            Self::Text => "A token of the text at one site and layer, with all neurons.",
            Self::Shown => {
                "A token of the text at one site and layer, with the shown neurons alone."
            }
        }
    }

    /// The columns, each with what it holds, in Markdown; `list` is the type of `activation`.
    pub fn columns(self, list: DataType) -> Vec<(Field, &'static str)> {
        let keys = self.keys().iter().zip(self.key_docs());
        let mut columns: Vec<_> = keys.map(|(key, doc)| (usize::field(key), *doc)).collect();
        columns.push((Site::field("site"), "The recording site."));
        columns.push((usize::field("layer"), "The layer, from 0."));
        if self == Self::Shown {
            let doc = "The neurons, from 0, whose values `activation` holds.";
            columns.push((Vec::<usize>::field("neurons"), doc));
        }
        let doc = match self {
            Self::Shown => "A value for each of `neurons`, in their order.",
            _ => "A value for each neuron of the site, in order.",
        };
        columns.push((Field::new("activation", list, false), doc));
        columns
    }

    const fn key_docs(self) -> &'static [&'static str] {
        match self {
            Self::Words => &["The word, as in `words.parquet`."],
            Self::Positions => &[
                "The word, as in `words.parquet`.",
                "The position at which the model saw the token: 0, 1 or 2.",
            ],
            Self::Presentations => &[
                "The presentation: its number in `extract.presentations` of the manifest, from 0.",
                "The word, as in `words.parquet`.",
            ],
            Self::Text | Self::Shown => &[
                "The document, as in `tokens.parquet`.",
                "The window, as in `tokens.parquet`.",
                "The position, as in `tokens.parquet`.",
            ],
        }
    }

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
