//! Weights in safetensors files, mapped into memory.
//!
//! On a device that computes in this process's memory, float32 weights stay where they are mapped:
//! loading costs nothing, and what is never read, such as a language-model head, never becomes
//! resident. Everything else is converted to float32 as it is loaded.

use crate::device::is_host;
use crate::error::{Error, Result};
use burn::tensor::{AllocationProperty, Bytes as TensorBytes, DType, Device, Tensor, TensorData};
use bytes::Bytes;
use half::{bf16, f16};
use memmap2::Mmap;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use selectron_run::files::read_text;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::rc::Rc;

const SINGLE: &str = "model.safetensors";
pub(super) const INDEX: &str = "model.safetensors.index.json";

/// The weight files of a folder: one, or the shards that an index lists, in order of name.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let single = folder.join(SINGLE);
    if single.exists() {
        return Ok(vec![single]);
    }
    let index = folder.join(INDEX);
    if index.exists() {
        return shards(folder, &index);
    }
    let pickled = ["pytorch_model.bin", "pytorch_model.bin.index.json"]
        .into_iter()
        .find(|name| folder.join(name).exists());
    let remedy = match pickled {
        Some(name) => format!(
            "there is only {name}, a program that PyTorch would run: load the model in \
             transformers and call `model.save_pretrained(folder, safe_serialization=True)`"
        ),
        None => "put the model's weights there".to_owned(),
    };
    Err(Error::checkpoint(single, "the file is missing", remedy))
}

fn shards(folder: &Path, index: &Path) -> Result<Vec<PathBuf>> {
    #[derive(serde::Deserialize)]
    struct Index {
        weight_map: BTreeMap<String, String>,
    }
    let broken = |what: String| Error::checkpoint(index, what, "fetch it again");
    let parsed: Index = serde_json::from_str(&read_text(index)?)
        .map_err(|error| broken(format!("not a readable index ({error})")))?;
    let mut names: Vec<_> = parsed.weight_map.into_values().collect();
    names.sort();
    names.dedup();
    if let Some(name) = names.iter().find(|name| name.contains(['/', '\\'])) {
        return Err(broken(format!(
            "the shard name `{name}` leads out of the folder"
        )));
    }
    if let Some(name) = names.iter().find(|name| !folder.join(name).exists()) {
        return Err(Error::checkpoint(
            folder.join(name),
            format!("the file is missing, and {INDEX} lists it"),
            "fetch the model again",
        ));
    }
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}

/// Weight files mapped into memory.
#[derive(Debug)]
pub struct OpenWeights {
    files: Vec<(PathBuf, Bytes)>,
}

impl OpenWeights {
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let files = files(folder)?
            .into_iter()
            .map(|path| {
                let map = Bytes::from_owner(map(&path)?);
                Ok((path, map))
            })
            .collect::<Result<_>>()?;
        Ok(Self { files })
    }
}

/// Maps a file into memory, so that weights are read once, straight into their tensors.
#[allow(unsafe_code)]
fn map(path: &Path) -> Result<Mmap> {
    let failed = |source| Error::Schema(selectron_run::Error::io("read", path, source));
    let file = File::open(path).map_err(failed)?;
    // SAFETY: the map is read-only. If another process truncates the file meanwhile, reading past
    // its end raises SIGBUS: the run ends without output, as it would on a failing disk. Bytes that
    // change under us can alter numbers, never memory safety, since every value read is plain data;
    // a stage compares the files' hashes before and after.
    unsafe { Mmap::map(&file) }.map_err(failed)
}

/// A mapped file whose header has been read.
#[derive(Debug)]
struct OpenFile<'a> {
    path: &'a Path,
    map: &'a Bytes,
    tensors: SafeTensors<'a>,
}

/// The tensors of a model's weight files, by name.
#[derive(Debug, Clone)]
pub struct Weights<'a> {
    files: Rc<Vec<OpenFile<'a>>>,
    prefix: String,
    device: Device,
}

impl<'a> Weights<'a> {
    /// Reads the headers of mapped files.
    ///
    /// # Errors
    /// When a file is not valid safetensors.
    pub fn new(open: &'a OpenWeights, device: &Device) -> Result<Self> {
        let files = open
            .files
            .iter()
            .map(|(path, map)| match SafeTensors::deserialize(map) {
                Ok(tensors) => Ok(OpenFile { path, map, tensors }),
                Err(error) => Err(Error::checkpoint(
                    path,
                    format!("not a valid safetensors file ({error})"),
                    "it may be cut off or damaged: fetch it again",
                )),
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            files: Rc::new(files),
            prefix: String::new(),
            device: device.clone(),
        })
    }

