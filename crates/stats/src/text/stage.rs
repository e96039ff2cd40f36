//! The order of the work on the text: a layer at a time, every table as it goes.

use super::classes::Confusion;
use super::examples::Documents;
use super::layer::{LayerRows, LayerWork};
use super::narrow::{self, Kept};
use super::nulls::TextNulls;
use super::report;
use super::score::Contrasts;
use super::traces::{BOUND, Traces};
use super::words::TextWords;
use crate::error::Result;
use crate::results::{Part, Results};
use crate::stage::{FOR_CONTROL_TASKS, FOR_SHUFFLED_LABELS, STAGE, Work};
use selectron_tables::activations::{ActivationReader, Subject};
use selectron_run::manifest::{
    ExtractFacts, GeneralizationFacts, LayerGeneralization, ShownFacts, StatsFacts,
};
use selectron_run::pipeline::TextSection;
use selectron_tables::table::{Row, TableWriter, read_table};
use selectron_tables::rows::{
    ContextGapRow, ExampleRow, GeneralizationRow, PreferenceRow, TextNullRow, TextWordRow,
    TokenRow, TransferRow, UposMeanRow,
};

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
    kept: Vec<Kept>,
}

/// Scores the neurons on the text, if there is one with words of A and B. Notes the tables, and the
/// file that is to take the place of the activations of all neurons, among the artifacts.
///
/// # Errors
/// When a table does not fit the others, or the run directory cannot be read or written.
pub(crate) fn run(
    work: &Work<'_>,
    results: &Results,
    activations: &ActivationReader,
    shown: Vec<ShownFacts>,
    facts: &mut StatsFacts,
) -> Result<()> {
    let (Some(section), Some(extracted)) = (&work.task.pipeline.text, work.extracted) else {
        return remove_tables(work);
    };
    if extracted.text.is_none() {
        return remove_tables(work);
    }
    let words = read_words(work)?;
    let path = work.task.run.table(Subject::Text.table());
    let reader = ActivationReader::open(path, Subject::Text, work.provenance)?;
    let of = |wanted: usize| words.count(|category, _| category == Some(wanted));
    let kept = if of(0) > 0 && of(1) > 0 {
        let text = Text {
            work,
            section,
            extracted,
            words: &words,
            reader: &reader,
            activations,
        };
        text.score(results, shown, facts)?
    } else {
        remove_tables(work)?;
        work.console.warn(format_args!(
            "the text has {} scored words of {} and {} of {}: no neuron is scored on it",
            of(0),
            facts.category_a,
            of(1),
            facts.category_b
        ));
        keep(results, &shown, &words, &reader)?
    };
    if narrow::parts(extracted).is_some() {
        let artifacts = narrow::write(&work.task.run, STAGE, work.provenance, &words, &kept)?;
        work.console.wrote(format_args!(
            "{}: the {} shown neurons, in place of all",
            narrow::FILE,
            kept.iter().map(|one| one.neurons.len()).sum::<usize>()
        ));
        facts.artifacts.extend(artifacts);
    }
    Ok(())
}

fn read_words(work: &Work<'_>) -> Result<TextWords> {
    let run = &work.task.run;
    let tokens = read_table::<TokenRow>(run.table(TokenRow::TABLE), work.provenance)?;
    let words = read_table::<TextWordRow>(run.table(TextWordRow::TABLE), work.provenance)?;
    TextWords::new(&work.task.pipeline, tokens, words)
}

fn remove_tables(work: &Work<'_>) -> Result<()> {
    work.remove_table::<GeneralizationRow>()?;
    work.remove_table::<UposMeanRow>()?;
    work.remove_table::<PreferenceRow>()?;
    work.remove_table::<TextNullRow>()?;
    work.remove_table::<TransferRow>()?;
    work.remove_table::<ExampleRow>()?;
    work.remove_table::<ContextGapRow>()
}

/// The shown neurons of a site and layer, in order.
pub(super) fn shown_here(part: &Part, shown: &[ShownFacts]) -> Vec<usize> {
    let here = shown
        .iter()
        .filter(|one| one.site == part.site.name() && one.layer == part.layer);
    let mut neurons: Vec<usize> = here
        .filter_map(|one| usize::try_from(one.neuron).ok())
        .collect();
    neurons.sort_unstable();
    neurons.dedup();
    neurons
}

/// The shown neurons' activations alone.
fn keep(
    results: &Results,
    shown: &[ShownFacts],
    words: &TextWords,
    reader: &ActivationReader,
) -> Result<Vec<Kept>> {
    let mut kept = Vec::new();
    for part in results.of_study(0) {
        let neurons = shown_here(part, shown);
        if !neurons.is_empty() {
            kept.push(Kept::read(reader, words, (part.site, part.layer), neurons)?);
        }
    }
    Ok(kept)
}

/// A text with words of A and B.
struct Text<'a> {
    work: &'a Work<'a>,
    section: &'a TextSection,
    extracted: &'a ExtractFacts,
    words: &'a TextWords,
    reader: &'a ActivationReader,
    activations: &'a ActivationReader,
}

