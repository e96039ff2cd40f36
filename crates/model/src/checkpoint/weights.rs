//! Weights in safetensors files, mapped into memory.
//!
//! On a device that computes in this process's memory, float32 weights stay where they are mapped:
//! loading costs nothing, and what is never read, such as a language-model head, never becomes
//! resident. Everything else is converted to float32 as it is loaded.

use crate::error::{Error, Result};
use burn::tensor::{AllocationProperty, Bytes as TensorBytes, DType, TensorData};
use bytes::Bytes;
use half::{bf16, f16};
use memmap2::Mmap;
use safetensors::tensor::{Dtype, Metadata, SafeTensors};
use selectron_run::files::read_text;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const SINGLE: &str = "model.safetensors";
pub(super) const INDEX: &str = "model.safetensors.index.json";

/// The names of a folder's weight files: one, or the shards that an index lists, in order.
pub(super) fn files(folder: &Path) -> Result<Vec<String>> {
    let single = folder.join(SINGLE);
    if single.exists() {
        return Ok(vec![SINGLE.to_owned()]);
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
    Err(Error::artifact(single, "the file is missing", remedy))
}

fn shards(folder: &Path, index: &Path) -> Result<Vec<String>> {
    #[derive(serde::Deserialize)]
    struct Index {
        weight_map: BTreeMap<String, String>,
    }
    let broken = |what: String| Error::artifact(index, what, "fetch it again");
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
        return Err(Error::artifact(
            folder.join(name),
            format!("the file is missing, and {INDEX} lists it"),
            "fetch the model again",
        ));
    }
    Ok(names)
}

/// Maps a file into memory, so that weights are read once, straight into their tensors.
#[allow(unsafe_code)]
fn map(path: &Path) -> Result<Mmap> {
    let failed = |source| Error::io("read", path, source);
    let file = File::open(path).map_err(failed)?;
    // SAFETY: the map is read-only. If another process truncates the file meanwhile, reading past
    // its end raises SIGBUS: the run ends without output, as it would on a failing disk. Bytes that
    // change under us can alter numbers, never memory safety, since every value read is plain data;
    // a stage compares the files' hashes before and after.
    unsafe { Mmap::map(&file) }.map_err(failed)
}

/// A mapped file whose header has been read.
#[derive(Debug)]
struct WeightFile {
    path: PathBuf,
    /// The values of all tensors, without the header; keeps the map.
    values: Bytes,
    metadata: Metadata,
}

impl WeightFile {
    fn open(path: PathBuf) -> Result<Self> {
        /// What precedes the header: its length.
        const LENGTH: usize = size_of::<u64>();
        let map = Bytes::from_owner(map(&path)?);
        match SafeTensors::read_metadata(&map) {
            Ok((header, metadata)) => Ok(Self {
                path,
                values: map.slice(LENGTH + header..),
                metadata,
            }),
            Err(error) => Err(Error::artifact(
                path,
                format!("not a valid safetensors file ({error})"),
                "it may be cut off or damaged: fetch it again",
            )),
        }
    }
}

/// The tensors of a model's weight files, by name. A copy shares the maps.
#[derive(Debug, Clone)]
pub struct Weights {
    files: Arc<[WeightFile]>,
    prefix: String,
}

