//! Which of a model's files a run needs.

use selectron_run::error::{Error, Result};
use selectron_run::hub::HubModel;
use std::collections::BTreeSet;

/// A file that lists the shards of the weights.
pub const INDEX: &str = "model.safetensors.index.json";

const SINGLE: &str = "model.safetensors";
const REQUIRED: [&str; 2] = ["config.json", "tokenizer.json"];
const OPTIONAL: [&str; 2] = ["tokenizer_config.json", "special_tokens_map.json"];

/// The files to fetch first, of those that a repository has; where [`INDEX`] is among them, the
/// shards that it lists come after.
///
/// # Errors
/// When the repository lacks one that every run needs.
pub fn files(model: &HubModel, has: &BTreeSet<String>) -> Result<Vec<&'static str>> {
    let lacks = |what: String, remedy: &str| Error::input(&model.repo, what, remedy);
    if let Some(file) = REQUIRED.iter().find(|name| !has.contains(**name)) {
        return Err(lacks(
            format!("the repository has no {file}"),
            "load the model and its fast tokenizer in transformers, save both into one folder with \
             `save_pretrained`, and give that folder as the model",
        ));
    }
    let weights = match [SINGLE, INDEX].into_iter().find(|name| has.contains(*name)) {
        Some(name) => name,
        None => {
            let others: Vec<_> = has
                .iter()
                .filter(|name| {
                    [".bin", ".h5", ".gguf", ".safetensors"]
                        .iter()
                        .any(|end| name.ends_with(end))
                })
                .map(String::as_str)
                .collect();
            return Err(lacks(
                format!(
                    "the repository has no {SINGLE} (it has: {})",
                    if others.is_empty() {
                        "no weights".to_owned()
                    } else {
                        others.join(", ")
                    }
                ),
                "load the model in transformers, save it with `save_pretrained(folder, \
                 safe_serialization=True)`, and give that folder as the model",
            ));
        }
    };
    let optional = OPTIONAL.into_iter().filter(|name| has.contains(*name));
    Ok(REQUIRED
        .into_iter()
        .chain(optional)
        .chain([weights])
        .collect())
}

/// The shards that an index lists, in order.
///
/// # Errors
/// When it is not an index, or lists a file outside the repository's folder.
pub fn shards(model: &HubModel, index: &[u8]) -> Result<Vec<String>> {
    #[derive(serde::Deserialize)]
    struct Index {
        weight_map: std::collections::BTreeMap<String, String>,
    }
    let broken = |what: String| {
        Error::input(
            &model.repo,
            format!("{INDEX} {what}"),
            "choose another revision, or report it to the model's owner",
        )
    };
    let index: Index = serde_json::from_slice(index)
        .map_err(|error| broken(format!("is not a readable index ({error})")))?;
    let shards: BTreeSet<_> = index.weight_map.into_values().collect();
    match shards.iter().find(|name| name.contains(['/', '\\'])) {
        Some(name) => Err(broken(format!("lists `{name}`, which leads elsewhere"))),
        None => Ok(shards.into_iter().collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(has: &[&str]) -> Result<Vec<&'static str>> {
        let model = HubModel::parse("owner/tiny").unwrap();
        files(&model, &has.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn only_what_a_run_needs_is_fetched() {
        let all = [
            "README.md",
            "config.json",
            "flax_model.msgpack",
            "model.safetensors",
            INDEX,
            "pytorch_model.bin",
            "tokenizer.json",
            "tokenizer_config.json",
            "vocab.json",
        ];
        let expected = [
            "config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "model.safetensors",
        ];
        assert_eq!(plan(&all).unwrap(), expected);
        let sharded = plan(&["config.json", "tokenizer.json", INDEX]).unwrap();
        assert_eq!(sharded, ["config.json", "tokenizer.json", INDEX]);
    }

    #[test]
    fn what_a_repository_lacks_is_said() {
        let error = plan(&["config.json", "model.safetensors"])
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("owner/tiny: the repository has no tokenizer.json"),
            "{error}"
        );
        let error = plan(&["config.json", "tokenizer.json", "pytorch_model.bin"]).unwrap_err();
        let error = error.to_string();
        assert!(
            error.contains("has no model.safetensors (it has: pytorch_model.bin)"),
            "{error}"
        );
        assert!(error.contains("safe_serialization=True"), "{error}");
    }

    #[test]
    fn shards_are_listed_once_and_stay_in_the_folder() {
        let model = HubModel::parse("owner/tiny").unwrap();
        let index = br#"{"weight_map": {"a": "2", "b": "1", "c": "2"}}"#;
        assert_eq!(shards(&model, index).unwrap(), ["1", "2"]);
        let index = br#"{"weight_map": {"a": "../../x"}}"#;
        assert!(
            shards(&model, index)
                .unwrap_err()
                .to_string()
                .contains("leads elsewhere")
        );
        assert!(shards(&model, b"[]").is_err());
    }
}
