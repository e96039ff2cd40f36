//! The kinds of files, each with the code that reads it.

mod model;
mod tables;
mod texts;

use rand_chacha::ChaCha8Rng;
use std::path::Path;

/// One kind of file.
pub(crate) trait Target {
    /// Sound files, and some made to do harm.
    fn seeds(&self) -> Vec<Vec<u8>>;

    /// A change that keeps to the structure of such a file, so that it gets past the first check.
    fn mutate(&self, rng: &mut ChaCha8Rng, seed: &[u8]) -> Vec<u8>;

    /// Puts into the working folder what the file needs around it.
    fn prepare(&self, _folder: &Path) {}

    /// Reads the file as the program does; an error is the sentence that the user would get.
    fn read(&self, folder: &Path, input: &[u8]) -> Result<(), String>;
}

/// The target of a name.
pub(crate) fn named(name: &str) -> Box<dyn Target> {
    match name {
        "safetensors" => Box::new(model::Safetensors),
        "config" => Box::new(model::Config),
        "tokenizer" => Box::new(model::Tokenizer),
        "pipeline" => Box::new(texts::Pipeline),
        "words" => Box::new(texts::Words::default()),
        "conllu" => Box::new(texts::Conllu::default()),
        "table" => Box::new(tables::Table),
        "activations" => Box::new(tables::Activations),
        "manifest" => Box::new(tables::Manifest),
        other => panic!("there is no target `{other}`"),
    }
}

/// An error as the sentence that the user would get.
fn sentence<T>(outcome: Result<T, impl std::fmt::Display>) -> Result<T, String> {
    outcome.map_err(|error| error.to_string())
}
