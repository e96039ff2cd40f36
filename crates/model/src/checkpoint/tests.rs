//! Checkpoints as they come: cut into shards, under other prefixes, in half precision, damaged.

use crate::checkpoint::Checkpoint;
use crate::device;
use crate::families::tests::reference::{Reference, record, relative_error};
use crate::network::Network;
use crate::recorder::Recorded;
use half::{bf16, f16};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use std::collections::BTreeMap;
use std::path::Path;

/// A tensor that a test may change.
#[derive(Clone)]
struct Stored {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

type Tensors = BTreeMap<String, Stored>;

fn tensors_of(name: &str) -> Tensors {
    let bytes = std::fs::read(Reference::folder(name).join("model.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let stored = |view: TensorView<'_>| Stored {
        dtype: view.dtype(),
        shape: view.shape().to_vec(),
        bytes: view.data().to_vec(),
    };
    let tensors = file.tensors().into_iter();
    tensors.map(|(name, view)| (name, stored(view))).collect()
}

fn write(path: &Path, tensors: &Tensors) {
    let views = tensors.iter().map(|(name, t)| {
        let view = TensorView::new(t.dtype, t.shape.clone(), &t.bytes).unwrap();
        (name.clone(), view)
    });
    std::fs::write(path, safetensors::serialize(views, None).unwrap()).unwrap();
}

/// A folder with the configuration of a reference and what `fill` puts into it, loaded.
fn load(name: &str, fill: impl FnOnce(&Path)) -> Result<Vec<Recorded<'static>>, String> {
    let folder = tempfile::tempdir().unwrap();
    let config = Reference::folder(name).join("config.json");
    std::fs::copy(config, folder.path().join("config.json")).unwrap();
    fill(folder.path());
    let checkpoint = Checkpoint::open(folder.path()).unwrap();
    let network = Network::load(&checkpoint, device::open("flex").unwrap());
    let network = network.map_err(|error| error.to_string())?;
    Ok(pass(&network))
}

fn load_tensors(
    name: &str,
    change: impl FnOnce(&mut Tensors),
) -> Result<Vec<Recorded<'static>>, String> {
    let mut tensors = tensors_of(name);
    change(&mut tensors);
    load(name, |folder| {
        write(&folder.join("model.safetensors"), &tensors);
    })
}

fn pass(network: &Network) -> Vec<Recorded<'static>> {
    let sites: Vec<_> = network.sites().collect();
    record(network, &[&[3, 1, 4, 1, 5, 9, 2, 6]], &sites)
}

fn expected(name: &str) -> Vec<Recorded<'static>> {
    pass(&Reference::open(name).network("flex"))
}

#[test]
fn with_and_without_prefix_tied_and_untied_and_with_unused_buffers() {
    for name in Reference::names() {
        let name = name.as_str();
        let expected = expected(name);
        let prefix = Reference::open(name).prefix();
        let bare: Tensors = tensors_of(name)
            .into_iter()
            .map(|(name, t)| (name.trim_start_matches(prefix).to_owned(), t))
            .collect();
        let any = bare.values().next().unwrap().clone();
        let loaded = load_tensors(name, |tensors| *tensors = bare.clone());
        assert_eq!(loaded.unwrap(), expected, "{name} without {prefix}");
        let loaded = load_tensors(name, |tensors| {
            *tensors = bare
                .into_iter()
                .map(|(n, t)| (format!("{prefix}{n}"), t))
                .collect();
            // What an untied head and old buffers are called.
            for unused in ["lm_head.weight", "cls.predictions.bias", "embed_out.weight"] {
                tensors.insert(unused.to_owned(), any.clone());
            }
            for unused in ["h.0.attn.bias", "layers.0.self_attn.rotary_emb.inv_freq"] {
                tensors.insert(format!("{prefix}{unused}"), any.clone());
            }
        });
        assert_eq!(loaded.unwrap(), expected, "{name} with {prefix}");
    }
}

#[test]
fn norms_under_their_old_names() {
    let loaded = load_tensors("bert", |tensors| {
        let old = |name: &str| {
            let name = name.replace("LayerNorm.weight", "LayerNorm.gamma");
            name.replace("LayerNorm.bias", "LayerNorm.beta")
        };
        *tensors = tensors.iter().map(|(n, t)| (old(n), t.clone())).collect();
    });
    assert_eq!(loaded.unwrap(), expected("bert"));
}

/// Writes the tensors in turn into `shards` files and an index.
fn write_shards(folder: &Path, tensors: &Tensors, shards: usize) {
    let file = |shard| format!("model-{:05}-of-{shards:05}.safetensors", shard + 1);
    let mut parts = vec![Tensors::new(); shards];
    let mut map = BTreeMap::new();
    for (index, (name, tensor)) in tensors.iter().enumerate() {
        parts[index % shards].insert(name.clone(), tensor.clone());
        map.insert(name, file(index % shards));
    }
    for (shard, part) in parts.iter().enumerate() {
        write(&folder.join(file(shard)), part);
    }
    let index = serde_json::json!({"metadata": {"total_size": 0}, "weight_map": map});
    std::fs::write(
        folder.join("model.safetensors.index.json"),
        index.to_string(),
    )
    .unwrap();
}

