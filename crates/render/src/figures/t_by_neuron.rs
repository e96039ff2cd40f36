//! t against neuron, the layers side by side.

use super::layout::{
    MARGINS, THRESHOLD_DASH, class_labels, critical_label, horizontal, measure_range,
    number_layers, place, threshold_phrase, threshold_values, undefined_phrase,
};
use super::markers::{Markers, legend};
use super::{Drawing, WIDTH};
use crate::data::{Chosen, Class, LayerTests, Run, SiteTests};
use crate::error::Result;
use crate::font::Metrics;
use crate::numbers::{count, tick};
use crate::svg::{Anchor, Axis, Canvas, Paint, Plot, Text, draw_axes};
use crate::theme::Theme;

const HEIGHT: f64 = 440.0;

/// The part of a layer's band that its neurons take; the rest parts it from the next.
const BAND_FILL: f64 = 0.94;

/// What height means.
fn direction(run: &Run) -> String {
    let (a, b) = (&run.stats.category_a, &run.stats.category_b);
    if run.measure.signed {
        format!(
            "The higher it stands, the more clearly it responds to {a} rather than {b} words; the \
             lower, the other way round."
        )
    } else {
        "The higher it stands, the more clearly it tells the categories apart.".to_owned()
    }
}

/// Draws the figure.
pub(super) fn draw(run: &Run, site: &SiteTests, theme: &Theme) -> Result<Drawing> {
    let mut canvas = Canvas::new(WIDTH, HEIGHT, theme);
    let metrics = Metrics::new()?;
    let critical = critical_label(run, site);
    legend(
        &mut canvas,
        &metrics,
        &class_labels(run, site, &metrics),
        critical.as_deref(),
    );
    let bands = site.layers.len();
    let single = bands == 1;
    let neurons = site
        .layers
        .first()
        .map_or(1, |layer| layer.neurons.len().max(1)) as f64;
    let span = if single { neurons } else { bands as f64 };
    let symbol = run.measure.symbol;
    let x = Axis {
        range: 0.0..span,
        name: if single {
            "Neuron"
        } else {
            "Layer (its neurons side by side, in order)"
        },
        ticks: if single { 8 } else { 0 },
        label: &tick,
        grid: false,
    };
    let range = measure_range(run, site);
    let y = Axis {
        range,
        name: symbol,
        ticks: 9,
        label: &tick,
        grid: true,
    };
    let plot = draw_axes(&mut canvas, MARGINS, &x, &y)?;
    horizontal(&mut canvas, &plot, 0.0, Paint::Muted, "");
    // A neuron's value on the x axis.
    let at = |band: usize, neuron: i32| {
        if single {
            return f64::from(neuron) + 0.5;
        }
        let count = site
            .layers
            .get(band)
            .map_or(1, |layer| layer.neurons.len().max(1)) as f64;
        let share = (f64::from(neuron) + 0.5) / count;
        band as f64 + 0.5 + (share - 0.5) * BAND_FILL
    };
    let mut markers = Markers::default();
    for (band, layer) in site.layers.iter().enumerate() {
        for row in &layer.neurons {
            if let (Some(class), Some(t)) = (Class::of(row, &run.stats), row.t) {
                markers.add(class, plot.x(at(band, row.neuron)), plot.y(t));
            }
        }
    }
    draw_bands(&mut canvas, &plot, &site.layers, single);
    markers.draw(&mut canvas);
    draw_thresholds(&mut canvas, &plot, run, &site.layers);
    for chosen in site.chosen() {
        let band = site
            .layers
            .iter()
            .position(|layer| layer.layer == chosen.layer);
        if let (Some(band), Some(t)) = (band, chosen.t) {
            let place = (plot.x(at(band, chosen.neuron)), plot.y(t));
            label(&mut canvas, &plot, &metrics, chosen, place);
        }
    }
    let caption = format!(
        "Each mark is a neuron of {}. {} Up-pointing triangles prefer {} significantly, \
         down-pointing ones {}, dots neither; {}.{}",
        place(site),
        direction(run),
        run.stats.category_a,
        run.stats.category_b,
        threshold_phrase(run, site),
        undefined_phrase(run, site)
    );
    let heading = format!("{symbol} by neuron");
    let all = count(site.total(|counts| counts.tests));
    let svg = canvas.finish(&format!("{heading}: {all} neurons of {}", place(site)));
    Ok(Drawing {
        heading,
        caption,
        svg,
    })
}

/// The layers' thresholds: one line over all neighbours that have the same.
fn draw_thresholds(canvas: &mut Canvas<'_>, plot: &Plot, run: &Run, layers: &[LayerTests]) {
    let band_width = (plot.columns().end - plot.columns().start) / layers.len().max(1) as f64;
    let mut left = plot.columns().start;
    let equal = |one: &LayerTests, two: &LayerTests| one.counts.critical_t == two.counts.critical_t;
    for alike in layers.chunk_by(equal) {
        let right = left + alike.len() as f64 * band_width;
        if let Some(critical) = alike.first().and_then(|layer| layer.counts.critical_t) {
            for t in threshold_values(run, &[critical]) {
                let y = plot.y(t);
                canvas.line((left, y), (right, y), Paint::Ink, 1.2, THRESHOLD_DASH);
            }
        }
        left = right;
    }
}

/// The layers' borders and numbers.
fn draw_bands(canvas: &mut Canvas<'_>, plot: &Plot, layers: &[LayerTests], single: bool) {
    let width = plot.columns().end - plot.columns().start;
    let band_width = width / layers.len().max(1) as f64;
    for band in 1..layers.len() {
        let left = plot.columns().start + band as f64 * band_width;
        canvas.line(
            (left, plot.rows().start),
            (left, plot.rows().end),
            Paint::Grid,
            1.0,
            "",
        );
    }
    if !single {
        let numbers: Vec<_> = layers.iter().map(|layer| layer.layer).collect();
        number_layers(canvas, plot, &numbers);
    }
}

/// Names a chosen neuron beside its marker, on the side that has room.
fn label(
    canvas: &mut Canvas<'_>,
    plot: &Plot,
    metrics: &Metrics,
    chosen: &Chosen,
    (x, y): (f64, f64),
) {
    let text = format!("layer {}, neuron {}", chosen.layer, chosen.neuron);
    let width = metrics.width(&text, Text::PLAIN.size);
    let is_left = x + 10.0 + width > plot.columns().end;
    let (x, anchor) = if is_left {
        (x - 10.0, Anchor::End)
    } else {
        (x + 10.0, Anchor::Start)
    };
    canvas.text(
        x,
        y + 5.0,
        &text,
        Text {
            anchor,
            halo: true,
            ..Text::PLAIN
        },
    );
}