    /// The same tensors with `prefix` put before every name, if the files use it: checkpoints of a
    /// bare model lack the prefix that those of a language model have.
    #[must_use]
    pub fn without_prefix(&self, prefix: &str) -> Self {
        let used = self.files.iter().any(|file| {
            file.tensors
                .names()
                .into_iter()
                .any(|name| name.starts_with(prefix))
        });
        let prefix = if used {
            prefix.to_owned()
        } else {
            String::new()
        };
        Self {
            files: self.files.clone(),
            prefix,
            device: self.device.clone(),
        }
    }

    /// The tensors below a name: `under("h.0").tensor("ln_1.weight", …)` loads `h.0.ln_1.weight`.
    #[must_use]
    pub fn under(&self, name: impl std::fmt::Display) -> Self {
        Self {
            files: self.files.clone(),
            prefix: format!("{}{name}.", self.prefix),
            device: self.device.clone(),
        }
    }

    /// Whether there is a tensor of this name.
    pub fn has(&self, name: &str) -> bool {
        let name = format!("{}{name}", self.prefix);
        self.files
            .iter()
            .any(|file| file.tensors.tensor(&name).is_ok())
    }

    /// Loads a tensor onto the device as float32.
    ///
    /// # Errors
    /// When it is missing, of another shape, or of a type that is not f32, f16 or bf16.
    pub fn tensor<const D: usize>(&self, name: &str, shape: [usize; D]) -> Result<Tensor<D>> {
        let name = format!("{}{name}", self.prefix);
        let found = self
            .files
            .iter()
            .find_map(|file| Some((file, file.tensors.tensor(&name).ok()?)));
        let Some((file, view)) = found else {
            let path = self
                .files
                .first()
                .map_or(Path::new(SINGLE), |file| file.path);
            let others = match self.files.len() {
                0 | 1 => String::new(),
                files => format!(" here and in the {} other files", files - 1),
            };
            return Err(Error::checkpoint(
                path,
                format!("the tensor `{name}` is missing{others}"),
                "use weights that belong to config.json",
            ));
        };
        let path = file.path;
        if view.shape() != shape {
            return Err(Error::checkpoint(
                path,
                format!(
                    "the tensor `{name}` has shape {:?}, expected {shape:?}",
                    view.shape()
                ),
                "use weights that belong to config.json",
            ));
        }
        if is_host(&self.device)
            && let Some(values) = in_place(file.map, &view)
        {
            let data = TensorData::from_bytes(values, shape, DType::F32);
            return Ok(Tensor::from_data(data, &self.device));
        }
        let values = to_f32(&view).ok_or_else(|| {
            Error::checkpoint(
                path,
                format!("the tensor `{name}` is of type {:?}", view.dtype()),
                "convert the weights to f32, f16 or bf16",
            )
        })?;
        Ok(Tensor::from_data(
            TensorData::new(values, shape),
            &self.device,
        ))
    }
}

/// The values of a tensor where they are mapped; none where they are not float32 as the processor
/// reads it.
fn in_place(map: &Bytes, view: &TensorView<'_>) -> Option<TensorBytes> {
    let values = view.data();
    let readable = cfg!(target_endian = "little")
        && view.dtype() == Dtype::F32
        && values.as_ptr().align_offset(align_of::<f32>()) == 0;
    readable.then(|| TensorBytes::from_shared(map.slice_ref(values), AllocationProperty::File))
}

/// The values of a tensor as float32; none if its type is not supported.
fn to_f32(view: &TensorView<'_>) -> Option<Vec<f32>> {
    let (pairs, _) = view.data().as_chunks::<2>();
    match view.dtype() {
        Dtype::F32 => {
            let (quads, _) = view.data().as_chunks::<4>();
            Some(
                quads
                    .iter()
                    .map(|bytes| f32::from_le_bytes(*bytes))
                    .collect(),
            )
        }
        Dtype::F16 => Some(
            pairs
                .iter()
                .map(|bytes| f16::from_le_bytes(*bytes).to_f32())
                .collect(),
        ),
        Dtype::BF16 => Some(
            pairs
                .iter()
                .map(|bytes| bf16::from_le_bytes(*bytes).to_f32())
                .collect(),
        ),
        _ => None,
    }
}
