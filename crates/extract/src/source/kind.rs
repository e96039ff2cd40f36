//! What every source of activations can do.

use crate::record::chunk::{Chunk, Keep, Progress};
use selectron_items::present::Presented;
use selectron_items::selection::Stimulus;
use selectron_model::tokenizer::Tokenizer;
use selectron_run::Place;
use selectron_run::error::Result;
use selectron_run::manifest::{BackendFacts, ModelFacts};
use selectron_run::stage::Console;

/// How a source reads text.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// Turns text into tokens.
    pub tokenizer: &'a Tokenizer,
    /// Most tokens of a sequence.
    pub context: usize,
}

/// A source of activations, ready to be asked.
pub trait Source {
    /// What it is, for people.
    fn title(&self) -> String;

    /// The places that the pipeline asks for, in forward order, with the neurons of each.
    fn places(&self) -> &[(Place, usize)];

    /// The largest number of neurons of any place, asked for or not.
    fn widest(&self) -> usize;

    /// How it reads text; none where it knows no tokens.
    fn reading(&self) -> Option<Reading<'_>>;

    /// Checks, before much is recorded, whether its activations can be trusted.
    ///
    /// # Errors
    /// When they cannot.
    fn check(&self, console: &Console, words: &[Presented], with_text: bool) -> Result<()> {
        let _ = (console, words, with_text);
        Ok(())
    }

    /// Gives the activations of a chunk; the first key of a chunk of words numbers `stimuli`.
    ///
    /// # Errors
    /// When they cannot be had, or `keep` refuses them.
    fn record(
        &self,
        stimuli: &[Stimulus],
        chunk: &Chunk,
        keep: &mut Keep<'_>,
        progress: &mut Progress<'_>,
    ) -> Result<()>;

    /// Refuses files that have changed since the stage began.
    ///
    /// # Errors
    /// When one has.
    fn unchanged(&self) -> Result<()> {
        Ok(())
    }

    /// What the manifest says of it.
    fn facts(&self) -> (ModelFacts, BackendFacts);
}
