//! Stage 1 of Selectron: words and text to activations.
//!
//! - [`word_list`] reads word lists and chooses the words; [`present`] puts them before the model;
//!   [`record_words`] records them, one value a neuron of each word's tokens.
//! - [`conllu`] and `plain` read a text; [`document`] cuts it into windows; [`label`] says which
//!   words are scored and as what; [`record_text`] records the windows, in parts where the text is
//!   large.
//! - [`match_words`] draws a balanced subset; [`record_positions`] records what position alone does;
//!   [`shapes`] says how large batches come; [`simulate`] makes up activations with known effects.
//! - [`stage`] is the whole: pipeline in, `words`, `activations`, `tokens` and `text_activations`
//!   out.

#[cfg(feature = "wgpu")]
pub mod adapters;
pub mod conllu;
pub mod document;
pub mod error;
pub mod label;
pub mod match_words;
mod plain;
pub mod present;
pub mod record_positions;
pub mod record_text;
pub mod record_words;
pub mod shapes;
pub mod simulate;
pub mod stage;
pub mod word_list;

pub use error::{Error, Result};

/// A number as a column holds it.
pub(crate) fn int(value: usize) -> Result<i32> {
    i32::try_from(value).map_err(|_| Error::bug(format!("{value} does not fit a column")))
}
