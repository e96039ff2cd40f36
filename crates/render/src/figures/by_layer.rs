//! Share of significant neurons by layer.

use super::layout::{MARGINS, class_labels, horizontal, number_layers, place};
use super::markers::legend;
use super::{Drawing, WIDTH};
use crate::data::{Class, Run, SiteTests};
use crate::error::Result;
use crate::font::Metrics;
use crate::numbers::{count, tick};
use crate::svg::{Axis, Canvas, Paint, Text, draw_axes};
use crate::theme::Theme;
use selectron_run::manifest::LayerCounts;

const HEIGHT: f64 = 360.0;

/// A bar is no wider than this, in pixels.
const WIDEST_BAR: f64 = 64.0;

/// Draws the figure.
pub(super) fn draw(run: &Run, site: &SiteTests, theme: &Theme) -> Result<Drawing> {
    let mut canvas = Canvas::new(WIDTH, HEIGHT, theme);
    let metrics = Metrics::new()?;
    let mut classes = class_labels(run, site, &metrics);
    classes.retain(|(class, _)| matches!(class, Class::A | Class::B));
    legend(&mut canvas, &metrics, &classes, None);
    let share = |part: usize, tests: usize| 100.0 * part as f64 / tests.max(1) as f64;
    let highest = |part: fn(&LayerCounts) -> usize| {
        let shares = site
            .layers
            .iter()
            .map(|layer| share(part(&layer.counts), layer.counts.tests));
        shares.fold(0.0, f64::max)
    };
    let (up, down) = (highest(|counts| counts.a), highest(|counts| counts.b));
    // Without any bar the axis spans a hundredth of the neurons.
    let (up, down) = if up + down > 0.0 {
        (up, down)
    } else {
        (1.0, 1.0)
    };
    // Room beyond the bars for their counts.
    let room = 0.16 * (up + down);
    let x = Axis {
        range: 0.0..site.layers.len() as f64,
        name: "Layer",
        ticks: 0,
        label: &tick,
        grid: false,
    };
    let y = Axis {
        range: -(down + room)..(up + room),
        name: "Share of neurons (%)",
        ticks: 7,
        label: &|value| tick(value.abs()),
        grid: true,
    };
    let plot = draw_axes(&mut canvas, MARGINS, &x, &y)?;
    let band = (plot.columns().end - plot.columns().start) / site.layers.len().max(1) as f64;
    let bar = (0.72 * band).min(WIDEST_BAR);
    let widest = site
        .layers
        .iter()
        .flat_map(|layer| [layer.counts.a, layer.counts.b])
        .max();
    let fits = metrics.width(&count(widest.unwrap_or(0)), Text::PLAIN.size) + 4.0 <= band;
    for (index, layer) in site.layers.iter().enumerate() {
        let middle = plot.columns().start + (index as f64 + 0.5) * band;
        let zero = plot.y(0.0);
        let top = plot.y(share(layer.counts.a, layer.counts.tests));
        let bottom = plot.y(-share(layer.counts.b, layer.counts.tests));
        canvas.rect(middle - bar / 2.0, top, bar, zero - top, Paint::A);
        canvas.rect(middle - bar / 2.0, zero, bar, bottom - zero, Paint::B);
        if fits {
            canvas.text(middle, top - 6.0, &count(layer.counts.a), Text::CENTERED);
            canvas.text(
                middle,
                bottom + 17.0,
                &count(layer.counts.b),
                Text::CENTERED,
            );
        }
    }
    let numbers: Vec<_> = site.layers.iter().map(|layer| layer.layer).collect();
    number_layers(&mut canvas, &plot, &numbers);
    horizontal(&mut canvas, &plot, 0.0, Paint::Ink, "");
    let caption = format!(
        "How large a part of each layer's neurons prefers {} (bars up) or {} words (bars down) \
         significantly{}.",
        run.stats.category_a,
        run.stats.category_b,
        if fits {
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
