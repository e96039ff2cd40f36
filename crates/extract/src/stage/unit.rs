//! A unit of the stage's work.

use selectron_tables::Packing;
use selectron_tables::activations::Subject;
use std::ops::Range;

/// One unit: a part of a table of activations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlannedUnit {
    /// What the table is of.
    pub(super) subject: Subject,
    /// How it is packed, and with that whether it is kept.
    pub(super) packing: Packing,
    /// What is recorded together, in order.
    pub(super) pieces: Vec<Piece>,
}

/// What is recorded together: it becomes a row group per place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Some words, by item.
    Words(Range<usize>),
    /// Tokens at several positions.
    Positions,
    /// Some words in a presentation, by its number and item.
    Presentation(usize, Range<usize>),
    /// Some windows of the text.
    Windows(Range<usize>),
}

impl PlannedUnit {
    /// What it is, for people.
    pub(super) fn title(&self) -> String {
        let pieces: Vec<_> = self.pieces.iter().map(Piece::title).collect();
        pieces.join(", ")
    }
}

impl Piece {
    /// Number of words.
    pub(super) fn words(&self) -> usize {
        match self {
            Self::Words(items) | Self::Presentation(_, items) => items.len(),
            Self::Positions | Self::Windows(_) => 0,
        }
    }

    fn title(&self) -> String {
        match self {
            Self::Words(items) => format!("words {items:?}"),
            Self::Positions => "positions".to_owned(),
            Self::Presentation(number, items) => {
                format!("words {items:?} in presentation {number}")
            }
            Self::Windows(windows) => format!("windows {windows:?} of the text"),
        }
    }
}
