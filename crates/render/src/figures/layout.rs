//! What the charts have in common: their frame, wording and thresholds.

use crate::data::{Class, LayerTests, Run, SiteTests};
use crate::font::Metrics;
use crate::numbers::{count, fixed};
use crate::svg::{Canvas, Margins, Paint, Plot, Text};
use selectron_run::Side;
use std::ops::Range;

/// Dashes of a threshold.
pub(super) const THRESHOLD_DASH: &str = "6 4";

/// The room around a chart whose legend is above it.
pub(super) const MARGINS: Margins = Margins {
    top: 46,
    right: 18,
    bottom: 50,
    left: 62,
};

/// Room that a category's name has in a legend, in pixels.
const LONGEST_NAME: f64 = 110.0;

/// Room that a layer's number takes on an axis, in pixels.
const LABEL_ROOM: f64 = 26.0;

/// Baseline of the legend above a chart.
pub(super) const LEGEND_Y: f64 = 22.0;

/// The smallest and the largest of the layers' thresholds; `None` where no layer has one.
pub(super) fn thresholds(site: &SiteTests) -> Option<(f64, f64)> {
    let thresholds = || {
        site.layers
            .iter()
            .filter_map(|layer| layer.counts.critical_t)
    };
    let low = thresholds().min_by(f64::total_cmp)?;
    let high = thresholds().max_by(f64::total_cmp)?;
    Some((low, high))
}

/// The thresholds in words.
pub(super) fn threshold_phrase(run: &Run, site: &SiteTests) -> String {
    let symbol = run.measure.symbol;
    match (thresholds(site), critical_label(run, site)) {
        (Some((low, high)), _) if fixed(low, 2) != fixed(high, 2) => format!(
            "the dashed lines mark the {symbol} from which a neuron is significant, between {} and \
             {} depending on the layer",
            fixed(low, 2),
            fixed(high, 2)
        ),
        (_, Some(label)) => {
            format!("neurons beyond the dashed lines, {label}, are significant")
        }
        _ => format!("no single {symbol} separates the significant neurons from the rest"),
    }
}

/// The thresholds as a legend has them; `None` where there are none.
pub(super) fn critical_label(run: &Run, site: &SiteTests) -> Option<String> {
    let (low, high) = thresholds(site)?;
    let (low, high) = (fixed(low, 2), fixed(high, 2));
    let sign = if run.measure.signed { "±" } else { "" };
    let value = if low == high {
        low
    } else {
        format!("{low} to {high}")
    };
    Some(run.measure.equals(&format!("{sign}{value}")))
}

/// The thresholds as values of the measure: on both sides of zero if it is signed.
pub(super) fn threshold_values(run: &Run, thresholds: &[f64]) -> Vec<f64> {
    let mut values = thresholds.to_vec();
    if run.measure.signed {
        values.extend(thresholds.iter().map(|value| -value));
    }
    values
}

/// The values of the measure that a chart spans.
pub(super) fn measure_range(run: &Run, site: &SiteTests) -> Range<f64> {
    let thresholds = site
        .layers
        .iter()
        .filter_map(|layer| layer.counts.critical_t);
    let limit = reach(
        site.neurons().filter_map(|row| row.t).chain(thresholds),
        1.0,
    );
    if run.measure.signed {
        -limit..limit
    } else {
        0.0..limit
    }
}

/// How many neurons are not drawn because their t is undefined, as a sentence; empty if none.
pub(super) fn undefined_phrase(run: &Run, site: &SiteTests) -> String {
    let symbol = run.measure.symbol;
    match site.total(|counts| counts.undefined) {
        0 => String::new(),
        1 => format!(" One neuron has no defined {symbol} and is not drawn."),
        some => format!(
            " {} neurons have no defined {symbol} and are not drawn.",
            count(some)
        ),
    }
}

/// The legend's entries for the classes, with their counts.
pub(super) fn class_labels(run: &Run, site: &SiteTests, metrics: &Metrics) -> Vec<(Class, String)> {
    let prefers = |side: Side| {
        let category = run.stats.category(side);
        let name = metrics.fit(category, Text::PLAIN.size, LONGEST_NAME);
        let neurons = count(site.total(|counts| counts.preferring(side)));
        (Class::Prefers(side), format!("prefers {name} ({neurons})"))
    };
    let mut labels: Vec<_> = Side::BOTH.into_iter().map(prefers).collect();
    let neither = count(site.total(|counts| counts.neither));
    labels.push((Class::Neither, format!("neither ({neither})")));
    match site.total(|counts| counts.other) {
        0 => {}
        other => labels.push((Class::Other, format!("other ({})", count(other)))),
    }
    labels
}

/// `mlp.pre` or `mlp.pre, layer 4` where there is only one layer.
pub(super) fn place(site: &SiteTests) -> String {
    match site.layers.as_slice() {
        [LayerTests { place, .. }] => place.to_string(),
        _ => site.site.to_string(),
    }
}

/// The largest absolute value, with some space above, and at least `least`.
pub(super) fn reach(values: impl Iterator<Item = f64>, least: f64) -> f64 {
    1.08 * values
        .filter(|value| value.is_finite())
        .map(f64::abs)
        .fold(least, f64::max)
}

/// Writes the layers' numbers below a plot in which each layer has a band of equal width, as many as
/// there is room for.
pub(super) fn number_layers(canvas: &mut Canvas<'_>, plot: &Plot, layers: &[usize]) {
    let columns = plot.columns();
    let band = (columns.end - columns.start) / layers.len() as f64;
    let every = (LABEL_ROOM / band).ceil().max(1.0) as usize;
    for (index, layer) in layers.iter().enumerate().step_by(every) {
        let x = columns.start + (index as f64 + 0.5) * band;
        canvas.text(
            x,
            plot.rows().end + 20.0,
            &layer.to_string(),
            Text::CENTERED,
        );
    }
}

/// A horizontal line across a plot at `value`, if that lies within it.
pub(super) fn horizontal(
    canvas: &mut Canvas<'_>,
    plot: &Plot,
    value: f64,
    paint: Paint,
    dash: &str,
) {
    let (columns, rows, y) = (plot.columns(), plot.rows(), plot.y(value));
    if rows.contains(&y) {
        canvas.line((columns.start, y), (columns.end, y), paint, 1.2, dash);
    }
}

/// A vertical line through a plot at `value`, if that lies within it.
pub(super) fn vertical(canvas: &mut Canvas<'_>, plot: &Plot, value: f64, paint: Paint, dash: &str) {
    let (columns, rows, x) = (plot.columns(), plot.rows(), plot.x(value));
    if columns.contains(&x) {
        canvas.line((x, rows.start), (x, rows.end), paint, 1.2, dash);
    }
}
