//! A model's files: weights, configuration, tokenizer.

use super::{Target, sentence};
use crate::mutate::{NUMBERS, json, pick};
use crate::seeds::seeds;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use selectron_model::Network;
use selectron_model::checkpoint::Checkpoint;
use selectron_model::{TokenBatch, device};
use selectron_run::Site;
use selectron_run::files::folder_entries;
use selectron_run::pipeline::Layers;
use selectron_tests::root;
use serde_json::{Value, json};
use std::path::Path;

const SMALL: &str = "tests/reference/end_to_end/model";
const REFERENCES: &str = "tests/reference/models";

/// The names of the reference models: every folder of them.
fn references() -> Vec<String> {
    let folders = folder_entries(&root().join(REFERENCES)).unwrap();
    let models = folders
        .iter()
        .filter(|path| path.join("config.json").is_file());
    models
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect()
}

fn copy(from: &str, folder: &Path) {
    let from = root().join(from);
    let name = from.file_name().unwrap();
    std::fs::copy(&from, folder.join(name)).unwrap();
}

/// Loads the network of a folder and records a few tokens, as the extract stage does.
fn load_and_record(folder: &Path) -> Result<(), String> {
    let checkpoint = sentence(Checkpoint::open(folder))?;
    let compute = sentence(device::open("flex"))?;
    let network = sentence(Network::load(&checkpoint, compute))?;
    let sites: Vec<Site> = network.sites().collect();
    let request = sentence(network.request(&sites, &Layers::All))?;
    let batch = sentence(TokenBatch::new(&[&[0, 1, 2, 1, 0]]))?;
    sentence(network.record(&batch, &request, &mut |_| Ok(())))
}

/// `model.safetensors`.
pub(super) struct Safetensors;

impl Target for Safetensors {
    fn seeds(&self) -> Vec<Vec<u8>> {
        seeds("safetensors", &[&format!("{SMALL}/model.safetensors")])
    }

    fn prepare(&self, folder: &Path) {
        copy(&format!("{SMALL}/config.json"), folder);
    }

    fn mutate(&self, rng: &mut ChaCha8Rng, seed: &[u8]) -> Vec<u8> {
        let length = seed.get(..8).map_or(0, |bytes| {
            usize::try_from(u64::from_le_bytes(bytes.try_into().unwrap())).unwrap_or(usize::MAX)
        });
        let Some((header, data)) = seed.get(8..).and_then(|rest| rest.split_at_checked(length))
        else {
            return seed.to_vec();
        };
        let header = match rng.random_range(0..5) {
            0 | 1 => json::mutate(rng, header),
            2 => header.to_vec(),
            _ => change_a_tensor(rng, header),
        };
        let claimed = match rng.random_range(0..10) {
            0 => *pick(rng, &NUMBERS) as u64,
            1 => header.len() as u64 + 1,
            _ => header.len() as u64,
        };
        let mut data = data.to_vec();
        match rng.random_range(0..8) {
            0 => data.truncate(rng.random_range(0..=data.len())),
            1 => data.extend([0; 64]),
            _ => {}
        }
        [claimed.to_le_bytes().to_vec(), header, data].concat()
    }

    fn read(&self, folder: &Path, input: &[u8]) -> Result<(), String> {
        std::fs::write(folder.join("model.safetensors"), input).unwrap();
        load_and_record(folder)
    }
}

