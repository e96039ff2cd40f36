//! The best neurons of each layer in the text, beside the best that chance finds.

use super::super::figure::{Drawing, WIDTH};
use super::super::layout::{MARGINS, horizontal, number_layers, place, reach};
use super::super::markers::Markers;
use super::legend::{DOT, Legend, Sign, TICK, dot, ring, tick as short_line};
use crate::data::{Class, Run, SiteTests};
use crate::font::Metrics;
use crate::numbers::{count, tick};
use crate::svg::{Axis, Canvas, Margins, Paint, Plot, draw_axes};
use crate::theme::Theme;
use selectron_run::error::Result;
use selectron_run::manifest::{GeneralizationFacts, LayerGeneralization};
use selectron_run::vocabulary::TextNull;
use selectron_run::{Place, Side};
use selectron_tables::rows::{OfPlace, TextNullRow};

/// Height of the plot with its axis, in pixels.
const PLOT_HEIGHT: f64 = 340.0;

/// Where shuffles, control tasks and the neurons themselves are in a layer's band, and how far
/// each spreads to both sides.
const PLACES: [f64; 3] = [0.24, 0.5, 0.76];
const SPREAD: f64 = 0.1;

/// The columns over which the draws of one layer are spread.
const COLUMNS: usize = 13;

/// Draws the figure; none where the text has not been scored.
pub(super) fn draw(
    run: &Run,
    site: &SiteTests,
    theme: &Theme,
    metrics: &Metrics,
) -> Result<Option<Drawing>> {
    let Some(facts) = &run.stats.generalization else {
        return Ok(None);
    };
    let layers: Vec<_> = facts
        .layers
        .iter()
        .filter(|layer| layer.place.site == site.site)
        .collect();
    if layers.is_empty() {
        return Ok(None);
    }
    let nulls: Vec<_> = run
        .in_text
        .nulls
        .iter()
        .filter(|row| row.site == site.site)
        .collect();
    let legend = Legend::new(metrics, entries(run, !nulls.is_empty()));
    let height = legend.bottom() + PLOT_HEIGHT;
    let mut canvas = Canvas::new(WIDTH, height, theme);
    legend.draw(&mut canvas);
    let half = span(&layers, &nulls);
    let x = Axis {
        range: 0.0..layers.len() as f64,
        name: "Layer",
        ticks: 0,
        label: &tick,
        grid: false,
    };
    let y = Axis {
        range: 0.5 - half..0.5 + half,
        name: "AUC in the text",
        ticks: 9,
        label: &tick,
        grid: true,
    };
    let margins = Margins {
        // A legend is a few lines high.
        top: legend.bottom() as u32,
        ..MARGINS
    };
    let plot = draw_axes(&mut canvas, margins, &x, &y)?;
    horizontal(&mut canvas, &plot, 0.5, Paint::Muted, "");
    draw_nulls(&mut canvas, &plot, &layers, &nulls);
    for (index, layer) in layers.iter().enumerate() {
        draw_limits(&mut canvas, &plot, index, layer);
        draw_best(&mut canvas, &plot, index, layer);
        for auc in shown(run, site, layer.place) {
            ring(&mut canvas, column(&plot, index, PLACES[2]), plot.y(auc));
        }
        draw_best(&mut canvas, &plot, index, layer);
    }
    let numbers: Vec<_> = layers.iter().map(|layer| layer.place.layer).collect();
    number_layers(&mut canvas, &plot, &numbers);
    let heading = "The best neurons in the text, compared with chance".to_owned();
    let svg = canvas.finish(&format!("{heading}: {}", place(site)));
    Ok(Some(Drawing {
        caption: caption(run, facts),
        heading,
        svg,
    }))
}

/// How far from 1/2 the axis reaches.
fn span(layers: &[&LayerGeneralization], nulls: &[&TextNullRow]) -> f64 {
    let best = layers
        .iter()
        .flat_map(|layer| [layer.highest, layer.lowest])
        .flatten();
    let drawn = nulls.iter().flat_map(|row| [row.highest, row.lowest]);
    reach(best.chain(drawn).map(|auc| auc - 0.5), 0.05).min(0.54)
}

/// A pixel column in a layer's band.
fn column(plot: &Plot, layer: usize, share: f64) -> f64 {
    plot.x(layer as f64 + share)
}

