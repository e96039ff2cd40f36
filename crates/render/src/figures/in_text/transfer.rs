//! Effects in isolated words against effects in the text, one panel per layer.

use super::super::figure::{Drawing, WIDTH};
use super::super::layout::{class_labels, horizontal, place, reach, vertical};
use super::super::markers::Markers;
use super::legend::{Legend, Sign, ring};
use super::panels::{Panels, Scale, round_below};
use crate::data::{Chosen, Class, LayerTests, Run, SiteTests};
use crate::font::Metrics;
use crate::numbers::{count, fixed, tick};
use crate::svg::{Canvas, Paint, Plot};
use crate::theme::Theme;
use selectron_run::{NeuronId, Place};
use selectron_tables::rows::{OfNeuron, OfPlace};
use std::collections::BTreeMap;

/// The AUC in the text of each neuron.
type Scores = BTreeMap<NeuronId, f64>;

/// Draws the figure; none where no neuron of the site has been scored.
pub(super) fn draw(
    run: &Run,
    site: &SiteTests,
    theme: &Theme,
    metrics: &Metrics,
) -> Option<Drawing> {
    let scores = scores(run, site);
    if scores.is_empty() {
        return None;
    }
    let has_band = site
        .layers
        .iter()
        .any(|layer| band(run, layer.place).is_some());
    let legend = Legend::new(metrics, entries(run, site, metrics, has_band));
    let panels = Panels::new(site.layers.len(), legend.bottom());
    let mut canvas = Canvas::new(WIDTH, panels.height(), theme);
    legend.draw(&mut canvas);
    let symbol = run.measure.symbol;
    let limit = reach(
        site.neurons().filter_map(|row| run.measure.preference(row)),
        1.0,
    );
    let round = round_below(0.9 * limit);
    let x = Scale {
        range: -limit..limit,
        ticks: &[-round, 0.0, round],
        label: &tick,
    };
    let y = Scale {
        range: 0.0..1.0,
        ticks: &[0.0, 0.25, 0.5, 0.75, 1.0],
        label: &tick,
    };
    for (index, layer) in site.layers.iter().enumerate() {
        let title = title(run, layer.place);
        let plot = panels.frame(&mut canvas, index, &title, &x, &y);
        draw_layer(&mut canvas, &plot, run, site, layer, &scores);
    }
    panels.names(
        &mut canvas,
        &format!("{symbol} on isolated words"),
        "AUC in the text",
    );
    let heading = "Effects on isolated words and in the text".to_owned();
    let svg = canvas.finish(&format!(
        "{symbol} on isolated words against AUC in the text: {} neurons of {}",
        count(scores.len()),
        place(site)
    ));
    Some(Drawing {
        caption: caption(run, site, has_band),
        heading,
        svg,
    })
}

fn scores(run: &Run, site: &SiteTests) -> Scores {
    let rows = run.in_text.scores.iter();
    rows.filter(|row| row.site == site.site)
        .filter_map(|row| Some((row.id(), row.auc?)))
        .collect()
}

/// How far from 1/2 chance reaches in a layer, by the control tasks.
fn band(run: &Run, place: Place) -> Option<f64> {
    let facts = run.stats.generalization.as_ref()?;
    let mut layers = facts.layers.iter();
    layers.find(|facts| facts.place == place)?.control_best
}

fn title(run: &Run, place: Place) -> String {
    let layer = place.layer;
    let mut rows = run.in_text.transfer.iter();
    let row = rows.find(|row| row.place() == place);
    match row.and_then(|row| row.correlation) {
        Some(r) => format!("layer {layer}, r\u{a0}=\u{a0}{}", fixed(r, 2)),
        None => format!("layer {layer}"),
    }
}

fn draw_layer(
    canvas: &mut Canvas<'_>,
    plot: &Plot,
    run: &Run,
    site: &SiteTests,
    layer: &LayerTests,
    scores: &Scores,
) {
    if let Some(band) = band(run, layer.place) {
        let (top, bottom) = (plot.y((0.5 + band).min(1.0)), plot.y((0.5 - band).max(0.0)));
        let columns = plot.columns();
        let width = columns.end - columns.start;
        canvas.rect(columns.start, top, width, bottom - top, Paint::Grid);
    }
    horizontal(canvas, plot, 0.5, Paint::Muted, "");
    vertical(canvas, plot, 0.0, Paint::Muted, "");
    let mut markers = Markers::small();
    let place = |id: NeuronId, t: f64| {
        let auc = scores.get(&id)?;
        Some((plot.x(t), plot.y(*auc)))
    };
    for row in &layer.neurons {
        let (class, t) = (Class::of(row, &run.stats), run.measure.preference(row));
        if let (Some(class), Some((x, y))) = (class, t.and_then(|t| place(row.id(), t))) {
            markers.add(class, x, y);
        }
    }
    markers.draw(canvas);
    let is_of_layer = |shown: &&Chosen| shown.id.place == layer.place;
    for shown in site.shown().filter(is_of_layer) {
        let row = layer.test(shown.id.neuron);
        let t = row.and_then(|row| run.measure.preference(row));
        if let Some((x, y)) = t.and_then(|t| place(shown.id, t)) {
            ring(canvas, x, y);
            let mut marker = Markers::small();
            let class = row.and_then(|row| Class::of(row, &run.stats));
            marker.add(class.unwrap_or(Class::Neither), x, y);
            marker.draw(canvas);
        }
    }
}

fn entries(run: &Run, site: &SiteTests, metrics: &Metrics, has_band: bool) -> Vec<(Sign, String)> {
    let classes = class_labels(run, site, metrics).into_iter();
    let mut entries: Vec<_> = classes
        .map(|(class, label)| (Sign::Class(class), label))
        .collect();
    entries.push((Sign::Ring, "shown".to_owned()));
    if has_band {
        entries.push((
            Sign::Patch(Paint::Grid),
            "within reach of chance".to_owned(),
        ));
    }
    entries
}

fn caption(run: &Run, site: &SiteTests, has_band: bool) -> String {
    let (a, b) = (&run.stats.category_a, &run.stats.category_b);
    let band = if has_band {
        " The shaded band is what the best neuron of the layer exceeds in only 5% of the control \
         tasks, where each word has a random category."
    } else {
        ""
    };
    format!(
        "Each mark is a neuron of {}: to the right if it prefers {a} among the isolated words, to \
         the left if {b}; at the top if {a} words of the text that were not stimuli activate it \
         more than {b} words, at the bottom if less. Effects that carry over lie on a rising \
         diagonal; r is the correlation over the layer’s neurons. Colour and shape tell what it \
         prefers significantly among the isolated words.{band}",
        place(site)
    )
}
