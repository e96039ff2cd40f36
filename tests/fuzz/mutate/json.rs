//! JSON values.

use super::{NUMBERS, few, pick};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

/// Changes some places in a JSON text; one that is not JSON is left alone.
pub(crate) fn mutate(rng: &mut ChaCha8Rng, seed: &[u8]) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(seed) else {
        return seed.to_vec();
    };
    for _ in 0..few(rng) {
        change(rng, &mut value);
    }
    let text = value.to_string();
    if rng.random_range(0..12) == 0 {
        return written_twice(rng, &text);
    }
    text.into_bytes()
}

/// Goes down to some place and changes what is there.
pub(crate) fn change(rng: &mut ChaCha8Rng, value: &mut Value) {
    let inside = match value {
        Value::Object(map) => map.len(),
        Value::Array(items) => items.len(),
        _ => 0,
    };
    if inside == 0 || rng.random_range(0..8) == 0 {
        return replace(rng, value);
    }
    let index = rng.random_range(0..inside);
    match value {
        Value::Object(map) => {
            let key = map.keys().nth(index).cloned().unwrap_or_default();
            match rng.random_range(0..14) {
                0 => drop(map.remove(&key)),
                1 => {
                    let inner = map.remove(&key).unwrap_or_default();
                    map.insert(hostile_key(rng), inner);
                }
                2 => {
                    map.insert(hostile_key(rng), odd(rng));
                }
                _ => change(rng, &mut map[&key]),
            }
        }
        Value::Array(items) => match rng.random_range(0..14) {
            0 => drop(items.remove(index)),
            1 => {
                let item = items[index].clone();
                let times = *pick(rng, &[1, 2, 50, 2000]);
                // No more than a megabyte of anything.
                let times = times.min(1 + (1 << 20) / (item.to_string().len() + 1));
                items.splice(index..index, std::iter::repeat_n(item, times));
            }
            2 => {
                let other = rng.random_range(0..items.len());
                items.swap(index, other);
            }
            3 => items.truncate(index),
            _ => change(rng, &mut items[index]),
        },
        _ => {}
    }
}

fn replace(rng: &mut ChaCha8Rng, value: &mut Value) {
    *value = match (&*value, rng.random_range(0..4)) {
        (Value::Number(number), 0) => match number.as_i64() {
            Some(number) => json!(number.wrapping_add(*pick(rng, &[-1, 1, 2, 64]))),
            None => json!(-number.as_f64().unwrap_or(0.0)),
        },
        (Value::Number(_), 1 | 2) => json!(pick(rng, &NUMBERS)),
        (Value::String(text), 0) => json!(format!("{text}{text}")),
        (Value::Bool(flag), 0..=2) => json!(!*flag),
        _ => odd(rng),
    };
}

fn odd(rng: &mut ChaCha8Rng) -> Value {
    match rng.random_range(0..16) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(""),
        3 => json!([]),
        4 => json!({}),
        5 => json!(1e308),
        6 => json!(5e-324),
        7 => json!(u64::MAX),
        8 => json!(-0.5),
        9 => json!("x".repeat(100_000)),
        10 => json!("\0\u{202e}é\u{301}👩‍👧"),
        11 => {
            // Deep, but not deeper than a parser must follow.
            let mut value = json!(0);
            for _ in 0..rng.random_range(1..120) {
                value = json!([value]);
            }
            value
        }
        12 => json!(vec![0; 1000]),
        _ => json!(pick(rng, &NUMBERS)),
    }
}

fn hostile_key(rng: &mut ChaCha8Rng) -> String {
    let keys = [
        "",
        "\0",
        "__metadata__",
        "type",
        "é\u{301}",
        "../x",
        "model_type",
        "0",
    ];
    (*pick(rng, &keys)).to_owned()
}

/// Writes a key of an object a second time: JSON allows it, and readers differ in which they take.
fn written_twice(rng: &mut ChaCha8Rng, text: &str) -> Vec<u8> {
    let commas: Vec<_> = text.match_indices(",\"").map(|(at, _)| at).collect();
    if commas.len() < 2 {
        return text.as_bytes().to_vec();
    }
    let at = rng.random_range(0..commas.len() - 1);
    let (from, to) = (commas[at], commas[at + 1]);
    format!("{}{}{}", &text[..to], &text[from..to], &text[to..]).into_bytes()
}
