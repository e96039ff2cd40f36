//! Drawing all figures of a run.

use super::figure::{Drawing, Figure, Kind, Named};
use super::names::{file_name, neuron_name};
use super::{
    by_layer, heatmap, in_text, items_by_neurons, null_counts, t_by_neuron, t_histogram, volcano,
};
use crate::data::{Run, Shown, SiteTests};
use crate::font::Metrics;
use crate::svg::to_png;
use crate::theme::Theme;
use rayon::prelude::*;
use selectron_run::error::Result;

/// Draws every figure of a run.
///
/// # Errors
/// A bug, when a library refuses.
pub fn draw_all(run: &Run, shown: Option<&Shown>, theme: &Theme) -> Result<Vec<Figure>> {
    let metrics = Metrics::new()?;
    let mut figures = Vec::new();
    for (index, site) in run.sites.iter().enumerate() {
        let mut drawn = Vec::new();
        if let Some(shown) = shown {
            drawn.extend(heatmaps(run, site, shown, theme, &metrics));
        }
        drawn.extend(charts(run, site, theme, &metrics)?);
        drawn.extend(in_text::draw(run, site, theme, &metrics)?);
        figures.extend(drawn.into_iter().map(|(name, kind, drawing)| {
            let name = file_name(&name, site, run);
            Figure::new(name, Some(index), kind, drawing)
        }));
    }
    let of_run = null_counts::draw(run, theme)?;
    figures.extend(
        of_run.map(|drawing| Figure::new("null-counts".to_owned(), None, Kind::Chart, drawing)),
    );
    Ok(figures)
}

/// The text painted by the shown neurons.
fn heatmaps(
    run: &Run,
    site: &SiteTests,
    shown: &Shown,
    theme: &Theme,
    metrics: &Metrics,
) -> Vec<Named> {
    let painter = heatmap::Painter {
        run,
        site,
        shown,
        theme,
        metrics,
    };
    let mut drawn = Vec::new();
    let mut add = |name: String, drawing: Option<Drawing>| {
        drawn.extend(drawing.map(|drawing| (name, Kind::Heatmap, drawing)));
    };
    for chosen in site.shown() {
        let name = format!("heatmap-{}", neuron_name(chosen));
        add(name, painter.one(chosen));
    }
    add("heatmap-both".to_owned(), painter.both());
    drawn
}

/// The charts of the isolated words' tests.
fn charts(run: &Run, site: &SiteTests, theme: &Theme, metrics: &Metrics) -> Result<Vec<Named>> {
    let drawings = [
        ("t-by-neuron", Some(t_by_neuron::draw(run, site, theme)?)),
        ("t-histogram", Some(t_histogram::draw(run, site, theme)?)),
        ("volcano", Some(volcano::draw(run, site, theme)?)),
        (
            "items-by-neurons",
            items_by_neurons::draw(run, site, theme, metrics)?,
        ),
        (
            "significant-by-layer",
            Some(by_layer::draw(run, site, theme)?),
        ),
    ];
    Ok(drawings
        .into_iter()
        .filter_map(|(name, drawing)| Some((name.to_owned(), Kind::Chart, drawing?)))
        .collect())
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