/// Changes type, shape, place or name of one tensor in a header.
fn change_a_tensor(rng: &mut ChaCha8Rng, header: &[u8]) -> Vec<u8> {
    let Ok(Value::Object(mut map)) = serde_json::from_slice(header) else {
        return header.to_vec();
    };
    let keys: Vec<_> = map.keys().cloned().collect();
    if keys.is_empty() {
        return header.to_vec();
    }
    let (key, other) = (pick(rng, &keys).clone(), pick(rng, &keys).clone());
    let (number, second) = (*pick(rng, &NUMBERS), *pick(rng, &NUMBERS));
    let mut tensor = map.get(&key).cloned().unwrap_or_default();
    match rng.random_range(0..8) {
        0 => {
            let types = [
                "F64", "F16", "BF16", "I8", "U8", "BOOL", "F8_E4M3", "C64", "x",
            ];
            tensor["dtype"] = json!(pick(rng, &types));
        }
        1 => tensor["shape"] = json!([number, second]),
        2 => tensor["shape"] = json!([1_u64 << 32, 1_u64 << 32]),
        3 => tensor["shape"] = json!(vec![1; rng.random_range(0..300)]),
        4 => tensor["data_offsets"] = json!([number, second]),
        5 => {
            if let Some(end) = tensor["data_offsets"][1].as_u64() {
                tensor["data_offsets"][1] = json!(end.wrapping_add_signed(number));
            }
        }
        6 => {
            tensor["data_offsets"] =
                map.get(&other).cloned().unwrap_or_default()["data_offsets"].clone();
        }
        _ => {
            // The same name a second time, with another tensor's facts.
            let text = Value::Object(map.clone()).to_string();
            let again = json!({ key: map.get(&other) }).to_string();
            return format!("{},{}", &text[..text.len() - 1], &again[1..]).into_bytes();
        }
    }
    map.insert(key, tensor);
    Value::Object(map).to_string().into_bytes()
}

/// `config.json`, beside the weights of the family that it names.
pub(super) struct Config;

impl Target for Config {
    fn seeds(&self) -> Vec<Vec<u8>> {
        let models = references().into_iter();
        let files: Vec<_> = models
            .map(|name| format!("{REFERENCES}/{name}/config.json"))
            .collect();
        seeds(
            "config",
            &files.iter().map(String::as_str).collect::<Vec<_>>(),
        )
    }

    fn prepare(&self, folder: &Path) {
        for model in references() {
            let from = root().join(REFERENCES).join(&model);
            let to = folder.join(model);
            std::fs::create_dir_all(&to).unwrap();
            for name in ["model.safetensors", "config.json"] {
                std::fs::copy(from.join(name), to.join(name)).unwrap();
            }
        }
    }

    fn mutate(&self, rng: &mut ChaCha8Rng, seed: &[u8]) -> Vec<u8> {
        json::mutate(rng, seed)
    }

    fn read(&self, folder: &Path, input: &[u8]) -> Result<(), String> {
        let named = serde_json::from_slice::<Value>(input).ok();
        let family = named.and_then(|value| value["model_type"].as_str().map(str::to_owned));
        // A reference model has the name of its family, if it is the family's first.
        let own = family.filter(|family| references().contains(family));
        let folder = folder.join(own.as_deref().unwrap_or("gpt_neo"));
        std::fs::write(folder.join("config.json"), input).unwrap();
        load_and_record(&folder)
    }
}

/// `tokenizer.json`.
pub(super) struct Tokenizer;

impl Target for Tokenizer {
    fn seeds(&self) -> Vec<Vec<u8>> {
        let kinds = ["byte-level", "metaspace", "prepend", "unigram", "wordpiece"];
        let files = kinds.map(|kind| format!("tests/reference/tokenizers/{kind}/tokenizer.json"));
        seeds("tokenizer", &files.each_ref().map(String::as_str))
    }

    fn prepare(&self, folder: &Path) {
        copy(&format!("{SMALL}/config.json"), folder);
    }

    fn mutate(&self, rng: &mut ChaCha8Rng, seed: &[u8]) -> Vec<u8> {
        json::mutate(rng, seed)
    }

    fn read(&self, folder: &Path, input: &[u8]) -> Result<(), String> {
        std::fs::write(folder.join("tokenizer.json"), input).unwrap();
        let checkpoint = sentence(Checkpoint::open(folder))?;
        let tokenizer = sentence(checkpoint.tokenizer())?;
        for text in [
            "",
            " ",
            "The time is 7!",
            "e\u{301}👩‍👧 שלום\n\n<s>",
            &"way ".repeat(300),
        ] {
            let length = text.chars().count();
            for token in sentence(tokenizer.encode(text))? {
                assert!(token.span.end <= length, "{token:?} of {length} characters");
            }
            sentence(tokenizer.encode_word(text, true))?;
            sentence(tokenizer.encode_word(text, false))?;
        }
        Ok(())
    }
}
