//! The tables of the text, when all layers have been scored and it is known which neurons are shown.

use super::alone::alone;
use super::classes::Confusion;
use super::examples::{Documents, examples};
use super::inputs::Text;
use super::layer::TextRows;
use super::rows::{generalises, note_shown};
use super::score::Scorer;
use super::shown::shown_at;
use super::traces::columns;
use super::transfer::{InText, InWords, transfer};
use crate::outputs::Outputs;
use crate::results::{Corrected, Results};
use selectron_run::error::{Error, Result};
use selectron_run::manifest::{GeneralizationFacts, LayerGeneralization, ShownFacts};
use selectron_run::{Place, Side, Table};
use selectron_tables::activations::{Block, ShownWriter};
use selectron_tables::row::Row;
use selectron_tables::rows::{
    ContextGapRow, ExampleRow, GeneralizationRow, PreferenceRow, TextNullRow, TransferRow,
    UposMeanRow,
};
use selectron_tables::table::TableWriter;

/// The tables that are written a layer at a time.
struct Writers {
    neurons: TableWriter<GeneralizationRow>,
    upos: TableWriter<UposMeanRow>,
    preferences: TableWriter<PreferenceRow>,
    nulls: TableWriter<TextNullRow>,
}

/// What is kept of the layers until the end.
struct Gathered {
    transfer: Vec<TransferRow>,
    examples: Vec<ExampleRow>,
    gaps: Vec<ContextGapRow>,
    layers: Vec<LayerGeneralization>,
    confusion: Confusion,
}

/// Writes the tables of a text that has no words of A or none of B: the activations of the shown
/// neurons alone.
///
/// # Errors
/// When a table does not fit the others, or the run directory cannot be read or written.
pub fn collect_unscored(
    text: &Text<'_>,
    results: &Results<'_>,
    shown: &[ShownFacts],
    outputs: &mut Outputs<'_>,
) -> Result<()> {
    let mut activations = ShownActivations::create(text, outputs)?;
    for tests in results.of_study(0) {
        activations.write(tests.raw.place, &shown_at(tests.raw.place, shown))?;
    }
    activations.close(outputs)
}

/// Writes the tables of a scored text, a layer at a time. `rows_of` gives the rows of a site and
/// layer as [`score`](super::layer::score) made them.
///
/// # Errors
/// When a table does not fit the others, or the run directory cannot be read or written.
pub fn collect(
    text: &Text<'_>,
    scorer: &Scorer<'_>,
    results: &Results<'_>,
    mut shown: Vec<ShownFacts>,
    rows_of: impl Fn(Place) -> Result<TextRows>,
    outputs: &mut Outputs<'_>,
) -> Result<(GeneralizationFacts, Vec<TransferRow>)> {
    let names = text.pipeline.category.iter();
    let mut gathered = Gathered {
        transfer: Vec::new(),
        examples: Vec::new(),
        gaps: Vec::new(),
        layers: Vec::new(),
        confusion: Confusion::new(names.map(|category| category.name.clone())),
    };
    let documents = Documents::new(&text.words.tokens);
    let mut writers = Writers::create(outputs)?;
    let mut activations = ShownActivations::create(text, outputs)?;
    for tests in results.of_study(0) {
        let place = tests.raw.place;
        let mut rows = rows_of(place)?;
        let neurons = shown_at(place, &shown);
        let columns = activations.write(place, &neurons)?;
        let mut looked_at = Vec::new();
        for (neuron, column) in neurons.iter().zip(&columns) {
            let category = category_of(text, &shown, place, *neuron)?;
            looked_at.push((column.as_slice(), category));
            let seed = text.pipeline.seed;
            let id = place.neuron(*neuron);
            let some = examples(id, column, &text.words, &documents, seed);
            gathered.examples.extend(some);
        }
        for (neuron, alone) in neurons.iter().zip(alone(text, scorer, &looked_at)) {
            note_shown(&mut rows.neurons[*neuron], &alone);
        }
        summarise(text, tests, &rows, &mut shown, &mut gathered);
        writers.write(&rows)?;
        gathered.gaps.extend(rows.gaps);
    }
    writers.close(outputs)?;
    outputs.write(&gathered.transfer)?;
    outputs.write(&gathered.examples)?;
    if text.presentations.is_some() {
        outputs.write(&gathered.gaps)?;
    }
    activations.close(outputs)?;
    let facts = facts(text, scorer, shown, gathered.layers, gathered.confusion);
    Ok((facts, gathered.transfer))
}

/// The category that a shown neuron is shown for, as an index in the pipeline.
fn category_of(
    text: &Text<'_>,
    shown: &[ShownFacts],
    place: Place,
    neuron: usize,
) -> Result<usize> {
    let facts = shown.iter().find(|facts| facts.id == place.neuron(neuron));
    let category = facts.and_then(|facts| {
        let mut categories = text.pipeline.category.iter();
        categories.position(|category| category.name == facts.category)
    });
    category.ok_or_else(|| Error::bug(format!("{place}, neuron {neuron} is shown for nothing")))
}

