//! Configurations as they come: old and new spellings say the same, and what is not computed is
//! refused.

use super::reference::Reference;
use crate::error::Result;
use crate::families::registry;
use crate::families::settings::Settings;
use serde_json::{Value, json};

fn read(name: &str, change: impl FnOnce(&mut Value)) -> Result<Settings> {
    let config = Reference::open(name).config(change);
    (registry::family(&config)?.settings)(&config)
}

fn settings(name: &str, change: impl FnOnce(&mut Value)) -> Settings {
    read(name, change).unwrap()
}

fn remove(value: &mut Value, key: &str) {
    value.as_object_mut().unwrap().remove(key).unwrap();
}

#[test]
fn attention_types_and_attention_layers_say_the_same() {
    let windows = |settings: &Settings| -> Vec<_> {
        settings.layers.iter().map(|layer| layer.window).collect()
    };
    let from_layers = settings("gpt_neo", |_| {});
    assert_eq!(windows(&from_layers), [None, Some(8), None, Some(8)]);
    let from_types = settings("gpt_neo", |value| remove(value, "attention_layers"));
    assert_eq!(from_types, from_layers);
    let error = read("gpt_neo", |value| {
        remove(value, "attention_layers");
        value["num_layers"] = 5.into();
    });
    let error = error.unwrap_err().to_string();
    assert!(error.contains("do not add up to 5 layers"), "{error}");
}

#[test]
fn old_rotary_keys_say_the_same_as_new_ones() {
    let old = settings("gpt_neox-sequential", |value| {
        remove(value, "rope_parameters");
        value["rotary_pct"] = 0.5.into();
        value["rotary_emb_base"] = 500.into();
        value["rope_scaling"] = json!({"type": "linear", "factor": 2.0});
    });
    assert_eq!(old, settings("gpt_neox-sequential", |_| {}));
    let old = settings("llama-head-dim", |value| {
        let mut scaling = value["rope_parameters"].take();
        remove(&mut scaling, "rope_theta");
        value["rope_scaling"] = scaling;
        value["rope_theta"] = 100.0.into();
    });
    assert_eq!(old, settings("llama-head-dim", |_| {}));
    // Nothing said at all: theta 10000, and a quarter of each head in GPT-NeoX.
    let silent = settings("gpt_neox", |value| remove(value, "rope_parameters"));
    assert_eq!(silent, settings("gpt_neox", |_| {}));
}

#[test]
fn defaults_are_those_of_transformers() {
    let mistral = settings("mistral", |value| {
        remove(value, "sliding_window");
        remove(value, "num_key_value_heads");
        value["num_attention_heads"] = 16.into();
        value["head_dim"] = 4.into();
    });
    assert_eq!(mistral.layers[0].window, Some(4096));
    assert_eq!(mistral.heads.key_value, 8);
    let wide = settings("mistral", |value| value["sliding_window"] = Value::Null);
    assert_eq!(wide.layers[0].window, None);
    let windows = |change: fn(&mut Value)| -> Vec<_> {
        let settings = settings("qwen2-windows", change);
        settings.layers.iter().map(|layer| layer.window).collect()
    };
    let by_types = windows(|_| {});
    assert_eq!(by_types, [None, None, Some(6), Some(6)]);
    assert_eq!(windows(|value| remove(value, "layer_types")), by_types);
    let unused = windows(|value| {
        remove(value, "layer_types");
        value["use_sliding_window"] = false.into();
    });
    assert_eq!(unused, [None; 4]);
    let llama = settings("llama", |value| {
        remove(value, "num_key_value_heads");
        value["head_dim"] = Value::Null;
    });
    assert_eq!((llama.heads.key_value, llama.heads.width), (4, 8));
    let gpt2 = settings("gpt2", |value| value["scale_attn_weights"] = false.into());
    assert!(gpt2.layers.iter().all(|layer| layer.scale == 1.0));
}

