//! A model's files in Hugging Face layout: `config.json`, `model.safetensors` (or shards with an
//! index) and `tokenizer.json`.

mod config;
mod weights;

pub use config::Config;
pub use weights::{OpenWeights, Weights};

use crate::error::{Error, Result};
use crate::tokenizer::{BosSource, Tokenizer};
use selectron_schema::files::sha256_of_path;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The folder of a model, with its configuration read.
#[derive(Debug)]
pub struct Checkpoint {
    folder: PathBuf,
    config: Config,
}

impl Checkpoint {
    /// Reads `config.json` of a folder.
    ///
    /// # Errors
    /// When it is missing or not JSON.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self> {
        let folder = folder.into();
        let config = Config::load(folder.join("config.json"))?;
        Ok(Self { folder, config })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The model's configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The files that make up the model, by name, in order; those that are optional only if they
    /// are there.
    ///
    /// # Errors
    /// When the weights are missing.
    pub fn files(&self) -> Result<Vec<(String, PathBuf)>> {
        let mut files: Vec<_> = weights::files(&self.folder)?
            .into_iter()
            .chain(
                [
                    "config.json",
                    "tokenizer.json",
                    "tokenizer_config.json",
                    weights::INDEX,
                ]
                .map(|name| self.folder.join(name)),
            )
            .filter(|path| path.exists())
            .filter_map(|path| Some((path.file_name()?.to_string_lossy().into_owned(), path)))
            .collect();
        files.sort();
        Ok(files)
    }

    /// SHA-256 of each of those files.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn hashes(&self) -> Result<BTreeMap<String, String>> {
        let mut hashes = BTreeMap::new();
        for (name, path) in self.files()? {
            hashes.insert(name, sha256_of_path(path)?);
        }
        Ok(hashes)
    }

    /// Maps the weights into memory.
    ///
    /// # Errors
    /// When a file is missing.
    pub fn open_weights(&self) -> Result<OpenWeights> {
        OpenWeights::open(&self.folder)
    }

    /// Loads the tokenizer and learns the beginning-of-sequence token: `bos_token` of
    /// `tokenizer_config.json`, or else `bos_token_id` of `config.json`.
    ///
    /// # Errors
    /// When a file is missing or not right.
    pub fn tokenizer(&self) -> Result<Tokenizer> {
        let path = self.folder.join("tokenizer.json");
        if !path.exists() {
            return Err(Error::checkpoint(
                &path,
                "the file is missing",
                "save the fast tokenizer beside the weights (`save_pretrained` in transformers)",
            ));
        }
        Tokenizer::load(&path, self.bos()?)
    }

    fn bos(&self) -> Result<Option<BosSource>> {
        let path = self.folder.join("tokenizer_config.json");
        if path.exists() {
            let config = Config::load(path)?;
            if let Some(name) = config.token_name("bos_token") {
                return Ok(Some(BosSource::Name(name.to_owned())));
            }
        }
        let id = self.config.optional_size_or_zero("bos_token_id")?;
        Ok(id.and_then(|id| u32::try_from(id).ok()).map(BosSource::Id))
    }
}