/// Compares a layer's effects in the text with those in isolated words, and notes which of the shown
/// neurons generalise.
fn summarise(
    text: &Text<'_>,
    tests: &Corrected,
    rows: &TextRows,
    shown: &mut [ShownFacts],
    gathered: &mut Gathered,
) {
    let (place, test) = (tests.raw.place, &text.pipeline.test);
    let in_words = InWords::of(tests, test);
    let in_text: Vec<InText> = rows
        .neurons
        .iter()
        .map(|row| InText {
            auc: row.auc,
            d: row.cohen_d,
        })
        .collect();
    let transfer = transfer(place, &in_words, &in_text);
    let generalises =
        |neuron: usize| generalises(&in_words[neuron], &rows.neurons[neuron], test.alpha);
    for facts in shown.iter_mut().filter(|facts| facts.id.place == place) {
        facts.generalises = generalises(facts.id.neuron);
    }
    let aucs = || rows.neurons.iter().filter_map(|row| row.auc);
    gathered.layers.push(LayerGeneralization {
        place,
        neurons: rows.neurons.len(),
        significant: transfer.significant,
        same_side: transfer.same_sign,
        generalise: (0..rows.neurons.len())
            .filter(|neuron| generalises(*neuron))
            .count(),
        highest: aucs().reduce(f64::max),
        lowest: aucs().reduce(f64::min),
        shuffled_best: rows.shuffled_best,
        control_best: rows.control_best,
        transfer: transfer.correlation,
    });
    gathered.confusion.count(&rows.preferences);
    gathered.transfer.push(transfer);
}

fn facts(
    text: &Text<'_>,
    scorer: &Scorer<'_>,
    shown: Vec<ShownFacts>,
    layers: Vec<LayerGeneralization>,
    confusion: Confusion,
) -> GeneralizationFacts {
    let words = &text.words;
    GeneralizationFacts {
        n_a: words.count_side(Side::A, false),
        n_b: words.count_side(Side::B, false),
        n_other: words.count_others(),
        n_a_seen: words.count_side(Side::A, true),
        n_b_seen: words.count_side(Side::B, true),
        types: scorer.nulls.types,
        sentences: words.sentences,
        shuffles: text.section.shuffles(text.pipeline.test.alpha),
        resamples: text.section.resamples,
        layers,
        shown,
        confusion: confusion.finish(),
    }
}

impl Writers {
    fn create(outputs: &Outputs<'_>) -> Result<Self> {
        Ok(Self {
            neurons: outputs.writer()?,
            upos: outputs.writer()?,
            preferences: outputs.writer()?,
            nulls: outputs.writer()?,
        })
    }

    fn write(&mut self, rows: &TextRows) -> Result<()> {
        self.neurons.write(&rows.neurons)?;
        self.upos.write(&rows.upos)?;
        self.preferences.write(&rows.preferences)?;
        self.nulls.write(&rows.nulls)
    }

    fn close(self, outputs: &mut Outputs<'_>) -> Result<()> {
        outputs.note(GeneralizationRow::TABLE, self.neurons.close()?)?;
        outputs.note(UposMeanRow::TABLE, self.upos.close()?)?;
        outputs.note(PreferenceRow::TABLE, self.preferences.close()?)?;
        outputs.note(TextNullRow::TABLE, self.nulls.close()?)
    }
}

/// The activations of the shown neurons over all tokens: `shown_activations.parquet`.
struct ShownActivations<'a> {
    text: &'a Text<'a>,
    writer: ShownWriter,
}

impl<'a> ShownActivations<'a> {
    fn create(text: &'a Text<'a>, outputs: &Outputs<'_>) -> Result<Self> {
        let path = outputs.run.table(Table::ShownActivations);
        let writer = ShownWriter::create(path, outputs.provenance)?;
        Ok(Self { text, writer })
    }

    /// Writes some neurons of a site and layer, and returns the activations of each over all tokens.
    fn write(&mut self, place: Place, neurons: &[usize]) -> Result<Vec<Vec<f32>>> {
        if neurons.is_empty() {
            return Ok(Vec::new());
        }
        let words = &self.text.words;
        let columns = columns(&self.text.activations, words, place, neurons)?;
        let tokens = || words.tokens.iter();
        let block = Block {
            place,
            keys: vec![
                tokens().map(|token| token.document).collect(),
                tokens().map(|token| token.window).collect(),
                tokens().map(|token| token.position).collect(),
            ],
            width: neurons.len(),
            values: (0..words.tokens.len())
                .flat_map(|token| columns.iter().map(move |column| column[token]))
                .collect(),
        };
        self.writer.write(block, neurons)?;
        Ok(columns)
    }

    fn close(self, outputs: &mut Outputs<'_>) -> Result<()> {
        outputs.note(Table::ShownActivations, self.writer.close()?)
    }
}
