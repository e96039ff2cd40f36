//! Share of significant neurons by layer.

use super::figure::{Drawing, WIDTH};
use super::layout::{MARGINS, class_labels, horizontal, number_layers, place};
use super::markers::legend;
use crate::data::{Class, LayerTests, Run, SiteTests};
use crate::font::Metrics;
use crate::numbers::{count, tick};
use crate::svg::{Axis, Canvas, Paint, Plot, Text, draw_axes};
use crate::theme::Theme;
use selectron_run::Side;
use selectron_run::error::Result;
use std::ops::Range;

const HEIGHT: f64 = 360.0;

/// A bar is no wider than this, in pixels.
const WIDEST_BAR: f64 = 64.0;

/// Draws the figure.
pub(super) fn draw(run: &Run, site: &SiteTests, theme: &Theme) -> Result<Drawing> {
    let mut canvas = Canvas::new(WIDTH, HEIGHT, theme);
    let metrics = Metrics::new()?;
    let mut classes = class_labels(run, site, &metrics);
    classes.retain(|(class, _)| matches!(class, Class::Prefers(_)));
    legend(&mut canvas, &metrics, &classes, None);
    let x = Axis {
        range: 0.0..site.layers.len() as f64,
        name: "Layer",
        ticks: 0,
        label: &tick,
        grid: false,
    };
    let y = Axis {
        range: span(site),
        name: "Share of neurons (%)",
        ticks: 7,
        label: &|value| tick(value.abs()),
        grid: true,
    };
    let plot = draw_axes(&mut canvas, MARGINS, &x, &y)?;
    let has_counts = draw_bars(&mut canvas, &plot, &metrics, site);
    let numbers: Vec<_> = site.layers.iter().map(|layer| layer.place.layer).collect();
    number_layers(&mut canvas, &plot, &numbers);
    horizontal(&mut canvas, &plot, 0.0, Paint::Ink, "");
    let caption = format!(
        "The share of each layer’s neurons that prefers {} (bars up) or {} words (bars down) \
         significantly{}.",
        run.stats.category_a,
        run.stats.category_b,
        if has_counts {
            ", with their numbers"
        } else {
            "; the table has the numbers"
        }
    );
    let heading = "Significant neurons by layer".to_owned();
    let svg = canvas.finish(&format!("{heading}: {}", place(site)));
    Ok(Drawing {
        heading,
        caption,
        svg,
    })
}

/// The percentage of a layer's neurons that prefer a side significantly.
fn share(layer: &LayerTests, side: Side) -> f64 {
    let LayerTests { counts, .. } = layer;
    100.0 * counts.preferring(side) as f64 / counts.tests.max(1) as f64
}

/// The percentages that the axis spans, B's below 0, with room beyond the bars for their counts.
fn span(site: &SiteTests) -> Range<f64> {
    let highest = |side: Side| {
        let shares = site.layers.iter().map(|layer| share(layer, side));
        shares.fold(0.0, f64::max)
    };
    let (up, down) = (highest(Side::A), highest(Side::B));
    // Without any bar the axis spans a hundredth of the neurons.
    let (up, down) = if up + down > 0.0 {
        (up, down)
    } else {
        (1.0, 1.0)
    };
    let room = 0.16 * (up + down);
    -(down + room)..(up + room)
}

/// Draws the bars, each with its count where there is room for all counts; says whether there is.
fn draw_bars(canvas: &mut Canvas<'_>, plot: &Plot, metrics: &Metrics, site: &SiteTests) -> bool {
    let columns = plot.columns();
    let band = (columns.end - columns.start) / site.layers.len() as f64;
    let bar = (0.72 * band).min(WIDEST_BAR);
    let counts = site
        .layers
        .iter()
        .map(|layer| layer.counts.a.max(layer.counts.b));
    let widest = counts.fold(0, usize::max);
    let fits = metrics.width(&count(widest), Text::PLAIN.size) + 4.0 <= band;
    for (index, layer) in site.layers.iter().enumerate() {
        let middle = columns.start + (index as f64 + 0.5) * band;
        let left = middle - bar / 2.0;
        let zero = plot.y(0.0);
        let top = plot.y(share(layer, Side::A));
        let bottom = plot.y(-share(layer, Side::B));
        canvas.rect(left, top, bar, zero - top, Paint::Category(Side::A));
        canvas.rect(left, zero, bar, bottom - zero, Paint::Category(Side::B));
        if fits {
            let (above, below) = (count(layer.counts.a), count(layer.counts.b));
            canvas.text(middle, top - 6.0, &above, Text::CENTERED);
            canvas.text(middle, bottom + 17.0, &below, Text::CENTERED);
        }
    }
    fits
}