#[test]
fn what_is_not_computed_is_refused() {
    let refusals = [
        (
            "gpt2",
            json!({"add_cross_attention": true}),
            "`add_cross_attention` is true, and only false is supported: there is no encoder",
        ),
        (
            "gpt2",
            json!({"activation_function": "mish"}),
            "`activation_function`: unknown activation `mish` (known: gelu, ",
        ),
        (
            "gpt2",
            json!({"scale_attn_weights": 1}),
            "`scale_attn_weights`: 1 is neither true nor false",
        ),
        (
            "gpt_neo",
            json!({"num_heads": 0}),
            "`num_heads`: 0 is too small",
        ),
        (
            "gpt_neo",
            json!({"num_heads": 5}),
            "`num_heads`: 5 heads do not divide a hidden size of 32",
        ),
        (
            "gpt_neo",
            json!({"attention_layers": ["global", "local", "global", "sparse"]}),
            "unknown attention `sparse`",
        ),
        (
            "gpt_neox",
            json!({"rope_parameters": {"rope_type": "dynamic"}}),
            "`rope_parameters.rope_type`: `dynamic` is not supported",
        ),
        (
            "gpt_neox",
            json!({"rope_parameters": {"partial_rotary_factor": 0.125}}),
            "1 values of each head would be rotated, which must be an even number",
        ),
        (
            "gpt_neox",
            json!({"rope_parameters": {"partial_rotary_factor": 1.5}}),
            "1.5 is more than the whole head",
        ),
        (
            "gpt_neox",
            json!({"partial_rotary_factor": 0.5}),
            "`partial_rotary_factor`: the fraction is 0.25 elsewhere in the file",
        ),
        (
            "llama",
            json!({"rope_theta": 5}),
            "`rope_theta`: theta is 10000 elsewhere in the file",
        ),
        (
            "llama",
            json!({"rope_scaling": {"type": "yarn", "factor": 4.0, "beta_fast": 32}}),
            "`rope_scaling.rope_type`: `yarn` is not supported",
        ),
        (
            "llama",
            json!({"rope_parameters": {"long_factor": [1.0]}}),
            "`rope_parameters.long_factor`: a setting of rotary positions",
        ),
        (
            "llama",
            json!({"rope_scaling": {"type": "linear"}}),
            "`rope_scaling.factor`: the key is missing",
        ),
        (
            "llama-head-dim",
            json!({"rope_parameters": {"high_freq_factor": 1.0}}),
            "`rope_parameters.high_freq_factor`: must be above low_freq_factor",
        ),
        (
            "llama",
            json!({"partial_rotary_factor": 0.5}),
            "`partial_rotary_factor` is 0.5, and only 1.0 is supported: this family rotates whole",
        ),
        (
            "llama",
            json!({"sliding_window": 8}),
            "`sliding_window`: a Llama model has no sliding windows",
        ),
        (
            "llama",
            json!({"num_key_value_heads": 3}),
            "3 heads of keys cannot serve 4 heads of queries",
        ),
        (
            "llama",
            json!({"rms_norm_eps": -1.0}),
            "`rms_norm_eps`: -1.0 is not a number above 0",
        ),
        (
            "mistral",
            json!({"attention_bias": true}),
            "`attention_bias` is true",
        ),
        (
            "mistral",
            json!({"layer_types": ["full_attention"]}),
            "`layer_types`: windows that differ from layer to layer are not supported",
        ),
        (
            "qwen2",
            json!({"layer_types": ["full_attention"]}),
            "`layer_types`: 1 entries for 4 layers",
        ),
        (
            "qwen2-windows",
            json!({"sliding_window": null}),
            "a sliding window without `sliding_window`",
        ),
        (
            "bert",
            json!({"position_embedding_type": "relative_key"}),
            "`position_embedding_type` is \"relative_key\", and only \"absolute\" is supported",
        ),
        ("bert", json!({"is_decoder": true}), "`is_decoder` is true"),
        (
            "bert",
            json!({"model_type": "roberta"}),
            "the model family `roberta` is not supported; choose a checkpoint whose model_type is",
        ),
    ];
    for (name, patch, message) in refusals {
        let error = read(name, |config| merge(config, patch)).unwrap_err();
        let error = error.to_string();
        assert!(error.contains(message), "{name}: {error}");
    }
}

/// Sets the keys of `patch`, those of objects one by one.
fn merge(value: &mut Value, patch: Value) {
    match (value, patch) {
        (Value::Object(old), Value::Object(new)) => {
            for (key, new) in new {
                merge(old.entry(key).or_insert(Value::Null), new);
            }
        }
        (value, patch) => *value = patch,
    }
}
