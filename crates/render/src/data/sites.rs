//! The tests of one site, by layer, with the neurons that are shown and what is drawn of them.

use super::table_errors::{contradicts_tests, missing};
use selectron_run::error::{Error, Result};
use selectron_run::manifest::{LayerCounts, SelectedNeuron, ShownFacts, StatsFacts};
use selectron_run::pipeline::Statistic;
use selectron_run::{NeuronId, Place, RunDir, Side, Sides, Site, Table};
use selectron_tables::activations::{ActivationReader, Block};
use selectron_tables::rows::{OfPlace, TValueRow, TokenRow, WordRow};
use std::collections::BTreeMap;

/// The tests of a layer.
#[derive(Debug, Clone)]
pub struct LayerTests {
    /// The site and layer.
    pub place: Place,
    /// What the stats stage counted.
    pub counts: LayerCounts,
    /// The neurons, in order; at least one.
    pub neurons: Vec<TValueRow>,
}

/// A neuron that is shown.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The side of the contrast that it stands for.
    pub side: Side,
    /// The neuron.
    pub id: NeuronId,
    /// Its t; of one that the pipeline names it may be undefined.
    pub t: Option<f64>,
    /// Whether it is significant.
    pub significant: bool,
    /// Whether it was chosen by its t; else the pipeline names it.
    pub selected: bool,
    /// Its activation at each token of the text, in the order of the tokens; empty where the run has
    /// no text.
    pub over_text: Vec<f32>,
}

/// Activations of the words at the layer that is drawn, one row per word.
#[derive(Debug, Clone)]
pub struct Items {
    /// The site and layer.
    pub place: Place,
    /// A row for each word, in the order of the run's words, with a value for each neuron.
    pub rows: Vec<Vec<f32>>,
}

/// The tests of a site.
#[derive(Debug, Clone)]
pub struct SiteTests {
    /// The site.
    pub site: Site,
    /// Its layers, in ascending order; at least one.
    pub layers: Vec<LayerTests>,
    /// The neurons with the largest and with the smallest t, which stand for A and for B; none if no
    /// t is defined.
    pub by_side: Sides<Option<Chosen>>,
    /// The neurons that the pipeline names to be shown on the text besides.
    pub named: Vec<Chosen>,
    /// Activations of the words at the layer of the neuron with the largest abs(t).
    pub items: Option<Items>,
}

impl LayerTests {
    /// A neuron's test.
    pub fn test(&self, neuron: usize) -> Option<&TValueRow> {
        let index = self.neurons.binary_search_by_key(&neuron, |row| row.neuron);
        index.ok().map(|index| &self.neurons[index])
    }
}

impl SiteTests {
    /// Every tested neuron.
    pub fn neurons(&self) -> impl Iterator<Item = &TValueRow> {
        self.layers.iter().flat_map(|layer| &layer.neurons)
    }

    /// The tests of a layer, with its place among the site's layers.
    ///
    /// # Panics
    /// When it has none: every layer of a shown neuron has been tested.
    pub fn layer(&self, place: Place) -> (usize, &LayerTests) {
        let mut layers = self.layers.iter().enumerate();
        match layers.find(|(_, layer)| layer.place == place) {
            Some(found) => found,
            None => panic!("{place} has no tests"),
        }
    }

    /// The chosen neurons, A's first.
    pub fn chosen(&self) -> impl Iterator<Item = &Chosen> {
        self.by_side
            .iter()
            .filter_map(|(_, chosen)| chosen.as_ref())
    }

    /// The chosen neurons, then those that the pipeline names.
    pub fn shown(&self) -> impl Iterator<Item = &Chosen> {
        self.chosen().chain(&self.named)
    }

    /// A count, summed over the layers.
    pub fn total(&self, count: impl Fn(&LayerCounts) -> usize) -> usize {
        self.layers.iter().map(|layer| count(&layer.counts)).sum()
    }

    /// Reads the activations of the words at the layer of the most telling neuron.
    pub(super) fn read_items(
        &mut self,
        reader: &ActivationReader,
        words: &[WordRow],
        run: &RunDir,
    ) -> Result<()> {
        let strongest = self
            .chosen()
            .filter_map(|chosen| Some((chosen.t?.abs(), chosen.id.place)))
            .max_by(|one, two| one.0.total_cmp(&two.0));
        let Some((_, place)) = strongest else {
            return Ok(());
        };
        let block = reader.read(place)?;
        let (_, layer) = self.layer(place);
        if let Some(row) = layer.neurons.iter().find(|row| row.neuron >= block.width) {
            let what = format!("neuron {} of {place}", row.neuron);
            return Err(missing(run, Table::Activations, &what));
        }
        let items = block.keys[0].iter().enumerate();
        let index: BTreeMap<usize, usize> = items.map(|(row, item)| (*item, row)).collect();
        let row = |word: &WordRow| match index.get(&word.item) {
            Some(row) => Ok(block.row(*row).to_vec()),
            None => {
                let what = format!("item {}", word.item);
                Err(missing(run, Table::Activations, &what))
            }
        };
        let rows = words.iter().map(row).collect::<Result<_>>()?;
        self.items = Some(Items { place, rows });
        Ok(())
    }

