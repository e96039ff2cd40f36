//! A plain text of a given number of tokens, for the whole-stage cases.

use crate::files::file_error;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use selectron_model::checkpoint::Checkpoint;
use selectron_run::Result;
use std::path::Path;

/// Words are added in runs of this many between counts of tokens.
const RUN: usize = 256;

/// Writes a text of random words from a list, of about `tokens` tokens of the checkpoint's tokenizer.
pub(crate) fn write(checkpoint: &Path, list: &Path, tokens: usize, out: &Path) -> Result<()> {
    let tokenizer = Checkpoint::open(checkpoint)?.tokenizer()?;
    let list_text = std::fs::read_to_string(list).map_err(|error| file_error(list, error))?;
    let words: Vec<&str> = list_text.lines().filter(|line| !line.is_empty()).collect();
    if words.is_empty() {
        return Err(file_error(list, "it holds no words"));
    }
    let mut rng = ChaCha8Rng::seed_from_u64(tokens as u64);
    let mut text = String::new();
    let mut count = 0;
    while count < tokens {
        let start = text.len();
        for number in 0..RUN.min(tokens - count) {
            text.push_str(words[rng.random_range(0..words.len())]);
            text.push_str(if number % 16 == 15 { ". " } else { " " });
        }
        count += tokenizer.encode(&text[start..])?.len();
    }
    std::fs::write(out, text).map_err(|error| file_error(out, error))
}
