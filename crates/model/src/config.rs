//! `config.json` and its kin: typed access with messages that name file and key.

use crate::error::{Error, Result};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// No dimension of a model of today comes near this; a larger one is a damaged file, and would
/// have us reserve memory for it.
const LARGEST_SIZE: usize = 1 << 24;

/// Nor is a model so deep.
const LARGEST_DEPTH: usize = 1 << 12;

/// A JSON configuration file.
#[derive(Debug, Clone)]
pub struct Config {
    path: PathBuf,
    value: Value,
    /// What stands before this object's keys in messages.
    under: String,
}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// When it is missing or not a JSON object.
    pub fn load(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let bytes = std::fs::read(&path).map_err(|source| Error::io("read", &path, source))?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|error| {
            Error::artifact(
                &path,
                format!("not readable as JSON ({error})"),
                "fetch it again",
            )
        })?;
        if !value.is_object() {
            return Err(Error::artifact(
                &path,
                "not a JSON object",
                "fetch it again",
            ));
        }
        Ok(Self {
            path,
            value,
            under: String::new(),
        })
    }

    /// Where it was read from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole object.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// An error about a key of this file.
    pub fn error(&self, key: &str, what: impl std::fmt::Display) -> Error {
        Error::artifact(
            &self.path,
            format!("`{}{key}`: {what}", self.under),
            "use the configuration that belongs to the weights",
        )
    }

    /// Whether a key is there and not null.
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Reads a key as any type.
    ///
    /// # Errors
    /// When it is missing or of another type.
    pub fn read<T: DeserializeOwned>(&self, key: &str) -> Result<T> {
        let value = self
            .get(key)
            .ok_or_else(|| self.error(key, "the key is missing"))?;
        serde_json::from_value(value.clone()).map_err(|error| self.error(key, error))
    }

    /// A string.
    ///
    /// # Errors
    /// When it is missing or not a string.
    pub fn text(&self, key: &str) -> Result<&str> {
        self.optional_text(key)?
            .ok_or_else(|| self.error(key, "the key is missing"))
    }

    /// A string, or `default` where the key is missing or null.
    ///
    /// # Errors
    /// When it is not a string.
    pub fn text_or<'a>(&'a self, key: &str, default: &'a str) -> Result<&'a str> {
        Ok(self.optional_text(key)?.unwrap_or(default))
    }

    /// A count that must be there and at least 1.
    ///
    /// # Errors
    /// When it is not.
    pub fn size(&self, key: &str) -> Result<usize> {
        self.optional_size(key)?
            .ok_or_else(|| self.error(key, "the key is missing"))
    }

    /// A number of layers, which must be there and at least 1.
    ///
    /// # Errors
    /// When it is not.
    pub fn depth(&self, key: &str) -> Result<usize> {
        match self.size(key)? {
            depth if depth <= LARGEST_DEPTH => Ok(depth),
            depth => Err(self.error(key, format!("{depth} layers are implausibly many"))),
        }
    }

    /// A count of at least 1, or `default`.
    ///
    /// # Errors
    /// When it is not a count.
    pub fn size_or(&self, key: &str, default: usize) -> Result<usize> {
        Ok(self.optional_size(key)?.unwrap_or(default))
    }

    /// A count of at least 1, where the key is there and not null.
    ///
    /// # Errors
    /// When it is not a count.
    pub fn optional_size(&self, key: &str) -> Result<Option<usize>> {
        match self.optional_size_or_zero(key)? {
            Some(0) => Err(self.error(key, "0 is too small")),
            size => Ok(size),
        }
    }

    /// A count, where the key is there and not null.
    ///
    /// # Errors
    /// When it is not a count.
    pub fn optional_size_or_zero(&self, key: &str) -> Result<Option<usize>> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let size = value.as_u64().and_then(|size| usize::try_from(size).ok());
        match size {
            Some(size) if size <= LARGEST_SIZE => Ok(Some(size)),
            Some(size) => Err(self.error(key, format!("{size} is implausibly large"))),
            None => Err(self.error(key, format!("{value} is not a count"))),
        }
    }

    /// A number above 0, or `default`.
    ///
    /// # Errors
    /// When it is not such a number.
    pub fn positive_number_or(&self, key: &str, default: f64) -> Result<f64> {
        match self.get(key) {
            None => Ok(default),
            Some(value) => value
                .as_f64()
                .filter(|number| *number > 0.0)
                .ok_or_else(|| self.error(key, format!("{value} is not a number above 0"))),
        }
    }

    /// A truth value, or `default`.
    ///
    /// # Errors
    /// When it is not one.
    pub fn flag_or(&self, key: &str, default: bool) -> Result<bool> {
        match self.get(key) {
            None => Ok(default),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(self.error(key, format!("{other} is neither true nor false"))),
        }
    }

    /// The object under a key, with messages that name its keys as `key.inner`; none where it is
    /// missing, null or empty.
    ///
    /// # Errors
    /// When it is not an object.
    pub fn section(&self, key: &str) -> Result<Option<Self>> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Object(inner)) if inner.is_empty() => Ok(None),
            Some(value @ Value::Object(_)) => Ok(Some(Self {
                path: self.path.clone(),
                value: value.clone(),
                under: format!("{}{key}.", self.under),
            })),
            Some(other) => Err(self.error(key, format!("{other} is not an object"))),
        }
    }

    /// The keys of the object, in order.
    pub fn keys(&self) -> Vec<&str> {
        let keys = self.value.as_object().into_iter().flatten();
        keys.map(|(key, _)| key.as_str()).collect()
    }

    /// Refuses a setting that we do not compute: the key must be missing, null or `only`.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn supported_only(&self, key: &str, only: impl Into<Value>, why: &str) -> Result<()> {
        let only = only.into();
        match self.get(key) {
            Some(value) if *value != only => {
                let key = format!("{}{key}", self.under);
                Err(Error::artifact(
                    &self.path,
                    format!("`{key}` is {value}, and only {only} is supported: {why}"),
                    "choose another checkpoint",
                ))
            }
            _ => Ok(()),
        }
    }

    /// Whether a key is there, null or not.
    pub fn is_written(&self, key: &str) -> bool {
        self.value.get(key).is_some()
    }

    /// A token's name, which tokenizer configurations write as a string or as
    /// `{"content": "…", …}`.
    pub fn token_name(&self, key: &str) -> Option<&str> {
        let value = self.get(key)?;
        value.as_str().or_else(|| value.get("content")?.as_str())
    }

    fn optional_text(&self, key: &str) -> Result<Option<&str>> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.error(key, format!("{other} is not a string"))),
        }
    }

    fn get(&self, key: &str) -> Option<&Value> {
        self.value.get(key).filter(|value| !value.is_null())
    }
}