    /// Reads the shown neurons' activations over the text.
    pub(super) fn read_text(
        &mut self,
        reader: &ActivationReader,
        tokens: &[TokenRow],
        run: &RunDir,
    ) -> Result<()> {
        let mut shown: BTreeMap<Place, Vec<&mut Chosen>> = BTreeMap::new();
        let Sides { a, b } = &mut self.by_side;
        for chosen in [a, b].into_iter().flatten().chain(&mut self.named) {
            shown.entry(chosen.id.place).or_default().push(chosen);
        }
        for (place, chosen) in shown {
            let missing = |what: &str| missing(run, Table::ShownActivations, what);
            let Some(neurons) = reader.neurons(place)? else {
                return Err(missing(&format!("the shown neurons of {place}")));
            };
            let block = reader.read(place)?;
            if block.width != neurons.len() {
                return Err(Error::artifact(
                    run.table(Table::ShownActivations),
                    format!(
                        "names {} neurons of {place}, and holds {}",
                        neurons.len(),
                        block.width
                    ),
                    "rerun the stats stage with --force",
                ));
            }
            for chosen in chosen {
                let neuron = chosen.id.neuron;
                let column = neurons.iter().position(|held| *held == neuron);
                let column =
                    column.ok_or_else(|| missing(&format!("neuron {neuron} of {place}")))?;
                chosen.over_text = column_of_text(&block, column, tokens)
                    .map_err(|token| missing(&format!("neuron {neuron} at {token}")))?;
            }
        }
        Ok(())
    }
}

/// A column of a block, in the order of the text's tokens; else the token that the block has not.
fn column_of_text(block: &Block, column: usize, tokens: &[TokenRow]) -> Result<Vec<f32>, String> {
    let key = |row: usize| [0, 1, 2].map(|key| block.keys[key][row]);
    let index: BTreeMap<[usize; 3], usize> = (0..block.rows()).map(|row| (key(row), row)).collect();
    let value = |token: &TokenRow| {
        let key = [token.document, token.window, token.position];
        let [document, window, position] = key;
        let row = index
            .get(&key)
            .ok_or_else(|| format!("document {document}, window {window}, position {position}"))?;
        Ok(block.row(*row)[column])
    };
    tokens.iter().map(value).collect()
}

/// Splits the tests of a statistic by site and layer, in the order of the sites, and joins each
/// layer with its counts and each site with the neurons that are shown of it.
pub(super) fn split(
    tests: Vec<TValueRow>,
    statistic: Statistic,
    stats: &StatsFacts,
    run: &RunDir,
) -> Result<Vec<SiteTests>> {
    let mut layers: BTreeMap<Place, Vec<TValueRow>> = BTreeMap::new();
    for row in tests.into_iter().filter(|row| row.statistic == statistic) {
        layers.entry(row.place()).or_default().push(row);
    }
    let mut sites: Vec<SiteTests> = Vec::new();
    for (place, mut neurons) in layers {
        neurons.sort_by_key(|row| row.neuron);
        let counts = stats
            .layers
            .iter()
            .find(|counts| (counts.statistic, counts.place) == (statistic, place))
            .ok_or_else(|| {
                let what = format!("has no counts of {place}, which tvalues.parquet holds");
                contradicts_tests(run, &what)
            })?
            .clone();
        let tests = LayerTests {
            place,
            counts,
            neurons,
        };
        match sites.last_mut().filter(|last| last.site == place.site) {
            Some(last) => last.layers.push(tests),
            None => sites.push(SiteTests {
                site: place.site,
                layers: vec![tests],
                by_side: Sides::of(|side| selected(stats, place.site, side)),
                named: named(stats, place.site, run)?,
                items: None,
            }),
        }
    }
    if sites.is_empty() {
        let what = format!("holds no test of the statistic `{statistic}`");
        let remedy = "rerun the stats stage with --force";
        return Err(Error::artifact(run.table(Table::TValues), what, remedy));
    }
    for site in &sites {
        check_shown(site, run)?;
    }
    Ok(sites)
}

/// The neuron of a site that was selected for a side.
fn selected(stats: &StatsFacts, site: Site, side: Side) -> Option<Chosen> {
    let is_its = |neuron: &&SelectedNeuron| {
        neuron.id.place.site == site && neuron.category == stats.category(side)
    };
    let neuron = stats.selected.iter().find(is_its)?;
    Some(Chosen {
        side,
        id: neuron.id,
        t: Some(neuron.t),
        significant: neuron.significant,
        selected: true,
        over_text: Vec::new(),
    })
}

/// The neurons of a site that are shown besides the chosen ones.
fn named(stats: &StatsFacts, site: Site, run: &RunDir) -> Result<Vec<Chosen>> {
    let facts = stats.generalization.iter();
    let shown = facts.flat_map(|facts| &facts.shown);
    let named = shown.filter(|neuron| neuron.id.place.site == site && !neuron.selected);
    let chosen = |neuron: &ShownFacts| {
        let is_its = |side: &Side| stats.category(*side) == neuron.category;
        let side = Side::BOTH.into_iter().find(is_its).ok_or_else(|| {
            let what = format!(
                "shows {} for `{}`, which is not one of the two categories",
                neuron.id, neuron.category
            );
            contradicts_tests(run, &what)
        })?;
        Ok(Chosen {
            side,
            id: neuron.id,
            t: neuron.t,
            significant: neuron.significant,
            selected: false,
            over_text: Vec::new(),
        })
    };
    named.map(chosen).collect()
}

/// Refuses a neuron to be shown whose layer has not been tested.
fn check_shown(site: &SiteTests, run: &RunDir) -> Result<()> {
    let is_tested = |place: Place| site.layers.iter().any(|layer| layer.place == place);
    match site.shown().find(|shown| !is_tested(shown.id.place)) {
        None => Ok(()),
        Some(shown) => {
            let place = shown.id.place;
            let what = format!("shows a neuron of {place}, which tvalues.parquet does not hold");
            Err(contradicts_tests(run, &what))
        }
    }
}
