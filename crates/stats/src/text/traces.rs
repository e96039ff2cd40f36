//! The text's activations of one site and layer, from tokens in rows to neurons in rows.
//!
//! The table holds a token's neurons side by side; scoring wants a neuron's words side by side. A
//! layer that fits the bound is turned in memory as it is read. A larger one is read once and
//! scattered into an unlinked temporary file, block of neurons by block of neurons, and each block
//! is then read back alone: memory stays flat however long the text is.

use super::words::TextWords;
use crate::error::{Error, Result};
use crate::permutation::sums::LANES;
use rayon::prelude::*;
use selectron_run::Site;
use selectron_tables::activations::{ActivationReader, Block};
use selectron_run::pipeline::Reduce;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::Path;

/// Bytes of the words' activations held in memory at a time.
pub const BOUND: usize = 192 << 20;

/// Words turned at a time: their tokens' rows stay in a core's cache.
const WORDS_AT_A_TIME: usize = 256;

const F32: usize = size_of::<f32>();

/// Reads the text's activations.
#[derive(Debug)]
pub struct Traces<'a> {
    /// The table.
    pub reader: &'a ActivationReader,
    /// The text.
    pub words: &'a TextWords,
    /// How a word's tokens become one value.
    pub reduce: Reduce,
    /// Where a layer above the bound is put.
    pub folder: &'a Path,
    /// Bytes of the words' activations in memory, [`BOUND`] but in tests.
    pub bound: usize,
}

/// One site and layer.
#[derive(Debug)]
pub struct Layer {
    /// Neurons.
    pub width: usize,
    /// The activations of the neurons asked for, over all tokens.
    pub columns: Vec<Vec<f32>>,
    store: Store,
    words: usize,
}

/// Where the words' activations are.
#[derive(Debug)]
enum Store {
    /// Neurons x words.
    Memory(Vec<f32>),
    Disk(Spill),
}

impl Traces<'_> {
    /// Reads a site and layer: the words' activations, and those of some neurons over all tokens.
    ///
    /// # Errors
    /// When the table's rows are not the tokens of the text, or a file cannot be read or written.
    pub fn read(&self, site: Site, layer: i32, neurons: &[usize]) -> Result<Layer> {
        let mut reading = Reading::new(self, neurons);
        self.reader
            .stream(site, layer, |block| reading.take(&block))?;
        reading.finish(site, layer)
    }
}

/// The activations of some neurons over all tokens, one list a neuron, without those of the words.
///
/// # Errors
/// As [`Traces::read`].
pub fn columns(
    reader: &ActivationReader,
    words: &TextWords,
    (site, layer): (Site, i32),
    neurons: &[usize],
) -> Result<Vec<Vec<f32>>> {
    let mut columns = Columns::new(words, neurons);
    reader.stream(site, layer, |block| columns.take(&block))?;
    columns.finish(site, layer)
}

/// Picks out some neurons' activations.
#[derive(Debug)]
struct Columns<'a> {
    words: &'a TextWords,
    neurons: &'a [usize],
    values: Vec<Vec<f32>>,
    /// Tokens seen.
    tokens: usize,
}

impl<'a> Columns<'a> {
    fn new(words: &'a TextWords, neurons: &'a [usize]) -> Self {
        Self {
            words,
            neurons,
            values: vec![Vec::with_capacity(words.tokens.len()); neurons.len()],
            tokens: 0,
        }
    }

    fn take(&mut self, block: &Block) -> Result<()> {
        let tokens = self.words.tokens.get(self.tokens..).unwrap_or(&[]);
        let [documents, windows, positions] = block.keys.as_slice() else {
            return Err(Error::Bug("text activations have three keys".to_owned()));
        };
        let keys = documents.iter().zip(windows).zip(positions);
        let same = tokens.len() >= block.rows()
            && tokens
                .iter()
                .zip(keys)
                .all(|(token, ((document, window), position))| {
                    (token.document, token.window, token.position)
                        == (*document, *window, *position)
                });
        if !same {
            return Err(mismatch(block.site, block.layer));
        }
        for (neuron, values) in self.neurons.iter().zip(&mut self.values) {
            let rows = block.values.chunks_exact(block.width);
            values.extend(rows.filter_map(|row| row.get(*neuron)));
        }
        self.tokens += block.rows();
        Ok(())
    }

