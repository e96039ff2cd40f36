//! What the text says of a site's neurons.

use super::super::figure_view::FigureView;
use super::super::table::Table;
use super::confusion::Confusion;
use super::context_gap::ContextGap;
use super::examples::NeuronText;
use super::{layers, shown, verdict};
use crate::data::{Run, SiteTests};
use crate::figures::{Figure, Kind};
use crate::sanitize::clean;
use serde::Serialize;

/// What the text says of a site's neurons.
#[derive(Serialize)]
pub(crate) struct SiteText {
    /// The site's name, where the run has several.
    name: Option<String>,
    /// What generalised, in a sentence.
    headline: Option<String>,
    /// The rest of the paragraph.
    verdict: Option<String>,
    notes: Vec<String>,
    shown: Option<Reading>,
    transfer: Option<FigureView>,
    chance: Option<FigureView>,
    layers: Option<Reading>,
    confusion: Option<Confusion>,
    neurons: Vec<NeuronText>,
    gap: Option<ContextGap>,
}

/// A table with how it is to be read.
#[derive(Serialize)]
struct Reading {
    text: String,
    table: Table,
}

impl Reading {
    fn new(text: &str, table: Option<Table>) -> Option<Self> {
        let text = clean(text);
        table.map(|table| Self { text, table })
    }
}

impl SiteText {
    pub(super) fn new(run: &Run, site: &SiteTests, figures: &[&Figure], is_first: bool) -> Self {
        let figure = |kind: Kind| {
            let mut figures = figures.iter();
            figures
                .find(|figure| figure.kind == kind)
                .map(|figure| FigureView::new(figure))
        };
        let facts = run.stats.generalization.as_ref();
        let neurons = site.shown().filter_map(|chosen| {
            let means = figure(Kind::UposMeans(chosen.id));
            NeuronText::new(run, chosen, means)
        });
        let text = |text: String| clean(&text);
        Self {
            name: (run.sites.len() > 1).then(|| site.site.name().to_owned()),
            headline: facts
                .map(|facts| verdict::headline(run, site, facts))
                .map(text),
            verdict: facts
                .map(|facts| verdict::paragraph(run, site, facts))
                .map(text),
            // They are of the text, not of the site.
            notes: facts.filter(|_| is_first).map_or_else(Vec::new, |facts| {
                let notes = verdict::notes(run, facts);
                notes.iter().map(|note| clean(note)).collect()
            }),
            shown: Reading::new(&shown::reading(run), shown::table(run, site)),
            transfer: figure(Kind::Transfer),
            chance: figure(Kind::AgainstChance),
            layers: Reading::new(&layers::reading(run), layers::table(run, site)),
            confusion: Confusion::new(run, site),
            neurons: neurons.collect(),
            gap: ContextGap::new(run, site, figure(Kind::ContextGap)),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.headline.is_none()
            && self.shown.is_none()
            && self.transfer.is_none()
            && self.confusion.is_none()
            && self.neurons.is_empty()
            && self.gap.is_none()
    }
}
