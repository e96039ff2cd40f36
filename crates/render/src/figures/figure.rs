//! A figure, and what it is made of.

use selectron_run::NeuronId;

/// Width of every figure, in pixels.
pub const WIDTH: f64 = 760.0;

/// A picture with what is said under it.
#[derive(Debug, Clone)]
pub struct Figure {
    /// File name without extension.
    pub name: String,
    /// The site it belongs to, by its number in the run; none for a figure of the whole run.
    pub site: Option<usize>,
    /// Which of the figures it is.
    pub kind: Kind,
    /// A short heading.
    pub heading: String,
    /// What one sees, for a reader who is new to it.
    pub caption: String,
    /// The picture.
    pub svg: String,
}

/// The kinds of figures, in the report's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The text painted by one neuron.
    Heatmap,
    /// A chart of the isolated words' tests.
    Chart,
    /// Effects in isolated words against effects in the text.
    Transfer,
    /// The best neurons in the text against chance.
    AgainstChance,
    /// A neuron's mean activation by part of speech.
    UposMeans(NeuronId),
    /// The same words in several presentations.
    ContextGap,
}

/// What a drawing function gives: heading, caption and picture.
pub struct Drawing {
    /// A short heading.
    pub heading: String,
    /// What one sees.
    pub caption: String,
    /// The picture as SVG.
    pub svg: String,
}

impl Figure {
    pub(super) fn new(name: String, site: Option<usize>, kind: Kind, drawing: Drawing) -> Self {
        let Drawing {
            heading,
            caption,
            svg,
        } = drawing;
        Self {
            name,
            site,
            kind,
            heading,
            caption,
            svg,
        }
    }
}

/// A figure of a site in the making: its name, its kind and what is drawn.
pub(super) type Named = (String, Kind, Drawing);
