//! Whether and how a tokenizer tells a word after a space from the same word without one.
//!
//! Byte-level tokenizers make a typed space part of the next token. SentencePiece-style ones turn
//! it into a mark, and most put that mark before every text by themselves, so that a word alone
//! looks as if it stood after a space. WordPiece forgets spaces.

use crate::error::{Error, Result};
use selectron_run::guard::guarded;
use serde_json::Value;
use std::path::Path;

/// How a tokenizer marks that a space stands before a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpaceMark {
    /// A space that is typed shows in the tokens.
    Typed,
    /// The tokenizer puts a mark before every text by itself; a space that is typed is lost.
    Automatic,
    /// There is no mark: a word by itself is already as it stands in running text.
    Absent,
}

/// A tokenizer from its JSON, without the padding and truncation that some files ask for, which
/// belong to training.
pub(super) fn build(json: &str, path: &Path) -> Result<tokenizers::Tokenizer> {
    let broken = |what: String| {
        Error::artifact(
            path,
            format!("not a readable tokenizer ({what})"),
            "fetch the model's tokenizer.json again",
        )
    };
    let mut tokenizer = guarded(|| tokenizers::Tokenizer::from_bytes(json))
        .map_err(broken)?
        .map_err(|error| broken(error.to_string()))?;
    tokenizer.with_padding(None);
    tokenizer
        .with_truncation(None)
        .map_err(|error| Error::bug(error.to_string()))?;
    Ok(tokenizer)
}

/// The JSON of a tokenizer with everything taken out that puts a mark before a text by itself; none
/// if there is no such thing.
pub(super) fn without_automatic_mark(json: &Value) -> Option<Value> {
    let mut edited = json.clone();
    if let Some(normalizer) = edited.get_mut("normalizer") {
        drop_prepend(normalizer);
    }
    if let Some(pre_tokenizer) = edited.get_mut("pre_tokenizer") {
        switch_off(pre_tokenizer);
    }
    (edited != *json).then_some(edited)
}

fn kind(value: &Value) -> &str {
    value.get("type").and_then(Value::as_str).unwrap_or("")
}

/// Takes the normaliser `Prepend` out, alone or in a sequence.
fn drop_prepend(normalizer: &mut Value) {
    if kind(normalizer) == "Prepend" {
        *normalizer = Value::Null;
    } else if let Some(Value::Array(parts)) = normalizer.get_mut("normalizers") {
        parts.retain(|part| kind(part) != "Prepend");
        parts.iter_mut().for_each(drop_prepend);
    }
}

/// Makes the pre-tokenizers `Metaspace` and `ByteLevel` put nothing before a text.
fn switch_off(pre_tokenizer: &mut Value) {
    if let Some(Value::Array(parts)) = pre_tokenizer.get_mut("pretokenizers") {
        parts.iter_mut().for_each(switch_off);
    }
    let kind = kind(pre_tokenizer).to_owned();
    let Some(settings) = pre_tokenizer.as_object_mut() else {
        return;
    };
    match kind.as_str() {
        "Metaspace" => {
            // The older key, which must agree with the newer one where both are there.
            if settings.contains_key("add_prefix_space") {
                settings.insert("add_prefix_space".to_owned(), false.into());
            }
            settings.insert("prepend_scheme".to_owned(), "never".into());
        }
        "ByteLevel" => {
            settings.insert("add_prefix_space".to_owned(), false.into());
        }
        _ => {}
    }
}

/// Finds the mark by trying: vocabularies and pipelines are too many to be told apart by name.
pub(super) fn mark_of(
    running: &tokenizers::Tokenizer,
    verbatim: Option<&tokenizers::Tokenizer>,
) -> SpaceMark {
    const PROBES: [&str; 5] = ["the", "a", "word", "of", "x"];
    let ids = |tokenizer: &tokenizers::Tokenizer, text: &str| {
        let encoding = guarded(|| tokenizer.encode(text, false)).ok()?.ok()?;
        Some(encoding.get_ids().to_vec())
    };
    let plain = verbatim.unwrap_or(running);
    let differs = |other: &dyn Fn(&str) -> Option<Vec<u32>>| {
        PROBES.iter().any(|word| other(word) != ids(plain, word))
    };
    if differs(&|word| ids(plain, &format!(" {word}"))) {
        SpaceMark::Typed
    } else if differs(&|word| ids(running, word)) {
        SpaceMark::Automatic
    } else {
        SpaceMark::Absent
    }
}
