//! What a figure's elements are painted with, by the part they play.

use crate::color::Rgb;
use crate::theme::Theme;
use selectron_run::Side;

/// The part an element plays, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Text and axes.
    Ink,
    /// Text of second rank.
    Muted,
    /// Grid lines.
    Grid,
    /// A neuron that prefers neither category.
    Neutral,
    /// A category, or a neuron that prefers it.
    Category(Side),
    /// The background.
    Paper,
    /// Data: the same colour in all surroundings.
    Data(Rgb),
}

impl Paint {
    /// The parts that the axes consist of, for the chart library, which knows only colours.
    const OF_AXES: [Self; 3] = [Self::Ink, Self::Muted, Self::Grid];

    /// The colour on paper.
    pub fn on_paper(self, theme: &Theme) -> Rgb {
        match self {
            Self::Ink => Rgb(0x1a, 0x1c, 0x20),
            Self::Muted => Rgb(0x55, 0x5b, 0x66),
            Self::Grid => Rgb(0xe1, 0xe3, 0xe8),
            Self::Neutral => Rgb(0x8b, 0x92, 0xa0),
            Self::Category(side) => *theme.light.categories.get(side),
            Self::Paper => theme.light.surface,
            Self::Data(color) => color,
        }
    }

    /// The letter that ends this paint's class names (`f` fill, `s` stroke come before it); none
    /// for data.
    pub fn class(self) -> Option<char> {
        match self {
            Self::Ink => Some('i'),
            Self::Muted => Some('m'),
            Self::Grid => Some('g'),
            Self::Neutral => Some('n'),
            Self::Category(side) => Some(side.letter()),
            Self::Paper => Some('p'),
            Self::Data(_) => None,
        }
    }

    /// A stand-in colour that carries this paint through the chart library.
    ///
    /// # Panics
    /// When no axis has this paint.
    pub(super) fn token(self) -> plotters::style::RGBColor {
        match Self::OF_AXES.iter().position(|paint| *paint == self) {
            // There are fewer than 256 paints.
            Some(index) => plotters::style::RGBColor(0, 0, index as u8),
            None => panic!("no axis is painted with {self:?}"),
        }
    }

    /// The paint that a stand-in colour carries.
    ///
    /// # Panics
    /// When the colour is none of [`Paint::token`]'s.
    pub(super) fn from_token(token: (u8, u8, u8)) -> Self {
        Self::OF_AXES[usize::from(token.2)]
    }
}
