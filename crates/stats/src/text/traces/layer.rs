//! The words' activations of one site and layer.

use super::in_order::InOrder;
use super::spill::Spill;
use crate::permutation::sums::LANES;
use crate::text::words::TextWords;
use rayon::prelude::*;
use selectron_run::Place;
use selectron_run::error::Result;
use selectron_run::pipeline::Reduce;
use selectron_tables::activations::{ActivationReader, Block};
use selectron_tables::reduce::reduce;
use std::ops::Range;
use std::path::Path;

/// Bytes of the words' activations held in memory at a time.
pub const BOUND: usize = 192 << 20;

/// Words transposed at a time: their tokens' rows stay in a core's cache.
const WORDS_AT_A_TIME: usize = 256;

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
    store: Store,
}

/// Where the words' activations are.
#[derive(Debug)]
enum Store {
    /// Neurons x words.
    Memory(Vec<f32>),
    Disk(Spill),
}

impl Traces<'_> {
    /// Reads the words' activations of a site and layer.
    ///
    /// # Errors
    /// When the table's rows are not the tokens of the text, or a file cannot be read or written.
    pub fn read(&self, place: Place) -> Result<Layer> {
        let mut reading = Reading {
            traces: self,
            in_order: InOrder::new(self.words, place),
            width: 0,
            store: None,
            carry: Vec::new(),
            first: 0,
            words: 0,
        };
        self.reader.stream(place, |block| reading.take(&block))?;
        reading.finish()
    }
}

/// A site and layer that is being read.
#[derive(Debug)]
struct Reading<'a> {
    traces: &'a Traces<'a>,
    in_order: InOrder<'a>,
    width: usize,
    store: Option<Store>,
    /// Tokens that belong to words of which not all tokens have come: their rows, from this token on.
    carry: Vec<f32>,
    first: usize,
    /// Words done.
    words: usize,
}

impl Reading<'_> {
    fn take(&mut self, block: &Block) -> Result<()> {
        self.in_order.take(block)?;
        self.width = block.width;
        let words = self.traces.words;
        // Words are in order of their last tokens, so those that are complete come first.
        let read = self.in_order.tokens();
        let is_complete = |word: &usize| words.tokens_of(*word).iter().all(|token| *token < read);
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
            .filter_map(|word| words.tokens_of(word).iter().min().copied())
            .take_while(|first| *first < read)
            .min()
            .unwrap_or(read);
        self.carry = values[(needed - self.first) * self.width..].to_vec();
        self.first = needed;
        Ok(())
    }

    fn store(&mut self, rows: &Rows<'_>, done: Range<usize>) -> Result<()> {
        let (traces, width) = (self.traces, self.width);
        let words = traces.words.len();
        let store = match &mut self.store {
            Some(store) => store,
            empty => empty.insert(if words * width * size_of::<f32>() <= traces.bound {
                Store::Memory(vec![0.0; words * width])
            } else {
                Store::Disk(Spill::new(traces.folder, traces.bound, words, width)?)
            }),
        };
        match store {
            Store::Memory(matrix) => {
                let start = done.start;
                transpose(rows, traces, done, matrix, words, start);
            }
            Store::Disk(spill) => {
                let mut segment = vec![0.0; done.len() * width];
                transpose(rows, traces, done.clone(), &mut segment, done.len(), 0);
                spill.write(done, &segment)?;
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Layer> {
        self.in_order.finish()?;
        Ok(Layer {
            width: self.width,
            store: self.store.unwrap_or(Store::Memory(Vec::new())),
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
        let start = (token - self.first) * self.width;
        &self.values[start + neurons.start..start + neurons.end]
    }
}

/// Writes the activations of `words` into `out`, in which each neuron has `stride` words, from the
/// word `offset` on.
fn transpose(
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
                reduce(traces.reduce, tokens, &mut reduced[..neurons.len()]);
                for (neuron, value) in out.chunks_exact_mut(stride).zip(reduced) {
                    neuron[place] = value;
                }
            }
        });
    }
}

impl Layer {
    /// Calls `receive` with blocks of neurons: the number of the first, and neurons x words.
    ///
    /// # Errors
    /// When the temporary file cannot be read, or `receive` fails.
    pub fn blocks(&mut self, mut receive: impl FnMut(usize, &[f32]) -> Result<()>) -> Result<()> {
        match &mut self.store {
            Store::Memory(matrix) => receive(0, matrix),
            Store::Disk(spill) => {
                for block in spill.blocks() {
                    receive(block.start, &spill.read(block)?)?;
                }
                Ok(())
            }
        }
    }
}
