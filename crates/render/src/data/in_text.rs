//! The tables that say how the neurons perform in the text.

use super::optional::optional_table;
use selectron_run::error::Result;
use selectron_run::manifest::GeneralizationFacts;
use selectron_run::{NeuronId, RunDir};
use selectron_tables::Provenance;
use selectron_tables::rows::{
    ContextGapRow, ExampleRow, GeneralizationRow, OfNeuron, PreferenceRow, TextNullRow,
    TextWordRow, TransferRow, UposMeanRow,
};
use std::collections::BTreeMap;

/// The tables' rows. A table that the run does not have is empty.
#[derive(Debug, Default)]
pub struct InText {
    /// The words of the text.
    pub words: Vec<TextWordRow>,
    /// Every neuron's scores.
    pub scores: Vec<GeneralizationRow>,
    /// Means by part of speech, of the neurons that are shown.
    pub upos_means: Vec<UposMeanRow>,
    /// What the neurons that are shown prefer among all categories.
    pub preferences: Vec<PreferenceRow>,
    /// The best neurons of each layer when labels are drawn at random.
    pub nulls: Vec<TextNullRow>,
    /// How effects carry over, by layer.
    pub transfer: Vec<TransferRow>,
    /// Tokens that drive the neurons that are shown.
    pub examples: Vec<ExampleRow>,
    /// The same words in several presentations.
    pub context_gap: Vec<ContextGapRow>,
}

impl InText {
    /// Reads what there is.
    ///
    /// # Errors
    /// When a table is damaged or of another pipeline.
    pub(super) fn load(
        run: &RunDir,
        provenance: &Provenance,
        facts: Option<&GeneralizationFacts>,
    ) -> Result<Self> {
        let is_shown = |id: NeuronId| {
            let mut shown = facts.iter().flat_map(|facts| &facts.shown);
            shown.any(|shown| shown.id == id)
        };
        let mut upos_means: Vec<UposMeanRow> = optional_table(run, provenance)?;
        upos_means.retain(|row| is_shown(row.id()));
        let mut preferences: Vec<PreferenceRow> = optional_table(run, provenance)?;
        preferences.retain(|row| is_shown(row.id()));
        Ok(Self {
            words: optional_table(run, provenance)?,
            scores: optional_table(run, provenance)?,
            upos_means,
            preferences,
            nulls: optional_table(run, provenance)?,
            transfer: optional_table(run, provenance)?,
            examples: optional_table(run, provenance)?,
            context_gap: optional_table(run, provenance)?,
        })
    }

    /// The scores of a neuron.
    pub fn score(&self, id: NeuronId) -> Option<&GeneralizationRow> {
        self.scores.iter().find(|row| row.id() == id)
    }

    /// The sentence of each word, by document and number.
    pub(super) fn sentences(&self) -> BTreeMap<(usize, usize), usize> {
        let words = self.words.iter();
        words
            .map(|word| ((word.document, word.word), word.sentence))
            .collect()
    }
}
