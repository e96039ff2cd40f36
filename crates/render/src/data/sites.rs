//! The tests of one site, by layer, with the two chosen neurons and what is drawn of them.

use selectron_tables::activations::{ActivationReader, Block};
use selectron_run::error::{Error, Result};
use selectron_run::manifest::{LayerCounts, StatsFacts};
use selectron_tables::rows::{TValueRow, TokenRow, WordRow};
use selectron_run::{RunDir, Site};
use std::collections::BTreeMap;

/// What a test says of a neuron.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// No significant difference.
    Neither,
    /// Significant, with the highest mean in a further category.
    Other,
    /// Significantly higher for A.
    A,
    /// Significantly higher for B.
    B,
}

impl Class {
    /// The class of a tested neuron; `None` where t is undefined.
    pub fn of(row: &TValueRow, stats: &StatsFacts) -> Option<Self> {
        row.t?;
        let prefers = row.prefers.as_deref().filter(|_| row.significant);
        Some(match prefers {
            None => Self::Neither,
            Some(category) if category == stats.category_a => Self::A,
            Some(category) if category == stats.category_b => Self::B,
            Some(_) => Self::Other,
        })
    }
}

/// The tests of a layer.
#[derive(Debug, Clone)]
pub struct LayerTests {
    /// The layer, from 0.
    pub layer: i32,
    /// What the stats stage counted.
    pub counts: LayerCounts,
    /// The neurons, in order.
    pub neurons: Vec<TValueRow>,
}

/// A neuron that is shown.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The category it stands for, A or B.
    pub category: String,
    /// Its layer.
    pub layer: i32,
    /// Its number.
    pub neuron: i32,
    /// Its t; of one that the pipeline names it may be undefined.
    pub t: Option<f64>,
    /// Whether it is significant.
    pub significant: bool,
    /// Whether it was chosen by its t; else the pipeline names it.
    pub selected: bool,
    /// Its activation at each token of the text, in the order of the tokens.
    pub over_text: Vec<f32>,
}

/// Activations of the words at the layer that is drawn, one row a word.
#[derive(Debug, Clone)]
pub struct Items {
    /// The layer.
    pub layer: i32,
    /// A row for each word, in the order of the run's words.
    pub rows: Vec<Vec<f32>>,
}

/// The tests of a site.
#[derive(Debug, Clone)]
pub struct SiteTests {
    /// The site.
    pub site: Site,
    /// Its layers, in ascending order.
    pub layers: Vec<LayerTests>,
    /// The neuron with the largest t; none if no t is defined.
    pub chosen_a: Option<Chosen>,
    /// The neuron with the smallest t; none if no t is defined.
    pub chosen_b: Option<Chosen>,
    /// The neurons that the pipeline names to be shown on the text besides.
    pub named: Vec<Chosen>,
    /// Activations of the words at the layer of the neuron with the largest abs(t).
    pub items: Option<Items>,
}

impl SiteTests {
    /// Every tested neuron.
    pub fn neurons(&self) -> impl Iterator<Item = &TValueRow> {
        self.layers.iter().flat_map(|layer| &layer.neurons)
    }

    /// The chosen neurons, A's first.
    pub fn chosen(&self) -> impl Iterator<Item = &Chosen> {
        self.chosen_a.iter().chain(&self.chosen_b)
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
            .filter_map(|chosen| Some((chosen.t?.abs(), chosen.layer)))
            .max_by(|one, two| one.0.total_cmp(&two.0));
        let Some((_, layer)) = strongest else {
            return Ok(());
        };
        let block = reader.read(self.site, layer)?;
        let index = index(&block);
        let row = |word: &WordRow| match index.get([word.item].as_slice()) {
            Some(row) => Ok(block.row(*row).to_vec()),
            None => Err(missing(run, "activations", &format!("item {}", word.item))),
        };
        let rows = words.iter().map(row).collect::<Result<_>>()?;
        self.items = Some(Items { layer, rows });
        Ok(())
    }

    /// Reads the shown neurons' activations over the text.
    pub(super) fn read_text(
        &mut self,
        reader: &ActivationReader,
        tokens: &[TokenRow],
        run: &RunDir,
    ) -> Result<()> {
        let site = self.site;
        let mut shown: BTreeMap<i32, Vec<&mut Chosen>> = BTreeMap::new();
        let chosen = [&mut self.chosen_a, &mut self.chosen_b];
        for chosen in chosen.into_iter().flatten().chain(&mut self.named) {
            shown.entry(chosen.layer).or_default().push(chosen);
        }
        for (layer, chosen) in shown {
            let columns = Columns::of(reader, site, layer, &chosen)?;
            let rows = columns.read(reader, site, layer)?;
            for (number, chosen) in chosen.into_iter().enumerate() {
                let value = |token: &TokenRow| {
                    let key = [token.document, token.window, token.position];
                    let value = rows.get(&key).and_then(|row| row.get(number).copied());
                    value.flatten().ok_or_else(|| {
                        let [document, window, position] = key;
                        let what = format!(
                            "neuron {} at document {document}, window {window}, position {position}",
                            chosen.neuron
                        );
                        missing(run, "text_activations", &what)
                    })
                };
                chosen.over_text = tokens.iter().map(value).collect::<Result<_>>()?;
            }
        }
        Ok(())
    }
}

