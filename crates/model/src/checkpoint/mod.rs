//! A model's files in Hugging Face layout: `config.json`, `model.safetensors` (or shards with an
//! index) and `tokenizer.json`.

#[cfg(test)]
mod tests;
pub mod weights;

use crate::config::Config;
use crate::error::Result;
use crate::tokenizer::Tokenizer;
use selectron_run::files::sha256_of_path;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

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
        let optional = [
            "config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            weights::INDEX,
        ];
        let mut files = Vec::new();
        for name in weights::files(&self.folder)?
            .into_iter()
            .chain(optional.map(str::to_owned))
        {
            let path = self.folder.join(&name);
            if path.exists() {
                files.push((name, path));
            }
        }
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

    /// Size and time of change of each of those files: what tells, without reading them again,
    /// whether they have changed while they were in use.
    ///
    /// # Errors
    /// When one cannot be found.
    pub fn stamps(&self) -> Result<BTreeMap<String, (u64, Option<SystemTime>)>> {
        let mut stamps = BTreeMap::new();
        for (name, path) in self.files()? {
            let metadata = std::fs::metadata(&path)
                .map_err(|source| selectron_run::Error::io("read", &path, source))?;
            stamps.insert(name, (metadata.len(), metadata.modified().ok()));
        }
        Ok(stamps)
    }

    /// Maps the weights into memory.
    ///
    /// # Errors
    /// When a file is missing or not valid safetensors.
    pub fn weights(&self) -> Result<weights::Weights> {
        weights::Weights::open(&self.folder)
    }

    /// Loads the tokenizer, with the special tokens that the model's files name.
    ///
    /// # Errors
    /// When a file is missing or not right.
    pub fn tokenizer(&self) -> Result<Tokenizer> {
        Tokenizer::load(&self.folder, &self.config)
    }
}
