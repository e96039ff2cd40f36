//! Words and texts through small tokenizers of each kind, held against what Python's `tokenizers`
//! makes of them (`tests/reference/tokenizers/make_tokenizers.py`).

use super::{SpaceMark, Token, Tokenizer};
use crate::config::Config;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn reference() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reference/tokenizers")
}

/// A tokenizer with files added or changed by `change`, and this `config.json` beside it.
fn load_with(name: &str, config: &Value, change: impl FnOnce(&Path)) -> Result<Tokenizer, String> {
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(reference().join(name)).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    change(folder.path());
    let path = folder.path().join("config.json");
    std::fs::write(&path, config.to_string()).unwrap();
    let config = Config::load(path).unwrap();
    Tokenizer::load(folder.path(), &config).map_err(|error| error.to_string())
}

fn load(name: &str) -> Tokenizer {
    load_with(name, &json!({}), |_| {}).unwrap()
}

fn expected() -> Value {
    let text = std::fs::read_to_string(reference().join("expected.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn names(tokenizer: &Tokenizer, tokens: &[Token]) -> Vec<String> {
    let name = |token: &Token| tokenizer.running.id_to_token(token.id).unwrap();
    tokens.iter().map(name).collect()
}

const KINDS: [(&str, SpaceMark); 5] = [
    ("byte-level", SpaceMark::Typed),
    ("metaspace", SpaceMark::Typed),
    ("prepend", SpaceMark::Typed),
    ("unigram", SpaceMark::Automatic),
    ("wordpiece", SpaceMark::Absent),
];

#[test]
fn what_the_library_would_not_survive_is_refused() {
    let refusal = |change: fn(&mut Value)| {
        let outcome = load_with("byte-level", &json!({}), |folder| {
            let path = folder.join("tokenizer.json");
            let mut json = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            change(&mut json);
            std::fs::write(path, json.to_string()).unwrap();
        });
        outcome.unwrap_err()
    };
    let deep = refusal(|json| {
        json["decoder"] = (0..60).fold(Value::Null, |inner, _| json!([inner]));
    });
    assert!(deep.contains("parts within parts"), "{deep}");
    let prefixed = refusal(|json| json["model"]["continuing_subword_prefix"] = json!("##"));
    assert!(prefixed.contains("does not make a token"), "{prefixed}");
    let too_long = refusal(|json| {
        let vocabulary = json["model"]["vocab"].as_object().unwrap();
        let longest = vocabulary
            .keys()
            .max_by_key(|key| key.len())
            .unwrap()
            .clone();
        json["model"]["merges"] = json!([[longest, longest]]);
    });
    assert!(too_long.contains("does not make a token"), "{too_long}");
}

#[test]
fn words_become_what_python_makes_of_them() {
    let expected = expected();
    for (kind, mark) in KINDS {
        let tokenizer = load(kind);
        assert_eq!(tokenizer.space_mark(), mark, "{kind}");
        for (word, rows) in expected[kind].as_object().unwrap() {
            let words =
                |value: &Value| -> Vec<String> { serde_json::from_value(value.clone()).unwrap() };
            let (bare, span) = tokenizer.encode_word(word, false).unwrap();
            assert_eq!(
                names(&tokenizer, &bare),
                words(&rows["bare"]),
                "{kind} {word}"
            );
            assert!(bare.iter().all(|token| token.overlaps(&span)));

            let (space, span) = tokenizer.encode_word(word, true).unwrap();
            let whole = if rows["space"].is_null() {
                &rows["bare"]
            } else {
                &rows["space"]
            };
            assert_eq!(names(&tokenizer, &space), words(whole), "{kind} {word}");
            assert_eq!(span.len(), word.chars().count());
            // A space that became a token of its own is not the word's.
            let own: Vec<_> = space.iter().filter(|token| token.overlaps(&span)).collect();
            assert_eq!(own.last(), space.last().as_ref());
            assert!(own.len() + 1 >= space.len());
        }
    }
}

#[test]
fn a_word_of_running_text_is_found_by_offsets() {
    let expected = expected();
    for (kind, _) in KINDS {
        let tokenizer = load(kind);
        for (word, rows) in expected[kind].as_object().unwrap() {
            let text = format!("Not the {word}, please.");
            let span = 8..8 + word.chars().count();
            let tokens = tokenizer.encode(&text).unwrap();
            let own: Vec<_> = tokens.into_iter().filter(|t| t.overlaps(&span)).collect();
            let rows: Vec<(String, usize, usize)> =
                serde_json::from_value(rows["text"].clone()).unwrap();
            let ours: Vec<_> = names(&tokenizer, &own)
                .into_iter()
                .zip(&own)
                .map(|(name, token)| (name, token.span.start, token.span.end))
                .collect();
            assert_eq!(ours, rows, "{kind} {word}");
        }
    }
}

fn frame(tokenizer: &Tokenizer) -> (String, Option<String>) {
    let frame = tokenizer.frame().unwrap();
    let after = frame.after.as_ref().map(|special| special.name.clone());
    (frame.before.name.clone(), after)
}

#[test]
fn special_tokens_come_from_the_models_own_files() {
    let names = |before: &str, after: Option<&str>| (before.to_owned(), after.map(str::to_owned));
    let bos = names("<|endoftext|>", None);
    let without_config = |folder: &Path| {
        std::fs::remove_file(folder.join("tokenizer_config.json")).unwrap();
    };
    assert_eq!(frame(&load("byte-level")), bos);
    // In the other file that may name it, and by number.
    let map = load_with("byte-level", &json!({}), |folder| {
        without_config(folder);
        let map = json!({"bos_token": {"content": "<|endoftext|>", "lstrip": false}});
        std::fs::write(folder.join("special_tokens_map.json"), map.to_string()).unwrap();
    });
    assert_eq!(frame(&map.unwrap()), bos);
    let by_id = load_with("byte-level", &json!({"bos_token_id": 0}), without_config);
    assert_eq!(frame(&by_id.unwrap()), bos);
    // A null in the tokenizer's configuration leaves the model's to speak.
    let by_id = load_with("byte-level", &json!({"bos_token_id": 0}), |folder| {
        let config = json!({"bos_token": null}).to_string();
        std::fs::write(folder.join("tokenizer_config.json"), config).unwrap();
    });
    assert_eq!(frame(&by_id.unwrap()), bos);

    assert_eq!(frame(&load("metaspace")), names("<s>", None));
    assert_eq!(frame(&load("wordpiece")), names("[CLS]", Some("[SEP]")));
    // From the post-processor alone.
    let bert = load_with("wordpiece", &json!({}), without_config);
    assert_eq!(frame(&bert.unwrap()), names("[CLS]", Some("[SEP]")));
    let llama = load_with("prepend", &json!({}), without_config);
    assert_eq!(frame(&llama.unwrap()), names("<s>", None));
}

#[test]
fn what_is_wrong_with_a_tokenizer_is_said() {
    let none = load_with("byte-level", &json!({}), |folder| {
        std::fs::remove_file(folder.join("tokenizer_config.json")).unwrap();
    });
    let error = none.unwrap().frame().unwrap_err().to_string();
    assert!(error.contains("no beginning-of-sequence token; choose the presentation `bare`"));
    let unknown = load_with("byte-level", &json!({}), |folder| {
        let config = json!({"bos_token": "<s>"}).to_string();
        std::fs::write(folder.join("tokenizer_config.json"), config).unwrap();
    });
    let error = unknown.unwrap_err();
    assert!(
        error.contains("does not know the special token `<s>`"),
        "{error}"
    );
    let missing = load_with("byte-level", &json!({}), |folder| {
        std::fs::remove_file(folder.join("tokenizer.json")).unwrap();
    });
    assert!(
        missing
            .unwrap_err()
            .contains("save the fast tokenizer beside the weights")
    );
    let broken = load_with("byte-level", &json!({}), |folder| {
        std::fs::write(folder.join("tokenizer.json"), "{}").unwrap();
    });
    let error = broken.unwrap_err();
    assert!(error.contains("not a readable tokenizer"), "{error}");
}

#[test]
fn marks_that_older_files_ask_for_are_taken_out_too() {
    let edit = |json: Value| super::space::without_automatic_mark(&json);
    let old = edit(
        json!({"pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "add_prefix_space": true}}),
    );
    let pre_tokenizer = &old.unwrap()["pre_tokenizer"];
    assert_eq!(pre_tokenizer["prepend_scheme"], "never");
    assert_eq!(pre_tokenizer["add_prefix_space"], false);
    let bytes = edit(
        json!({"pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "ByteLevel", "add_prefix_space": true}
        ]}}),
    );
    assert_eq!(
        bytes.unwrap()["pre_tokenizer"]["pretokenizers"][0]["add_prefix_space"],
        false
    );
    let alone = edit(json!({"normalizer": {"type": "Prepend", "prepend": "▁"}}));
    assert!(alone.unwrap()["normalizer"].is_null());
    assert!(edit(json!({"pre_tokenizer": {"type": "BertPreTokenizer"}})).is_none());
}
