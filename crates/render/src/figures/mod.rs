//! The figures: each a picture as SVG and PNG, with a caption.

mod by_layer;
mod heatmap;
mod items_by_neurons;
mod layout;
mod markers;
mod null_counts;
mod t_by_neuron;
mod t_histogram;
mod text_layout;
mod volcano;

use crate::data::{Run, Shown, SiteTests};
use crate::error::Result;
use crate::font::Metrics;
use crate::heat::Side;
use crate::svg::to_png;
use crate::theme::Theme;
use rayon::prelude::*;

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
    /// A chart.
    Chart,
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

/// Draws every figure of a run.
///
/// # Errors
/// A bug, when a library refuses.
pub fn draw_all(run: &Run, shown: Option<&Shown>, theme: &Theme) -> Result<Vec<Figure>> {
    let metrics = Metrics::new()?;
    let mut figures = Vec::new();
    for (index, site) in run.sites.iter().enumerate() {
        let mut add = |name: &str, kind: Kind, drawing: Option<Drawing>| {
            if let Some(Drawing {
                heading,
                caption,
                svg,
            }) = drawing
            {
                let name = file_name(name, site, run);
                figures.push(Figure {
                    name,
                    site: Some(index),
                    kind,
                    heading,
                    caption,
                    svg,
                });
            }
        };
        if let Some(shown) = shown {
            let painter = heatmap::Painter {
                run,
                site,
                shown,
                theme,
                metrics: &metrics,
            };
            add("heatmap-a", Kind::Heatmap, painter.one(Side::A));
            add("heatmap-b", Kind::Heatmap, painter.one(Side::B));
            add("heatmap-both", Kind::Heatmap, painter.both());
        }
        add(
            "t-by-neuron",
            Kind::Chart,
            Some(t_by_neuron::draw(run, site, theme)?),
        );
        add(
            "t-histogram",
            Kind::Chart,
            Some(t_histogram::draw(run, site, theme)?),
        );
        add(
            "volcano",
            Kind::Chart,
            Some(volcano::draw(run, site, theme)?),
        );
        add(
            "items-by-neurons",
            Kind::Chart,
            items_by_neurons::draw(run, site, theme, &metrics)?,
        );
        add(
            "significant-by-layer",
            Kind::Chart,
            Some(by_layer::draw(run, site, theme)?),
        );
    }
    if let Some(Drawing {
        heading,
        caption,
        svg,
    }) = null_counts::draw(run, theme)?
    {
        figures.push(Figure {
            name: "null-counts".to_owned(),
            site: None,
            kind: Kind::Chart,
            heading,
            caption,
            svg,
        });
    }
    Ok(figures)
}

/// PNG of each figure, in their order.
///
/// # Errors
/// A bug, when a figure cannot be rasterised.
pub fn rasterise(figures: &[Figure]) -> Result<Vec<Vec<u8>>> {
    figures
        .par_iter()
        .map(|figure| to_png(&figure.svg))
        .collect()
}

/// A figure's file name: with the site, where there are several.
fn file_name(name: &str, site: &SiteTests, run: &Run) -> String {
    if run.sites.len() > 1 {
        format!("{name}-{}", site.site)
    } else {
        name.to_owned()
    }
}
