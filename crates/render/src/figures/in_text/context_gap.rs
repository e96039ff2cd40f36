//! How much the same words differ between presentations, by layer.

use super::super::figure::{Drawing, WIDTH};
use super::super::layout::place;
use super::legend::{Legend, Sign, dot};
use super::panels::{Panels, Scale, round_below};
use crate::data::{Run, SiteTests};
use crate::font::Metrics;
use crate::numbers::tick;
use crate::svg::{Canvas, Paint, Plot};
use crate::theme::Theme;
use selectron_tables::rows::ContextGapRow;
use std::collections::BTreeSet;
use std::fmt::Write;

/// What running text is called among the presentations.
const TEXT: &str = "text";

/// Height of a panel, in pixels.
const HEIGHT: f64 = 260.0;

/// How the lines are told apart, the run's own presentation first.
const LINES: [(Paint, f64, &str); 6] = [
    (Paint::Ink, 2.4, ""),
    (Paint::Muted, 1.8, "7 4"),
    (Paint::Muted, 1.8, "1.5 4"),
    (Paint::Neutral, 1.8, ""),
    (Paint::Neutral, 1.8, "9 3 2 3"),
    (Paint::Ink, 1.4, "3 4"),
];

/// A pair of presentations, by layer.
struct Pair<'a> {
    label: String,
    rows: Vec<&'a ContextGapRow>,
    line: (Paint, f64, &'static str),
}

/// Draws the figure; none where presentations have not been compared.
pub(super) fn draw(
    run: &Run,
    site: &SiteTests,
    theme: &Theme,
    metrics: &Metrics,
) -> Option<Drawing> {
    let pairs = pairs(run, site);
    if pairs.is_empty() {
        return None;
    }
    let entries = pairs.iter().map(|pair| {
        let (paint, width, dash) = pair.line;
        (Sign::Line(paint, width, dash), pair.label.clone())
    });
    let legend = Legend::new(metrics, entries.collect());
    let panels = Panels::apart(2, legend.bottom(), HEIGHT);
    let mut canvas = Canvas::new(WIDTH, panels.height(), theme);
    legend.draw(&mut canvas);
    let layers = layers(&pairs);
    let (first, last) = (*layers.first()?, *layers.last()?);
    let every = layers.len().div_ceil(12);
    let numbers = layers.iter().step_by(every).map(|layer| *layer as f64);
    let numbers: Vec<_> = numbers.collect();
    let x = Scale {
        range: first as f64 - 0.4..last as f64 + 0.4,
        ticks: &numbers,
        label: &tick,
    };
    let correlation = |row: &ContextGapRow| row.correlation;
    let lowest = extreme(&pairs, correlation, f64::min).unwrap_or(0.0);
    let ticks: &[f64] = if lowest < 0.0 {
        &[-1.0, -0.5, 0.0, 0.5, 1.0]
    } else {
        &[0.0, 0.25, 0.5, 0.75, 1.0]
    };
    let y = Scale {
        range: if lowest < 0.0 { -1.0 } else { 0.0 }..1.0,
        ticks,
        label: &tick,
    };
    let plot = panels.frame(&mut canvas, 0, "Correlation over the words", &x, &y);
    lines(&mut canvas, &plot, &pairs, correlation);
    let shift = |row: &ContextGapRow| row.mean_abs_shift;
    let highest = extreme(&pairs, shift, f64::max)
        .unwrap_or(0.0)
        .max(f64::MIN_POSITIVE);
    let step = round_below(highest / 3.0);
    let ticks: Vec<_> = (0..20)
        .map(|index| step * f64::from(index))
        .take_while(|value| *value <= 1.08 * highest)
        .collect();
    let y = Scale {
        range: 0.0..1.08 * highest,
        ticks: &ticks,
        label: &tick,
    };
    let title = "Mean absolute shift (standard deviations)";
    let plot = panels.frame(&mut canvas, 1, title, &x, &y);
    lines(&mut canvas, &plot, &pairs, shift);
    panels.names(&mut canvas, "Layer", "");
    let heading = "The same words in another context".to_owned();
    let svg = canvas.finish(&format!("{heading}: {}", place(site)));
    Some(Drawing {
        caption: "Left: how well a neuron’s activation in one context predicts that of the same \
                  word in the other, as the mean over the neurons of the correlation over words; 1 \
                  means that context changes nothing but level and scale. Right: how far the means \
                  of the neurons move, whatever the direction."
            .to_owned(),
        heading,
        svg,
    })
}

/// The pairs with running text; where there is none, all pairs.
fn pairs<'a>(run: &'a Run, site: &SiteTests) -> Vec<Pair<'a>> {
    let of_site: Vec<_> = run
        .in_text
        .context_gap
        .iter()
        .filter(|row| row.site == site.site)
        .collect();
    let with_text = |row: &ContextGapRow| row.from == TEXT || row.to == TEXT;
    let has_text = of_site.iter().any(|row| with_text(row));
    let mut names: Vec<(&str, &str)> = Vec::new();
    for row in of_site.iter().filter(|row| !has_text || with_text(row)) {
        let name = (row.from.as_str(), row.to.as_str());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    // The run's own presentation has the strongest line.
    let presentation = run.extract.presentation.to_string();
    let own_first = |name: &(&str, &str)| ![name.0, name.1].contains(&presentation.as_str());
    names.sort_by_key(own_first);
    let pair = |(name, line): ((&'a str, &'a str), (Paint, f64, &'static str))| {
        let rows = of_site
            .iter()
            .filter(|row| (row.from.as_str(), row.to.as_str()) == name);
        let mut rows: Vec<_> = rows.copied().collect();
        rows.sort_by_key(|row| row.layer);
        Pair {
            label: format!("{} and {}", name.0, name.1),
            rows,
            line,
        }
    };
    names.into_iter().zip(LINES).map(pair).collect()
}

fn layers(pairs: &[Pair<'_>]) -> Vec<usize> {
    let rows = pairs.iter().flat_map(|pair| &pair.rows);
    let layers: BTreeSet<_> = rows.map(|row| row.layer).collect();
    layers.into_iter().collect()
}

fn extreme(
    pairs: &[Pair<'_>],
    value: impl Fn(&ContextGapRow) -> Option<f64>,
    better: fn(f64, f64) -> f64,
) -> Option<f64> {
    let rows = pairs.iter().flat_map(|pair| &pair.rows);
    rows.filter_map(|row| value(row))
        .filter(|value| value.is_finite())
        .reduce(better)
}

/// A line for each pair, with a dot at each layer.
fn lines(
    canvas: &mut Canvas<'_>,
    plot: &Plot,
    pairs: &[Pair<'_>],
    value: impl Fn(&ContextGapRow) -> Option<f64>,
) {
    for pair in pairs.iter().rev() {
        let (paint, width, dash) = pair.line;
        let (mut path, mut dots) = (String::new(), String::new());
        for row in &pair.rows {
            let Some(value) = value(row).filter(|value| value.is_finite()) else {
                continue;
            };
            let (x, y) = (plot.x(row.layer as f64), plot.y(value));
            let command = if path.is_empty() { 'M' } else { 'L' };
            // Writing to a String cannot fail.
            let _ = write!(path, "{command}{x:.1} {y:.1}");
            dots.push_str(&dot(x, y));
        }
        canvas.stroke(&path, paint, width, dash);
        canvas.stroke(&dots, paint, 5.0, "");
    }
}
