//! A chart as the report shows it.

use crate::figures::Figure;
use crate::sanitize::clean;
use serde::Serialize;

/// A chart with its caption.
#[derive(Serialize)]
pub(super) struct FigureView {
    heading: String,
    caption: String,
    svg: String,
}

impl FigureView {
    /// A figure as the report shows it.
    pub(super) fn new(figure: &Figure) -> Self {
        Self {
            heading: clean(&figure.heading),
            caption: clean(&figure.caption),
            svg: figure.svg.clone(),
        }
    }
}
