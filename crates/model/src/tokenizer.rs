//! Text to token ids, with the characters that each token covers.

use crate::error::{Error, Result};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A token of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its number in the vocabulary.
    pub id: u32,
    /// The characters of the text that it covers.
    pub span: Range<usize>,
}

impl Token {
    /// Whether the token covers any of these characters.
    pub fn overlaps(&self, span: &Range<usize>) -> bool {
        self.span.start < span.end && span.start < self.span.end
    }
}

/// The beginning-of-sequence token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bos {
    /// Its number in the vocabulary.
    pub id: u32,
    /// What it is called, such as `<|endoftext|>`.
    pub name: String,
}

/// A tokenizer from `tokenizer.json`, and the beginning-of-sequence token of its configuration.
#[derive(Debug)]
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    path: PathBuf,
    bos: Option<Bos>,
}

impl Tokenizer {
    /// Reads `tokenizer.json`. `bos` is the name or the id of the beginning-of-sequence token.
    ///
    /// # Errors
    /// When the file is not a tokenizer, or does not know that token.
    pub fn load(path: &Path, bos: Option<BosSource>) -> Result<Self> {
        let mut inner = tokenizers::Tokenizer::from_file(path).map_err(|error| {
            Error::checkpoint(
                path,
                format!("not a readable tokenizer ({error})"),
                "fetch the model's tokenizer.json again",
            )
        })?;
        // Some files ask for padding or truncation, which belong to training.
        inner.with_padding(None);
        inner
            .with_truncation(None)
            .map_err(|error| Error::Bug(error.to_string()))?;
        let bos = match bos {
            None => None,
            Some(BosSource::Name(name)) => match inner.token_to_id(&name) {
                Some(id) => Some(Bos { id, name }),
                None => {
                    return Err(Error::checkpoint(
                        path,
                        format!("does not know the beginning-of-sequence token `{name}`"),
                        "use the tokenizer.json and tokenizer_config.json of one model",
                    ));
                }
            },
            Some(BosSource::Id(id)) => Some(Bos {
                id,
                name: inner.id_to_token(id).unwrap_or_else(|| format!("<{id}>")),
            }),
        };
        Ok(Self {
            inner,
            path: path.to_owned(),
            bos,
        })
    }

    /// The beginning-of-sequence token.
    ///
    /// # Errors
    /// When the model has none.
    pub fn bos(&self) -> Result<&Bos> {
        self.bos.as_ref().ok_or_else(|| {
            Error::request(
                format!(
                    "{}: this model has no beginning-of-sequence token",
                    self.path.display()
                ),
                "choose the presentation `bare` or `space`",
            )
        })
    }

    /// The tokens of a text, without any special token added.
    ///
    /// # Errors
    /// When the tokenizer cannot represent the text.
    pub fn encode(&self, text: &str) -> Result<Vec<Token>> {
        let encoding = self
            .inner
            .encode_char_offsets(text, false)
            .map_err(|error| {
                let start: String = text.chars().take(40).collect();
                Error::request(
                    format!("the tokenizer cannot encode \"{start}\" ({error})"),
                    "remove what it cannot represent",
                )
            })?;
        let spans = encoding
            .get_offsets()
            .iter()
            .map(|(start, end)| *start..*end);
        Ok(encoding
            .get_ids()
            .iter()
            .zip(spans)
            .map(|(id, span)| Token { id: *id, span })
            .collect())
    }
}

/// Where the beginning-of-sequence token is told from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BosSource {
    /// `bos_token` of `tokenizer_config.json`.
    Name(String),
    /// `bos_token_id` of `config.json`.
    Id(u32),
}