impl Weights {
    /// Maps the weight files of a folder and reads their headers.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let files = files(folder)?
            .into_iter()
            .map(|name| WeightFile::open(folder.join(name)));
        Ok(Self {
            files: files.collect::<Result<_>>()?,
            prefix: String::new(),
        })
    }

    /// The same tensors with `prefix` put before every name, if the files use it: checkpoints of a
    /// bare model lack the prefix that those of a language model have.
    #[must_use]
    pub fn without_prefix(&self, prefix: &str) -> Self {
        let used = self.files.iter().any(|file| {
            let mut names = file.metadata.offset_keys().into_iter();
            names.any(|name| name.starts_with(prefix))
        });
        Self {
            files: self.files.clone(),
            prefix: match used {
                true => prefix.to_owned(),
                false => String::new(),
            },
        }
    }

    /// The tensors below a name: `under("h.0").stored("ln_1.weight", …)` is `h.0.ln_1.weight`.
    #[must_use]
    pub fn under(&self, name: impl std::fmt::Display) -> Self {
        Self {
            files: self.files.clone(),
            prefix: format!("{}{name}.", self.prefix),
        }
    }

    /// Whether there is a tensor of this name.
    pub fn has(&self, name: &str) -> bool {
        let name = format!("{}{name}", self.prefix);
        self.files
            .iter()
            .any(|file| file.metadata.info(&name).is_some())
    }

    /// Finds a tensor, without reading its values.
    ///
    /// # Errors
    /// When it is missing, of another shape, or of a type that is not f32, f16 or bf16.
    pub fn stored(&self, name: &str, shape: &[usize]) -> Result<Stored> {
        let name = format!("{}{name}", self.prefix);
        let mut files = self.files.iter();
        let found = files.find_map(|file| Some((file, file.metadata.info(&name)?)));
        let Some((file, info)) = found else {
            return Err(self.missing(&name));
        };
        if info.shape != shape {
            return Err(Error::artifact(
                &file.path,
                format!(
                    "the tensor `{name}` has shape {:?}, expected {shape:?}",
                    info.shape
                ),
                "use weights that belong to config.json",
            ));
        }
        let Some(precision) = Precision::of(info.dtype) else {
            return Err(Error::artifact(
                &file.path,
                format!("the tensor `{name}` is of type {:?}", info.dtype),
                "convert the weights to f32, f16 or bf16",
            ));
        };
        let (start, end) = info.data_offsets;
        Ok(Stored {
            values: file.values.slice(start..end),
            precision,
            shape: info.shape.clone(),
        })
    }

    fn missing(&self, name: &str) -> Error {
        // An index may list no file at all.
        let path = self
            .files
            .first()
            .map_or(Path::new(SINGLE), |file| &file.path);
        let others = match self.files.len() {
            0 | 1 => String::new(),
            files => format!(" here and in the {} other files", files - 1),
        };
        Error::artifact(
            path,
            format!("the tensor `{name}` is missing{others}"),
            "use weights that belong to config.json",
        )
    }
}

/// How a tensor's values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Precision {
    F32,
    F16,
    Bf16,
}

impl Precision {
    fn of(dtype: Dtype) -> Option<Self> {
        match dtype {
            Dtype::F32 => Some(Self::F32),
            Dtype::F16 => Some(Self::F16),
            Dtype::BF16 => Some(Self::Bf16),
            _ => None,
        }
    }
}

/// A tensor where it is mapped. A copy shares the map.
#[derive(Debug, Clone)]
pub struct Stored {
    /// As the file has them.
    values: Bytes,
    precision: Precision,
    shape: Vec<usize>,
}

impl Stored {
    /// Its shape.
    pub fn shape(&self) -> Vec<usize> {
        self.shape.clone()
    }

    /// Its values where they are mapped; none where they are not float32 as the processor reads it.
    pub fn in_place(&self) -> Option<TensorData> {
        let readable = cfg!(target_endian = "little")
            && self.precision == Precision::F32
            && self.values.as_ptr().align_offset(align_of::<f32>()) == 0;
        readable.then(|| {
            let values = TensorBytes::from_shared(self.values.clone(), AllocationProperty::File);
            TensorData::from_bytes(values, self.shape(), DType::F32)
        })
    }

    /// Its values, converted to float32.
    pub fn to_f32(&self) -> Vec<f32> {
        let (pairs, _) = self.values.as_chunks::<2>();
        let (quads, _) = self.values.as_chunks::<4>();
        match self.precision {
            Precision::F32 => {
                let values = quads.iter();
                values.map(|bytes| f32::from_le_bytes(*bytes)).collect()
            }
            Precision::F16 => {
                let values = pairs.iter();
                values
                    .map(|bytes| f16::from_le_bytes(*bytes).to_f32())
                    .collect()
            }
            Precision::Bf16 => {
                let values = pairs.iter();
                values
                    .map(|bytes| bf16::from_le_bytes(*bytes).to_f32())
                    .collect()
            }
        }
    }
}