    fn finish(self, site: Site, layer: i32) -> Result<Vec<Vec<f32>>> {
        if self.tokens != self.words.tokens.len() {
            return Err(mismatch(site, layer));
        }
        Ok(self.values)
    }
}

fn mismatch(site: Site, layer: i32) -> Error {
    Error::design(
        format!("text_activations.parquet, {site}, layer {layer}"),
        "its rows are not the tokens of tokens.parquet",
        "rerun the extract stage, which writes both tables together",
    )
}

/// A site and layer that is being read.
#[derive(Debug)]
struct Reading<'a> {
    traces: &'a Traces<'a>,
    columns: Columns<'a>,
    width: usize,
    store: Option<Store>,
    /// Tokens that belong to words of which not all tokens have come: their rows, from this token on.
    carry: Vec<f32>,
    first: usize,
    /// Words done.
    words: usize,
}

impl<'a> Reading<'a> {
    fn new(traces: &'a Traces<'a>, neurons: &'a [usize]) -> Self {
        Self {
            traces,
            columns: Columns::new(traces.words, neurons),
            width: 0,
            store: None,
            carry: Vec::new(),
            first: 0,
            words: 0,
        }
    }

    fn take(&mut self, block: &Block) -> Result<()> {
        self.columns.take(block)?;
        self.width = block.width;
        let words = self.traces.words;
        // Words are in order of their last tokens, so those that are complete come first.
        let read = self.columns.tokens;
        let is_complete = |word: &usize| {
            let last = words.tokens_of(*word).last();
            last.is_some_and(|last| *last < read)
        };
        let complete = (self.words..words.len()).take_while(is_complete).count();
        let done = self.words..self.words + complete;
        let joined;
        let values = if self.carry.is_empty() {
            &block.values
        } else {
            joined = [self.carry.as_slice(), &block.values].concat();
            &joined
        };
        let rows = Rows {
            values,
            first: self.first,
            width: self.width,
        };
        self.store(&rows, done.clone())?;
        self.words = done.end;
        // What is still needed: everything from the first token of an unfinished word on.
        let needed = (done.end..words.len())
            .filter_map(|word| words.tokens_of(word).first().copied())
            .take_while(|first| *first < read)
            .min()
            .unwrap_or(read);
        let from = needed.saturating_sub(self.first) * self.width;
        self.carry = values.get(from..).unwrap_or(&[]).to_vec();
        self.first = needed;
        Ok(())
    }

    fn store(&mut self, rows: &Rows<'_>, done: Range<usize>) -> Result<()> {
        let (traces, width) = (self.traces, self.width);
        let words = traces.words.len();
        let store = match &mut self.store {
            Some(store) => store,
            empty => empty.insert(if words * width * F32 <= traces.bound {
                Store::Memory(vec![0.0; words * width])
            } else {
                Store::Disk(Spill::new(traces, width)?)
            }),
        };
        match store {
            Store::Memory(matrix) => {
                turn(rows, traces, done.clone(), matrix, words, done.start);
            }
            Store::Disk(spill) => {
                let mut segment = vec![0.0; done.len() * width];
                turn(rows, traces, done.clone(), &mut segment, done.len(), 0);
                spill.write(done, &segment)?;
            }
        }
        Ok(())
    }

    fn finish(self, site: Site, layer: i32) -> Result<Layer> {
        let columns = self.columns.finish(site, layer)?;
        Ok(Layer {
            width: self.width,
            columns,
            store: self.store.unwrap_or(Store::Memory(Vec::new())),
            words: self.traces.words.len(),
        })
    }
}

/// Rows of tokens.
struct Rows<'a> {
    values: &'a [f32],
    /// The token of the first row.
    first: usize,
    width: usize,
}

impl Rows<'_> {
    /// Some neurons of one token.
    fn part(&self, token: usize, neurons: Range<usize>) -> &[f32] {
        let start = token.saturating_sub(self.first) * self.width;
        let part = start + neurons.start..start + neurons.end;
        self.values.get(part).unwrap_or(&[])
    }
}

