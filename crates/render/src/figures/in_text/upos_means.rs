//! A shown neuron's mean activation by part of speech.

use super::super::figure::{Drawing, WIDTH};
use super::super::layout::place;
use super::super::markers::{Markers, paint};
use crate::data::{Chosen, Class, Run, SiteTests};
use crate::font::Metrics;
use crate::numbers::{count, tick};
use crate::svg::{Anchor, Axis, Canvas, Margins, Paint, Plot, Text, draw_axes};
use crate::theme::Theme;
use selectron_run::error::Result;
use selectron_run::{NeuronId, Side};
use selectron_tables::rows::{OfNeuron, UposMeanRow};

/// From row to row, in pixels.
const ROW: f64 = 23.0;

/// Room for the names of the parts of speech, and for the numbers of words.
const NAMES: f64 = 110.0;
const COUNTS: f64 = 84.0;

/// Above the rows, for the heading of the numbers; below them, for the axis.
const TOP: f64 = 30.0;
const BOTTOM: f64 = 54.0;

/// Draws the figure; none where the neuron has no means.
pub(super) fn draw(
    run: &Run,
    site: &SiteTests,
    neuron: &Chosen,
    theme: &Theme,
    metrics: &Metrics,
) -> Result<Option<Drawing>> {
    let rows = rows(run, neuron.id);
    if rows.is_empty() {
        return Ok(None);
    }
    let height = TOP + ROW * rows.len() as f64 + BOTTOM;
    let mut canvas = Canvas::new(WIDTH, height, theme);
    let ends = rows.iter().flat_map(|row| {
        let sd = row.sd.filter(|sd| sd.is_finite()).unwrap_or(0.0);
        [row.mean - sd, row.mean + sd]
    });
    let low = ends.clone().fold(f64::INFINITY, f64::min);
    let high = ends.fold(f64::NEG_INFINITY, f64::max);
    let air = (0.04 * (high - low)).max(1e-3);
    let x = Axis {
        range: low - air..high + air,
        name: "Activation: mean and standard deviation",
        ticks: 7,
        label: &tick,
        grid: true,
    };
    let y = Axis {
        range: 0.0..rows.len() as f64,
        name: "",
        ticks: 0,
        label: &tick,
        grid: false,
    };
    let margins = Margins {
        top: TOP as u32,
        right: COUNTS as u32,
        bottom: BOTTOM as u32 - 4,
        left: NAMES as u32,
    };
    let plot = draw_axes(&mut canvas, margins, &x, &y)?;
    let end = Text {
        anchor: Anchor::End,
        ..Text::PLAIN
    };
    let muted = Text {
        paint: Paint::Muted,
        ..end
    };
    canvas.text(WIDTH - 10.0, TOP - 10.0, "words", muted);
    for (index, row) in rows.iter().enumerate() {
        let y = plot.y(rows.len() as f64 - index as f64 - 0.5);
        let name = metrics.fit(&row.upos, Text::PLAIN.size, NAMES - 12.0);
        canvas.text(plot.columns().start - 10.0, y + 5.0, &name, end);
        canvas.text(WIDTH - 10.0, y + 5.0, &count(row.n), muted);
        draw_row(&mut canvas, &plot, run, row, y);
    }
    let heading = format!(
        "Layer {}, neuron {} by {}",
        neuron.id.place.layer,
        neuron.id.neuron,
        kind(run)
    );
    let svg = canvas.finish(&format!("{heading}: {}", place(site)));
    Ok(Some(Drawing {
        caption: caption(run),
        heading,
        svg,
    }))
}

/// The neuron's means, the highest first.
fn rows(run: &Run, neuron: NeuronId) -> Vec<&UposMeanRow> {
    let is_its = |row: &&UposMeanRow| row.id() == neuron;
    let finite = |row: &&UposMeanRow| row.mean.is_finite();
    let mut rows: Vec<_> = run
        .in_text
        .upos_means
        .iter()
        .filter(is_its)
        .filter(finite)
        .collect();
    rows.sort_by(|one, two| {
        let by_mean = two.mean.total_cmp(&one.mean);
        by_mean.then_with(|| one.upos.cmp(&two.upos))
    });
    rows
}

fn draw_row(canvas: &mut Canvas<'_>, plot: &Plot, run: &Run, row: &UposMeanRow, y: f64) {
    let class = class(run, &row.upos);
    let paint = paint(class);
    if let Some(sd) = row.sd.filter(|sd| sd.is_finite()) {
        let (from, to) = (plot.x(row.mean - sd), plot.x(row.mean + sd));
        canvas.line((from, y), (to, y), paint, 2.0, "");
    }
    let x = plot.x(row.mean);
    if class == Class::Neither {
        canvas.stroke(&super::legend::dot(x, y), paint, 7.0, "");
        return;
    }
    let mut markers = Markers::default();
    markers.add(class, x, y);
    markers.draw(canvas);
}

/// The class of a part of speech; in plain text the rows are categories themselves.
fn class(run: &Run, upos: &str) -> Class {
    let tags = run.tags.iter();
    let represents = |category: &str| {
        upos == category
            || tags
                .clone()
                .any(|(name, tag)| name == category && tag == upos)
    };
    if let Some(side) = Side::BOTH
        .into_iter()
        .find(|side| represents(run.stats.category(*side)))
    {
        Class::Prefers(side)
    } else if run
        .extract
        .categories
        .iter()
        .any(|category| represents(&category.name))
    {
        Class::Other
    } else {
        Class::Neither
    }
}

/// What the rows are: plain text has no parts of speech.
fn kind(run: &Run) -> &'static str {
    match &run.extract.text {
        Some(text) if text.tagged => "part of speech",
        _ => "category",
    }
}

fn caption(run: &Run) -> String {
    let further = run.extract.categories.len() > 2;
    format!(
        "Mean over all words of the text of each {}, stimuli or not, and one standard deviation \
         to both sides. Up-pointing triangle: {}; down-pointing: {}{}. A neuron of one category \
         stands out at its own; one that is as high elsewhere responds to more than that.",
        kind(run),
        run.stats.category_a,
        run.stats.category_b,
        if further {
            "; squares: the further categories"
        } else {
            ""
        }
    )
}
