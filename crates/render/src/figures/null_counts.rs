//! How many neurons are significant when the words are assigned to the categories at random, and how
//! many are with the words in their own.

use super::figure::{Drawing, WIDTH};
use super::layout::{LEGEND_Y, MARGINS, THRESHOLD_DASH, vertical};
use crate::data::Run;
use crate::font::Metrics;
use crate::numbers::{count, tick};
use crate::svg::{Axis, Canvas, Paint, Plot, Text, draw_axes};
use crate::theme::Theme;
use selectron_run::error::Result;
use selectron_tables::rows::NullRow;
use std::collections::BTreeMap;
use std::ops::Range;

const HEIGHT: f64 = 300.0;

/// A bar that spans several counts is about this part of the axis wide.
const NARROWEST_BAR: f64 = 0.012;

/// Least space between the labels of two ticks, in pixels.
const LABEL_GAP: f64 = 14.0;

/// Draws the figure; none where the run has no random assignments.
///
/// The counts of an assignment are added up over the run's sites and layers, as the manifest's observed
/// count is.
pub(super) fn draw(run: &Run, theme: &Theme) -> Result<Option<Drawing>> {
    let draws = draws(&run.checks.nulls);
    let Some(nulls) = run.stats.nulls.as_ref().filter(|_| !draws.is_empty()) else {
        return Ok(None);
    };
    let scale = Scale::new(&draws, nulls.observed as u64);
    let bars = bars(&draws, &scale);
    let highest = bars.iter().map(|bar| bar.draws).max().unwrap_or(0);
    let mut canvas = Canvas::new(WIDTH, HEIGHT, theme);
    let metrics = Metrics::new()?;
    let x = Axis {
        range: scale.range.clone(),
        name: "Significant neurons (logarithmic scale)",
        ticks: 0,
        label: &tick,
        grid: false,
    };
    let y = Axis {
        range: 0.0..(highest as f64 * 1.08),
        name: "Random assignments",
        ticks: 5,
        label: &tick,
        grid: true,
    };
    let plot = draw_axes(&mut canvas, MARGINS, &x, &y)?;
    for bar in &bars {
        let (left, right) = (plot.x(bar.edges.start), plot.x(bar.edges.end));
        let (top, bottom) = (plot.y(bar.draws as f64), plot.y(0.0));
        let gap = if right - left > 4.0 { 1.0 } else { 0.0 };
        canvas.rect(
            left + gap / 2.0,
            top,
            right - left - gap,
            bottom - top,
            Paint::Neutral,
        );
    }
    label_counts(&mut canvas, &metrics, &plot, &scale);
    let observed = place(nulls.observed as f64);
    vertical(&mut canvas, &plot, observed, Paint::Ink, THRESHOLD_DASH);
    let label = format!("observed: {}", count(nulls.observed));
    let half = metrics.width(&label, Text::PLAIN.size) / 2.0;
    let columns = plot.columns();
    let middle = plot
        .x(observed)
        .min(columns.end - half)
        .max(columns.start + half);
    canvas.text(middle, LEGEND_Y + 10.0, &label, Text::CENTERED);
    let caption = format!(
        "Bars: {} random assignments of the words ({}), by how many neurons are significant in \
         each. Dashed line: the {} that are significant with the words in their own categories. \
         The farther the line is to the right of the bars, the less chance alone explains it.",
        count(draws.len()),
        nulls.kind,
        count(nulls.observed)
    );
    let heading = "Significant neurons by chance".to_owned();
    let svg = canvas.finish(&format!(
        "{heading}: {} random assignments, and the {} observed",
        count(draws.len()),
        count(nulls.observed)
    ));
    Ok(Some(Drawing {
        heading,
        caption,
        svg,
    }))
}

/// The number of significant neurons in each random assignment.
fn draws(rows: &[NullRow]) -> Vec<u64> {
    let mut draws: BTreeMap<usize, u64> = BTreeMap::new();
    for row in rows {
        if let Some(draw) = row.draw {
            *draws.entry(draw).or_default() += row.significant as u64;
        }
    }
    draws.into_values().collect()
}

/// Where a count is on the axis: the logarithm, moved by one to have a place for 0.
fn place(count: f64) -> f64 {
    (count + 1.0).log10()
}