/// The best neurons of every shuffle and every control task.
fn draw_nulls(
    canvas: &mut Canvas<'_>,
    plot: &Plot,
    layers: &[&LayerGeneralization],
    nulls: &[&TextNullRow],
) {
    let (mut shuffles, mut controls) = (String::new(), String::new());
    for row in nulls {
        let Some(index) = layers.iter().position(|layer| layer.place == row.place()) else {
            continue;
        };
        let middle = match row.kind {
            TextNull::Shuffled => PLACES[0],
            TextNull::Control => PLACES[1],
        };
        let step = (row.draw % COLUMNS) as f64 / (COLUMNS - 1) as f64;
        let x = column(plot, index, middle + SPREAD * (2.0 * step - 1.0));
        let values = [row.highest, row.lowest].into_iter();
        for auc in values.filter(|auc| auc.is_finite()) {
            match row.kind {
                TextNull::Shuffled => shuffles.push_str(&dot(x, plot.y(auc))),
                TextNull::Control => controls.push_str(&short_line(x, plot.y(auc))),
            }
        }
    }
    canvas.stroke(&shuffles, Paint::Neutral, DOT, "");
    canvas.stroke(&controls, Paint::Muted, TICK, "");
}

/// What the best neuron exceeds in only 5 % of the shuffles, and of the control tasks.
fn draw_limits(canvas: &mut Canvas<'_>, plot: &Plot, index: usize, layer: &LayerGeneralization) {
    let limits = [layer.shuffled_best, layer.control_best];
    for (limit, middle) in limits.into_iter().zip(PLACES) {
        for auc in limit.into_iter().flat_map(|far| [0.5 + far, 0.5 - far]) {
            let edges = [-1.2, 1.2].map(|side| column(plot, index, middle + side * SPREAD));
            let y = plot.y(auc);
            canvas.line((edges[0], y), (edges[1], y), Paint::Ink, 1.6, "");
        }
    }
}

/// The neurons with the largest and the smallest AUC.
fn draw_best(canvas: &mut Canvas<'_>, plot: &Plot, index: usize, layer: &LayerGeneralization) {
    let x = column(plot, index, PLACES[2]);
    if let (Some(highest), Some(lowest)) = (layer.highest, layer.lowest) {
        let ends = (plot.y(highest), plot.y(lowest));
        canvas.line((x, ends.0), (x, ends.1), Paint::Neutral, 1.0, "");
    }
    let mut markers = Markers::default();
    let ends = [(Side::A, layer.highest), (Side::B, layer.lowest)];
    for (side, auc) in ends {
        if let Some(auc) = auc {
            markers.add(Class::Prefers(side), x, plot.y(auc));
        }
    }
    markers.draw(canvas);
}

/// The AUC of the layer's neurons that are shown.
fn shown(run: &Run, site: &SiteTests, place: Place) -> Vec<f64> {
    let shown = site.shown().filter(|shown| shown.id.place == place);
    shown
        .filter_map(|shown| run.in_text.score(shown.id)?.auc)
        .collect()
}

fn entries(run: &Run, has_draws: bool) -> Vec<(Sign, String)> {
    let best = |side: Side| {
        let label = format!("best for {}", run.stats.category(side));
        (Sign::Class(Class::Prefers(side)), label)
    };
    let mut entries: Vec<_> = Side::BOTH.into_iter().map(best).collect();
    entries.push((Sign::Ring, "shown".to_owned()));
    if has_draws {
        entries.push((Sign::Dot(Paint::Neutral), "shuffled labels".to_owned()));
        entries.push((Sign::Tick(Paint::Muted), "control task".to_owned()));
    }
    entries.push((Sign::Line(Paint::Ink, 1.6, ""), "exceeded by 5%".to_owned()));
    entries
}

fn caption(run: &Run, facts: &GeneralizationFacts) -> String {
    format!(
        "For each layer the largest and the smallest AUC of any neuron over the words that were \
         not stimuli: above 1/2 {a} words activate it more, below {b} words do. Beside them the \
         largest and the smallest of each of {draws} shuffles of the words’ labels (left) and of \
         as many control tasks, in which each word has a random category that it keeps (middle); \
         a short line marks what 5% of them exceed. A layer whose neurons reach no further than \
         that has learnt nothing that this text shows.",
        a = run.stats.category_a,
        b = run.stats.category_b,
        draws = count(facts.shuffles)
    )
}