/// Writes the activations of `words` into `out`, in which each neuron has `stride` words, from the
/// word `offset` on.
fn turn(
    rows: &Rows<'_>,
    traces: &Traces<'_>,
    words: Range<usize>,
    out: &mut [f32],
    stride: usize,
    offset: usize,
) {
    if stride == 0 {
        return;
    }
    for start in words.clone().step_by(WORDS_AT_A_TIME) {
        let chunk = start..words.end.min(start + WORDS_AT_A_TIME);
        let place = offset + start - words.start;
        let tiles = out.par_chunks_mut(LANES * stride).enumerate();
        tiles.for_each(|(tile, out)| {
            let first = tile * LANES;
            let neurons = first..rows.width.min(first + LANES);
            for (place, word) in (place..).zip(chunk.clone()) {
                let tokens = traces.words.tokens_of(word).iter();
                let tokens = tokens.map(|token| rows.part(*token, neurons.clone()));
                let mut reduced = [0.0; LANES];
                traces.reduce.apply(tokens, &mut reduced);
                for (neuron, value) in out.chunks_exact_mut(stride).zip(reduced) {
                    if let Some(place) = neuron.get_mut(place) {
                        *place = value;
                    }
                }
            }
        });
    }
}

impl Layer {
    /// Calls `see` with blocks of neurons: the number of the first, and neurons x words.
    ///
    /// # Errors
    /// When the temporary file cannot be read, or `see` fails.
    pub fn blocks(&mut self, mut see: impl FnMut(usize, &[f32]) -> Result<()>) -> Result<()> {
        match &mut self.store {
            Store::Memory(matrix) => see(0, matrix),
            Store::Disk(spill) => {
                for first in (0..self.width).step_by(spill.neurons) {
                    see(first, &spill.read(first, self.words)?)?;
                }
                Ok(())
            }
        }
    }
}

/// A layer on disk: for each block of neurons a region, in it a segment for each run of words, in it
/// neurons x words.
#[derive(Debug)]
struct Spill {
    file: File,
    folder: std::path::PathBuf,
    width: usize,
    words: usize,
    /// Neurons a block.
    neurons: usize,
    /// Words of each segment.
    segments: Vec<Range<usize>>,
}

impl Spill {
    fn new(traces: &Traces<'_>, width: usize) -> Result<Self> {
        let folder = traces.folder.to_owned();
        let file = tempfile::tempfile_in(&folder)
            .map_err(|source| selectron_run::Error::io("write into", &folder, source))?;
        let words = traces.words.len();
        let fitting = traces.bound / (words * F32).max(1);
        Ok(Self {
            file,
            folder,
            width,
            words,
            neurons: (fitting / LANES * LANES).max(LANES),
            segments: Vec::new(),
        })
    }

    fn blocks(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let (width, neurons) = (self.width, self.neurons);
        (0..width)
            .step_by(neurons)
            .map(move |first| first..width.min(first + neurons))
    }

    /// Writes all neurons of a run of words.
    fn write(&mut self, words: Range<usize>, segment: &[f32]) -> Result<()> {
        let mut bytes = Vec::new();
        for block in self.blocks() {
            let part = block.start * words.len()..block.end * words.len();
            let part = segment.get(part).unwrap_or(&[]);
            bytes.clear();
            bytes.extend(part.iter().flat_map(|value| value.to_le_bytes()));
            let place = self.words * block.start + words.start * block.len();
            self.file
                .seek(SeekFrom::Start((place * F32) as u64))
                .and_then(|_| self.file.write_all(&bytes))
                .map_err(|source| {
                    selectron_run::Error::io("write into", &self.folder, source)
                })?;
        }
        self.segments.push(words);
        Ok(())
    }

    /// Reads the block that begins with a neuron: neurons x words.
    fn read(&mut self, first: usize, words: usize) -> Result<Vec<f32>> {
        let neurons = self.width.min(first + self.neurons) - first;
        let mut matrix = vec![0.0; neurons * words];
        let mut bytes = Vec::new();
        let failed = |source| selectron_run::Error::io("read", &self.folder, source);
        self.file
            .seek(SeekFrom::Start((words * first * F32) as u64))
            .map_err(failed)?;
        for segment in self.segments.iter().filter(|segment| !segment.is_empty()) {
            bytes.resize(segment.len() * neurons * F32, 0);
            self.file.read_exact(&mut bytes).map_err(failed)?;
            let rows = bytes.chunks_exact(segment.len() * F32);
            for (neuron, row) in matrix.chunks_exact_mut(words).zip(rows) {
                let place = neuron.get_mut(segment.clone()).unwrap_or(&mut []);
                for (value, bytes) in place.iter_mut().zip(row.chunks_exact(F32)) {
                    *value = f32::from_le_bytes(bytes.try_into().unwrap_or_default());
                }
            }
        }
        Ok(matrix)
    }
}
