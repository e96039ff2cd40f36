//! Histogram of t.

use super::figure::{Drawing, WIDTH};
use super::layout::{
    MARGINS, THRESHOLD_DASH, class_labels, critical_label, measure_range, place, threshold_phrase,
    threshold_values, thresholds, undefined_phrase, vertical,
};
use super::markers::{legend, paint};
use crate::data::{Class, Run, SiteTests};
use crate::font::Metrics;
use crate::numbers::{count, tick};
use crate::svg::{Axis, Canvas, Paint, Plot, draw_axes};
use crate::theme::Theme;
use selectron_run::error::Result;
use std::collections::BTreeMap;
use std::ops::Range;

const HEIGHT: f64 = 360.0;

/// Bars, of which one begins at zero.
const BINS: usize = 80;

/// The neurons of a bar by their class, in the order in which they are stacked.
type Bar = BTreeMap<Class, usize>;

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
    let range = measure_range(run, site);
    let bins = bin(run, site, &range);
    let heights = bins.iter().map(|bin| bin.values().sum::<usize>());
    let highest = heights.fold(1, usize::max);
    let name = run.measure.symbol;
    let x = Axis {
        range: range.clone(),
        name,
        ticks: 11,
        label: &tick,
        grid: false,
    };
    let y = Axis {
        range: 0.0..(highest as f64 * 1.08),
        name: "Neurons",
        ticks: 6,
        label: &tick,
        grid: true,
    };
    let plot = draw_axes(&mut canvas, MARGINS, &x, &y)?;
    draw_bars(&mut canvas, &plot, &range, &bins);
    vertical(&mut canvas, &plot, 0.0, Paint::Muted, "");
    if let Some((low, high)) = thresholds(site) {
        let ends = [low, high];
        for t in threshold_values(run, &ends[usize::from(low == high)..]) {
            vertical(&mut canvas, &plot, t, Paint::Ink, THRESHOLD_DASH);
        }
    }
    let caption = format!(
        "How many neurons of {} have which {}; {}.{}{}",
        place(site),
        run.measure.symbol,
        threshold_phrase(run, site),
        direction(run),
        undefined_phrase(run, site)
    );
    let heading = format!("Histogram of {}", run.measure.symbol);
    let all = count(site.total(|counts| counts.tests));
    let svg = canvas.finish(&format!("{heading}: {all} neurons of {}", place(site)));
    Ok(Drawing {
        heading,
        caption,
        svg,
    })
}

/// Stacks the classes of each bar.
fn draw_bars(canvas: &mut Canvas<'_>, plot: &Plot, range: &Range<f64>, bins: &[Bar]) {
    let width = (range.end - range.start) / BINS as f64;
    let edge = |index: usize| plot.x(range.start + index as f64 * width);
    for (index, bin) in bins.iter().enumerate() {
        let (left, right) = (edge(index), edge(index + 1));
        let mut below = 0;
        for (class, neurons) in bin {
            let (bottom, top) = (plot.y(below as f64), plot.y((below + neurons) as f64));
            canvas.rect(
                left + 0.5,
                top,
                right - left - 1.0,
                bottom - top,
                paint(*class),
            );
            below += neurons;
        }
    }
}

/// What the sides mean.
fn direction(run: &Run) -> String {
    if !run.measure.signed {
        return String::new();
    }
    format!(
        " Those right of 0 respond more to {} words, those left of it more to {} words.",
        run.stats.category_a, run.stats.category_b
    )
}

/// Sorts the neurons into bars of equal width, each with its numbers by class.
fn bin(run: &Run, site: &SiteTests, range: &Range<f64>) -> Vec<Bar> {
    let mut bins = vec![Bar::new(); BINS];
    for row in site.neurons() {
        let (Some(class), Some(t)) = (Class::of(row, &run.stats), row.t) else {
            continue;
        };
        let share = (t - range.start) / (range.end - range.start);
        // Within the bars, as the range is wider than any t, but for an infinite one in the table.
        let index = (share * BINS as f64).floor().max(0.0) as usize;
        if let Some(bin) = bins.get_mut(index) {
            *bin.entry(class).or_default() += 1;
        }
    }
    bins
}
