//! The special tokens that a model expects around a text.

use crate::config::Config;
use crate::error::{Error, Result};
use serde_json::Value;
use std::path::Path;

/// A special token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Special {
    /// Its number in the vocabulary.
    pub id: u32,
    /// What it is called, such as `<|endoftext|>`.
    pub name: String,
}

/// What stands around every text that a model reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The beginning-of-sequence token, or `[CLS]`.
    pub before: Special,
    /// `[SEP]`, in models that have it.
    pub after: Option<Special>,
}

impl Frame {
    /// How many tokens it adds to a text.
    pub fn length(&self) -> usize {
        1 + usize::from(self.after.is_some())
    }
}

/// A frame as the files name it.
pub(super) enum FrameNames {
    /// By names.
    Names {
        before: String,
        after: Option<String>,
    },
    /// By the number of the beginning-of-sequence token.
    Id(u32),
    /// There is none.
    None,
}

impl FrameNames {
    /// Asks, in this order: `bos_token` of `tokenizer_config.json` and `special_tokens_map.json`,
    /// `cls_token` and `sep_token` of the same, what `tokenizer.json` puts around a single text, and
    /// `bos_token_id` of the model's `config.json`.
    pub(super) fn read(folder: &Path, tokenizer: &Value, model_config: &Config) -> Result<Self> {
        let mut files = Vec::new();
        for name in ["tokenizer_config.json", "special_tokens_map.json"] {
            let path = folder.join(name);
            if path.exists() {
                files.push(Config::load(path)?);
            }
        }
        let named = |key: &str| -> Option<String> {
            let mut names = files.iter().filter_map(|file| file.token_name(key));
            names.next().map(str::to_owned)
        };
        if let Some(before) = named("bos_token") {
            return Ok(Self::Names {
                before,
                after: None,
            });
        }
        if let (Some(before), Some(after)) = (named("cls_token"), named("sep_token")) {
            let after = Some(after);
            return Ok(Self::Names { before, after });
        }
        if let Some((before, after)) = around_a_single_text(tokenizer) {
            return Ok(Self::Names { before, after });
        }
        let id = model_config.optional_size_or_zero("bos_token_id")?;
        let id = id.and_then(|id| u32::try_from(id).ok());
        Ok(id.map_or(Self::None, Self::Id))
    }

    /// Looks the names up in the vocabulary.
    pub(super) fn resolve(
        self,
        tokenizer: &tokenizers::Tokenizer,
        path: &Path,
    ) -> Result<Option<Frame>> {
        let special = |name: String| match tokenizer.token_to_id(&name) {
            Some(id) => Ok(Special { id, name }),
            None => Err(Error::artifact(
                path,
                format!("does not know the special token `{name}`"),
                "use the tokenizer.json and tokenizer_config.json of one model",
            )),
        };
        Ok(match self {
            Self::None => None,
            Self::Names { before, after } => Some(Frame {
                before: special(before)?,
                after: after.map(special).transpose()?,
            }),
            Self::Id(id) => Some(Frame {
                before: Special {
                    id,
                    name: tokenizer
                        .id_to_token(id)
                        .unwrap_or_else(|| format!("<{id}>")),
                },
                after: None,
            }),
        })
    }
}

/// The special tokens that the post-processor of `tokenizer.json` puts before and after a single
/// text; none if it puts none before.
fn around_a_single_text(tokenizer: &Value) -> Option<(String, Option<String>)> {
    let processor = tokenizer.get("post_processor")?;
    let parts = match processor.get("processors").and_then(Value::as_array) {
        Some(parts) => parts.as_slice(),
        None => std::slice::from_ref(processor),
    };
    parts
        .iter()
        .find_map(|part| match part.get("type")?.as_str()? {
            "BertProcessing" | "RobertaProcessing" => {
                let name = |key: &str| Some(part.get(key)?.get(0)?.as_str()?.to_owned());
                Some((name("cls")?, name("sep")))
            }
            "TemplateProcessing" => {
                let single = part.get("single")?.as_array()?;
                let name = |piece: &Value| {
                    let id = piece.get("SpecialToken")?.get("id")?.as_str()?;
                    Some(id.to_owned())
                };
                Some((name(single.first()?)?, single.last().and_then(name)))
            }
            _ => None,
        })
}
