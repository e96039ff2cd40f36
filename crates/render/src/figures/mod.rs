//! The figures: each a picture as SVG and PNG, with a caption.

mod by_layer;
mod heatmap;
mod in_text;
mod items_by_neurons;
mod layout;
mod markers;
mod null_counts;
mod t_by_neuron;
mod t_histogram;
mod text_layout;
mod volcano;

use crate::data::{Chosen, Run, Shown, SiteTests};
use crate::error::Result;
use crate::font::Metrics;
use crate::svg::to_png;
use crate::theme::Theme;
use rayon::prelude::*;

/// Width of every figure, in pixels.
pub const WIDTH: f64 = 760.0;

/// A picture with what is said under it.
#[derive(Debug, Clone)]
pub struct Figure {
    /// File name without extension.
    pub name: String,
    /// The site it belongs to, by its number in the run; none for a figure of the whole run.
    pub site: Option<usize>,
    /// Which of the figures it is.
    pub kind: Kind,
    /// A short heading.
    pub heading: String,
    /// What one sees, for a reader who is new to it.
    pub caption: String,
    /// The picture.
    pub svg: String,
}

/// The kinds of figures, in the report's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The text painted by one neuron.
    Heatmap,
    /// A chart of the isolated words' tests.
    Chart,
    /// Effects in isolated words against effects in the text.
    Transfer,
    /// The best neurons in the text against chance.
    AgainstChance,
    /// A neuron's mean activation by part of speech.
    UposMeans {
        /// Its layer.
        layer: i32,
        /// Its number.
        neuron: i32,
    },
    /// The same words in several presentations.
    ContextGap,
}

/// What a drawing function gives: heading, caption and picture.
pub struct Drawing {
    /// A short heading.
    pub heading: String,
    /// What one sees.
    pub caption: String,
    /// The picture as SVG.
    pub svg: String,
}

impl Figure {
    fn new(name: String, site: Option<usize>, kind: Kind, drawing: Drawing) -> Self {
        let Drawing {
            heading,
            caption,
            svg,
        } = drawing;
        Self {
            name,
            site,
            kind,
            heading,
            caption,
            svg,
        }
    }
}

/// Draws every figure of a run.
///
/// # Errors
/// A bug, when a library refuses.
pub fn draw_all(run: &Run, shown: Option<&Shown>, theme: &Theme) -> Result<Vec<Figure>> {
    let metrics = Metrics::new()?;
    let mut figures = Vec::new();
    for (index, site) in run.sites.iter().enumerate() {
        let mut drawn = Vec::new();
        if let Some(shown) = shown {
            drawn.extend(heatmaps(run, site, shown, theme, &metrics));
        }
        drawn.extend(charts(run, site, theme, &metrics)?);
        drawn.extend(in_text::draw(run, site, theme, &metrics)?);
        figures.extend(drawn.into_iter().map(|(name, kind, drawing)| {
            let name = file_name(&name, site, run);
            Figure::new(name, Some(index), kind, drawing)
        }));
    }
    let of_run = null_counts::draw(run, theme)?;
    figures.extend(
        of_run.map(|drawing| Figure::new("null-counts".to_owned(), None, Kind::Chart, drawing)),
    );
    Ok(figures)
}

/// A figure of a site in the making: its name, its kind and what is drawn.
type Named = (String, Kind, Drawing);

/// The text painted by the shown neurons.
fn heatmaps(
    run: &Run,
    site: &SiteTests,
    shown: &Shown,
    theme: &Theme,
    metrics: &Metrics,
) -> Vec<Named> {
    let painter = heatmap::Painter {
        run,
        site,
        shown,
        theme,
        metrics,
    };
    let mut drawn = Vec::new();
    let mut add = |name: String, drawing: Option<Drawing>| {
        drawn.extend(drawing.map(|drawing| (name, Kind::Heatmap, drawing)));
    };
    for chosen in site.shown() {
        let name = format!("heatmap-{}", neuron_name(site, chosen));
        add(name, painter.one(chosen));
    }
    add("heatmap-both".to_owned(), painter.both());
    drawn
}

/// The charts of the isolated words' tests.
fn charts(run: &Run, site: &SiteTests, theme: &Theme, metrics: &Metrics) -> Result<Vec<Named>> {
    let drawings = [
        ("t-by-neuron", Some(t_by_neuron::draw(run, site, theme)?)),
        ("t-histogram", Some(t_histogram::draw(run, site, theme)?)),
        ("volcano", Some(volcano::draw(run, site, theme)?)),
        (
            "items-by-neurons",
            items_by_neurons::draw(run, site, theme, metrics)?,
        ),
        (
            "significant-by-layer",
            Some(by_layer::draw(run, site, theme)?),
        ),
    ];
    Ok(drawings
        .into_iter()
        .filter_map(|(name, drawing)| Some((name.to_owned(), Kind::Chart, drawing?)))
        .collect())
}

/// What a shown neuron is called in the names of files: `a` and `b` are the chosen ones.
fn neuron_name(site: &SiteTests, neuron: &Chosen) -> String {
    let is = |chosen: &Option<Chosen>| {
        chosen
            .as_ref()
            .is_some_and(|chosen| std::ptr::eq(chosen, neuron))
    };
    if is(&site.chosen_a) {
        "a".to_owned()
    } else if is(&site.chosen_b) {
        "b".to_owned()
    } else {
        format!("layer-{}-neuron-{}", neuron.layer, neuron.neuron)
    }
}

/// PNG of each figure, in their order.
///
/// # Errors
/// A bug, when a figure cannot be rasterised.
pub fn rasterise(figures: &[Figure]) -> Result<Vec<Vec<u8>>> {
    figures
        .par_iter()
        .map(|figure| to_png(&figure.svg))
        .collect()
}

/// A figure's file name: with the site, where there are several.
fn file_name(name: &str, site: &SiteTests, run: &Run) -> String {
    if run.sites.len() > 1 {
        format!("{name}-{}", site.site)
    } else {
        name.to_owned()
    }
}
