//! What the text says of the neurons: whether their preference carries over, what drives them, and
//! how much context changes. Nothing is computed here.

mod confusion;
mod context_gap;
mod examples;
mod layers;
mod shown;
mod verdict;

use super::site_view::FigureView;
use super::table::Table;
use crate::data::{Chosen, Run, SiteTests};
use crate::figures::{Figure, Kind};
use crate::text::clean;
use confusion::Confusion;
use context_gap::ContextGap;
use examples::NeuronText;
use serde::Serialize;

/// What the text says of a site's neurons.
#[derive(Serialize)]
pub(super) struct SiteText {
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
    fn new(run: &Run, site: &SiteTests, figures: &[&Figure], is_first: bool) -> Self {
        let figure = |kind: Kind| {
            let mut figures = figures.iter();
            figures
                .find(|figure| figure.kind == kind)
                .map(|figure| FigureView::new(figure))
        };
        let facts = run.stats.generalization.as_ref();
        let neurons = site.shown().filter_map(|chosen| {
            let (layer, neuron) = (chosen.layer, chosen.neuron);
            let means = figure(Kind::UposMeans { layer, neuron });
            NeuronText::new(run, site, chosen, means)
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

    fn is_empty(&self) -> bool {
        self.headline.is_none()
            && self.shown.is_none()
            && self.transfer.is_none()
            && self.confusion.is_none()
            && self.neurons.is_empty()
            && self.gap.is_none()
    }
}

/// The sites of which the text says something.
pub(super) fn sites(run: &Run, figures: &[Figure]) -> Vec<SiteText> {
    let view = |(index, site): (usize, &SiteTests)| {
        let own = figures.iter().filter(|figure| figure.site == Some(index));
        SiteText::new(run, site, &own.collect::<Vec<_>>(), index == 0)
    };
    let sites = run.sites.iter().enumerate().map(view);
    sites.filter(|site| !site.is_empty()).collect()
}

/// Whether a neuron stands for B, so that an AUC of A against B is turned round to be its own.
fn is_of_b(run: &Run, neuron: &Chosen) -> bool {
    neuron.category == run.stats.category_b
}

/// An AUC of A against B as that of the neuron's own category against the other.
fn own_auc(run: &Run, neuron: &Chosen, auc: f64) -> f64 {
    if is_of_b(run, neuron) { 1.0 - auc } else { auc }
}
