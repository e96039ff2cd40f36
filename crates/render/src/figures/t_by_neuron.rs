//! t against neuron, the layers side by side.

use super::figure::{Drawing, WIDTH};
use super::layout::{
    MARGINS, THRESHOLD_DASH, class_labels, critical_label, horizontal, measure_range,
    number_layers, place, threshold_phrase, threshold_values, undefined_phrase,
};
use super::markers::{Markers, legend};
use crate::data::{Chosen, Class, LayerTests, Run, SiteTests};
use crate::font::Metrics;
use crate::heat::neuron_name;
use crate::numbers::{count, tick};
use crate::svg::{Anchor, Axis, Canvas, Paint, Plot, Text, draw_axes};
use crate::theme::Theme;
use selectron_run::error::Result;

const HEIGHT: f64 = 440.0;

/// The part of a layer's band that its neurons take; the rest separates it from the next.
const BAND_FILL: f64 = 0.94;

/// What height means.
fn direction(run: &Run) -> String {
    let (a, b) = (&run.stats.category_a, &run.stats.category_b);
    if run.measure.signed {
        format!(
            "The higher it is, the more clearly it responds to {a} rather than {b} words; the \
             lower, the other way round."
        )
    } else {
        "The higher it is, the more clearly it tells the categories apart.".to_owned()
    }
}

/// Where the neurons lie along the x axis: those of a single layer by their numbers, those of several
/// in a band for each layer, side by side.
struct Bands<'a> {
    layers: &'a [LayerTests],
}

impl Bands<'_> {
    fn is_single(&self) -> bool {
        self.layers.len() == 1
    }

    fn axis(&self) -> Axis<'_> {
        let (span, name, ticks) = if self.is_single() {
            (self.layers[0].neurons.len(), "Neuron", 8)
        } else {
            let name = "Layer (its neurons side by side, in order)";
            (self.layers.len(), name, 0)
        };
        Axis {
            range: 0.0..span as f64,
            name,
            ticks,
            label: &tick,
            grid: false,
        }
    }

    /// A neuron's value on the axis.
    fn place(&self, band: usize, neuron: usize) -> f64 {
        let middle = neuron as f64 + 0.5;
        if self.is_single() {
            return middle;
        }
        let share = middle / self.layers[band].neurons.len() as f64;
        band as f64 + 0.5 + (share - 0.5) * BAND_FILL
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
    let bands = Bands {
        layers: &site.layers,
    };
    let symbol = run.measure.symbol;
    let y = Axis {
        range: measure_range(run, site),
        name: symbol,
        ticks: 9,
        label: &tick,
        grid: true,
    };
    let plot = draw_axes(&mut canvas, MARGINS, &bands.axis(), &y)?;
    horizontal(&mut canvas, &plot, 0.0, Paint::Muted, "");
    draw_bands(&mut canvas, &plot, &bands);
    markers(run, &plot, &bands).draw(&mut canvas);
    draw_thresholds(&mut canvas, &plot, run, &site.layers);
    for chosen in site.chosen() {
        if let Some(t) = chosen.t {
            let (band, _) = site.layer(chosen.id.place);
            let place = (plot.x(bands.place(band, chosen.id.neuron)), plot.y(t));
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

/// A marker for each neuron that has a t.
fn markers(run: &Run, plot: &Plot, bands: &Bands<'_>) -> Markers {
    let mut markers = Markers::default();
    for (band, layer) in bands.layers.iter().enumerate() {
        for row in &layer.neurons {
            if let (Some(class), Some(t)) = (Class::of(row, &run.stats), row.t) {
                markers.add(class, plot.x(bands.place(band, row.neuron)), plot.y(t));
            }
        }
    }
    markers
}

/// The layers' thresholds: one line over all neighbours that have the same.
fn draw_thresholds(canvas: &mut Canvas<'_>, plot: &Plot, run: &Run, layers: &[LayerTests]) {
    let band_width = (plot.columns().end - plot.columns().start) / layers.len() as f64;
    let mut left = plot.columns().start;
    let equal = |one: &LayerTests, two: &LayerTests| one.counts.critical_t == two.counts.critical_t;
    for alike in layers.chunk_by(equal) {
        let right = left + alike.len() as f64 * band_width;
        if let Some(critical) = alike[0].counts.critical_t {
            for t in threshold_values(run, &[critical]) {
                let y = plot.y(t);
                canvas.line((left, y), (right, y), Paint::Ink, 1.2, THRESHOLD_DASH);
            }
        }
        left = right;
    }
}

/// The layers' borders and numbers.
fn draw_bands(canvas: &mut Canvas<'_>, plot: &Plot, bands: &Bands<'_>) {
    let width = plot.columns().end - plot.columns().start;
    let band_width = width / bands.layers.len() as f64;
    for band in 1..bands.layers.len() {
        let left = plot.columns().start + band as f64 * band_width;
        canvas.line(
            (left, plot.rows().start),
            (left, plot.rows().end),
            Paint::Grid,
            1.0,
            "",
        );
    }
    if !bands.is_single() {
        let numbers: Vec<_> = bands.layers.iter().map(|layer| layer.place.layer).collect();
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
    let text = neuron_name(chosen.id);
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
