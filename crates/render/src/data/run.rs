//! A run as the render stage sees it.

use super::checks::Checks;
use super::document::{Shown, pieces};
use super::in_text::InText;
use super::measure::Measure;
use super::sites::{self, SiteTests};
use super::table_errors::contradicts_tests;
use selectron_run::error::Result;
use selectron_run::manifest::{ExtractFacts, Manifest, PipelineFacts, StatsFacts};
use selectron_run::pipeline::{Pipeline, Scaling};
use selectron_run::{RunDir, Side, Table};
use selectron_tables::Provenance;
use selectron_tables::activations::{ActivationReader, Subject};
use selectron_tables::rows::{TValueRow, TokenRow, WordRow};
use selectron_tables::table::read_table;

/// A run as the render stage sees it.
#[derive(Debug)]
pub struct Run {
    /// The experiment.
    pub pipeline: PipelineFacts,
    /// Version of the program that ran it.
    pub version: String,
    /// What was recorded.
    pub extract: ExtractFacts,
    /// What was found.
    pub stats: StatsFacts,
    /// The first statistic, which is the one that is shown.
    pub measure: Measure,
    /// The words put before the model, A's first, each category in its own order.
    pub words: Vec<WordRow>,
    /// The text's tokens, in order; none if the pipeline has no text.
    pub tokens: Option<Vec<TokenRow>>,
    /// The tests of the first statistic, one entry per site; at least one.
    pub sites: Vec<SiteTests>,
    /// How the stats stage tested its own findings.
    pub checks: Checks,
    /// How the neurons perform in the text.
    pub in_text: InText,
    /// The parts of speech that stand for the categories in tagged text, by category.
    pub tags: Vec<(String, String)>,
    /// How activations over the text are scaled to colours.
    pub scaling: Scaling,
}

impl Run {
    /// Reads all that is drawn.
    ///
    /// # Errors
    /// When an earlier stage has not run, or a table is missing, damaged, of another pipeline, or
    /// contradicts the manifest.
    pub fn load(pipeline: &Pipeline, manifest: &Manifest, run: &RunDir) -> Result<Self> {
        let extract = manifest.extracted(run)?.clone();
        let stats = manifest.tested(run)?.clone();
        let statistic = stats
            .first_statistic()
            .ok_or_else(|| contradicts_tests(run, "names no statistic"))?;
        let provenance = Provenance::new(&pipeline.name);
        let words = in_order(read_table(run.table(Table::Words), &provenance)?, &stats);
        let tests: Vec<TValueRow> = read_table(run.table(Table::TValues), &provenance)?;
        let tokens: Option<Vec<TokenRow>> = match extract.text {
            Some(_) => Some(read_table(run.table(Table::Tokens), &provenance)?),
            None => None,
        };
        let mut sites = sites::split(tests, statistic, &stats, run)?;
        let open = |subject: Subject| {
            ActivationReader::open(run.table(subject.table()), subject, &provenance)
        };
        let items = open(Subject::Words)?;
        for site in &mut sites {
            site.read_items(&items, &words, run)?;
        }
        if let Some(tokens) = &tokens {
            let shown = open(Subject::Shown)?;
            for site in &mut sites {
                site.read_text(&shown, tokens, run)?;
            }
        }
        Ok(Self {
            pipeline: manifest.pipeline.clone(),
            version: manifest.selectron.clone(),
            measure: Measure::of(statistic),
            checks: Checks::load(run, &provenance, statistic)?,
            in_text: InText::load(run, &provenance, stats.generalization.as_ref())?,
            tags: tags(pipeline),
            extract,
            stats,
            words,
            tokens,
            sites,
            scaling: pipeline.render.scaling.unwrap_or(Scaling::MinMax),
        })
    }

    /// Whether a token is one that the presentation puts at the start or the end of a window, such
    /// as a beginning-of-sequence token: it covers no text.
    pub fn is_bos(&self, token: &TokenRow) -> bool {
        self.extract.presentation.has_bos() && token.char_start == token.char_end
    }

    /// The text as it is shown; none if there is none.
    pub fn shown(&self) -> Option<Shown> {
        let tokens = self.tokens.as_ref()?;
        let sentences = self.in_text.sentences();
        let sentence = |token: &TokenRow| sentences.get(&(token.document, token.word?)).copied();
        Some(pieces(tokens, |token| self.is_bos(token), sentence))
    }
}

/// The part of speech of each category that has one.
fn tags(pipeline: &Pipeline) -> Vec<(String, String)> {
    let categories = pipeline.category.iter();
    categories
        .filter_map(|category| Some((category.name.clone(), category.upos()?)))
        .collect()
}

/// The words of A, then those of B, then any controls', each category in its own order.
fn in_order(mut words: Vec<WordRow>, stats: &StatsFacts) -> Vec<WordRow> {
    let place = |word: &WordRow| {
        let is_its = |side: &Side| stats.category(*side) == word.category;
        let side = Side::BOTH.iter().position(is_its);
        side.unwrap_or(Side::BOTH.len())
    };
    words.sort_by_key(|word| (place(word), word.item));
    words
}
