//! Text to token ids, with the characters that each token covers.

mod checks;
mod frame;
mod space;
#[cfg(test)]
mod tests;

pub use frame::{Frame, Special};
pub use space::SpaceMark;

use crate::config::Config;
use crate::error::{Error, Result};
use frame::FrameNames;
use selectron_run::guard::guarded;
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

/// A tokenizer from `tokenizer.json`, and the special tokens of its configuration.
#[derive(Debug)]
pub struct Tokenizer {
    /// As the file has it, for running text.
    running: tokenizers::Tokenizer,
    /// The same, but it puts no space mark before a text by itself; none where `running` does not
    /// either.
    verbatim: Option<tokenizers::Tokenizer>,
    mark: SpaceMark,
    path: PathBuf,
    frame: Option<Frame>,
}

impl Tokenizer {
    /// Reads `tokenizer.json` of a folder, and what `tokenizer_config.json`,
    /// `special_tokens_map.json` and the model's `config.json` say about special tokens.
    ///
    /// # Errors
    /// When a file is missing or not right, or names a special token that the tokenizer does not
    /// know.
    pub fn load(folder: &Path, model_config: &Config) -> Result<Self> {
        let path = folder.join("tokenizer.json");
        if !path.exists() {
            return Err(Error::artifact(
                &path,
                "the file is missing",
                "save the fast tokenizer beside the weights (`save_pretrained` in transformers)",
            ));
        }
        let json = Config::load(&path)?;
        checks::check(json.value(), &path)?;
        // From what has been checked: of a key that is written twice, another reader of the file
        // might take the other value.
        let running = space::build(&json.value().to_string(), &path)?;
        let verbatim = match space::without_automatic_mark(json.value()) {
            Some(edited) => Some(space::build(&edited.to_string(), &path)?),
            None => None,
        };
        let mark = space::mark_of(&running, verbatim.as_ref());
        let names = FrameNames::read(folder, json.value(), model_config)?;
        let frame = names.resolve(&running, &path)?;
        Ok(Self {
            running,
            verbatim,
            mark,
            path,
            frame,
        })
    }

    /// What a model expects around a text: a beginning-of-sequence token before it, or `[CLS]`
    /// before and `[SEP]` after it.
    ///
    /// # Errors
    /// When the model's files name neither.
    pub fn frame(&self) -> Result<&Frame> {
        self.frame.as_ref().ok_or_else(|| {
            Error::new(
                format!(
                    "{}: this model has no beginning-of-sequence token",
                    self.path.display()
                ),
                "choose the presentation `bare` or `space`",
            )
        })
    }

    /// How this tokenizer marks that a space stands before a word.
    pub fn space_mark(&self) -> SpaceMark {
        self.mark
    }

    /// The tokens of running text, without any special token added.
    ///
    /// # Errors
    /// When the tokenizer cannot represent the text.
    pub fn encode(&self, text: &str) -> Result<Vec<Token>> {
        encode(&self.running, text)
    }

    /// The tokens of a word, with nothing before it or as it stands after a space, and where in
    /// the text that they are tokens of the word lies.
    ///
    /// Where the tokenizer has no mark for spaces, both are the same.
    ///
    /// # Errors
    /// When the tokenizer cannot represent the word.
    pub fn encode_word(&self, word: &str, after_space: bool) -> Result<(Vec<Token>, Range<usize>)> {
        let length = word.chars().count();
        let verbatim = self.verbatim.as_ref().unwrap_or(&self.running);
        match (after_space, self.mark) {
            (true, SpaceMark::Typed) => {
                let tokens = encode(verbatim, &format!(" {word}"))?;
                Ok((tokens, 1..length + 1))
            }
            (true, SpaceMark::Automatic) => Ok((encode(&self.running, word)?, 0..length)),
            _ => Ok((encode(verbatim, word)?, 0..length)),
        }
    }
}

/// The tokens of a text, each of which must lie within it.
fn encode(tokenizer: &tokenizers::Tokenizer, text: &str) -> Result<Vec<Token>> {
    let failed = |what: &str| {
        let start: String = text.chars().take(40).collect();
        Error::new(
            format!("the tokenizer cannot encode \"{start}\" ({what})"),
            "remove what it cannot represent",
        )
    };
    let encoding = guarded(|| tokenizer.encode_char_offsets(text, false))
        .map_err(|panic| failed(&panic))?
        .map_err(|error| failed(&error.to_string()))?;
    let length = text.chars().count();
    let offsets = encoding.get_offsets();
    if offsets
        .iter()
        .any(|(start, end)| start > end || *end > length)
    {
        return Err(failed("it places a token outside of the text"));
    }
    let spans = offsets.iter().map(|(start, end)| *start..*end);
    Ok(encoding
        .get_ids()
        .iter()
        .zip(spans)
        .map(|(id, span)| Token { id: *id, span })
        .collect())
}