#[test]
fn shards_give_the_same_as_one_file() {
    for name in ["llama", "gpt_neo"] {
        let loaded = load(name, |folder| write_shards(folder, &tensors_of(name), 3));
        assert_eq!(loaded.unwrap(), expected(name));
    }
    let lost = load("llama", |folder| {
        write_shards(folder, &tensors_of("llama"), 3);
        std::fs::remove_file(folder.join("model-00002-of-00003.safetensors")).unwrap();
    });
    let lost = lost.unwrap_err();
    assert!(
        lost.contains("model-00002-of-00003.safetensors: the file is missing, and"),
        "{lost}"
    );
    let missing = load("llama", |folder| {
        let mut tensors = tensors_of("llama");
        tensors.remove("model.norm.weight").unwrap();
        write_shards(folder, &tensors, 2);
    });
    let missing = missing.unwrap_err();
    let what = "the tensor `model.norm.weight` is missing here and in the 1 other files";
    assert!(missing.contains(what), "{missing}");
    let outside = load("llama", |folder| {
        let index = r#"{"weight_map": {"a": "../model.safetensors"}}"#;
        std::fs::write(folder.join("model.safetensors.index.json"), index).unwrap();
    });
    assert!(outside.unwrap_err().contains("leads out of the folder"));
    let broken = load("llama", |folder| {
        std::fs::write(folder.join("model.safetensors.index.json"), "{").unwrap();
    });
    assert!(broken.unwrap_err().contains("not a readable index"));
}

fn convert(tensor: &Stored, dtype: Dtype, to: fn(f32) -> [u8; 2]) -> Stored {
    let (values, _) = tensor.bytes.as_chunks::<4>();
    let values = values.iter().map(|bytes| f32::from_le_bytes(*bytes));
    Stored {
        dtype,
        shape: tensor.shape.clone(),
        bytes: values.flat_map(to).collect(),
    }
}

#[test]
fn half_precision_is_read_exactly() {
    type Half = (Dtype, fn(f32) -> [u8; 2], fn(f32) -> f32, f64);
    let halves: [Half; 2] = [
        (
            Dtype::F16,
            |x| f16::from_f32(x).to_le_bytes(),
            |x| f16::from_f32(x).to_f32(),
            1e-2,
        ),
        (
            Dtype::BF16,
            |x| bf16::from_f32(x).to_le_bytes(),
            |x| bf16::from_f32(x).to_f32(),
            1e-1,
        ),
    ];
    for name in ["gpt2", "llama", "bert"] {
        for (dtype, to_bytes, round, tolerance) in halves {
            let half = load_tensors(name, |tensors| {
                for tensor in tensors.values_mut() {
                    *tensor = convert(tensor, dtype, to_bytes);
                }
            });
            let half = half.unwrap();
            // The same values, rounded as the half-precision file rounds them, kept in float32.
            let rounded = load_tensors(name, |tensors| {
                for tensor in tensors.values_mut() {
                    let (values, _) = tensor.bytes.as_chunks::<4>();
                    let values = values.iter().map(|bytes| f32::from_le_bytes(*bytes));
                    tensor.bytes = values.flat_map(|x| round(x).to_le_bytes()).collect();
                }
            });
            assert_eq!(half, rounded.unwrap(), "{name} in {dtype:?}");
            for (half, full) in half.iter().zip(expected(name)) {
                let error = relative_error(&half.values, &full.values);
                assert!(
                    error < tolerance,
                    "{name} in {dtype:?} at {}: {error}",
                    half.site
                );
            }
        }
    }
}

#[test]
fn what_is_wrong_with_weights_is_said() {
    let refuse = |change: fn(&mut Tensors)| load_tensors("gpt2", change).unwrap_err();
    let missing = refuse(|tensors| {
        tensors.remove("transformer.h.2.mlp.c_fc.bias").unwrap();
    });
    assert!(missing.contains("the tensor `transformer.h.2.mlp.c_fc.bias` is missing; use"));
    let shape = refuse(|tensors| {
        let tensor = tensors.get_mut("transformer.wpe.weight").unwrap();
        tensor.shape = vec![32, 64];
    });
    let what = "the tensor `transformer.wpe.weight` has shape [32, 64], expected [64, 32]";
    assert!(shape.contains(what), "{shape}");
    let dtype = refuse(|tensors| {
        let tensor = tensors.get_mut("transformer.ln_f.bias").unwrap();
        tensor.dtype = Dtype::I32;
    });
    let what = "the tensor `transformer.ln_f.bias` is of type I32; convert the weights to f32";
    assert!(dtype.contains(what), "{dtype}");
}

#[test]
fn files_that_are_missing_or_damaged_are_said() {
    let whole = std::fs::read(Reference::folder("gpt2").join("model.safetensors")).unwrap();
    for kept in [0, 7, 8, 100, whole.len() - 1] {
        let cut = load("gpt2", |folder| {
            std::fs::write(folder.join("model.safetensors"), &whole[..kept]).unwrap();
        });
        let cut = cut.unwrap_err();
        assert!(
            cut.contains("model.safetensors: not a valid safetensors file"),
            "{cut}"
        );
        assert!(cut.contains("it may be cut off or damaged"), "{cut}");
    }
    let nothing = load("gpt2", |_| {}).unwrap_err();
    assert!(
        nothing.contains("the file is missing; put the model's weights there"),
        "{nothing}"
    );
    for name in ["pytorch_model.bin", "pytorch_model.bin.index.json"] {
        let pickled = load("gpt2", |folder| {
            std::fs::write(folder.join(name), "").unwrap();
        });
        let pickled = pickled.unwrap_err();
        assert!(
            pickled.contains(&format!("there is only {name}")),
            "{pickled}"
        );
        assert!(pickled.contains("safe_serialization=True"), "{pickled}");
    }
}
