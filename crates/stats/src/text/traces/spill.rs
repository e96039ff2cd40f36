//! A layer that is too large for memory, in a temporary file without a name.

use crate::permutation::sums::LANES;
use selectron_run::error::{Error, Result};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

const F32: usize = size_of::<f32>();

/// A layer on disk: for each block of neurons a region, in it a segment for each run of words, in it
/// neurons x words.
#[derive(Debug)]
pub(super) struct Spill {
    file: File,
    folder: PathBuf,
    width: usize,
    words: usize,
    /// Neurons in a block.
    neurons: usize,
    /// Words of each segment.
    segments: Vec<Range<usize>>,
}

impl Spill {
    /// An empty file for `words` x `width` values, in blocks that fit `bound` bytes.
    pub(super) fn new(folder: &Path, bound: usize, words: usize, width: usize) -> Result<Self> {
        let file = tempfile::tempfile_in(folder)
            .map_err(|source| Error::io("write into", folder, source))?;
        let fitting = bound / (words * F32).max(1);
        Ok(Self {
            file,
            folder: folder.to_owned(),
            width,
            words,
            neurons: (fitting / LANES * LANES).max(LANES),
            segments: Vec::new(),
        })
    }

    /// The neurons of each block.
    pub(super) fn blocks(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let (width, neurons) = (self.width, self.neurons);
        (0..width)
            .step_by(neurons)
            .map(move |first| first..width.min(first + neurons))
    }

    /// Writes all neurons of a run of words.
    pub(super) fn write(&mut self, words: Range<usize>, segment: &[f32]) -> Result<()> {
        let mut bytes = Vec::new();
        for block in self.blocks() {
            let part = &segment[block.start * words.len()..block.end * words.len()];
            bytes.clear();
            bytes.extend(part.iter().flat_map(|value| value.to_le_bytes()));
            let place = self.words * block.start + words.start * block.len();
            self.file
                .seek(SeekFrom::Start((place * F32) as u64))
                .and_then(|_| self.file.write_all(&bytes))
                .map_err(|source| Error::io("write into", &self.folder, source))?;
        }
        self.segments.push(words);
        Ok(())
    }

    /// Reads a block: neurons x words.
    pub(super) fn read(&mut self, block: Range<usize>) -> Result<Vec<f32>> {
        let mut matrix = vec![0.0; block.len() * self.words];
        let mut bytes = Vec::new();
        let failed = |source| Error::io("read", &self.folder, source);
        self.file
            .seek(SeekFrom::Start((self.words * block.start * F32) as u64))
            .map_err(failed)?;
        for segment in self.segments.iter().filter(|segment| !segment.is_empty()) {
            bytes.resize(segment.len() * block.len() * F32, 0);
            self.file.read_exact(&mut bytes).map_err(failed)?;
            let (values, rest) = bytes.as_chunks::<F32>();
            assert!(rest.is_empty(), "a segment is of whole values");
            let rows = values.chunks_exact(segment.len());
            for (neuron, row) in matrix.chunks_exact_mut(self.words).zip(rows) {
                for (value, bytes) in neuron[segment.clone()].iter_mut().zip(row) {
                    *value = f32::from_le_bytes(*bytes);
                }
            }
        }
        Ok(matrix)
    }
}
