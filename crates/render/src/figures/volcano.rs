//! Volcano plot: size of the difference against the evidence for it.

use super::figure::{Drawing, WIDTH};
use super::layout::{
    MARGINS, THRESHOLD_DASH, class_labels, horizontal, place, reach, undefined_phrase, vertical,
};
use super::markers::{Markers, legend};
use crate::data::{Class, Run, SiteTests};
use crate::font::Metrics;
use crate::numbers::{count, tick};
use crate::svg::{Axis, Canvas, Paint, draw_axes};
use crate::theme::Theme;
use selectron_run::error::Result;

const HEIGHT: f64 = 440.0;

/// Draws the figure.
pub(super) fn draw(run: &Run, site: &SiteTests, theme: &Theme) -> Result<Drawing> {
    let mut canvas = Canvas::new(WIDTH, HEIGHT, theme);
    let metrics = Metrics::new()?;
    let boundary = boundary(site);
    let dashed = boundary.map(|_| "significant above");
    legend(
        &mut canvas,
        &metrics,
        &class_labels(run, site, &metrics),
        dashed,
    );
    let tested = || site.neurons().filter(|row| row.t.is_some());
    let width = reach(tested().map(|row| row.mean_diff), f64::MIN_POSITIVE);
    let height = reach(tested().filter_map(|row| row.log10_p), 1.0);
    let x = Axis {
        range: -width..width,
        name: "Mean difference in activation",
        ticks: 9,
        label: &tick,
        grid: false,
    };
    let y = Axis {
        range: 0.0..height,
        name: "−log₁₀ p",
        ticks: 8,
        label: &tick,
        grid: true,
    };
    let plot = draw_axes(&mut canvas, MARGINS, &x, &y)?;
    vertical(&mut canvas, &plot, 0.0, Paint::Muted, "");
    let mut markers = Markers::default();
    for row in tested() {
        if let (Some(class), Some(log10_p)) = (Class::of(row, &run.stats), row.log10_p) {
            markers.add(class, plot.x(row.mean_diff), plot.y(-log10_p));
        }
    }
    markers.draw(&mut canvas);
    if let Some(boundary) = boundary {
        horizontal(&mut canvas, &plot, boundary, Paint::Ink, THRESHOLD_DASH);
    }
    let caption = format!(
        "Each mark is a neuron of {}: to the right, a higher mean activation for {} words, to the \
         left for {} words; the higher, the smaller the probability p of so large a {} by chance. \
         {}{}",
        place(site),
        run.stats.category_a,
        run.stats.category_b,
        run.measure.symbol,
        match boundary {
            Some(_) => "Neurons above the dashed line are significant after correction.",
            None => "No single p separates the significant neurons, so there is no line.",
        },
        undefined_phrase(run, site)
    );
    let heading = "Size of the difference and evidence for it".to_owned();
    let all = count(site.total(|counts| counts.tests));
    let svg = canvas.finish(&format!("Volcano plot: {all} neurons of {}", place(site)));
    Ok(Drawing {
        heading,
        caption,
        svg,
    })
}

/// The -log10 p that separates the significant neurons from the rest, halfway between the nearest of
/// each; `None` where the two overlap or one of them is missing.
fn boundary(site: &SiteTests) -> Option<f64> {
    let evidence = |significant: bool| {
        site.neurons()
            .filter(move |row| row.t.is_some() && row.significant == significant)
            .filter_map(|row| row.log10_p.map(|log10_p| -log10_p))
    };
    let above = evidence(true).min_by(f64::total_cmp)?;
    let below = evidence(false).max_by(f64::total_cmp)?;
    (above > below).then_some((above + below) / 2.0)
}