impl Text<'_> {
    /// Scores every neuron and writes the tables. Returns the shown neurons' activations.
    fn score(
        &self,
        results: &Results,
        mut shown: Vec<ShownFacts>,
        facts: &mut StatsFacts,
    ) -> Result<Vec<Kept>> {
        let pipeline = &self.work.task.pipeline;
        let nulls = TextNulls::new(
            self.words,
            self.section.shuffles,
            pipeline.seed,
            [FOR_SHUFFLED_LABELS, FOR_CONTROL_TASKS],
        );
        let names = pipeline
            .category
            .iter()
            .map(|category| category.name.clone());
        let mut gathered = Gathered {
            transfer: Vec::new(),
            examples: Vec::new(),
            gaps: Vec::new(),
            layers: Vec::new(),
            confusion: Confusion::new(names),
            kept: Vec::new(),
        };
        let mut writers = self.writers()?;
        self.layers(results, &nulls, &mut shown, &mut writers, &mut gathered)?;
        self.finish(writers, &mut gathered, facts)?;
        facts.generalization = Some(self.facts(&nulls, shown, &mut gathered));
        report::generalization(facts, &gathered.transfer, self.work.console);
        Ok(gathered.kept)
    }

    fn layers(
        &self,
        results: &Results,
        nulls: &TextNulls,
        shown: &mut [ShownFacts],
        writers: &mut Writers,
        gathered: &mut Gathered,
    ) -> Result<()> {
        let contrasts = Contrasts::new(self.words);
        let documents = Documents::new(&self.words.tokens);
        let presentations = self.presentations()?;
        let traces = Traces {
            reader: self.reader,
            words: self.words,
            reduce: self.section.reduce,
            folder: self.work.task.run.path(),
            bound: BOUND,
        };
        let layers = LayerWork::new(
            self.work,
            self.section,
            &traces,
            &contrasts,
            nulls,
            &documents,
            presentations
                .as_ref()
                .map(|reader| (reader, self.extracted.presentations.as_slice())),
        );
        let progress = self
            .work
            .console
            .progress("scoring the text", results.of_study(0).count());
        for part in results.of_study(0) {
            let sample = self.activations.read(part.site, part.layer)?;
            let rows = layers.run(part, &sample, shown)?;
            writers.write(&rows)?;
            gathered.take(rows);
            progress.inc(1);
        }
        progress.finish_and_clear();
        Ok(())
    }

    fn presentations(&self) -> Result<Option<ActivationReader>> {
        let path = self.work.task.run.table(Subject::Presentations.table());
        if self.extracted.presentations.is_empty() {
            return Ok(None);
        }
        let reader = ActivationReader::open(path, Subject::Presentations, self.work.provenance)?;
        Ok(Some(reader))
    }

    fn writers(&self) -> Result<Writers> {
        let provenance = self.work.provenance;
        let run = &self.work.task.run;
        Ok(Writers {
            neurons: TableWriter::create(run.table(GeneralizationRow::TABLE), provenance)?,
            upos: TableWriter::create(run.table(UposMeanRow::TABLE), provenance)?,
            preferences: TableWriter::create(run.table(PreferenceRow::TABLE), provenance)?,
            nulls: TableWriter::create(run.table(TextNullRow::TABLE), provenance)?,
        })
    }

    fn finish(
        &self,
        writers: Writers,
        gathered: &mut Gathered,
        facts: &mut StatsFacts,
    ) -> Result<()> {
        let work = self.work;
        work.note::<GeneralizationRow>(writers.neurons.close()?, facts)?;
        work.note::<UposMeanRow>(writers.upos.close()?, facts)?;
        work.note::<PreferenceRow>(writers.preferences.close()?, facts)?;
        work.note::<TextNullRow>(writers.nulls.close()?, facts)?;
        work.write_table(&gathered.transfer, facts)?;
        work.write_table(&gathered.examples, facts)?;
        if self.extracted.presentations.is_empty() {
            work.remove_table::<ContextGapRow>()
        } else {
            work.write_table(&gathered.gaps, facts)
        }
    }

    fn facts(
        &self,
        nulls: &TextNulls,
        shown: Vec<ShownFacts>,
        gathered: &mut Gathered,
    ) -> GeneralizationFacts {
        let words = self.words;
        let of = |wanted: usize, seen: bool| {
            words.count(|category, was| category == Some(wanted) && was == seen)
        };
        let other = |category: Option<usize>| !matches!(category, Some(0 | 1));
        GeneralizationFacts {
            n_a: of(0, false),
            n_b: of(1, false),
            n_other: words.count(|category, seen| other(category) && !seen),
            n_a_seen: of(0, true),
            n_b_seen: of(1, true),
            types: nulls.types,
            sentences: words.sentences,
            shuffles: self.section.shuffles,
            resamples: self.section.resamples,
            layers: std::mem::take(&mut gathered.layers),
            shown,
            confusion: std::mem::replace(&mut gathered.confusion, Confusion::new([].into_iter()))
                .finish(),
        }
    }
}

impl Writers {
    fn write(&mut self, rows: &LayerRows) -> Result<()> {
        self.neurons.write(&rows.neurons)?;
        self.upos.write(&rows.upos)?;
        self.preferences.write(&rows.preferences)?;
        self.nulls.write(&rows.nulls)?;
        Ok(())
    }
}

impl Gathered {
    fn take(&mut self, rows: LayerRows) {
        self.confusion.see(&rows.preferences);
        self.transfer.push(rows.transfer);
        self.examples.extend(rows.examples);
        self.gaps.extend(rows.gaps);
        self.layers.push(rows.summary);
        self.kept.extend(rows.kept);
    }
}
