//! What the earlier stages left in the run directory, read and joined for drawing.

mod checks;
mod document;
mod in_text;
mod measure;
mod sites;

pub use checks::Checks;
use document::pieces;
pub use document::{Document, Piece, Shown};
pub use in_text::InText;
pub use measure::Measure;
pub use sites::{Chosen, Class, Items, LayerTests, SiteTests};

use crate::error::Result;
use selectron_tables::activations::{ActivationReader, Subject};
use selectron_run::manifest::{ExtractFacts, Manifest, PipelineFacts, StatsFacts};
use selectron_run::pipeline::{Pipeline, Scaling};
use selectron_tables::table::{Provenance, Row, read_table};
use selectron_tables::rows::{TValueRow, TokenRow, WordRow};
use selectron_run::{Error as SchemaError, RunDir};

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
    /// The tests of the first statistic, a site each.
    pub sites: Vec<SiteTests>,
    /// How the stats stage tested its own findings.
    pub checks: Checks,
    /// How the neurons fare in the text.
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
    /// at odds with the manifest.
    pub fn load(pipeline: &Pipeline, manifest: &Manifest, run: &RunDir) -> Result<Self> {
        let extract = manifest.extracted(run)?.clone();
        let stats = manifest.tested(run)?.clone();
        let provenance = Provenance::new(&pipeline.name);
        let words = in_order(read_table(run.table("words"), &provenance)?, &stats);
        let tests: Vec<TValueRow> = read_table(run.table("tvalues"), &provenance)?;
        let tokens = match extract.text {
            Some(_) => Some(read_table::<TokenRow>(run.table("tokens"), &provenance)?),
            None => None,
        };
        let items = ActivationReader::open(run.table("activations"), Subject::Words, &provenance)?;
        let text = match tokens {
            Some(_) => {
                let table = run.table("text_activations");
                Some(ActivationReader::open(table, Subject::Text, &provenance)?)
            }
            None => None,
        };
        let mut sites = sites::split(tests, &stats, run)?;
        for site in &mut sites {
            site.read_items(&items, &words, run)?;
            if let (Some(reader), Some(tokens)) = (&text, &tokens) {
                site.read_text(reader, tokens, run)?;
            }
        }
        let first = stats.statistics.first().map_or("", String::as_str);
        Ok(Self {
            pipeline: manifest.pipeline.clone(),
            version: manifest.selectron.clone(),
            measure: Measure::of(first),
            checks: Checks::load(run, &provenance, first)?,
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

    /// Whether sequences begin with a beginning-of-sequence token.
    pub fn has_bos(&self) -> bool {
        matches!(self.extract.presentation.as_str(), "bos" | "bos-space")
    }

    /// Whether a token is one that the presentation puts at the start or the end of a window, such
    /// as a beginning-of-sequence token: it covers no text.
    pub fn is_bos(&self, token: &TokenRow) -> bool {
        self.has_bos() && token.char_start == token.char_end
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

/// The rows of a table; none if there is no such table.
fn optional_table<R: Row>(run: &RunDir, provenance: &Provenance) -> Result<Vec<R>> {
    let path = run.table(R::TABLE);
    if !path.exists() {
        return Ok(Vec::new());
    }
    Ok(read_table(path, provenance)?)
}

/// Refuses to draw one model's or layers' numbers under the name of another's.
///
/// # Errors
/// When the manifest is of a run with another model or other layers than the pipeline's, or the
/// extract stage has not run.
pub fn check_same_experiment(
    pipeline: &Pipeline,
    manifest: &Manifest,
    run: &RunDir,
) -> Result<(), SchemaError> {
    manifest.extracted(run)?;
    let (asked, found) = (Manifest::new(pipeline).pipeline, &manifest.pipeline);
    let differs = |what: &str, found: &str, asked: &str| {
        Err(SchemaError::artifact(
            run.manifest(),
            format!("was made with the {what} `{found}`, not `{asked}`"),
            "run `cargo xtask run-all` with the same flags, or choose another folder with --out",
        ))
    };
    if asked.model != found.model {
        return differs("model", &found.model, &asked.model);
    }
    if asked.layers != found.layers {
        return differs("layers", &found.layers, &asked.layers);
    }
    Ok(())
}

/// The words of A, then those of B, then any controls', each category in its own order.
fn in_order(mut words: Vec<WordRow>, stats: &StatsFacts) -> Vec<WordRow> {
    let place = |word: &WordRow| {
        if word.category == stats.category_a {
            0
        } else if word.category == stats.category_b {
            1
        } else {
            2
        }
    };
    words.sort_by_key(|word| (place(word), word.item));
    words
}