/// The axis of counts.
struct Scale {
    range: Range<f64>,
    lowest: u64,
}

impl Scale {
    /// An axis with all the counts and some room; it begins at 0, unless all of them are far off.
    fn new(draws: &[u64], observed: u64) -> Self {
        let all = || draws.iter().copied().chain([observed]);
        let lowest = all()
            .min()
            .filter(|low| *low >= 20)
            .map_or(0, |low| low / 2);
        let highest = all().max().unwrap_or(0);
        let start = place(lowest as f64 - 0.5);
        let end = place(highest as f64 + 0.5);
        Self {
            range: start..end + 0.04 * (end - start),
            lowest,
        }
    }
}

/// Assignments whose counts lie between two edges on the axis.
struct Bar {
    edges: Range<f64>,
    draws: usize,
}

/// Sorts the assignments into bars: one per count where there is room for that, else several.
fn bars(draws: &[u64], scale: &Scale) -> Vec<Bar> {
    let mut sorted = draws.to_vec();
    sorted.sort_unstable();
    let narrowest = NARROWEST_BAR * (scale.range.end - scale.range.start);
    let mut bars = Vec::new();
    let mut rest = sorted.as_slice();
    while let Some(first) = rest.first() {
        let start = place(*first as f64 - 0.5);
        let end = place(*first as f64 + 0.5).max(start + narrowest);
        let draws = rest.partition_point(|count| place(*count as f64 - 0.5) < end);
        bars.push(Bar {
            edges: start..end,
            draws,
        });
        assert!(draws > 0, "a bar begins at a count that it does not hold");
        rest = &rest[draws..];
    }
    bars
}

/// Labels round counts on the axis, as many as there is room for.
fn label_counts(canvas: &mut Canvas<'_>, metrics: &Metrics, plot: &Plot, scale: &Scale) {
    let powers = (0..10).map(|exponent| 10_u64.pow(exponent));
    let round = powers.flat_map(|power| [1, 2, 5].map(|factor| factor * power));
    let mut free = f64::NEG_INFINITY;
    for value in [0].into_iter().chain(round) {
        let position = place(value as f64);
        if value < scale.lowest || position > scale.range.end {
            continue;
        }
        let label = count(value as usize);
        let half = metrics.width(&label, Text::PLAIN.size) / 2.0;
        let x = plot.x(position);
        if x - half < free {
            continue;
        }
        let y = plot.rows().end;
        canvas.line((x, y), (x, y + 5.0), Paint::Muted, 1.0, "");
        canvas.text(x, y + 20.0, &label, Text::CENTERED);
        free = x + half + LABEL_GAP;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(draws: &[u64], observed: u64) -> Vec<usize> {
        let scale = Scale::new(draws, observed);
        let bars = bars(draws, &scale);
        let apart = |pair: &[Bar]| pair[0].edges.end <= pair[1].edges.start + 1e-12;
        assert!(bars.windows(2).all(apart));
        assert!(bars[0].edges.start >= scale.range.start);
        bars.iter().map(|bar| bar.draws).collect()
    }

    #[test]
    fn small_counts_have_a_bar_each_and_large_ones_share() {
        assert_eq!(sorted(&[0, 3, 0, 1, 0], 2265), [3, 1, 1]);
        let many: Vec<u64> = (1000..1100).collect();
        let bars = sorted(&many, 5000);
        assert!((2..50).contains(&bars.len()));
        assert_eq!(bars.iter().sum::<usize>(), 100);
    }

    #[test]
    fn the_axis_begins_at_zero_unless_all_counts_are_far_from_it() {
        assert_eq!(Scale::new(&[0, 5], 100).lowest, 0);
        assert_eq!(Scale::new(&[400, 300], 5000).lowest, 150);
        let none = Scale::new(&[0], 0);
        assert!(none.range.start < place(0.0) && place(0.0) < none.range.end);
    }

    #[test]
    fn an_assignment_counts_over_all_layers() {
        let row = |draw, significant| NullRow {
            draw,
            significant,
            ..NullRow::default()
        };
        let rows = [
            row(None, 9),
            row(Some(0), 1),
            row(Some(1), 0),
            row(Some(0), 2),
        ];
        assert_eq!(draws(&rows), [3, 0]);
    }
}
