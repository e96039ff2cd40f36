//! What a `tokenizer.json` must be before the tokenizers library is given it: there it would end in a
//! panic, or in memory without end.

use crate::error::{Error, Result};
use serde_json::Value;
use std::path::Path;

/// The parts of tokenizers that are in use lie six deep; the library tries every type that a part
/// might be of, and again for what lies within, which takes exponentially long.
const DEPTH: usize = 12;

/// Refuses what the library would not survive.
pub(super) fn check(json: &Value, path: &Path) -> Result<()> {
    let broken = |what: String| {
        let remedy = "fetch the model's tokenizer.json again";
        Err(Error::artifact(path, what, remedy))
    };
    if depth(json) > DEPTH {
        return broken(format!("parts within parts, more than {DEPTH} deep"));
    }
    match json.get("model").and_then(odd_merge) {
        Some(merge) => broken(format!(
            "the merge {merge} does not make a token of the vocabulary"
        )),
        None => Ok(()),
    }
}

fn depth(value: &Value) -> usize {
    let inner = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(map) => map.values().map(depth).max(),
        _ => return 0,
    };
    1 + inner.unwrap_or(0)
}

/// A merge of byte-pair encoding whose parts do not make up a token: the second loses the prefix that
/// marks it as the continuation of a word, if there is such a mark.
fn odd_merge(model: &Value) -> Option<String> {
    let merges = model.get("merges")?.as_array()?;
    let vocabulary = model.get("vocab")?.as_object()?;
    let prefix = model.get("continuing_subword_prefix");
    let prefix = prefix.and_then(Value::as_str).unwrap_or("");
    let makes_a_token = |merge: &Value| {
        // Written as `["a", "b"]` or, before, as `"a b"`.
        let (first, second) = match merge {
            Value::Array(pair) => match pair.as_slice() {
                [first, second] => (first.as_str()?, second.as_str()?),
                _ => return None,
            },
            other => other.as_str()?.split_once(' ')?,
        };
        let rest = second.strip_prefix(prefix)?;
        vocabulary.get(&format!("{first}{rest}"))
    };
    let odd = merges.iter().find(|merge| makes_a_token(merge).is_none())?;
    // Of a long one its start is enough to find it by.
    Some(odd.to_string().chars().take(60).collect())
}
