//! What people write: pipeline files, word lists, tagged texts.

use super::{Target, sentence};
use crate::mutate::text;
use crate::seeds::seeds;
use rand_chacha::ChaCha8Rng;
use selectron_items::{present, read, selection, windows};
use selectron_model::checkpoint::Checkpoint;
use selectron_model::tokenizer::Tokenizer;
use selectron_run::Side;
use selectron_run::pipeline::Presentation;
use selectron_tests::{PIPELINE, root};
use std::cell::OnceCell;
use std::path::Path;

fn small_tokenizer() -> Tokenizer {
    let folder = root().join("tests/reference/end_to_end/model");
    Checkpoint::open(folder).unwrap().tokenizer().unwrap()
}

/// A pipeline file.
pub(super) struct Pipeline;

impl Target for Pipeline {
    fn seeds(&self) -> Vec<Vec<u8>> {
        let files = [
            "pipelines/grammar.toml",
            "pipelines/grammar-controls.toml",
            "pipelines/grammar-faithful.toml",
        ];
        let mut seeds = seeds("pipeline", &files);
        seeds.push(PIPELINE.as_bytes().to_vec());
        seeds
    }

    fn mutate(&self, rng: &mut ChaCha8Rng, seed: &[u8]) -> Vec<u8> {
        text::mutate(rng, seed, &[' ', '=', '"', '[', ']', ',', '.'])
    }

    fn read(&self, folder: &Path, input: &[u8]) -> Result<(), String> {
        let path = folder.join("pipeline.toml");
        std::fs::write(&path, input).unwrap();
        let pipeline = sentence(selectron_run::Pipeline::load(&path))?;
        for side in Side::BOTH {
            pipeline.category(side);
        }
        pipeline.settings();
        pipeline.resolve(&pipeline.model.source);
        Ok(())
    }
}

/// A word list, put before a tokenizer.
#[derive(Default)]
pub(super) struct Words {
    tokenizer: OnceCell<Tokenizer>,
}

impl Target for Words {
    fn seeds(&self) -> Vec<Vec<u8>> {
        let files = [
            "tests/reference/end_to_end/nouns.txt",
            "pipelines/stimuli/exclude.txt",
        ];
        seeds("words", &files)
    }

    fn prepare(&self, folder: &Path) {
        std::fs::write(folder.join("verbs.txt"), "go\nsee\nway\n").unwrap();
    }

    fn mutate(&self, rng: &mut ChaCha8Rng, seed: &[u8]) -> Vec<u8> {
        text::mutate(rng, seed, &[' ', '\t', '-'])
    }

    fn read(&self, folder: &Path, input: &[u8]) -> Result<(), String> {
        std::fs::write(folder.join("nouns.txt"), input).unwrap();
        let path = folder.join("pipeline.toml");
        let pipeline = selectron_run::Pipeline::parse(PIPELINE, &path).unwrap();
        let selection = sentence(selection::select(&pipeline))?;
        let tokenizer = self.tokenizer.get_or_init(small_tokenizer);
        let carrier = Presentation::Carrier("The very first {word}".to_owned());
        for presentation in [Presentation::Bare, Presentation::BosSpace, carrier] {
            let stimuli = &selection.stimuli;
            sentence(present::present_all(stimuli, &presentation, tokenizer, 64))?;
        }
        Ok(())
    }
}

/// A tagged text, cut into windows.
#[derive(Default)]
pub(super) struct Conllu {
    tokenizer: OnceCell<Tokenizer>,
}

impl Target for Conllu {
    fn seeds(&self) -> Vec<Vec<u8>> {
        seeds("conllu", &["pipelines/stimuli/randomness.conllu"])
    }

    fn mutate(&self, rng: &mut ChaCha8Rng, seed: &[u8]) -> Vec<u8> {
        text::mutate(rng, seed, &['\t', '|', '='])
    }

    fn read(&self, folder: &Path, input: &[u8]) -> Result<(), String> {
        let path = folder.join("text.conllu");
        std::fs::write(&path, input).unwrap();
        let documents = sentence(read::read(&path))?;
        let tokenizer = self.tokenizer.get_or_init(small_tokenizer);
        let frame = tokenizer.frame().ok();
        for document in documents {
            let tokens = sentence(tokenizer.encode(&document.text))?;
            windows::windows(&document, tokens, 64, 16, frame);
        }
        Ok(())
    }
}