/// Where the activations of some neurons of a layer stand in a table that holds all or some.
struct Columns(Vec<Option<usize>>);

impl Columns {
    fn of(
        reader: &ActivationReader,
        site: Site,
        layer: i32,
        chosen: &[&mut Chosen],
    ) -> Result<Self> {
        let held = reader.neurons(site, layer)?;
        let column = |chosen: &&mut Chosen| match &held {
            Some(held) => held.iter().position(|neuron| *neuron == chosen.neuron),
            None => usize::try_from(chosen.neuron).ok(),
        };
        Ok(Self(chosen.iter().map(column).collect()))
    }

    /// The neurons' activations by document, window and position; none where the table has none.
    fn read(
        &self,
        reader: &ActivationReader,
        site: Site,
        layer: i32,
    ) -> Result<BTreeMap<[i32; 3], Vec<Option<f32>>>> {
        let mut rows = BTreeMap::new();
        reader.stream(site, layer, |block: Block| {
            for index in 0..block.rows() {
                let row = block.row(index);
                let own = self.0.iter().map(|column| row.get((*column)?).copied());
                let key = [0, 1, 2].map(|key: usize| {
                    let column = block.keys.get(key).and_then(|keys| keys.get(index));
                    column.copied().unwrap_or(-1)
                });
                rows.insert(key, own.collect());
            }
            Ok::<(), Error>(())
        })?;
        Ok(rows)
    }
}

/// Splits the tests of the first statistic by site and layer, in the manifest's order, and joins
/// each layer with its counts.
pub(super) fn split(
    tests: Vec<TValueRow>,
    stats: &StatsFacts,
    run: &RunDir,
) -> Result<Vec<SiteTests>> {
    let statistic = stats.statistics.first().map_or("", String::as_str);
    let mut layers: BTreeMap<(Site, i32), Vec<TValueRow>> = BTreeMap::new();
    for row in tests.into_iter().filter(|row| row.statistic == statistic) {
        let site = parse_site(&row.site, run)?;
        layers.entry((site, row.layer)).or_default().push(row);
    }
    let mut sites: Vec<SiteTests> = Vec::new();
    for ((site, layer), mut neurons) in layers {
        neurons.sort_by_key(|row| row.neuron);
        let counts = stats
            .layers
            .iter()
            .find(|counts| {
                (
                    counts.statistic.as_str(),
                    counts.site.as_str(),
                    counts.layer,
                ) == (statistic, site.name(), layer)
            })
            .ok_or_else(|| at_odds(run, &format!("has no counts of {site}, layer {layer}")))?
            .clone();
        let tests = LayerTests {
            layer,
            counts,
            neurons,
        };
        match sites.last_mut().filter(|last| last.site == site) {
            Some(last) => last.layers.push(tests),
            None => sites.push(SiteTests {
                site,
                layers: vec![tests],
                chosen_a: chosen(stats, site, &stats.category_a),
                chosen_b: chosen(stats, site, &stats.category_b),
                named: named(stats, site),
                items: None,
            }),
        }
    }
    if sites.is_empty() {
        let what = format!("holds no test of the statistic `{statistic}`");
        let remedy = "rerun the stats stage with --force";
        return Err(Error::artifact(run.table("tvalues"), what, remedy));
    }
    Ok(sites)
}

fn chosen(stats: &StatsFacts, site: Site, category: &str) -> Option<Chosen> {
    let mut selected = stats.selected.iter();
    let neuron =
        selected.find(|neuron| neuron.site == site.name() && neuron.category == category)?;
    Some(Chosen {
        category: neuron.category.clone(),
        layer: neuron.layer,
        neuron: neuron.neuron,
        t: Some(neuron.t),
        significant: neuron.significant,
        selected: true,
        over_text: Vec::new(),
    })
}

/// The neurons of a site that are shown besides the chosen ones.
fn named(stats: &StatsFacts, site: Site) -> Vec<Chosen> {
    let facts = stats.generalization.iter();
    let shown = facts.flat_map(|facts| &facts.shown);
    shown
        .filter(|neuron| neuron.site == site.name() && !neuron.selected)
        .map(|neuron| Chosen {
            category: neuron.category.clone(),
            layer: neuron.layer,
            neuron: neuron.neuron,
            t: neuron.t,
            significant: neuron.significant,
            selected: false,
            over_text: Vec::new(),
        })
        .collect()
}

fn parse_site(name: &str, run: &RunDir) -> Result<Site> {
    name.parse().map_err(|what: String| {
        Error::artifact(
            run.table("tvalues"),
            what,
            "rerun the stats stage with --force",
        )
    })
}

/// The row of each key of a block.
fn index(block: &Block) -> BTreeMap<Vec<i32>, usize> {
    (0..block.rows())
        .map(|row| {
            let key = block
                .keys
                .iter()
                .filter_map(|column| column.get(row).copied());
            (key.collect(), row)
        })
        .collect()
}

fn missing(run: &RunDir, table: &str, what: &str) -> Error {
    Error::artifact(
        run.table(table),
        format!("holds no activation of {what}, which another table names"),
        "rerun the extract stage with --force",
    )
}

fn at_odds(run: &RunDir, what: &str) -> Error {
    Error::artifact(
        run.manifest(),
        format!("{what}, which tvalues.parquet holds"),
        "rerun the stats stage with --force",
    )
}
